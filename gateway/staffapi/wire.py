"""One Push in -> its XML document out, and that as the body of a POST. Pure.

The document is built by an XML library and then read back as a desk would read it: whatever a mail says, it stays text
in the element it was meant for. Files are not in it but beside it: their base64 is written between its pieces.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, assert_never

from lxml import etree
from lxml.etree import _Element as Element

from gateway.staffapi.documents import (
    Billing,
    ByPhone,
    ByStaff,
    ByUser,
    Create,
    Delete,
    File,
    Modify,
    Note,
    Reply,
    Requester,
)
from gateway.staffapi.form import Body, Encoded, OpenFile, Part, encoded, fields, form_body, percent_encode
from gateway.staffapi.proof import ROOT, check

__all__ = [
    "EMAIL_WIDTH",
    "FILENAME_WIDTH",
    "FULLNAME_WIDTH",
    "LONGEST_TEXT",
    "SUBJECT_WIDTH",
    "Body",
    "Document",
    "OpenFile",
    "Tags",
    "clean_tag",
    "cut_address",
    "cut_filename",
    "fields",
    "percent_encode",
    "prepare",
    "text_or_mark",
    "to_xml",
    "xml_safe",
]

Tags = Literal["spaced", "elements"]

#: What libxml2 takes as one text node unless told otherwise (xmlversion parserInternals.h, XML_MAX_TEXT_LENGTH);
#: desks are not told otherwise. A file's base64 is one text node, so a file may have 7 500 000 bytes.
LONGEST_TEXT = 10_000_000
#: Widths of the desk's columns, in characters.
SUBJECT_WIDTH, FULLNAME_WIDTH, EMAIL_WIDTH, FILENAME_WIDTH = 255, 225, 150, 255

# XML 1.0 2.2 "Char" without DEL and C1, which are legal and still break terminals and old pages.
_UNSAFE = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_safe(text: str) -> str:
    """Any str -> one that XML 1.0 can carry: line ends are LF, what is not allowed is U+FFFD."""
    return _UNSAFE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n"))


def text_or_mark(text: str) -> str:
    """The text, unless it is one that PHP holds for empty: a desk dies on an empty subject, name or post."""
    return "0\u200b" if text == "0" else text


def clean_tag(tag: str) -> str:
    """A tag as the desk will store it: lower case, of letters, digits and `+ - _ : . @`; may come out empty.

    Search finds no tag that holds one of `. : + @`.
    """
    return "".join(mark for mark in tag.lower() if mark.isalnum() or mark in "+-_:.@")


def cut_address(address: str) -> str:
    """An address that fits the desk's column. Its domain stays whole: a cut domain would be somebody else's."""
    local, at, domain = address.rpartition("@")
    room = EMAIL_WIDTH - len(domain) - 1
    if len(address) <= EMAIL_WIDTH or not at or room < 1:
        return address[:EMAIL_WIDTH]
    return f"{local[:room]}@{domain}"


def cut_filename(filename: str) -> str:
    """A file name that fits the desk's column and keeps its extension."""
    name = _line(filename)
    stem, dot, extension = name.rpartition(".")
    if len(name) <= FILENAME_WIDTH or not stem or len(extension) > 20:
        return name[:FILENAME_WIDTH]
    return stem[: FILENAME_WIDTH - len(extension) - 1] + dot + extension


@dataclass(frozen=True, slots=True)
class Document:
    """One finished document: UTF-8, with declaration, `kayako_staffapi` around exactly one element."""

    #: In bytes.
    size: int
    _parts: tuple[Part, ...] = field(repr=False)

    def body(self, session_id: str) -> Body:
        """The form of a push: `payload`, then `sessionid` as the last block, without which a desk does nothing."""
        return form_body([("payload", self._parts)], {"sessionid": session_id})

    def xml(self) -> bytes:
        """The document in one piece. Raises ValueError where a file has changed since."""
        return b"".join(block for part in self._parts for block in _blocks(part))


def prepare(push: Create | Modify | Delete, open_file: OpenFile, *, tags: Tags = "spaced") -> Document:
    """The document of one POST. Every file is read once now, and once more whenever the document is written.

    `tags`: "spaced" is one `<tags>` element with all tags, which is what desks in the field read; "elements" is one
    element for each, as the page says.

    Raises ValueError, with a sentence, for a file that is not what the plan says or too large for a desk, and for a
    document that does not read back as what it was meant to be.
    """
    root = etree.Element(ROOT)
    files: tuple[File, ...] = ()
    match push:
        case Create():
            _write_create(etree.SubElement(root, "create", staffapiid=str(push.staffapiid)), push, tags)
            files = push.reply.files
        case Modify():
            _write_modify(etree.SubElement(root, "modify", ticketid=str(push.ticket)), push, tags)
            files = push.reply.files if push.reply else ()
        case Delete():
            etree.SubElement(root, "delete", ticketid=str(push.ticket))
        case _:
            assert_never(push)
    skeleton: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    check(skeleton, push.kind)
    # No "<" of a text stands in it as such: this is the end of an attachment, and of nothing else.
    pieces = skeleton.split(_FILE_END)
    if len(pieces) != len(files) + 1:
        raise ValueError(f"the document has room for {len(pieces) - 1} files where {len(files)} are to go out")
    parts: list[Part] = [pieces[0]]
    for file, piece in zip(files, pieces[1:], strict=True):
        parts += [_fitting_file(file, open_file), _FILE_END + piece]
    size = len(skeleton) + sum(part.size for part in parts if isinstance(part, Encoded))
    return Document(size, tuple(parts))


def to_xml(push: Create | Modify | Delete, open_file: OpenFile, *, tags: Tags = "spaced") -> bytes:
    """The document of `prepare` in one piece, for showing it."""
    return prepare(push, open_file, tags=tags).xml()


