"""How each doubt ended in -> counts for the metrics and the console out."""

from collections import Counter
from typing import Literal, get_args

#: found: by its marker; recognised: without one; sent_again: proven absent; held: nobody can tell; several: more than
#: one ticket carries the marker; unseen: a whole answer without our ticket.
How = Literal["found", "recognised", "sent_again", "held", "several", "unseen"]
HOWS: tuple[How, ...] = get_args(How)


class Doubts:
    """Of this process, since it started."""

    def __init__(self) -> None:
        self._resolved: Counter[How] = Counter()
        #: Pushes whose missing parts were sent by themselves.
        self.completed = 0

    def resolve(self, how: How) -> None:
        self._resolved[how] += 1

    @property
    def resolved(self) -> dict[How, int]:
        """Every way, those that never happened too."""
        return {how: self._resolved[how] for how in HOWS}
