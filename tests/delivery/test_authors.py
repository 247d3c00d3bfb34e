"""A follow-up is posted in its writer's name as far as the desk allows, and leaves the ticket as a person would expect."""

import dataclasses

import pytest

from gateway.delivery.policy import Policy
from gateway.desk.inspection import Ticket
from gateway.spool.records import State
from gateway.staffapi.documents import Delete, Modify, Push
from gateway.staffapi.outcome import Accepted
from support.rig import Rig, with_file

#: Says nothing about follow-ups: what happens to them are the gateway's own ways.
BARE = "rules: [{name: all, then: {create: {department: Support, status: Open, priority: Normal, type: Issue}}}]"
DUE = 1_900_000_000
CLOSED = 16
STAFF = "Jane Doe <jane.doe@example.com>"
PROOF = "Authentication-Results: mx.example.com; dmarc=pass header.from=example.com"
TRUSTING = Policy(relays=lambda peer: peer == "127.0.0.1", authserv_ids=("mx.example.com",))
CLIENT = Policy(follow_up="client", client=True)


async def on_the_desk(rig: Rig, push: Push) -> None:
    assert isinstance(await rig.desk.push(push, lambda _file: []), Accepted)


async def closed_ticket(rig: Rig, policy: Policy, rules: str = BARE) -> int:
    """A ticket that Ann has opened and staff have closed, with a deadline for the next answer."""
    rig.start(rules, policy)
    rig.accept(message_id="p@x")
    await rig.walk_all()
    [ticket] = rig.sandbox.tickets()
    await on_the_desk(rig, Modify(ticket.id, status_id=CLOSED, reply_due=DUE))
    return ticket.id


async def follow(rig: Rig, raw: bytes | None = None, **headers: str) -> Ticket:
    """The only ticket, after an answer to its first mail."""
    one = rig.accept(raw) if raw is not None else rig.accept(message_id="r@x", references="<p@x>", **headers)
    await rig.walk_all()
    assert rig.state_of(one) is State.DELIVERED, rig.details(one).delivery.reason
    [ticket] = rig.sandbox.tickets()
    return ticket


@pytest.mark.parametrize("mode", ["reply", "note"])
async def test_a_follow_up_opens_its_ticket_again_and_leaves_the_deadline(rig: Rig, mode: str) -> None:
    await closed_ticket(rig, Policy(follow_up=mode))  # type: ignore[arg-type]
    ticket = await follow(rig, text="More.")
    assert (ticket.status, ticket.replydue) == ("Open", DUE)
    assert not [each for each in ticket.outgoing if "More." in each.contents]


async def test_files_beside_a_note_are_posts_and_leave_the_deadline_too(rig: Rig) -> None:
    await closed_ticket(rig, Policy(follow_up="note"))
    ticket = await follow(rig, with_file(b"x" * 100, message_id="r@x", references="<p@x>"))
    assert [file.name for file in ticket.attachments] == ["report.pdf"]
    assert (len(ticket.notes), len(ticket.posts), ticket.replydue) == (1, 2, DUE)


@pytest.mark.parametrize(("wanted", "status"), [("keep", "Closed"), ("KEEP", "Closed"), ("In Progress", "In Progress")])
async def test_rules_say_which_status_a_follow_up_sets(rig: Rig, wanted: str, status: str) -> None:
    await closed_ticket(rig, Policy(), BARE.replace("then: {", f"then: {{on_reply: {{status: {wanted}}}, "))
    assert (await follow(rig)).status == status


@pytest.mark.parametrize("mode", ["reply", "note"])
async def test_a_machine_opens_no_ticket_again(rig: Rig, mode: str) -> None:
    await closed_ticket(rig, Policy(follow_up=mode))  # type: ignore[arg-type]
    ticket = await follow(rig, extra="Auto-Submitted: auto-replied")
    assert (ticket.status, ticket.replydue) == ("Closed", DUE)


async def test_nothing_is_set_that_is_so_already(rig: Rig) -> None:
    rig.start(BARE, Policy(follow_up="note"))
    rig.accept(message_id="p@x")
    rig.accept(message_id="r@x", references="<p@x>")
    await rig.walk_all()
    assert len(rig.sandbox.pushes) == 2


