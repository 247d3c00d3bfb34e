"""Two directories of one desk in -> what has changed on it out, a sentence each. Pure."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from gateway.staffapi.directory import Directory
from gateway.staffapi.entries import Department, Priority, Queue, Staff, Status, Type

_Entry = TypeVar("_Entry", Department, Status, Type, Priority, Staff, Queue)


def changes(before: Directory, after: Directory) -> list[str]:
    """What people call things, who may use them, and the desk's version; colours and the order of lists do not count."""
    found = [
        *_listed("department", before.departments, after.departments),
        *_listed("status", before.statuses, after.statuses),
        *_listed("type", before.types, after.types),
        *_listed("priority", before.priorities, after.priorities),
        *_listed("staff member", before.staff, after.staff),
        *_listed("email queue", before.queues, after.queues),
    ]
    if before.version != after.version:
        found.append(f"the desk's version is {after.version or 'unknown'}, it was {before.version or 'unknown'}")
    return found


def _listed(kind: str, before: Sequence[_Entry], after: Sequence[_Entry]) -> Iterator[str]:
    old, new = {entry.id: entry for entry in before}, {entry.id: entry for entry in after}
    for number, entry in old.items():
        what = f"{kind} {_name(entry)!r} ({number})"
        if number not in new:
            hidden = ", or the account is not assigned to it any more" if isinstance(entry, Department) else ""
            yield f"the {what} is gone{hidden}"
        elif _name(entry) != _name(new[number]):
            yield f"the {what} is now called {_name(new[number])!r}"
    for number, entry in new.items():
        what = f"{kind} {_name(entry)!r} ({number})"
        if number not in old:
            yield f"the {what} is new"
        else:
            yield from _moved(what, old[number], entry)


def _moved(what: str, old: object, new: object) -> Iterator[str]:
    match old, new:
        case Department(), Department():
            if old.assigned != new.assigned:
                yield f"the account is {'now' if new.assigned else 'no longer'} assigned to the {what}"
            if old.parent != new.parent:
                yield f"the {what} stands elsewhere among the departments"
        case Status() | Type() | Queue(), Status() | Type() | Queue():
            if old.department_id != new.department_id:
                yield f"the {what} is for {_home(new.department_id)} now, it was for {_home(old.department_id)}"
            if isinstance(old, Status) and isinstance(new, Status) and old.mark_as_resolved != new.mark_as_resolved:
                yield f"the {what} {'now marks' if new.mark_as_resolved else 'no longer marks'} tickets as resolved"
        case Staff(), Staff():
            if set(old.departments) != set(new.departments):
                yield f"the {what} is in other departments now"
            if (old.email, old.username) != (new.email, new.username):
                yield f"the {what} has another address or user name"


def _home(department_id: int) -> str:
    return f"department {department_id}" if department_id else "every department"


def _name(entry: Department | Status | Type | Priority | Staff | Queue) -> str:
    match entry:
        case Staff():
            return entry.fullname
        case Queue():
            return entry.email
        case _:
            return entry.title
