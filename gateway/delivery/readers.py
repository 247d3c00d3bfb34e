"""Raw mail in, Message out, read in processes that can be killed: what a mail does to its reader harms no other mail."""

import asyncio
import json
import os
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Self

from pydantic import ValidationError

from gateway import maillog
from gateway.delivery import zygote
from gateway.mail.message import Message
from gateway.problems import GatewayError

Reason = Literal["time", "memory", "crash", "fault"]
_ASK_AGAIN_SECONDS = 0.1


class Unreadable(GatewayError):
    """This mail cannot be read, and that will not change.

    It ran out of `reason` "time" or "memory", made the reader "crash", or raised a "fault" in it; `text` says more.
    """

    def __init__(self, reason: Reason, text: str) -> None:
        self.reason: Reason = reason
        self.text = text
        super().__init__(f"The mail cannot be read ({reason}): {text}")


class NoReader(GatewayError):
    """No reader could be had. That says nothing about the mail: try it again later."""


class Readers:
    """Up to `count` readers, forked by the zygote at the other end of `control`, each for `mails_per_reader` mails.

    Without `control` mail is read in a thread of this process by `read_here`, or the gateway's own reader: for tests and
    for a gateway in one process. A thread cannot be killed; one that runs out of time is left behind.
    """

    def __init__(
        self,
        control: socket.socket | None,
        *,
        count: int = 2,
        wall_seconds: float = 10.0,
        start_seconds: float = 60.0,
        mails_per_reader: int = 500,
        read_here: zygote.Read | None = None,
    ) -> None:
        self._control = control
        self._wall_seconds = wall_seconds
        self._start_seconds = start_seconds
        self._mails_per_reader = mails_per_reader
        self._read_here = read_here
        self._slots = asyncio.Semaphore(count)
        self._idle: list[_Reader] = []
        self._closed = False

    async def read(self, raw: bytes) -> Message:
        """The mail as read. A mail that fails in one reader gets one more try, in a fresh one.

        Raises Unreadable after that, NoReader if there is no reader for it within `start_seconds`. A cancelled call
        takes its reader with it.
        """
        async with self._slots:
            if self._control is None:
                return await self._read_in_thread(raw)
            with _Mail(raw) as mail:
                try:
                    return await self._try(mail, self._take_idle() or await self._start(self._control))
                except Unreadable:
                    return await self._try(mail, await self._start(self._control))

    async def aclose(self) -> None:
        """End the readers; one that is reading ends when it has answered."""
        self._closed = True
        while self._idle:
            self._idle.pop().end()

    async def _try(self, mail: "_Mail", reader: "_Reader") -> Message:
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(self._wall_seconds):
                message = await reader.read(mail)
        except TimeoutError:
            failure = Unreadable("time", f"not read within {self._wall_seconds:g} seconds")
        except OSError:
            # Nobody tells how it died; but it is not alone in having a clock.
            if asyncio.get_running_loop().time() - began >= reader.cpu_seconds:
                failure = Unreadable("time", f"not read within {reader.cpu_seconds} seconds of CPU time")
            else:
                failure = Unreadable("crash", "the reader died")
        except Unreadable as error:
            failure = error
        except BaseException:  # cancelled: an answer may still come, and must not be taken for another mail's
            reader.end()
            raise
        else:
            reader.mails += 1
            if self._closed or reader.mails >= self._mails_per_reader:
                reader.end()
            else:
                self._idle.append(reader)
            return message
        reader.end()
        maillog.reader_killed(limit=failure.reason, pid=reader.pid)
        raise failure

    def _take_idle(self) -> "_Reader | None":
        while self._idle:
            reader = self._idle.pop()
            if reader.is_waiting():
                return reader
            reader.end()  # it died unasked, with its zygote: no mail's doing
        return None

    async def _start(self, control: socket.socket) -> "_Reader":
        try:
            async with asyncio.timeout(self._start_seconds):
                while True:
                    if reader := await _ask(control):
                        return reader
                    await asyncio.sleep(_ASK_AGAIN_SECONDS)
        except TimeoutError:
            raise NoReader(f"No reader came within {self._start_seconds:g} seconds.") from None

    async def _read_in_thread(self, raw: bytes) -> Message:
        if self._read_here is None:
            self._read_here = zygote.load()
        try:
            async with asyncio.timeout(self._wall_seconds):
                return await asyncio.to_thread(self._read_here, raw)
        except TimeoutError:
            raise Unreadable("time", f"not read within {self._wall_seconds:g} seconds") from None
        except MemoryError as error:
            raise Unreadable("memory", str(error)) from error
        except Exception as error:  # the reader process's last line of defence, which is missing here
            raise Unreadable("fault", f"{type(error).__name__}: {error}") from error


