"""A word from one process of a gateway to the others: memory they share, written by one and read by all."""

import mmap
import struct
import time

#: A beat older than this (seconds) is no sign of life.
_FRESH = 5.0


class Board:
    """Made by the supervisor before it forks."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 8)

    def beat(self) -> None:
        """Say that the intake listens."""
        struct.pack_into("d", self._shared, 0, time.monotonic())

    def fresh(self) -> bool:
        """Whether the intake has said so lately."""
        last: float = struct.unpack_from("d", self._shared, 0)[0]
        return last > 0 and time.monotonic() - last < _FRESH  # also if `last` is infinite

    def ever(self) -> bool:
        """Whether the intake has listened at all since the gateway was started."""
        return bool(struct.unpack_from("d", self._shared, 0)[0])

    def leave_out(self) -> None:
        """Say once and for all that this gateway has no intake, so that nobody waits for it."""
        struct.pack_into("d", self._shared, 0, float("inf"))
