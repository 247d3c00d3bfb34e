"""Stream of a connection in; command lines and mails out, each bounded."""

import asyncio
from collections.abc import Callable

from gateway.intake.data import Data

_CHUNK = 131_072
#: RFC 5321 4.5.3.1.4 asks for 512 octets, extensions for some more; nothing honest is longer than this.
_LONGEST_LINE = 2_048
_LONGEST_FLOOD = 65_536


class ClientLeft(Exception):
    """The client closed its side."""


class Endless(Exception):
    """The client sends on and on what nobody can use; where its next command would begin cannot be told."""


class LineTooLong(Exception):
    """A command line beyond 2,048 bytes; it has been read to its end and thrown away."""


class Incoming:
    """Reads ahead of what it gives out, so that all reading of a connection goes through here."""

    def __init__(self, stream: asyncio.StreamReader, heard: Callable[[], None]) -> None:
        self._stream = stream
        self._heard = heard
        self._ahead = bytearray()

    async def line(self) -> bytes:
        """The next line with its end, which is CRLF or, against RFC 5321 2.3.8, LF.

        Raises ClientLeft, LineTooLong, Endless.
        """
        thrown = scanned = 0
        while (end := self._ahead.find(b"\n", scanned)) < 0:
            if len(self._ahead) > _LONGEST_LINE:
                thrown += len(self._ahead)
                self._ahead.clear()
                if thrown > _LONGEST_FLOOD:
                    raise Endless
            scanned = len(self._ahead)
            self._ahead += await self._read()
        line = bytes(self._ahead[: end + 1])
        del self._ahead[: end + 1]
        if thrown or len(line) > _LONGEST_LINE:
            raise LineTooLong
        return line

    async def mail(self, data: Data) -> None:
        """Fill `data` with one mail. Raises ClientLeft, and Endless beyond twice the limit of `data`."""
        rest = data.feed(bytes(self._ahead))
        self._ahead.clear()
        while rest is None:
            if data.received > 2 * data.limit:
                raise Endless
            rest = data.feed(await self._read())
        self._ahead += rest

    async def discard(self) -> None:
        """Throw away what comes until the client closes its side."""
        while await self._stream.read(_CHUNK):
            pass

    async def _read(self) -> bytes:
        chunk = await self._stream.read(_CHUNK)
        if not chunk:
            raise ClientLeft
        self._heard()
        return chunk
