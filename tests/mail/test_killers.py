"""Mails that have stopped other readers: none raises, none takes long, and twice as much of it is twice the work.

Each family grew out of a mail that made Python's email package, a reply parser or a naive pattern take seconds, or
raise. Work is counted in lines of ours that run, and in calls, so that a busy machine changes nothing; what a pattern does
inside one call shows in the time of large mails.
"""

import sys
import time
import tracemalloc

import pytest

from gateway.mail.mime import split
from gateway.mail.reader import read

_HEAD = b"From: a@b.example\nSubject: x\n"
_MIXED = _HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n"

#: name: (before, what is repeated, behind)
FAMILIES: dict[str, tuple[bytes, bytes, bytes]] = {
    "commas in From": (b"From: ", b",", b"\n\nx"),
    "brackets in From": (b"From: ", b"(", b"\n\nx"),
    "closed brackets in From": (b"From: ", b"()", b"\n\nx"),
    "angles in From": (b"From: ", b"<", b"\n\nx"),
    "quotes in From": (b"From: ", b'"', b"\n\nx"),
    "backslashes in From": (b'From: "', b"\\", b"\n\nx"),
    "dots in From": (b"From: ", b"a.", b"@b\n\nx"),
    "at signs in From": (b"From: ", b"@", b"\n\nx"),
    "groups in From": (b"From: ", b"g:;", b"\n\nx"),
    "routes in From": (b"From: <", b"@a,", b":b@c>\n\nx"),
    "addresses in To": (b"To: ", b"a@b.example, ", b"\n\nx"),
    "From fields": (b"", b"From: a@b\n", b"\nx"),
    "open words in Subject": (b"Subject: ", b"=?a?q? ", b"\n\nx"),
    "words in Subject": (b"Subject: ", b"=?utf-8?q?a?= ", b"\n\nx"),
    "words without end": (b"Subject: ", b"=?", b"\n\nx"),
    "blanks in Subject": (b"Subject: ", b" ", b"x\n\nx"),
    "folds in Subject": (b"Subject: x", b"\n ", b"\n\nx"),
    "semicolons in a quote": (_HEAD + b'Content-Type: text/plain; a="', b";", b"\n\nx"),
    "parameters": (_HEAD + b"Content-Type: text/plain", b"; a=b", b"\n\nx"),
    "continuations": (_HEAD + b"Content-Type: text/plain", b"; name*1*=a", b"\n\nx"),
    "quoted parameters": (_HEAD + b"Content-Type: text/plain", b'; a="', b"\n\nx"),
    "references": (_HEAD + b"References: ", b"<a@b> ", b"\n\nx"),
    "open references": (_HEAD + b"References: ", b"<", b"\n\nx"),
    "digits in Date": (b"Date: Thu, 01 Jan 9", b"9", b"\n\nx"),
    "header fields": (b"", b"X: y\n", b"\nx"),
    "junk in the header": (b"", b"X: y\njunk\n", b"\nx"),
    "fields of known names behind junk": (b"", b"junk\nFrom: a\n", b"\nx"),
    "flat parts": (_MIXED, b"--x\n\n\n", b""),
    "flat parts, closed each": (_MIXED, b"--x\n\n\n--x--\n", b""),
    "delimiter look-alikes": (_MIXED, b"--xy\n", b""),
    "delimiter lines with blanks": (_MIXED, b"--x \t", b"y"),
    "hyphens": (_MIXED, b"\n--", b""),
    "guessed boundaries": (_HEAD + b"Content-Type: multipart/mixed\n\n", b"--a\n", b""),
    "newlines": (_HEAD + b"\n", b"\n", b""),
    "bare CR": (_HEAD + b"\n", b"\r", b""),
    "blanks": (_HEAD + b"\n", b" ", b"x"),
    "one long line": (_HEAD + b"\n", b"a", b""),
    "words on one line": (_HEAD + b"\n", b"On x ", b""),
    "attribution without end": (_HEAD + b"\n", b"On a\n", b""),
    "quoted lines": (_HEAD + b"\n", b"> ", b""),
    "lines of quotes": (_HEAD + b"\n", b"> a\n", b""),
    "lines that look like header fields": (_HEAD + b"\n", b"From: a\n", b""),
    "signature lines": (_HEAD + b"\n", b"-- \n", b""),
    "underscores": (_HEAD + b"\n", b"_", b""),
    "begin lines": (_HEAD + b"\n", b"begin 644 a\n", b""),
    "uuencoded files": (_HEAD + b"\n", b"begin 644 a\n#86)C\n`\nend\n", b""),
    "uuencoded lines": (_HEAD + b"\nbegin 644 a\n", b"#86)C\n", b"x"),
    "soft breaks": (_HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n", b"=\r", b""),
    "blanks before breaks": (_HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n", b" \n", b""),
    "padding in base64": (_HEAD + b"Content-Transfer-Encoding: base64\n\n", b"YQ==\n", b""),
    "nested elements": (_HEAD + b"Content-Type: text/html\n\n", b"<div>", b""),
    "open tags": (_HEAD + b"Content-Type: text/html\n\n", b"<a ", b""),
    "open comments": (_HEAD + b"Content-Type: text/html\n\n", b"<!--", b""),
    "line breaks in HTML": (_HEAD + b"Content-Type: text/html\n\n", b"<br>", b""),
    "cells": (_HEAD + b"Content-Type: text/html\n\n<table>", b"<tr><td>a<td>b", b""),
    "quotes in HTML": (_HEAD + b"Content-Type: text/html\n\n", b"<blockquote>a", b""),
    "entities": (_HEAD + b"Content-Type: text/html\n\n", b"&amp;", b""),
    "style": (_HEAD + b'Content-Type: text/html\n\n<p style="', b"a:b;", b'">x'),
    "escape sequences": (_HEAD + b"Content-Type: text/plain; charset=iso-2022-jp\n\n", b"\x1b$B", b""),
    "utf-7": (_HEAD + b"Content-Type: text/plain; charset=utf-7\n\n", b"+", b""),
    "attachments": (_MIXED, b"--x\nContent-Disposition: attachment; filename=a.bin\n\nx\n", b""),
    "status blocks": (
        _HEAD + b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n",
        b"Final-Recipient: rfc822; a@b\nAction: failed\nStatus: 5.1.1\n\n", b"--x--\n",
    ),
    "flowed lines": (_HEAD + b"Content-Type: text/plain; format=flowed\n\n", b"a \n", b""),
    "shifts of sets that fail": (_HEAD + b"Content-Type: text/plain; charset=iso-2022-jp\n\n", b"\x1b$B\xff", b""),
    "quoted headers": (_HEAD + b"\n", b"From: a@b.example\nSent: x\nTo: y\n", b""),
    "calendar": (_HEAD + b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\n", b"BEGIN:VEVENT\nSUMMARY:a\n", b""),
}  # fmt: skip

#: Mails that made a reader raise.
RAISERS = [
    b"From: <", b'From: "', b"From: a@[", b"From: =?utf-8?q?a=0d=0a?= <a@b>", b"From: g:;g:;", b"Message-ID: <[", b"Message-ID: <a@[b",
    b"Message-ID: <[abc@def]", b"Date: Thu, 01 Jan 99999999999999", b"Date: 31 Feb 2025 25:61:61 +9999",
    b"Subject: =?unicode_escape?q?\\ud800?=", b"Subject: =?zlib?b?eJwDAAAAAAE=?=", b"Subject: =?idna?q?xn--?=", b"Subject: =?iso-8859-1*de?q?=E9?=",
    *(b"Content-Type: text/plain; charset=" + name + b"\n\n\xe9" for name in
      (b"foo", b"zlib", b"rot13", b"hex", b"idna", b"undefined", b"punycode", b"utf-7", b"a\0b", b"unicode_escape", b"\xff", b"x" * 9000)),
    b"Content-Type: multipart/mixed\n\nx", b"Content-Type: multipart/mixed; boundary=\xe9\n\n--\xe9\n\nx", b"Content-Transfer-Encoding: base64\n\nA",
    b"Content-Type: application/ms-tnef\n\n", b'Content-Type: application/ms-tnef\n\nx\x9f>"' + b"\xff" * 50, b"", b"\n", b"\0", b"\r", b":", b": x\n\n",
    b"Content-Type: text/html\n\n&#xd800;&#0;&#x110000;<![CDATA[", b"Content-Disposition: attachment; filename*=utf-8''%ff%fe%00\n\nx",
]  # fmt: skip


def _mail(family: str, size: int) -> bytes:
    before, unit, behind = FAMILIES[family]
    return before + unit * (size // len(unit)) + behind


@pytest.mark.parametrize("family", FAMILIES)
def test_no_killer_takes_long(family):
    raw = _mail(family, 1_000_000)
    began = time.process_time()
    read(raw)
    # A second is what is promised; a machine that runs other tests beside it needs more.
    assert time.process_time() - began < 2.0


@pytest.mark.parametrize("raw", RAISERS, ids=range(len(RAISERS)))
def test_nothing_raises(raw):
    read(raw)
    read(b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" + raw + b"\n--x--\n")


def test_a_thousand_nested_multiparts_are_read():
    read(b"".join(b"Content-Type: multipart/mixed; boundary=x%d\n\n--x%d\n" % (n, n) for n in range(1000)))


#: What is read in small pieces, and becomes many objects where all of them are held at once.
_IN_PIECES = (
    "newlines",
    "lines of quotes",
    "uuencoded lines",
    "flowed lines",
    "shifts of sets that fail",
    "soft breaks",
    "blanks before breaks",
)


@pytest.mark.parametrize("family", _IN_PIECES)
def test_many_short_pieces_take_little_more_memory_than_the_mail(family):
    raw = _mail(family, 4_000_000)
    read(raw[:4000])  # what is imported and cached on first use
    tracemalloc.start()
    try:
        read(raw)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 6 * len(raw)


#: Header blocks in which one reader finds another author than the next, or one where another finds none.
TWO_AUTHORS = [
    b"From : a@b.example\nFrom: c@d.example", b"From: a@b.example\nfrom\t: c@d.example", b"X: y\rFrom: a@b.example\nFrom: c@d.example",
    b"Subject: y\0from: a@b.example\nFrom: c@d.example", b"Fr\0om: a@b.example\nFrom: c@d.example", b"From:\na@b.example", b"junk\nFrom: a@b.example",
    b"From: a@b.example <c@d.example>", b"From: a@b.example\n\tx <c@d.example>", b"From: a@b.example\0@d.example", b"From: a@b.example(c@d.example)",
]  # fmt: skip


@pytest.mark.parametrize("fields", TWO_AUTHORS, ids=range(len(TWO_AUTHORS)))
def test_where_two_readers_find_two_authors_nobody_is_trusted_or_answered(fields):
    message = read(fields + b"\nMessage-ID: <1@b.example>\n\nx")
    assert message.ambiguous_sender
    assert not message.may_autorespond


@pytest.mark.parametrize(
    "value", [b"a@b.example", b"a@b.example <a@b.example>", b'"a@x.example via List" <list@b.example>']
)
def test_an_author_of_whom_there_is_no_doubt_is_trusted(value):
    assert not read(b"From: " + value + b"\nMessage-ID: <1@b.example>\n\nx").ambiguous_sender


def test_the_author_inside_a_journal_report_is_only_what_somebody_wrote():
    message = read(
        b"From: a@evil.example\nAuthentication-Results: mx.desk.example; dmarc=pass header.from=evil.example\n"
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nSender: boss@desk.example\nTo: support@desk.example\n"
        b"--x\nContent-Type: message/rfc822\n\nFrom: boss@desk.example\nMessage-ID: <1@desk.example>\n\nPay.\n--x--\n"
    )
    assert message.from_ is not None
    assert message.from_.address == "boss@desk.example"
    assert message.ambiguous_sender
    assert not message.may_autorespond


def _work(raw: bytes) -> int:
    """Lines run and calls made while `raw` is read, in our files and those of the libraries in Python."""
    steps = 0

    def count(frame, event, argument):
        nonlocal steps
        steps += 1
        return count

    def called(frame, event, argument):
        nonlocal steps
        steps += event == "c_call"

    sys.settrace(count)
    sys.setprofile(called)
    try:
        read(raw)
    finally:
        sys.setprofile(None)
        sys.settrace(None)
    return steps


@pytest.mark.parametrize("family", FAMILIES)
def test_twice_the_mail_is_at_most_twice_the_work(family):
    small, large = _mail(family, 3_000), _mail(family, 6_000)
    read(large)  # what is imported and cached on first use
    assert _work(large) <= 2.2 * _work(small) + 500


@pytest.mark.parametrize("family", [name for name, (before, _, _) in FAMILIES.items() if before is _MIXED])
def test_the_splitter_takes_its_steps_per_part_and_not_per_byte(family):
    raw = _mail(family, 4_000_000)
    assert len(split(raw).parts) <= 502
