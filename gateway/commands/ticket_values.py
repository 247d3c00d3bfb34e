"""A value as a person types it -> the value a document wants; Mistake, with what to do, where it cannot be one. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from email_validator import EmailNotValidError, validate_email

from gateway.problems import GatewayError
from gateway.staffapi.documents import NOTE_COLOURS, NoteType
from gateway.staffapi.values import need_ticket
from gateway.staffapi.wire import clean_tag

#: Unix times from here (1973) to here (2106) are taken for such; smaller numbers are dates without their dashes.
_FIRST_TIME, _LAST_TIME = 100_000_000, 2**32 - 1
_DURATION = re.compile(r"(?=\d)(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9})s?)?", re.ASCII | re.IGNORECASE)


class Mistake(GatewayError):
    """Something typed that cannot be meant; nothing was sent."""


def ticket_of(text: str) -> int | str:
    """A number, or a display id in capitals."""
    plain = text.strip().removeprefix("#")
    ticket = int(plain) if plain.isascii() and plain.isdecimal() and len(plain) <= 18 else plain
    try:
        need_ticket(ticket)
    except ValueError as error:
        raise Mistake(str(error)) from None
    return ticket.upper() if isinstance(ticket, str) else ticket


def seconds_of(option: str, text: str) -> int:
    """Of a duration such as 1h30m; a bare number counts seconds."""
    found = _DURATION.fullmatch("".join(text.split()))
    if found is None:
        raise Mistake(f"{option}: {text!r} is no duration; write 1h30m, 45m or 90s")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def duration(seconds: int) -> str:
    """As `seconds_of` reads it."""
    parts = ((seconds // 3600, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"


def time_of(option: str, text: str, *, may_clear: bool = False) -> int:
    """Unix time. `may_clear`: "none" is 0, which a desk takes for "no such time"."""
    plain = text.strip()
    if may_clear and plain.lower() in {"none", "0"}:
        return 0
    try:
        if plain.isascii() and plain.isdecimal():
            moment = int(plain[:18])
        else:
            read = datetime.fromisoformat(plain)
            # Without a zone it is the time on this machine's clock.
            moment = int(read.timestamp())
    except (ValueError, OverflowError):
        moment = 0
    if not _FIRST_TIME <= moment <= _LAST_TIME:
        clear = ", or none" if may_clear else ""
        raise Mistake(f"{option}: {text!r} is no time; write 2026-03-01, 2026-03-01T17:00+01:00, a Unix time{clear}")
    return moment


def colour_of(option: str, text: str) -> int:
    plain = text.strip().lower()
    if plain.isascii() and plain.isdecimal() and int(plain[:18]) in NOTE_COLOURS.values():
        return int(plain)
    if plain not in NOTE_COLOURS:
        raise Mistake(f"{option}: {text!r} is no note colour; use one of {', '.join(NOTE_COLOURS)}, or 1 to 5")
    return NOTE_COLOURS[plain]


def note_type_of(option: str, text: str) -> NoteType:
    # The page prints two of them with an underscore in front.
    plain = text.strip().lower().removeprefix("_")
    types: tuple[NoteType, ...] = get_args(NoteType)
    for known in types:
        if plain == known:
            return known
    raise Mistake(f"{option}: {text!r} is no type of note; use one of {', '.join(types)}")


def tags_of(option: str, texts: Sequence[str]) -> tuple[str, ...]:
    """Each as the desk stores it, once, in the order given."""
    words = [word for text in texts for word in re.split(r"[,\s]+", text) if word]
    if not words:
        raise Mistake(f"{option} names no tag; a desk cannot take all tags away, so name at least one")
    for word in words:
        if not clean_tag(word):
            raise Mistake(f"{option}: nothing of {word!r} can be in a tag; use letters, digits and + - _ : . @")
    return tuple(dict.fromkeys(map(clean_tag, words)))


def address_of(option: str, text: str) -> str:
    """Desks drop what is no address without a word."""
    try:
        return validate_email(text.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise Mistake(f"{option}: {text!r} is no address: {error}") from None


def spread(option: str, values: Sequence[str] | None, count: int, for_what: str) -> Sequence[str | None]:
    """`count` values: None for each where none is given, one for all, or one for each."""
    if not values:
        return [None] * count
    if len(values) == count or (len(values) == 1 and count):
        return [*values] if len(values) == count else [*values] * count
    raise Mistake(
        f"{option} is given {len(values)} times for {count} {for_what}; give it once for all, or once for each"
    )
