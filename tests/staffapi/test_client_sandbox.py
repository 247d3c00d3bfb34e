"""The client against the sandbox desk, over real sockets."""

import hashlib
import time
from contextlib import aclosing, asynccontextmanager

import pytest

from gateway.desk.demo import API_KEY, API_SECRET
from gateway.desk.server import SandboxDesk
from gateway.mail.message import Span
from gateway.staffapi.client import Desk, DeskUnavailable
from gateway.staffapi.documents import (
    Billing,
    ByAddress,
    ByPhone,
    ByStaff,
    ClientPost,
    Create,
    Delete,
    File,
    Modify,
    Note,
    Reply,
)
from gateway.staffapi.outcome import Accepted, Deferred, InDoubt, Refused, Unseen

_MARKER = "gw-abcdefghijklmnop"
_CONTENT = bytes(range(256)) * 40


def _file():
    digest = hashlib.md5(_CONTENT).hexdigest()
    return File("all bytes.bin", len(_CONTENT), digest, hashlib.sha256(_CONTENT).hexdigest(), Span(0, 1, "identity"))


def _open_file(file):
    assert file == _file()
    return [_CONTENT[:1000], _CONTENT[1000:]]


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

        talk = await desk.beside(number)
        assert talk is not None
        assert (talk.ticket.status_id, talk.ticket.owner_id) == (15, 42)
        assert set(talk.ticket.tags) == {"billing", _MARKER}
        newest, first = await desk.posts(number, start=0, limit=100)
        assert talk.posts == (newest,)
        assert "Done" in newest.contents
        assert "It burns.\nReally ]]> &amp; so." in first.contents
        assert [(file.filename, file.size) for file in first.attachments] == [("all bytes.bin", len(_CONTENT))]
        assert sandbox.attachment(first.attachments[0].id) == _CONTENT
        assert set(talk.notes) == {"Look", "For us"}
        assert talk.billing == ("Call",)
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


async def test_a_session_that_is_ended_again_and_again_does_not_make_a_push_too_large():
    async with _both() as (sandbox, desk):
        sandbox.faults.add("expired", on="push", count=2)
        outcome = await desk.push(_create(), _open_file)
        assert isinstance(outcome, Deferred)
        assert outcome.desk
        assert "forgets them" in outcome.reason
        assert isinstance(await desk.push(_create(), _open_file), Accepted)
        assert len(sandbox.tickets()) == 1


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
    opened = []

    async def register(session_id):
        opened.append(session_id)
        return forget

    async def forget():
        opened.clear()

    async with _both() as (_, first), aclosing(_desk(first.url, register=register)) as desk:
        await desk.directory()
        await first.log_out(opened[0])
        # It is over already, which is as good.
        await first.log_out(opened[0])
        assert isinstance(await desk.push(_create(), _open_file), Accepted)
        assert desk.logins == 2


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 502},
        {"kind": "cut_after"},
        {"kind": "plain_crash_before"},
        {"kind": "half_xml"},
        {"kind": "redirect"},
    ],
)
async def test_a_session_counts_as_ended_only_when_the_desk_says_so(fault):
    async with _both() as (sandbox, desk):
        await desk.directory()
        sandbox.faults.add(on="logout", **fault)
        with pytest.raises(DeskUnavailable):
            await desk.log_out("a" * 64)


async def test_a_session_is_registered_before_anything_is_sent_under_it():
    seen = []

    async def register(session_id):
        seen.append((session_id, len(sandbox.pushes)))
        return forget

    async def forget():
        seen.append("forgotten")

    async with _both() as (sandbox, plain), aclosing(_desk(plain.url, register=register)) as desk:
        assert isinstance(await desk.push(_create(), _open_file), Accepted)
        [(session_id, pushes)] = seen
        assert (len(session_id), pushes) == (64, 0)
        await desk.aclose()
        assert seen[1:] == ["forgotten"]


async def test_an_old_session_is_ended_when_the_size_of_a_request_made_it_look_over():
    opened = []

    async def register(session_id):
        async def forget():
            opened.remove(session_id)

        opened.append(session_id)
        return forget

    async with _both() as (sandbox, plain), aclosing(_desk(plain.url, register=register)) as desk:
        await desk.directory()
        [first] = opened
        sandbox.faults.add("too_large", on="push", count=2)
        assert isinstance(await desk.push(_create(), _open_file), Refused)
        assert len(opened) == 1
        assert opened != [first]


