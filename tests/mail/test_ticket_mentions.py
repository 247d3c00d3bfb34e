"""Tickets that a mail names: in its subject, its recipients' addresses, and the ids it answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.mentions import MAX_MENTIONS, find_mentions
from gateway.mail.reader import read
from gateway.mail.report import report


def _named(subject="", recipients=(), ids=()):
    return [(mention.ticket, mention.source) for mention in find_mentions(subject, recipients, ids)]


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("[#ABC-123-45678]: Printer", [("ABC-123-45678", "subject")]),
        ("Re: AW: [#abc-123-45678] Printer", [("ABC-123-45678", "subject")]),
        ("[!ABC-123-45678]: for staff", [("ABC-123-45678", "alert")]),
        ("[~ABC-123-45678]: for others", [("ABC-123-45678", "third_party")]),
        ("[Sales #ABC-123-45678] Printer", [("ABC-123-45678", "subject")]),
        ("[#ABC-12345-678] of version 3", [("ABC-12345-678", "subject")]),
        ("[SUP #ABC-123456] of version 3", [("ABC-123456", "subject")]),
        ("[#12345] numbered", [("12345", "subject")]),
        ("【#ABC-123-45678】 typed in Japan", [("ABC-123-45678", "subject")]),
        ("about ABC-123-45678 please", [("ABC-123-45678", "subject")]),
        ("[#ABC-123-45678] and [#DEF-123-45678]", [("ABC-123-45678", "subject"), ("DEF-123-45678", "subject")]),
        ("[#ABC-123-45678] [#ABC-123-45678]", [("ABC-123-45678", "subject")]),
    ],
)
def test_a_subject_names_tickets_in_every_form_the_desk_writes(subject, expected):
    assert _named(subject) == expected


@pytest.mark.parametrize(
    "subject",
    [
        "#12345",
        "[12345]",
        "order 12345",
        "[Bug 12345]",
        "XABC-123-45678",
        "ABC-123-456789",
        "abc-123-45678",
        "[#]",
        "(#12345)",
        "[#12345678901]",
    ],
)
def test_what_only_looks_like_a_ticket_is_none(subject):
    assert _named(subject) == []


@pytest.mark.parametrize(
    ("address", "ticket"),
    [
        ("support+ABC-123-45678@desk.example", "ABC-123-45678"),
        ("support+abc-123-45678@desk.example", "ABC-123-45678"),
        ("support+ticket-ABC-123-45678@desk.example", "ABC-123-45678"),
        ("support+t12345@desk.example", "12345"),
        ("support+id-77@desk.example", "77"),
    ],
)
def test_an_address_with_a_token_names_a_ticket(address, ticket):
    assert _named(recipients=[address]) == [(ticket, "address")]


@pytest.mark.parametrize(
    "address", ["support+12345@desk.example", "support+news@desk.example", "t12345@desk.example", ""]
)
def test_a_plain_sub_address_names_none(address):
    assert _named(recipients=[address]) == []


def test_an_id_that_the_desk_issued_names_its_ticket_by_its_left_side_only():
    assert _named(ids=["ABC-123-45678.77@desk.example", "x@DEF-123-45678.example"]) == [("ABC-123-45678", "message_id")]


def test_the_reader_gives_them_all_and_says_where_they_stood():
    raw = (
        b"From: a@b.example\r\nTo: Help <help+DEF-123-45678@desk.example>\r\nSubject: Re: [#ABC-123-45678] x\r\n"
        b"In-Reply-To: <GHI-123-45678.1@desk.example>\r\n\r\nwords"
    )
    message = read(raw)
    assert message.ticket_mentions == ("ABC-123-45678", "DEF-123-45678", "GHI-123-45678")
    assert [mention["source"] for mention in report(message)["mentions"]] == ["subject", "address", "message_id"]


def test_a_flood_of_tickets_is_cut():
    subject = " ".join(f"[#ABC-123-{n:05}]" for n in range(10_000, 10_050))
    assert len(_named(subject)) == MAX_MENTIONS


@given(st.text(alphabet="[]#!~ABC-0123456789 ＃【】@+", max_size=300))
def test_nothing_in_a_subject_makes_it_fail(subject):
    for ticket, _ in _named(subject, [subject], [subject]):
        assert ticket == ticket.upper()
        assert ticket.replace("-", "").isalnum()
