"""Words of a command line come in -> a sandbox desk set up as they say goes out."""

import random
import sqlite3
from collections.abc import Sequence

from gateway.desk.changes import read_change
from gateway.desk.faults import read_fault
from gateway.desk.server import SandboxDesk

#: Calls that change something: an answer to one of these can be lost after the effect.
_WRITING = ("push", "rest")


def open_desk(
    database: str,
    *,
    dialect: str = "page",
    changes: Sequence[str] = (),
    faults: Sequence[str] = (),
    lose: float = 0.0,
    seed: int | None = None,
) -> SandboxDesk:
    """`changes` are `NAME,FIELD=VALUE,…` (see `changes.CHANGES`), `faults` `KIND,FIELD=VALUE,…` (see `faults.Fault`).

    `lose` is how likely the answer to a push is lost after the effect; with a `seed` the same ones are lost each time,
    if calls come in the same order. Raises ValueError.
    """
    dice = None if seed is None else random.Random(seed)  # noqa: S311 - drawn again on purpose
    try:
        desk = SandboxDesk(database, dialect=dialect, dice=dice)
    except sqlite3.DatabaseError as error:
        raise ValueError(f"{database} cannot be used as the desk's database ({error}); name another file.") from error
    try:
        for text in changes:
            name, texts = read_change(text)
            desk.change(name, **texts)
        for text in faults:
            desk.faults.put(read_fault(text))
        for call in _WRITING if lose else ():
            desk.faults.add("cut_after", on=call, count=None, chance=lose)
    except ValueError:
        desk.close()
        raise
    return desk
