"""Reply, note, billing and attachment nodes come in -> rows of a ticket go out: what create and modify share."""

import hashlib

from lxml import etree

from gateway.desk.payload import decode_attachment, number_of, php_int, text_of
from gateway.desk.visit import Refused, Visit

#: Where rows of `posts` come from: creator 1 is staff, 2 a user.
STAFF, USER = 1, 2
_FLAGS = range(1, 7)


def add_post(
    visit: Visit,
    ticketid: int,
    contents: str,
    *,
    creator: int,
    author: tuple[int, str, str],
    emailto: str = "",
    mode: int = 7,
) -> int:
    """`author` is (id, fullname, email) of the staff user or user. `mode` 4 is the REST API, 7 the StaffAPI."""
    subject = visit.store.value("SELECT subject FROM tickets WHERE id = ?", (ticketid,))
    id, fullname, email = author
    return visit.store.run(
        "INSERT INTO posts (ticketid, creationtime, userid, staffid, fullname, email, emailto, subject, ipaddress, creator, contents, creationmode)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
            visit.stored_post(contents),
            mode,
        ),
    )


def add_attachments(visit: Visit, ticketid: int, postid: int, reply: etree._Element) -> None:
    """Names are stored as sent and never used as paths."""
    for node in reply.findall("attachment"):
        # Whatever a file is, this is the type that pushes give it.
        add_file(visit, ticketid, postid, node.get("filename") or "", decode_attachment(node), "application/download")


def add_file(visit: Visit, ticketid: int, postid: int, filename: str, contents: bytes, filetype: str) -> None:
    visit.store.run(
        "INSERT INTO attachments (ticketid, postid, filename, size, sha256, contents, filetype) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            ticketid,
            postid,
            visit.stored(filename),
            len(contents),
            hashlib.sha256(contents).hexdigest(),
            contents,
            filetype,
        ),
    )


def reply_as_staff(visit: Visit, ticketid: int, contents: str, *, mode: int = 7) -> int:
    """The author is the staff user of the session; -> the post's id. A reply leaves the status alone."""
    staff = visit.staff
    email = visit.store.value("SELECT email FROM tickets WHERE id = ?", (ticketid,))
    author = (staff["id"], staff["fullname"], staff["email"])
    signed = contents + visit.dialect.signature
    postid = add_post(visit, ticketid, signed, creator=STAFF, author=author, emailto=email, mode=mode)
    visit.store.run(
        "UPDATE tickets SET replies = replies + 1, laststaffreply = ?, lastreplier = ?, lastactivity = ? WHERE id = ?",
        (visit.now, staff["fullname"], visit.now, ticketid),
    )
    visit.notify_staff(ticketid, "newstaffreply")

    # A reply answers the deadline (t_slaresets), be it one that came with it: servers clear it at their shutdown.
    def clear() -> None:
        visit.store.run("UPDATE tickets SET replydue = 0 WHERE id = ?", (ticketid,))

    if visit.dialect.strict:
        clear()
    else:
        visit.afterwards.append(clear)
    return postid


def start_clock(visit: Visit, ticketid: int) -> None:
    """The SLA plan gives due times to a ticket that has none."""
    if not visit.dialect.reply_due:
        return
    visit.store.run(
        "UPDATE tickets SET slaplanid = 1, replydue = CASE replydue WHEN 0 THEN :reply ELSE replydue END,"
        " resolutiondue = CASE resolutiondue WHEN 0 THEN :resolution ELSE resolutiondue END WHERE id = :id",
        {
            "reply": visit.now + visit.dialect.reply_due,
            "resolution": visit.now + visit.dialect.resolution_due if visit.dialect.resolution_due else 0,
            "id": ticketid,
        },
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
    ticket = visit.store.row("SELECT userid, fullname, email, userorganizationid FROM listed WHERE id = ?", (ticketid,))
    for note in node.findall("note"):
        text = (note.text or "").strip()
        if not text or ticket is None:
            continue
        kind = note.get("type") or "ticket"
        # The page prints the two names with an underscore before them, which servers in the field do not know.
        kind = kind.lstrip("_") if visit.dialect.strict else kind
        organization = ticket["userorganizationid"] or 0
        if kind != "user" and not (kind == "userorganization" and organization):
            kind = "ticket"
        userid = ticket["userid"]
        if kind == "user" and not userid and ticket["email"]:
            userid = visit.find_or_make_user(ticket["fullname"], ticket["email"])
        visit.store.run(
            "INSERT INTO notes (ticketid, userid, organizationid, type, notecolor, staffid, creationdate, contents)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (ticketid, userid, organization, kind, _colour(note), visit.staff["id"], visit.now, visit.stored(text)),
        )
        visit.notify_staff(ticketid, "newticketnotes")


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
                visit.stored((billing.text or "").strip()),
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
