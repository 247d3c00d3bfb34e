"""The desk's answer to GetInfo in -> names to ids out, with a good word for each name the desk does not know."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from gateway.problems import GatewayError
from gateway.staffapi.answers import Answer, Unreadable, read_answer
from gateway.staffapi.documents import FLAGS
from gateway.staffapi.entries import (
    Department,
    Priority,
    Queue,
    Staff,
    Status,
    Type,
    read_departments,
    read_priorities,
    read_queues,
    read_staff,
    read_statuses,
    read_types,
)

__all__ = [
    "AmbiguousName",
    "Department",
    "Directory",
    "Kind",
    "NameOrId",
    "Priority",
    "Queue",
    "Staff",
    "Status",
    "Type",
    "UnknownName",
]

NameOrId = str | int
Kind = Literal["department", "status", "priority", "type", "owner", "queue", "flag"]
#: Characters of a title that a desk keeps.
_LONGEST_TITLE = 255


class UnknownName(GatewayError):
    """A name or id that cannot be used for a `kind`; `known` are those that can.

    `also` are further spellings, each with the known name it stands for: they are looked at for the near one only.
    """

    def __init__(
        self, kind: Kind, value: NameOrId, known: Iterable[str], why: str = "", *, also: Mapping[str, str] | None = None
    ) -> None:
        self.kind = kind
        self.value = value
        self.known = tuple(known)
        spellings = {_key(name): name for name in self.known}
        spellings = {_key(spelling): name for spelling, name in (also or {}).items()} | spellings
        near = () if why else difflib.get_close_matches(_key(value)[:_LONGEST_TITLE], spellings, n=1)
        if near:
            hint = f"did you mean {spellings[near[0]]!r}?"
        else:
            hint = f"there are: {', '.join(self.known) or 'none'}"
            if kind == "department" and not why:
                hint += " (the desk may hide those that the account is not assigned to)"
        super().__init__(f"{why or f'the desk has no {kind} {value!r}'}; {hint}")


class AmbiguousName(UnknownName):
    """A name that means several things; `known` tells them apart."""


_Entry = TypeVar("_Entry", bound=Status | Type)


class _Named(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def title(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Directory:
    """All that rules name. Each `…_id` takes a name in any case or an id, and raises UnknownName."""

    departments: tuple[Department, ...] = ()
    statuses: tuple[Status, ...] = ()
    types: tuple[Type, ...] = ()
    priorities: tuple[Priority, ...] = ()
    staff: tuple[Staff, ...] = ()
    queues: tuple[Queue, ...] = ()
    version: str = ""
    product: str = ""

    @classmethod
    def parse(cls, body: bytes) -> "Directory":
        """From the body of an answer to `/Core/Default/GetInfo`. Raises Unreadable, also where it is not a success."""
        answer = read_answer({}, body)
        if answer.status != 1:
            raise Unreadable(f"it has status {answer.status}: {answer.error}")
        return cls.read(answer)

    @classmethod
    def read(cls, answer: Answer) -> "Directory":
        root = answer.root
        return cls(
            departments=tuple(dict.fromkeys(read_departments(root))),
            statuses=tuple(read_statuses(root)),
            types=tuple(read_types(root)),
            priorities=tuple(read_priorities(root)),
            staff=tuple(read_staff(root)),
            queues=tuple(read_queues(root)),
            version=answer.values.get("version", ""),
            product=answer.values.get("product", ""),
        )

    @property
    def assigned(self) -> tuple[int, ...]:
        """Ids of the departments the account can see."""
        return tuple(department.id for department in self.departments if department.assigned)

    def path(self, department_id: int) -> str:
        """A department's title below those above it: "Support › Level 2"; "" where the desk shows none with that id."""
        titles = {entry.id: entry.title for entry in self.departments}
        return " › ".join(titles[number] for number in reversed(self._line(department_id)) if number in titles)

    def department_id(self, name: NameOrId) -> int:
        """Also "Parent › Child", "Parent / Child" and "Parent > Child". Only an assigned department will do."""
        found = [d for d in self.departments if name == d.id or (isinstance(name, str) and self._means(name, d))]
        if not found and isinstance(name, str) and name.strip().isdecimal():
            found = [department for department in self.departments if department.id == int(name)]
        usable = [department for department in found if department.assigned]
        if len(usable) == 1:
            return usable[0].id
        if usable:
            # Two may share even their path.
            paths = [self.path(department.id) for department in usable]
            known = [
                path if paths.count(path) == 1 else f"{path} ({d.id})" for path, d in zip(paths, usable, strict=True)
            ]
            raise AmbiguousName("department", name, known, f"{name!r} means several departments")
        titles = {self.path(department.id): department.title for department in self.departments if department.assigned}
        if found:
            raise UnknownName("department", name, titles, f"the account is not assigned to the department {name!r}")
        raise UnknownName("department", name, titles, also={title: path for path, title in titles.items()})

    def status_id(self, name: NameOrId, department: int | None = None) -> int:
        """With a `department`, only a status that is good there."""
        return _pick("status", name, self._good_in(self.statuses, department), self.statuses, department)

    def type_id(self, name: NameOrId, department: int | None = None) -> int:
        return _pick("type", name, self._good_in(self.types, department), self.types, department)

    def priority_id(self, name: NameOrId) -> int:
        return _pick("priority", name, self.priorities, self.priorities)

    def owner_id(self, name: NameOrId) -> int:
        """By full name, username or address; 0 and "unassigned" are nobody: 0."""
        if _key(name) in {"0", "unassigned"}:
            return 0
        for get in ("username", "email", "fullname", "id"):
            found = [person.id for person in self.staff if _key(getattr(person, get)) == _key(name)]
            if len(found) == 1:
                return found[0]
            if found:
                names = [person.username for person in self.staff if person.id in found]
                raise AmbiguousName("owner", name, names, f"{name!r} means several people; give the username")
        also = {each: each for person in self.staff for each in (person.username, person.email) if each}
        raise UnknownName("owner", name, [person.fullname for person in self.staff], also=also)

    def queue_id(self, name: NameOrId) -> int:
        """By address or id; 0 is no queue."""
        if _key(name) == "0":
            return 0
        for queue in self.queues:
            if _key(name) in {_key(queue.email), str(queue.id)}:
                return queue.id
        raise UnknownName("queue", name, [queue.email for queue in self.queues])

    @staticmethod
    def flag(name: NameOrId) -> int:
        """By name, such as "red", or number."""
        for flag, number in FLAGS.items():
            if _key(name) in {flag, str(number)}:
                return number
        raise UnknownName("flag", name, FLAGS)

    def staff_by_email(self, address: str) -> Staff | None:
        """The staff member with exactly this address, in any case; of two who share it the first."""
        wanted = address.casefold()
        return next((person for person in self.staff if wanted and person.email.casefold() == wanted), None)

    def open_status(self, department_id: int) -> int | None:
        """The status that puts a ticket there back on the desk's table: unresolved, titled "Open" or else shown first.

        None where the desk has no unresolved status for the department.
        """
        good = [status for status in self._good_in(self.statuses, department_id) if not status.mark_as_resolved]
        titled = [status for status in good if _key(status.title) == "open"]
        ranked = titled or sorted(good, key=lambda status: (status.display_order, status.id))
        return ranked[0].id if ranked else None

    def serves(self, staff_id: int, department_id: int) -> bool:
        """Whether a ticket there keeps this owner; a desk resets others to nobody, and says nothing."""
        return any(p.id == staff_id and department_id in (p.departments or (department_id,)) for p in self.staff)

    def check(self, department_id: int, *, status_id: int | None = None, type_id: int | None = None) -> None:
        """Raises UnknownName unless status and type are good in the department: a desk checks them on modify only."""
        if status_id is not None:
            self.status_id(status_id, department_id)
        if type_id is not None:
            self.type_id(type_id, department_id)

    def _good_in(self, entries: Iterable[_Entry], department: int | None) -> list[_Entry]:
        """Those good in the department, its own first."""
        if department is None:
            return list(entries)
        chain = [*self._line(department), 0]
        good = [entry for entry in entries if entry.department_id in chain]
        return sorted(good, key=lambda entry: chain.index(entry.department_id))

    def _line(self, department_id: int) -> list[int]:
        """The department, the one above it, and so on."""
        parents = {department.id: department.parent for department in self.departments}
        line = [department_id]
        while (above := parents.get(line[-1], 0)) and above not in line:
            line.append(above)
        return line

    def _means(self, name: str, department: Department) -> bool:
        path = _key(self.path(department.id))
        return _key(name) in {_key(department.title), path, path.replace(" › ", " / "), path.replace(" › ", " > ")}


def _pick(
    kind: Kind, name: NameOrId, good: Sequence[_Named], known: Sequence[_Named], department: int | None = None
) -> int:
    """The entry with that title, or else that id; in a department its own goes before one that is good everywhere."""
    titled = [entry for entry in good if _key(entry.title) == _key(name)]
    numbered = [entry for entry in good if str(entry.id) == _key(name)]
    for found in (titled, numbered):
        homes = [getattr(entry, "department_id", 0) for entry in found]
        if len(found) == 1 or (found and department is not None and homes[0] not in homes[1:]):
            return found[0].id
        if found:
            names = [f"{entry.title} ({entry.id})" for entry in found]
            raise AmbiguousName(kind, name, names, f"{name!r} means several; give the id")
    elsewhere = any(_key(name) in {_key(entry.title), str(entry.id)} for entry in known)
    why = f"the {kind} {name!r} is not for this department" if elsewhere else ""
    raise UnknownName(kind, name, dict.fromkeys(entry.title for entry in good), why)


def _key(name: NameOrId) -> str:
    """What two spellings of a name have in common."""
    return " ".join(str(name).split()).casefold()
