"""The ids that thread a mail, taken from its header block alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.ids import ThreadIds, thread_ids
from gateway.mail.reader import read


def test_ids_are_read_without_their_brackets_and_across_folds():
    raw = b"Message-ID: <one@a.example>\r\nIn-Reply-To:\r\n <two@a.example>\r\nReferences: <three@b>\r\n\t<four@b>\r\n\r\nHi"
    assert thread_ids(raw) == ThreadIds("one@a.example", ("two@a.example",), ("three@b", "four@b"))


def test_names_of_fields_are_compared_without_case_and_may_have_a_blank_behind():
    assert thread_ids(b"MESSAGE-id : <x@y>\n\n").message_id == "x@y"


def test_the_body_is_not_looked_at():
    assert thread_ids(b"Subject: x\r\n\r\nMessage-ID: <body@example>\r\n") == ThreadIds(None, (), ())


def test_a_line_that_is_no_field_ends_the_header():
    assert thread_ids(b"Subject: x\nno field here\n\nMessage-ID: <late@example>\n\n").message_id is None


@pytest.mark.parametrize("value", [b"", b"<>", b"<@>", b"< >", b"<@host.example>", b"<   @ >", b"@", b"\0", b"<..>"])
def test_an_id_that_names_nothing_does_not_count(value):
    assert thread_ids(b"Message-ID: " + value + b"\n\n").message_id is None


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (b"bare@host.example", "bare@host.example"),
        (b"<open@host.example", "open@host.example"),
        (b"<[odd@host]>", "[odd@host]"),
        (b"<<twice@host>>", "twice@host"),
        (b"junk <first@host> <second@host>", "first@host"),
        (b"<split@\r\n host>", "split@host"),
        ("<grüße@host>".encode(), "grüße@host"),
        (b"<nul\0inside@host>", "nulinside@host"),
    ],
)
def test_damaged_ids_are_taken_as_far_as_they_name_something(value, wanted):
    assert thread_ids(b"Message-ID: " + value + b"\r\n\r\n").message_id == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (b"=?utf-8?q?=3Clong=40host=2Eexample=3E?=", "long@host.example"),
        (b"<=?utf-8?q?in=40host?=>", "in@host"),
        (b"=?us-ascii?q?=3Csplit=40?=\r\n =?us-ascii?q?host=3E?=", "split@host"),
    ],
)
def test_an_id_written_as_an_encoded_word_is_the_id(value, wanted):
    assert thread_ids(b"Message-ID: " + value + b"\r\n\r\n").message_id == wanted


def test_prose_around_the_ids_of_an_old_mail_is_skipped():
    raw = b'In-Reply-To: Your message of "Mon, 1 Jan" <a@b> and <c@d>\n\n'
    assert thread_ids(raw).in_reply_to == ("a@b", "c@d")


def test_of_too_many_references_the_root_and_the_nearest_parents_stay():
    raw = b"References: " + b"\r\n ".join(b"<%d@host>" % n for n in range(1000)) + b"\r\n\r\n"
    kept = thread_ids(raw).references
    assert len(kept) == 200
    assert kept[0] == "0@host"
    assert kept[1:] == tuple(f"{n}@host" for n in range(801, 1000))


def test_an_id_longer_than_a_line_may_be_is_left_out():
    assert thread_ids(b"Message-ID: <" + b"a" * 999 + b">\n\n").message_id is None


def test_what_lies_beyond_256_kib_of_header_is_not_read():
    filler = b"X-Filler: " + b"a" * 900 + b"\r\n"
    raw = filler * 400 + b"Message-ID: <late@host>\r\n\r\n"
    assert thread_ids(raw).message_id is None


@given(st.binary(max_size=600))
def test_any_bytes_give_ids_fit_to_be_kept(raw):
    ids = thread_ids(b"References: " + raw)
    for id in (*ids.references, *ids.in_reply_to, *([ids.message_id] if ids.message_id else [])):
        assert 0 < len(id) <= 998
        id.encode()
        assert not any(mark.isspace() or mark == "\0" for mark in id)


@given(
    st.lists(
        st.sampled_from([b"<a@b>", b"Message-ID:", b"\n", b" ", b"\r\n", b"<", b"References:", b"x@y"]), max_size=30
    )
)
def test_intake_and_reader_see_the_same_ids(pieces):
    raw = b"".join(pieces)
    message = read(raw)
    assert ThreadIds(message.message_id, message.in_reply_to, message.references) == thread_ids(raw)


@pytest.mark.parametrize("unit", [b"<", b"<a@", b"<a@b>", b"@ ", b"\r\n ", b"a", b"a:\n", b"<\n ", b">"])
def test_header_blocks_of_junk_are_read_in_one_pass(unit):
    # A reader that goes back for each of these would need hours.
    thread_ids(b"References: " + unit * (2_000_000 // len(unit)))