@pytest.mark.parametrize("dialect", ["page", "classic"])
async def test_a_ticket_is_shown_as_it_is_now(dialect):
    async with _both(dialect) as (sandbox, desk):
        departments = (await desk.directory()).assigned
        made = await desk.push(_create(reply_due=1_900_000_000), _open_file)
        number, display_id = made.receipt.ticket_id, made.receipt.display_id or sandbox.tickets()[0].display_id
        for name in (number, str(number), display_id, display_id.lower()):
            ticket = await desk.ticket(name, departments)
            assert ticket is not None
            assert (ticket.id, ticket.display_id, ticket.department_id, ticket.status_id) == (number, display_id, 9, 14)
            assert (ticket.email, ticket.next_reply_due) == ("jane.roe@example.net", 1_900_000_000)
            assert ticket.user_id is not None
            assert set(ticket.tags) == {"billing", _MARKER}
        first = await desk.ticket(number, departments)
        # Whatever is written on it, and however much: it is not asked for.
        assert (first.text, first.notes, first.attachments) == (None, 0, ())
        await desk.push(Delete(number), _open_file)
        for name in (number, display_id):
            assert (await desk.ticket(name, departments)).department_id == 0


@pytest.mark.parametrize("dialect", ["page", "classic"])
async def test_a_ticket_that_is_not_there_or_out_of_sight_is_none(dialect):
    async with _both(dialect) as (sandbox, desk):
        await desk.push(_create(), _open_file)
        await desk.push(_create(department_id=10), _open_file)
        sandbox.assign(10, False)
        departments = (await desk.directory()).assigned
        seen, hidden = sandbox.tickets()
        assert await desk.ticket(seen.id, departments) is not None
        for name in (hidden.id, hidden.display_id, 9999, "QQQ-123-45678", seen.display_id[:-1]):
            assert await desk.ticket(name, departments) is None, name


@pytest.mark.parametrize("dialect", ["page", "classic"])
async def test_a_merged_ticket_is_shown_as_the_one_it_was_merged_into(dialect):
    async with _both(dialect) as (sandbox, desk):
        departments = (await desk.directory()).assigned
        for subject in ("First", "Second"):
            await desk.push(_create(subject=subject), _open_file)
        old, into = sandbox.tickets()
        sandbox.merge(old.id, into.id)
        for name in (old.id, old.display_id):
            ticket = await desk.ticket(name, departments)
            assert ticket is not None
            assert ticket.id == into.id


async def test_a_ticket_that_only_names_the_one_looked_for_is_not_taken_for_it():
    async with _both() as (sandbox, desk):
        await desk.push(_create(subject="Again: ABC-123-45678"), _open_file)
        assert len(sandbox.tickets()) == 1
        assert await desk.ticket("ABC-123-45678", (9,)) is None
        # Nor is either of two that do.
        await desk.push(_create(subject="And again: ABC-123-45678"), _open_file)
        assert await desk.ticket("ABC-123-45678", (9,)) is None


@pytest.mark.parametrize("dialect", ["page", "classic"])
async def test_a_marker_in_a_text_is_found(dialect):
    async with _both(dialect) as (_, desk):
        departments = (await desk.directory()).assigned
        made = await desk.push(_create(tags=(), reply=Reply(f"It burns.\n[{_MARKER}]")), _open_file)
        await desk.push(_create(tags=()), _open_file)
        assert [found.id for found in await desk.search_text(_MARKER, departments)] == [made.receipt.ticket_id]
        assert await desk.search_text("gw-ponmlkjihgfedcba", departments) == ()


@pytest.mark.parametrize("dialect", ["page", "classic"])
async def test_that_pushes_get_through_is_proved_without_pushing_anything(dialect):
    async with _both(dialect) as (sandbox, desk):
        await desk.probe_push()
        assert sandbox.tickets() == []
        sandbox.expire_sessions()
        await desk.probe_push()
        for fault in ({"kind": "status", "status": 403}, {"kind": "plain_crash_before"}, {"kind": "cut_before"}):
            sandbox.faults.add(on="push", **fault)
            with pytest.raises(DeskUnavailable):
                await desk.probe_push()


