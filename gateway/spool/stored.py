"""What the spool answers once a mail is kept."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stored:
    """A mail that was committed. `duplicate_of` is the id of the first copy where this one is the relay's second try."""

    id: int
    duplicate_of: int | None
