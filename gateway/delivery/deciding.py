"""One mail, the facts and the rules in; the decision and, where something is to be pushed, the plan out. Pure.

`gateway explain` and the worker both come through here: what is explained is what would be sent.
"""

from collections.abc import Callable
from dataclasses import replace

from pydantic import TypeAdapter

from gateway.delivery.plan import Plan, Policy, make_plan
from gateway.mail.envelope import Envelope
from gateway.mail.message import Message
from gateway.routing.decide import decide
from gateway.routing.decision import Decision, Facts
from gateway.routing.rulebook import RuleBook
from gateway.staffapi.directory import Directory

DECISION = TypeAdapter(Decision)


def decide_and_plan(
    book: RuleBook,
    envelope: Envelope,
    message: Message,
    raw: bytes,
    facts: Facts,
    *,
    delivery_id: int,
    directory: Directory,
    policy: Policy,
    random_bytes: Callable[[int], bytes],
) -> tuple[Decision, Plan | None]:
    """The plan is None where the decision is to hold or to discard. Raises UnknownName for names the desk lacks."""
    decision = decide(book, envelope, message, replace(facts, size=len(raw)))
    if decision.action == "follow_up" and (decision.fields.follow_up or policy.follow_up) == "create":
        decision = replace(
            decision, action="create", reasons=(*decision.reasons, "Follow-ups are set to be new tickets.")
        )
    if decision.action in ("hold", "discard"):
        return decision, None
    plan = make_plan(
        decision,
        envelope,
        message,
        raw,
        delivery_id=delivery_id,
        directory=directory,
        policy=policy,
        random_bytes=random_bytes,
    )
    return decision, plan