async def test_a_customers_own_post_is_his_and_the_desk_opens_the_ticket_itself(rig: Rig) -> None:
    await closed_ticket(rig, CLIENT)
    raw = with_file(b"x" * 100, message_id="r@x", references="<p@x>", sender="Ann <ANN@customer.example>")
    ticket = await follow(rig, raw)
    post = ticket.posts[-1]
    assert (post.creator, ticket.status) == ("user", "Open")
    assert post.contents.startswith("See the file.")
    assert "wrote by mail" not in post.contents
    assert [file.name for file in post.attachments] == ["report.pdf"]


async def test_more_files_than_one_post_over_the_rest_api_can_carry_follow_in_the_next(rig: Rig) -> None:
    await closed_ticket(rig, CLIENT)
    parts = "".join(
        f'--b\r\nContent-Type: text/csv; name="{n}.csv"\r\nContent-Disposition: attachment\r\n\r\n{n}\r\n'
        for n in range(23)
    )
    extra = "Content-Type: multipart/mixed; boundary=b"
    ticket = await follow(rig, text=f"{parts}--b--", extra=extra)
    assert [len(post.attachments) for post in ticket.posts] == [0, 10, 10, 3]
    assert {post.creator for post in ticket.posts} == {"user"}


@pytest.mark.parametrize("why", ["somebody else", "no key"])
async def test_who_cannot_post_as_the_customer_replies_and_the_decision_says_why(rig: Rig, why: str) -> None:
    rig.start(BARE, dataclasses.replace(CLIENT, client=why != "no key"))
    rig.accept(message_id="p@x", extra="Cc: Bob <bob@customer.example>")
    sender = "Bob <bob@customer.example>" if why == "somebody else" else "Ann <ann@customer.example>"
    one = rig.accept(message_id="r@x", references="<p@x>", sender=sender)
    await rig.walk_all()
    [ticket] = rig.sandbox.tickets()
    assert ticket.posts[1].creator == "staff"
    assert ticket.posts[1].contents.startswith(f"{sender} wrote by mail: [gw-")
    decision = rig.details(one).decision
    said = {"somebody else": "its writer is not the ticket's requester", "no key": "GATEWAY_DESK__API_KEY"}
    assert decision is not None and said[why] in decision


async def test_a_follow_up_to_a_ticket_out_of_sight_is_held_and_goes_on_once_it_is_seen(rig: Rig) -> None:
    rig.start(BARE)
    rig.accept(message_id="p@x")
    await rig.walk_all()
    rig.sandbox.assign("Support", False)
    one = rig.accept(message_id="r@x", references="<p@x>")
    await rig.walk_all()
    assert rig.state_of(one) is State.HELD
    reason = rig.details(one).delivery.reason
    [ticket] = rig.sandbox.tickets()
    assert ticket.display_id in reason and "gone" in reason and "not assigned" in reason
    assert len(ticket.posts) == 1
    rig.sandbox.assign("Support", True)
    rig.spool.retry(one).result(10)
    await rig.walk_all()
    [ticket] = rig.sandbox.tickets()
    assert len(ticket.posts) == 2


async def test_a_follow_up_to_a_ticket_out_of_sight_is_a_ticket_of_its_own_once_it_is_released(rig: Rig) -> None:
    rig.start(BARE.replace("department: Support", "department: Billing"))
    rig.accept(message_id="p@x")
    await rig.walk_all()
    rig.start(BARE)
    rig.sandbox.assign("Billing", False)
    one = rig.accept(message_id="r@x", references="<p@x>")
    await rig.walk_all()
    assert rig.state_of(one) is State.HELD
    rig.spool.release(one).result(10)
    await rig.walk_all()
    first, second = rig.sandbox.tickets()
    assert rig.state_of(one) is State.DELIVERED
    assert first.display_id in second.notes[0].contents and "does not show" in second.notes[0].contents