async def test_the_desk_s_clock_is_compared_with_ours():
    async with _both() as (sandbox, desk):
        assert desk.clock_skew is None
        sandbox.skew = 3600
        await desk.directory()
        assert desk.clock_skew == pytest.approx(3600, abs=5)


@pytest.mark.parametrize(
    ("fault", "words"),
    [("locked", "has locked the account"), ("two_factor", "without two-factor"), ("refuse_login", "refused the login")],
)
async def test_a_login_that_needs_a_person_is_an_alert(fault, words):
    async with _both() as (sandbox, desk):
        sandbox.faults.add(fault)
        outcome = await desk.push(_create(), _open_file)
        assert isinstance(outcome, Deferred)
        assert words in outcome.reason
        assert outcome.reason.endswith("the gateway logs in again in 20 min")
        assert words in desk.login_refused
        assert (outcome.desk, outcome.retry_after, len(sandbox.logins)) == (True, 1200, 1)


@asynccontextmanager
async def _answering(**keys):
    """A desk with one ticket, and a client post on it by its requester."""
    async with _both() as (sandbox, staff):
        made = await staff.push(_create(), _open_file)
        ticket = await staff.ticket(made.receipt.ticket_id, (9,))
        post = ClientPost(ticket.id, ticket.user_id, "It still burns.", (_file(),))
        keys = {"api_key": API_KEY, "api_secret": API_SECRET} | keys
        async with aclosing(_desk(staff.url, **keys)) as desk:
            yield sandbox, desk, post


async def test_a_post_of_the_customer_s_own_needs_a_key_and_no_session():
    salts = iter(["first salt", "second salt"])
    async with _answering(salt=lambda: next(salts)) as (sandbox, desk, post):
        for _ in range(2):
            outcome = await desk.push(post, _open_file)
            assert isinstance(outcome, Accepted)
            assert outcome.receipt.ticket_id == post.ticket
        assert desk.logins == 0
        assert list(salts) == []
        [ticket] = sandbox.tickets()
        assert len(ticket.posts) == 3
        assert "It still burns." in ticket.posts[1].contents
        posts = await desk.posts(post.ticket, start=0, limit=10)
        assert [each.creator for each in posts] == [2, 2, 2]
        assert [len(each.attachments) for each in posts] == [1, 1, 1]
        assert sandbox.attachment(posts[0].attachments[0].id) == _CONTENT


@pytest.mark.parametrize(
    ("fault", "expected", "posts"),
    [
        ({"kind": "cut_before"}, InDoubt, 1),
        ({"kind": "cut_after"}, InDoubt, 2),
        ({"kind": "status_after", "status": 502}, InDoubt, 2),
        ({"kind": "redirect"}, Deferred, 1),
        ({"kind": "api_off"}, Deferred, 1),
    ],
)
async def test_each_fault_on_the_way_of_a_customer_s_post_has_its_outcome(fault, expected, posts):
    async with _answering() as (sandbox, desk, post):
        sandbox.faults.add(on="rest", **fault)
        assert isinstance(await desk.push(post, _open_file), expected)
        assert len(sandbox.tickets()[0].posts) == posts


async def test_a_customer_s_post_without_a_key_is_refused_in_words():
    async with _answering(api_secret="") as (sandbox, desk, post):
        outcome = await desk.push(post, _open_file)
        assert isinstance(outcome, Refused)
        assert "GATEWAY_DESK__API_KEY and GATEWAY_DESK__API_SECRET" in outcome.reason
        assert len(sandbox.tickets()[0].posts) == 1


async def test_a_customer_s_post_whose_time_has_run_out_is_not_finished():
    now = 1000.0

    def _slow(file):
        nonlocal now
        now += 11
        return _open_file(file)

    async with _answering() as (sandbox, plain, post):
        desk = Desk(
            plain.url,
            "gateway",
            "sandbox",
            request_seconds=20,
            concurrency=1,
            boottime=lambda: now,
            api_key=API_KEY,
            api_secret=API_SECRET,
        )
        assert isinstance(await desk.push(post, _slow), Deferred)
        await desk.aclose()
        await sandbox.idle()
        assert len(sandbox.tickets()[0].posts) == 1
