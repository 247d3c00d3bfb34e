"""An answer to GetInfo in -> its departments, statuses, types, priorities, staff and queues out, as they stand there."""

from collections.abc import Iterable
from dataclasses import dataclass

from lxml.etree import _Element as Element

from gateway.staffapi.tickets import read_int


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
    #: Where the desk's lists show it; the lowest first.
    display_order: int = 0


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


def read_departments(node: Element, parent: int = 0) -> Iterable[Department]:
    """Those below it too."""
    for child in _nodes(node, "department"):
        above = _id(child, "parentdepartmentid") or parent
        yield Department(_id(child), _value(child, "title"), _value(child, "assigned") == "1", above)
        yield from read_departments(child, _id(child))


def read_statuses(root: Element) -> Iterable[Status]:
    for node in _nodes(root, "ticketstatus"):
        resolved = _value(node, "markasresolved") == "1"
        yield Status(_id(node), _value(node, "title"), _id(node, "departmentid"), resolved, _id(node, "displayorder"))


def read_types(root: Element) -> Iterable[Type]:
    return (Type(_id(node), _value(node, "title"), _id(node, "departmentid")) for node in _nodes(root, "tickettype"))


def read_priorities(root: Element) -> Iterable[Priority]:
    return (Priority(_id(node), _value(node, "title")) for node in _nodes(root, "ticketpriority"))


def read_staff(root: Element) -> Iterable[Staff]:
    for node in _nodes(root, "staff"):
        departments = (read_int(number.strip()) for number in _value(node, "departments").split(","))
        yield Staff(
            id=_id(node),
            fullname=_value(node, "fullname"),
            email=_value(node, "email"),
            username=_value(node, "username"),
            departments=tuple(number for number in departments if number),
        )


def read_queues(root: Element) -> Iterable[Queue]:
    return (Queue(_id(node), _value(node, "email"), _id(node, "departmentid")) for node in _nodes(root, "emailqueue"))


def _nodes(node: Element, name: str) -> Iterable[Element]:
    """Children that have an id; a desk names none with 0."""
    return (child for child in node.iterfind(name) if _id(child))


def _value(node: Element, name: str) -> str:
    """An attribute; a child element where a desk writes one instead."""
    return (node.get(name) or node.findtext(name) or "").strip()


def _id(node: Element, name: str = "id") -> int:
    return read_int(_value(node, name)) or 0
