"""A create node comes in -> a ticket goes out."""

import re
import string
from dataclasses import dataclass

from lxml import etree

from gateway.desk import parts
from gateway.desk.payload import number_of, text_of
from gateway.desk.store import Value
from gateway.desk.strict import REFERENCES, create_objections, exists
from gateway.desk.visit import PlainCrash, Refused, Visit

_PHONE = 2
_MARKUP = re.compile("<[^>]*>")


@dataclass(frozen=True, slots=True)
class _Requester:
    creator: int
    fullname: str
    email: str
    userid: int
    staffid: int


def create_ticket(visit: Visit, node: etree._Element, messages: list[str]) -> int | None:
    """-> its id, None where it was skipped in silence. `messages` grows by what could not be done beside it.

    Raises Refused, and in the field's dialects PlainCrash, after which an unfinished ticket may stay.
    """
    if visit.dialect.strict:
        for objection in create_objections(visit, node):
            raise Refused(f"Unable to create ticket: {node.get('staffapiid') or ''}, {objection}.\r\n")
    if not visit.may("staff_tcaninsertticket"):
        return None
    for name, (_, title) in REFERENCES.items():
        id = number_of(node, name)
        if not exists(visit, name, id) and not (name == "ownerstaffid" and id == 0):
            raise Refused(f"Unable to create ticket: {node.get('staffapiid') or ''}, {title} is invalid.\r\n")
    reply = node.find("reply")
    contents = "" if reply is None else (reply.findtext("contents") or "")
    requester = _find_requester(visit, node)
    if not visit.dialect.strict and "0" in _needed(node, requester, contents):
        raise PlainCrash("Invalid data provided")
    ticketid = _insert_ticket(visit, node, requester)
    visit.afterwards.append(lambda: parts.start_clock(visit, ticketid))
    author = requester.staffid if requester.creator == parts.STAFF else requester.userid
    postid = parts.add_post(
        visit, ticketid, contents, creator=requester.creator, author=(author, requester.fullname, requester.email)
    )
    if visit.crash_midway:
        raise PlainCrash("Object could not be updated")
    try:
        parts.set_flag(visit, ticketid, node)
    except Refused as refused:
        raise PlainCrash(str(refused)) from refused
    visit.set_tags(ticketid, [tags.text or "" for tags in node.findall("tags")], replace=False)
    visit.add_recipients(ticketid, "cc", [cc.text or "" for cc in node.findall("ccto")])
    visit.add_recipients(ticketid, "bcc", [bcc.text or "" for bcc in node.findall("bccto")])
    parts.set_due(visit, ticketid, node)
    if text_of(node, "watch") == "1":
        if visit.may("watch"):
            parts.set_watch(visit, ticketid, node)
        else:
            messages.append("Unable to watch")
    if reply is not None:
        parts.add_attachments(visit, ticketid, postid, reply)
    _add_beside(visit, ticketid, node, messages)
    subject = text_of(node, "subject")
    visit.notify_staff(ticketid, "newticket")
    if visit.dialect.echo_on_create:
        # The type sendmail is not on the page.
        signature = visit.dialect.signature if text_of(node, "type") == "sendmail" else ""
        visit.send(ticketid, "echo", subject, contents + signature)
    if text_of(node, "sendautoresponder") in {"1", ""}:
        visit.send(ticketid, "autoresponder", subject, "Your request was received.")
    return ticketid


def _needed(node: etree._Element, requester: _Requester, contents: str) -> list[str]:
    """What the server wants on every create, a `userid` or a telephone or not; "0" stands for what it takes for empty."""
    texts = [text_of(node, "subject"), contents.strip(), requester.fullname, requester.email]
    if requester.creator == parts.USER:
        texts += [text_of(node, "fullname"), text_of(node, "email")]
    return [text or "0" for text in texts]


def _add_beside(visit: Visit, ticketid: int, node: etree._Element, messages: list[str]) -> None:
    if visit.may("staff_tcaninsertticketnote"):
        parts.add_notes(visit, ticketid, node)
    elif node.find("note") is not None:
        messages.append("Unable to insert note")
    if visit.may("staff_tcaninsertbilling"):
        parts.add_billing(visit, ticketid, node)
    elif node.find("billing") is not None:
        messages.append("Unable to insert billing")


