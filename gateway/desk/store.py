"""Statements come in -> rows of the sandbox desk go out: one SQLite database, one lock, one transaction at a time."""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from gateway.desk import demo

#: What each release added, in order; `PRAGMA user_version` counts them.
_SCHEMA_1 = """
CREATE TABLE departments (id INTEGER PRIMARY KEY, title TEXT NOT NULL, parentdepartmentid INTEGER NOT NULL);
CREATE TABLE assignments (staffid INTEGER NOT NULL, departmentid INTEGER NOT NULL, PRIMARY KEY (staffid, departmentid));
CREATE TABLE statuses (id INTEGER PRIMARY KEY, title TEXT NOT NULL, departmentid INTEGER NOT NULL, markasresolved INTEGER NOT NULL);
CREATE TABLE types (id INTEGER PRIMARY KEY, title TEXT NOT NULL, departmentid INTEGER NOT NULL);
CREATE TABLE priorities (id INTEGER PRIMARY KEY, title TEXT NOT NULL);
CREATE TABLE staff (id INTEGER PRIMARY KEY, firstname TEXT NOT NULL, lastname TEXT NOT NULL,
  fullname TEXT NOT NULL GENERATED ALWAYS AS (firstname || ' ' || lastname), username TEXT NOT NULL, email TEXT NOT NULL,
  lastvisit INTEGER NOT NULL DEFAULT 0);
CREATE TABLE queues (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, departmentid INTEGER NOT NULL);
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, fullname TEXT NOT NULL, email TEXT NOT NULL UNIQUE, phonenumber TEXT NOT NULL);
CREATE TABLE sessions (id TEXT PRIMARY KEY, staffid INTEGER NOT NULL, lastactivity REAL NOT NULL);
CREATE TABLE failures (username TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX failures_username ON failures (username, at);
CREATE TABLE tickets (id INTEGER PRIMARY KEY AUTOINCREMENT, mask TEXT NOT NULL UNIQUE, departmentid INTEGER NOT NULL,
  statusid INTEGER NOT NULL, priorityid INTEGER NOT NULL, typeid INTEGER NOT NULL, flagtype INTEGER NOT NULL DEFAULT 0,
  userid INTEGER NOT NULL, ownerstaffid INTEGER NOT NULL, emailqueueid INTEGER NOT NULL, fullname TEXT NOT NULL,
  email TEXT NOT NULL, lastreplier TEXT NOT NULL, subject TEXT NOT NULL, creationtime INTEGER NOT NULL,
  lastactivity INTEGER NOT NULL, laststaffreply INTEGER NOT NULL DEFAULT 0, lastuserreply INTEGER NOT NULL DEFAULT 0,
  replydue INTEGER NOT NULL DEFAULT 0, resolutiondue INTEGER NOT NULL DEFAULT 0, replies INTEGER NOT NULL DEFAULT 0,
  ipaddress TEXT NOT NULL, creator INTEGER NOT NULL, creationtype INTEGER NOT NULL, phonenumber TEXT NOT NULL);
CREATE INDEX tickets_department ON tickets (departmentid, statusid);
CREATE INDEX tickets_activity ON tickets (lastactivity);
CREATE TABLE posts (id INTEGER PRIMARY KEY AUTOINCREMENT, ticketid INTEGER NOT NULL, creationtime INTEGER NOT NULL,
  userid INTEGER NOT NULL, staffid INTEGER NOT NULL, fullname TEXT NOT NULL, email TEXT NOT NULL, emailto TEXT NOT NULL,
  subject TEXT NOT NULL, ipaddress TEXT NOT NULL, creator INTEGER NOT NULL, contents TEXT NOT NULL);
CREATE INDEX posts_ticket ON posts (ticketid);
CREATE TABLE attachments (id INTEGER PRIMARY KEY AUTOINCREMENT, ticketid INTEGER NOT NULL, postid INTEGER NOT NULL,
  filename TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL, contents BLOB NOT NULL);
CREATE INDEX attachments_ticket ON attachments (ticketid);
CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT, ticketid INTEGER NOT NULL, userid INTEGER NOT NULL, type TEXT NOT NULL,
  notecolor INTEGER NOT NULL, staffid INTEGER NOT NULL, creationdate INTEGER NOT NULL, contents TEXT NOT NULL);
CREATE INDEX notes_ticket ON notes (ticketid);
CREATE INDEX notes_user ON notes (userid) WHERE type = 'user';
CREATE TABLE billing (id INTEGER PRIMARY KEY AUTOINCREMENT, ticketid INTEGER NOT NULL, timeworked INTEGER NOT NULL,
  timebillable INTEGER NOT NULL, billdate INTEGER NOT NULL, workdate INTEGER NOT NULL, workerstaffid INTEGER NOT NULL,
  staffid INTEGER NOT NULL, notecolor INTEGER NOT NULL, contents TEXT NOT NULL);
CREATE INDEX billing_ticket ON billing (ticketid);
CREATE TABLE tags (ticketid INTEGER NOT NULL, tag TEXT NOT NULL, UNIQUE (tag, ticketid));
CREATE INDEX tags_ticket ON tags (ticketid);
CREATE TABLE recipients (ticketid INTEGER NOT NULL, type TEXT NOT NULL, email TEXT NOT NULL, UNIQUE (ticketid, email));
CREATE TABLE watchers (ticketid INTEGER NOT NULL, staffid INTEGER NOT NULL, UNIQUE (ticketid, staffid));
CREATE TABLE outgoing (id INTEGER PRIMARY KEY, ticketid INTEGER NOT NULL, kind TEXT NOT NULL, email TEXT NOT NULL,
  cc TEXT NOT NULL, bcc TEXT NOT NULL, subject TEXT NOT NULL, contents TEXT NOT NULL);
CREATE INDEX outgoing_ticket ON outgoing (ticketid);
"""
_SCHEMA_2 = """
ALTER TABLE tickets ADD COLUMN slaplanid INTEGER NOT NULL DEFAULT 0;
ALTER TABLE posts ADD COLUMN creationmode INTEGER NOT NULL DEFAULT 7;
ALTER TABLE attachments ADD COLUMN filetype TEXT NOT NULL DEFAULT 'application/download';
ALTER TABLE notes ADD COLUMN organizationid INTEGER NOT NULL DEFAULT 0;
CREATE INDEX notes_organization ON notes (organizationid) WHERE type = 'userorganization';
CREATE TABLE organizations (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, domain TEXT NOT NULL UNIQUE);
INSERT INTO sqlite_sequence (name, seq) VALUES ('organizations', 300);
CREATE TABLE merges (ticketid INTEGER PRIMARY KEY, mask TEXT NOT NULL, targetid INTEGER NOT NULL);
CREATE INDEX merges_target ON merges (targetid);
CREATE TABLE notifications (id INTEGER PRIMARY KEY, ticketid INTEGER NOT NULL, event TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX notifications_ticket ON notifications (ticketid);
"""
_SCHEMAS = (_SCHEMA_1, _SCHEMA_2)
#: Made anew at every start. An organisation is its users' by the domain of their addresses.
_LISTED = """
CREATE VIEW listed AS SELECT t.*,
  coalesce(d.title, 'Trash') AS departmenttitle, coalesce(s.title, '') AS statustitle, coalesce(p.title, '') AS prioritytitle,
  coalesce(y.title, '') AS typetitle, coalesce(o.fullname, '') AS ownerstaffname, coalesce(s.markasresolved, 0) AS resolved,
  coalesce(g.title, '') AS userorganization, coalesce(g.id, '') AS userorganizationid,
  CASE t.slaplanid WHEN 0 THEN '' ELSE 'Default' END AS slaplantitle,
  EXISTS (SELECT 1 FROM attachments a WHERE a.ticketid = t.id) AS hasattachments,
  EXISTS (SELECT 1 FROM notes n WHERE n.ticketid = t.id) AS hasnotes,
  EXISTS (SELECT 1 FROM billing b WHERE b.ticketid = t.id) AS hasbilling,
  coalesce((SELECT group_concat(tag, ' ') FROM (SELECT tag FROM tags g WHERE g.ticketid = t.id ORDER BY g.rowid)), '') AS tags,
  (SELECT count(*) FROM attachments a WHERE a.ticketid = t.id) AS attachments
FROM tickets t LEFT JOIN departments d ON d.id = t.departmentid LEFT JOIN statuses s ON s.id = t.statusid
  LEFT JOIN priorities p ON p.id = t.priorityid LEFT JOIN types y ON y.id = t.typeid LEFT JOIN staff o ON o.id = t.ownerstaffid
  LEFT JOIN users u ON u.id = t.userid LEFT JOIN organizations g ON g.domain = substr(u.email, instr(u.email, '@') + 1)
"""

