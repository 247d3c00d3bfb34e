"""Broken structure is repaired the way good readers do, and what was repaired is said."""

import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.decode import content
from gateway.mail.fields import read_block
from gateway.mail.mime import MAX_PARTS, split
from gateway.mail.reader import read


def _body(raw: bytes, part) -> bytes:
    return content(raw, part.span)


def _types(raw: bytes) -> list[str]:
    return [part.content_type for part in split(raw).parts]


TWO = b"\n--=_b1\nContent-Type: text/plain\n\none\n--=_b1\nContent-Type: text/html\n\n<p>two\n--=_b1--\n"


@pytest.mark.parametrize(
    "field",
    [
        b"Content-Type: multipart/mixed",
        b"Content-Type: multipart/mixed; boundary=",
        b'Content-Type: multipart/mixed; boundary=""',
        b'Content-Type: multipart/mixed; boundary="another one"',
        b"Content-Type: multipart/mixed; boundary=" + b"x" * 300,
        b"MIME-Version: 1.0",
    ],
)
def test_a_boundary_that_is_missing_or_wrong_is_read_off_the_delimiter_lines(field):
    raw = field + b"\n\nThis is a multi-part message in MIME format.\n" + TWO
    structure = split(raw)
    assert [part.content_type for part in structure.parts][1:] == ["text/plain", "text/html"]
    assert _body(raw, structure.parts[1]) == b"one"
    assert any("guessed" in defect for defect in structure.defects)


def test_parts_without_fields_show_their_boundary_where_the_multipart_is_closed():
    raw = b"Content-Type: multipart/mixed\n\n--=_x\n\none\n--=_x\n\ntwo\n--=_x--\n"
    assert [_body(raw, part) for part in split(raw).parts[1:]] == [b"one", b"two"]


def test_an_inner_multipart_without_boundary_is_repaired_inside_the_outer():
    raw = (
        b"Content-Type: multipart/mixed; boundary=out\n\n--out\nContent-Type: multipart/alternative\n"
        + TWO
        + b"\n--out\n\nlast\n--out--\n"
    )
    assert _types(raw) == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/plain"]


@pytest.mark.parametrize("raw", [b"Subject: a\n\nWords\n" + TWO, b"Content-Type: text/plain\n\n" + TWO])
def test_a_text_that_quotes_a_multipart_stays_a_text(raw):
    assert _types(raw) == ["text/plain"]


def test_boundaries_that_begin_with_each_other_are_told_apart():
    raw = (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b-1\n\n--b-1\n\none\n"
        b"--b-1--\n\n--b\n\n--b-\n--b--\n"
    )
    structure = split(raw)
    assert [part.parent for part in structure.parts] == [None, 0, 1, 0]
    assert [_body(raw, part) for part in structure.parts[2:]] == [b"one", b"--b-"]


@pytest.mark.parametrize(
    ("parameter", "line"),
    [
        (b'"two  blanks"', b"two  blanks"),
        (b'"=?utf-8?q?x?="', b"=?utf-8?q?x?="),
        (b"\xe4\xf6", b"\xe4\xf6"),
        (b'"b  "', b"b"),
        (b"'b'", b"'b'"),
        (b'"a\\"b"', b'a"b'),
    ],
)
def test_a_boundary_is_compared_by_its_bytes(parameter, line):
    raw = b"Content-Type: multipart/mixed; boundary=" + parameter + b"\n\n--" + line + b"\n\none\n--" + line + b"--\n"
    assert _body(raw, split(raw).parts[1]) == b"one"


def test_many_look_alikes_change_nothing_in_what_is_found():
    raw = (
        b"Content-Type: multipart/mixed; boundary=xy\n\n--xy\n\n"
        + b"--xyz\n" * 3000
        + b"--xy  \n\ntwo\n--xy--  \n--xy-\nepilogue"
    )
    structure = split(raw)
    assert [part.span.length for part in structure.parts[1:]] == [6 * 3000 - 1, 3]
    assert structure.defects == ()


_BOUNDARIES = st.sampled_from([b"a", b"ab", b"a-", b"a--", b"-", b"--", b"b"])
_LINES = st.lists(
    st.one_of(
        _BOUNDARIES.map(lambda b: b"--" + b),
        _BOUNDARIES.map(lambda b: b"--" + b + b"--"),
        _BOUNDARIES.map(lambda b: b"Content-Type: multipart/mixed; boundary=" + b),
        st.sampled_from([b"", b"begin 644 a", b"#86)C", b"`", b"end", b"text"]),
    ),
    max_size=30,
)


