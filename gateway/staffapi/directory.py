"""The desk's answer to GetInfo in -> names to ids out, with a good word for each name the desk does not know."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from lxml.etree import _Element as Element

from gateway.problems import GatewayError
from gateway.staffapi.answers import Answer, Unreadable, read_answer
from gateway.staffapi.documents import FLAGS
from gateway.staffapi.tickets import read_int

NameOrId = str | int
Kind = Literal["department", "status", "priority", "type", "owner", "queue", "flag"]


class UnknownName(GatewayError):
    """A name or id that cannot be used for a `kind`; `known` are those that can."""

    def __init__(self, kind: Kind, value: NameOrId, known: Iterable[str], why: str = "") -> None:
        self.kind = kind
        self.value = value
        self.known = tuple(known)
        near = difflib.get_close_matches(_key(value), map(_key, self.known), n=1)
        if near and not why:
            hint = f"did you mean {next(name for name in self.known if _key(name) == near[0])!r}?"
        else:
            hint = f"there are: {', '.join(self.known) or 'none'}"
        super().__init__(f"{why or f'the desk has no {kind} {value!r}'}; {hint}")


@dataclass(frozen=True, slots=True)
class Department:
    id: int
    title: str
    #: Whether the account is assigned to it; nothing is created elsewhere.
    assigned: bool
    #: 0 at the top.
    parent: int


@dataclass(frozen=True, slots=True)
class Status:
    id: int
    title: str
    #: 0: good everywhere; else in this department and those below it.
    department_id: int
    mark_as_resolved: bool


@dataclass(frozen=True, slots=True)
class Type:
    id: int
    title: str
    #: As in `Status`.
    department_id: int


@dataclass(frozen=True, slots=True)
class Priority:
    id: int
    title: str


@dataclass(frozen=True, slots=True)
class Staff:
    id: int
    fullname: str
    email: str
    username: str
    #: Ids of the departments this person is assigned to; empty where the desk does not say.
    departments: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Queue:
    """An email queue: an address the desk itself collects mail from."""

    id: int
    email: str
    department_id: int


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
            departments=tuple(_departments(root, parent=0)),
            statuses=tuple(
                Status(
                    _id(node), _value(node, "title"), _id(node, "departmentid"), _value(node, "markasresolved") == "1"
                )
                for node in _nodes(root, "ticketstatus")
            ),
            types=tuple(
                Type(_id(node), _value(node, "title"), _id(node, "departmentid")) for node in _nodes(root, "tickettype")
            ),
            priorities=tuple(Priority(_id(node), _value(node, "title")) for node in _nodes(root, "ticketpriority")),
            staff=tuple(map(_staff, _nodes(root, "staff"))),
            queues=tuple(
                Queue(_id(node), _value(node, "email"), _id(node, "departmentid"))
                for node in _nodes(root, "emailqueue")
            ),
            version=answer.values.get("version", ""),
            product=answer.values.get("product", ""),
        )

    @property
    def assigned(self) -> tuple[int, ...]:
        """Ids of the departments the account can see."""
        return tuple(department.id for department in self.departments if department.assigned)

    def department_id(self, name: NameOrId) -> int:
        """Also "Parent › Child", "Parent / Child" and "Parent > Child". Only an assigned department will do."""
        found = [d for d in self.departments if name == d.id or (isinstance(name, str) and self._means(name, d))]
        if not found and isinstance(name, str) and name.strip().isdecimal():
            found = [department for department in self.departments if department.id == int(name)]
        usable = [department for department in found if department.assigned]
        if len(usable) == 1:
            return usable[0].id
        if usable:
            raise UnknownName("department", name, map(self._path, usable), f"{name!r} means several departments")
        known = [self._path(department) for department in self.departments if department.assigned]
        if found:
            raise UnknownName("department", name, known, f"the account is not assigned to the department {name!r}")
        raise UnknownName("department", name, known)

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
                raise UnknownName("owner", name, names, f"{name!r} means several people; give the username")
        raise UnknownName("owner", name, [person.fullname for person in self.staff])

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

    def serves(self, staff_id: int, department_id: int) -> bool:
        """Whether a ticket there keeps this owner; a desk resets others to nobody, and says nothing."""
        return any(p.id == staff_id and department_id in (p.departments or (department_id,)) for p in self.staff)

    def check(self, department_id: int, *, status_id: int | None = None, type_id: int | None = None) -> None:
        """Raises UnknownName unless status and type are good in the department: a desk checks them on modify only."""
        if status_id is not None:
            self.status_id(status_id, department_id)
        if type_id is not None:
            self.type_id(type_id, department_id)

    def _good_in(self, entries: Iterable[Status | Type], department: int | None) -> list[Status | Type]:
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

    def _path(self, department: Department) -> str:
        titles = {entry.id: entry.title for entry in self.departments}
        return " › ".join(titles[number] for number in reversed(self._line(department.id)) if number in titles)

    def _means(self, name: str, department: Department) -> bool:
        path = _key(self._path(department))
        return _key(name) in {_key(department.title), path, path.replace(" › ", " / "), path.replace(" › ", " > ")}


def _pick(
    kind: Kind, name: NameOrId, good: Sequence[_Named], known: Sequence[_Named], department: int | None = None
) -> int:
    """The entry with that title, or else that id; of several the first where a department put them in order."""
    titled = [entry for entry in good if _key(entry.title) == _key(name)]
    numbered = [entry for entry in good if str(entry.id) == _key(name)]
    for found in (titled, numbered):
        if len(found) == 1 or (found and department is not None):
            return found[0].id
        if found:
            names = [f"{entry.title} ({entry.id})" for entry in found]
            raise UnknownName(kind, name, names, f"{name!r} means several; give the id")
    elsewhere = any(_key(name) in {_key(entry.title), str(entry.id)} for entry in known)
    why = f"the {kind} {name!r} is not for this department" if elsewhere else ""
    raise UnknownName(kind, name, dict.fromkeys(entry.title for entry in good), why)


def _key(name: NameOrId) -> str:
    """What two spellings of a name have in common."""
    return " ".join(str(name).split()).casefold()


def _departments(node: Element, parent: int) -> Iterable[Department]:
    for child in _nodes(node, "department"):
        above = _id(child, "parentdepartmentid") or parent
        yield Department(_id(child), _value(child, "title"), _value(child, "assigned") == "1", above)
        yield from _departments(child, _id(child))


def _staff(node: Element) -> Staff:
    departments = (read_int(number.strip()) for number in _value(node, "departments").split(","))
    return Staff(
        id=_id(node),
        fullname=_value(node, "fullname"),
        email=_value(node, "email"),
        username=_value(node, "username"),
        departments=tuple(number for number in departments if number),
    )


def _nodes(node: Element, name: str) -> Iterable[Element]:
    """Children that have an id; a desk names none with 0."""
    return (child for child in node.iterfind(name) if _id(child))


def _value(node: Element, name: str) -> str:
    """An attribute; a child element where a desk writes one instead."""
    return (node.get(name) or node.findtext(name) or "").strip()


def _id(node: Element, name: str = "id") -> int:
    return read_int(_value(node, name)) or 0
