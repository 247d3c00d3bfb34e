"""A modify or delete node comes in -> a changed ticket goes out."""

from dataclasses import dataclass

from lxml import etree

from gateway.desk import demo, parts
from gateway.desk.payload import number_of, text_of
from gateway.desk.store import Store
from gateway.desk.strict import exists, modify_objections
from gateway.desk.visit import PlainCrash, Refused, Visit

_SET = {
    "departmentid": "UPDATE tickets SET departmentid = ? WHERE id = ?",
    "ticketstatusid": "UPDATE tickets SET statusid = ? WHERE id = ?",
    "ticketpriorityid": "UPDATE tickets SET priorityid = ? WHERE id = ?",
    "tickettypeid": "UPDATE tickets SET typeid = ? WHERE id = ?",
    "ownerstaffid": "UPDATE tickets SET ownerstaffid = ? WHERE id = ?",
}
_DEPARTMENT_OF = {
    "ticketstatusid": ("Ticket Status", "SELECT departmentid FROM statuses WHERE id = ?"),
    "tickettypeid": ("Ticket Type", "SELECT departmentid FROM types WHERE id = ?"),
}
_SHOWN_AS_PROPERTIES = (*_SET, "flagtype", "tags", "replydue", "resolutiondue")


@dataclass(frozen=True, slots=True)
class Changes:
    """What a modify did, as far as the answer shows it."""

    ticketid: int
    properties: bool
    posts: tuple[int, ...]
    billing: bool


def find_ticket(visit: Visit, ticketid: str) -> int | None:
    """By number, also that of a ticket merged into another; in the field by display id too."""
    if ticketid.isdecimal():
        number = int(ticketid[:18])
        found = visit.store.value("SELECT id FROM tickets WHERE id = ?", (number,))
        return follow_merges(visit.store, number) if found is None else int(found)
    if visit.dialect.strict:
        return None
    # The display id of a merged ticket is not found: servers give up before they look into their log of merges.
    found = visit.store.value("SELECT id FROM tickets WHERE mask = ?", (ticketid.upper(),))
    return None if found is None else int(found)


def follow_merges(store: Store, ticketid: int) -> int | None:
    """The ticket another was merged into."""
    found = store.value("SELECT targetid FROM merges WHERE ticketid = ?", (ticketid,))
    return None if found is None else int(found)


def modify_ticket(visit: Visit, node: etree._Element, messages: list[str]) -> Changes | None:
    """None where it was skipped in silence. Raises Refused; in the field what stands before the cause is done by then."""
    name = (node.get("ticketid") or "").strip()
    try:
        return _modify(visit, node, name, messages)
    except Refused as refused:
        if visit.dialect.strict:
            raise Refused(f"Unable to modify ticket: {name}, {refused}.\r\n") from refused
        raise Refused(f"Invalid Ticket (Modify): {name}\r\n{refused}\r\n#0 {{main}}\r\n") from refused


