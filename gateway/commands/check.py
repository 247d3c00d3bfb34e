"""Settings and rules in, every mistake in them out, each at its place; with a desk to ask, also what will not work there."""

import asyncio
import sys
from collections.abc import Callable, Sequence

from gateway.app import problems
from gateway.commands.live import Seen, faults, look, rows, warnings
from gateway.policy import desk_of
from gateway.problems import ConfigError, Problem
from gateway.routing.explain import printable
from gateway.routing.rulebook import RuleBook
from gateway.rulefolder import read_rules
from gateway.rulenames import names_doubts, names_problems
from gateway.settings import Settings
from gateway.staffapi.client import DeskUnavailable


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
            seen = asyncio.run(_look(settings))
        except DeskUnavailable as error:
            return _tell([Problem(settings.desk.url, 0, 0, str(error))])
        for label, text in rows(settings, seen):
            print(f"{label:<10}{printable(text)}")
        found += [*names_problems(book, seen.directory), *faults(settings, seen)]
        _say("warning", [*names_doubts(book, seen.directory), *warnings(settings, seen)])
    if not found and book is not None:
        print(f"settings  ok\nrules     ok, {len(book.rules)} in {settings.rules}")
    return _tell(found)


def _tell(found: Sequence[Problem]) -> int:
    _say("error", found)
    return 1 if found else 0


def _say(what: str, found: Sequence[Problem]) -> None:
    """Names of a desk or a file are shown so that no terminal obeys them."""
    for problem in found:
        print(f"{what}: {printable(str(problem))}", file=sys.stderr)


async def _look(settings: Settings) -> Seen:
    desk = desk_of(settings, concurrency=1)
    try:
        return await look(desk)
    finally:
        await desk.aclose()
