"""Mail in -> whether a condition holds, with each comparison made and the value it saw.

A test narrows down: of several recipients (headers, attachments) those stay that pass its first comparison, of these
those that pass the second, and it holds if any is left. So `{starts: billing, domain: desk.example}` speaks of one
address, not of two.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from gateway.routing.decision import ConditionResult
from gateway.routing.looks import Look, Mail, Values

LONGEST_SEEN = 200


def cut(values: Values) -> str:
    """The values in one line of at most 200 characters."""
    line = ""
    for value in values:
        line += (", " if line else "") + value[: LONGEST_SEEN + 1]
        if len(line) > LONGEST_SEEN:
            return line[: LONGEST_SEEN - 1] + "…"
    return line


@dataclass(frozen=True, slots=True)
class Each:
    """Keeps the values that pass; fails where none does."""

    path: str
    wanted: str
    look: Look
    passes: Callable[[str], bool]
    folded: bool


@dataclass(frozen=True, slots=True)
class Together:
    """Judges the values that are left as a whole: how many they are, whether there is any."""

    path: str
    wanted: str
    look: Look
    passes: Callable[[Values], bool]
    see: Callable[[Values], str] = cut


@dataclass(frozen=True, slots=True)
class Test:
    """Comparisons of values that belong together: the looks of one test give equally many."""

    steps: tuple[Each | Together, ...]


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"


Condition = Test | All | AnyOf | Not


def holds(condition: Condition, mail: Mail, trail: list[ConditionResult]) -> bool:
    """Whether it holds; what was compared is appended to `trail`, what need not be looked at any more is not."""
    match condition:
        case Test():
            return _test(condition, mail, trail)
        case All(parts):
            return all(holds(part, mail, trail) for part in parts)
        case AnyOf(parts):
            return any(holds(part, mail, trail) for part in parts)
        case Not(part):
            return not holds(part, mail, trail)
    assert_never(condition)


def _test(test: Test, mail: Mail, trail: list[ConditionResult]) -> bool:
    left: list[int] | None = None
    for step in test.steps:
        raw = mail.values(step.look, folded=False)
        left = list(range(len(raw))) if left is None else left
        values = tuple(raw[i] for i in left)
        if isinstance(step, Each):
            seen = cut(values)
            compared = mail.values(step.look, folded=step.folded)
            left = [i for i in left if step.passes(compared[i])]
            held = bool(left)
        else:
            seen = step.see(values)
            held = step.passes(values)
        trail.append(ConditionResult(step.path, step.wanted, seen, held))
        if not held:
            return False
    return True


def implies(condition: Condition | None, test: Callable[[Each | Together], bool]) -> bool:
    """Whether the condition cannot hold unless a comparison for which `test` is true holds."""
    match condition:
        case Test(steps):
            return any(map(test, steps))
        case All(parts):
            return any(implies(part, test) for part in parts)
        case AnyOf(parts):
            return all(implies(part, test) for part in parts)
        case _:
            return False
