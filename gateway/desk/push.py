"""A payload comes in -> the tickets it makes, changes and trashes, and the answer that tells, go out.

There is no transaction over nodes. A node that is refused does not stop the others; an exception nobody caught does.
"""

from collections.abc import Callable
from typing import TypeVar

from lxml import etree

from gateway.desk.answers import Answer, Document, Text, plain_crash, warning
from gateway.desk.create import create_ticket
from gateway.desk.modify import Changes, modify_ticket, trash_ticket
from gateway.desk.payload import Malformed, parse_payload, sort_nodes
from gateway.desk.records import write_basics, write_beside, write_custom_fields, write_posts
from gateway.desk.visit import PlainCrash, Refused, Visit

_ROUTE = "/Tickets/Push/Index"
_Done = TypeVar("_Done")


def push(visit: Visit, payload: bytes) -> Answer:
    """An empty payload is a success in which nothing happens."""
    try:
        return _push(visit, payload)
    finally:
        visit.shut_down()


def _push(visit: Visit, payload: bytes) -> Answer:
    if not payload.strip():
        return _tell(visit, [], [], [])
    try:
        root = parse_payload(payload, huge=visit.dialect.strict)
    except Malformed as malformed:
        if visit.dialect.strict:
            return _tell(visit, [f"Invalid XML payload: {malformed}"], [], [])
        return warning(_ROUTE, f"simplexml_load_string(): {malformed}")
    nodes = sort_nodes(root)
    created: list[tuple[str, int]] = []
    changed: list[Changes] = []
    messages: list[str] = []
    try:
        for node in nodes.creates:
            ticketid = _carry_out(visit, create_ticket, node, messages)
            if ticketid is not None:
                created.append((node.get("staffapiid") or "", ticketid))
        trashed = [_carry_out(visit, trash_ticket, node, messages) for node in nodes.deletes]
        if not visit.dialect.strict and trashed[-1:] == [None] and any(trashed):
            # A bug of servers: they look at the last of several tickets, found or not.
            raise PlainCrash("Call to a member function GetTicketID() on null")
        for node in nodes.modifies:
            changes = _carry_out(visit, modify_ticket, node, messages)
            if changes is not None:
                changed.append(changes)
    except PlainCrash as crash:
        return plain_crash(_ROUTE, str(crash))
    return _tell(visit, messages, created, changed)


def _carry_out(
    visit: Visit,
    operation: Callable[[Visit, etree._Element, list[str]], _Done],
    node: etree._Element,
    messages: list[str],
) -> _Done | None:
    """The documented desk takes back what a refused node did; in the field it stays, as it does after a crash."""
    crash: PlainCrash | None = None
    try:
        if not visit.dialect.strict:
            return operation(visit, node, messages)
        with visit.store.transaction():
            try:
                return operation(visit, node, messages)
            except PlainCrash as caught:
                crash = caught
        raise crash
    except Refused as refused:
        messages.append(str(refused))
        return None


def _tell(visit: Visit, messages: list[str], created: list[tuple[str, int]], changed: list[Changes]) -> Answer:
    dialect, store = visit.dialect, visit.store
    document = Document(zero_is_empty=dialect.zero_is_empty)
    document.head(0 if messages else 1, "".join(messages))
    ids = {ticketid for _, ticketid in created} | {changes.ticketid for changes in changed}
    rows = {
        id: row
        for id in ids
        if (row := store.row("SELECT * FROM listed WHERE id = ?", (id,))) and visit.sees(row["departmentid"])
    }
    if dialect.full_answers:
        document.leaf("count", len(rows))
    with document.node("tickets"):
        for staffapiid, ticketid in created:
            if ticketid not in rows:
                continue
            id: dict[str, Text] = {"id": ticketid}
            given: dict[str, Text] = {"staffapiid": staffapiid}
            # The page prints the two the other way round than servers do.
            with document.node("ticket", id | given if dialect.full_answers else given | id):
                write_basics(document, rows[ticketid], page_only=not dialect.full_answers)
                if dialect.full_answers:
                    write_beside(document, store, ticketid)
                    posts = store.rows("SELECT * FROM posts WHERE ticketid = ? ORDER BY id", (ticketid,))
                    write_posts(document, store, posts)
                    write_custom_fields(document)
        for changes in changed:
            if changes.ticketid in rows:
                with document.node("ticket", {"id": changes.ticketid}):
                    _tell_changes(visit, document, changes, page_only=not dialect.full_answers)
    return document.finish(compress=dialect.gzip)


def _tell_changes(visit: Visit, document: Document, changes: Changes, *, page_only: bool) -> None:
    """In the field a ticket shows what changed only: one that got a note alone is an empty element."""
    if page_only or changes.properties:
        row = visit.store.row("SELECT * FROM listed WHERE id = ?", (changes.ticketid,))
        if row is not None:
            write_basics(document, row, page_only=page_only)
    if page_only:
        return
    if changes.billing:
        write_beside(document, visit.store, changes.ticketid)
    posts = [post for id in changes.posts for post in visit.store.rows("SELECT * FROM posts WHERE id = ?", (id,))]
    write_posts(document, visit.store, posts)
