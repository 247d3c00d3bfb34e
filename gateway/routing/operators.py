"""What stands below a condition's name in -> its comparisons out, compiled: `{contains: [invoice, bill]}` and the like."""

from collections.abc import Callable, Iterable
from collections.abc import Mapping as Table
from dataclasses import dataclass
from typing import Any

import re2

from gateway.routing.conditions import Each, Test, Together
from gateway.routing.forms import amount_of, choice_of, each_of, entries_of, flag_of, texts_of
from gateway.routing.looks import Look, domain_of, fold_address, fold_domain, fold_line, fold_text, within
from gateway.routing.source import Complain, Entry, Items, Mapping, Node, Scalar

Step = Each | Together
#: Node, its path in the trail, where to look -> one comparison, None after a complaint.
Operator = Callable[[Node, str, Look, Complain], Step | None]
#: JSON Schema of one value.
Schema = dict[str, Any]
WORD: Schema = {"type": ["string", "number", "boolean"]}

LONGEST_PATTERN = 2_000


@dataclass(frozen=True, slots=True)
class Family:
    """Operators that fit one sort of value; a plain scalar or a list of them stands for the operator `plain`."""

    operators: Table[str, Operator]
    value: Schema
    plain: str = "is"
    many: bool = True

    def steps(self, node: Node, path: str, look: Look, complain: Complain) -> tuple[Step, ...]:
        if not isinstance(node, Mapping):
            step = self.operators[self.plain](node, f"{path}.{self.plain}", look, complain)
            return (step,) if step else ()
        if not node.entries:
            complain(node.place, f"{path} says nothing to compare with; {_listed(self.operators)}")
        entries = entries_of(node, self.operators, path, complain)
        self._alone(entries, complain)
        steps = (self.operators[key](entry.node, f"{path}.{key}", look, complain) for key, entry in entries.items())
        return tuple(step for step in steps if step)

    def test(self, node: Node, path: str, look: Look, complain: Complain) -> Test:
        return Test(self.steps(node, path, look, complain))

    def _alone(self, entries: dict[str, Entry], complain: Complain) -> None:
        present = entries.get("present")
        absent = present is not None and isinstance(present.node, Scalar) and present.node.value is False
        if present and absent and len(entries) > 1:
            complain(
                present.place,
                "`present: false` cannot stand beside other comparisons; nothing would be left to compare",
            )


def _listed(words: Iterable[str]) -> str:
    return f"there are: {', '.join(words)}"


def _words(texts: Iterable[str]) -> str:
    return " or ".join(f'"{text}"' for text in texts)


def _texts(
    fold: Callable[[str], str], passes: Callable[[str, tuple[str, ...]], bool], *, empty: bool = False
) -> Operator:
    def compile_(node: Node, path: str, look: Look, complain: Complain) -> Step | None:
        texts = tuple(text for _, text in texts_of(node, path, complain, empty=empty))
        wanted = tuple(map(fold, texts))
        return Each(path, _words(texts), look, lambda value: passes(value, wanted), folded=True) if texts else None

    return compile_


def _contains(value: str, wanted: tuple[str, ...]) -> bool:
    return any(one in value for one in wanted)


def _is_address(node: Node, path: str, look: Look, complain: Complain) -> Step | None:
    for one, text in texts_of(node, path, lambda _place, _message: None, empty=True):
        if text and "@" not in text:
            complain(
                one.place,
                f"{path}: {text!r} is no address; write name@domain, or {{domain: {text}}} for a whole domain",
            )
    return _texts(fold_address, lambda value, wanted: value in wanted, empty=True)(node, path, look, complain)


def _domains(domain: Callable[[str], str]) -> Operator:
    """`domain` takes the folded value to its domain."""

    def compile_(node: Node, path: str, look: Look, complain: Complain) -> Step | None:
        wanted: list[str] = []
        for one, text in texts_of(node, path, complain):
            bare = text.strip().removeprefix("*").lstrip("@.")
            folded = fold_domain(bare)
            if bare != text:
                complain(one.place, f"{path}: write {bare!r} for {text!r}; it stands for the domain and all below it")
            elif not folded.isascii() or set(folded) & set(" @*,;/") or "" in folded.split("."):
                complain(one.place, f"{path}: {text!r} is no domain; write one such as example.com")
            else:
                wanted.append(folded)
        if not wanted:
            return None
        return Each(
            path, _words(wanted), look, lambda value: any(within(domain(value), one) for one in wanted), folded=True
        )

    return compile_


