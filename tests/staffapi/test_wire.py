"""Whatever a mail says stays text in the element it was meant for, and arrives as it was sent."""

import hashlib
import time
import tracemalloc
from base64 import b64decode
from itertools import pairwise
from urllib.parse import parse_qsl

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.mail.message import Span
from gateway.staffapi.documents import (
    Billing,
    ByAddress,
    ByPhone,
    ByStaff,
    ByUser,
    Create,
    Delete,
    File,
    Modify,
    Note,
    Reply,
)
from gateway.staffapi.proof import check
from gateway.staffapi.wire import clean_tag, cut_address, fields, percent_encode, prepare, to_xml, xml_safe

_EVIL = '</subject></contents></reply></create><delete ticketid="1"/>]]>&amp;&lt;<!DOCTYPE x><!-- %&sessionid=1'
_ANY = st.text(st.characters(), min_size=1).filter(str.strip)


def _file(content, filename="photo.jpg"):
    digest = hashlib.md5(content).hexdigest()
    return File(filename, len(content), digest, hashlib.sha256(content).hexdigest(), Span(0, len(content), "identity"))


def _no_file(file):
    raise AssertionError(file)


def _create(text="Printer", **changes):
    values = {
        "staffapiid": 7,
        "subject": text,
        "requester": ByAddress(text, "jane@example.com"),
        "department_id": 1,
        "status_id": 2,
        "priority_id": 3,
        "type_id": 4,
        "reply": Reply(text),
    }
    return Create(**(values | changes))


def _read(push, open_file=_no_file, **options):
    return etree.fromstring(to_xml(push, open_file, **options))


def _line(text):
    return " ".join(xml_safe(text).split())


def test_a_create_is_written_in_the_order_of_the_page():
    push = _create(
        flag=5,
        tags=("Billing", "gw-abc", "a b"),
        ccto=("c@example.com",),
        bccto=("d@example.com", "e@example.com"),
        resolution_due=10,
        reply_due=0,
        watch=True,
        owner_id=5,
        queue_id=6,
        notes=(Note("n", "user", 3),),
        billing=(Billing("b", 60, 30, 5, None, 9, 2),),
        send_autoresponder=True,
    )
    create = _read(push)[0]
    assert dict(create.attrib) == {"staffapiid": "7"}
    assert [(child.tag, child.text) for child in create] == [
        ("subject", "Printer"),
        ("fullname", "Printer"),
        ("email", "jane@example.com"),
        ("departmentid", "1"),
        ("ticketstatusid", "2"),
        ("ticketpriorityid", "3"),
        ("tickettypeid", "4"),
        ("ownerstaffid", "5"),
        ("emailqueueid", "6"),
        ("creator", "user"),
        ("userid", "0"),
        ("type", "default"),
        ("sendautoresponder", "1"),
        ("flagtype", "5"),
        ("tags", "billing gw-abc ab"),
        ("ccto", "c@example.com"),
        ("bccto", "d@example.com"),
        ("bccto", "e@example.com"),
        ("resolutiondue", "10"),
        ("replydue", "0"),
        ("reply", None),
        ("watch", "1"),
        ("note", "n"),
        ("billing", "b"),
    ]
    assert dict(create.find("note").attrib) == {"type": "user", "notecolor": "3"}
    assert dict(create.find("billing").attrib) == {
        "timeworked": "60",
        "timebillable": "30",
        "billdate": "5",
        "worker": "9",
        "notecolor": "2",
    }


def test_what_a_desk_would_take_as_yes_when_missing_is_always_said():
    create = _read(_create())[0]
    assert create.findtext("sendautoresponder") == "0"
    assert create.findtext("watch") == "0"
    assert create.findtext("flagtype") == "0"
    assert create.find("tags") is None


def test_each_kind_of_requester_has_its_elements():
    def creator(requester):
        node = _read(_create(requester=requester))[0]
        return {
            child.tag: child.text
            for child in node
            if child.tag in ["creator", "userid", "staffid", "type", "phonenumber"]
        }

    assert creator(ByUser(12, "A", "a@example.com")) == {"creator": "user", "userid": "12", "type": "default"}
    assert creator(ByStaff(3, "A", "a@example.com")) == {
        "creator": "staff",
        "userid": "0",
        "staffid": "3",
        "type": "default",
    }
    phone = {"creator": "user", "userid": "0", "type": "phone", "phonenumber": "+49 1"}
    assert creator(ByPhone("A", "+49 1", "a@example.com")) == phone


def test_a_modify_says_only_what_changes_and_zero_clears():
    modify = _read(Modify("ABC-123-45678", owner_id=0, reply_due=0, watch=False, tags=()))[0]
    assert modify.get("ticketid") == "ABC-123-45678"
    assert [(child.tag, child.text) for child in modify] == [("ownerstaffid", "0"), ("replydue", "0"), ("watch", "0")]


def test_a_delete_is_one_empty_element():
    assert to_xml(Delete(12), _no_file).endswith(b'<kayako_staffapi><delete ticketid="12"/></kayako_staffapi>')


