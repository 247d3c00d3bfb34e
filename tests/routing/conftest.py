from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from gateway.mail.envelope import Envelope
from gateway.mail.message import Message
from gateway.routing.decide import decide
from gateway.routing.decision import Decision, Facts, Thread, TicketRef
from gateway.routing.rulebook import RuleFile, load

#: Completes any book, so that a test says only what it is about.
LAST = """
  - name: last
    then: {create: {department: General, status: Open, priority: Normal, type: Issue}}
"""


EMPTY = Message()
NOTHING = Facts()


@pytest.fixture(scope="session")
def envelope() -> Callable[..., Envelope]:
    def build(*rcpt_to: str, mail_from: str = "jane@customer.example") -> Envelope:
        return Envelope(
            mail_from=mail_from,
            rcpt_to=rcpt_to or ("desk@example.com",),
            peer="127.0.0.1",
            helo="relay.example",
            tls="",
            received_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        )

    return build


@pytest.fixture(scope="session")
def known() -> Thread:
    return Thread(TicketRef(17, "ABC-123-45678"), "References <a@b>", trusted=True)


@pytest.fixture(scope="session")
def claimed() -> Thread:
    return Thread(TicketRef(17, "ABC-123-45678"), "References <a@b>", trusted=False)


@pytest.fixture(scope="session")
def run(envelope) -> Callable[..., Decision]:
    """Decide by `rules` (the list's text, indented by two) with a last rule that completes them."""

    def by(rules: str, message: Message = EMPTY, facts: Facts = NOTHING, **said: object) -> Decision:
        book = load([RuleFile("r.yaml", "rules:\n" + rules.strip("\n") + LAST)])
        rcpt_to = said.pop("rcpt_to", ())
        return decide(book, envelope(*rcpt_to, **said), message, facts)

    return by


@pytest.fixture(scope="session")
def hits(run) -> Callable[..., bool]:
    """Whether a rule with this `when`, in YAML's flow style, hits."""

    def whether(when: str, message: Message = EMPTY, facts: Facts = NOTHING, **said: object) -> bool:
        rule = f"  - name: tried\n    when: {when}\n    then: {{create: {{tags: [tried]}}}}"
        return "tried" in run(rule, message, facts, **said).rules_hit

    return whether
