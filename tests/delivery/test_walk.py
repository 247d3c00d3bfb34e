"""Whatever happens between a claim and its end, a mail is on the desk once, or waits with a reason."""

import asyncio
import dataclasses
import hashlib

import pytest

from gateway.delivery.plan import Policy
from gateway.mail.message import Message
from gateway.spool.records import Claimed, State
from gateway.spool.spool import Spool
from gateway.spool.states import Held
from support.rig import Rig, with_file


async def test_a_mail_becomes_a_ticket(rig: Rig) -> None:
    one = rig.accept(subject="=?utf-8?q?Gr=C3=BC=C3=9Fe?=")
    await rig.walk_all()
    [ticket] = rig.sandbox.tickets()
    assert ticket.subject == "Grüße"
    assert (ticket.fullname, ticket.email) == ("Ann Smith", "ann@customer.example")
    assert (ticket.department, ticket.status, ticket.priority, ticket.type) == ("Support", "Open", "Normal", "Issue")
    assert "Hello there." in ticket.posts[0].contents
    assert "mail" in ticket.tags
    assert rig.state_of(one) is State.DELIVERED
    assert rig.details(one).tickets[0].ticket_id == ticket.id


async def test_an_attachment_arrives_byte_for_byte(rig: Rig) -> None:
    content = bytes(range(256)) * 500
    rig.accept(with_file(content, subject="With a file"))
    await rig.walk_all()
    [ticket] = rig.sandbox.tickets()
    [attachment] = ticket.attachments
    assert (attachment.name, attachment.size) == ("report.pdf", len(content))
    assert attachment.sha256 == hashlib.sha256(content).hexdigest()


async def test_a_reply_goes_onto_its_ticket_and_opens_it_again(rig: Rig) -> None:
    rig.accept(message_id="p@x")
    rig.accept(message_id="r@x", references="<p@x>", text="One more thing.")
    await rig.walk_all()
    [ticket] = rig.sandbox.tickets()
    assert len(ticket.posts) == 2
    assert "One more thing." in ticket.posts[1].contents
    assert ticket.posts[1].contents.startswith("Ann Smith <ann@customer.example> wrote by mail: [gw-")
    assert not any(mail.contents == ticket.posts[1].contents for mail in ticket.outgoing)


async def test_a_reply_that_comes_before_its_parent_ends_on_the_same_ticket(rig: Rig) -> None:
    rig.accept(message_id="r@x", references="<p@x>")
    rig.accept(message_id="p@x")
    await rig.walk_all()
    [ticket] = rig.sandbox.tickets()
    assert len(ticket.posts) == 2


async def test_a_stranger_who_names_a_mail_of_a_ticket_gets_a_ticket_of_his_own(rig: Rig) -> None:
    rig.accept(message_id="p@x")
    rig.accept(message_id="e@x", references="<p@x>", sender="Eve <eve@elsewhere.example>")
    await rig.walk_all()
    first, second = rig.sandbox.tickets()
    assert len(first.posts) == 1
    assert second.email == "eve@elsewhere.example"
    assert first.display_id in second.notes[0].contents


async def test_somebody_in_cc_takes_part(rig: Rig) -> None:
    rig.accept(message_id="p@x", extra="Cc: Bob <bob@customer.example>")
    rig.accept(message_id="r@x", references="<p@x>", sender="Bob <BOB@customer.example>")
    await rig.walk_all()
    [ticket] = rig.sandbox.tickets()
    assert len(ticket.posts) == 2


async def test_nobody_takes_part_by_writing_the_served_address_into_from(rig: Rig) -> None:
    rig.accept(message_id="p@x")
    rig.accept(message_id="e@x", references="<p@x>", sender="Support <support@desk.example>")
    await rig.walk_all()
    assert len(rig.sandbox.tickets()) == 2


