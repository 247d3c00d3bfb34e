"""Only what the relay itself has written, on top, about the domain in From, proves an author."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.authentication import authenticated

OURS = ("mx.desk.example",)
RECEIVED = (
    "Received: from mx.desk.example ([192.0.2.1])\r\n\tby gateway with ESMTP;\r\n\tMon, 1 Jan 2024 00:00:00 +0000"
)


def mail(*fields: str) -> bytes:
    head = "\r\n".join((RECEIVED, *fields, "From: Jane <jane@desk.example>", "Subject: x"))
    return head.encode() + b"\r\n\r\nAuthentication-Results: mx.desk.example; dmarc=pass header.from=desk.example\r\n"


def judge(*values: str, address: str = "jane@desk.example", ids: tuple[str, ...] = OURS) -> str:
    return authenticated(mail(*(f"Authentication-Results: {value}" for value in values)), address, authserv_ids=ids)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("mx.desk.example; dmarc=pass header.from=desk.example", "pass"),
        ("MX.Desk.Example; DMARC=Pass Header.From=DESK.example.", "pass"),
        ("mx.desk.example 1; dmarc/1=pass header.from=desk.example", "pass"),
        ('"mx.desk.example" 1 ; dmarc = pass (p=none; dis=none) header.from = "desk.example"', "pass"),
        (
            "mx.desk.example;\r\n\tspf=fail smtp.mailfrom=x@y.example;\r\n dmarc=pass\r\n\theader.from=desk.example",
            "pass",
        ),
        ("(a (nested \\) one)) mx.desk.example (x); dmarc=pass (ok) header.from=desk.example (;)", "pass"),
        ("mx.desk.example; dkim=pass (2048-bit key) header.d=desk.example header.b=AbC=/+ ; dmarc=none", "pass"),
        ("mx.desk.example; dkim=pass header.i=@desk.example header.s=a", "pass"),
        ("mx.desk.example; dkim=fail header.d=desk.example; dkim=pass header.d=desk.example", "pass"),
        ('mx.desk.example; dkim=pass reason="good; dmarc=fail" header.d=desk.example', "pass"),
        ("mx.desk.example; dkim=pass header.d=desk.example; dmarc=fail header.from=desk.example", "fail"),
        ("mx.desk.example; dmarc=fail (p=reject) header.from=desk.example", "fail"),
        ("mx.desk.example; none", "none"),
        ("mx.desk.example", "none"),
        ("mx.desk.example; spf=pass smtp.mailfrom=jane@desk.example", "none"),
        ("mx.desk.example; dmarc=pass header.from=evil.example", "none"),
        ("mx.desk.example; dmarc=pass header.from=sub.desk.example", "none"),
        ("mx.desk.example; dmarc=pass header.from=example", "none"),
        ("mx.desk.example; dmarc=pass", "none"),
        ("mx.desk.example; dmarc=pass header.from=evil.example header.from=desk.example", "none"),
        ("mx.desk.example; dmarc=passing header.from=desk.example", "none"),
        ("mx.desk.example; dmarc/2=pass header.from=desk.example", "none"),
        ("mx.desk.example; dkim=pass header.d=evil.example header.i=@desk.example", "none"),
        ("mx.desk.example; dkim=pass header.d=notdesk.example", "none"),
        ("mx.desk.example; xdmarc=pass header.from=desk.example", "none"),
        ("mx.desk.example 2; dmarc=pass header.from=desk.example", "none"),
        ("mx.desk.example.evil.example; dmarc=pass header.from=desk.example", "none"),
        ("evil.example; dmarc=pass header.from=desk.example", "none"),
        # What a sender chooses may look like the relay's words, but stays a quoted string or a comment.
        ('mx.desk.example; spf=pass smtp.mailfrom="a;dmarc=pass header.from=desk.example"@evil.example', "none"),
        ('mx.desk.example; spf=pass smtp.mailfrom="a\\";dmarc=pass header.from=desk.example;\\""@evil.example', "none"),
        ("mx.desk.example; spf=pass (a;dmarc=pass header.from=desk.example)", "none"),
        ("mx.desk.example; spf=pass smtp.mailfrom==?utf-8?q?a;_dmarc=3Dpass_header.from=3Ddesk.example?=", "none"),
        # What does not parse proves nothing.
        ('mx.desk.example; dmarc=pass header.from=desk.example; x="', "none"),
        ("mx.desk.example (; dmarc=pass header.from=desk.example", "none"),
        ("mx.desk.example; dmarc=pass and header.from=desk.example", "none"),
        ("; dmarc=pass header.from=desk.example", "none"),
        ("mx.desk.example; dmarc=pass header.from=desk.example; x=" + "y" * 9000, "none"),
        # Exchange Online writes no authserv-id.
        (
            "spf=pass (sender IP is 192.0.2.7) smtp.mailfrom=desk.example; dmarc=pass action=none header.from=desk.example",
            "none",
        ),
    ],
)
def test_what_one_field_says(value: str, said: str) -> None:
    assert judge(value) == said


def test_an_author_below_the_domain_that_passed_is_proven_and_one_above_is_not() -> None:
    field = "mx.desk.example; dkim=pass header.d=desk.example"
    assert judge(field, address="jane@team.desk.example") == "pass"
    assert judge("mx.desk.example; dkim=pass header.d=team.desk.example") == "none"


def test_the_topmost_field_of_a_relay_counts_whatever_a_forger_wrote_below() -> None:
    forged = "mx.desk.example; dmarc=pass header.from=desk.example"
    assert judge("mx.desk.example; dmarc=fail header.from=desk.example", forged) == "fail"
    assert judge("mx.desk.example; none", forged) == "none"
    assert judge("mx.desk.example; spf=(", forged) == "none"


def test_fields_of_others_above_do_not_count() -> None:
    good = "mx.desk.example; dmarc=pass header.from=desk.example"
    assert judge("other.example; dmarc=fail header.from=desk.example", good) == "pass"
    assert judge("spf=pass (x) smtp.mailfrom=y; dmarc=fail header.from=desk.example", good) == "pass"


def test_nobody_is_authenticated_where_no_relay_is_named() -> None:
    assert judge("mx.desk.example; dmarc=pass header.from=desk.example", ids=()) == "none"
    assert judge("mx.desk.example; dmarc=pass header.from=desk.example", address="") == "none"


def test_only_the_header_block_is_looked_at_and_only_this_field() -> None:
    assert authenticated(mail(), "jane@desk.example", authserv_ids=OURS) == "none"
    arc = mail("ARC-Authentication-Results: i=1; mx.desk.example; dmarc=pass header.from=desk.example")
    assert authenticated(arc, "jane@desk.example", authserv_ids=OURS) == "none"


@given(
    st.lists(
        st.sampled_from(['"', "\\", "(", ")", ";", "=", "mx.desk.example", " ", "dmarc", "pass", "header.from", "a@b"]),
        max_size=40,
    )
)
def test_no_words_of_a_field_make_a_domain_pass_that_is_not_among_them(words: list[str]) -> None:
    assert judge("".join(words)) in ("none", "fail")


@given(st.text(alphabet=st.characters(exclude_characters='"\\\r\n', exclude_categories=("Cs", "Cc")), max_size=80))
def test_what_stands_in_quotes_never_speaks_for_the_relay(said: str) -> None:
    assert judge(f'mx.desk.example; spf=pass smtp.mailfrom="{said}"; x=y') == "none"
    assert judge(f'mx.desk.example; x=y reason="{said}"; dmarc=pass header.from=desk.example') == "pass"


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(junk: bytes) -> None:
    raw = b"Authentication-Results: " + junk + b"\r\n\r\n"
    assert authenticated(raw, "jane@desk.example", authserv_ids=OURS) in ("none", "fail", "pass")
