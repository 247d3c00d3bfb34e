"""Reply, note, billing and attachment nodes come in -> rows of a ticket go out: what create and modify share."""

import hashlib

from lxml import etree

from gateway.desk.payload import decode_attachment, number_of, php_int, text_of
from gateway.desk.visit import Refused, Visit

#: Where rows of `posts` come from: creator 1 is staff, 2 a user.
STAFF, USER = 1, 2
_FLAGS = range(1, 7)


def add_post(
    visit: Visit, ticketid: int, contents: str, *, creator: int, author: tuple[int, str, str], emailto: str = ""
) -> int:
    """`author` is (id, fullname, email) of the staff user or user."""
    subject = visit.store.value("SELECT subject FROM tickets WHERE id = ?", (ticketid,))
    id, fullname, email = author
    return visit.store.run(
        "INSERT INTO posts (ticketid, creationtime, userid, staffid, fullname, email, emailto, subject, ipaddress, creator, contents)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            ticketid,
            visit.now,
            id if creator == USER else 0,
            id if creator == STAFF else 0,
            fullname,
            email,
            emailto,
            subject,
            visit.ip,
            creator,
            contents,
        ),
    )


def add_attachments(visit: Visit, ticketid: int, postid: int, reply: etree._Element) -> None:
    """Names are stored as sent and never used as paths."""
    for node in reply.findall("attachment"):
        contents = decode_attachment(node)
        visit.store.run(
            "INSERT INTO attachments (ticketid, postid, filename, size, sha256, contents) VALUES (?, ?, ?, ?, ?, ?)",
            (
                ticketid,
                postid,
                node.get("filename") or "",
                len(contents),
                hashlib.sha256(contents).hexdigest(),
                contents,
            ),
        )


def set_flag(visit: Visit, ticketid: int, node: etree._Element) -> None:
    """Raises Refused for a flag there is none of."""
    flag = number_of(node, "flagtype")
    if flag not in _FLAGS and flag != 0:
        raise Refused("Invalid data provided")
    visit.store.run("UPDATE tickets SET flagtype = ? WHERE id = ?", (flag, ticketid))


def set_due(visit: Visit, ticketid: int, node: etree._Element) -> bool:
    """-> whether a due time was set or cleared."""
    if node.find("resolutiondue") is not None:
        due = max(0, number_of(node, "resolutiondue"))
        visit.store.run("UPDATE tickets SET resolutiondue = ? WHERE id = ?", (due, ticketid))
    if node.find("replydue") is not None:
        due = max(0, number_of(node, "replydue"))
        visit.store.run("UPDATE tickets SET replydue = ? WHERE id = ?", (due, ticketid))
    return node.find("resolutiondue") is not None or node.find("replydue") is not None


def set_watch(visit: Visit, ticketid: int, node: etree._Element) -> None:
    if text_of(node, "watch") == "1":
        visit.store.run("INSERT OR IGNORE INTO watchers VALUES (?, ?)", (ticketid, visit.staff["id"]))
    else:
        visit.store.run("DELETE FROM watchers WHERE ticketid = ? AND staffid = ?", (ticketid, visit.staff["id"]))


def add_notes(visit: Visit, ticketid: int, node: etree._Element) -> None:
    ticket = visit.store.row("SELECT userid, fullname, email FROM tickets WHERE id = ?", (ticketid,))
    for note in node.findall("note"):
        text = (note.text or "").strip()
        if not text or ticket is None:
            continue
        kind = note.get("type") or "ticket"
        # The page prints the two names with an underscore before them, which servers in the field do not know.
        kind = kind.lstrip("_") if visit.dialect.strict else kind
        # No requester here has an organisation: such a note becomes the ticket's.
        kind = "user" if kind == "user" else "ticket"
        userid = ticket["userid"]
        if kind == "user" and not userid and ticket["email"]:
            userid = visit.find_or_make_user(ticket["fullname"], ticket["email"])
        visit.store.run(
            "INSERT INTO notes (ticketid, userid, type, notecolor, staffid, creationdate, contents) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (ticketid, userid, kind, _colour(note), visit.staff["id"], visit.now, text),
        )


def add_billing(visit: Visit, ticketid: int, node: etree._Element) -> None:
    for billing in node.findall("billing"):
        workdate = php_int(billing.get("workdate")) or visit.now
        visit.store.run(
            "INSERT INTO billing (ticketid, timeworked, timebillable, billdate, workdate, workerstaffid, staffid, notecolor, contents)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                ticketid,
                php_int(billing.get("timeworked")),
                php_int(billing.get("timebillable")),
                php_int(billing.get("billdate")) or workdate,
                workdate,
                find_worker(visit, billing) or visit.staff["id"],
                visit.staff["id"],
                _colour(billing),
                (billing.text or "").strip(),
            ),
        )


def find_worker(visit: Visit, billing: etree._Element) -> int | None:
    """By id; the page says name, so its dialect takes the full name too. None: no such staff user."""
    worker = (billing.get("worker") or "").strip()
    if visit.dialect.strict and not worker.isdigit():
        found = visit.store.value("SELECT id FROM staff WHERE lower(fullname) = lower(?)", (worker,))
    else:
        found = visit.store.value("SELECT id FROM staff WHERE id = ?", (php_int(worker),))
    return None if found is None else int(found)


def _colour(node: etree._Element) -> int:
    colour = php_int(node.get("notecolor"))
    return colour if colour in range(1, 6) else 1
