"""Rules and the desk's directory in -> the names in them that will not do out, each at its line and column. Pure.

A name is wrong by itself (unknown, ambiguous, not for this account) or beside another: a status or type that its
department does not have, an owner who is not in it. What a mail ends with hangs on which rules hit it together. Rules
without `when` hit every mail; a rule whose conditions all stand in another's `when` hits where that one does; of other
rules nothing is known. So each rule is looked at in the smallest company it can have. What is wrong there is a problem
if no other rule could mend it, else a doubt.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from gateway.problems import Problem
from gateway.routing.conditions import All, AnyOf, Condition, Each, Not, Test
from gateway.routing.rulebook import Rule, RuleBook
from gateway.routing.vocabulary import requires_known_thread
from gateway.staffapi.directory import AmbiguousName, Directory, NameOrId, UnknownName

_SECTIONS = ("create", "on_reply")
_FOLLOWING = ("on_reply.status", "on_reply.type")
_NAMES = ("department", "status", "priority", "type", "owner", "queue")
#: In `on_reply.status`: leave it as it is.
_KEEP = "keep"
#: What groups put before a condition's own path: "all[0].not.any[2].subject.is".
_GROUPS = re.compile(r"(?:(?:all|any)\[\d+\]\.|not\.)*")


def names_problems(book: RuleBook, directory: Directory) -> list[Problem]:
    """Names that keep a mail from its ticket, in the order of the rules."""
    return _in_order(book, [*_alone(book, directory), *(each.problem for each in _pairs(book, directory) if each.sure)])


def names_doubts(book: RuleBook, directory: Directory) -> list[Problem]:
    """Names that keep some mails from their tickets; whether there will be such mails, nobody can tell before."""
    doubts = [each.problem for each in _pairs(book, directory) if not each.sure]
    return _in_order(book, [*_elsewhere(book, directory), *doubts])


def _in_order(book: RuleBook, found: Iterable[Problem]) -> list[Problem]:
    files = {rule.place.path: number for number, rule in enumerate(book.rules)}
    return sorted(set(found), key=lambda each: (files[each.path], each.line, each.column, each.message))


def _alone(book: RuleBook, directory: Directory) -> Iterator[Problem]:
    queues = {queue.email.casefold() for queue in directory.queues}
    for rule in book.rules:
        for setting, value in rule.results.settings.items():
            section, _, field = setting.rpartition(".")
            if section not in _SECTIONS:
                continue
            if field in _NAMES:
                try:
                    _resolve(directory, section, field, value)
                    if setting in _FOLLOWING and "on_reply.department" not in rule.results.settings:
                        _resolve_somewhere(directory, section, field, value)
                except UnknownName as error:
                    yield _problem(rule, setting, f"{setting}: {error}")
            elif field in ("ccto", "bccto") and isinstance(value, tuple):
                for address in value:
                    if address.casefold() in queues:
                        message = f"{setting}: {address} is an email queue of the desk, which drops it without a word; leave it out"
                        yield _problem(rule, setting, message)


def _resolve(directory: Directory, section: str, field: str, value: object, department: int | None = None) -> None:
    """Raises UnknownName where the name means nothing, or more than one thing.

    Without a department a status or type may mean several things: each department has its own.
    """
    if not isinstance(value, str | int) or (
        section == "on_reply" and field == "status" and str(value).casefold() == _KEEP
    ):
        return
    if field not in ("status", "type"):
        getattr(directory, f"{field}_id")(value)
        return
    resolve: Callable[[NameOrId, int | None], int] = getattr(directory, f"{field}_id")
    try:
        resolve(value, department)
    except AmbiguousName:
        if department is not None:
            raise


def _resolve_somewhere(directory: Directory, section: str, field: str, value: object) -> None:
    """Raises UnknownName where no department of the account has it."""
    trouble: UnknownName | None = None
    for department in directory.assigned:
        try:
            _resolve(directory, section, field, value, department)
        except UnknownName as error:
            trouble = error
        else:
            return
    if trouble is not None:
        raise trouble


def _elsewhere(book: RuleBook, directory: Directory) -> Iterator[Problem]:
    """What a follow-up sets on a ticket that may stand in any department, and that not every department has."""
    company = _Company(book.rules)
    for number, rule in enumerate(book.rules):
        setters = _read(company.of(number)) or {}
        for setting in _FOLLOWING:
            if setters.get(setting) is not rule or "on_reply.department" in setters:
                continue
            lacking = [each for each in directory.assigned if not _usable(directory, rule, setting, each)]
            if 0 < len(lacking) < len(directory.assigned):
                where = ", ".join(map(directory.path, lacking[:5])) + (", …" if len(lacking) > 5 else "")
                value = rule.results.settings[setting]
                message = f"{setting} {value!r} is not for every department; a follow-up of a ticket in one of these would be held: {where}"
                yield _problem(rule, setting, message)


def _usable(directory: Directory, rule: Rule, setting: str, department: int) -> bool:
    section, _, field = setting.partition(".")
    try:
        _resolve(directory, section, field, rule.results.settings[setting], department)
    except UnknownName:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two names that do not go together."""

    problem: Problem
    sure: bool


@dataclass(frozen=True, slots=True)
class _Meeting:
    """Where one rule hits in its smallest company, `housed` sets the department and `named` this field beside it."""

    section: str
    field: str
    housed: Rule
    named: Rule

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.section, self.field, self.housed.name, self.named.name