class _Mail:
    """Raw mail ready to be handed over: a short one as it is, a long one as a descriptor that every try can map."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.descriptor: int | None = None

    def __enter__(self) -> Self:
        if len(self.raw) > zygote.LONGEST_MAIL_FRAME:
            self.descriptor = os.memfd_create("mail", os.MFD_CLOEXEC)
            view = memoryview(self.raw)
            while view:
                view = view[os.write(self.descriptor, view) :]
        return self

    def __exit__(self, *_error: object) -> None:
        if self.descriptor is not None:
            os.close(self.descriptor)


@dataclass(slots=True, eq=False)
class _Reader:
    """One reader as seen from here. The pidfd came from itself, so it can never mean another process."""

    stream: socket.socket
    pidfd: int
    pid: int
    cpu_seconds: int
    mails: int = 0

    async def read(self, mail: _Mail) -> Message:
        """Raises OSError if the reader dies, Unreadable if it says that it cannot, or says nonsense."""
        loop = asyncio.get_running_loop()
        if mail.descriptor is None:
            await loop.sock_sendall(self.stream, zygote.HEAD.pack(zygote.MAIL, len(mail.raw)) + mail.raw)
        else:
            zygote.send_with_descriptor(self.stream, zygote.HEAD.pack(zygote.MAPPED, 0), mail.descriptor)
        kind, length = zygote.HEAD.unpack(await self._receive(zygote.HEAD.size))
        if length > zygote.LONGEST_ANSWER:
            raise Unreadable("memory", f"the reader's answer has {length} bytes")
        body = await self._receive(length)
        try:
            if kind == zygote.MESSAGE:
                return zygote.MESSAGES.validate_json(body)
            said = json.loads(body)
            reason: Reason = "memory" if said["type"] == "MemoryError" else "fault"
            text = f"{said['type']}: {said['text']}"
        except (ValidationError, ValueError, KeyError, TypeError):  # a reader taken over by its mail may say anything
            raise Unreadable("fault", "the reader's answer makes no sense") from None
        raise Unreadable(reason, text)

    async def _receive(self, length: int) -> bytearray:
        loop = asyncio.get_running_loop()
        body = bytearray(length)
        view = memoryview(body)
        while view:
            count = await loop.sock_recv_into(self.stream, view)
            if not count:
                raise ConnectionResetError("the reader died")
            view = view[count:]
        return body

    def is_waiting(self) -> bool:
        """Whether it lives and has nothing to say, as it should between two mails."""
        try:
            self.stream.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def end(self) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        os.close(self.pidfd)
        self.stream.close()


async def _ask(control: socket.socket) -> _Reader | None:
    """A new reader, or None if the zygote is not there, or cannot fork."""
    try:
        ours, theirs = socket.socketpair()
    except OSError:
        return None
    ours.setblocking(False)
    try:
        with theirs:
            # Never waits: while the zygote is being started again its queue may be full.
            zygote.send_with_descriptor(control, b"r", theirs.fileno(), socket.MSG_DONTWAIT)
        await _readable(ours)
        hello, pidfd = zygote.receive_with_descriptor(ours, zygote.HEAD.size + zygote.HELLO_BODY.size)
    except OSError:
        ours.close()
        return None
    except BaseException:
        ours.close()  # the reader, if one comes, sees end-of-file
        raise
    if pidfd is None:
        ours.close()
        return None
    pid, cpu_seconds = zygote.HELLO_BODY.unpack_from(hello, zygote.HEAD.size)
    return _Reader(ours, pidfd, pid, cpu_seconds)


async def _readable(sock: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()

    def tell() -> None:
        if not ready.done():
            ready.set_result(None)

    loop.add_reader(sock, tell)
    try:
        await ready
    finally:
        loop.remove_reader(sock)
