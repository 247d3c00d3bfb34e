"""Files inside a winmail.dat."""

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.decode import content
from gateway.mail.reader import read
from gateway.mail.tnef import inner_files


def _attribute(level: int, name: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", level, name, 0, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def _text(id: int, text: bytes, type_: int) -> bytes:
    return struct.pack("<HHII", type_, id, 1, len(text)) + text + b"\0" * (-len(text) % 4)


def _property_list(*properties: bytes) -> bytes:
    return struct.pack("<I", len(properties)) + b"".join(properties)


_START = struct.pack("<IH", 0x223E9F78, 1) + _attribute(1, 0x9007, struct.pack("<II", 1252, 0))
_NEW = _attribute(2, 0x9002, b"\0" * 14)
PLAIN = _NEW + _attribute(2, 0x8010, "Bücher.txt\0".encode("cp1252")) + _attribute(2, 0x800F, b"first file")
_NAMED = (
    struct.pack("<HH", 0x0003, 0x8001)
    + b"g" * 16
    + struct.pack("<II", 1, 6)
    + "ab\0".encode("utf-16-le")
    + b"\0\0"
    + struct.pack("<I", 7)
)
LONG = (
    _NEW
    + _attribute(2, 0x8010, b"SHORT~1.PDF\0")
    + _attribute(2, 0x800F, b"second")
    + _attribute(2, 0x9005, _property_list(_NAMED, _text(0x3707, "a long näme.pdf\0".encode("utf-16-le"), 0x1F)))
)
IN_PROPERTIES = _NEW + _attribute(
    2, 0x9005, _property_list(_text(0x3001, b"shown\0", 0x1E), _text(0x3701, b"third", 0x102))
)


def _contents(data: bytes) -> list[tuple[str, bytes]]:
    return [(file.name, data[file.offset : file.offset + file.length]) for file in inner_files(data)]


def test_files_are_found_with_their_best_name():
    assert _contents(_START + PLAIN + LONG + IN_PROPERTIES) == [
        ("Bücher.txt", b"first file"),
        ("a long näme.pdf", b"second"),
        ("shown", b"third"),
    ]


def test_a_cut_winmail_gives_what_is_left():
    assert _contents((_START + PLAIN)[:-6]) == [("Bücher.txt", b"first ")]


@pytest.mark.parametrize("data", [b"", b"junk", b"\x78\x9f\x3e\x22", _START])
def test_what_holds_no_file_gives_none(data):
    assert inner_files(data) == ()


@given(st.binary(max_size=80), st.integers(0, 200), st.integers(0, 30))
def test_damage_raises_nothing_and_stays_inside(junk, at, cut):
    data = _START + PLAIN + LONG + IN_PROPERTIES
    data = data[:at] + junk + data[at + cut :]
    for file in inner_files(data):
        assert 0 <= file.offset <= file.offset + file.length <= len(data)


def test_the_files_stand_behind_the_winmail_and_can_be_taken_out_of_the_mail():
    raw = (
        (
            b"From: a@b\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nsee file\n--x\n"
            b"Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n"
        )
        + base64.encodebytes(_START + PLAIN)
        + b"--x--\n"
    )
    whole, inner = read(raw).attachments
    assert whole.filename == "winmail.dat"
    assert inner.filename == "Bücher.txt"
    assert content(raw, inner.span) == b"first file"
    assert content(raw, whole.span) == _START + PLAIN
