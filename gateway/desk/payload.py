"""The bytes of a payload come in -> its create, delete and modify nodes, and what breaks the documented page, go out."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

#: Everything but the characters of XML 1.0, production 2.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NUMBER = re.compile(r"-?\d{1,18}")
_SPACE = re.compile(r"\s+")

_PROPERTIES = ("departmentid", "ticketstatusid", "ticketpriorityid", "tickettypeid", "ownerstaffid", "flagtype")
_SHARED = {*_PROPERTIES, "tags", "ccto", "bccto", "resolutiondue", "replydue", "watch", "reply", "note", "billing"}
_CREATE_ONLY = {
    "subject",
    "fullname",
    "email",
    "emailqueueid",
    "creator",
    "userid",
    "staffid",
    "type",
    "phonenumber",
    "sendautoresponder",
}
_KNOWN = {"create": _SHARED | _CREATE_ONLY, "modify": _SHARED, "delete": set[str]()}
_REPEATABLE = {"tags", "ccto", "bccto", "note", "billing"}
_NUMERIC = {*_PROPERTIES, "emailqueueid", "userid", "staffid", "resolutiondue", "replydue"}
_CHOICES = {
    "creator": ("staff", "user"),
    "type": ("default", "phone"),
    "sendautoresponder": ("0", "1"),
    "watch": ("0", "1"),
    "flagtype": ("0", "1", "2", "3", "4", "5", "6"),
}
#: Columns of the desk, in characters.
_WIDTHS = {"subject": 255, "fullname": 225, "email": 150}


class Malformed(Exception):
    """The payload is not XML; the message is the parser's."""


@dataclass(slots=True)
class Payload:
    creates: list[etree._Element] = field(default_factory=list)
    deletes: list[etree._Element] = field(default_factory=list)
    modifies: list[etree._Element] = field(default_factory=list)


def parse_payload(payload: bytes, *, huge: bool) -> etree._Element:
    """Raises Malformed. Without `huge` a text may be 10,000,000 bytes long at most, as with PHP's SimpleXML."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=huge, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(payload, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Malformed(f"Entity: line 1: parser error : {error}") from error


def sort_nodes(root: etree._Element) -> Payload:
    """The server runs all creates, then all deletes, then all modifies."""
    return Payload(root.findall("create"), root.findall("delete"), root.findall("modify"))


def text_of(node: etree._Element, name: str) -> str:
    """Stripped text of the first child of that name, "" where there is none."""
    return (node.findtext(name) or "").strip()


def number_of(node: etree._Element, name: str) -> int:
    """As PHP casts: leading digits count, anything else is 0."""
    return php_int(text_of(node, name))


def php_int(text: str | None) -> int:
    found = _NUMBER.match((text or "").strip())
    return int(found[0]) if found else 0


def decode_attachment(node: etree._Element) -> bytes:
    return decode_base64(node.text or "")


def decode_base64(text: str) -> bytes:
    """base64_decode without its strict flag: foreign characters are skipped, missing padding is no matter."""
    try:
        return binascii.a2b_base64(text.encode(), strict_mode=True)
    except (binascii.Error, ValueError):
        text = re.sub("[^A-Za-z0-9+/]", "", text)
    text = text[:-1] if len(text) % 4 == 1 else text
    return base64.b64decode(text + "=" * (-len(text) % 4))


def is_base64(text: str) -> bool:
    """White space aside."""
    try:
        binascii.a2b_base64(_SPACE.sub("", text).encode(), strict_mode=True)
    except (binascii.Error, ValueError):
        return False
    return True


def is_plain_name(filename: str) -> bool:
    """1 to 255 characters, and no part of a path."""
    return 0 < len(filename) <= 255 and not re.search(r"[/\\\x00-\x1f]", filename) and filename not in {".", ".."}


def md5_fits(node: etree._Element, contents: bytes) -> bool:
    return (node.get("md5") or "").lower() == hashlib.md5(contents, usedforsecurity=False).hexdigest()


def payload_violations(payload: bytes) -> Iterator[str]:
    """What the documented page does not allow; broken UTF-8 is reported with the form's arguments."""
    if b"<!DOCTYPE" in payload[:1000]:
        yield "the payload declares a document type"
    try:
        root = parse_payload(payload, huge=True)
    except Malformed as malformed:
        illegal = _ILLEGAL.search(payload.decode("utf-8", "ignore"))
        if illegal:
            yield f"the payload holds U+{ord(illegal[0]):04X}, which XML 1.0 does not allow"
        yield f"the payload is not well-formed: {malformed}"
        return
    yield from _node_violations(root)


def _node_violations(root: etree._Element) -> Iterator[str]:
    if root.tag != "kayako_staffapi":
        yield f"the root element is {root.tag}, not kayako_staffapi"
    for node in root:
        name = str(node.tag)
        if name not in _KNOWN:
            yield f"{name} is not an operation"
            continue
        attribute = "staffapiid" if name == "create" else "ticketid"
        if not _NUMBER.fullmatch(node.get(attribute) or ""):
            yield f"{name}: {attribute} {node.get(attribute)!r} is not numeric"
        yield from (f"{name}: {wrong}" for wrong in _child_violations(node, _KNOWN[name]))


def _child_violations(node: etree._Element, known: set[str]) -> Iterator[str]:
    names = [str(child.tag) for child in node]
    repeatable = _REPEATABLE if node.tag == "create" else _REPEATABLE | {"reply"}
    for name in dict.fromkeys(names):
        if name not in known:
            yield f"there is no element {name}"
        elif names.count(name) > 1 and name not in repeatable:
            yield f"{name} is there {names.count(name)} times"
    for child in node:
        name, text = str(child.tag), (child.text or "").strip()
        if name in _NUMERIC and text and not _NUMBER.fullmatch(text):
            yield f"{name} {text[:40]!r} is not numeric"
        if name in _CHOICES and text not in _CHOICES[name]:
            yield f"{name} is {text[:40]!r}, not one of {', '.join(_CHOICES[name])}"
        if name in _WIDTHS and len(text) > _WIDTHS[name]:
            yield f"{name} is longer than {_WIDTHS[name]} characters"
        if name == "reply":
            for attachment in child.findall("attachment"):
                yield from _attachment_violations(attachment)
            if not text_of(child, "contents"):
                yield "the contents of a reply are empty"
        if name == "note" and (child.get("type") or "ticket").lstrip("_") not in {"ticket", "user", "userorganization"}:
            yield f"note: type is {child.get('type')!r}"
        if name in {"note", "billing"} and not re.fullmatch("[1-5]", child.get("notecolor", "1")):
            yield f"{name}: notecolor {child.get('notecolor')!r} is not 1 to 5"
        if name == "billing":
            for attribute in ("timeworked", "timebillable", "billdate", "workdate"):
                if not re.fullmatch(r"\d{1,18}", child.get(attribute, "0")):
                    yield f"billing: {attribute} {child.get(attribute)!r} is not a number"


def _attachment_violations(node: etree._Element) -> Iterator[str]:
    filename = node.get("filename") or ""
    shown = f"attachment {filename[:60]!r}"
    if not is_plain_name(filename):
        yield f"{shown}: filename is not a plain name of 1 to 255 characters"
    if not is_base64(node.text or ""):
        yield f"{shown}: the contents are not base 64"
    if not node.get("md5"):
        yield f"{shown}: md5 is missing"
    elif not md5_fits(node, decode_attachment(node)):
        yield f"{shown}: md5 does not fit the contents"