def _find_requester(visit: Visit, node: etree._Element) -> _Requester:
    """Userid by id, else by e-mail, else a new user; a staff creator without userid has none."""
    by_staff = text_of(node, "creator") == "staff"
    fullname = _MARKUP.sub("", text_of(node, "fullname")).replace('"', "'").strip()[:225]
    email = text_of(node, "email").lower()[:150]
    staffid = number_of(node, "staffid") if by_staff else 0
    if by_staff:
        staff = visit.store.row("SELECT fullname, email FROM staff WHERE id = ?", (staffid,))
        fullname, email = (fullname or staff["fullname"], email or staff["email"]) if staff else (fullname, email)
    userid = 0
    user = visit.store.row("SELECT * FROM users WHERE id = ?", (number_of(node, "userid"),))
    if user is not None:
        userid, fullname, email = user["id"], fullname or user["fullname"], email or user["email"]
    elif email and not (by_staff and not number_of(node, "userid")):
        userid = visit.find_or_make_user(fullname, email, text_of(node, "phonenumber"))
    return _Requester(parts.STAFF if by_staff else parts.USER, fullname, email, userid, staffid)


def _insert_ticket(visit: Visit, node: etree._Element, requester: _Requester) -> int:
    department, owner = number_of(node, "departmentid"), number_of(node, "ownerstaffid")
    # An owner who does not work in the department is dropped without a word.
    assigned = visit.store.row("SELECT 1 FROM assignments WHERE staffid = ? AND departmentid = ?", (owner, department))
    from_user = requester.creator == parts.USER
    values: dict[str, Value] = {
        "mask": _draw_mask(visit),
        "departmentid": department,
        "statusid": number_of(node, "ticketstatusid"),
        "priorityid": number_of(node, "ticketpriorityid"),
        "typeid": number_of(node, "tickettypeid"),
        "userid": requester.userid,
        "ownerstaffid": owner if assigned else 0,
        "emailqueueid": number_of(node, "emailqueueid"),
        "fullname": visit.stored(requester.fullname),
        "email": requester.email,
        "subject": visit.stored(text_of(node, "subject")[:255]),
        "now": visit.now,
        "laststaffreply": 0 if from_user else visit.now,
        "lastuserreply": visit.now if from_user else 0,
        "ipaddress": visit.ip,
        "creator": requester.creator,
        "creationtype": _PHONE if text_of(node, "type") == "phone" else 1,
        "phonenumber": text_of(node, "phonenumber"),
    }
    ticketid = visit.store.run(
        "INSERT INTO tickets (mask, departmentid, statusid, priorityid, typeid, userid, ownerstaffid, emailqueueid, fullname,"
        " email, lastreplier, subject, creationtime, lastactivity, laststaffreply, lastuserreply, ipaddress, creator,"
        " creationtype, phonenumber) VALUES (:mask, :departmentid, :statusid, :priorityid, :typeid, :userid, :ownerstaffid,"
        " :emailqueueid, :fullname, :email, :fullname, :subject, :now, :now, :laststaffreply, :lastuserreply, :ipaddress,"
        " :creator, :creationtype, :phonenumber)",
        values,
    )
    if visit.dialect.sequential_ids:
        visit.store.run("UPDATE tickets SET mask = id WHERE id = ?", (ticketid,))
    return ticketid


def _draw_mask(visit: Visit) -> str:
    """ABC-123-45678, not taken yet."""
    while True:
        letters = "".join(visit.dice.choices(string.ascii_uppercase, k=3))
        mask = f"{letters}-{visit.dice.randint(100, 999)}-{visit.dice.randint(10000, 99999)}"
        taken = visit.store.row(
            "SELECT 1 FROM tickets WHERE mask = :mask UNION SELECT 1 FROM merges WHERE mask = :mask", {"mask": mask}
        )
        if taken is None:
            return mask
