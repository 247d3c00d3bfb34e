"""Rule files in -> a compiled RuleBook out, or every mistake at once with its place."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.problems import ConfigError, Problem
from gateway.routing.conditions import Condition
from gateway.routing.forms import describe, entries_of, flag_of, in_words, text_of
from gateway.routing.results import REQUIRED, Results, compile_then
from gateway.routing.source import Complain, Items, Mapping, Node, Place, read_source
from gateway.routing.vocabulary import compile_when, requires_known_thread

LONGEST_NAME = 100
_NAMELESS = "add `name: …`, it shows in the trail of each mail"
_RULE = ("name", "when", "then", "stop", "override")


@dataclass(frozen=True, slots=True)
class RuleFile:
    """`path` is shown in messages and in the trail, as the administrator knows it; nothing is opened here."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; without `when` it is for every mail."""

    name: str
    place: Place
    when: Condition | None
    results: Results
    stop: bool
    override: bool

    @property
    def held_or_discarded(self) -> bool:
        return self.results.hold is not None or self.results.discard is not None

    @property
    def ends(self) -> bool:
        """Whether no rule is read after this one hits."""
        return self.stop or self.held_or_discarded


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules, in the order they are read."""

    rules: tuple[Rule, ...]


def load(files: Sequence[RuleFile]) -> RuleBook:
    """Compile the rules of all files, in the order given.

    Raises ConfigError with every mistake, those of `check` included, in the order of the files.
    """
    problems: list[Problem] = []

    def complain(place: Place, message: str) -> None:
        problems.append(Problem(place.path, place.line, place.column, message))

    rules: list[Rule] = []
    names: dict[str, Place] = {}
    all_seen = True
    for file in files:
        node, complete = read_source(file.path, file.text, complain)
        found = [_rule(one, names, complain) for one in _listed(node, complain)] if node else []
        rules += [rule for rule in found if rule]
        all_seen &= complete and None not in found
    book = RuleBook(tuple(rules))
    # What could not be read may be the very rule that completes the book.
    problems += check(book) if all_seen else unreached(book)
    if problems:
        order = {file.path: i for i, file in enumerate(files)}
        raise ConfigError(
            sorted(problems, key=lambda problem: (order.get(problem.path, -1), problem.line, problem.column))
        )
    return book


def _listed(node: Node, complain: Complain) -> tuple[Node, ...]:
    """The nodes of the list; a file whose rules are all commented out has none."""
    entry = entries_of(node, ("rules",), "a rule file", complain).get("rules")
    if entry is None:
        return ()
    if isinstance(entry.node, Items):
        return entry.node.nodes
    if describe(entry.node) != "nothing":
        complain(entry.node.place, f"`rules` must be a list, not {describe(entry.node)}; begin each rule with a dash")
    return ()


def _rule(node: Node, names: dict[str, Place], complain: Complain) -> Rule | None:
    entries = entries_of(node, _RULE, "a rule", complain)
    if not entries:
        if isinstance(node, Mapping) and not node.entries:
            complain(node.place, f"a rule is empty; {_NAMELESS}")
        return None
    if named := entries.get("name"):
        name = text_of(named.node, "name", complain) or ""
        if len(name) > LONGEST_NAME or not name.isprintable():
            complain(named.node.place, f"a name is one line of at most {LONGEST_NAME} characters")
        elif name and (first := names.setdefault(name, named.node.place)) is not named.node.place:
            complain(
                named.node.place, f"the name {name!r} is taken by the rule in {first.path}:{first.line}; choose another"
            )
    else:
        name = ""
        complain(node.place, f"a rule has no name; {_NAMELESS}")
    when, then, stop, override = (entries.get(key) for key in _RULE[1:])
    if then is None and stop is None:
        complain(node.place, "a rule does nothing; add `then: …`")
    return Rule(
        name,
        node.place,
        compile_when(when.node, complain) if when else None,
        compile_then(then.node, complain) if then else Results(),
        stop=bool(stop and flag_of(stop.node, "stop", complain)),
        override=bool(override and flag_of(override.node, "override", complain)),
    )


def check(book: RuleBook) -> list[Problem]:
    """Prove that every mail ends on hold, discarded, on its ticket, or with all that a new ticket needs.

    A problem for each place where reading may end without, and for each rule that is never reached. Only rules without
    `when` count as certain; whether conditions of several rules together cover all mail is not looked into.
    """
    certain: set[str] = set()
    mode_certain = False
    always_a_ticket = False
    problems = unreached(book)
    for rule in book.rules:
        settings = rule.results.settings
        always_a_ticket |= settings.get("thread") == "ignore" or settings.get("follow_up") == "create"
        missing = [name for name in REQUIRED if name not in certain and f"create.{name}" not in settings]
        if rule.when is None:
            certain |= {name for name in REQUIRED if f"create.{name}" in settings}
            mode_certain |= "follow_up" in settings
            if rule.ends:
                return problems + ([] if rule.held_or_discarded or not missing else [_incomplete(rule, missing)])
        elif rule.stop and not rule.held_or_discarded and missing:
            # Where no rule names the mode of follow-ups a setting does, and it may say: a new ticket for each.
            mode_known = mode_certain or "follow_up" in settings
            if always_a_ticket or not mode_known or not requires_known_thread(rule.when):
                problems.append(_incomplete(rule, missing))
    missing = [name for name in REQUIRED if name not in certain]
    if missing:
        where = book.rules[-1].place if book.rules else Place("rules", 0, 0)
        message = f"mail that no rule above stops would have no {in_words(missing)}; end with a rule without `when` that sets them"
        problems.append(Problem(where.path, where.line, where.column, message))
    return problems


def _incomplete(rule: Rule, missing: Sequence[str]) -> Problem:
    message = f"reading ends with rule {rule.name!r}, but no rule is sure to have set {in_words(missing)}; set them in its `create` or take out `stop`"
    return Problem(rule.place.path, rule.place.line, rule.place.column, message)


def unreached(book: RuleBook) -> list[Problem]:
    """A problem for each rule below one that ends the reading for every mail."""
    end = next((rule for rule in book.rules if rule.when is None and rule.ends), None)
    if end is None:
        return []
    below = book.rules[book.rules.index(end) + 1 :]
    message = (
        f"this rule is never reached: {end.name!r} in {end.place.path}:{end.place.line} ends the reading for every mail"
    )
    return [Problem(rule.place.path, rule.place.line, rule.place.column, message) for rule in below]
