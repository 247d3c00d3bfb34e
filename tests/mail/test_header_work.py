"""Twice the header costs twice the work: calls are counted, not seconds.

What happens inside one regular expression is not seen here; that none goes back is why inputs of a megabyte end at all in
the tests beside this one.
"""

import sys
from collections.abc import Callable

import pytest

from gateway.mail.addresses import find_addr_specs, parse_addresses
from gateway.mail.authresults import read_arc, read_results
from gateway.mail.charsets import decode
from gateway.mail.dates import parse_date
from gateway.mail.fields import read_block
from gateway.mail.head import read_head
from gateway.mail.lists import mailing_list_of
from gateway.mail.rewritten import decode_sender
from gateway.mail.traces import read_traces
from gateway.mail.words import decode_words


def _calls(work: Callable[[], object]) -> int:
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def _assert_linear(read: Callable[[bytes], object], unit: bytes, times: int = 400) -> None:
    read(unit)
    once, twice = (_calls(lambda size=size: read(unit * size)) for size in (times, times * 2))
    assert twice <= once * 2.2 + 50


@pytest.mark.parametrize(
    "unit",
    [b"=?a?q?b?= ", b"=?a?q?", b"=?utf-8?b?w6k?= x ", b"=?utf-8?b?w?= ", b"\xe9=?a?q?b?=", b"?=", b"=?koi8-r?b?8A?= =?utf-8?q?a?= "],
)  # fmt: skip
def test_words_cost_their_length(unit):
    _assert_linear(decode_words, unit)


@pytest.mark.parametrize(
    "unit",
    [b"a@b,", b"a,", b"(", b"(a)", b"<", b'"', b'\\"', b"<a@b> ", b"a b ", b"a@b ", b":", b"[", b"=?a?q?a@b?= ", b"Doe, J <a@b>,", b'"a" '],
)  # fmt: skip
def test_addresses_cost_their_length(unit):
    _assert_linear(parse_addresses, unit, 100)
    _assert_linear(lambda value: find_addr_specs(value.decode()), unit)


@pytest.mark.parametrize("unit", [b"\x1b$B-!\x1b(B", b"\x1b$B", b"\x1b(I1", b"\xe9", b"+", b"+AGE-", b"\xe3\x81"])
@pytest.mark.parametrize("charset", ["iso-2022-jp", "utf-7", "utf-8", "iso-8859-2", None])
def test_charsets_cost_their_length(unit, charset):
    _assert_linear(lambda data: decode(data, charset), unit)


@pytest.mark.parametrize(
    "unit",
    [b";", b"(", b'"', b'("', b'\\"', b"dkim=pass header.d=x;", b"a=b ", b"(x)", b'"a;b";'],
)
def test_results_of_relays_cost_their_length(unit):
    _assert_linear(read_results, b"mx; " + unit, 20)


@pytest.mark.parametrize(
    "unit",
    [
        b"Received: from a by b for <a@x.example>; 1 Jan\n",
        b"Delivered-To: a@x.example\n",
        b"Return-Path: <SRS0=a=b=x.example=prvs=0412ab12cd=a@x.example>\n",
        b"From: a@x.example\n",
        b"ARC-Seal: i=1; cv=none\n",
        b"List-Post: <mailto:a@x.example>\n",
        b"X-Original-From: a@x.example\n",
        b"Subject: =?utf-8?q?=C3=A9?=\n",
    ],
)
def test_whole_blocks_cost_their_length(unit):
    for read in (read_head, read_traces, mailing_list_of, read_arc):
        _assert_linear(lambda raw, read=read: read(read_block(raw + b"\n")), unit, 200)


@pytest.mark.parametrize(
    "unit", ["a+", "a=", "+1-a-", "bounce-", "SRS0=", "a*", "prvs=0412ab12cd=", "x.", "=x.example"]
)
def test_envelope_senders_and_dates_are_cut_before_they_cost_anything(unit):
    for read in (decode_sender, parse_date):
        assert _calls(lambda read=read: read(unit * 100_000 + "@x.example")) < 200
