from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.data import Data

NOT_AN_END = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\r",
    b"\r\n\x00.\r\n",
    b"\r\n.\x00\r\n",
    b"\r\n..\r\n",
    b"\r\n. \r\n",
]


def take(chunks, limit=1_000_000):
    """The mail, and what follows it; None where the end did not come."""
    data = Data(limit)
    rest = None
    for n, chunk in enumerate(chunks):
        rest = data.feed(chunk)
        if rest is not None:
            rest += b"".join(chunks[n + 1 :])
            break
    return data, rest


def stuffed(mail):
    """A mail of whole lines as a client sends it, RFC 5321 4.5.2."""
    return (b"\r\n" + mail).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


@pytest.mark.parametrize("sequence", NOT_AN_END)
def test_nothing_but_a_lone_dot_between_crlfs_ends_a_mail_wherever_it_is_cut(sequence):
    sent = b"Subject: x\r\n\r\nbefore" + sequence + b"MAIL FROM:<evil@x.example>\r\nafter\r\n.\r\nNOOP\r\n"
    for cut in range(len(sent) + 1):
        data, rest = take([sent[:cut], sent[cut:]])
        assert rest == b"NOOP\r\n"
        assert b"MAIL FROM:<evil@x.example>\r\nafter\r\n" in data.content()


@pytest.mark.parametrize("sequence", NOT_AN_END)
def test_bytes_that_end_nothing_are_kept_but_for_the_stuffed_dot(sequence):
    data, _ = take([b"a" + sequence + b"b\r\n.\r\n"])
    assert data.content() == b"a" + sequence.replace(b"\r\n.", b"\r\n") + b"b\r\n"


@pytest.mark.parametrize(
    ("sent", "mail"),
    [
        (b".\r\n", b""),
        (b"\r\n.\r\n", b"\r\n"),
        (b"..\r\n.\r\n", b".\r\n"),
        (b".hidden\r\n.\r\n", b"hidden\r\n"),
        (b"a\r\n...\r\n.\r\n", b"a\r\n..\r\n"),
        (b"a\r\n..\r\n..b\r\n.\r\n", b"a\r\n.\r\n.b\r\n"),
        (b"\r\r\n.\r\n", b"\r\r\n"),
        (b"a\r\r\n..\r\n.\r\n", b"a\r\r\n.\r\n"),
    ],
)
def test_dots_are_unstuffed_at_the_start_of_a_line_and_nowhere_else(sent, mail):
    for cut in range(len(sent) + 1):
        data, rest = take([sent[:cut], sent[cut:]])
        assert (data.content(), rest) == (mail, b"")


def test_single_bytes_make_the_same_mail():
    sent = stuffed(b"From: a@b\r\n\r\n.\r\n..x\r\n" + b"y" * 5000 + b"\r\n")
    data, rest = take([sent[n : n + 1] for n in range(len(sent))])
    assert (data.content(), rest) == (b"From: a@b\r\n\r\n.\r\n..x\r\n" + b"y" * 5000 + b"\r\n", b"")


@given(
    st.lists(st.sampled_from([b"\r\n", b".", b"\r", b"\n", b"a", b"\r\n."]), max_size=20),
    st.lists(st.integers(0, 60), max_size=8),
    st.binary(max_size=8),
)
def test_a_mail_comes_out_as_it_went_in_however_it_is_cut(parts, cuts, after):
    mail = b"".join(parts) + b"\r\n"
    sent = stuffed(mail) + after
    borders = [0, *sorted(cuts), len(sent)]
    data, rest = take([sent[a:b] for a, b in pairwise(borders)])
    assert (data.content(), rest) == (mail, after)
    assert data.size == len(mail)


def test_a_mail_over_the_limit_is_counted_but_not_kept():
    data = Data(1000)
    for _ in range(100):
        assert data.feed(b"x" * 100) is None
    assert data.too_big
    assert data.received == 10_000
    assert len(data._content) == 0
    assert data.feed(b"\r\n.\r\nQUIT\r\n") == b"QUIT\r\n"


def test_the_limit_is_the_mail_without_stuffing_to_the_byte():
    for extra, too_big in ((0, False), (1, True)):
        data, _ = take([b"..\r\n" + b"a" * (95 + extra) + b"\r\n.\r\n"], limit=100)
        assert (data.size, data.too_big) == (100 + extra, too_big)
