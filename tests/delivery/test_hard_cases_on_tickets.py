"""Replies that a desk cuts, loses files of, or that staff have answered meanwhile: the ticket ends whole, and as staff left it."""

import dataclasses
import hashlib

import pytest
from structlog.testing import capture_logs

from gateway.delivery.policy import Policy
from gateway.desk import parts
from gateway.desk.inspection import Ticket
from gateway.desk.visit import PlainCrash
from gateway.spool.records import State
from gateway.staffapi.documents import Delete, Modify, Push, Reply
from gateway.staffapi.outcome import Accepted
from support.rig import Rig, with_file

BARE = "rules: [{name: all, then: {create: {department: Support, status: Open, priority: Normal, type: Issue}}}]"
DUE = 1_900_000_000
CLOSED = 16
STAFF = "Jane Doe <jane.doe@example.com>"
PROOF = "Authentication-Results: mx.example.com; dmarc=pass header.from=example.com"
STAFF_REPLY = Policy(relays=lambda peer: peer == "127.0.0.1", authserv_ids=("mx.example.com",), staff_mail="reply")
CLIENT = Policy(follow_up="client", client=True)
UTF8 = "Content-Type: text/plain; charset=utf-8"
CUT = "Thanks \U0001f600 and now the important part."
CONTENT = b"%PDF" + bytes(range(256)) * 20
FOLLOW = {"message_id": "r@x", "references": "<p@x>"}


async def settle(rig: Rig, rounds: int = 6) -> None:
    for _ in range(rounds):
        rig.clock.now += 121
        await rig.walk_all()


async def on_the_desk(rig: Rig, push: Push) -> None:
    assert isinstance(await rig.desk.push(push, lambda _file: []), Accepted)


async def closed_ticket(rig: Rig, policy: Policy) -> int:
    """A ticket that Ann has opened and staff have closed, with a deadline for the next answer."""
    rig.start(BARE, policy)
    rig.accept(message_id="p@x")
    await rig.walk_all()
    [ticket] = rig.sandbox.tickets()
    await on_the_desk(rig, Modify(ticket.id, status_id=CLOSED, reply_due=DUE))
    return ticket.id


async def delivered(rig: Rig, raw: bytes | None = None, **headers: str) -> Ticket:
    """The only ticket, after one more mail and all its doubts."""
    one = rig.accept(raw, **headers)
    await rig.walk_all()
    await settle(rig)
    assert rig.state_of(one) is State.DELIVERED, rig.details(one).delivery.reason
    [ticket] = rig.sandbox.tickets()
    return ticket


def cuts_at_emoji(rig: Rig) -> None:
    rig.sandbox.dialect = dataclasses.replace(rig.sandbox.dialect, utf8mb3=True, encodes_emoji=False)


def mailed(ticket: Ticket, text: str) -> list[str]:
    return [each.contents for each in ticket.outgoing if text in each.contents]


def proven(raw: bytes) -> bytes:
    return raw.replace(b"MIME-Version", PROOF.encode() + b"\r\nMIME-Version")


# Texts cut at an emoji


@pytest.mark.parametrize("marker", ["tag", "line"])
async def test_a_new_ticket_cut_at_an_emoji_is_found_and_its_whole_text_noted(rig: Rig, marker: str) -> None:
    rig.start(BARE, Policy(marker=marker))  # type: ignore[arg-type]
    cuts_at_emoji(rig)
    rig.sandbox.faults.add("cut_after", on="push", match="create")
    ticket = await delivered(rig, text=CUT, extra=UTF8)
    assert len(ticket.posts) == 1
    assert ["the important part." in note.contents for note in ticket.notes] == [True]


@pytest.mark.parametrize(
    ("policy", "lost"),
    [(Policy(), "push"), (Policy(), ""), (CLIENT, "rest")],
    ids=["reply", "reply answered", "client"],
)
async def test_a_follow_up_cut_at_an_emoji_is_there_once_and_its_whole_text_noted(
    rig: Rig, policy: Policy, lost: str
) -> None:
    if not lost and not rig.sandbox.dialect.full_answers:
        pytest.skip("the documented answer does not show what the desk has kept")
    await closed_ticket(rig, policy)
    cuts_at_emoji(rig)
    if lost:
        rig.sandbox.faults.add("cut_after", on=lost)
    ticket = await delivered(rig, text=CUT, extra=UTF8, **FOLLOW)
    assert sum("Thanks" in post.contents for post in ticket.posts) == 1
    assert ["the important part." in note.contents for note in ticket.notes] == [True]


async def test_a_staff_reply_cut_at_an_emoji_is_mailed_once_and_its_whole_text_noted(rig: Rig) -> None:
    await closed_ticket(rig, STAFF_REPLY)
    cuts_at_emoji(rig)
    rig.sandbox.faults.add("cut_after", on="push", match="modify")
    ticket = await delivered(rig, text=CUT, sender=STAFF, extra=f"{PROOF}\r\n{UTF8}", **FOLLOW)
    assert len(ticket.posts) == 2
    assert len(mailed(ticket, "Thanks")) == 1
    assert ["the important part." in note.contents for note in ticket.notes] == [True]


async def test_a_note_on_the_cut_text_that_the_desk_refuses_holds_nothing_up(rig: Rig) -> None:
    rig.start(BARE)
    cuts_at_emoji(rig)
    rig.sandbox.denied = {"staff_tcanupateticketnote"}
    rig.sandbox.faults.add("cut_after", on="push", match="create")
    ids = [rig.accept(text=CUT, extra=UTF8, message_id="p@x"), rig.accept(**FOLLOW)]
    await rig.walk_all()
    await settle(rig)
    assert [rig.state_of(each) for each in ids] == [State.DELIVERED] * 2
    assert rig.details(ids[0]).attempts[-1].reason.startswith("the desk refused this change:")


