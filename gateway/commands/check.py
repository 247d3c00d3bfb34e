"""Settings and rules in, every mistake in them out, each at its place."""

import asyncio
import sys
from collections.abc import Callable, Iterator

from gateway.app import problems
from gateway.policy import desk_of
from gateway.problems import ConfigError, Problem
from gateway.routing.decision import NameOrId
from gateway.routing.rulebook import Rule, RuleBook
from gateway.rulefolder import read_rules
from gateway.settings import Settings
from gateway.staffapi.client import DeskUnavailable
from gateway.staffapi.directory import Directory, UnknownName


def check(load: Callable[[], Settings], *, live: bool) -> int:
    """Print what is wrong; the exit status."""
    try:
        settings = load()
    except ConfigError as error:
        return _tell(error.problems)
    found = problems(settings)
    book: RuleBook | None = None
    try:
        book = read_rules(settings.rules)
    except ConfigError as error:
        found += error.problems
    if live and book is not None and not found:
        try:
            directory = asyncio.run(_ask(settings))
        except DeskUnavailable as error:
            return _tell([Problem(settings.desk.url, 0, 0, str(error))])
        found += [problem for rule in book.rules for problem in _names(rule, directory)]
        print(
            f"desk      {settings.desk.url} · version {directory.version} · {len(directory.assigned)} departments assigned"
        )
    if not found and book is not None:
        print(f"settings  ok\nrules     ok, {len(book.rules)} in {settings.rules}")
    return _tell(found)


def _tell(found: "list[Problem] | tuple[Problem, ...]") -> int:
    for problem in found:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if found else 0


async def _ask(settings: Settings) -> Directory:
    desk = desk_of(settings, concurrency=1)
    try:
        return await desk.directory()
    finally:
        await desk.aclose()


def _names(rule: Rule, directory: Directory) -> Iterator[Problem]:
    """The names a rule uses that the desk does not have."""
    resolvers: dict[str, Callable[[NameOrId], int]] = {
        "department": directory.department_id,
        "status": directory.status_id,
        "priority": directory.priority_id,
        "type": directory.type_id,
        "owner": directory.owner_id,
        "queue": directory.queue_id,
    }
    for setting, value in rule.results.settings.items():
        section, _, field = setting.rpartition(".")
        if section in ("create", "on_reply") and field in resolvers and isinstance(value, str | int):
            try:
                resolvers[field](value)
            except UnknownName as error:
                yield Problem(rule.place.path, rule.place.line, rule.place.column, f"{setting}: {error}")
