"""Journal reports of Exchange: the mail inside is the mail, the report says to whom it went."""

import pytest

from gateway.mail.decode import content
from gateway.mail.journal import journal_report
from gateway.mail.mime import split
from gateway.mail.reader import read

INSIDE = (
    b"From: Ann <ann@customer.example>\nTo: all@desk.example\nSubject: Printer\nMessage-ID: <1@customer.example>\n"
    b"Authentication-Results: mx.desk.example; dmarc=pass header.from=customer.example\n"
    b"Content-Type: multipart/mixed; boundary=in\n\n--in\n\nIt burns.\n--in\nContent-Type: image/png; name=a.png\n\nPNG\n--in--\n"
)
WORDS = (
    b"Sender: ann@customer.example\nSubject: Printer\nMessage-Id: <1@customer.example>\nTo: support@desk.example, Expanded: all@desk.example\n"
    b"Cc: bo@desk.example,\n\tcy@desk.example\n"
)


def _report(words: bytes = WORDS, inside: bytes = INSIDE, fields: bytes = b"") -> bytes:
    return (
        b"From: journal@relay.example\nTo: archive@desk.example\nSubject: Printer\nMessage-ID: <report@relay.example>\n"
        b"X-MS-Journal-Report:\nContent-Type: multipart/mixed; boundary=out\n\n--out\nContent-Type: text/plain; charset=us-ascii\n\n"
        + words + b"\n--out\nContent-Type: message/rfc822\n" + fields + b"\n" + inside + b"--out--\n"
    )  # fmt: skip


def test_the_mail_inside_is_read_and_the_report_names_its_recipients():
    raw = _report()
    message = read(raw)
    assert message.from_ is not None
    assert (message.from_.address, message.message_id, message.text.strip()) == (
        "ann@customer.example", "1@customer.example", "It burns.",
    )  # fmt: skip
    assert message.original_recipients[:4] == (
        "support@desk.example", "all@desk.example", "bo@desk.example", "cy@desk.example",
    )  # fmt: skip
    assert any("journal" in defect for defect in message.defects)


def test_attachments_of_the_mail_inside_lie_in_the_whole_mail():
    raw = _report()
    (picture,) = read(raw).attachments
    assert content(raw, picture.span) == b"PNG"


def test_what_the_mail_inside_says_of_its_authentication_is_nobodys_word():
    assert not any(header.name.lower() == "authentication-results" for header in read(_report()).headers)


@pytest.mark.parametrize(
    "raw",
    [
        _report(b"Please look at the attached mail.\n"),
        _report(WORDS + b"\nWhat do you think of it?\n"),
        _report(b"Subject: Printer\n"),
        _report(b"Sender: ann@customer.example\n"),
        _report(fields=b"Content-Transfer-Encoding: base64\n", inside=b"RnJvbTogYUBi\n"),
        _report().replace(b"multipart/mixed; boundary=out", b"multipart/alternative; boundary=out"),
        INSIDE,
    ],
)  # fmt: skip
def test_a_mail_that_a_person_attached_is_no_journal_report(raw):
    assert journal_report(raw, split(raw)) is None


def test_a_report_inside_a_report_is_not_opened():
    message = read(_report(inside=_report().replace(b"=out", b"=deep").replace(b"--out", b"--deep")))
    assert message.message_id == "report@relay.example"
