"""Who works at the desk in this request, by which rules, and when: handed to everything that touches tickets."""

import json
import random
import re
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from gateway.desk.dialect import Dialect
from gateway.desk.store import Store

_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+|[^\s@<>,;]+@localhost")
#: Letters of any script, digits and `+ - _ : . @` (SWIFT-5199).
_NOT_IN_TAG = re.compile(r"[^\w+\-:.@]")
_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")


class Refused(Exception):
    """This node is not carried out, or not to its end; the others are."""


class PlainCrash(Exception):
    """An exception nobody catches: the request ends here, in plain text."""


@dataclass(slots=True)
class Visit:
    """`denied` are permissions the staff user lacks, in the server's spelling (`staff_tcaninsertticket`).

    `blind` are departments in which Search shows nothing.
    """

    store: Store
    dialect: Dialect
    staff: sqlite3.Row
    now: int
    ip: str
    dice: random.Random
    denied: frozenset[str] = frozenset()
    blind: frozenset[int] = frozenset()
    #: Die after the row of the first ticket created.
    crash_midway: bool = False
    #: What is done when the answer is written already: values that change here are stale in it.
    afterwards: list[Callable[[], None]] = field(default_factory=list)
    departments: frozenset[int] = field(init=False)
    #: The same, as a JSON array for SQL.
    departments_json: str = field(init=False)

    def __post_init__(self) -> None:
        rows = self.store.rows("SELECT departmentid FROM assignments WHERE staffid = ?", (self.staff["id"],))
        self.departments = frozenset(row[0] for row in rows)
        self.departments_json = json.dumps(sorted(self.departments))

    def may(self, permission: str) -> bool:
        return permission not in self.denied

    def sees(self, departmentid: int) -> bool:
        """Answers show assigned departments and Trash only."""
        return departmentid == 0 or departmentid in self.departments

    def shut_down(self) -> None:
        """What PHP's shutdown functions do, even after a crash."""
        for work in self.afterwards:
            work()
        self.afterwards.clear()

    def stored(self, text: str) -> str:
        """The text as the database keeps it."""
        if self.dialect.utf8mb3 and (beyond := _BEYOND_BMP.search(text)):
            return text[: beyond.start()]
        return text

    def stored_post(self, contents: str) -> str:
        """How emoji are encoded is not known: nobody may rely on this form. Servers that cut texts do not know it yet."""
        if self.dialect.encodes_emoji and not self.dialect.utf8mb3:
            contents = _BEYOND_BMP.sub(lambda found: f"&#{ord(found[0])};", contents)
        return self.stored(contents)

    def is_queue(self, email: str) -> bool:
        return self.store.row("SELECT 1 FROM queues WHERE email = ?", (email,)) is not None

    def add_recipients(self, ticketid: int, kind: str, addresses: Iterable[str]) -> None:
        """Invalid addresses and the desk's own are dropped without a word; one address once per ticket, the first stays."""
        for address in (address.strip().lower() for address in addresses):
            if _ADDRESS.fullmatch(address) and not self.is_queue(address):
                self.store.run("INSERT OR IGNORE INTO recipients VALUES (?, ?, ?)", (ticketid, kind, address))

    def set_tags(self, ticketid: int, elements: list[str], *, replace: bool) -> None:
        """Spaces part tags, and an answer shows them parted so: none holds a space. Empty elements change nothing."""
        read = elements[:1] if self.dialect.first_only else elements
        words = (word for element in read for word in element.lower().split())
        tags = [tag for word in words if (tag := self.stored(_NOT_IN_TAG.sub("", word)))]
        if tags and replace:
            self.store.run("DELETE FROM tags WHERE ticketid = ?", (ticketid,))
        for tag in tags:
            self.store.run("INSERT OR IGNORE INTO tags VALUES (?, ?)", (ticketid, tag))

    def find_or_make_user(self, fullname: str, email: str, phonenumber: str = "") -> int:
        found = self.store.value("SELECT id FROM users WHERE email = ?", (email,))
        if found is not None:
            return int(found)
        return self.store.run(
            "INSERT INTO users (fullname, email, phonenumber) VALUES (?, ?, ?)",
            (self.stored(fullname), email, phonenumber),
        )

    def send(self, ticketid: int, kind: str, subject: str, contents: str) -> None:
        """Record a mail the desk would send: `autoresponder`, `echo` of a create, or `reply`. Never to its own queues."""
        email = str(self.store.value("SELECT email FROM tickets WHERE id = ?", (ticketid,)) or "")
        cc, bcc = ([], []) if kind == "autoresponder" else self._others(ticketid)
        if email and not self.is_queue(email):
            self._record(ticketid, kind, email, cc, bcc, subject, contents)

    def send_to_others(self, ticketid: int, writer: str, subject: str, contents: str) -> None:
        """Record that a requester's post goes to the ticket's other people, if there are any; never to its writer."""
        cc, bcc = ([email for email in emails if email != writer] for emails in self._others(ticketid))
        email = str(self.store.value("SELECT email FROM tickets WHERE id = ?", (ticketid,)) or "")
        if email and email not in {writer, *cc, *bcc} and not self.is_queue(email):
            cc.append(email)
        if cc or bcc:
            self._record(ticketid, "client_reply", "", cc, bcc, subject, contents)

    def notify_staff(self, ticketid: int, event: str) -> None:
        """Record that staff are told: `newticket`, `newclientreply`, `newstaffreply` or `newticketnotes`."""
        self.store.run("INSERT INTO notifications (ticketid, event, at) VALUES (?, ?, ?)", (ticketid, event, self.now))

    def _others(self, ticketid: int) -> tuple[list[str], list[str]]:
        rows = self.store.rows("SELECT type, email FROM recipients WHERE ticketid = ? ORDER BY rowid", (ticketid,))
        cc, bcc = ([row["email"] for row in rows if row["type"] == kind] for kind in ("cc", "bcc"))
        return cc, bcc

    def _record(
        self, ticketid: int, kind: str, email: str, cc: list[str], bcc: list[str], subject: str, contents: str
    ) -> None:
        self.store.run(
            "INSERT INTO outgoing (ticketid, kind, email, cc, bcc, subject, contents) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (ticketid, kind, email, " ".join(cc), " ".join(bcc), subject, contents),
        )
