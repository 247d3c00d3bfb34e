"""One mail through 500 rules beside the same mail through 50: linear is a ratio of one, the work being counted in rules."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from gateway.mail.envelope import Envelope
from gateway.mail.reader import read
from gateway.routing.decide import decide
from gateway.routing.decision import Facts
from gateway.routing.rulebook import RuleBook, RuleFile, load
from tests.bench.samples import plain

_LAST = "  - name: last\n    then: {create: {department: A, status: B, priority: C, type: D}}\n"


def _book(count: int) -> RuleBook:
    rules = "".join(
        f"  - name: rule {n}\n    when: {{all: [{{subject: {{contains: word{n}}}}}, {{from: {{domain: host{n}.example}}}}]}}\n"
        f"    then: {{create: {{tags: [t{n}]}}}}\n"
        for n in range(count)
    )
    return load([RuleFile("bench.yaml", f"rules:\n{rules}{_LAST}")])


def rows() -> Iterator[tuple[str, str, Callable[[], object], Callable[[], object], float, str]]:
    message = read(plain(5000))
    envelope = Envelope("a@b.example", ("support@desk.example",), "127.0.0.1", "", "", datetime.now(UTC))
    many, few = _book(500), _book(50)

    def ours() -> None:
        decide(many, envelope, message, Facts())

    def baseline() -> None:
        for _ in range(10):
            decide(few, envelope, message, Facts())

    yield "decide, 500 rules", "10 times 50 rules", ours, baseline, 1, "mails/s"
