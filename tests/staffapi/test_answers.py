"""Answers as desks and what stands before them give, kept in samples/, each with what must become of its push."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.staffapi.answers import SessionExpired, Unreadable, judge, judge_early, read_answer
from gateway.staffapi.documents import ByAddress, Create, Delete, Modify, Note, Reply
from gateway.staffapi.outcome import Accepted, Deferred, InDoubt, Refused, StoredFile, Unseen

_SAMPLES = Path(__file__).parent / "samples"
_CREATE = Create(
    staffapiid=7,
    subject="Printer",
    requester=ByAddress("Jane Doe", "jane@example.com"),
    department_id=9,
    status_id=14,
    priority_id=32,
    type_id=21,
    reply=Reply("It burns."),
)
_PUSHES = {
    "create": _CREATE,
    "reply": Modify(1001, reply=Reply("It burns.")),
    "note": Modify(1001, notes=(Note("It burns."),)),
    "reply_and_note": Modify(1001, reply=Reply("It burns."), notes=(Note("It burns."),)),
    "properties": Modify(1001, department_id=9, status_id=14),
    "display_id": Modify("ABC-123-45678", status_id=14),
    "delete": Delete(1001),
}


def _read(name):
    folder = _SAMPLES / name
    lines = (folder / "headers").read_text().splitlines()
    headers = dict(line.split(": ", 1) for line in lines)
    return int((folder / "status").read_text()), headers, (folder / "body").read_bytes()


@pytest.mark.parametrize("name", sorted(folder.name for folder in _SAMPLES.iterdir()))
def test_each_recorded_answer_is_judged_as_written_beside_it(name):
    expect = json.loads((_SAMPLES / name / "expect").read_text())
    outcome = judge(_PUSHES[expect["push"]], *_read(name))
    assert type(outcome).__name__ == expect["outcome"]
    match outcome:
        case Accepted(receipt=None):
            assert expect["push"] == "delete"
        case Accepted(receipt=receipt):
            assert receipt.ticket_id == expect["ticket_id"]
            assert receipt.display_id == expect.get("display_id", "")
            assert receipt.complaint == expect.get("complaint", "")
        case Deferred():
            assert outcome.desk == expect["desk"]
            assert outcome.retry_after == expect.get("retry_after")
            assert expect.get("words", "") in outcome.reason
        case Refused() | InDoubt() | Unseen():
            assert expect.get("words", "") in outcome.reason
        case SessionExpired():
            pass


def test_the_ticket_of_an_answer_is_read_whole():
    ticket = read_answer({}, _read("create-accepted")[2]).tickets[0]
    assert ticket.tags == ("billing", "gw-abcdefghijklmnop")
    assert ticket.attachments == (StoredFile(5001, "photo & more.jpg", 1234),)
    assert (ticket.text, ticket.notes) == ("It burns.", 0)
    assert (ticket.owner_id, ticket.user_organization_id, ticket.sla_plan_id) == (0, None, None)
    assert (ticket.is_escalated, ticket.has_attachments, ticket.has_notes) == (False, True, None)


def test_nothing_an_early_answer_says_means_that_something_was_made():
    for status in (200, 204, 400, 403, 404, 408, 413, 429, 500, 503):
        assert isinstance(judge_early(status, {}), Deferred | Refused)
    assert isinstance(judge_early(413, {}), Refused)


@settings(deadline=None)
@given(st.binary(max_size=300), st.integers(0, 2000), st.integers(0, 2000))
def test_no_bytes_make_the_judge_raise_or_see_a_ticket_that_is_not_there(noise, start, end):
    whole = _read("create-accepted")[2]
    start, end = sorted((start % len(whole), end % len(whole)))
    outcome = judge(_CREATE, 200, {}, whole[:start] + noise + whole[end:])
    if isinstance(outcome, Accepted):
        assert b'staffapiid="7"' in whole[:start] + noise + whole[end:]
    for cut in (whole[:start], noise, noise + whole[:start]):
        assert b"</kayako_staffapi" in cut or not isinstance(judge(_CREATE, 200, {}, cut), Accepted)


def test_hostile_answers_cost_little():
    start = time.process_time()
    for body in (
        b"<kayako_staffapi>" + b"<![CDATA[" * 400_000,
        b"<kayako_staffapi>" + b"<![CDATA[]]></kayako_staffapi " * 130_000,
        b"<kayako_staffapi>" + b"<a>" * 1_000_000 + b"</kayako_staffapi>",
        b"<kayako_staffapi " * 240_000,
    ):
        with pytest.raises(Unreadable):
            read_answer({}, body)
    many = b"<kayako_staffapi><status>1</status>" + b"<x><![CDATA[]]></x>" * 200_000 + b"</kayako_staffapi>"
    assert read_answer({}, many).status == 1
    assert time.process_time() - start < 5


def test_a_status_is_success_only_if_it_is_one():
    def status(text):
        return read_answer({}, f"<kayako_staffapi><status>{text}</status></kayako_staffapi>".encode()).status

    assert [status(text) for text in (" 1\n", "", "0", "-2", "2", "yes", "1" * 50)] == [1, 0, 0, -2, 2, None, None]