@pytest.mark.parametrize("fault", ["cut_after", "truncated", "plain_crash_after", "status_after"])
@pytest.mark.parametrize("kind", ["create", "reply"])
async def test_a_lost_answer_is_looked_up_and_nothing_is_sent_twice(rig: Rig, fault: str, kind: str) -> None:
    if kind == "reply":
        rig.accept(message_id="p@x")
        await rig.walk_all()
    rig.sandbox.faults.add(fault, on="push")
    one = rig.accept(message_id="r@x", references="<p@x>")
    await rig.walk_all()
    assert rig.state_of(one) is State.QUEUED
    assert rig.details(one).delivery.in_doubt
    rig.clock.now += 60
    assert await rig.walk_all() == []
    rig.clock.now += 61
    for _ in range(3):
        await rig.walk_all()
        rig.clock.now += 130
    assert rig.state_of(one) is State.DELIVERED
    [ticket] = rig.sandbox.tickets()
    assert len(ticket.posts) == (2 if kind == "reply" else 1)
    assert "adopted" in [attempt.outcome for attempt in rig.details(one).attempts]


@pytest.mark.parametrize("kind", ["create", "reply"])
async def test_a_push_that_was_lost_on_the_way_is_sent_again_after_two_look_ups(rig: Rig, kind: str) -> None:
    if kind == "reply":
        rig.accept(message_id="p@x")
        await rig.walk_all()
    rig.accept(message_id="another@x")
    await rig.walk_all()
    rig.sandbox.faults.add("cut_before", on="push")
    one = rig.accept(message_id="r@x", references="<p@x>")
    await rig.walk_all()
    for seconds in (121, 121, 29, 2):
        rig.clock.now += seconds
        await rig.walk_all()
    assert rig.state_of(one) is State.DELIVERED
    assert [attempt.outcome for attempt in rig.details(one).attempts][:2] == ["absent", "accepted"]
    posts = sorted(len(ticket.posts) for ticket in rig.sandbox.tickets())
    assert posts == ([1, 2] if kind == "reply" else [1, 1])


async def test_a_process_that_died_after_the_push_is_taken_over_without_a_second_ticket(rig: Rig) -> None:
    one = rig.accept()
    [claimed] = await asyncio.to_thread(rig.spool.claim, 1, lease_seconds=60)
    rig.sandbox.faults.add("slow_after", on="push", match="create", seconds=30)
    walk = asyncio.create_task(rig.walker.walk(claimed))
    async with asyncio.timeout(10):
        while not rig.sandbox.tickets():  # noqa: ASYNC110 - the desk says nothing when it has made one
            await asyncio.sleep(0)
    walk.cancel()
    await asyncio.gather(walk, return_exceptions=True)
    rig.sandbox.faults.clear()
    rig.start()
    assert rig.spool.take_back(own=True).result(10) == (1, 1)
    for _ in range(4):
        rig.clock.now += 121
        await rig.walk_all()
    assert rig.state_of(one) is State.DELIVERED
    assert len(rig.sandbox.tickets()) == 1


async def test_a_session_that_ended_costs_one_login_and_no_ticket(rig: Rig) -> None:
    rig.accept()
    await rig.walk_all()
    rig.sandbox.expire_sessions()
    rig.accept()
    rig.clock.now += 31
    await rig.walk_all()
    assert len(rig.sandbox.tickets()) == 2
    assert len(rig.sandbox.logins) == 2


async def test_a_desk_that_is_away_keeps_mail_queued_with_its_due_date(rig: Rig) -> None:
    rig.sandbox.faults.add("cut_before", on="login", count=100)
    one = rig.accept()
    due = rig.details(one).delivery.due_at
    [claimed] = await asyncio.to_thread(rig.spool.claim, 1, lease_seconds=60)
    await rig.walker.walk(claimed)
    delivery = rig.details(one).delivery
    assert (delivery.state, delivery.due_at) == (State.QUEUED, due)
    assert rig.state.allowance(4) == 0
    rig.sandbox.faults.clear()
    rig.clock.now += 1300
    await rig.walk_all()
    assert rig.state_of(one) is State.DELIVERED


