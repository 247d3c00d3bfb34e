"""Transfer encodings, read leniently."""

import base64 as stdlib_base64
import binascii
import quopri
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mail.decode import content, content_blocks, encoding_of
from gateway.mail.message import Span


def _decoded(data: bytes, encoding) -> bytes:
    return content(b"before" + data + b"after", Span(6, len(data), encoding))


@given(st.binary(max_size=400))
def test_base64_comes_back(data):
    assert _decoded(stdlib_base64.encodebytes(data).replace(b"\n", b"\r\n"), "base64") == data


@given(st.binary(max_size=400))
def test_quoted_printable_comes_back(data):
    assert _decoded(quopri.encodestring(data, quotetabs=True), "quoted-printable") == data


@given(st.binary(min_size=1, max_size=400))
def test_uuencode_comes_back(data):
    lines = b"".join(binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45))
    assert _decoded(b"begin 644 a.bin\n" + lines + b"`\nend\n", "uuencode") == data


@given(st.binary(max_size=200), st.sampled_from(["base64", "quoted-printable", "uuencode", "identity"]))
def test_any_bytes_decode_to_something(data, encoding):
    assert len(_decoded(data, encoding)) <= len(data) + 63


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"aGVsbG8", b"hello"),
        (b"aGVsbG8gd", b"hello "),
        (b"aGV!s bG\x008=", b"hello"),
        (b"aGVs\r\nbG8=\r\n\r\n-- \r\nA list's footer, which is no data\r\n", b"hello"),
        (b"aGVsbG8=\r\nIHdvcmxk\r\n", b"hello world"),
        (b"=", b""),
        (b"====aGk", b"hi"),
    ],
)
def test_damaged_base64_gives_what_it_holds(data, wanted):
    assert _decoded(data, "base64") == wanted


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"a=3Db", b"a=b"),
        (b"soft=\r\nbreak", b"softbreak"),
        (b"soft= \t\r\nbreak", b"softbreak"),
        (b"blanks at end  \r\nnext", b"blanks at end\r\nnext"),
        (b"no=escape =zz", b"no=escape =zz"),
        (b"bare=\rCR", b"bareCR"),
    ],
)
def test_quoted_printable_is_read_as_rfc_2045_says_and_else_left_alone(data, wanted):
    assert _decoded(data, "quoted-printable") == wanted


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        (b"BASE64", "base64"),
        (b'"quoted-printable"', "quoted-printable"),
        (b"base64;", "base64"),
        (b"8bit", "identity"),
        (b"x-unknown", "identity"),
        (b"", "identity"),
        (None, "identity"),
        (b"x-uuencode", "uuencode"),
    ],
)
def test_encodings_are_known_by_any_of_their_spellings(field, wanted):
    assert encoding_of(field) == wanted


@pytest.mark.parametrize(
    ("unit", "encoding"),
    [
        (b" ", "quoted-printable"),
        (b" \n", "quoted-printable"),
        (b"=\r", "quoted-printable"),
        (b"YQ==\n", "base64"),
        (b"\n", "uuencode"),
    ],
)
def test_hostile_encodings_are_read_in_one_pass(unit, encoding):
    _decoded(unit * (4_000_000 // len(unit)), encoding)


def test_uuencoded_lines_that_promise_too_much_do_not_swell():
    assert len(_decoded(b"M\n" * 1_000_000, "uuencode")) < 2_100_000


_PIECES = [
    b"QUJD" * 19 + b"\r\n",
    b"QUJD" * 16 + b"\n",
    b"QUJD\r\n" * 3000,
    b"QUJ",
    b"A",
    b"=",
    b"==",
    b"+/",
    b"\r\n",
    b" ",
]
_PIECES += [b"!", b"\x00", b"\xff", b"-- \n", b"begin 644 a\n", b"#86)C\n", b"=3D", b"=\r"]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(_PIECES) | st.binary(max_size=90), st.integers(1, 2000)), max_size=6),
    st.sampled_from(["base64", "quoted-printable", "uuencode", "identity"]),
    st.none() | st.tuples(st.integers(0, 300_000), st.integers(0, 300_000)),
    st.integers(0, 200),
    st.integers(0, 2**40),
)
def test_blocks_hold_what_the_whole_holds(pieces, encoding, inner, offset, length):
    raw = b"".join(piece * min(times, 200_000 // (len(piece) + 1)) for piece, times in pieces)
    span = Span(offset, length, encoding, inner)
    blocks = list(content_blocks(raw, span))
    assert b"".join(blocks) == content(raw, span)
    assert all(len(block) <= 65536 for block in blocks)


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n", b" \t\r\n", b""])
@pytest.mark.parametrize("width", [76, 64, 61])
def test_base64_is_read_in_blocks_and_never_held_whole(line_end, width):
    data = bytes(range(256)) * 20_000
    encoded = stdlib_base64.b64encode(data)
    raw = b"--b\r\n" + line_end.join(encoded[at : at + width] for at in range(0, len(encoded), width)) + b"\r\n--b--"
    span = Span(5, len(raw) - 12, "base64")
    tracemalloc.start()
    try:
        assert sum(map(len, content_blocks(raw, span))) == len(data)
        assert tracemalloc.get_traced_memory()[1] < 400_000
    finally:
        tracemalloc.stop()
    assert b"".join(content_blocks(raw, span)) == data
