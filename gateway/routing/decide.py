"""Rules, envelope, message and facts in -> Decision out, with the trail of every rule tried. Pure."""

from gateway.mail.envelope import Envelope
from gateway.mail.message import Message
from gateway.routing.conditions import cut, holds
from gateway.routing.decision import Action, ConditionResult, Decision, Facts, Fields, RuleTrial, Thread
from gateway.routing.forms import in_words
from gateway.routing.looks import Mail
from gateway.routing.results import REQUIRED, Merging
from gateway.routing.rulebook import Rule, RuleBook


def decide(book: RuleBook, envelope: Envelope, message: Message, facts: Facts) -> Decision:
    """Read the rules top down, then let the thread turn a new ticket into a follow-up. Never raises for any mail."""
    mail = Mail(envelope, message, facts)
    merging = Merging()
    tried: list[RuleTrial] = []
    hit: list[str] = []
    passed: list[Rule] = []
    end: Rule | None = None
    for rule in book.rules:
        conditions: list[ConditionResult] = []
        held = rule.when is None or holds(rule.when, mail, conditions)
        tried.append(RuleTrial(rule.name, _place(rule), held, tuple(conditions)))
        if not held:
            continue
        hit.append(rule.name)
        merging.add(rule.results.settings, rule.name, override=rule.override)
        if facts.released and rule.results.hold is not None:
            passed.append(rule)
        elif rule.ends:
            end = rule
            break
    fields = merging.fields()
    thread, claimed = None, None
    if end and end.held_or_discarded:
        action, reasons = _ended(end)
    else:
        action, reasons, thread, claimed = _threaded(fields, facts.thread, released=facts.released)
        reasons = (*reasons, *(f"Rule {each.name} would hold it, but an operator has released it." for each in passed))
        if action == "create" and (missing := [name for name in REQUIRED if getattr(fields.create, name) is None]):
            action, claimed = "hold", None
            reasons = (
                f"No rule sets {in_words(missing)} for this mail; add a last rule without `when`, then release it.",
                *reasons,
            )
    return Decision(
        action=action,
        fields=fields,
        thread=thread,
        rules_tried=tuple(tried),
        rules_hit=tuple(hit),
        reasons=reasons,
        claimed=claimed,
        set_by=merging.origins(),
    )


def _place(rule: Rule) -> str:
    return f"{rule.place.path}:{rule.place.line}"


def _ended(rule: Rule) -> tuple[Action, tuple[str, ...]]:
    said = f"Rule {rule.name} ({_place(rule)}) says so."
    if rule.results.hold is not None:
        return "hold", (rule.results.hold, said)
    return "discard", (rule.results.discard or "", said)


def _threaded(
    fields: Fields, thread: Thread | None, *, released: bool
) -> tuple[Action, tuple[str, ...], Thread | None, Thread | None]:
    """Action, reasons, the thread to follow up, and the thread that is only claimed."""
    if thread is None:
        return "create", ("No known ticket is named: a new one.",), None, None
    ticket = thread.ticket.display_id or str(thread.ticket.ticket_id)
    evidence = f"{ticket} ({cut((thread.evidence,))})"
    if fields.thread == "ignore":
        return "create", (f"Names ticket {evidence}, which a rule ignores: a new one.",), None, None
    if not thread.trusted and fields.untrusted_thread == "hold" and not released:
        return (
            "hold",
            (f"Names ticket {evidence}, but its sender is not known there; decide whether it belongs to it.",),
            None,
            None,
        )
    if not thread.trusted and fields.untrusted_thread != "join":
        return (
            "create",
            (f"Names ticket {evidence}, but its sender is not known there: a new one that says so.",),
            None,
            thread,
        )
    if fields.follow_up == "create":
        return "create", (f"Belongs to ticket {evidence}, but a rule wants a new one.",), None, None
    doubt = "" if thread.trusted else "; its sender is not known there, a rule lets it join"
    return "follow_up", (f"Belongs to ticket {evidence}{doubt}.",), thread, None
