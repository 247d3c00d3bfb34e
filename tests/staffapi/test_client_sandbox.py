"""The client against the sandbox desk, over real sockets."""

import hashlib
import time
from contextlib import aclosing, asynccontextmanager

import pytest

from gateway.desk.server import SandboxDesk
from gateway.mail.message import Span
from gateway.staffapi.client import Desk, DeskUnavailable
from gateway.staffapi.documents import Billing, ByAddress, ByPhone, ByStaff, Create, Delete, File, Modify, Note, Reply
from gateway.staffapi.outcome import Accepted, Deferred, InDoubt, Refused, Unseen

_MARKER = "gw-abcdefghijklmnop"
_CONTENT = bytes(range(256)) * 40


def _file():
    digest = hashlib.md5(_CONTENT).hexdigest()
    return File("all bytes.bin", len(_CONTENT), digest, hashlib.sha256(_CONTENT).hexdigest(), Span(0, 1, "identity"))


def _open_file(file):
    assert file == _file()
    return _CONTENT


def _create(**changes):
    values = {
        "staffapiid": 7,
        "subject": "Printer </subject>",
        "requester": ByAddress("Jane <Roe>", "Jane.Roe@example.net"),
        "department_id": 9,
        "status_id": 14,
        "priority_id": 32,
        "type_id": 21,
        "reply": Reply("It burns.\nReally ]]> &amp; so.", (_file(),)),
        "tags": ("billing", _MARKER),
    }
    return Create(**(values | changes))


def _desk(url, **changes):
    return Desk(
        url,
        **({"username": "gateway", "password": "sandbox", "request_seconds": 20, "concurrency": 4} | changes),
        boottime=time.monotonic,
    )


@asynccontextmanager
async def _both(dialect="classic"):
    sandbox = SandboxDesk(dialect=dialect)
    async with sandbox.running() as url, aclosing(_desk(url)) as desk:
        yield sandbox, desk
    sandbox.close()
    assert sandbox.violations == []


@pytest.mark.parametrize("dialect", ["page", "classic"])
async def test_a_ticket_is_made_found_read_changed_and_thrown_away(dialect):
    async with _both(dialect) as (sandbox, desk):
        directory = await desk.directory()
        assert directory.department_id("Support › Level 2") == 10
        made = await desk.push(
            _create(notes=(Note("Look"),), billing=(Billing("Call", 60, 30, 1700000000, 1700000000, worker=42),)),
            _open_file,
        )
        assert isinstance(made, Accepted)
        assert made.receipt.complaint == ""
        number = made.receipt.ticket_id
        assert [found.id for found in await desk.find_tag(_MARKER, directory.assigned)] == [number]
        assert [found.id for found in await desk.search_email("jane.roe@EXAMPLE.net", directory.assigned)] == [number]
        assert await desk.find_tag("gw-other", directory.assigned) == ()

        answered = await desk.push(Modify(number, reply=Reply("Done", ignore_email=True)), _open_file)
        assert isinstance(answered, Accepted)
        assert answered.receipt.ticket_id == number
        assert isinstance(await desk.push(Modify(number, notes=(Note("For us"),)), _open_file), Accepted)
        assert isinstance(await desk.push(Modify(number, status_id=15, owner_id=42), _open_file), Accepted)

        talk = await desk.conversation(number)
        assert talk is not None
        assert (talk.ticket.status_id, talk.ticket.owner_id) == (15, 42)
        assert set(talk.ticket.tags) == {"billing", _MARKER}
        newest, first = talk.posts
        assert "Done" in newest.contents
        assert "It burns.\nReally ]]> &amp; so." in first.contents
        assert [(file.filename, file.size) for file in first.attachments] == [("all bytes.bin", len(_CONTENT))]
        assert sandbox.attachment(first.attachments[0].id) == _CONTENT
        assert set(talk.notes) == {"Look", "For us"}
        assert talk.billing == ("Call",)
        assert await desk.conversation(number + 1) is None

        assert await desk.push(Delete(number), _open_file) == Accepted(None)
        assert [found.department_id for found in await desk.find_tag(_MARKER, directory.assigned)] == [0]
        assert desk.logins == 1


@pytest.mark.parametrize("dialect", ["page", "classic"])
@pytest.mark.parametrize(
    "requester", [ByPhone("Ann", "+49 30 1", "ann@example.net"), ByStaff(42, "Jane Doe", "jane.doe@example.com")]
)
async def test_other_requesters_are_taken_too(dialect, requester):
    async with _both(dialect) as (_, desk):
        assert isinstance(await desk.push(_create(requester=requester), _open_file), Accepted)