async def test_a_name_the_desk_lacks_holds_the_mail_and_says_which(rig: Rig) -> None:
    rig.start(
        "rules: [{name: all, then: {create: {department: Nowhere, status: Open, priority: Normal, type: Issue}}}]"
    )
    one = rig.accept()
    await rig.walk_all()
    assert rig.state_of(one) is State.HELD
    assert "Nowhere" in rig.details(one).delivery.reason
    assert rig.sandbox.tickets() == []


async def test_a_department_out_of_sight_gets_no_ticket(rig: Rig) -> None:
    rig.start(
        "rules: [{name: all, then: {create: {department: Private, status: Open, priority: Normal, type: Issue}}}]"
    )
    one = rig.accept()
    await rig.walk_all()
    assert rig.state_of(one) is State.HELD
    assert rig.sandbox.tickets() == []


@pytest.mark.parametrize(("verb", "state"), [("hold", State.HELD), ("discard", State.DISCARDED)])
async def test_rules_may_hold_and_discard(rig: Rig, verb: str, state: State) -> None:
    rig.start(f"rules: [{{name: all, then: {{{verb}: a person wants it so}}}}]")
    one = rig.accept()
    await rig.walk_all()
    assert rig.state_of(one) is state
    details = rig.details(one)
    assert "a person wants it so" in details.delivery.reason
    assert details.decision is not None and f'"action":"{verb}"' in details.decision
    assert rig.sandbox.pushes == []


async def test_shadow_mode_decides_and_pushes_nothing(rig: Rig) -> None:
    rig.start(shadow=True)
    one = rig.accept()
    await rig.walk_all()
    assert rig.state_of(one) is State.DISCARDED
    details = rig.details(one)
    assert "shadow" in details.delivery.reason
    assert details.decision is not None and '"action":"create"' in details.decision
    assert rig.sandbox.pushes == []


async def test_a_mail_that_kills_its_reader_is_a_ticket_with_the_mail_in_it(rig: Rig) -> None:
    def die(raw: bytes) -> Message:
        raise RecursionError("too deep")

    rig.read = die
    raw = with_file(b"x" * 1000, subject="Deep")
    one = rig.accept(raw)
    await rig.walk_all()
    assert rig.state_of(one) is State.DELIVERED
    [ticket] = rig.sandbox.tickets()
    assert ticket.subject == "Deep"
    assert ticket.attachments[0].sha256 == hashlib.sha256(raw).hexdigest()


async def test_files_beyond_one_post_follow_and_the_largest_is_named(rig: Rig) -> None:
    rig.start(policy=Policy(max_file=90_000, max_post=130_000))
    parts = "".join(
        f'--b\r\nContent-Type: application/x-data; name="{name}"\r\nContent-Disposition: attachment\r\n\r\n{fill * size}\r\n'
        for name, fill, size in (("a.bin", "a", 60_000), ("b.bin", "b", 60_000), ("c.bin", "c", 100_000))
    )
    rig.accept(text=f"{parts}--b--", extra="Content-Type: multipart/mixed; boundary=b")
    await rig.walk_all()
    [ticket] = rig.sandbox.tickets()
    assert [(each.name, each.size) for each in ticket.attachments] == [("a.bin", 60_000), ("b.bin", 60_000)]
    assert len(ticket.posts) == 2
    [note] = ticket.notes
    assert "c.bin" in note.contents and hashlib.sha256(b"c" * 100_000).hexdigest() in note.contents


@pytest.mark.parametrize("mode", ["note", "create"])
async def test_follow_ups_in_other_modes(rig: Rig, mode: str) -> None:
    rig.start(policy=Policy(follow_up=mode))  # type: ignore[arg-type]
    rig.accept(message_id="p@x")
    rig.accept(message_id="r@x", references="<p@x>", text="Second.")
    await rig.walk_all()
    tickets = rig.sandbox.tickets()
    if mode == "note":
        [ticket] = tickets
        assert len(ticket.posts) == 1
        assert "Second." in ticket.notes[0].contents
    else:
        assert [len(ticket.posts) for ticket in tickets] == [1, 1]