async def test_a_follow_up_to_a_ticket_in_trash_is_a_new_one_that_names_it(rig: Rig) -> None:
    rig.start(BARE)
    rig.accept(message_id="p@x")
    await rig.walk_all()
    [old] = rig.sandbox.tickets()
    await on_the_desk(rig, Delete(old.id))
    rig.accept(message_id="r@x", references="<p@x>")
    rig.accept(message_id="s@x", references="<p@x> <r@x>")
    await rig.walk_all()
    trashed, new = rig.sandbox.tickets()
    assert (trashed.department, len(trashed.posts)) == ("Trash", 1)
    assert old.display_id in new.notes[0].contents and "Trash" in new.notes[0].contents
    assert len(new.posts) == 2


async def test_a_mail_in_trash_without_the_fields_of_a_new_ticket_is_held(rig: Rig) -> None:
    await closed_ticket(rig, Policy())
    [old] = rig.sandbox.tickets()
    await on_the_desk(rig, Delete(old.id))
    automatic = "{name: auto, when: {kind: auto_reply, thread: known}, then: {follow_up: note}, stop: true}"
    rig.start(BARE.replace("rules: [", f"rules: [{automatic}, "))
    one = rig.accept(message_id="r@x", references="<p@x>", extra="Auto-Submitted: auto-replied")
    await rig.walk_all()
    assert rig.state_of(one) is State.HELD
    assert "no rule sets department, status, priority and type" in rig.details(one).delivery.reason


async def test_a_follow_up_to_a_merged_ticket_goes_where_it_was_merged(rig: Rig) -> None:
    rig.start(BARE)
    for name in ("p@x", "other@x"):
        rig.accept(message_id=name)
    await rig.walk_all()
    old, into = rig.sandbox.tickets()
    rig.sandbox.merge(old.id, into.id)
    one = rig.accept(message_id="r@x", references="<p@x>", text="After the merge.")
    await rig.walk_all()
    assert rig.state_of(one) is State.DELIVERED
    [left] = rig.sandbox.tickets()
    assert left.id == into.id and "After the merge." in left.posts[-1].contents
    assert rig.details(one).tickets[0].ticket_id == into.id
    decision = rig.details(one).decision
    assert decision is not None and f"merged into {into.display_id}" in decision


async def test_a_desk_that_cannot_be_asked_for_the_ticket_keeps_the_mail_waiting(rig: Rig) -> None:
    rig.start(BARE)
    rig.accept(message_id="p@x")
    await rig.walk_all()
    rig.sandbox.faults.add("cut_before", on="retrieve", count=1)
    one = rig.accept(message_id="r@x", references="<p@x>")
    [claimed] = rig.spool.claim(1, lease_seconds=60)
    await rig.walker.walk(claimed)
    assert rig.state_of(one) is State.QUEUED
    await rig.walk_all()
    assert rig.state_of(one) is State.DELIVERED
    [ticket] = rig.sandbox.tickets()
    assert len(ticket.posts) == 2


STAFF_REPLY = dataclasses.replace(TRUSTING, staff_mail="reply")
QUOTING = "My answer.\r\n\r\nOn Mon, 1 Jan 2024 at 10:00, Ann Smith <ann@customer.example> wrote:\r\n> Hello there."


def mailed(ticket: Ticket, text: str) -> list[str]:
    return [each.contents for each in ticket.outgoing if text in each.contents]


async def test_staff_mail_is_a_note_on_any_ticket_and_changes_nothing_else(rig: Rig) -> None:
    await closed_ticket(rig, TRUSTING, BARE.replace("then: {", "then: {on_reply: {status: Open}, "))
    ticket = await follow(rig, sender=STAFF, extra=PROOF, text="For us only.")
    [note] = ticket.notes
    assert note.contents.startswith(f"{STAFF} wrote by mail: [gw-") and "For us only." in note.contents
    assert (ticket.status, ticket.replydue, len(ticket.posts)) == ("Closed", DUE, 1)
    assert mailed(ticket, "For us only.") == []


async def test_files_of_a_staff_note_are_named_and_not_posted_where_the_customer_would_see_them(rig: Rig) -> None:
    await closed_ticket(rig, TRUSTING)
    raw = with_file(b"secret", sender=STAFF, message_id="r@x", references="<p@x>")
    ticket = await follow(rig, raw.replace(b"MIME-Version", PROOF.encode() + b"\r\nMIME-Version"))
    assert len(ticket.posts) == 1
    assert "report.pdf, 6 bytes" in ticket.notes[1].contents


