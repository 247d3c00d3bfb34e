"""A finished document in -> nothing, or ValueError with what is wrong in it: the last look before it is sent.

Read as a desk would read it, it must be one element of the kind asked for, made of what the page knows and no more.
"""

import re

from lxml import etree
from lxml.etree import _Element as Element

ROOT = "kayako_staffapi"

_PROPERTIES = {
    "departmentid", "ticketstatusid", "ticketpriorityid", "tickettypeid", "ownerstaffid", "flagtype", "resolutiondue",
    "replydue", "watch",
}  # fmt: skip
_CREATE_ONLY = {"emailqueueid", "userid", "staffid", "sendautoresponder"}
_NUMBERS = _PROPERTIES | _CREATE_ONLY | {"ignoreemail"}
_BOTH = _PROPERTIES | {"tags", "ccto", "bccto", "reply", "note", "billing"}
_CHILDREN: dict[str, set[str]] = {
    "create": _BOTH | _CREATE_ONLY | {"subject", "fullname", "email", "creator", "type", "phonenumber"},
    "modify": _BOTH,
    "delete": set(),
    "reply": {"contents", "ignoreemail", "attachment"},
}
_NUMBER = re.compile("[0-9]+")
_TICKET = re.compile("[0-9A-Za-z-]{1,20}")
_ANY = re.compile(".*", re.DOTALL)
_ATTRIBUTES: dict[str, dict[str, re.Pattern[str]]] = {
    "create": {"staffapiid": _NUMBER},
    "modify": {"ticketid": _TICKET},
    "delete": {"ticketid": _TICKET},
    "attachment": {"filename": _ANY, "md5": re.compile("[0-9a-f]{32}")},
    "note": {"type": re.compile("ticket|user|userorganization"), "notecolor": re.compile("[1-5]")},
    "billing": dict.fromkeys(("timeworked", "timebillable", "billdate", "workdate", "worker"), _NUMBER)
    | {"notecolor": re.compile("[1-5]")},
}


def check(document: bytes, kind: str) -> None:
    """Read a finished document as a desk would; ValueError unless it holds one `kind` and only what the page knows."""
    if b"<!" in document:
        raise ValueError("the document has a DOCTYPE, a comment or a CDATA section; it must have none")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"the document cannot be read back: {error.msg}") from None
    if root.tag != ROOT or [child.tag for child in root] != [kind]:
        raise ValueError(f"the document is not one <{kind}> in one <{ROOT}>")
    _check_element(root[0], str(kind))


def _check_element(element: Element, name: str) -> None:
    known = _ATTRIBUTES.get(name, {})
    for key, value in element.attrib.items():
        if key not in known or not known[str(key)].fullmatch(str(value)):
            raise ValueError(f"<{name}> has an attribute {str(key)!r} it must not have, or not with this value")
    if name in _NUMBERS and not _NUMBER.fullmatch(element.text or ""):
        raise ValueError(f"<{name}> is not a number")
    for child in element:
        if child.tag not in _CHILDREN.get(name, ()):
            raise ValueError(f"<{name}> holds <{child.tag!r}>, which the page does not know there")
        _check_element(child, str(child.tag))