async def test_a_plan_outlives_the_rules_it_was_made_by(rig: Rig) -> None:
    rig.accept()
    await rig.walk_all()
    rig.sandbox.faults.add("cut_before", on="push")
    one = rig.accept()
    await rig.walk_all()
    rig.start("rules: [{name: all, then: {discard: changed my mind}}]")
    for seconds in (121, 121, 31, 121):
        rig.clock.now += seconds
        await rig.walk_all()
    assert rig.state_of(one) is State.DELIVERED
    assert len(rig.sandbox.tickets()) == 2


async def test_a_mail_held_by_a_rule_goes_on_when_it_is_released_and_stays_held_when_it_is_only_retried(
    rig: Rig,
) -> None:
    held = "rules: [{name: odd, when: {subject: Odd}, then: {hold: a person decides}}, "
    rig.start(held + "{name: all, then: {create: {department: Support, status: Open, priority: Normal, type: Issue}}}]")
    one = rig.accept(subject="Odd")
    await rig.walk_all()
    rig.spool.retry(one).result(10)
    await rig.walk_all()
    assert rig.state_of(one) is State.HELD
    rig.spool.release(one).result(10)
    await rig.walk_all()
    assert rig.state_of(one) is State.DELIVERED
    assert len(rig.sandbox.tickets()) == 1


async def test_a_parent_from_somebody_new_joins_the_answer_that_was_quicker(rig: Rig) -> None:
    rig.accept(message_id="r@x", references="<p@x>", sender="Bob <bob@customer.example>")
    await rig.walk_all()
    rig.accept(message_id="p@x", sender="Ann <ann@customer.example>")
    await rig.walk_all()
    [ticket] = rig.sandbox.tickets()
    assert len(ticket.posts) == 2


async def test_a_doubt_of_another_node_is_looked_up_too(rig: Rig) -> None:
    rig.accept(message_id="warm@up")
    await rig.walk_all()
    rig.sandbox.faults.add("cut_after", on="push")
    other = Spool(str(rig.spool._engine.url), node="two", clock=rig.clock)
    one = rig.accept()
    [claimed] = other.claim(1, lease_seconds=60)
    await rig.walker.walk(claimed)  # writes its attempt under the other node's claim
    other.close()
    rig.clock.now += 1000
    for _ in range(6):
        await rig.walk_all()
        rig.clock.now += 121
    assert rig.state_of(one) is State.DELIVERED
    assert len(rig.sandbox.tickets()) == 2


async def test_notes_of_rules_keep_type_and_colour_on_follow_ups(rig: Rig) -> None:
    rig.start(
        "rules: [{name: all, then: {note: {text: a VIP, type: user, colour: 3}, "
        "create: {department: Support, status: Open, priority: Normal, type: Issue}}}]"
    )
    rig.accept(message_id="p@x")
    rig.accept(message_id="r@x", references="<p@x>")
    await rig.walk_all()
    [ticket] = rig.sandbox.tickets()
    assert [(note.type, note.notecolor) for note in ticket.notes] == [("user", 3)] * 2


async def test_what_the_desk_refused_is_decided_anew_when_it_is_retried(rig: Rig) -> None:
    rig.accept()
    await rig.walk_all()
    # The desk no longer knows a status that the directory of a minute ago still has.
    directory = await rig.walker._names.current()
    wrong = tuple(dataclasses.replace(each, id=4711) for each in directory.priorities)
    rig.walker._names._directory = dataclasses.replace(directory, priorities=wrong)
    one = rig.accept()
    await rig.walk_all()
    assert rig.state_of(one) is State.HELD
    assert "the desk refused it" in rig.details(one).delivery.reason
    rig.start()
    rig.spool.retry(one).result(10)
    await rig.walk_all()
    assert rig.state_of(one) is State.DELIVERED
    assert rig.details(one).delivery.generation == 2


