"""What is lost, late or loops between gateway and desk: each mail ends once on the desk, or before a person, and stops no other."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from starlette.requests import Request

from gateway.delivery.policy import Policy
from gateway.delivery.sight import Sight
from gateway.desk import front, office, parts
from gateway.desk.answers import Answer, plain_crash
from gateway.desk.calls import Call
from gateway.desk.inspection import Ticket
from gateway.desk.retrieve import retrieve
from gateway.desk.visit import Visit
from gateway.spool.records import State
from gateway.staffapi.documents import Modify, Note, Push, Reply
from gateway.staffapi.outcome import Accepted
from support.rig import RULES, Rig, with_file

HOLDING = RULES.replace(
    "rules:", "rules:\n  - name: look\n    when: {subject: {contains: Invoice}}\n    then: {hold: look}", 1
)
NOTING = RULES.replace("create:", "note: {text: Look at the contract.}\n      create:")
#: More than a mail's first 200 letters.
HEAD = "This is an automatic message of the monitoring of Example Ltd. Please do not answer it. " * 4
#: More than half of the longest answer that is read (bytes).
LONG = "x" * 2_500_000


async def settle(rig: Rig, rounds: int = 6) -> None:
    for _ in range(rounds):
        rig.clock.now += 121
        await rig.walk_all()


async def accepted(rig: Rig, **headers: str) -> Ticket:
    """A mail whose ticket is made and found, so that from now on "not found" means something."""
    one = rig.accept(**headers)
    await rig.walk_all()
    return next(ticket for ticket in rig.sandbox.tickets() if ticket.id == rig.details(one).tickets[0].ticket_id)


async def on_the_desk(rig: Rig, push: Push) -> None:
    assert isinstance(await rig.desk.push(push, lambda _file: []), Accepted)


def shown(rig: Rig, ticket: Ticket) -> Ticket:
    return next(each for each in rig.sandbox.tickets() if each.id == ticket.id)


def texts(rig: Rig, subject: str) -> list[str]:
    return sorted(each.posts[0].contents for each in rig.sandbox.tickets() if each.subject == subject)


# What goes with a mail


async def test_a_desk_that_keeps_no_files_is_sent_them_by_themselves_once(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "add_attachments", lambda *_: None)
    ids = [
        rig.accept(with_file(b"abc" * 1000, message_id="p@x")),
        rig.accept(with_file(b"abc" * 1000, message_id="r@x", references="<p@x>")),
    ]
    async with asyncio.timeout(30):
        await rig.walk_all()
    assert [rig.state_of(each) for each in ids] == [State.DELIVERED] * 2
    [ticket] = rig.sandbox.tickets()
    again = [post for post in ticket.posts if "Further attachments" in post.contents]
    # The documented answer shows no posts, so nothing is known of the second mail's file.
    assert len(again) == (2 if rig.sandbox.dialect.full_answers else 1)
    assert len(ticket.posts) == 2 + len(again)


async def test_a_property_that_the_desk_refuses_holds_neither_its_mail_nor_the_next(rig: Rig) -> None:
    ticket = await accepted(rig, message_id="p@x")
    await on_the_desk(rig, Modify(ticket.id, status_id=16))
    rig.sandbox.faults.add("status", on="push", match="ticketstatusid", status=413)
    ids = [rig.accept(message_id=f"{n}@x", references="<p@x>") for n in (1, 2)]
    await rig.walk_all()
    assert [rig.state_of(each) for each in ids] == [State.DELIVERED] * 2
    assert "refused" in rig.details(ids[0]).attempts[-1].reason
    assert len(shown(rig, ticket).posts) == 3


# Released


async def test_who_releases_a_mail_that_a_rule_held_has_said_nothing_of_doubts_to_come(rig: Rig) -> None:
    rig.start(HOLDING)
    rig.sandbox.blind = {department.id for department in (await rig.desk.directory()).departments}
    one = rig.accept(subject="Invoice")
    await rig.walk_all()
    rig.spool.release(one).result(10)
    rig.sandbox.faults.add("cut_after", on="push", count=None)
    await rig.walk_all()
    await settle(rig, 20)
    assert rig.state_of(one) is State.HELD
    assert len(rig.sandbox.tickets()) == 1


async def test_a_reply_released_before_its_ticket_went_out_of_sight_is_not_sent_again(rig: Rig) -> None:
    rig.start(HOLDING)
    ticket = await accepted(rig, message_id="p@x")
    one = rig.accept(subject="Invoice", references="<p@x>", message_id="r@x")
    await rig.walk_all()
    rig.spool.release(one).result(10)
    rig.sandbox.faults.add("cut_after", on="push", match="modify")
    await rig.walk_all()
    rig.sandbox.assign("Support", False)
    await settle(rig)
    assert rig.state_of(one) is State.HELD
    assert "does not show" in rig.details(one).delivery.reason
    assert len(shown(rig, ticket).posts) == 2


async def test_what_crashes_the_desk_each_time_is_held_and_goes_on_once_released(rig: Rig) -> None:
    await accepted(rig)
    rig.sandbox.faults.add("plain_crash_before", on="push", match="Crash", count=None)
    one = rig.accept(subject="Crash")
    await settle(rig, 40)
    assert rig.state_of(one) is State.HELD
    assert "error log" in rig.details(one).delivery.reason
    sent = len(rig.sandbox.pushes)
    assert sent <= 1 + 6
    rig.sandbox.faults.clear()
    rig.spool.release(one).result(10)
    await rig.walk_all()
    assert rig.state_of(one) is State.DELIVERED
    assert len(rig.sandbox.pushes) == sent + 1
    assert texts(rig, "Crash") != []


async def test_a_later_step_that_crashes_the_desk_each_time_is_released_for_one_more(rig: Rig) -> None:
    rig.start(NOTING)
    ticket = await accepted(rig, message_id="p@x")
    rig.sandbox.faults.add("plain_crash_before", on="push", match="the contract", count=None)
    one = rig.accept(message_id="r@x", references="<p@x>")
    await settle(rig, 40)
    assert rig.state_of(one) is State.HELD
    sent = len(rig.sandbox.pushes)
    rig.spool.release(one).result(10)
    await settle(rig, 10)
    assert rig.state_of(one) is State.HELD
    assert len(rig.sandbox.pushes) == sent + 1
    rig.sandbox.faults.clear()
    rig.spool.release(one).result(10)
    await settle(rig)
    assert rig.state_of(one) is State.DELIVERED
    assert len(shown(rig, ticket).posts) == 2
    assert len(shown(rig, ticket).notes) == 2


# Whose ticket it is


@pytest.mark.parametrize("policy", [Policy(), Policy(marker="line")], ids=["tag", "line"])
async def test_mails_that_differ_after_the_first_200_letters_are_told_apart(rig: Rig, policy: Policy) -> None:
    rig.start(policy=policy)
    await accepted(rig)
    rig.sandbox.faults.add("cut_before", on="push")
    a = rig.accept(subject="Alarm", text=HEAD + "Host A is down.")
    await rig.walk_all()
    rig.sandbox.faults.add("plain_crash_midway" if policy.marker == "tag" else "cut_after", on="push")
    b = rig.accept(subject="Alarm", text=HEAD + "Host B is down.")
    rig.state.answered()
    await rig.walk_all()
    await settle(rig)
    assert rig.state_of(a) is rig.state_of(b) is State.DELIVERED
    assert ["Host A" in text for text in texts(rig, "Alarm")] == [True, False]
    assert rig.details(a).tickets != rig.details(b).tickets


async def test_a_text_with_the_marker_of_another_mail_is_that_mails_ticket(rig: Rig) -> None:
    await accepted(rig)
    ids = []
    # The setting has changed between two alarms: the second one's marker is in its text, and it has no tag.
    for fault, policy in (("cut_before", Policy()), ("cut_after", Policy(marker="line"))):
        rig.start(policy=policy)
        rig.sandbox.faults.add(fault, on="push")
        ids.append(rig.accept(subject="Alarm", text="Disk full."))
        await rig.walk_all()
    rig.start()
    await settle(rig)
    assert [rig.state_of(each) for each in ids] == [State.DELIVERED] * 2
    assert len(texts(rig, "Alarm")) == 2
    assert rig.details(ids[0]).tickets != rig.details(ids[1]).tickets


async def test_a_ticket_without_marker_is_taken_at_the_second_look_up(rig: Rig) -> None:
    if rig.sandbox.dialect.strict:
        pytest.skip("the documented desk takes back what a crash interrupts")
    await accepted(rig)
    rig.sandbox.faults.add("plain_crash_midway")
    one = rig.accept()
    await rig.walk_all()
    rig.clock.now += 121
    await rig.walk_all()
    assert rig.state_of(one) is State.QUEUED
    assert "one like it" in rig.details(one).delivery.reason
    assert rig.details(one).tickets == ()
    rig.clock.now += 31
    await rig.walk_all()
    assert rig.state_of(one) is State.DELIVERED
    assert len(rig.sandbox.tickets()) == 2


async def test_what_one_node_sees_of_a_department_counts_on_the_others_at_once(rig: Rig) -> None:
    here, there = Sight(rig.spool, rig.clock), Sight(rig.spool, rig.clock)
    await here.found(9)
    assert await there.of(9) == "proven"
    await here.missed(9, "gw-aaaaaaaaaaaaaaaa")
    assert await there.of(9) == "blind"
    await here.found(9)
    assert await there.of(9) == "proven"


# What waits, and who waits behind it


@contextmanager
def a_queue(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Iterator[asyncio.Event]:
    """A desk with more requests than it can work on: who is "late" gives up after 12 seconds, and has its turn at the event."""
    turn = asyncio.Event()

    async def give_up(request: Request, *, flush: bool = False) -> None:
        rig.clock.now += 12
        await cut(request, flush=flush)

    async def wait(_request: Request, _seconds: float) -> bool:
        await turn.wait()
        return True

    cut = front.cut
    with monkeypatch.context() as patch:
        patch.setattr(front, "cut", give_up)
        patch.setattr(front, "pause", wait)
        yield turn
        turn.set()


@pytest.mark.parametrize("headers", [{}, {"references": "<p@x>"}], ids=["create", "reply"])
async def test_a_push_that_has_its_turn_after_it_was_sent_again_is_not_carried_out(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    await accepted(rig, message_id="p@x")
    with a_queue(rig, monkeypatch) as turn:
        rig.sandbox.faults.add("late", on="push")
        one = rig.accept(text="Just once.", **headers)
        await rig.walk_all()
        await settle(rig, 4)
        assert rig.state_of(one) is State.DELIVERED
        turn.set()
        await rig.sandbox.idle()
    posts = [post.contents for ticket in rig.sandbox.tickets() for post in ticket.posts]
    assert sum("Just once." in text for text in posts) == 1
    assert sum(b"Just once." in push for push in rig.sandbox.pushes) == 2


async def test_a_ticket_about_which_every_question_fails_stops_no_other_mail(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await accepted(rig, message_id="p@x")

    def answer(visit: Visit, call: Call) -> Answer:
        if call.text("ticketid") == str(ticket.id):
            return plain_crash(call.route, "Allowed memory size exhausted")
        return retrieve(visit, call)

    monkeypatch.setattr(office, "retrieve", answer)
    one = rig.accept(message_id="r@x", references="<p@x>")
    await rounds(rig, 20)
    others = [rig.accept() for _ in range(5)]
    assert await rounds(rig, 10, until=others) < 10
    assert rig.state_of(one) is State.QUEUED
    monkeypatch.undo()
    rig.clock.now += 3700
    await rounds(rig, 10, until=[one])
    assert len(shown(rig, ticket).posts) == 2


async def rounds(rig: Rig, most: int, until: list[int] | None = None) -> int:
    """As a worker goes: a sign of life where the desk has failed, then as many mails as it may. How many rounds it took."""
    for n in range(most):
        if until and all(rig.state_of(each) is State.DELIVERED for each in until):
            return n
        rig.clock.now += 1
        if not rig.state.answers and rig.clock.now >= rig.state.probe_at:
            await rig.desk.directory()
            rig.state.answered()
        if allowed := rig.state.allowance(4):
            claims = await asyncio.to_thread(rig.spool.claim, allowed, lease_seconds=60)
            await asyncio.gather(*(rig.walker.walk(claimed) for claimed in claims))
    return most


@pytest.mark.parametrize("follow_up", ["reply", "note"])
async def test_on_a_ticket_too_long_for_one_answer_a_post_is_found_and_of_notes_a_person_is_asked(
    rig: Rig, follow_up: str
) -> None:
    rig.start(policy=Policy(follow_up=follow_up))  # type: ignore[arg-type]
    ticket = await accepted(rig, message_id="p@x")
    for _ in range(2):
        long = {"reply": Reply(LONG, ignore_email=True)} if follow_up == "reply" else {"notes": (Note(LONG),)}
        await on_the_desk(rig, Modify(ticket.id, **long))  # type: ignore[arg-type]
    rig.sandbox.faults.add("cut_after", on="push", match="modify")
    one = rig.accept(message_id="r@x", references="<p@x>", text="Where is it?")
    await rig.walk_all()
    await settle(rig, 3)
    if follow_up == "reply":
        assert rig.state_of(one) is State.DELIVERED
        assert rig.doubts.resolved["found"] == 1
    else:
        assert rig.state_of(one) is State.HELD
        assert "more than can be looked through" in rig.details(one).delivery.reason
    written = [*(post.contents for post in shown(rig, ticket).posts), *(n.contents for n in shown(rig, ticket).notes)]
    assert sum("Where is it?" in text for text in written) == 1


async def test_behind_a_post_too_long_for_any_answer_a_person_is_asked(rig: Rig) -> None:
    ticket = await accepted(rig, message_id="p@x")
    rig.sandbox.faults.add("cut_after", on="push", match="modify")
    one = rig.accept(message_id="r@x", references="<p@x>")
    await rig.walk_all()
    # Its own answer is too long as well.
    await rig.desk.push(Modify(ticket.id, reply=Reply(LONG * 2, ignore_email=True)), lambda _file: [])
    await settle(rig, 3)
    assert rig.state_of(one) is State.HELD
    assert "more than can be looked through" in rig.details(one).delivery.reason
    assert len(shown(rig, ticket).posts) == 3