@given(_LINES, st.sampled_from([b"\n", b"\r\n"]))
def test_the_pattern_for_look_alikes_finds_the_same_delimiters(lines, line_break):
    head, rest = (
        b"Content-Type: multipart/mixed; boundary=a" + line_break * 2,
        b"--a" + line_break * 2 + line_break.join(lines),
    )
    few = split(head + rest)
    many = split(head + (b"--aa" + line_break) * 1001 + rest)
    shift = 1001 * len(b"--aa" + line_break)
    assert [(p.content_type, p.parent, p.span.length) for p in few.parts[1:]] == [
        (p.content_type, p.parent, p.span.length) for p in many.parts[1:]
    ]
    assert [p.span.offset + shift for p in few.parts[1:]] == [p.span.offset for p in many.parts[1:]]


@given(_LINES, st.sampled_from([b"\n", b"\r\n"]))
def test_tiles_cover_uuencoded_texts_and_guessed_boundaries_too(lines, line_break):
    for head in (b"", b"Content-Type: multipart/mixed" + line_break * 2, b"MIME-Version: 1.0" + line_break * 2):
        raw = head + line_break.join(lines)
        at = 0
        for tile in split(raw).tiles:
            assert tile.offset == at
            at += tile.length
        assert at == len(raw)


def _uu(name: bytes, data: bytes) -> bytes:
    lines = b"".join(binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45))
    return b"begin 644 " + name + b"\n" + lines + b"`\nend\n"


def test_uuencoded_files_in_a_text_are_attachments_and_the_words_stay():
    raw = (
        b"From: a@b.example\n\nHello,\n\n"
        + _uu("Bücher.txt".encode(), b"x" * 100)
        + b"and\n"
        + _uu(b"b.png", b"png!")
        + b"bye\n"
    )
    message = read(raw)
    assert message.text.split() == ["Hello,", "and", "bye"]
    assert [(file.filename, file.content_type) for file in message.attachments] == [
        ("Bücher.txt", "text/plain"),
        ("b.png", "image/png"),
    ]
    assert content(raw, message.attachments[0].span) == b"x" * 100
    assert content(raw, message.attachments[1].span) == b"png!"


def test_a_uuencoded_file_that_is_cut_off_is_read_as_far_as_it_goes():
    raw = b"Subject: x\n\nsee\n" + _uu(b"a.bin", bytes(range(200)))[:150]
    (file,) = read(raw).attachments
    assert content(raw, file.span).startswith(bytes(range(90)))
    assert "A uuencoded file is cut off." in read(raw).defects


@pytest.mark.parametrize(
    "words",
    [
        b"begin 644 work\nHELLO WORLD\nend\n",
        b"I begin 644 files\n",
        b"begin 644 a\nsmall letters\nend\n",
        b"begin 644\n#86)C\nend\n",
    ],
)
def test_prose_that_begins_like_a_uuencoded_file_stays_prose(words):
    raw = b"Subject: x\n\nHi,\n" + words
    assert len(split(raw).parts) == 1


def test_more_uuencoded_files_than_parts_stay_in_the_text():
    raw = b"Subject: x\n\n" + _uu(b"a", b"abc") * 600
    structure = split(raw)
    assert MAX_PARTS - 3 <= len(structure.parts) <= MAX_PARTS + 1
    assert structure.is_cut
    assert read(raw).attachments[-1].filename == "mail.eml"


def test_over_a_limit_the_whole_mail_is_attached_in_place_of_the_rest():
    raw = b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\nContent-Type: image/gif\n\nGIF\n" * 700
    message = read(raw)
    last = message.attachments[-1]
    assert (last.filename, last.content_type, content(raw, last.span)) == ("mail.eml", "message/rfc822", raw)
    assert [file.size for file in message.attachments[:-1]] == [3] * (MAX_PARTS - 1)
    assert any("more than 500 parts" in defect for defect in message.defects)


@pytest.mark.parametrize(
    "raw",
    [
        b"X: y\n" * 1500 + b"\nbody",
        b"X: " + b"y" * 300_000 + b"\n\nbody",
        b"".join(b"Content-Type: multipart/mixed; boundary=x%d\n\n--x%d\n" % (n, n) for n in range(30)),
    ],
)
def test_every_limit_attaches_the_whole_mail(raw):
    assert [file.size for file in read(raw).attachments if file.filename == "mail.eml"] == [len(raw)]


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        (b"text", "text/plain"),
        (b"html", "text/html"),
        (b'"text/html"', "text/html"),
        (b"text/html, charset=utf-8", "text/html"),
        (b"TEXT/HTML;charset=utf-8;", "text/html"),
        (b"text/html charset=utf-8", "text/html"),
        (b"charset=utf-8", "text/plain"),
        (b"", "text/plain"),
        (b"application/", "application/octet-stream"),
        (b"; name=a.bin", "application/octet-stream"),
    ],
)
def test_content_types_are_read_as_programs_misspell_them(field, wanted):
    assert split(b"Content-Type: " + field + b"\n\nx").parts[0].content_type == wanted


