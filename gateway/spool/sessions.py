"""Sessions on the desk, already encrypted, in -> kept by node -> out for whoever has to end them."""

from dataclasses import dataclass, field

import sqlalchemy as sa

from gateway.spool.tables import desk_sessions


@dataclass(frozen=True, slots=True)
class KeptSession:
    """A session that a node has opened and not been seen to end."""

    id: int
    sealed: bytes = field(repr=False)
    #: By the clock of that node (seconds since the epoch).
    opened_at: float


def keep(connection: sa.Connection, node: str, sealed: bytes, *, now: float) -> int:
    """The number of the new row."""
    statement = sa.insert(desk_sessions).values(node=node, sealed=sealed, opened_at=now).returning(desk_sessions.c.id)
    return int(connection.execute(statement).scalar_one())


def kept_of(connection: sa.Connection, node: str) -> list[KeptSession]:
    """The oldest first."""
    statement = sa.select(desk_sessions).where(desk_sessions.c.node == node).order_by(desk_sessions.c.id)
    return [KeptSession(row.id, bytes(row.sealed), row.opened_at) for row in connection.execute(statement)]


def forget(connection: sa.Connection, id: int) -> None:
    """Nothing happens where it is forgotten already."""
    connection.execute(sa.delete(desk_sessions).where(desk_sessions.c.id == id))
