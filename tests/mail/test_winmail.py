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


_IID_MAIL = bytes.fromhex("0703020000000000c000000000000046")


def _embedded(mail: bytes, name: bytes = b"a mail\0") -> bytes:
    object_ = struct.pack("<HHII", 0x0D, 0x3701, 1, len(_IID_MAIL + mail)) + _IID_MAIL + mail
    return _NEW + _attribute(2, 0x9005, _property_list(_text(0x3001, name, 0x1E), object_ + b"\0" * (-len(mail) % 4)))


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


def test_a_mail_inside_is_kept_as_a_file_and_its_files_stand_behind_it():
    inner = _START + PLAIN
    files = _contents(_START + _embedded(inner) + IN_PROPERTIES)
    assert files == [("a mail", inner), ("shown", b"third"), ("Bücher.txt", b"first file")]
    assert inner_files(_START + _embedded(inner))[0].content_type == "application/ms-tnef"


def test_mails_inside_mails_are_opened_three_deep():
    data = _START + PLAIN
    for _ in range(6):
        data = _START + _embedded(data)
    assert [name for name, _ in _contents(data)] == ["a mail"] * 3


@pytest.mark.parametrize(
    ("codepage", "name", "octets"),
    [
        (1251, "Счёт.pdf", "Счёт.pdf".encode("cp1251")),
        (932, "請求書.pdf", "請求書.pdf".encode("cp932")),
        (936, "发票.pdf", "发票.pdf".encode("gbk")),
        (65001, "Rechnung ß.pdf", "Rechnung ß.pdf".encode()),
        (28591, "é.pdf", "é.pdf".encode("latin-1")),
        (99999, "é.pdf", "é.pdf".encode("cp1252")),
    ],
)
def test_names_are_read_in_the_code_page_of_the_mail(codepage, name, octets):
    start = struct.pack("<IH", 0x223E9F78, 1) + _attribute(1, 0x9007, struct.pack("<II", codepage, 0))
    title = _NEW + _attribute(2, 0x8010, octets + b"\0") + _attribute(2, 0x800F, b"x")
    long = title + _attribute(2, 0x9005, _property_list(_text(0x3707, octets + b"\0", 0x1E)))
    assert [found for found, _ in _contents(start + title + long)] == [name, name]


def test_a_code_page_among_the_properties_of_the_mail_goes_before_that_of_the_system():
    pages = _property_list(struct.pack("<HHI", 3, 0x3FFD, 1251), struct.pack("<HHI", 3, 0x3FDE, 1250))
    title = _NEW + _attribute(2, 0x8010, "Счёт".encode("cp1251")) + _attribute(2, 0x800F, b"x")
    assert _contents(_START + _attribute(1, 0x9003, pages) + title) == [("Счёт", b"x")]


def test_a_file_says_its_type_and_its_content_id():
    properties = _property_list(
        _text(0x3707, b"a.png\0", 0x1E), _text(0x370E, b"image/png\0", 0x1E), _text(0x3712, b"<p@x>\0", 0x1E)
    )
    (file,) = inner_files(_START + _NEW + _attribute(2, 0x800F, b"PNG") + _attribute(2, 0x9005, properties))
    assert (file.content_type, file.content_id) == ("image/png", "p@x")


def test_a_file_without_a_name_is_listed_without_one():
    assert _contents(_START + _NEW + _attribute(2, 0x800F, b"data")) == [("", b"data")]