def _matches(node: Node, path: str, look: Look, complain: Complain) -> Step | None:
    """A pattern of google-re2: linear in time whatever the mail says; it looks at the value as it stands."""
    compiled: list[Any] = []
    texts = texts_of(node, path, complain)
    for one, text in texts:
        options = re2.Options()
        options.log_errors = False
        options.case_sensitive = False
        if len(text) > LONGEST_PATTERN:
            complain(one.place, f"{path}: the pattern has {len(text)} characters, {LONGEST_PATTERN} are the most")
            continue
        try:
            compiled.append(re2.compile(text, options))
        except re2.error as error:
            complain(one.place, f"{path}: {_refusal(text, error)}")
    if not compiled:
        return None

    def passes(value: str) -> bool:
        encoded = value.encode()
        return any(pattern.search(encoded) is not None for pattern in compiled)

    return Each(path, _words(text for _, text in texts), look, passes, folded=False)


def _refusal(pattern: str, error: Exception) -> str:
    told = error.args[0] if error.args else ""
    reason = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
    fragment = reason.partition(": ")[2]
    at = pattern.find(fragment) + 1 if fragment else 0
    where = f" at character {at}" if at else ""
    hint = "; patterns are those of RE2: no look-around, no backreferences, at most 1000 repetitions"
    return f"the pattern cannot be used: {reason}{where}{hint}"


def _present(node: Node, path: str, look: Look, complain: Complain) -> Step | None:
    wanted = flag_of(node, path, complain)
    if wanted is None:
        return None
    return Together(path, str(wanted).lower(), look, lambda values: any(value.strip() for value in values) is wanted)


def _number(passes: Callable[[int, int], bool], *, bytes_: bool) -> Operator:
    def compile_(node: Node, path: str, look: Look, complain: Complain) -> Step | None:
        wanted = amount_of(node, path, complain, bytes_=bytes_)
        return (
            None
            if wanted is None
            else Each(path, str(wanted), look, lambda value: passes(int(value), wanted), folded=False)
        )

    return compile_


def _numbers(*, bytes_: bool) -> Family:
    return Family(
        {
            "is": _number(lambda value, wanted: value == wanted, bytes_=bytes_),
            "above": _number(lambda value, wanted: value > wanted, bytes_=bytes_),
            "below": _number(lambda value, wanted: value < wanted, bytes_=bytes_),
        },
        {"type": ["integer", "string"] if bytes_ else "integer"},
        many=False,
    )


def choices(words: Iterable[str]) -> Family:
    """A value that is one of a few words."""
    known = tuple(words)

    def compile_(node: Node, path: str, look: Look, complain: Complain) -> Step | None:
        found = [choice_of(one, known, path, complain) for one in each_of(node)]
        wanted = tuple(word for word in found if word)
        if isinstance(node, Items) and not node.nodes:
            complain(node.place, f"{path} is an empty list; {_listed(known)}")
        return Each(path, _words(wanted), look, lambda value: value in wanted, folded=False) if wanted else None

    return Family({"is": compile_}, {"enum": list(known)})


def _flag(node: Node, path: str, look: Look, complain: Complain) -> Step | None:
    wanted = flag_of(node, path, complain)
    return (
        None
        if wanted is None
        else Each(path, str(wanted).lower(), look, lambda value: value == str(wanted).lower(), folded=False)
    )


_TEXT_OPERATORS: dict[str, Operator] = {
    "contains": _texts(fold_text, _contains),
    "starts": _texts(fold_text, str.startswith),
    "ends": _texts(fold_text, str.endswith),
    "matches": _matches,
    "present": _present,
}
TEXT = Family({"is": _texts(fold_line, lambda value, wanted: value in wanted, empty=True), **_TEXT_OPERATORS}, WORD)
ADDRESS = Family(
    {"is": _is_address, "domain": _domains(domain_of), **_TEXT_OPERATORS, "ends": _texts(fold_address, str.endswith)},
    WORD,
)
#: Its values are domains, folded.
DOMAIN = Family({"domain": _domains(str), "present": _present}, WORD, plain="domain")
COUNT = _numbers(bytes_=False)
SIZE = _numbers(bytes_=True)
FLAG = Family({"is": _flag}, {"type": "boolean"}, many=False)