async def test_a_staff_reply_goes_to_the_customer_without_what_it_quotes(rig: Rig) -> None:
    await closed_ticket(rig, STAFF_REPLY)
    ticket = await follow(rig, sender=STAFF, extra=PROOF, text=QUOTING)
    post = ticket.posts[-1]
    assert post.contents.startswith("My answer.") and "[gw-" in post.contents
    assert "Hello there." not in post.contents and "wrote" not in post.contents
    assert len(mailed(ticket, "My answer.")) == 1
    assert ticket.status == "Closed"


async def test_a_staff_reply_that_the_customer_has_already_is_not_mailed_again(rig: Rig) -> None:
    await closed_ticket(rig, STAFF_REPLY)
    ticket = await follow(rig, sender=STAFF, extra=PROOF, text=QUOTING, to="Ann <Ann@customer.example>")
    assert ticket.posts[-1].contents.startswith("My answer.")
    assert mailed(ticket, "My answer.") == []


@pytest.mark.parametrize("extra", ["Auto-Submitted: auto-replied", "Precedence: list"], ids=["automatic", "list"])
async def test_what_a_machine_sends_for_staff_never_goes_to_the_customer(rig: Rig, extra: str) -> None:
    await closed_ticket(rig, STAFF_REPLY)
    ticket = await follow(rig, sender=STAFF, extra=f"{PROOF}\r\n{extra}", text="I am away.")
    assert "I am away." in ticket.notes[0].contents
    assert mailed(ticket, "I am away.") == []


async def test_a_rule_may_keep_a_staff_reply_a_note(rig: Rig) -> None:
    await closed_ticket(rig, STAFF_REPLY, BARE.replace("then: {", "then: {follow_up: note, "))
    ticket = await follow(rig, sender=STAFF, extra=PROOF, text="Not for Ann.")
    assert mailed(ticket, "Not for Ann.") == [] and len(ticket.notes) == 1


@pytest.mark.parametrize(
    ("policy", "extra"),
    [
        (STAFF_REPLY, "X-Nothing: here"),
        (STAFF_REPLY, PROOF.replace("mx.example.com", "mx.evil.example")),
        (STAFF_REPLY, PROOF.replace("pass", "fail")),
        (dataclasses.replace(STAFF_REPLY, relays=lambda _peer: False), PROOF),
        (dataclasses.replace(STAFF_REPLY, authserv_ids=()), PROOF),
    ],
    ids=["no proof", "another's word", "failed", "not from the relay", "no relay named"],
)
async def test_a_staff_address_alone_reaches_no_customer_and_is_told_to_be_unproven(
    rig: Rig, policy: Policy, extra: str
) -> None:
    rig.start(BARE, policy)
    rig.accept(message_id="p@x", extra="Cc: jane.doe@example.com")
    ticket = await follow(rig, sender=STAFF, extra=extra, text="Send money.")
    assert "(an address of staff, not authenticated) wrote by mail" in ticket.posts[-1].contents
    assert mailed(ticket, "Send money.") == []


async def test_a_staff_address_without_proof_takes_part_in_no_ticket_by_itself(rig: Rig) -> None:
    await closed_ticket(rig, STAFF_REPLY)
    rig.accept(message_id="r@x", references="<p@x>", sender=STAFF)
    await rig.walk_all()
    assert len(rig.sandbox.tickets()) == 2


@pytest.mark.parametrize(("sender", "tickets"), [(STAFF, 1), ("Ann <ann@customer.example>", 2)])
async def test_staff_mail_stays_on_its_ticket_where_customers_get_new_ones(rig: Rig, sender: str, tickets: int) -> None:
    await closed_ticket(rig, dataclasses.replace(TRUSTING, follow_up="create"))
    rig.accept(message_id="r@x", references="<p@x>", sender=sender, extra=PROOF)
    await rig.walk_all()
    assert len(rig.sandbox.tickets()) == tickets
