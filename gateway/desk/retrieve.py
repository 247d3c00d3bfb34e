"""A Retrieve call comes in -> tickets, posts and attachments, as far as the session may see them, go out."""

import json
import sqlite3

from gateway.desk.accounts import refuse
from gateway.desk.answers import Answer, Document, plain_crash
from gateway.desk.calls import Call
from gateway.desk.records import write_attachment, write_basics, write_beside, write_posts
from gateway.desk.search import search
from gateway.desk.visit import Visit

_SORTS = {"department", "status", "priority", "type", "flagtype", "due", "creationdate", "lastactivity"}


def retrieve(visit: Visit, call: Call) -> Answer:
    document = Document(zero_is_empty=visit.dialect.zero_is_empty)
    match call.route.removeprefix("/Tickets/Retrieve"):
        case "/Data":
            return _data(visit, call, document)
        case "/Search":
            _write_list(visit, document, search(visit, call), with_data=False)
        case "/Attachment":
            return _attachment(visit, call, document)
        case _:
            _write_list(visit, document, _index(visit, call), with_data=call.flag("wantticketdata"))
    return document.finish(compress=visit.dialect.gzip)


def _index(visit: Visit, call: Call) -> list[sqlite3.Row]:
    """`ticketid` overrides the other filters and sees Trash; without `statusid` only what is unresolved is listed."""
    limit = {"start": max(0, call.number("start")), "limit": call.limit(1000)}
    ids = call.ids("ticketid")
    if ids is not None:
        return visit.store.rows(
            "SELECT * FROM listed WHERE id IN (SELECT value FROM json_each(:ids))"
            " AND (departmentid = 0 OR departmentid IN (SELECT value FROM json_each(:mine))) ORDER BY id LIMIT :limit OFFSET :start",
            {"ids": ids, "mine": visit.departments_json, **limit},
        )
    sort = call.text("sortby")
    return visit.store.rows(
        "SELECT * FROM listed WHERE departmentid IN (SELECT value FROM json_each(:departments))"
        " AND (departmentid = 0 OR departmentid IN (SELECT value FROM json_each(:mine)))"
        " AND CASE WHEN :statuses IS NULL THEN resolved = 0 ELSE statusid IN (SELECT value FROM json_each(:statuses)) END"
        " AND (:owners IS NULL OR ownerstaffid IN (SELECT value FROM json_each(:owners)))"
        " ORDER BY :sign * CASE :sort WHEN 'department' THEN departmentid WHEN 'status' THEN statusid WHEN 'priority' THEN priorityid"
        " WHEN 'type' THEN typeid WHEN 'flagtype' THEN flagtype WHEN 'due' THEN replydue WHEN 'creationdate' THEN creationtime"
        " WHEN 'lastactivity' THEN lastactivity ELSE id END, id LIMIT :limit OFFSET :start",
        {
            "departments": call.ids("departmentid") or visit.departments_json,
            "mine": visit.departments_json,
            "statuses": call.ids("statusid"),
            "owners": call.ids("ownerid"),
            "sign": -1 if call.text("sortorder") == "desc" else 1,
            "sort": sort if sort in _SORTS else "",
            **limit,
        },
    )


def _write_list(visit: Visit, document: Document, rows: list[sqlite3.Row], *, with_data: bool) -> None:
    document.head(1)
    document.leaf("count", len(rows))
    with document.node("tickets"):
        for row in rows:
            with document.node("ticket", {"id": row["id"]}):
                write_basics(document, row, page_only=False)
                if with_data:
                    write_beside(document, visit.store, row["id"])
                    write_posts(document, visit.store, _posts(visit, row["id"], "asc", 0, -1))


def _posts(visit: Visit, ticketid: int, order: str, start: int, limit: int) -> list[sqlite3.Row]:
    return visit.store.rows(
        "SELECT * FROM posts WHERE ticketid = :id ORDER BY :sign * id LIMIT :limit OFFSET :start",
        {"id": ticketid, "sign": -1 if order == "desc" else 1, "limit": limit, "start": start},
    )


def _data(visit: Visit, call: Call, document: Document) -> Answer:
    ids = call.ids("ticketid")
    if ids is None:
        return refuse(document, -1, "No Ticket ID Specified", compress=visit.dialect.gzip)
    rows = [row for id in json.loads(ids) if (row := visit.store.row("SELECT * FROM listed WHERE id = ?", (id,)))]
    rows = [row for row in rows if visit.sees(row["departmentid"])]
    document.head(1)
    document.leaf("count", len(rows))
    # Clients call this without a limit and get every post.
    limit = call.limit(1000) if call.text("limit") else -1
    with document.node("tickets"):
        for row in rows:
            with document.node("ticket", {"id": row["id"]}):
                if not call.flag("wantpostsonly"):
                    if call.text("wantticketdata", "1") != "0":
                        write_basics(document, row, page_only=False)
                    write_beside(document, visit.store, row["id"])
                start = max(0, call.number("start"))
                posts = _posts(visit, row["id"], call.text("sortorder", "asc"), start, limit)
                write_posts(document, visit.store, posts, with_contents=call.flag("wantattachmentdata"))
    return document.finish(compress=visit.dialect.gzip)


def _attachment(visit: Visit, call: Call, document: Document) -> Answer:
    ticketid, attachmentid = call.number("ticketid"), call.number("attachmentid")
    compress = visit.dialect.gzip
    if not ticketid or not attachmentid:
        return refuse(document, -1, "One of the required field(s) is empty", compress=compress)
    ticket = visit.store.row("SELECT departmentid FROM tickets WHERE id = ?", (ticketid,))
    row = visit.store.row("SELECT * FROM attachments WHERE id = ?", (attachmentid,))
    if ticket is None or row is None:
        if not visit.dialect.strict:
            return plain_crash(call.route, "Failed to load Attachment Object")
        return refuse(document, -1, "No Permission to Access Attachment", compress=compress)
    if not visit.sees(ticket["departmentid"]):
        return refuse(document, -1, "No Permission to Access Ticket", compress=compress)
    if row["ticketid"] != ticketid:
        return refuse(document, -1, "No Permission to Access Attachment", compress=compress)
    document.head(1)
    write_attachment(document, row, with_contents=True)
    return document.finish(compress=compress)
