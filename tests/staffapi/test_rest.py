"""A post by REST: what is sent is what was meant, and nothing but the post itself is believed."""

import base64
import gzip
import hashlib
import hmac
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mail.message import Span
from gateway.staffapi.documents import ClientPost, File
from gateway.staffapi.outcome import Accepted, Deferred, InDoubt, Receipt, Refused, Ticket
from gateway.staffapi.rest import judge_post, post_body
from gateway.staffapi.wire import xml_safe

_PUSH = ClientPost(4711, 12, "It burns again.\n[gw-abc]")


def _file(content, filename):
    digests = hashlib.md5(content).hexdigest(), hashlib.sha256(content).hexdigest()
    return File(filename, len(content), *digests, Span(0, len(content), "identity"))


def _sent(push, contents=(), **changes):
    blocks_of = dict(zip(push.files, contents, strict=True))
    keys = {"api_key": "k+y", "api_secret": "canary-71", "salt": "grain"} | changes
    body = post_body(push, lambda file: [blocks_of[file]], **keys)
    sent = b"".join(body.blocks()) + body.last
    assert len(sent) == body.length
    return body, parse_qsl(sent.decode("ascii"), keep_blank_values=True, strict_parsing=True)


def test_a_post_is_written_with_its_files_and_the_signature_last():
    contents = [b"\xff" * 5, b"", b"two"]
    files = tuple(_file(content, f"{n}&=.bin") for n, content in enumerate(contents))
    body, pairs = _sent(ClientPost(4711, 12, "a&b=c%\r\nd", files), contents)
    signature = base64.b64encode(hmac.new(b"canary-71", b"grain", hashlib.sha256).digest()).decode()
    assert pairs == [
        ("ticketid", "4711"),
        ("userid", "12"),
        ("contents", "a&b=c%\nd"),
        ("filename", "0&=.bin"),
        ("filecontent", "//////8="),
        ("filename1", "1&=.bin"),
        ("filecontent1", ""),
        ("filename2", "2&=.bin"),
        ("filecontent2", "dHdv"),
        ("apikey", "k+y"),
        ("salt", "grain"),
        ("signature", signature),
    ]
    assert body.last.startswith(b"&signature=")
    assert b"signature" not in b"".join(body.blocks())
    assert "canary" not in repr(body)
    assert signature not in repr(body)


@settings(deadline=None)
@given(st.text(st.characters(), min_size=1).filter(str.strip), st.text(st.characters(codec="utf-8"), min_size=1))
def test_any_text_arrives_and_breaks_nothing(contents, key):
    _, pairs = _sent(ClientPost(1, 2, contents), api_key=key)
    expected = "0\u200b" if contents == "0" else xml_safe(contents)
    assert [name for name, _ in pairs] == ["ticketid", "userid", "contents", "apikey", "salt", "signature"]
    assert dict(pairs)["contents"] == expected
    assert dict(pairs)["apikey"] == key


def test_a_tenth_file_is_the_last_that_fits():
    contents = [b"%d" % n for n in range(10)]
    _, pairs = _sent(ClientPost(1, 2, "x", tuple(_file(each, "f") for each in contents)), contents)
    assert [name for name, _ in pairs if name.startswith("filecontent")] == ["filecontent"] + [
        f"filecontent{n}" for n in range(1, 10)
    ]


def test_a_file_that_is_not_what_the_plan_says_is_not_posted():
    with pytest.raises(ValueError, match="stored mail was changed"):
        post_body(
            ClientPost(1, 2, "x", (_file(b"abc", "f"),)), lambda _: [b"abd"], api_key="k", api_secret="s", salt="g"
        )


def _answer(posts):
    return b'<?xml version="1.0" encoding="UTF-8"?>\n<posts>\n' + posts + b"</posts>\n"


def _post(id=b"88", ticketid=b"4711", contents=b"It burns again.", more=b""):
    return (
        b"<post>\n<id><![CDATA[%b]]></id>\n<ticketpostid><![CDATA[%b]]></ticketpostid>\n<ticketid><![CDATA[%b]]></ticketid>\n"
        b"<contents><![CDATA[%b]]></contents>\n%b</post>\n" % (id, id, ticketid, contents, more)
    )