def test_a_reply_that_is_to_mail_nobody_says_so():
    assert _read(Modify(1, reply=Reply("x", ignore_email=True)))[0].findtext("reply/ignoreemail") == "1"
    assert _read(Modify(1, reply=Reply("x")))[0].find("reply/ignoreemail") is None


def test_tags_stand_in_one_element_or_in_one_each():
    assert [tag.text for tag in _read(_create(tags=("a", "b", "A", "!")))[0].findall("tags")] == ["a b"]
    each = _read(_create(tags=("a", "b", "A", "!")), tags="elements")[0].findall("tags")
    assert [tag.text for tag in each] == ["a", "b"]


@settings(deadline=None)
@given(_ANY)
@example(_EVIL)
@example("\x00\x0b￾\ud800\x7f\x85\r\n")
def test_no_text_breaks_out_of_its_element_and_each_comes_back(text):
    create = _create(text, notes=(Note(text),), billing=(Billing(text, 1, 1),), tags=(text,), ccto=(text,))
    node = _read(create)[0]
    safe = xml_safe(text) if text != "0" else "0\u200b"
    assert node.findtext("reply/contents") == safe
    assert node.findtext("note") == safe
    assert node.findtext("billing") == safe
    line = _line(text)[:255].rstrip()
    assert node.findtext("subject").rstrip("\u200b") == line.rstrip("\u200b")
    assert node.findtext("fullname").rstrip("\u200b") == line[:225].replace("<", "‹").replace(">", "›").strip().rstrip(
        "\u200b"
    )
    assert not node.findall(".//delete")
    assert [child.tag for child in node].count("note") == 1


@settings(deadline=None)
@given(_ANY.filter(lambda name: not set(name) & set("/\\\0")))
@example('"><delete ticketid="1"><x y="')
def test_no_file_name_breaks_out_of_its_attribute(filename):
    node = _read(Modify(1, reply=Reply("x", (_file(b"abc", filename),))), lambda _: [b"abc"])[0]
    assert _line(filename)[:10].rstrip() in node.find("reply/attachment").get("filename")
    assert len(node.find("reply")) == 2


@settings(deadline=None)
@given(st.text(st.characters()))
def test_safe_text_is_what_xml_can_carry_and_stays_so(text):
    safe = xml_safe(text)
    assert xml_safe(safe) == safe
    assert "\r" not in safe
    element = etree.Element("x")
    element.text = safe
    assert (etree.fromstring(etree.tostring(element)).text or "") == safe


def test_text_that_php_holds_for_empty_is_written_otherwise():
    node = _read(_create("0"))[0]
    assert {node.findtext(name) for name in ("subject", "fullname", "reply/contents")} == {"0\u200b"}
    assert node.findtext("watch") == "0"


@settings(deadline=None)
@given(st.text())
def test_a_clean_tag_is_one_word_and_stays_as_it_is(tag):
    clean = clean_tag(tag)
    assert clean_tag(clean) == clean
    assert len(clean.split()) <= 1


def test_long_fields_are_cut_to_the_desks_columns():
    node = _read(_create("ü" * 900, requester=ByAddress("n" * 900, "l" * 200 + "@example.com")))[0]
    assert len(node.findtext("subject")) == 255
    assert len(node.findtext("fullname")) == 225
    assert len(node.findtext("email")) == 150
    assert node.findtext("email").endswith("@example.com")
    assert len(cut_address("x@" + "d" * 300)) == 150
    file = _file(b"", "n" * 300 + ".pdf")
    name = _read(Modify(1, reply=Reply("x", (file,))), lambda _: [])[0].find("reply/attachment").get("filename")
    assert len(name) == 255
    assert name.endswith("n.pdf")


@settings(deadline=None)
@given(st.binary(max_size=4000))
def test_a_file_arrives_byte_for_byte(content):
    file = _file(content)
    attachment = _read(Modify(1, reply=Reply("x", (file,))), lambda _: [content])[0].find("reply/attachment")
    assert b64decode(attachment.text or "") == content
    assert attachment.get("md5") == hashlib.md5(content).hexdigest()


def test_a_file_that_is_not_what_the_plan_says_is_not_sent():
    with pytest.raises(ValueError, match=r"stored mail was changed"):
        to_xml(Modify(1, reply=Reply("x", (_file(b"abc"),))), lambda _: [b"abd"])


def test_a_file_too_large_for_the_desks_xml_reader_is_not_sent():
    largest = b"x" * 7_500_000
    assert prepare(Modify(1, reply=Reply("x", (_file(largest),))), lambda _: [largest]).size > 10_000_000
    with pytest.raises(ValueError, match="send it in parts"):
        prepare(Modify(1, reply=Reply("x", (_file(largest + b"y"),))), lambda _: [largest + b"y"])