Value = int | float | str | bytes | None
Values = Sequence[Value] | Mapping[str, Value]


class Store:
    """The desk's memory. Every use is inside `transaction()`; threads wait for each other there.

    `database` is a path or ":memory:"; a file of an earlier release is brought up to date. Raises ValueError for one of
    a later release. A sandbox may lose its last tickets in a power cut: nothing is synced.
    """

    def __init__(self, database: str) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA synchronous = OFF")
        with self.transaction():
            self._move_in(database)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit at the end, roll back on an exception; nests as savepoints."""
        with self._lock:
            self._connection.execute("SAVEPOINT node")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK TO node")
                self._connection.execute("RELEASE node")
                raise
            self._connection.execute("RELEASE node")

    def run(self, statement: str, values: Values = ()) -> int:
        """-> the id of the row inserted, if one was."""
        return self._connection.execute(statement, values).lastrowid or 0

    def rows(self, statement: str, values: Values = ()) -> list[sqlite3.Row]:
        return self._connection.execute(statement, values).fetchall()

    def row(self, statement: str, values: Values = ()) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self._connection.execute(statement, values).fetchone()
        return found

    def value(self, statement: str, values: Values = ()) -> Any:
        """-> the first column of the first row, None where there is no row."""
        found = self.row(statement, values)
        return None if found is None else found[0]

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _move_in(self, database: str) -> None:
        done = int(self.value("PRAGMA user_version"))
        if not done and self.row("SELECT 1 FROM sqlite_master WHERE name = 'departments'"):
            done = 1  # the first release did not count
        if done > len(_SCHEMAS):
            raise ValueError(f"{database} was written by a later release of the sandbox desk; name another file.")
        self.run("DROP VIEW IF EXISTS listed")
        for schema in _SCHEMAS[done:]:
            for statement in schema.split(";\n"):
                self.run(statement)
        self.run(f"PRAGMA user_version = {len(_SCHEMAS)}")
        self.run(_LISTED)
        if not done:
            self._settle_in()

    def _settle_in(self) -> None:
        fill = self._connection.executemany
        fill("INSERT INTO departments VALUES (?, ?, ?)", demo.DEPARTMENTS)
        fill("INSERT INTO statuses VALUES (?, ?, ?, ?)", demo.STATUSES)
        fill("INSERT INTO types VALUES (?, ?, ?)", demo.TYPES)
        fill("INSERT INTO priorities VALUES (?, ?)", demo.PRIORITIES)
        fill("INSERT INTO staff (id, firstname, lastname, username, email) VALUES (?, ?, ?, ?, ?)", demo.STAFF)
        fill(
            "INSERT INTO assignments VALUES (?, ?)",
            [(staff, department) for staff, departments in demo.ASSIGNMENTS for department in departments],
        )
        fill("INSERT INTO queues VALUES (?, ?, ?)", demo.QUEUES)
        fill("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", demo.LAST_IDS)