async def test_a_display_id_will_do_though_the_page_wants_a_number():
    sandbox = SandboxDesk(dialect="classic")
    async with sandbox.running() as url:
        desk = _desk(url)
        made = await desk.push(_create(), _open_file)
        outcome = await desk.push(Modify(made.receipt.display_id, status_id=15), _open_file)
        assert isinstance(outcome, Accepted)
        assert (outcome.receipt.ticket_id, outcome.receipt.display_id) == (
            made.receipt.ticket_id,
            made.receipt.display_id,
        )
        await desk.aclose()
    sandbox.close()


async def test_a_create_that_was_refused_left_nothing():
    async with _both() as (sandbox, desk):
        outcome = await desk.push(_create(priority_id=99), _open_file)
        assert isinstance(outcome, Refused)
        assert "priority" in outcome.reason
        assert sandbox.tickets() == []


async def test_a_ticket_made_where_the_account_cannot_see_is_unseen():
    async with _both() as (sandbox, desk):
        assert isinstance(await desk.push(_create(department_id=12), _open_file), Unseen)
        assert len(sandbox.tickets()) == 1
        sandbox.denied = {"staff_tcaninsertticket"}
        assert isinstance(await desk.push(_create(), _open_file), Unseen)
        assert len(sandbox.tickets()) == 1


async def test_a_note_that_was_not_allowed_is_refused():
    async with _both() as (sandbox, desk):
        made = await desk.push(_create(), _open_file)
        sandbox.denied = {"staff_tcanupateticketnote"}
        outcome = await desk.push(Modify(made.receipt.ticket_id, notes=(Note("x"),)), _open_file)
        assert isinstance(outcome, Refused)


async def test_a_session_that_is_over_is_opened_again_once():
    async with _both() as (sandbox, desk):
        await desk.directory()
        sandbox.expire_sessions()
        assert isinstance(await desk.push(_create(), _open_file), Accepted)
        assert desk.logins == 2
        sandbox.expire_sessions()
        assert len((await desk.directory()).departments) >= 5
        sandbox.expire_sessions()
        assert await desk.find_tag("gw-none", [9]) == ()
        assert desk.logins == 4
        assert len(sandbox.tickets()) == 1


async def test_a_push_too_large_for_the_desk_is_refused_and_not_repeated_for_ever():
    async with _both() as (sandbox, desk):
        sandbox.faults.add("too_large", on="push", count=10)
        outcome = await desk.push(_create(), _open_file)
        assert isinstance(outcome, Refused)
        assert "too large for the desk" in outcome.reason
        assert desk.logins == 2
        assert sandbox.tickets() == []


@pytest.mark.parametrize(
    ("fault", "expected", "made"),
    [
        ({"kind": "cut_before"}, InDoubt, 0),
        ({"kind": "cut_after"}, InDoubt, 1),
        ({"kind": "status", "status": 503}, InDoubt, 0),
        ({"kind": "status_after", "status": 500}, InDoubt, 1),
        ({"kind": "plain_crash_before"}, InDoubt, 0),
        ({"kind": "plain_crash_after"}, InDoubt, 1),
        ({"kind": "plain_crash_midway"}, InDoubt, 1),
        ({"kind": "truncated"}, InDoubt, 1),
        ({"kind": "half_xml"}, InDoubt, 1),
        ({"kind": "garbage"}, Accepted, 1),
        ({"kind": "garbage_before"}, Accepted, 1),
        ({"kind": "expired"}, Accepted, 1),
        ({"kind": "payload_dropped"}, Unseen, 0),
        ({"kind": "redirect"}, Deferred, 0),
        ({"kind": "status", "status": 403}, Deferred, 0),
        ({"kind": "status", "status": 413}, Refused, 0),
    ],
)
async def test_each_fault_of_the_desk_has_its_outcome(fault, expected, made):
    async with _both() as (sandbox, desk):
        sandbox.faults.add(on="push", **fault)
        outcome = await desk.push(_create(), _open_file)
        assert isinstance(outcome, expected), outcome
        assert len(sandbox.tickets()) == made
        assert isinstance(await desk.push(_create(tags=()), _open_file), Accepted)


async def test_a_wrong_password_is_tried_once_and_shown_nowhere():
    sandbox = SandboxDesk()
    async with sandbox.running() as url:
        desk = _desk(url, password="canary-71")
        for _ in range(5):
            outcome = await desk.push(_create(), _open_file)
            assert isinstance(outcome, Deferred)
            assert outcome.desk
            assert outcome.retry_after > 1100
        with pytest.raises(DeskUnavailable) as caught:
            await desk.directory()
        assert len(sandbox.logins) == desk.logins == 1
        assert "canary-71" not in f"{desk!r} {outcome!r} {caught.value!r}"
        await desk.aclose()
    sandbox.close()


async def test_the_session_of_another_node_can_be_ended():
    async with _both() as (_, desk):
        await desk.directory()
        other = _desk(desk.url)
        await other.log_out(desk.session_id)
        await other.aclose()
        assert isinstance(await desk.push(_create(), _open_file), Accepted)
        assert desk.logins == 2
