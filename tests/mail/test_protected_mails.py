"""Signed and encrypted mails are recognised and passed on as they are."""

import pytest

from gateway.mail.decode import content
from gateway.mail.reader import read


def _parts(kind: str, protocol: str, last: str) -> bytes:
    return (
        f'From: a@b.example\nContent-Type: multipart/{kind}; protocol="{protocol}"; boundary=s\n\n--s\n\nwords\n'
        f"--s\nContent-Type: {last}\n\nDATA\n--s--\n"
    ).encode()


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (
            _parts("signed", "application/pkcs7-signature", "application/pkcs7-signature; name=smime.p7s"),
            "smime-signed",
        ),
        (
            _parts("signed", "application/x-pkcs7-signature", "application/x-pkcs7-signature; name=smime.p7s"),
            "smime-signed",
        ),
        (_parts("signed", "application/pgp-signature", "application/pgp-signature; name=signature.asc"), "pgp-signed"),
        (
            _parts("encrypted", "application/pgp-encrypted", "application/octet-stream; name=encrypted.asc"),
            "pgp-encrypted",
        ),
        (b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\nDATA", "smime-encrypted"),
        (b"Content-Type: application/x-pkcs7-mime; smime-type=signed-data; name=smime.p7m\n\nDATA", "smime-signed"),
        (b"Content-Type: application/octet-stream; name=smime.p7m\n\nDATA", "smime-encrypted"),
        (b"Content-Type: application/pkcs7-mime; smime-type=certs-only\n\nDATA", None),
        (b"Subject: x\n\n-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----\n", "pgp-encrypted"),
        (b"Subject: x\n\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nabc\n", "pgp-signed"),
        (b"Subject: x\n\n> -----BEGIN PGP MESSAGE-----\n", None),
        (b"Subject: x\n\nwords\n", None),
    ],
)
def test_protection_is_known_by_its_type_or_armour(raw, wanted):
    assert read(raw).protection == wanted


def test_what_cannot_be_read_is_said_and_attached():
    raw = b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n\nDATA"
    message = read(raw)
    assert [(file.filename, content(raw, file.span)) for file in message.attachments] == [("smime.p7m", b"DATA")]
    assert any("signed in one piece" in defect for defect in message.defects)


def test_the_words_of_a_signed_mail_are_its_text():
    message = read(_parts("signed", "application/pgp-signature", "application/pgp-signature; name=signature.asc"))
    assert message.text.strip() == "words"
    assert [file.filename for file in message.attachments] == ["signature.asc"]
