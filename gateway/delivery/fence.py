"""Sessions on the desk in -> kept in the spool before their first use -> ended by whoever takes over what was sent.

Half a push does nothing: its last block holds the session id. So a session that is over shuts out all that a node, or
this node's killed predecessor, had begun to send under it and may still finish: the desk answers -2.

What a living node sends anew after its session was ended under it is no danger. A push, its second login included, has
to be out within its time, which is at most a third of the lease; another node takes over a lease that is over, at the
earliest two thirds of it after the push began, since leases are renewed each third. So whoever is shut out has no time
left to send that push again.

A post by REST has no session: against one that is late only its deadline and the settle time help.
"""

import asyncio
import hashlib
import json
import os
from collections.abc import Callable

from gateway.spool.spool import Spool
from gateway.staffapi.client import Desk
from gateway.staffapi.seal import NotOurs, seal, unseal
from gateway.staffapi.session import WINDOW, Forget


class Registry:
    """This process's sessions, written down for others; `key` is a `seal_key`, the same on all nodes of a spool."""

    def __init__(self, spool: Spool, key: bytes, *, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        self.spool = spool
        self.key = key
        self._random_bytes = random_bytes
        #: The session of this process, known before others can read of it. A secret.
        self.newest = ""

    async def register(self, session_id: str) -> Forget:
        """Commit it; gives back how to take it off again. Raises SpoolError."""
        self.newest = session_id
        sealed = seal(session_id, self.key, random_bytes=self._random_bytes)
        row = await asyncio.wrap_future(self.spool.keep_session(self.spool.node, sealed))

        async def forget() -> None:
            await asyncio.wrap_future(self.spool.forget_session(row))

        return forget


class Fence:
    """Ends sessions. `tell` logs, in words, that one could not be ended."""

    def __init__(self, registry: Registry, desk: Desk, *, tell: Callable[[str], None]) -> None:
        self._registry = registry
        self._desk = desk
        self._tell = tell
        self._one_at_a_time = asyncio.Lock()

    async def shut(self, node: str, *, opened_until: float | None = None) -> None:
        """End every session of `node` but the one this process works with; does nothing the second time.

        Of the own node those are the sessions of killed predecessors. `opened_until` (that node's clock) leaves newer
        ones alone: an attempt cannot have used a session opened after its start and the longest a request may take.
        Raises DeskUnavailable where the desk cannot be asked, SpoolError.
        """
        spool = self._registry.spool
        async with self._one_at_a_time:
            for kept in await asyncio.to_thread(spool.sessions_of, node):
                if opened_until is not None and kept.opened_at > opened_until:
                    continue
                try:
                    session_id = unseal(kept.sealed, self._registry.key)
                except NotOurs as reason:
                    # A changed password has ended it; at another address nobody here could.
                    self._tell(f"a session of node {node} on the desk cannot be ended from here: {reason}")
                else:
                    if session_id == self._registry.newest:
                        continue
                    await self._desk.log_out(session_id)
                await asyncio.wrap_future(spool.forget_session(kept.id))


class RefusedLogins:
    """Refused logins of one account, counted in the spool over all nodes and restarts. `clock`: seconds since the epoch."""

    def __init__(self, spool: Spool, *, url: str, username: str, clock: Callable[[], float]) -> None:
        self._spool = spool
        self._clock = clock
        self._key = f"refused logins {hashlib.sha256(f'{url} {username}'.encode()).hexdigest()[:16]}"

    async def ages(self) -> list[float]:
        now = self._clock()
        return [now - at for at in await asyncio.to_thread(self._read)]

    async def add(self) -> None:
        now = self._clock()
        recent = [at for at in await asyncio.to_thread(self._read) if 0 <= now - at < WINDOW]
        await asyncio.wrap_future(self._spool.remember(self._key, json.dumps([*recent, now])))

    def _read(self) -> list[float]:
        kept: list[float] = json.loads(self._spool.recall(self._key) or "[]")
        return kept
