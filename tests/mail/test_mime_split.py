"""Cutting a mail into parts: nothing is lost, nothing nests or repeats without end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.mime import MAX_DEPTH, MAX_PARTS, OPAQUE, split

_LINES = st.sampled_from(
    [
        b"Content-Type: multipart/mixed; boundary=a",
        b'Content-Type: multipart/alternative; boundary="b b"',
        b"Content-Type: multipart/digest; boundary=a",
        b"Content-Type: message/rfc822",
        b"Content-Transfer-Encoding: base64",
        b"--a",
        b"--a--",
        b"--b b",
        b"--b b--",
        b"--a  ",
        b"",
        b" folded",
        b"words",
        b"\r",
    ]
)
_BREAKS = st.sampled_from([b"\r\n", b"\n", b"\r\n", b""])
MAILS = st.lists(st.tuples(_LINES, _BREAKS), max_size=40).map(lambda lines: b"".join(a + b for a, b in lines))


def _tiles_exactly(raw: bytes) -> None:
    at = 0
    for tile in split(raw).tiles:
        assert tile.offset == at
        assert tile.length > 0
        at += tile.length
    assert at == len(raw)


@given(MAILS)
def test_the_tiles_are_the_mail(raw):
    _tiles_exactly(raw)


@given(st.binary(max_size=300))
def test_the_tiles_of_any_bytes_are_those_bytes(raw):
    _tiles_exactly(raw)


@given(MAILS)
def test_every_leaf_is_exactly_one_tile_or_empty(raw):
    structure = split(raw)
    bodies = {(tile.offset, tile.length) for tile in structure.tiles if tile.kind == "body"}
    for part in structure.parts:
        if part.span.length and not part.is_multipart and "A multipart has no part." not in structure.defects:
            assert (part.span.offset, part.span.length) in bodies


def _body(raw: bytes, part) -> bytes:
    return raw[part.span.offset : part.span.offset + part.span.length]


def test_parts_lie_between_their_delimiters_without_the_break_before():
    raw = (
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\npreamble\r\n--x\r\n\r\none\r\n--x\r\nContent-Type: text/html\r\n\r\n"
        b"two\r\n\r\n--x--\r\nepilogue"
    )
    structure = split(raw)
    assert [part.content_type for part in structure.parts] == ["multipart/mixed", "text/plain", "text/html"]
    assert [_body(raw, part) for part in structure.parts[1:]] == [b"one", b"two\r\n"]
    assert [tile.kind for tile in structure.tiles] == [
        "header", "preamble", "delimiter", "header", "body", "delimiter", "header", "body", "delimiter", "epilogue",
    ]  # fmt: skip
    assert not structure.defects


def test_a_delimiter_of_the_outer_multipart_ends_an_inner_one_that_was_not_closed():
    raw = (
        b"Content-Type: multipart/mixed; boundary=out\n\n--out\nContent-Type: multipart/related; boundary=in\n\n--in\n\ninner\n"
        b"--out\n\nouter\n--out--\n"
    )
    structure = split(raw)
    assert [part.parent for part in structure.parts] == [None, 0, 1, 0]
    assert _body(raw, structure.parts[3]) == b"outer"
    assert structure.defects == ("A multipart is not closed.",)


def test_a_boundary_used_twice_belongs_to_the_inner_multipart_until_that_is_closed():
    raw = (
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\ninner\n--x--\n"
        b"--x\n\nouter\n--x--\n"
    )
    structure = split(raw)
    assert [part.parent for part in structure.parts] == [None, 0, 1, 0]


def test_a_longer_line_that_begins_like_a_delimiter_is_text():
    raw = b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\n--xy\n--x-\n --x\n--x--\n"
    assert _body(raw, split(raw).parts[1]) == b"--xy\n--x-\n --x"


def test_a_part_behind_the_end_is_still_read():
    raw = b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\none\n--x--\n--x\n\ntwo\n"
    structure = split(raw)
    assert _body(raw, structure.parts[2]) == b"two\n"
    assert "A multipart goes on behind its end." in structure.defects


def test_an_attached_mail_is_one_leaf_whatever_is_in_it():
    inner = b"Subject: inner\n\n--x is no delimiter here\nContent-Type: multipart/mixed; boundary=y\n\n--y\n\nz\n--y--"
    raw = b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: message/rfc822\n\n" + inner + b"\n--x--\n"
    structure = split(raw)
    assert [part.content_type for part in structure.parts] == ["multipart/mixed", "message/rfc822"]
    assert _body(raw, structure.parts[1]) == inner


def test_parts_of_a_digest_are_mails():
    raw = b"Content-Type: multipart/digest; boundary=x\n\n--x\n\nSubject: a\n\nb\n--x--\n"
    assert split(raw).parts[1].content_type == "message/rfc822"


def test_a_multipart_without_usable_boundary_or_parts_is_a_text():
    for raw in (b"Content-Type: multipart/mixed\n\nwords", b"Content-Type: multipart/mixed; boundary=x\n\nwords"):
        structure = split(raw)
        assert structure.parts[0].content_type == "text/plain"
        assert _body(raw, structure.parts[0]) == b"words"
        assert structure.defects


def test_a_boundary_with_a_colon_is_no_header_field():
    raw = b'Content-Type: multipart/mixed; boundary="=_a:b"\n\n--=_a:b\n--=_a:b\n\nwords\n--=_a:b--\n'
    assert _body(raw, split(raw).parts[2]) == b"words"


def test_beyond_the_depth_limit_the_rest_is_one_opaque_leaf():
    raw = b"".join(b"Content-Type: multipart/mixed; boundary=x%d\n\n--x%d\n" % (n, n) for n in range(1000))
    structure = split(raw)
    assert len(structure.parts) == MAX_DEPTH + 1
    assert structure.parts[-1].content_type == OPAQUE
    assert any("nested deeper" in defect for defect in structure.defects)
    _tiles_exactly(raw)


def test_beyond_the_part_limit_the_rest_is_one_opaque_leaf():
    raw = b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\nwords\n" * 2000
    structure = split(raw)
    assert len(structure.parts) == MAX_PARTS + 1
    assert structure.parts[-1].content_type == OPAQUE
    assert _body(raw, structure.parts[-1]).count(b"words") == 2000 - MAX_PARTS + 1
    _tiles_exactly(raw)


def test_a_header_block_with_too_many_fields_ends_where_the_empty_line_is():
    raw = b"X: y\n" * 5000 + b"\nbody"
    structure = split(raw)
    assert len(structure.parts[0].block.fields) == 1000
    assert _body(raw, structure.parts[0]) == b"body"
    assert any("more than 1000 fields" in defect for defect in structure.defects)


@pytest.mark.parametrize("unit", [b"\n--", b"\n--xy", b"--x--\n", b"--x \t", b"\r\n", b"--x\n", b"X: y\n", b"\n \n"])
def test_look_alikes_of_delimiters_are_read_in_one_pass(unit):
    _tiles_exactly(b"Content-Type: multipart/mixed; boundary=x\n\n" + unit * (3_000_000 // len(unit)))
