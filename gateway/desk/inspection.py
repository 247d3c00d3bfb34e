"""The desk's rows come in -> tickets as plain values, for tests and the control address, go out."""

import sqlite3
from collections import defaultdict
from dataclasses import dataclass

from gateway.desk.store import Store


@dataclass(frozen=True, slots=True)
class Attachment:
    id: int
    name: str
    size: int
    #: Hexadecimal, lower case.
    sha256: str


@dataclass(frozen=True, slots=True)
class Post:
    id: int
    contents: str
    #: "staff" or "user".
    creator: str
    fullname: str
    email: str
    attachments: tuple[Attachment, ...]
    #: How it came: "StaffAPI" or "REST".
    via: str = "StaffAPI"


@dataclass(frozen=True, slots=True)
class Note:
    #: "ticket", "user" or "userorganization".
    type: str
    notecolor: int
    contents: str
    staff: str


@dataclass(frozen=True, slots=True)
class Billing:
    """Times in seconds, dates in Unix time; `worker` is a full name."""

    timeworked: int
    timebillable: int
    billdate: int
    workdate: int
    worker: str
    contents: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail the desk would have sent: `autoresponder`, `echo` of a create, `reply`, or `client_reply` to the others.

    `to` is "" where only `cc` and `bcc` get it.
    """

    kind: str
    to: str
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    subject: str
    contents: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """Properties by their titles; a deleted ticket is in the department "Trash", an unassigned one has owner ""."""

    id: int
    display_id: str
    subject: str
    fullname: str
    email: str
    department: str
    status: str
    priority: str
    type: str
    owner: str
    flag: int
    #: Address of the queue, or "".
    queue: str
    creator: str
    phonenumber: str
    created_at: int
    replydue: int
    resolutiondue: int
    tags: tuple[str, ...]
    posts: tuple[Post, ...]
    notes: tuple[Note, ...]
    billing: tuple[Billing, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    watchers: tuple[str, ...]
    outgoing: tuple[Outgoing, ...]
    #: Title of the requester's organisation, or "".
    organization: str
    #: Numbers of the tickets merged into this one.
    merged: tuple[int, ...]
    #: What staff would have been told: `newticket`, `newclientreply`, `newstaffreply`, `newticketnotes`.
    notifications: tuple[str, ...]

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        return tuple(attachment for post in self.posts for attachment in post.attachments)


_Grouped = dict[int, list[sqlite3.Row]]
_CREATORS = {1: "staff", 2: "user"}


def list_tickets(store: Store, *, after: int = 0, limit: int = -1) -> list[Ticket]:
    """Tickets with an id above `after`, by id, at most `limit` of them (-1: all)."""
    with store.transaction():
        rows = store.rows(
            "SELECT t.*, coalesce(q.email, '') AS queue FROM listed t LEFT JOIN queues q ON q.id = t.emailqueueid"
            " WHERE t.id > ? ORDER BY t.id LIMIT ?",
            (after, limit),
        )
        if not rows:
            return []
        span = (rows[0]["id"], rows[-1]["id"])
        posts = _group(store, "SELECT * FROM posts WHERE ticketid BETWEEN ? AND ? ORDER BY id", span)
        attachments = _group(
            store,
            "SELECT postid AS ticketid, id, filename, size, sha256 FROM attachments WHERE ticketid BETWEEN ? AND ? ORDER BY id",
            span,
        )
        notes = _group(
            store,
            "SELECT n.*, s.fullname AS staff FROM notes n JOIN staff s ON s.id = n.staffid WHERE ticketid BETWEEN ? AND ? ORDER BY n.id",
            span,
        )
        billing = _group(
            store,
            "SELECT b.*, s.fullname AS worker FROM billing b JOIN staff s ON s.id = b.workerstaffid WHERE ticketid BETWEEN ? AND ? ORDER BY b.id",
            span,
        )
        recipients = _group(store, "SELECT * FROM recipients WHERE ticketid BETWEEN ? AND ? ORDER BY rowid", span)
        watchers = _group(
            store,
            "SELECT w.ticketid, s.fullname FROM watchers w JOIN staff s ON s.id = w.staffid WHERE ticketid BETWEEN ? AND ? ORDER BY s.id",
            span,
        )
        outgoing = _group(store, "SELECT * FROM outgoing WHERE ticketid BETWEEN ? AND ? ORDER BY id", span)
        merged = _group(
            store,
            "SELECT targetid AS ticketid, ticketid AS old FROM merges WHERE targetid BETWEEN ? AND ? ORDER BY 2",
            span,
        )
        told = _group(store, "SELECT * FROM notifications WHERE ticketid BETWEEN ? AND ? ORDER BY id", span)
    return [
        Ticket(
            id=row["id"],
            display_id=row["mask"],
            subject=row["subject"],
            fullname=row["fullname"],
            email=row["email"],
            department=row["departmenttitle"],
            status=row["statustitle"],
            priority=row["prioritytitle"],
            type=row["typetitle"],
            owner=row["ownerstaffname"],
            flag=row["flagtype"],
            queue=row["queue"],
            creator=_CREATORS[row["creator"]],
            phonenumber=row["phonenumber"],
            created_at=row["creationtime"],
            replydue=row["replydue"],
            resolutiondue=row["resolutiondue"],
            tags=tuple(row["tags"].split()),
            posts=tuple(_post(post, attachments[post["id"]]) for post in posts[row["id"]]),
            notes=tuple(
                Note(note["type"], note["notecolor"], note["contents"], note["staff"]) for note in notes[row["id"]]
            ),
            billing=tuple(_bill(bill) for bill in billing[row["id"]]),
            cc=tuple(other["email"] for other in recipients[row["id"]] if other["type"] == "cc"),
            bcc=tuple(other["email"] for other in recipients[row["id"]] if other["type"] == "bcc"),
            watchers=tuple(watcher["fullname"] for watcher in watchers[row["id"]]),
            outgoing=tuple(_mail(mail) for mail in outgoing[row["id"]]),
            organization=row["userorganization"],
            merged=tuple(other["old"] for other in merged[row["id"]]),
            notifications=tuple(notice["event"] for notice in told[row["id"]]),
        )
        for row in rows
    ]


def _group(store: Store, statement: str, span: tuple[int, int]) -> _Grouped:
    grouped: _Grouped = defaultdict(list)
    for row in store.rows(statement, span):
        grouped[row["ticketid"]].append(row)
    return grouped


def _post(row: sqlite3.Row, attachments: list[sqlite3.Row]) -> Post:
    kept = tuple(Attachment(found["id"], found["filename"], found["size"], found["sha256"]) for found in attachments)
    via = "REST" if row["creationmode"] == 4 else "StaffAPI"
    return Post(row["id"], row["contents"], _CREATORS[row["creator"]], row["fullname"], row["email"], kept, via)


def _bill(row: sqlite3.Row) -> Billing:
    dates = (row["timeworked"], row["timebillable"], row["billdate"], row["workdate"])
    return Billing(*dates, row["worker"], row["contents"])


def _mail(row: sqlite3.Row) -> Outgoing:
    cc, bcc = tuple(row["cc"].split()), tuple(row["bcc"].split())
    return Outgoing(row["kind"], row["email"], cc, bcc, row["subject"], row["contents"])
