"""A value for the desk in -> nothing, or ValueError with a sentence where it can never be valid; and the desk's numbers."""

from collections.abc import Iterable
from enum import IntEnum


class Flag(IntEnum):
    """`flagtype`, page "Creating a new ticket"; the names are those of the desk's staff panel."""

    NONE = 0
    PURPLE = 1
    ORANGE = 2
    GREEN = 3
    YELLOW = 4
    RED = 5
    BLUE = 6


class NoteColour(IntEnum):
    """`notecolor`, page "Adding notes to a ticket"; the names are those of the desk's REST library."""

    YELLOW = 1
    PURPLE = 2
    BLUE = 3
    GREEN = 4
    RED = 5


#: Name in lower case to number, as rules write it.
FLAGS = {flag.name.lower(): flag.value for flag in Flag}
NOTE_COLOURS = {colour.name.lower(): colour.value for colour in NoteColour}


def need_text(what: str, text: str) -> None:
    if not text.strip():
        raise ValueError(f"{what} is empty; the desk needs some text there")


def need_id(what: str, value: int, *, least: int = 1) -> None:
    if value < least:
        raise ValueError(f"the {what} is {value}; it must be {least} or more")


def need_ticket(ticket: int | str) -> None:
    if isinstance(ticket, int):
        need_id("ticket id", ticket)
    # The desk's column for display ids is 20 wide; prefixes and digits vary by its settings.
    elif not (0 < len(ticket) <= 20 and ticket.isascii() and ticket.replace("-", "").isalnum()):
        raise ValueError(f"{ticket[:40]!r} is no ticket; give its number or a display id such as ABC-123-45678")
    elif ticket.isdecimal():
        need_id("ticket id", int(ticket))


def need_flag(flag: int) -> None:
    if flag not in FLAGS.values():
        raise ValueError(f"the flag is {flag}; it must be 0 (none) to 6: {', '.join(FLAGS)}")


def need_colour(colour: int) -> None:
    if colour not in NOTE_COLOURS.values():
        raise ValueError(f"the note colour is {colour}; it must be 1 to 5: {', '.join(NOTE_COLOURS)}")


def need_person(fullname: str, email: str) -> None:
    need_text("the requester's full name", fullname)
    need_text("the requester's email address", email)


def need_recipients(*lists: Iterable[str]) -> None:
    for addresses in lists:
        for address in addresses:
            need_text("a copy recipient's email address", address)


def need_times(*times: int | None) -> None:
    for time in times:
        if time is not None and time < 0:
            raise ValueError(f"the time {time} is negative; give seconds since 1970")