def _pairs(book: RuleBook, directory: Directory) -> Iterable[_Pair]:
    company = _Company(book.rules)
    told: dict[tuple[str, str, str, str], str | None] = {}
    found: dict[tuple[str, str, str, str], _Pair] = {}
    for number, rule in enumerate(book.rules):
        for meeting in _meetings(rule, _read(company.of(number))):
            if meeting.key not in told:
                told[meeting.key] = _clash(directory, meeting)
            message = told[meeting.key]
            if message is None or (meeting.key in found and found[meeting.key].sure):
                continue
            alone = meeting.housed is meeting.named or rule.when is None
            mender = None if alone else company.mender(number, meeting)
            if mender is not None:
                message += f". Where {mender.name!r} hits as well it is otherwise"
            # The rule with conditions is the one to amend.
            at, field = meeting.named, meeting.field
            if at.when is None and meeting.housed.when is not None:
                at, field = meeting.housed, "department"
            found[meeting.key] = _Pair(_problem(at, f"{meeting.section}.{field}", message), sure=mender is None)
    return found.values()


def _meetings(rule: Rule, setters: dict[str, Rule] | None) -> Iterator[_Meeting]:
    if setters is None:
        return
    # A mail of a known ticket makes none: what its rules say of a new one does not matter.
    sections = _SECTIONS[1:] if requires_known_thread(rule.when) else _SECTIONS
    for section in sections:
        for field in ("status", "type", "owner"):
            housed, named = setters.get(f"{section}.department"), setters.get(f"{section}.{field}")
            if housed is not None and named is not None:
                yield _Meeting(section, field, housed, named)


def _read(rules: Iterable[Rule]) -> dict[str, Rule] | None:
    """Which rule sets each field where exactly these hit; None where they hold or discard the mail."""
    setters: dict[str, Rule] = {}
    for rule in rules:
        if rule.held_or_discarded:
            return None
        for setting in rule.results.settings:
            if rule.override or setting not in setters:
                setters[setting] = rule
        if rule.ends:
            break
    return setters


def _clash(directory: Directory, meeting: _Meeting) -> str | None:
    """Why the field is not for the department."""
    section, field, housed, named = meeting.section, meeting.field, meeting.housed, meeting.named
    department, value = housed.results.settings[f"{section}.department"], named.results.settings[f"{section}.{field}"]
    if not isinstance(department, str | int) or not isinstance(value, str | int):
        return None
    try:
        number = directory.department_id(department)
        _resolve(directory, section, field, value)
    except UnknownName:
        return None  # told already
    try:
        _resolve(directory, section, field, value, number)
    except UnknownName as error:
        why = str(error)
    else:
        if field != "owner" or (owner := directory.owner_id(value)) == 0 or directory.serves(owner, number):
            return None
        there = [person.fullname for person in directory.staff if number in person.departments]
        why = f"the desk would leave the ticket to nobody; in it are: {', '.join(there) or 'none'}"
    apart = housed is not named
    by = [f" (rule {rule.name!r}, {rule.place.path}:{rule.place.line})" if apart else "" for rule in (named, housed)]
    return (
        f"{section}.{field} {value!r}{by[0]} is not for {section}.department {directory.path(number)!r}{by[1]}: {why}"
    )


def _problem(rule: Rule, setting: str, message: str) -> Problem:
    place = rule.results.places.get(setting, rule.place)
    return Problem(place.path, place.line, place.column, message)


class _Company:
    """Which rules are sure to hit where one does."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        needed = [frozenset[Hashable]() if rule.when is None else _conjuncts(rule.when) for rule in rules]
        self._of = []
        for number, rule in enumerate(rules):
            known = needed[number] if rule.when is None else needed[number] | _parts(rule.when)
            self._of.append(frozenset(other for other, needs in enumerate(needed) if needs <= known))

    def of(self, *numbers: int) -> list[Rule]:
        """All that hit where the rules with these numbers do, in the order of the book."""
        return [self._rules[number] for number in sorted(frozenset[int]().union(*map(self._of.__getitem__, numbers)))]

    def mender(self, number: int, meeting: _Meeting) -> Rule | None:
        """A rule that need not hit where this one does; but where both do, others set the fields, or the mail is held."""
        setters = {f"{meeting.section}.department": meeting.housed, f"{meeting.section}.{meeting.field}": meeting.named}
        for other, rule in enumerate(self._rules):
            if other in self._of[number] or not (rule.ends or rule.results.settings.keys() & setters.keys()):
                continue
            found = _read(self.of(number, other))
            if found is None or any(found.get(field) is not by for field, by in setters.items()):
                return rule
        return None


def _conjuncts(condition: Condition) -> frozenset[Hashable]:
    """What must hold for the condition to hold, and suffices: comparable between rules."""
    if isinstance(condition, All):
        return frozenset[Hashable]().union(*map(_conjuncts, condition.parts))
    return frozenset({_key(condition)})


def _parts(condition: Condition) -> frozenset[Hashable]:
    """Single comparisons that hold too where the condition does: of `{starts: a, domain: b}` each by itself."""
    match condition:
        case Test(steps):
            return frozenset((_compared(step),) for step in steps if isinstance(step, Each))
        case All(parts):
            return frozenset[Hashable]().union(*map(_parts, parts))
        case _:
            return frozenset()


def _key(condition: Condition) -> Hashable:
    match condition:
        case Test(steps):
            return tuple(map(_compared, steps))
        case All(parts):
            return "all", frozenset(map(_key, parts))
        case AnyOf(parts):
            return "any", frozenset(map(_key, parts))
        case Not(part):
            return "not", _key(part)


def _compared(step: object) -> tuple[str, str]:
    return _GROUPS.sub("", step.path, count=1), step.wanted  # type: ignore[attr-defined]
