"""The content of a winmail.dat in, the files inside it out (MS-OXTNEF). Bounded, never raises, copies nothing."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.mail import charsets
from gateway.mail.names import content_type_of
from gateway.mail.words import one_line

TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")
_SIGNATURE = 0x223E9F78
_MAX_FILES = 100
_MAX_DEPTH = 3
_MAX_ATTRIBUTES = 5000
_MAX_PROPERTIES = 2000
_MAX_VALUES = 2000
_MAX_NAME = 4000

# MS-OXTNEF 2.1.3.2: ids of attributes.
_OEM_CODEPAGE, _RENDER_DATA, _TITLE, _DATA, _PROPERTIES = 0x9007, 0x9002, 0x8010, 0x800F, 0x9005
_MESSAGE_PROPERTIES = 0x9003
# MS-OXPROPS, PidTagAttach…: DataBinary, Filename, LongFilename, TransportName, MimeTag, ContentId; DisplayName.
_DATA_BINARY, _FILE_NAME, _LONG_NAME, _TRANSPORT_NAME, _MIME_TAG, _CONTENT_ID = (
    0x3701,
    0x3704,
    0x3707,
    0x370C,
    0x370E,
    0x3712,
)
_DISPLAY_NAME = 0x3001
#: Best first. Outlook writes the short name in 8.3 form.
_NAMES = (_LONG_NAME, _FILE_NAME, _DISPLAY_NAME, _TRANSPORT_NAME)
# PidTagMessageCodepage, for strings that are not Unicode; some programs write only PidTagInternetCodepage.
_CODEPAGES = (0x3FFD, 0x3FDE)
_LONG, _STRING8, _UNICODE, _OBJECT, _BINARY = 0x03, 0x1E, 0x1F, 0x0D, 0x102
#: An embedded object begins with the id of its interface; a mail's is IID_IMessage (MS-OXTNEF 2.1.3.3.15).
_INTERFACE = 16
_MAIL_INTERFACE = bytes.fromhex("0703020000000000c000000000000046")
#: MS-OXCDATA 2.11.1: bytes of a value by its type, padded to four.
_SIZES = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16, 0x01: 4}


@dataclass(frozen=True, slots=True)
class InnerFile:
    """A file of a winmail.dat: `length` bytes from `offset` of its decoded content; its name as it stands, or ""."""

    name: str
    offset: int
    length: int
    #: Lower case type/subtype, by what the file says of itself or by its name.
    content_type: str
    #: Without angle brackets.
    content_id: str | None


@dataclass(slots=True)
class _Draft:
    title: str = ""
    at: tuple[int, int] | None = None
    is_mail: bool = False
    texts: dict[int, str] = field(default_factory=dict)

    def file(self) -> InnerFile | None:
        if self.at is None:
            return None
        names = (self.texts.get(_LONG_NAME), self.title, *map(self.texts.get, _NAMES))
        name = next(filter(None, names), "")
        said = "application/ms-tnef" if self.is_mail else self.texts.get(_MIME_TAG, "").lower()
        content_id = self.texts.get(_CONTENT_ID, "").strip("<> ") or None
        return InnerFile(name, *self.at, said if said.count("/") == 1 else content_type_of(name), content_id)


def inner_files(data: bytes) -> tuple[InnerFile, ...]:
    """The files in `data`, in order, at most 100; behind a mail in it the files of that mail, three deep."""
    files: list[InnerFile] = []
    waiting = [(0, len(data), 1)]
    while waiting and len(files) < _MAX_FILES:
        start, end, depth = waiting.pop()
        drafts = [draft for draft in _drafts(data, start, end) if draft.at]
        files += filter(None, (draft.file() for draft in drafts))
        if depth < _MAX_DEPTH:
            waiting += [(*_stretch(draft), depth + 1) for draft in reversed(drafts) if draft.is_mail]
    return tuple(files[:_MAX_FILES])


def _stretch(draft: _Draft) -> tuple[int, int]:
    assert draft.at
    return draft.at[0], draft.at[0] + draft.at[1]


def _drafts(data: bytes, start: int, end: int) -> list[_Draft]:
    drafts: list[_Draft] = []
    charset = "cp1252"
    for level, name, at, stop in _attributes(data, start, end):
        if name == _OEM_CODEPAGE and stop - at >= 4:
            charset = _codepage(struct.unpack_from("<I", data, at)[0]) or charset
        elif level == 1 and name == _MESSAGE_PROPERTIES:
            charset = _said_codepage(data, at, stop) or charset
        if level != 2:
            continue
        if name == _RENDER_DATA or not drafts:
            drafts.append(_Draft())
        draft = drafts[-1]
        if name == _TITLE:
            text = charsets.decode(data[at : min(stop, at + _MAX_NAME)].rstrip(b"\0"), charset)
            draft.title = draft.title or one_line(text)
        elif name == _DATA:
            draft.at = (at, stop - at)
        elif name == _PROPERTIES:
            _take_properties(data, at, stop, draft, charset)
    return drafts


def _codepage(number: int) -> str | None:
    # 65001 and the like have names of their own in Windows' list of code pages.
    name = {65001: "utf-8", 20127: "us-ascii", 28591: "iso-8859-1", 20866: "koi8-r"}.get(number, f"cp{number}")
    return name if charsets.codec_of(name) else None


def _said_codepage(data: bytes, start: int, end: int) -> str | None:
    said = {
        id: _codepage(struct.unpack_from("<I", data, at)[0])
        for type_, id, at, length in _properties(data, start, end)
        if id in _CODEPAGES and type_ == _LONG and length == 4
    }
    return next(filter(None, map(said.get, _CODEPAGES)), None)


def _attributes(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Level, id, start and end of each attribute; a cut last one ends with the data."""
    if end - at < 6 or struct.unpack_from("<I", data, at)[0] != _SIGNATURE:
        return
    at += 6
    for _ in range(_MAX_ATTRIBUTES):
        if at + 9 > end:
            return
        level, name, _type, length = struct.unpack_from("<BHHI", data, at)
        start = at + 9
        yield level, name, start, min(start + length, end)
        at = start + length + 2