def _modify(visit: Visit, node: etree._Element, name: str, messages: list[str]) -> Changes | None:
    if not visit.dialect.strict and not visit.may("staff_tcanupateticket"):
        return None
    if not name:
        raise Refused("Invalid data provided")
    ticketid = find_ticket(visit, name)
    if ticketid is None:
        if visit.dialect.strict:
            raise Refused("ticket id is invalid")
        return None
    if visit.dialect.strict:
        department = visit.store.value("SELECT departmentid FROM tickets WHERE id = ?", (ticketid,))
        for objection in modify_objections(visit, node, department):
            raise Refused(objection)
    visit.add_recipients(ticketid, "cc", [cc.text or "" for cc in node.findall("ccto")])
    visit.add_recipients(ticketid, "bcc", [bcc.text or "" for bcc in node.findall("bccto")])
    replies = node.findall("reply")[: 1 if visit.dialect.first_only else None]
    posts = tuple(_reply(visit, ticketid, reply) for reply in replies)
    if node.find("flagtype") is not None:
        parts.set_flag(visit, ticketid, node)
    for element in _SET:
        if node.find(element) is not None:
            _set_property(visit, ticketid, element, number_of(node, element))
    tags = [element.text or "" for element in node.findall("tags")]
    visit.set_tags(ticketid, tags, replace=visit.dialect.tags_replace)
    parts.set_due(visit, ticketid, node)
    if node.find("watch") is not None:
        if visit.may("watch"):
            parts.set_watch(visit, ticketid, node)
        else:
            messages.append("Unable to update watch")
    if visit.crash_midway:
        raise PlainCrash("Object could not be created")
    for reply, postid in zip(replies, posts, strict=True):
        parts.add_attachments(visit, ticketid, postid, reply)
    billed = _add_beside(visit, ticketid, node, messages)
    for reply in replies:
        # Not on the page; servers since SWIFT-4806 heed it.
        if text_of(reply, "ignoreemail") != "1":
            subject = visit.store.value("SELECT subject FROM tickets WHERE id = ?", (ticketid,))
            visit.send(ticketid, "reply", subject, reply.findtext("contents") or "")
    visit.store.run("UPDATE tickets SET lastactivity = ? WHERE id = ?", (visit.now, ticketid))
    properties = any(node.find(element) is not None for element in _SHOWN_AS_PROPERTIES)
    return Changes(ticketid, properties, posts, billed)


def _add_beside(visit: Visit, ticketid: int, node: etree._Element, messages: list[str]) -> bool:
    """-> whether billing was added."""
    if visit.may("staff_tcanupateticketnote"):
        parts.add_notes(visit, ticketid, node)
    elif node.find("note") is not None:
        messages.append("Unable to update notes")
    if visit.may("staff_tcanupatebilling"):
        parts.add_billing(visit, ticketid, node)
        return node.find("billing") is not None
    if node.find("billing") is not None:
        messages.append("Unable to update billing")
    return False


def _reply(visit: Visit, ticketid: int, reply: etree._Element) -> int:
    contents = reply.findtext("contents") or ""
    if contents.strip() in {"", "0"}:
        raise Refused("Invalid data provided")
    return parts.reply_as_staff(visit, ticketid, contents)


def _set_property(visit: Visit, ticketid: int, element: str, id: int) -> None:
    """Ids of nothing are ignored (in the strict dialect they were refused before); a status has its departments."""
    if id == 0 and element == "ownerstaffid":
        visit.store.run(_SET[element], (0, ticketid))
        return
    if not exists(visit, element, id):
        return
    if element in _DEPARTMENT_OF:
        title, statement = _DEPARTMENT_OF[element]
        only = visit.store.value(statement, (id,))
        row = visit.store.row(
            "SELECT t.departmentid, d.parentdepartmentid FROM tickets t LEFT JOIN departments d ON d.id = t.departmentid WHERE t.id = ?",
            (ticketid,),
        )
        if only and row is not None and only not in tuple(row):
            raise Refused(f"{title} ({id}) & Department ID ({row['departmentid']}) Mismatch")
    visit.store.run(_SET[element], (id, ticketid))


def trash_ticket(visit: Visit, node: etree._Element, _messages: list[str]) -> int | None:
    """-> its id, None where there is no such ticket. Raises Refused. It moves to Trash, which is department 0."""
    name = (node.get("ticketid") or "").strip()
    if not visit.may("staff_tcantrashticket"):
        raise Refused("Unable to Delete ticket")
    if not name:
        raise Refused(f"Invalid Ticket (Delete): {name}\r\nInvalid data provided\r\n")
    ticketid = find_ticket(visit, name)
    if visit.dialect.strict:
        department = visit.store.value("SELECT departmentid FROM tickets WHERE id = ?", (ticketid,))
        if department is None:
            raise Refused(f"Unable to delete ticket: {name}, ticket id is invalid.\r\n")
        if not visit.sees(department):
            raise Refused(f"Unable to delete ticket: {name}, Access Denied.\r\n")
    if ticketid is not None:
        visit.store.run(
            "UPDATE tickets SET departmentid = ?, lastactivity = ? WHERE id = ?", (demo.TRASH, visit.now, ticketid)
        )
    return ticketid
