"""A mail that is passed on as an attachment."""

import pytest

from gateway.mail.reader import read

_INNER = (
    "From: Cleo Roth <cleo@c.example>\r\nTo: Bo <bo@b.example>\r\nCc: d@d.example\r\nSubject: The matter\r\n"
    "Date: Mon, 5 May 2025 10:11:12 +0200\r\nContent-Type: text/plain\r\n\r\nThe words.\r\n"
)


def _mail(subject, words, *, kind="message/rfc822", name="mail.eml", inner=_INNER):
    return (
        f"From: Ann <ann@a.example>\r\nTo: desk@desk.example\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n'
        f'{words}\r\n--b\r\nContent-Type: {kind}\r\nContent-Disposition: attachment; filename="{name}"\r\n\r\n{inner}\r\n--b--\r\n'
    ).encode()


@pytest.mark.parametrize(
    ("subject", "words", "kind"),
    [
        ("Fwd: The matter", "Please see.", "message/rfc822"),
        ("WG: something", "Please see.", "message/rfc822"),
        ("Fw: The matter", "Please see.", "application/octet-stream"),
        ("The matter", "Please see.", "message/rfc822"),
        ("For you", "", "message/rfc822"),
    ],
)
def test_the_attached_mail_is_the_one_passed_on(subject, words, kind):
    message = read(_mail(subject, words, kind=kind))
    forwarded = message.forwarded
    assert (forwarded.from_.name, forwarded.from_.address) == ("Cleo Roth", "cleo@c.example")
    assert [mailbox.address for mailbox in (*forwarded.to, *forwarded.cc)] == ["bo@b.example", "d@d.example"]
    assert (forwarded.subject, forwarded.date) == ("The matter", "Mon, 5 May 2025 10:11:12 +0200")
    assert (forwarded.text, forwarded.comment) == ("The words.", words or None)
    assert message.sender.address == "cleo@c.example"
    assert len(message.attachments) == 1


@pytest.mark.parametrize(("subject", "words"), [("My problem", "See the mail I got."), ("Re: The matter", "Mine.")])
def test_a_mail_attached_to_other_words_is_a_file(subject, words):
    message = read(_mail(subject, words))
    assert message.forwarded is None
    assert message.sender.address == "ann@a.example"


@pytest.mark.parametrize("inner", ["", "\r\n\r\n", "no header", "From: \r\n\r\nx", "\x00\xff"])
def test_an_attached_mail_without_sender_is_a_file(inner):
    assert read(_mail("Fwd: x", "words", inner=inner)).forwarded is None