def _take_properties(data: bytes, start: int, end: int, draft: _Draft, charset: str) -> None:
    for type_, id, at, length in _properties(data, start, end):
        if type_ in (_STRING8, _UNICODE) and id in (*_NAMES, _MIME_TAG, _CONTENT_ID):
            codec = "utf-16-le" if type_ == _UNICODE else charset
            text = charsets.decode(data[at : at + min(length, _MAX_NAME)], codec)
            draft.texts.setdefault(id, one_line(text))
        elif id == _DATA_BINARY and type_ in (_BINARY, _OBJECT) and draft.at is None:
            skip = min(_INTERFACE, length) if type_ == _OBJECT else 0
            draft.is_mail = type_ == _OBJECT and data.startswith(_MAIL_INTERFACE, at)
            draft.at = (at + skip, length - skip)


def _properties(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Type, id, offset and length of each value of an encapsulated property list (MS-OXTNEF 2.1.3.4)."""
    try:
        (count,) = struct.unpack_from("<I", data, at)
        at += 4
        for _ in range(min(count, _MAX_PROPERTIES)):
            type_, id = struct.unpack_from("<HH", data, at)
            at += 4
            if id >= 0x8000:
                at = _after_name(data, at)
            many = bool(type_ & 0x1000)
            type_ &= 0xFFF
            sized = type_ in (_STRING8, _UNICODE, _OBJECT, _BINARY)
            values = 1
            if many or sized:
                (values,) = struct.unpack_from("<I", data, at)
                at += 4
            for _ in range(min(values, _MAX_VALUES)):
                length = _SIZES.get(type_, 0)
                if sized:
                    (length,) = struct.unpack_from("<I", data, at)
                    at += 4
                if at + length > end or not (length or sized):
                    return
                yield type_, id, at, length
                at += length + -length % 4
    except struct.error:
        return


def _after_name(data: bytes, at: int) -> int:
    (kind,) = struct.unpack_from("<I", data, at + 16)
    at += 20
    if kind == 0:
        return at + 4
    (length,) = struct.unpack_from("<I", data, at)
    return at + 4 + int(length) + -int(length) % 4
