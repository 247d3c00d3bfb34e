"""One connection in, kept mail out.

aiosmtpd holds the connection and its timer. Reading, grammar, limits and answers are ours: a long line is mail, the end
of a mail is exact, and no answer shows the text of an exception.
"""

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP

from gateway import maillog
from gateway.intake.commands import Refusal
from gateway.intake.data import Data
from gateway.intake.dialogue import Dialogue
from gateway.intake.incoming import ClientLeft, Endless, Incoming, LineTooLong
from gateway.intake.keeping import NOT_NOW, keep
from gateway.intake.store import Store
from gateway.intake.terms import Terms
from gateway.intake.trace import count_hops, received_line
from gateway.spool.stored import Stored

#: A browser, or a program made to speak to us by somebody's page: what follows may not be taken for commands.
_OTHER_PROTOCOLS = frozenset({"GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT"})
#: Seconds a client gets to read our last words: closing a socket that has unread input would throw them away.
_LINGER = 1.0
_STOPPING = "421 4.3.2 The gateway is being stopped, try again later"


class _NoHooks:
    """aiosmtpd's handler, of which nothing is used."""

    def __dir__(self) -> Iterable[str]:
        return ()


class _HangUp(Exception):
    """The connection is to be closed with these last words."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        super().__init__(answer)


@dataclass(slots=True)
class Inside:
    """Who is connected and what is being committed; the sessions of one listener share it."""

    sessions: "set[Session]" = field(default_factory=set)
    #: Those of them that were not turned away.
    admitted: "set[Session]" = field(default_factory=set)
    #: They outlive their sessions where a client does not wait for its answer.
    commits: "set[asyncio.Task[Stored]]" = field(default_factory=set)
    #: From now on every session ends as soon as it has nothing under way.
    closing: bool = False


class Session(SMTP):
    """The protocol of one connection. Made inside a running event loop; `inside` may be set until it is connected."""

    #: Bytes that may wait in the stream; what aiosmtpd means by it, the longest line of a mail, is not used.
    line_length_limit = 65_536

    def __init__(self, store: Store, terms: Terms) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(_NoHooks(), hostname=terms.hostname, timeout=terms.idle_seconds, loop=loop)
        self.inside = Inside()
        self._store = store
        self._terms = terms
        self._peer = ""
        self._dialogue = Dialogue(terms)
        #: True while the next command is awaited, which is when the dialogue may be ended by cancelling it.
        self._waiting = False
        self._lost = False

    def __dir__(self) -> Iterable[str]:
        # SMTP.__init__ looks at every name of `self`, for each connection an eighth of its CPU time, and finds commands
        # that are not ours, such as AUTH.
        return ()

    # -- the connection ----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._peer = _peer(transport.get_extra_info("peername"))
        super().connection_made(transport)
        self._incoming = Incoming(self._reader, self._reset_timeout)
        self.inside.sessions.add(self)
        self.task.add_done_callback(self._go)

    def _go(self, _task: object) -> None:
        self.inside.sessions.discard(self)
        self.inside.admitted.discard(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._lost = True
        super().connection_lost(error)

    def eof_received(self) -> bool | None:
        # aiosmtpd cancels the dialogue here. A client that has sent all it had and closed its side may still read
        # answers, and a mail that came in whole is kept.
        return asyncio.StreamReaderProtocol.eof_received(self)

    @property
    def task(self) -> "asyncio.Task[None]":
        """Ends when the dialogue is over and the connection closed."""
        assert self._handler_coroutine is not None
        return self._handler_coroutine

    def leave(self) -> None:
        """Say 421 and close, once `inside.closing` is set: now where the client is silent, else after its answer."""
        if self._waiting:
            self.task.cancel()

    def abort(self) -> None:
        """Close now, whatever goes on. A commit under way is not touched."""
        self._writer.transport.abort()

    def _timeout_cb(self) -> None:
        self._writer.write(b"421 4.4.2 Nothing was heard for too long, goodbye\r\n")
        self._writer.close()
        # A client that reads nothing either would keep the connection open.
        self.loop.call_later(_LINGER, self.abort)

    async def push(self, status: str | bytes) -> None:
        answer = status.encode("ascii", "replace") if isinstance(status, str) else status
        self._writer.write(answer + b"\r\n")
        await self._writer.drain()

    # -- the dialogue ------------------------------------------------------------------------------------------

    async def _handle_client(self) -> None:
        try:
            await self._hang_up(await self._converse())
        except (ClientLeft, ConnectionError):
            pass
        except asyncio.CancelledError:
            if self._lost or not self.inside.closing:
                self.abort()
                raise
            # Our own doing, in `leave`: the task goes on, to say so.
            task = asyncio.current_task()
            assert task is not None
            task.uncancel()
            with contextlib.suppress(ConnectionError):
                await self._hang_up(_STOPPING)
        finally:
            self._writer.close()
            with contextlib.suppress(ConnectionError):
                await self._writer.wait_closed()

    async def _hang_up(self, last_words: str) -> None:
        await self.push(last_words)
        if self._writer.can_write_eof():
            self._writer.write_eof()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LINGER):
                await self._incoming.discard()

    async def _converse(self) -> str:
        """Answer commands until one of us has had enough; gives the last answer."""
        try:
            self._admit()
            await self.push(f"220 {self.hostname} ESMTP")
            while not self.inside.closing:
                await self._answer_next()
        except _HangUp as end:
            return end.answer
        return _STOPPING

    def _admit(self) -> None:
        refusal = ""
        if not self._terms.peers.allows(self._peer):
            refusal = "554 5.7.1 This host may not send mail here"
        elif self.inside.closing:
            refusal = _STOPPING
        elif len(self.inside.admitted) >= self._terms.connections:
            refusal = "421 4.7.0 Too many connections, try again later"
        if refusal:
            self._log("connect", refusal)
            raise _HangUp(refusal)
        self.inside.admitted.add(self)

    async def _answer_next(self) -> None:
        command = argument = ""
        try:
            line = await self._next_line()
            self._dialogue.check_patience()
            command, argument = _parse(line)
            if command == "QUIT" and not argument:
                raise _HangUp("221 2.0.0 Goodbye")
            if command == "DATA" and not argument:
                await self._take_mail()
            else:
                await self.push(self._dialogue.answer(command, argument))
        except Refusal as refusal:
            await self._refuse(command, argument, refusal)
        except (_HangUp, ClientLeft, ConnectionError):
            raise
        except Exception as error:
            # The outermost guard: a mistake of ours may delay this mail, and costs nobody else anything.
            maillog.fault(where=f"intake.{command}", error=error)
            await self._refuse(command, argument, Refusal(NOT_NOW))

    async def _next_line(self) -> bytes:
        self._waiting = True
        try:
            return await self._incoming.line()
        except LineTooLong:
            raise Refusal("500 5.5.2 The line is too long") from None
        except Endless:
            raise _HangUp("500 5.5.2 The line is too long") from None
        finally:
            self._waiting = False

    async def _refuse(self, command: str, argument: str, refusal: Refusal) -> None:
        if command in ("MAIL", "RCPT", "DATA"):
            self._log(command, refusal.answer, argument)
        if refusal.code == 421:
            raise _HangUp(refusal.answer)
        self._dialogue.count(command, refusal)
        await self.push(refusal.answer)

    def _log(self, command: str, answer: str, argument: str = "") -> None:
        path = argument.partition("<")[2].partition(">")[0] or argument
        shown = path if path.isprintable() else ascii(path)
        maillog.mail_refused(
            peer=self._peer,
            command=command,
            code=int(answer[:3]),
            reason=answer[4:],
            mail_from=shown if command == "MAIL" else self._dialogue.mail_from,
            rcpt=shown if command == "RCPT" else "",
        )

    # -- the mail ----------------------------------------------------------------------------------------------

    async def _take_mail(self) -> None:
        self._dialogue.begin_data()
        await self.push("354 End the mail with <CR><LF>.<CR><LF>")
        accepted = False
        try:
            stored = await self._commit(await self._receive())
            accepted = True
            answer = f"250 2.0.0 queued as {stored.id}"
        except Refusal as refusal:
            # Here and not by the caller, who would find the transaction gone.
            self._log("DATA", refusal.answer)
            self._dialogue.count("DATA", refusal)
            answer = refusal.answer
        finally:
            self._dialogue.end_data(accepted=accepted)
        await self.push(answer)

    async def _receive(self) -> bytes:
        too_big = f"552 5.3.4 Mail larger than {self._terms.max_size} bytes is not taken"
        data = Data(self._terms.max_size)
        try:
            await self._incoming.mail(data)
        except Endless:
            self._log("DATA", too_big)
            raise _HangUp(too_big) from None
        except (ClientLeft, ConnectionError, asyncio.CancelledError):
            self._log("DATA", "000 The connection ended before the mail did")
            raise
        except Exception as error:
            # The rest of the mail must not be read as commands.
            maillog.fault(where="DATA", error=error)
            raise _HangUp("421 4.3.0 The gateway has a problem of its own, try again later") from error
        if data.too_big:
            raise Refusal(too_big)
        raw = data.content()
        if count_hops(raw) > self._terms.hops:
            raise Refusal("554 5.4.6 The mail has passed through too many hosts; it is going in circles")
        return raw

    async def _commit(self, raw: bytes) -> Stored:
        envelope = self._dialogue.envelope(peer=self._peer, received_at=self._terms.now())
        trace = received_line(envelope, hostname=self.hostname, transmission=self._dialogue.transmission)
        commit = self.loop.create_task(keep(self._store, envelope, raw, trace=trace, clock=self.loop.time))
        self.inside.commits.add(commit)
        commit.add_done_callback(self.inside.commits.discard)
        # The client is silent because it waits for us.
        self._reset_timeout(self._terms.commit_seconds + self._terms.idle_seconds)
        try:
            async with asyncio.timeout(self._terms.commit_seconds):
                # Once begun a commit ends, whether the client waits or not; its second try is known as the same mail.
                return await asyncio.shield(commit)
        except TimeoutError:
            raise Refusal("451 4.3.0 Keeping the mail takes too long, try again later") from None


def _parse(line: bytes) -> tuple[str, str]:
    if not line.endswith(b"\r\n"):
        # Whoever takes a bare LF for the end of a line can be made to see commands where others see mail.
        raise Refusal("500 5.5.2 A line must end with <CR><LF>")
    command, _, argument = line[:-2].decode(errors="replace").partition(" ")
    if not command.isascii():
        raise Refusal("500 5.5.2 This is no command")
    command = command.upper()
    if command in _OTHER_PROTOCOLS or command.endswith(":"):
        raise Refusal("421 4.7.0 This is SMTP, goodbye")
    return command, argument.strip(" ")


def _peer(name: object) -> str:
    # (address, port, …) of a TCP client, a path or nothing of a unix socket's.
    return str(name[0]).partition("%")[0] if isinstance(name, tuple) else "unix"