_FILES = (
    b"<attachments>\n<attachment>\n<id><![CDATA[5]]></id>\n<contents><![CDATA["
    + b"QUJD" * 1_000_000
    + b"]]></contents>\n</attachment>\n</attachments>\n"
)
_DONE = Accepted(Receipt(4711, "", Ticket(4711)))


@pytest.mark.parametrize(
    ("status", "body", "wanted"),
    [
        (200, _answer(_post()), _DONE),
        (200, b"Notice: something in x.php\n" + _answer(_post()) + b"trailing", _DONE),
        (200, gzip.compress(_answer(_post())), _DONE),
        (200, _answer(_post(more=_FILES)), _DONE),
        (200, _answer(_post(more=_FILES))[:1_000_000], _DONE),
        (200, _answer(_post(contents=b"FAILED TO AUTHENTICATE")), _DONE),
        (200, _answer(_post(contents=b"</post><post><id>1</id>")), _DONE),
        (200, _answer(_post(contents=b"\x0b broken on old desks")), _DONE),
        (200, _answer(b""), InDoubt),
        (200, _answer(_post(ticketid=b"4712")), InDoubt),
        (200, _answer(_post(id=b"")), InDoubt),
        (200, _answer(_post() + _post(id=b"89")), InDoubt),
        (200, b"<kayako_staffapi><status>1</status></kayako_staffapi>", InDoubt),
        (200, b"<html>Welcome</html>", InDoubt),
        (200, b"", InDoubt),
        (200, b"\x1f\x8bbroken", InDoubt),
        (201, _answer(_post()), InDoubt),
        (500, _answer(_post()), InDoubt),
        (502, b"<html>Bad gateway</html>", InDoubt),
        (404, b"Ticket not Found", Refused),
        (400, b"User ID is Invalid", Refused),
        (400, b"No Contents Specified", Refused),
        (400, b"No Ticket ID Specified", Refused),
        (401, b"NO SALT PROVIDED!", Refused),
        (413, b"", Refused),
        # Said when the post is there already and cannot be shown whole.
        (404, b"Attachment not Found", InDoubt),
        (400, b"Ticket Post Creation Failed", InDoubt),
        (404, b"<html>Not found</html>", InDoubt),
        (500, b"Ticket not Found", InDoubt),
    ],
)
def test_an_answer_is_judged_by_the_post_it_shows(status, body, wanted):
    outcome = judge_post(_PUSH, status, {}, body)
    if isinstance(wanted, type):
        assert isinstance(outcome, wanted), outcome
    else:
        assert outcome == wanted


@pytest.mark.parametrize(
    ("status", "body"), [(401, b"FAILED TO AUTHENTICATE"), (200, b"FAILED TO AUTHENTICATE"), (401, b""), (403, b"")]
)
def test_a_key_that_the_desk_does_not_take_is_the_desks_trouble_and_names_the_settings(status, body):
    outcome = judge_post(_PUSH, status, {}, body)
    assert isinstance(outcome, Deferred)
    assert outcome.desk
    assert "GATEWAY_DESK__API_KEY and GATEWAY_DESK__API_SECRET" in outcome.reason


@pytest.mark.parametrize(("status", "words"), [(302, "points to"), (405, "check GATEWAY_DESK__URL"), (429, "too many")])
def test_other_http_answers_before_any_effect_wait(status, words):
    outcome = judge_post(_PUSH, status, {"Location": "https://elsewhere.example", "Retry-After": "9"}, b"")
    assert isinstance(outcome, Deferred)
    assert words in outcome.reason


@settings(deadline=None)
@given(st.sampled_from([200, 400, 401, 404, 500]), st.binary(max_size=300), st.integers(0, 500))
def test_no_answer_breaks_the_judge(status, noise, cut):
    for body in (noise, _answer(_post())[:cut] + noise, noise + _answer(_post())):
        judge_post(_PUSH, status, {}, body)


@settings(deadline=None)
@given(st.integers(0, 200))
def test_an_answer_cut_before_the_ids_are_whole_is_in_doubt(cut):
    answer = _answer(_post())
    shown = answer[:cut].count(b"</ticketid>")
    outcome = judge_post(_PUSH, 200, {}, answer[:cut])
    assert isinstance(outcome, Accepted if shown else InDoubt)