# Files


async def test_files_of_a_customers_post_that_were_lost_follow_as_the_customers(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    await closed_ticket(rig, CLIENT)

    def lose_once(*_: object) -> None:
        monkeypatch.undo()

    monkeypatch.setattr(parts, "add_file", lose_once)
    rig.sandbox.faults.add("cut_after", on="rest")
    ticket = await delivered(rig, with_file(CONTENT, **FOLLOW))
    assert [post.creator for post in ticket.posts] == ["user"] * 3
    assert sum("See the file." in post.contents for post in ticket.posts) == 1
    assert [file.sha256 for file in ticket.posts[2].attachments] == [hashlib.sha256(CONTENT).hexdigest()]


async def test_files_are_not_sent_again_because_staff_have_quoted_the_marker(rig: Rig) -> None:
    ticket_id = await closed_ticket(rig, Policy())
    rig.sandbox.faults.add("cut_after", on="push", match="modify")
    one = rig.accept(with_file(CONTENT, **FOLLOW))
    await rig.walk_all()
    [ticket] = rig.sandbox.tickets()
    await on_the_desk(rig, Modify(ticket_id, reply=Reply(f"> {ticket.posts[-1].contents}\n\nThank you.")))
    await settle(rig)
    assert rig.state_of(one) is State.DELIVERED
    [ticket] = rig.sandbox.tickets()
    assert [len(post.attachments) for post in ticket.posts] == [0, 1, 0]


@pytest.mark.parametrize(
    ("to", "mails"), [("support@desk.example", 1), ("Ann <ann@customer.example>", 0)], ids=["by the desk", "by staff"]
)
async def test_lost_files_of_a_staff_reply_follow_by_mail_where_the_reply_itself_goes_by_mail(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, to: str, mails: int
) -> None:
    if rig.sandbox.dialect.strict:
        pytest.skip("the documented desk does all of a node or nothing")
    await closed_ticket(rig, STAFF_REPLY)

    def die_once(*_: object) -> None:
        monkeypatch.undo()
        raise PlainCrash("No space left on device")

    monkeypatch.setattr(parts, "add_attachments", die_once)
    ticket = await delivered(rig, proven(with_file(CONTENT, sender=STAFF, to=to, **FOLLOW)))
    assert [len(post.attachments) for post in ticket.posts] == [0, 0, 1]
    assert len(mailed(ticket, "report.pdf")) == mails


# What staff do meanwhile


@pytest.mark.parametrize("answered", [True, False], ids=["staff have answered", "nobody has"])
async def test_status_and_deadline_are_restored_unless_staff_have_answered_since(rig: Rig, answered: bool) -> None:
    ticket_id = await closed_ticket(rig, Policy())
    rig.sandbox.faults.add("cut_after", on="push", match="modify")
    one = rig.accept(**FOLLOW)
    await rig.walk_all()
    rig.clock.now += 60
    if answered:
        await on_the_desk(rig, Modify(ticket_id, reply=Reply("Solved.")))
        await on_the_desk(rig, Modify(ticket_id, status_id=CLOSED))
    await settle(rig)
    assert rig.state_of(one) is State.DELIVERED
    [ticket] = rig.sandbox.tickets()
    assert (ticket.status, ticket.replydue) == (("Closed", 0) if answered else ("Open", DUE))


async def test_a_property_change_that_waited_an_hour_leaves_what_staff_have_set(rig: Rig) -> None:
    ticket_id = await closed_ticket(rig, Policy())
    rig.sandbox.faults.add("status", on="push", match="replydue", status=502)
    one = rig.accept(**FOLLOW)
    [claimed] = rig.spool.claim(1, lease_seconds=60)
    await rig.walker.walk(claimed)
    await on_the_desk(rig, Modify(ticket_id, reply=Reply("Solved.")))
    await on_the_desk(rig, Modify(ticket_id, status_id=CLOSED))
    rig.clock.now += 3700
    rig.state.answered()
    await rig.walk_all()
    assert rig.state_of(one) is State.DELIVERED
    [ticket] = rig.sandbox.tickets()
    assert (ticket.status, ticket.replydue) == ("Closed", 0)


async def test_what_a_staff_member_only_quotes_is_a_note(rig: Rig) -> None:
    await closed_ticket(rig, STAFF_REPLY)
    quoted = "On Mon, 1 Jan 2024 at 10:00, Boss <boss@example.com> wrote:\r\n> INTERNAL: we have lost her data."
    ticket = await delivered(rig, text=quoted, sender=STAFF, extra=PROOF, **FOLLOW)
    assert ["INTERNAL" in note.contents for note in ticket.notes] == [True]
    assert mailed(ticket, "INTERNAL") == []
    assert len(ticket.posts) == 1


async def test_a_reply_to_a_ticket_that_was_trashed_meanwhile_is_told(rig: Rig) -> None:
    ticket_id = await closed_ticket(rig, Policy())
    rig.sandbox.faults.add("status", on="push", status=429)
    one = rig.accept(**FOLLOW)
    [claimed] = rig.spool.claim(1, lease_seconds=60)
    await rig.walker.walk(claimed)
    await on_the_desk(rig, Delete(ticket_id))
    rig.clock.now += 3700
    with capture_logs() as events:
        await rig.walk_all()
    [ticket] = rig.sandbox.tickets()
    assert (rig.state_of(one), ticket.department, len(ticket.posts)) == (State.DELIVERED, "Trash", 2)
    told = [event["text"] for event in events if event["event"] == "push.incomplete"]
    assert any("Trash" in text for text in told)
