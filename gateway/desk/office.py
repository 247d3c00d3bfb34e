"""One call comes in -> its answer goes out: who may call, what is recorded, which room of the desk does it."""

import asyncio
import random
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.desk import demo
from gateway.desk.accounts import Accounts, Login, locked_text, refuse, want_second_factor, write_directory
from gateway.desk.answers import Answer, Document
from gateway.desk.calls import Call
from gateway.desk.dialect import Dialect
from gateway.desk.faults import Faults
from gateway.desk.payload import payload_violations
from gateway.desk.push import push
from gateway.desk.rest import ApiKey, answer_rest, rest_violations
from gateway.desk.retrieve import retrieve
from gateway.desk.store import Store
from gateway.desk.visit import Visit

#: Servers offer it; the session counts from the form first, then from the URL, then from here.
COOKIE = "SWIFT_sessionid210"
_EXPIRED = "Session Expired Due to Inactivity"
#: Of what the desk remembers of its callers; tickets are kept for good.
_REMEMBERED = 5000
_REMEMBERED_BYTES = 128 * 1024 * 1024


@dataclass(slots=True)
class Journal:
    """What callers did, the latest of it."""

    logins: deque[Login] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    violations: deque[str] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    pushes: deque[bytes] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    #: Requests whose client went away before the last byte of them.
    abandoned: int = 0
    _bytes: int = 0

    def complain(self, call: str, violations: Iterable[str]) -> None:
        self.violations.extend(f"{call}: {violation}" for violation in violations)

    def keep_push(self, payload: bytes) -> None:
        if len(self.pushes) == _REMEMBERED:
            self._bytes -= len(self.pushes.popleft())
        self.pushes.append(payload)
        self._bytes += len(payload)
        while self._bytes > _REMEMBERED_BYTES and len(self.pushes) > 1:
            self._bytes -= len(self.pushes.popleft())


@dataclass(slots=True)
class Office:
    """Everything the desk is, but the network. `denied`: permissions its account lacks; `blind`: see `Visit`.

    `skew` is by how many seconds the desk's clock is ahead of `clock`.
    """

    store: Store
    accounts: Accounts
    dialect: Dialect
    clock: Callable[[], float]
    dice: random.Random
    faults: Faults
    denied: frozenset[str] = frozenset()
    blind: frozenset[int] = frozenset()
    skew: float = 0.0
    key: ApiKey = field(default_factory=ApiKey)
    journal: Journal = field(default_factory=Journal)
    #: Calls being worked on, those whose client has left included.
    working: set[asyncio.Task[Any]] = field(default_factory=set)

    def now(self) -> float:
        return self.clock() + self.skew

    def answer(self, call: Call, fault: str = "") -> Answer:
        """`fault` is the kind of a fault that acts inside the desk; others are the network's."""
        dialect = self.dialect
        if "payload" in call.fields:
            self.journal.complain(call.kind, payload_violations(call.fields["payload"]))
        if call.kind == "rest":
            self.journal.complain(call.kind, rest_violations(call, self.key))
        if fault == "too_large":
            call = replace(call, fields={}, other_sessions=())
        if fault == "payload_dropped":
            call = replace(call, fields=call.fields | {"payload": b""})
        with self.store.transaction():
            if call.kind == "login":
                return self._log_in(call, fault)
            if call.kind == "rest":
                account = self.store.row("SELECT * FROM staff WHERE id = ?", (demo.ACCOUNT,))
                assert account is not None
                return answer_rest(self._visit(account, call), call, self.key)
            document = Document(zero_is_empty=dialect.zero_is_empty)
            if call.kind == "other":
                return _unknown(call, document, compress=dialect.gzip)
            session = call.text("sessionid")
            if not session and dialect.session_anywhere:
                session = next(iter(call.other_sessions), "")
            if fault == "expired":
                self.accounts.end(session)
            return self._serve(call, session, document, fault)

    def _log_in(self, call: Call, fault: str) -> Answer:
        document = Document(zero_is_empty=self.dialect.zero_is_empty)
        now, name = self.now(), call.text("username")
        if fault == "two_factor":
            want_second_factor(document)
            session = ""
        elif fault in {"refuse_login", "locked"}:
            document.head(-1, "Invalid Username or Password" if fault == "refuse_login" else locked_text(900, 4))
            session = ""
        else:
            session = self.accounts.log_in(call, document, now, lockout=self.dialect.lockout)
        self.journal.logins.append(Login(now, name, bool(session), call.user_agent[:60]))
        answer = document.finish(compress=self.dialect.gzip)
        if session:
            answer.headers["Set-Cookie"] = f"{COOKIE}={session}; path=/"
        return answer

    def _serve(self, call: Call, session: str, document: Document, fault: str) -> Answer:
        now, compress = self.now(), self.dialect.gzip
        staff = self.accounts.staff_of(session, now)
        if staff is None:
            answer = refuse(document, -2, _EXPIRED, compress=compress)
            if call.kind == "info" and not self.dialect.strict:
                # The action runs on without a staff user and writes a document of its own.
                second = Document(zero_is_empty=self.dialect.zero_is_empty)
                answer.body += refuse(second, -1, _EXPIRED, compress=compress).body
            return answer
        if call.kind == "logout":
            self.accounts.end(session)
            document.leaf("status", 1)
            return document.finish(compress=compress)
        if call.kind == "info":
            self.accounts.flush(now)
            macros = not self.dialect.strict and call.text("wantmacros") != "0"
            write_directory(document, self.store, staff, self.dialect, macros=macros)
            return document.finish(compress=compress)
        visit = self._visit(staff, call)
        visit.crash_midway = fault == "plain_crash_midway"
        if call.kind == "push":
            return push(visit, call.fields.get("payload", b""))
        return retrieve(visit, call)

    def _visit(self, staff: sqlite3.Row, call: Call) -> Visit:
        now = int(self.now())
        return Visit(self.store, self.dialect, staff, now, call.peer, self.dice, self.denied, self.blind)


def _unknown(call: Call, document: Document, *, compress: bool) -> Answer:
    if call.interface == "staffapi" and call.route.startswith(("/Core/Default", "/Tickets/")):
        return refuse(document, -1, _EXPIRED, compress=compress)
    app = call.route.strip("/").partition("/")[0][:40]
    text = app.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Answer(f'<html><body>"{text}" SWIFT App does not exist</body></html>'.encode(), status=404)