@pytest.mark.parametrize(
    ("type_", "word"),
    [(b"message/partial; id=a; number=1", "piece"), (b"message/external-body; access-type=URL", "fetched")],
)
def test_mails_that_are_elsewhere_are_kept_as_files_and_said(type_, word):
    raw = (
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nwords\n--x\nContent-Type: "
        + type_
        + b"\n\ninside\n--x--\n"
    )
    message = read(raw)
    assert [file.content_type for file in message.attachments] == [type_.split(b";")[0].decode()]
    assert any(word in defect for defect in message.defects)


def test_a_header_goes_on_behind_a_line_that_lost_its_blank():
    block = read_block(b"Subject: a long\nsubject line\nTo: x@y\nbroken name: z\nFrom: a@b\n\nFrom: body")
    assert block.fields == ((b"Subject", b"a long subject line"), (b"To", b"x@y"), (b"From", b"a@b"))
    assert block.defects


def test_a_body_without_the_empty_line_before_it_is_not_taken_for_a_header():
    raw = b"Subject: x\nHello Bob,\nnote: this is a text.\n\nBye"
    block = read_block(raw)
    assert raw[block.end :].startswith(b"Hello Bob,")


@pytest.mark.parametrize(
    "before",
    [b"\xef\xbb\xbf", b"\n", b"\r\n\r\n", b"From ann@x Mon Jan  1 00:00:00 2024\n", b">From x\n", b"\n\nFrom x\n"],
)
def test_what_stands_before_the_first_field_is_passed_over(before):
    raw = before + b"Subject: x\n\nbody"
    structure = split(raw)
    assert structure.parts[0].block.first(b"subject") == b"x"
    assert _body(raw, structure.parts[0]) == b"body"


def test_line_breaks_doubled_on_the_way_end_lines_all_the_same():
    block = read_block(b"Subject: x\r\r\n y\r\r\nTo: a@b\r\r\n\r\r\nbody")
    assert block.fields == ((b"Subject", b"x y"), (b"To", b"a@b"))


@pytest.mark.parametrize(
    ("fields", "body", "wanted"),
    [
        # Declared as base64, but text.
        (b"Content-Transfer-Encoding: base64", b"Hello, this is no base64 at all.\n", b"Hello, this is no base64 at all.\n"),
        (b"Content-Transfer-Encoding: base64", b"<html><body>Hi</body></html>", b"<html><body>Hi</body></html>"),
        (b"Content-Transfer-Encoding: base64", "日本語の本文です、はい".encode(), "日本語の本文です、はい".encode()),
        (b"Content-Transfer-Encoding: base64", b"SGVsbG8=", b"Hello"),
        (b"Content-Transfer-Encoding: base64", b"SGVs!bG8g d29y\nbGQh", b"Hello world!"),
        (b"Content-Transfer-Encoding: base64", _uu(b"a", b"abc"), b"abc"),
        # Base64, but not declared.
        (b"X: y", binascii.b2a_base64(b"Words of a text. " * 6), b"Words of a text. " * 6),
        (b"Content-Type: application/pdf\nContent-Transfer-Encoding: 7bit", b"JVBERi0xLjQK" * 6 + b"\nJVBE\n", b"%PDF-1.4\n" * 6 + b"%PD"),
        (b"Content-Type: application/octet-stream", _uu(b"a", b"abc"), b"abc"),
        # A text declared as it stands is believed.
        (b"Content-Transfer-Encoding: 7bit", b"QUJD" * 19 + b"\n", b"QUJD" * 19 + b"\n"),
        (b"X: y", b"A" * 61 + b"\nword\n", b"A" * 61 + b"\nword\n"),
    ],
)  # fmt: skip
def test_a_transfer_encoding_that_does_not_fit_the_bytes_is_not_believed(fields, body, wanted):
    raw = fields + b"\n\n" + body
    part = split(raw).parts[0]
    assert _body(raw, part) == wanted


@given(st.binary(max_size=300))
def test_real_base64_is_always_believed(data):
    raw = b"Content-Transfer-Encoding: base64\n\n" + binascii.b2a_base64(data)
    assert _body(raw, split(raw).parts[0]) == data