@pytest.mark.parametrize(
    "document",
    [
        b'<kayako_staffapi><create staffapiid="1"/><delete ticketid="1"/></kayako_staffapi>',
        b'<kayako_staffapi><delete ticketid="1"/></kayako_staffapi>',
        b'<other><create staffapiid="1"/></other>',
        b'<kayako_staffapi><create staffapiid="x"/></kayako_staffapi>',
        b'<kayako_staffapi><create staffapiid="1" more="2"/></kayako_staffapi>',
        b'<kayako_staffapi><create staffapiid="1"><surprise/></create></kayako_staffapi>',
        b'<kayako_staffapi><create staffapiid="1"><subject><b/></subject></create></kayako_staffapi>',
        b'<kayako_staffapi><create staffapiid="1"><departmentid>1 or 2</departmentid></create></kayako_staffapi>',
        b'<!DOCTYPE a><kayako_staffapi><create staffapiid="1"/></kayako_staffapi>',
        b'<kayako_staffapi><create staffapiid="1"/><!-- --></kayako_staffapi>',
        b'<kayako_staffapi><create staffapiid="1"/><?php x?></kayako_staffapi>',
        b'<kayako_staffapi><create staffapiid="1"></kayako_staffapi>',
    ],
)
def test_a_document_that_is_not_one_create_does_not_pass(document):
    with pytest.raises(ValueError):
        check(document, "create")


_CUTS = st.lists(st.integers(0, 3000), max_size=8)


def _in_blocks(content, cuts):
    edges = [0, *sorted(cut for cut in cuts if cut < len(content)), len(content)]
    return [content[start:stop] for start, stop in pairwise(edges)]


@settings(deadline=None)
@given(
    _ANY,
    st.lists(st.binary(max_size=3000) | st.just(b"\xff" * 200_000) | st.just(b""), max_size=3),
    st.text(st.characters(codec="utf-8")),
    _CUTS,
)
@example("x" * 300_000, [bytes(range(256)) * 1200], "a&b=c%", [1, 2, 3])
def test_the_form_holds_the_document_first_and_the_session_last(text, contents, session, cuts):
    files = tuple(_file(content, f"{n}.bin") for n, content in enumerate(contents))
    blocks_of = {file: _in_blocks(content, cuts) for file, content in zip(files, contents, strict=True)}
    document = prepare(Modify(1, reply=Reply(text, files)), blocks_of.__getitem__)
    xml = document.xml()
    assert len(xml) == document.size
    assert [b64decode(node.text or "") for node in etree.fromstring(xml).iter("attachment")] == contents
    body = document.body(session)
    sent = b"".join(body.blocks()) + body.last
    assert len(sent) == body.length
    assert not set(sent) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%&=")
    pairs = parse_qsl(sent.decode("ascii"), keep_blank_values=True, encoding="latin-1", strict_parsing=True)
    assert [name for name, _ in pairs] == ["payload", "sessionid"]
    assert pairs[0][1].encode("latin-1") == xml
    assert pairs[1][1].encode("latin-1").decode() == session
    assert body.last.startswith(b"&sessionid=")
    assert b"".join(body.blocks()) == sent[: -len(body.last)]


def test_a_body_does_not_show_its_last_block():
    assert "s3ssion" not in repr(prepare(Delete(1), _no_file).body("s3ssion"))


@pytest.mark.parametrize("later", [b"abd" * 90_000, b"abc" * 90_000 + b"a", b"abc" * 89_999, b""])
def test_a_file_that_changes_while_it_is_sent_is_not_finished(later):
    content = b"abc" * 90_000
    readings = iter([[content], [later]])
    document = prepare(Modify(1, reply=Reply("x", (_file(content),))), lambda _: next(readings))
    blocks = document.body("s").blocks()
    with pytest.raises(ValueError, match="stored mail was changed"):
        while next(blocks, None) is not None:
            pass


def test_a_file_without_end_is_read_no_further_than_the_plan_says():
    def endless():
        while True:
            read.append(1)
            yield b"x" * 65536

    read = []
    with pytest.raises(ValueError, match="stored mail was changed"):
        prepare(Modify(1, reply=Reply("x", (_file(b"x" * 100_000),))), lambda _: endless())
    assert len(read) < 5


def test_a_large_file_is_never_held():
    content = bytes(range(256)) * 20_000
    push = Modify(1, reply=Reply("x", (_file(content),)))
    tracemalloc.start()
    try:
        body = prepare(push, lambda _: (content[at : at + 65536] for at in range(0, len(content), 65536))).body("s")
        assert sum(map(len, body.blocks())) + len(body.last) == body.length
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_other_fields_are_encoded_once_and_are_all_in_the_last_block():
    body = fields({"username": "a b", "password": "p%+&=é"})
    assert body.last == b"username=a%20b&password=p%25%2B%26%3D%C3%A9"
    assert list(body.blocks()) == []
    assert body.length == len(body.last)
    assert "%26" not in repr(body)


def test_encoding_base64_is_quick():
    text = b"QUJD+/==" * 131072
    start = time.process_time()
    encoded = percent_encode(text)
    assert time.process_time() - start < 0.5
    assert encoded.count(b"%2F") == 131072
