"""Mails of every shape that the reader knows, written here, for tests that change or compare them."""

import base64
import random
from collections.abc import Iterator

_TNEF = bytes.fromhex(
    "789f3e220100020290000000000000000002108000000600000061 2e747874000201020f800000020000006869d100".replace(" ", "")
)


def _mail(fields: str, body: str | bytes) -> bytes:
    top = f"From: Ann <ann@customer.example>\nTo: support@desk.example\nSubject: {fields}\n\n"
    return (top.encode() + (body.encode() if isinstance(body, str) else body)).replace(b"\n", b"\r\n")


def _b64(data: bytes) -> str:
    return base64.encodebytes(data).decode()


SEEDS = (
    _mail("plain\nDate: Mon, 5 May 2025 10:11:12 +0200\nMessage-ID: <1@customer.example>", "Hello,\n\nthe printer burns.\n\n-- \nAnn\n"),
    _mail(
        '=?utf-8?q?Gr=C3=BC=C3=9Fe?= =?iso-8859-1?B?5Pb8?=\nReply-To: "Ann (work)" <a@b.example>, Group: x@y, z@w;\n'
        "References: <a@b> <c@d>\nIn-Reply-To: <c@d>\nContent-Type: text/plain; charset=iso-8859-1; format=flowed; delsp=yes\n"
        "Content-Transfer-Encoding: quoted-printable",
        "f=FCr=20\nSie\n\nOn Mon, 5 May 2025, Bo wrote:\n> first\n>> second=\n third\n",
    ),
    _mail(
        'alternative\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="o o"',
        '--o o\nContent-Type: multipart/alternative; boundary=i\n\n--i\nContent-Type: text/plain; charset=utf-8\n\nWords\n--i\n'
        "Content-Type: text/html; charset=utf-8\n\n<html><body><p>Words</p><table><tr><td>a<td>b</table><blockquote>q</blockquote>"
        '<img src="cid:p1"></body></html>\n--i--\n--o o\nContent-Type: image/png; name*0*=utf-8\'\'%e2%82%ac; name*1=.png\n'
        "Content-ID: <p1>\nContent-Disposition: inline\nContent-Transfer-Encoding: base64\n\n" + _b64(bytes(range(200))) + "--o o--\n",
    ),
    _mail(
        "winmail\nContent-Type: multipart/mixed; boundary=b",
        "--b\n\nsee\n--b\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n"
        + _b64(_TNEF) + "--b--\n",
    ),
    _mail("uu", "Here:\nbegin 644 a.txt\n#86)C\n`\nend\nbye\n"),
    _mail(
        "Undelivered Mail Returned to Sender\nReturn-Path: <>\nContent-Type: multipart/report; report-type=delivery-status; boundary=r",
        "--r\n\nI'm sorry.\n--r\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; bo@b.example\n"
        "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 user unknown\n\n--r\nContent-Type: message/rfc822\n\n"
        "From: support@desk.example\nMessage-ID: <x@y>\n\nold\n--r--\n",
    ),
    _mail(
        "Fwd: invoice",
        "see below\n\n---------- Forwarded message ---------\nFrom: Bo <bo@b.example>\nDate: Mon, 5 May 2025\nSubject: invoice\n"
        "To: ann@customer.example\n\nThe invoice.\n",
    ),
    _mail(
        "digest\nContent-Type: multipart/digest; boundary=d",
        "--d\n\nFrom: a@b\n\none\n--d\n\nFrom: c@d\n\ntwo\n--d--\n",
    ),
    _mail("journal\nX-MS-Journal-Report:\nContent-Type: multipart/mixed; boundary=j",
        "--j\n\nSender: ann@customer.example\nMessage-ID: <1@c>\nRecipient: support@desk.example\n\n--j\n"
        "Content-Type: message/rfc822\n\nFrom: ann@customer.example\nSubject: inside\n\nBody\n--j--\n"),
    _mail("invite\nContent-Type: text/calendar; method=REQUEST; charset=utf-8",
        "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Meeting\nDTSTART:20250505T101112Z\nEND:VEVENT\nEND:VCALENDAR\n"),
    _mail('signed\nContent-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=s',
        "--s\n\nsigned words\n--s\nContent-Type: application/pkcs7-signature; name=smime.p7s\nContent-Transfer-Encoding: base64\n\n"
        "MIAGCSqGSIb3DQEHAqCAMIACAQExADALBgkqhkiG9w0BBwGggAAA\n--s--\n"),
)  # fmt: skip

_WORDS = (
    b"\n", b"\r\n", b"\r", b"\0", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"--", b"--b", b"--b--", b"=", b"=\n", b"=?utf-8?q?",
    b"=?utf-8?b?", b"?=", b";", b";;;;", b'"', b"\\", b"(", b")", b"<", b">", b"@", b"[", b",,,,", b":", b"From: ", b"From:\n",
    b"Content-Type: multipart/mixed; boundary=b\n", b"Content-Transfer-Encoding: base64\n", b"charset=utf-7", b"charset=idna",
    b"boundary=", b"name*0*=x''%", b"begin 644 a\n", b"end\n", b"<table>", b"<td>", b"<!--", b"<script>", b"&#xd800;", b"&#0;", b"\x1b$B",
    b"+2AA-", b"> ", b"On x wrote:\n", b"-- \n", b"\xe2\x80\xae", b"\x85", b"\x0b", b"Date: Thu, 01 Jan 99999999999999\n",
)  # fmt: skip


def mutated(dice: random.Random) -> bytes:
    """A seed, or two crossed, with up to eight changes of the kinds that break readers."""
    raw = bytearray(dice.choice(SEEDS))
    if dice.random() < 0.2:
        other = dice.choice(SEEDS)
        raw[dice.randrange(len(raw)) :] = other[dice.randrange(len(other)) :]
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(len(raw) + 1)
        to = min(at + dice.choice((1, 1, 2, 5, 20, 100)), len(raw))
        match dice.randrange(6):
            case 0:
                raw[at:to] = b""
            case 1:
                raw[at:at] = dice.choice(_WORDS) * dice.choice((1, 1, 1, 2, 50))
            case 2:
                raw[at:to] = dice.randbytes(to - at)
            case 3:
                raw[at:at] = raw[at:to] * dice.choice((1, 2, 30))
            case 4:
                raw[at:to] = bytes(byte ^ (1 << dice.randrange(8)) for byte in raw[at:to])
            case _:
                raw[at:to] = dice.choice(_WORDS)
    return bytes(raw)


def mutations(seed: int, count: int) -> Iterator[bytes]:
    dice = random.Random(seed)
    return (mutated(dice) for _ in range(count))
