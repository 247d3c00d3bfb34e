"""One mail, the facts and the rules in; the decision and, where something is to be pushed, the plan out. Pure.

Between `decide_on` and `plan_on` the worker asks the desk for the ticket that a follow-up is for, and `see_ticket` has its
say. `gateway explain` comes through here too, without the question: what is explained is what would be sent.
"""

from collections.abc import Callable
from dataclasses import replace

from pydantic import TypeAdapter

from gateway.delivery.authors import Standing, way_of
from gateway.delivery.plan import Plan, make_plan
from gateway.delivery.policy import Policy
from gateway.delivery.words import lost_ticket_note, shown
from gateway.mail.envelope import Envelope
from gateway.mail.message import Message
from gateway.routing.decide import decide
from gateway.routing.decision import Decision, Facts, NoteField, TicketRef
from gateway.routing.forms import in_words
from gateway.routing.results import REQUIRED
from gateway.routing.rulebook import RuleBook
from gateway.staffapi.directory import Directory
from gateway.staffapi.outcome import Ticket

DECISION = TypeAdapter(Decision)
#: `Ticket.department_id` of a ticket in Trash.
_TRASH = 0


def decide_on(
    book: RuleBook,
    envelope: Envelope,
    message: Message,
    raw: bytes,
    facts: Facts,
    *,
    policy: Policy,
    standing: Standing = "outsider",
) -> Decision:
    """What the rules and the follow-up mode make of a mail."""
    decision = decide(book, envelope, message, replace(facts, size=len(raw)))
    mode = decision.fields.follow_up or policy.follow_up
    # Mail of staff is never a ticket of its own but where a rule says so, which `decide` has seen to.
    if decision.action == "follow_up" and mode == "create" and standing != "staff":
        return _as_new(decision, "Follow-ups are set to be new tickets.")
    return decision


def see_ticket(decision: Decision, current: Ticket | None, *, released: bool) -> Decision:
    """A decision to follow up, once the desk was asked for the ticket: `current` is what it showed, None for nothing."""
    thread = decision.thread
    if decision.action != "follow_up" or thread is None:
        return decision
    ticket = shown(thread.ticket)
    if current is None and not released:
        why = (
            f"The desk does not show ticket {ticket}, to which this mail belongs: it is gone, or it is in a department that "
            "the gateway's account is not assigned to. Assign the account to that department and retry this mail, or "
            "release it to make a new ticket of it."
        )
        return replace(decision, action="hold", thread=None, reasons=(why, *decision.reasons))
    if current is None:
        note = lost_ticket_note(thread, "the desk does not show")
        return _as_new(decision, f"The desk does not show ticket {ticket}: released to be a new one.", note)
    if current.department_id == _TRASH:
        note = lost_ticket_note(thread, "is in the desk's Trash")
        return _as_new(decision, f"Ticket {ticket} is in the desk's Trash: a new one.", note)
    if current.id == thread.ticket.ticket_id:
        return decision
    merged = TicketRef(current.id, current.display_id or "")
    return replace(
        decision,
        thread=replace(thread, ticket=merged),
        reasons=(*decision.reasons, f"Ticket {ticket} has been merged into {shown(merged)}, which it goes to."),
    )


def plan_on(
    decision: Decision,
    envelope: Envelope,
    message: Message,
    raw: bytes,
    *,
    delivery_id: int,
    directory: Directory,
    policy: Policy,
    random_bytes: Callable[[int], bytes],
    standing: Standing = "outsider",
    current: Ticket | None = None,
) -> tuple[Decision, Plan | None]:
    """The plan is None where the decision is to hold or to discard; the decision may have gained reasons.

    `current` is the ticket of a follow-up as `see_ticket` has seen it, None where the desk was not asked. Raises
    UnknownName for names the desk lacks.
    """
    if decision.action in ("hold", "discard"):
        return decision, None
    follows = decision.action == "follow_up"
    way, why = way_of(decision, message, standing, current, policy) if follows else ("reply", ())
    plan = make_plan(
        decision,
        envelope,
        message,
        raw,
        delivery_id=delivery_id,
        directory=directory,
        policy=policy,
        random_bytes=random_bytes,
        way=way,
        standing=standing,
        current=current if follows else None,
    )
    return replace(decision, reasons=(*decision.reasons, *why)), plan


def _as_new(decision: Decision, why: str, note: str = "") -> Decision:
    """A follow-up made a ticket of its own; held where no rule says what that would look like."""
    missing = [name for name in REQUIRED if getattr(decision.fields.create, name) is None]
    if missing:
        said = f"{why} But no rule sets {in_words(missing)} for it; add them to its `create`, then retry this mail."
        return replace(decision, action="hold", thread=None, reasons=(said, *decision.reasons))
    notes = (*decision.fields.notes, *([NoteField(note)] if note else []))
    return replace(
        decision,
        action="create",
        thread=None,
        fields=replace(decision.fields, notes=notes),
        reasons=(*decision.reasons, why),
    )