_FILE_END = b"</attachment>"


def _blocks(part: Part) -> Iterator[bytes]:
    return part.blocks() if isinstance(part, Encoded) else iter((part,))


def _fitting_file(file: File, open_file: OpenFile) -> Encoded:
    if (file.size + 2) // 3 * 4 > LONGEST_TEXT:
        raise _too_long("attachment")
    return encoded(file, open_file)


def _write_create(node: Element, create: Create, tags: Tags) -> None:
    who = create.requester
    _add(node, "subject", _line(create.subject, SUBJECT_WIDTH))
    # A desk strips markup from names, so that "<info@x>" would be empty to it, and it dies on an empty name.
    _add(node, "fullname", _line(who.fullname.translate({ord("<"): "‹", ord(">"): "›"}), FULLNAME_WIDTH))
    _add(node, "email", cut_address(_line(who.email)))
    _add(node, "departmentid", create.department_id)
    _add(node, "ticketstatusid", create.status_id)
    _add(node, "ticketpriorityid", create.priority_id)
    _add(node, "tickettypeid", create.type_id)
    _add(node, "ownerstaffid", create.owner_id)
    _add(node, "emailqueueid", create.queue_id)
    _write_creator(node, who)
    _add(node, "sendautoresponder", int(create.send_autoresponder))
    _add(node, "flagtype", create.flag)
    _write_tags(node, create.tags, tags)
    _write_recipients(node, create.ccto, create.bccto)
    _add_some(node, "resolutiondue", create.resolution_due)
    _add_some(node, "replydue", create.reply_due)
    _write_reply(node, create.reply)
    _add(node, "watch", int(create.watch))
    _write_notes(node, create.notes, create.billing)


def _write_creator(node: Element, who: Requester) -> None:
    _add(node, "creator", "staff" if isinstance(who, ByStaff) else "user")
    # 0: the desk finds or makes the user by address. The page wants the element whoever the creator is.
    _add(node, "userid", who.user_id if isinstance(who, ByUser) else 0)
    if isinstance(who, ByStaff):
        _add(node, "staffid", who.staff_id)
    if isinstance(who, ByPhone):
        _add(node, "type", "phone")
        _add(node, "phonenumber", _line(who.phonenumber))
    else:
        _add(node, "type", "default")


def _write_modify(node: Element, modify: Modify, tags: Tags) -> None:
    _add_some(node, "departmentid", modify.department_id)
    _add_some(node, "ticketstatusid", modify.status_id)
    _add_some(node, "ticketpriorityid", modify.priority_id)
    _add_some(node, "tickettypeid", modify.type_id)
    _add_some(node, "ownerstaffid", modify.owner_id)
    _add_some(node, "flagtype", modify.flag)
    _write_tags(node, modify.tags or (), tags)
    _write_recipients(node, modify.ccto, modify.bccto)
    _add_some(node, "resolutiondue", modify.resolution_due)
    _add_some(node, "replydue", modify.reply_due)
    _add_some(node, "watch", None if modify.watch is None else int(modify.watch))
    if modify.reply:
        _write_reply(node, modify.reply)
    _write_notes(node, modify.notes, modify.billing)


def _write_reply(node: Element, reply: Reply) -> None:
    post = etree.SubElement(node, "reply")
    _add(post, "contents", reply.contents)
    if reply.ignore_email:
        _add(post, "ignoreemail", 1)
    for file in reply.files:
        _add(post, "attachment", "", filename=cut_filename(file.filename), md5=file.md5)


def _write_notes(node: Element, notes: tuple[Note, ...], billing: tuple[Billing, ...]) -> None:
    for note in notes:
        _add(node, "note", note.text, type=note.type, notecolor=str(note.colour))
    for bill in billing:
        times = {"billdate": bill.bill_date, "workdate": bill.work_date, "worker": bill.worker}
        attributes = {name: str(value) for name, value in times.items() if value is not None}
        _add(
            node,
            "billing",
            bill.text,
            timeworked=str(bill.time_worked),
            timebillable=str(bill.time_billable),
            **attributes,
            notecolor=str(bill.colour),
        )


def _write_tags(node: Element, tags: tuple[str, ...], form_of_tags: Tags) -> None:
    clean = [tag for tag in dict.fromkeys(map(clean_tag, tags)) if tag]
    if form_of_tags == "elements":
        for tag in clean:
            _add(node, "tags", tag)
    elif clean:
        _add(node, "tags", " ".join(clean))


def _write_recipients(node: Element, ccto: tuple[str, ...], bccto: tuple[str, ...]) -> None:
    for name, addresses in (("ccto", ccto), ("bccto", bccto)):
        for address in addresses:
            _add(node, name, _line(address))


def _add(parent: Element, name: str, value: str | int, **attributes: str) -> Element:
    element = etree.SubElement(parent, name, {key: xml_safe(text) for key, text in attributes.items()})
    element.text = str(value) if isinstance(value, int) else _fitting(name, text_or_mark(xml_safe(value)))
    return element


def _fitting(name: str, text: str) -> str:
    if len(text) * 4 > LONGEST_TEXT and (len(text) if text.isascii() else len(text.encode())) > LONGEST_TEXT:
        raise _too_long(name)
    return text


def _too_long(name: str) -> ValueError:
    return ValueError(f"<{name}> has more than {LONGEST_TEXT} bytes of text; no desk reads that, send it in parts")


def _add_some(parent: Element, name: str, value: int | None) -> None:
    if value is not None:
        _add(parent, name, value)


def _line(text: str, width: int | None = None) -> str:
    return " ".join(xml_safe(text).split())[:width].rstrip()
