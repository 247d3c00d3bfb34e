"""A name or id, and the desk's directory as far as it is known -> an id. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.commands.ticket_values import Mistake
from gateway.staffapi.directory import Directory, Staff, UnknownName

#: How to say that a ticket is nobody's.
_NOBODY = {"none", "nobody", "unassigned", "0"}


class NeedsDesk(Exception):
    """A name was given, or something of the ticket itself is needed, and only the desk can tell."""


@dataclass(frozen=True, slots=True)
class Names:
    """Without a directory an id is taken as it is, and a name raises NeedsDesk; with one, UnknownName or Mistake tell
    what is wrong with either.
    """

    directory: Directory | None
    #: The user name the gateway logs in with.
    account: str

    def department(self, name: str) -> int:
        return self._id(name, lambda known: known.department_id(name))

    def status(self, name: str, department: int | None) -> int:
        return self._id(name, lambda known: known.status_id(name, department))

    def type(self, name: str, department: int | None) -> int:
        return self._id(name, lambda known: known.type_id(name, department))

    def priority(self, name: str) -> int:
        return self._id(name, lambda known: known.priority_id(name))

    def queue(self, name: str) -> int:
        return self._id(name, lambda known: known.queue_id(name))

    def flag(self, name: str) -> int:
        return Directory.flag(name)

    def owner(self, name: str, department: int | None) -> int:
        """0 is nobody. A desk drops an owner who does not work in the department, and says nothing."""
        if name.strip().lower() in _NOBODY:
            return 0
        number = self.staff(name)
        if self.directory is not None and department and not self.directory.serves(number, department):
            raise Mistake(
                f"the owner {name!r} is not assigned to the department, so the desk would drop them; "
                "name somebody who is, or have them assigned"
            )
        return number

    def staff(self, name: str) -> int:
        return self._id(name, lambda known: known.owner_id(name))

    def worker(self, name: str | None) -> int | None:
        """Who worked: the account where nobody is named, for the page wants somebody there."""
        if name is not None:
            return self.staff(name)
        try:
            return self.staff(self.account)
        except UnknownName:
            return None

    def person(self, staff_id: int) -> Staff:
        """Name and address of a staff member."""
        if self.directory is None:
            raise NeedsDesk
        return next(person for person in self.directory.staff if person.id == staff_id)

    def _id(self, name: str, resolve: Callable[[Directory], int]) -> int:
        if self.directory is not None:
            return resolve(self.directory)
        plain = name.strip()
        if not (plain.isascii() and plain.isdecimal() and len(plain) <= 18):
            raise NeedsDesk
        return int(plain)


class AnyName(Names):
    """Takes every name: for telling all other mistakes before the desk is asked."""

    __slots__ = ()

    def person(self, staff_id: int) -> Staff:
        return Staff(staff_id, "anybody", "anybody@desk.invalid", "anybody", ())

    def _id(self, name: str, resolve: Callable[[Directory], int]) -> int:  # noqa: ARG002 - there is nothing to ask
        if not name.strip():
            raise Mistake("a name is empty; leave the option out, or name what you mean")
        return 1