async def test_an_answer_without_our_ticket_is_never_sent_again_even_if_nobody_can_be_asked(rig: Rig) -> None:
    rig.accept()
    await rig.walk_all()
    rig.sandbox.denied = {"staff_tcaninsertticket"}
    rig.sandbox.faults.add("cut_before", on="retrieve", count=100)
    one = rig.accept()
    before = len(rig.sandbox.pushes)
    for _ in range(5):
        await rig.walk_all()
        rig.clock.now += 200
    assert rig.state_of(one) is State.HELD
    assert len(rig.sandbox.pushes) == before + 1


async def test_a_fault_of_ours_in_the_middle_of_a_push_holds_and_a_release_looks_first(rig: Rig) -> None:
    one = rig.accept()
    [claimed] = await asyncio.to_thread(rig.spool.claim, 1, lease_seconds=60)
    rig.spool.begin(claimed, 1, plan=await plan_of(rig, claimed), lease_seconds=300).result(10)
    rig.spool.settle(claimed, Held("a fault")).result(10)
    rig.spool.release(one).result(10)
    for _ in range(6):
        await rig.walk_all()
        rig.clock.now += 121
    assert rig.state_of(one) is State.DELIVERED
    assert [attempt.outcome for attempt in rig.details(one).attempts] == ["absent", "accepted"]


async def plan_of(rig: Rig, claimed: Claimed) -> tuple[str, str]:
    decided = await rig.walker._decide(claimed)
    assert decided is not None
    return decided[1]


async def test_a_mail_that_alone_fails_does_not_stop_the_others(rig: Rig) -> None:
    rig.sandbox.faults.add("redirect", on="push", match="Poison", count=1000)
    poison = rig.accept(subject="Poison")
    others = [rig.accept() for _ in range(3)]
    for _ in range(8):
        for claimed in await asyncio.to_thread(rig.spool.claim, 1, lease_seconds=60):
            await rig.walker.walk(claimed)
        rig.clock.now += 31
        rig.state.answered()  # what the worker's probe finds
    assert [rig.state_of(each) for each in others] == [State.DELIVERED] * 3
    assert rig.state_of(poison) is State.QUEUED


async def test_a_step_that_is_answered_without_its_ticket_is_looked_up_on_the_ticket_made_just_before(rig: Rig) -> None:
    rig.start(policy=Policy(max_file=90_000, max_post=130_000))
    rig.sandbox.denied = {"staff_tcanupateticket"}
    parts = "".join(
        f'--b\r\nContent-Type: application/x-data; name="{name}"\r\nContent-Disposition: attachment\r\n\r\n{"a" * 60_000}\r\n'
        for name in ("a.bin", "b.bin")
    )
    one = rig.accept(text=f"{parts}--b--", extra="Content-Type: multipart/mixed; boundary=b")
    await rig.walk_all()
    assert rig.state_of(one) is State.HELD
    assert "fault" not in rig.details(one).delivery.reason
    [ticket] = rig.sandbox.tickets()
    assert len(ticket.posts) == 1


async def test_nobody_is_awaited_under_an_id_that_was_named_long_ago(rig: Rig) -> None:
    rig.accept(message_id="fw@x", references="<phish@evil.example>")
    await rig.walk_all()
    rig.clock.now += 3600
    rig.accept(message_id="phish@evil.example", sender="Eve <eve@evil.example>")
    await rig.walk_all()
    assert [len(ticket.posts) for ticket in rig.sandbox.tickets()] == [1, 1]


async def test_no_address_served_here_takes_part_by_being_in_cc(rig: Rig) -> None:
    rig.start(policy=Policy(served=lambda address: address.endswith("@desk.example")))
    rig.accept(message_id="p@x", extra="Cc: billing@desk.example")
    rig.accept(message_id="e@x", references="<p@x>", sender="billing@desk.example")
    await rig.walk_all()
    assert len(rig.sandbox.tickets()) == 2
