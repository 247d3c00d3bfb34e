"""The name of a change and its texts come in -> a changed desk goes out: for the control page and the command line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.desk import administration as desk
from gateway.desk.dialect import read_yes
from gateway.desk.office import Office


@dataclass(frozen=True, slots=True)
class Change:
    """`fields` are the texts it takes, by name; `make` raises ValueError for one it cannot read."""

    says: str
    fields: tuple[str, ...]
    make: Callable[[Office, Mapping[str, str]], None]


def _number(text: str) -> int:
    if not text.strip().isdecimal():
        raise ValueError(f"Write the number of a ticket, not {text!r}.")
    return int(text.strip()[:18])


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = float("nan")
    if not abs(seconds) <= 10**9:
        raise ValueError(f"Write a number of seconds, not {text!r}.")
    return seconds


CHANGES: Final[dict[str, Change]] = {
    "merge": Change(
        "Staff merge a ticket into another.",
        ("old", "into"),
        lambda office, texts: desk.merge_tickets(office, _number(texts["old"]), _number(texts["into"])),
    ),
    "assign": Change(
        "The account works in a department, or no longer.",
        ("department", "assigned"),
        lambda office, texts: desk.assign_department(office, texts["department"], assigned=read_yes(texts["assigned"])),
    ),
    "rename": Change(
        "A department, status, type or priority gets another title.",
        ("kind", "name", "title"),
        lambda office, texts: desk.rename(office, texts["kind"], texts["name"], texts["title"]),
    ),
    "blind": Change(
        "Search shows nothing in a department, or does again.",
        ("department", "blind"),
        lambda office, texts: desk.blind_department(office, texts["department"], blind=read_yes(texts["blind"])),
    ),
    "deny": Change(
        "The account lacks a permission, or has it again: staff_tcaninsertticket, staff_tcanupateticket, …",
        ("permission", "denied"),
        lambda office, texts: desk.deny_permission(office, texts["permission"], denied=read_yes(texts["denied"])),
    ),
    "organization": Change(
        "Users with an address of a domain belong to an organisation; no title ends it.",
        ("domain", "title"),
        lambda office, texts: desk.found_organization(office, texts["domain"], texts["title"]),
    ),
    "two_factor": Change(
        "A login must bring a key beside the password; no key ends it.",
        ("key",),
        lambda office, texts: desk.want_key(office, texts["key"]),
    ),
    "skew": Change(
        "The desk's clock is ahead by so many seconds, or behind where they are negative.",
        ("seconds",),
        lambda office, texts: desk.set_clock(office, _seconds(texts["seconds"])),
    ),
    "switch": Change(
        "One switch of the dialect: yes or no, a number, or words.",
        ("name", "value"),
        lambda office, texts: desk.turn_switch(office, texts["name"], texts["value"]),
    ),
    "session": Change(
        "A session ends after so many seconds of idleness; 0 is never.",
        ("seconds",),
        lambda office, texts: desk.limit_idleness(office, max(0, int(_seconds(texts["seconds"])))),
    ),
    "expire": Change("Every session is over.", (), lambda office, _texts: desk.expire_sessions(office)),
}


def make_change(office: Office, name: str, texts: Mapping[str, str]) -> None:
    """Raises ValueError for an unknown change, a text that is missing or too many, and one that makes no sense."""
    change = CHANGES.get(name)
    if change is None:
        raise ValueError(f"There is no change {name!r}; there are: {', '.join(CHANGES)}.")
    if texts.keys() != set(change.fields):
        raise ValueError(
            f"`{name}` takes {', '.join(change.fields) or 'nothing'}, not {', '.join(texts) or 'nothing'}."
        )
    change.make(office, texts)


def read_change(text: str) -> tuple[str, dict[str, str]]:
    """`NAME[,FIELD=VALUE,...]` -> name and texts, which `make_change` judges. Raises ValueError.

    >>> read_change("rename,kind=status,name=Open,title=New")
    ('rename', {'kind': 'status', 'name': 'Open', 'title': 'New'})
    """
    name, *parts = text.split(",")
    for part in parts:
        if "=" not in part:
            raise ValueError(f"A change is NAME,FIELD=VALUE,…, not {text!r}.")
    return name.strip(), {key.strip(): value for key, _, value in (part.partition("=") for part in parts)}
