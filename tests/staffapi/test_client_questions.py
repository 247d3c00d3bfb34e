"""Questions about tickets, however much is written on them, and the end of a session, against the sandbox desk."""

import asyncio
import time
import zlib
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from random import Random

import httpx
import pytest

from gateway.desk.dialect import dialect_named
from gateway.desk.server import SandboxDesk
from gateway.staffapi.answers import LARGEST_ANSWER, TooLarge, Unreadable, read_answer
from gateway.staffapi.client import Desk, DeskUnavailable, TooLong
from gateway.staffapi.documents import Billing, ByAddress, Create, Delete, Modify, Note, Reply
from gateway.staffapi.outcome import Accepted, Post
from gateway.staffapi.tickets import are_oldest_first

_MARKER = "gw-abcdefghijklmnop"
#: Three of them are more than an answer holds.
_LONG = "It burns. " * (LARGEST_ANSWER // 30 + 1)
_DIALECTS = pytest.mark.parametrize("dialect", ["page", "classic"])


def _no_files(file):
    raise AssertionError(f"{file} is not to be opened")


def _create(**changes):
    values = {
        "staffapiid": 7,
        "subject": "Printer",
        "requester": ByAddress("Jane Roe", "jane.roe@example.net"),
        "department_id": 9,
        "status_id": 14,
        "priority_id": 32,
        "type_id": 21,
        "reply": Reply("The first words."),
        "tags": (_MARKER,),
        "send_autoresponder": False,
    }
    return Create(**(values | changes))


def _desk(url, **changes):
    return Desk(url, "gateway", "sandbox", request_seconds=20, concurrency=4, boottime=time.monotonic, **changes)


@asynccontextmanager
async def _both(dialect, **changes):
    """`changes` are switches of the dialect."""
    sandbox = SandboxDesk(dialect=replace(dialect_named(dialect), **changes))
    async with sandbox.running() as url, aclosing(_desk(url)) as desk:
        yield sandbox, desk
    sandbox.close()
    assert sandbox.violations == []


async def _ticket_with(desk, *texts, **changes):
    made = await desk.push(_create(**changes), _no_files)
    for text in texts:
        outcome = await desk.push(Modify(made.receipt.ticket_id, reply=Reply(text, ignore_email=True)), _no_files)
        assert isinstance(outcome, Accepted), outcome
    return made.receipt.ticket_id


def _begins(posts):
    return [post.contents.split("\n")[0] for post in posts]


@_DIALECTS
async def test_posts_are_shown_newest_first_page_by_page(dialect):
    async with _both(dialect) as (_, desk):
        number = await _ticket_with(desk, "One.", "Two.", "Three.")
        assert _begins(await desk.posts(number, start=0, limit=2)) == ["Three.", "Two."]
        assert _begins(await desk.posts(number, start=2, limit=2)) == ["One.", "The first words."]
        assert await desk.posts(number, start=4, limit=2) == ()
        await desk.push(Modify(number, reply=Reply("Four.", ignore_email=True)), _no_files)
        assert _begins(await desk.posts(number, start=2, limit=1)) == ["Two."]


@_DIALECTS
async def test_opening_and_newest_post_come_with_notes_and_billing(dialect):
    async with _both(dialect) as (_, desk):
        bill = Billing("A call", 60, 30, 1700000000, 1700000000, worker=42)
        number = await _ticket_with(desk, "One.", "Two.", notes=(Note("Look"),), billing=(bill,))
        opening, beside = await desk.opening(number), await desk.beside(number)
        assert (_begins(opening.posts), _begins(beside.posts)) == (["The first words."], ["Two."])
        for talk in (opening, beside):
            assert (talk.ticket.id, talk.ticket.department_id, talk.ticket.tags) == (number, 9, (_MARKER,))
            assert (talk.notes, talk.billing) == (("Look",), ("A call",))


@_DIALECTS
async def test_a_ticket_that_is_not_there_or_out_of_sight_has_no_posts_and_nothing_beside(dialect):
    async with _both(dialect) as (sandbox, desk):
        hidden = await _ticket_with(desk, department_id=10)
        thrown_away = await _ticket_with(desk, "One.")
        await desk.push(Delete(thrown_away), _no_files)
        sandbox.assign(10, False)
        for number in (hidden, thrown_away + 1):
            assert await desk.posts(number, start=0, limit=10) is None
            assert await desk.opening(number) is None
            assert await desk.beside(number) is None
        assert len(await desk.posts(thrown_away, start=0, limit=10)) == 2
        assert (await desk.beside(thrown_away)).ticket.department_id == 0


@_DIALECTS
async def test_a_resolved_ticket_is_shown_by_its_number(dialect):
    async with _both(dialect) as (sandbox, desk):
        number = await _ticket_with(desk)
        resolved = next(status.id for status in (await desk.directory()).statuses if status.mark_as_resolved)
        assert isinstance(await desk.push(Modify(number, status_id=resolved), _no_files), Accepted)
        # What search shows does not matter: it is blind here.
        sandbox.blind = {9}
        assert (await desk.ticket(number, (9,))).status_id == resolved


@_DIALECTS
async def test_no_number_of_long_posts_keeps_a_ticket_from_being_seen(dialect):
    async with _both(dialect) as (_, desk):
        number = await _ticket_with(desk, "Old.", _LONG, _LONG, _LONG)
        with pytest.raises(TooLong) as caught:
            await desk.posts(number, start=0, limit=4)
        assert str(LARGEST_ANSWER) in str(caught.value)
        assert isinstance(caught.value, DeskUnavailable)
        assert _begins(await desk.posts(number, start=3, limit=4)) == ["Old.", "The first words."]
        [newest] = await desk.posts(number, start=0, limit=1)
        assert newest.contents.startswith(_LONG)
        assert (await desk.ticket(number, (9,))).status_id == 14
        assert _begins((await desk.opening(number)).posts) == ["The first words."]
        assert len((await desk.beside(number)).posts) == 1
        assert desk.logins == 1


@_DIALECTS
async def test_one_post_too_long_hides_itself_only(dialect):
    # The desk answers with the short form of a push, or the push itself would get no answer that can be read.
    async with _both(dialect, full_answers=False) as (_, desk):
        number = await _ticket_with(desk, "One.", 3 * _LONG, notes=(Note("Look"),))
        with pytest.raises(TooLong):
            await desk.posts(number, start=0, limit=1)
        assert _begins(await desk.posts(number, start=1, limit=9)) == ["One.", "The first words."]
        talk = await desk.beside(number)
        assert (talk.ticket.id, talk.posts, talk.notes) == (number, (), ("Look",))
        assert (await desk.opening(number)).notes == ("Look",)


@_DIALECTS
async def test_an_opening_or_notes_too_long_are_told_from_a_desk_that_fails(dialect):
    async with _both(dialect, full_answers=False) as (sandbox, desk):
        number = await _ticket_with(desk, "One.", reply=Reply(3 * _LONG))
        with pytest.raises(TooLong):
            await desk.opening(number)
        assert _begins((await desk.beside(number)).posts) == ["One."]
        for _ in range(3):
            await desk.push(Modify(number, notes=(Note(_LONG),)), _no_files)
        with pytest.raises(TooLong):
            await desk.beside(number)
        assert (await desk.ticket(number, (9,))).id == number
        for fault in ("cut_before", "half_xml", "plain_crash_before"):
            sandbox.faults.add(fault, on="retrieve")
            with pytest.raises(DeskUnavailable) as caught:
                await desk.posts(number, start=0, limit=1)
            assert not isinstance(caught.value, TooLong), fault


def test_an_answer_is_too_large_as_sent_or_unpacked():
    document = b"<kayako_staffapi><status>1</status>%b</kayako_staffapi>"
    fits = document % (b" " * (LARGEST_ANSWER - len(document) + 2))
    assert len(fits) == LARGEST_ANSWER
    for body in (fits, _gzip(fits)):
        assert read_answer({}, body).status == 1
    # Cut off where no more is kept, as the exchange does it: random bytes do not shrink.
    noise = _gzip(Random(1).randbytes(2 * LARGEST_ANSWER))[: LARGEST_ANSWER + 1]
    for body in (fits + b"\n", _gzip(fits + b"\n"), _gzip(b"x" * (8 * LARGEST_ANSWER)), b"\x1f\x8b" + fits, noise):
        with pytest.raises(TooLarge):
            read_answer({"Content-Type": "text/xml"}, body)
    with pytest.raises(Unreadable, match="in the middle, sent as text/xml") as caught:
        read_answer({"Content-Type": "text/xml"}, fits[:-1])
    assert not isinstance(caught.value, TooLarge)


def _gzip(body):
    packer = zlib.compressobj(wbits=31)
    return packer.compress(body) + packer.flush()


def test_posts_in_the_wrong_order_are_noticed_but_not_those_of_merged_tickets():
    def order(*posts):
        return are_oldest_first([Post(id, "", creation_time=time) for id, time in posts])

    assert order((1, 100), (2, 200))
    assert not order((2, 200), (1, 100))
    # A merge moves posts: by id the newest may stand first while times grow, or the other way round.
    assert not order((9, 100), (3, 200))
    assert not order((3, 200), (9, 100))
    assert not order((1, 100))
    assert not order()
    # Of one second, or without a time: nothing can be said.
    assert not order((1, 100), (2, 100))
    assert not order((1, None), (2, None))


@pytest.mark.parametrize(
    "shown",
    [
        [(1001, 100), (1002, 200)],
        [(1005, 500), (1004, 400), (1003, 300)],
    ],
)
async def test_posts_other_than_those_asked_for_are_not_believed(shown):
    posts = "".join(f'<post id="{id}"><creationtime>{at}</creationtime></post>' for id, at in shown)
    data = f'<tickets><ticket id="17">{posts}</ticket></tickets>'

    async def answer(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        await reader.readexactly(int(head.lower().partition("content-length: ")[2].partition("\r")[0]))
        said = data if "Retrieve" in head else "<sessionid>opaque</sessionid>"
        body = f"<kayako_staffapi><status>1</status>{said}</kayako_staffapi>"
        writer.write(f"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with aclosing(_desk(url)) as desk:
            with pytest.raises(DeskUnavailable, match="showed others"):
                await desk.posts(17, start=0, limit=2)


async def _lives(url, session_id):
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{url}/staffapi/index.php?/Core/Default/GetInfo", data={"sessionid": session_id})
    return read_answer({}, answer.content).status == 1


@_DIALECTS
async def test_a_renewed_session_shuts_out_what_was_sent_under_the_old_one(dialect):
    opened = []

    async def register(session_id):
        opened.append(session_id)
        return forget

    async def forget():
        opened.append("forgotten")

    async with _both(dialect) as (sandbox, plain), aclosing(_desk(plain.url, register=register)) as desk:
        await desk.renew_session()
        assert desk.logins == 0
        await desk.directory()
        [old] = opened
        # It stands in the desk's queue while its session is ended.
        sandbox.faults.add("slow", on="push", seconds=0.5)
        queued = asyncio.create_task(desk.push(_create(), _no_files))
        while not sandbox.pushes:  # noqa: ASYNC110 - the desk has no event for it
            await asyncio.sleep(0)
        await desk.renew_session()
        assert opened == [old, "forgotten"]
        assert isinstance(await queued, Accepted)
        assert len(sandbox.tickets()) == 1
        assert desk.logins == 2
        assert opened[2] not in {old, "forgotten"}


async def test_all_in_flight_log_in_once_after_a_renewal():
    async with _both("classic") as (sandbox, desk):
        await desk.directory()
        sandbox.faults.add("slow", on="push", seconds=0.3, count=3)
        pushes = [asyncio.create_task(desk.push(_create(), _no_files)) for _ in range(3)]
        while len(sandbox.pushes) < 3:  # noqa: ASYNC110 - the desk has no event for it
            await asyncio.sleep(0)
        await desk.renew_session()
        questions = [desk.find_tag(_MARKER, (9,)) for _ in range(2)]
        await asyncio.gather(*questions)
        assert all(isinstance(outcome, Accepted) for outcome in await asyncio.gather(*pushes))
        assert (desk.logins, len(sandbox.tickets())) == (2, 3)


async def test_a_session_given_up_that_lives_is_ended_by_a_renewal_too():
    opened = []

    async def register(session_id):
        opened.append(session_id)
        return forget

    async def forget():
        pass

    async with _both("classic") as (sandbox, plain), aclosing(_desk(plain.url, register=register)) as desk:
        await desk.directory()
        # A form that arrives empty gets -2 though its session lives, and the desk does not answer its log-out.
        sandbox.faults.add("too_large", on="push")
        sandbox.faults.add("status", on="logout", status=502)
        assert isinstance(await desk.push(_create(), _no_files), Accepted)
        first, second = opened
        assert await _lives(plain.url, first)
        await desk.renew_session()
        assert not await _lives(plain.url, first)
        assert not await _lives(plain.url, second)


async def test_a_session_counts_as_renewed_only_when_the_desk_says_so():
    async with _both("classic") as (sandbox, desk):
        await desk.directory()
        sandbox.faults.add("status", on="logout", status=502)
        with pytest.raises(DeskUnavailable):
            await desk.renew_session()
        await desk.directory()
        assert desk.logins == 1
        await desk.renew_session()
        await desk.directory()
        assert desk.logins == 2
