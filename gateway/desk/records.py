"""A ticket's rows come in -> its elements in an answer go out, in the order of the documented page."""

import sqlite3
from typing import Final

from gateway.desk.answers import Document, Text
from gateway.desk.store import Store

_BASICS: Final = (
    "displayid",
    "departmentid",
    "departmenttitle",
    "statusid",
    "statustitle",
    "priorityid",
    "prioritytitle",
    "flagtype",
    "typeid",
    "typetitle",
    "userid",
    "userorganization",
    "userorganizationid",
    "ownerstaffid",
    "ownerstaffname",
    "fullname",
    "email",
    "lastreplier",
    "subject",
    "creationtime",
    "lastactivity",
    "laststaffreply",
    "lastuserreply",
    "slaplanid",
    "slaplantitle",
    "nextreplydue",
    "resolutiondue",
    "replies",
    "ipaddress",
    "creator",
    "creationmode",
    "creationtype",
    "isescalated",
    "escalationruleid",
    "hasattachments",
    "hasnotes",
    "hasbilling",
    "hasfollowup",
    "hasdraft",
    "tags",
)
#: Elements that no column holds. Everything here came by StaffAPI, which is creation mode 7.
_FIXED: Final = {
    **dict.fromkeys(("isescalated", "escalationruleid", "hasfollowup", "hasdraft"), "0"),
    "creationmode": "7",
}
_COLUMNS: Final = {"displayid": "mask", "nextreplydue": "replydue"}
#: Not on the documented page.
_FIELD_ONLY: Final = {"slaplantitle"}


def write_basics(document: Document, row: sqlite3.Row, *, page_only: bool) -> None:
    """`row` is one of the view `listed`. Values are strings, as PHP has them from its database: "0" is not empty."""
    for name in _BASICS:
        if not (page_only and name in _FIELD_ONLY):
            document.leaf(name, _FIXED[name] if name in _FIXED else str(row[_COLUMNS.get(name, name)]))


def write_beside(document: Document, store: Store, ticketid: int) -> None:
    """Watchers, workflows, notes and billing."""
    for row in store.rows(
        "SELECT s.id, s.fullname FROM watchers w JOIN staff s ON s.id = w.staffid WHERE ticketid = ? ORDER BY s.id",
        (ticketid,),
    ):
        document.leaf("watcher", "", {"staffid": row["id"], "name": row["fullname"]})
    document.leaf("workflow", "", {"id": 1, "title": "Close Ticket"})
    for row in notes_of(store, ticketid):
        attributes: dict[str, Text] = {"id": row["id"], "type": row["type"], "notecolor": row["notecolor"]}
        staff: dict[str, Text] = {
            "creatorstaffid": row["staffid"],
            "forstaffid": 0,
            "creatorstaffname": row["staffname"],
        }
        document.leaf("note", row["contents"], attributes | staff | {"creationdate": row["creationdate"]})
    for row in billing_of(store, ticketid):
        attributes = {
            name: row[name] for name in ("id", "timeworked", "timebillable", "billdate", "workdate", "workerstaffid")
        }
        staff = {
            "workerstaffname": row["workername"],
            "creatorstaffid": row["staffid"],
            "creatorstaffname": row["staffname"],
        }
        document.leaf("billing", row["contents"], attributes | staff | {"notecolor": row["notecolor"]})


def write_custom_fields(document: Document) -> None:
    """One group with one field nobody filled in."""
    with document.node("customfields"), document.node("group", {"id": 1, "title": "Contract"}):
        document.leaf("field", "", {"id": 1, "type": "1", "title": "Number"})


def notes_of(store: Store, ticketid: int) -> list[sqlite3.Row]:
    """Notes on the ticket, and on its user and their organisation from any ticket."""
    return store.rows(
        "SELECT n.*, s.fullname AS staffname FROM notes n JOIN staff s ON s.id = n.staffid WHERE n.ticketid = :id UNION"
        " SELECT n.*, s.fullname AS staffname FROM notes n JOIN staff s ON s.id = n.staffid"
        " WHERE n.type = 'user' AND n.userid = (SELECT userid FROM tickets WHERE id = :id AND userid <> 0) UNION"
        " SELECT n.*, s.fullname AS staffname FROM notes n JOIN staff s ON s.id = n.staffid"
        " WHERE n.type = 'userorganization' AND n.organizationid = (SELECT userorganizationid FROM listed WHERE id = :id) ORDER BY 1",
        {"id": ticketid},
    )


def billing_of(store: Store, ticketid: int) -> list[sqlite3.Row]:
    return store.rows(
        "SELECT b.*, s.fullname AS staffname, w.fullname AS workername FROM billing b JOIN staff s ON s.id = b.staffid"
        " JOIN staff w ON w.id = b.workerstaffid WHERE ticketid = ? ORDER BY b.id",
        (ticketid,),
    )


def write_posts(document: Document, store: Store, posts: list[sqlite3.Row], *, with_contents: bool = False) -> None:
    """`with_contents` adds the bytes of attachments, in base 64."""
    for post in posts:
        with document.node("post", {"id": post["id"]}):
            for name in ("creationtime", "userid", "staffid", "fullname", "email", "emailto", "subject", "ipaddress"):
                document.leaf(name, str(post[name]))
            document.leaf("editinfo", "", {"edited": "0", "staffid": "0", "time": "0"})
            document.leaf("creator", str(post["creator"]))
            document.leaf("contents", post["contents"])
            document.leaf("creationmode", str(post["creationmode"]))
            document.leaf("issurveycomment", "0")
            for row in store.rows(
                "SELECT * FROM attachments WHERE ticketid = ? AND postid = ? ORDER BY id",
                (post["ticketid"], post["id"]),
            ):
                write_attachment(document, row, with_contents=with_contents)


def write_attachment(document: Document, row: sqlite3.Row, *, with_contents: bool) -> None:
    attributes: dict[str, Text] = {"id": row["id"], "filename": row["filename"], "filetype": row["filetype"]}
    document.leaf("attachment", row["contents"] if with_contents else "", attributes | {"filesize": row["size"]})
