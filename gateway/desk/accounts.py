"""Login, Logout and GetInfo come in -> sessions and the organisation's directory go out."""

import hmac
import random
import sqlite3
import string
from dataclasses import dataclass

from gateway.desk import demo
from gateway.desk.answers import Answer, Document, Text
from gateway.desk.calls import Call
from gateway.desk.dialect import Dialect
from gateway.desk.store import Store

VERSION = "4.93.27"
_ATTEMPTS = 3
_LOCK_SECONDS = 900
_REFUSED = "Invalid Username or Password"


@dataclass(frozen=True, slots=True)
class Login:
    """One attempt to log in, as the desk saw it."""

    at: float
    username: str
    accepted: bool
    user_agent: str


@dataclass(slots=True)
class Accounts:
    """Who may work here. `session_seconds` of idleness end a session; 0 is never.

    `two_factor` is the key a login must bring beside the password; "" is none.
    """

    store: Store
    username: str
    password: str
    dice: random.Random
    session_seconds: int = 21600
    two_factor: str = ""

    def log_in(self, call: Call, document: Document, now: float, *, lockout: bool) -> str:
        """-> the session, "" where the login was refused."""
        name = call.text("username")
        key = call.text("twofactorkey")
        passed = not self.two_factor or not key or hmac.compare_digest(key.encode(), self.two_factor.encode())
        password = call.fields.get("password", b"")
        refusal = self._refusal(name, password, now, lockout=lockout, passed=passed)
        if refusal:
            document.head(-1, refusal)
            return ""
        if self.two_factor and not call.text("twofactorkey"):
            want_second_factor(document)
            return ""
        self.flush(now)
        letters = string.ascii_letters + string.digits
        session = "".join(self.dice.choices(letters, k=64))
        self.store.run("INSERT INTO sessions VALUES (?, ?, ?)", (session, demo.ACCOUNT, now))
        self.store.run("UPDATE staff SET lastvisit = ? WHERE id = ?", (int(now), demo.ACCOUNT))
        document.head(1)
        document.leaf("version", VERSION)
        document.leaf("sessionid", session)
        document.leaf("sessiontimeout", str(self.session_seconds))
        document.leaf("staffid", str(demo.ACCOUNT))
        return session

    def _refusal(self, name: str, password: bytes, now: float, *, lockout: bool, passed: bool) -> str:
        right = hmac.compare_digest(password, self.password.encode()) and name == self.username and passed
        if not lockout or not name or not password:
            return "" if right else _REFUSED
        failures = self._failures(name, now)
        if failures > _ATTEMPTS:
            return locked_text(_LOCK_SECONDS, failures)
        if right:
            return ""
        self.store.run("INSERT INTO failures VALUES (?, ?)", (name, now))
        failures += 1
        if failures > _ATTEMPTS:
            return locked_text(_LOCK_SECONDS // 60, failures)
        return f"Invalid user name or password (attempt: {failures}/{_ATTEMPTS})"

    def _failures(self, name: str, now: float) -> int:
        counted = self.store.value(
            "SELECT count(*) FROM failures WHERE username = ? AND at > ?", (name, now - _LOCK_SECONDS)
        )
        return int(counted)

    def flush(self, now: float) -> None:
        """Every Login and GetInfo deletes the sessions that idled too long."""
        if self.session_seconds:
            self.store.run("DELETE FROM sessions WHERE lastactivity < ?", (now - self.session_seconds,))

    def staff_of(self, session: str, now: float) -> sqlite3.Row | None:
        """The staff user of a session, whose idleness ends now; None where it is unknown or over."""
        found = self.store.row("SELECT * FROM sessions WHERE id = ?", (session,))
        if found is None or (self.session_seconds and now - found["lastactivity"] > self.session_seconds):
            return None
        self.store.run("UPDATE sessions SET lastactivity = ? WHERE id = ?", (now, session))
        return self.store.row("SELECT * FROM staff WHERE id = ?", (found["staffid"],))

    def end(self, session: str) -> None:
        self.store.run("DELETE FROM sessions WHERE id = ?", (session,))


def want_second_factor(document: Document) -> None:
    document.head(2, "Please send the two factor authentication key to login.")


def locked_text(minutes: int, failures: int) -> str:
    """`minutes` are seconds where the lock was found before the password was looked at: a bug of the server."""
    return f"Login locked for {minutes} minutes (attempt: {failures}/{_ATTEMPTS})"


def refuse(document: Document, status: int, error: str, *, compress: bool) -> Answer:
    document.head(status, error)
    return document.finish(compress=compress)


def write_directory(document: Document, store: Store, staff: sqlite3.Row, dialect: Dialect, *, macros: bool) -> None:
    """GetInfo, in the order of the server."""
    document.head(1)
    for name, text in (
        ("uniqueid", "sandbox"),
        ("version", VERSION),
        ("product", "Fusion"),
        ("companyname", "Sandbox Help Desk"),
    ):
        document.leaf(name, text)
    _write_summary(document, store, staff)
    _write_departments(document, store, staff, dialect, 0)
    document.leaf("staffgroup", "", {"id": 1, "title": "Administrator"})
    counts = {
        row[0]: row[1]
        for row in store.rows("SELECT statusid, count(*) FROM tickets WHERE departmentid <> 0 GROUP BY statusid")
    }
    for order, row in enumerate(store.rows("SELECT * FROM statuses ORDER BY id"), 1):
        colours: dict[str, Text] = {"fgcolor": "#FFFFFF", "bgcolor": "#4EAFCB", "displayorder": order}
        resolved: dict[str, Text] = {
            "markasresolved": row["markasresolved"],
            "canchangestatus": "1",
            "iconurl": "",
            "new": "",
        }
        document.leaf(
            "ticketstatus",
            "",
            _titled(row)
            | {"departmentid": row["departmentid"]}
            | colours
            | resolved
            | {"ticketcount": counts.get(row["id"], 0)},
        )
    for order, row in enumerate(store.rows("SELECT * FROM types ORDER BY id"), 1):
        document.leaf(
            "tickettype", "", _titled(row) | {"departmentid": row["departmentid"], "displayorder": order, "iconurl": ""}
        )
    for order, row in enumerate(store.rows("SELECT * FROM priorities ORDER BY id"), 1):
        document.leaf(
            "ticketpriority", "", _titled(row) | {"fgcolor": "", "bgcolor": "", "displayorder": order, "iconurl": ""}
        )
    for row in store.rows("SELECT * FROM staff ORDER BY id"):
        document.leaf("staff", "", _staff_attributes(store, row))
    document.leaf("ticketfilter", "", {"id": 1, "title": "Flagged"})
    for row in store.rows("SELECT * FROM queues ORDER BY id"):
        document.leaf("emailqueue", "", {"id": row["id"], "email": row["email"], "departmentid": row["departmentid"]})
    if macros:
        document.leaf("macrocategory", "", {"id": 1, "title": "Answers"})
        document.leaf("macro", "", {"id": 1, "title": "Thanks"})


def _titled(row: sqlite3.Row) -> dict[str, Text]:
    return {"id": row["id"], "title": row["title"]}


def _staff_attributes(store: Store, row: sqlite3.Row) -> dict[str, Text]:
    departments = store.rows(
        "SELECT departmentid FROM assignments WHERE staffid = ? ORDER BY departmentid", (row["id"],)
    )
    return {
        **{name: row[name] for name in ("id", "firstname", "lastname", "fullname", "username")},
        "designation": "",
        "email": row["email"],
        "mobilenumber": "",
        "lastvisit": row["lastvisit"],
        "timezone": "UTC",
        "departments": ",".join(str(department[0]) for department in departments),
    }


def _write_summary(document: Document, store: Store, staff: sqlite3.Row) -> None:
    found = store.row(
        "SELECT count(*) FILTER (WHERE departmentid <> 0) AS inbox, count(*) FILTER (WHERE departmentid <> 0 AND ownerstaffid = ?) AS mytickets,"
        " count(*) FILTER (WHERE departmentid <> 0 AND ownerstaffid = 0) AS unassigned, count(*) FILTER (WHERE departmentid = 0) AS trash FROM tickets",
        (staff["id"],),
    )
    document.leaf("ticketsummary", "", dict(found) if found else {})
    for row in store.rows(
        "SELECT departmentid, statusid, count(*) AS ticketcount FROM tickets WHERE departmentid <> 0 GROUP BY 1, 2"
    ):
        document.leaf("ticketcount", "", {"departmentid": row[0], "statusid": row[1], "new": 0, "ticketcount": row[2]})


def _write_departments(document: Document, store: Store, staff: sqlite3.Row, dialect: Dialect, parent: int) -> None:
    rows = store.rows(
        "SELECT d.*, EXISTS (SELECT 1 FROM assignments a WHERE a.departmentid = d.id AND a.staffid = ?) AS assigned"
        " FROM departments d WHERE parentdepartmentid = ? ORDER BY id",
        (staff["id"], parent),
    )
    for row in rows:
        if dialect.assigned_only and not row["assigned"]:
            continue
        with document.node("department", _titled(row) | {"assigned": row["assigned"], "parentdepartmentid": parent}):
            _write_departments(document, store, staff, dialect, row["id"])
