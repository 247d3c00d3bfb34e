"""A node comes in -> the documented page's reasons to refuse it whole go out, before anything is applied."""

from collections.abc import Iterator

from lxml import etree

from gateway.desk.parts import find_worker
from gateway.desk.payload import decode_attachment, md5_fits, number_of, text_of
from gateway.desk.visit import Visit

#: Element -> table. The page wants all five on a create; 0 is allowed for the owner only.
REFERENCES = {
    "departmentid": ("departments", "department id"),
    "ticketstatusid": ("statuses", "ticket status id"),
    "ticketpriorityid": ("priorities", "ticket priority id"),
    "tickettypeid": ("types", "ticket type id"),
    "ownerstaffid": ("staff", "owner staff id"),
}
_EXISTS = {
    "departments": "SELECT 1 FROM departments WHERE id = ?",
    "statuses": "SELECT 1 FROM statuses WHERE id = ?",
    "priorities": "SELECT 1 FROM priorities WHERE id = ?",
    "types": "SELECT 1 FROM types WHERE id = ?",
    "staff": "SELECT 1 FROM staff WHERE id = ?",
}
_ALWAYS = (
    "subject",
    *REFERENCES,
    "emailqueueid",
    "creator",
    "userid",
    "type",
    "sendautoresponder",
    "flagtype",
    "watch",
)
_PERMISSIONS = (
    ("note", "staff_tcaninsertticketnote", "staff_tcanupateticketnote"),
    ("billing", "staff_tcaninsertbilling", "staff_tcanupatebilling"),
)


def exists(visit: Visit, element: str, id: int) -> bool:
    return visit.store.row(_EXISTS[REFERENCES[element][0]], (id,)) is not None


def create_objections(visit: Visit, node: etree._Element) -> Iterator[str]:
    """In the order of the page; the first one is enough to refuse."""
    if not visit.may("staff_tcaninsertticket"):
        yield "Access Denied"
    for name in _ALWAYS:
        if not text_of(node, name):
            yield f"{name} is required"
    if not number_of(node, "userid") and text_of(node, "creator") != "staff":
        phone = text_of(node, "type") == "phone" and text_of(node, "phonenumber")
        if not text_of(node, "fullname"):
            yield "fullname is required"
        if not text_of(node, "email") and not phone:
            yield "email is required"
    if text_of(node, "creator") not in {"staff", "user"}:
        yield "creator is invalid"
    if text_of(node, "creator") == "staff" and not exists(visit, "ownerstaffid", number_of(node, "staffid")):
        yield "staff id is invalid"
    if text_of(node, "type") not in {"default", "phone"}:
        yield "type is invalid"
    queue = number_of(node, "emailqueueid")
    if queue and visit.store.row("SELECT 1 FROM queues WHERE id = ?", (queue,)) is None:
        yield "email queue id is invalid"
    if node.find("reply") is None:
        yield "reply is required"
    yield from _shared_objections(visit, node, creating=True)


def modify_objections(visit: Visit, node: etree._Element, departmentid: int) -> Iterator[str]:
    if not visit.may("staff_tcanupateticket") or not visit.sees(departmentid):
        yield "Access Denied"
    yield from _shared_objections(visit, node, creating=False)


def _shared_objections(visit: Visit, node: etree._Element, *, creating: bool) -> Iterator[str]:
    for name, (_, title) in REFERENCES.items():
        id = number_of(node, name)
        if node.find(name) is not None and not exists(visit, name, id) and not (name == "ownerstaffid" and id == 0):
            yield f"{title} is invalid"
    department = number_of(node, "departmentid")
    if department and not visit.sees(department):
        yield "Access Denied"
    if number_of(node, "flagtype") not in range(7):
        yield "flag type is invalid"
    for name, inserting, updating in _PERMISSIONS:
        if node.find(name) is not None and not visit.may(inserting if creating else updating):
            yield f"Access Denied ({name})"
    for billing in node.findall("billing"):
        if find_worker(visit, billing) is None:
            yield "billing worker is invalid"
    for reply in node.findall("reply"):
        if not text_of(reply, "contents"):
            yield "contents of the reply are required"
        for attachment in reply.findall("attachment"):
            if not md5_fits(attachment, decode_attachment(attachment)):
                yield f"md5 of attachment {attachment.get('filename')} does not match"
