"""The content of a winmail.dat in, the files inside it out (MS-OXTNEF). Bounded, never raises, copies nothing."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.mail import charsets
from gateway.mail.words import one_line

TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")
_SIGNATURE = 0x223E9F78
_MAX_FILES = 100
_MAX_ATTRIBUTES = 5000
_MAX_PROPERTIES = 2000
_MAX_VALUES = 2000

# MS-OXTNEF 2.1.3.2: ids of attributes.
_OEM_CODEPAGE, _RENDER_DATA, _TITLE, _DATA, _PROPERTIES = 0x9007, 0x9002, 0x8010, 0x800F, 0x9005
# MS-OXPROPS: PidTagAttachDataBinary, PidTagAttachFilename, PidTagAttachLongFilename, PidTagDisplayName.
_DATA_BINARY, _FILE_NAME, _LONG_NAME, _DISPLAY_NAME = 0x3701, 0x3704, 0x3707, 0x3001
_STRING8, _UNICODE, _OBJECT, _BINARY = 0x1E, 0x1F, 0x0D, 0x102
#: MS-OXCDATA 2.11.1: bytes of a value by its type, padded to four.
_SIZES = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16, 0x01: 4}


@dataclass(frozen=True, slots=True)
class InnerFile:
    """A file of a winmail.dat: `length` bytes from `offset` of its decoded content."""

    name: str
    offset: int
    length: int


@dataclass(slots=True)
class _Draft:
    title: str = ""
    long_name: str = ""
    at: tuple[int, int] | None = None


def inner_files(data: bytes) -> tuple[InnerFile, ...]:
    """The files in `data`, in order, at most 100; those that are mails themselves are not opened."""
    drafts: list[_Draft] = []
    charset = "cp1252"
    for level, name, start, end in _attributes(data):
        if name == _OEM_CODEPAGE and end - start >= 4:
            charset = f"cp{struct.unpack_from('<I', data, start)[0]}"
        if level != 2:
            continue
        if name == _RENDER_DATA or not drafts:
            drafts.append(_Draft())
        draft = drafts[-1]
        if name == _TITLE:
            draft.title = draft.title or one_line(charsets.decode(data[start:end].rstrip(b"\0")[:2000], charset))
        elif name == _DATA:
            draft.at = (start, end - start)
        elif name == _PROPERTIES:
            _take_properties(data, start, end, draft, charset)
    whole = [InnerFile(draft.long_name or draft.title, *draft.at) for draft in drafts if draft.at]
    return tuple(whole[:_MAX_FILES])


def _attributes(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Level, id, start and end of each attribute; a cut last one ends with the data."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        return
    at = 6
    for _ in range(_MAX_ATTRIBUTES):
        if at + 9 > len(data):
            return
        level, name, _type, length = struct.unpack_from("<BHHI", data, at)
        start = at + 9
        yield level, name, start, min(start + length, len(data))
        at = start + length + 2


def _take_properties(data: bytes, start: int, end: int, draft: _Draft, charset: str) -> None:
    names: dict[int, str] = {}
    for type_, id, at, length in _properties(data, start, end):
        if id in (_FILE_NAME, _LONG_NAME, _DISPLAY_NAME) and type_ in (_STRING8, _UNICODE):
            text = charsets.decode(data[at : at + min(length, 4000)], "utf-16-le" if type_ == _UNICODE else charset)
            names.setdefault(id, one_line(text))
        elif id == _DATA_BINARY and type_ in (_BINARY, _OBJECT) and draft.at is None:
            # An object begins with the id of its interface.
            skip = min(16, length) if type_ == _OBJECT else 0
            draft.at = (at + skip, length - skip)
    draft.long_name = names.get(_LONG_NAME, "")
    draft.title = draft.title or names.get(_FILE_NAME, "") or names.get(_DISPLAY_NAME, "")


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
