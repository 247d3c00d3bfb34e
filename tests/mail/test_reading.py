"""The reader as a whole: any bytes in, a Message that can be stored, sent and shown out."""

import json
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from gateway.mail.decode import content
from gateway.mail.message import Message
from gateway.mail.names import safe_filename
from gateway.mail.reader import read
from gateway.mail.report import report

_ADAPTER = TypeAdapter(Message)

ORDINARY = b"""Return-Path: <ann@a.example>
X-Original-To: support@desk.example
Delivered-To: inbox@desk.example
From: =?utf-8?q?Ann_=C3=84?= <ann@a.example>
Reply-To: Ann at work <ann@work.example>
To: Support <support@desk.example>, sales@desk.example
Cc: bo@b.example
Subject: Re: [ABC-123-45678] the =?iso-8859-1?q?caf=E9?= (not XABC-123-45678)
Message-ID: <m1@a.example>
In-Reply-To: <m0@desk.example>
References: <root@desk.example> <m0@desk.example>
Date: Mon, 5 May 2025 10:11:12 +0200
Importance: High
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=_x"

--=_x
Content-Type: multipart/alternative; boundary=y

--y
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

My answer =E2=82=AC5.

On Mon, 5 May 2025 at 09:00, Support <support@desk.example> wrote:
> Hello
--y
Content-Type: text/html; charset=utf-8

<p>My answer <img src="cid:logo@a"></p>
--y--

--=_x
Content-Type: image/png; name=logo.png
Content-ID: <logo@a>
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--=_x
Content-Type: application/octet-stream
Content-Disposition: attachment; filename*=utf-8''..%2Fr%C3%A9sum%C3%A9.pdf

data
--=_x--
"""

BOUNCE = b"""From: MAILER-DAEMON@a.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

<bo@b.example>: no such user
--b
Content-Type: message/delivery-status

Final-Recipient: rfc822; bo@b.example
Action: failed
Status: 5.1.1
--b--
"""

FORWARD = b"""From: ann@a.example
Subject: Fwd: x
Content-Type: text/html; charset=windows-1252

<p>See below</p><p>---------- Forwarded message ---------<br>From: Cleo &lt;c@c.example&gt;<br>Date: today<br>Subject: x<br>To: me<br></p><blockquote>words\x80</blockquote>
"""

MAILS = [ORDINARY, BOUNCE, FORWARD, b"", b"\n", b"Subject: only a header", b"only words"]


def test_an_ordinary_mail_is_read_whole():
    message = read(ORDINARY)
    assert message.subject == "Re: [ABC-123-45678] the café (not XABC-123-45678)"
    assert (message.message_id, message.in_reply_to) == ("m1@a.example", ("m0@desk.example",))
    assert message.references == ("root@desk.example", "m0@desk.example")
    assert (message.from_.name, message.from_.address) == ("Ann Ä", "ann@a.example")
    assert message.sender.address == "ann@work.example"
    assert [to.address for to in message.to] == ["support@desk.example", "sales@desk.example"]
    assert [cc.address for cc in message.cc] == ["bo@b.example"]
    assert message.original_recipients == ("support@desk.example", "inbox@desk.example")
    assert message.date == datetime.fromisoformat("2025-05-05T10:11:12+02:00")
    assert message.importance == "high"
    assert message.text.startswith("My answer €5.\n")
    assert message.reply_text == "My answer €5."
    assert message.quoted_text.endswith("> Hello")
    assert [(one.filename, one.inline, one.size) for one in message.attachments] == [
        ("logo.png", True, 8),
        ("../résumé.pdf", False, 4),
    ]
    assert (message.kind, message.may_autorespond) == ("ordinary", True)
    assert message.ticket_mentions == ("ABC-123-45678",)
    assert not message.ambiguous_sender
    assert message.defects == ()
    assert message.headers[3].name == "From"
    assert message.headers[3].value == "Ann Ä <ann@a.example>"


def test_html_alone_gives_the_forwarded_mail():
    forwarded = read(FORWARD).forwarded
    assert forwarded.from_.address == "c@c.example"
    assert forwarded.comment == "See below"
    assert "words€" in forwarded.text


@pytest.mark.parametrize("raw", MAILS)
def test_a_message_survives_the_way_between_processes(raw):
    message = read(raw)
    assert _ADAPTER.validate_json(_ADAPTER.dump_json(message)) == message


def test_the_report_has_the_promised_keys_and_values():
    shown = json.loads(json.dumps(report(read(ORDINARY))))
    promised = """subject message_id in_reply_to references date from sender to cc reply_to original_recipients importance text html
        reply_text quoted_text attachments kind may_autorespond bounce forwarded ticket_mentions defects"""
    assert set(promised.split()) <= set(shown)
    assert shown["date"] == "2025-05-05T10:11:12+02:00"
    assert shown["from"] == {"name": "Ann Ä", "address": "ann@a.example"}
    assert set(shown["attachments"][1]) == {
        "filename",
        "safe_filename",
        "content_type",
        "size",
        "sha256",
        "md5",
        "inline",
        "content_id",
    }
    assert shown["attachments"][1]["safe_filename"] == "résumé.pdf"
    assert shown["bounce"] is None
    bounce = json.loads(json.dumps(report(read(BOUNCE))))["bounce"]
    assert bounce["recipients"][0] == {
        "address": "bo@b.example",
        "status": "5.1.1",
        "action": "failed",
        "permanent": True,
        "diagnostic": "<bo@b.example>: no such user",
        "reason": "unknown_user",
    }
    forwarded = report(read(FORWARD))["forwarded"]
    assert set(forwarded) == {"from", "to", "cc", "subject", "date", "text", "comment"}


@pytest.mark.parametrize(
    ("fields", "ambiguous"),
    [
        ("From: a@x.example", False),
        ("Subject: no sender", True),
        ("From: a@x\nFrom: b@y", True),
        ("From: a@x, b@y", True),
        ("From: Group: a@x;", True),
        ("From: a", True),
    ],
)
def test_a_sender_that_cannot_be_named_for_certain_is_marked(fields, ambiguous):
    assert read(fields.encode() + b"\n\nx").ambiguous_sender is ambiguous


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ("X-Priority: 1 (Highest)", "high"),
        ("Importance: low", "low"),
        ("Priority: urgent", "high"),
        ("X-MSMail-Priority: Low", "low"),
        ("X-Priority: 3", "normal"),
        ("X: y", "normal"),
    ],
)
def test_importance_is_read_from_any_of_its_fields(fields, wanted):
    assert read(fields.encode() + b"\n\nx").importance == wanted


def _holds(raw: bytes) -> None:
    message = read(raw)
    assert _ADAPTER.validate_json(_ADAPTER.dump_json(message)) == message
    json.dumps(report(message)).encode()
    assert bool(message.reply_text) == bool(message.text.strip())
    for attachment in message.attachments:
        assert len(content(raw, attachment.span)) == attachment.size


@given(st.binary(max_size=400))
def test_any_bytes_are_read(raw):
    _holds(raw)


@settings(deadline=None)
@given(st.data())
def test_damaged_mails_are_read(data):
    raw = bytearray(data.draw(st.sampled_from([ORDINARY, BOUNCE, FORWARD])))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, max(len(raw) - 1, 0)))
        length = data.draw(st.integers(0, 60))
        with_ = data.draw(
            st.one_of(
                st.binary(max_size=6),
                st.sampled_from(
                    [
                        b"--=_x\n",
                        b"--y--\n",
                        b"=?utf-8?b?",
                        b"\0",
                        b"<",
                        b'"',
                        b"(",
                        b"\n\n",
                        b"charset=utf-7",
                        bytes(raw[:200]),
                    ]
                ),
            )
        )
        raw[at : at + length] = with_
    _holds(bytes(raw))


@pytest.mark.parametrize(
    ("name", "type_", "wanted"),
    [
        ("report.pdf", "application/pdf", "report.pdf"),
        ("", "application/pdf", "attachment-3.pdf"),
        ("", "x/unknown", "attachment-3.bin"),
        ("..", "text/plain", "attachment-3.txt"),
        ("../../etc/passwd", "text/plain", "passwd"),
        ("C:\\temp\\a.doc", "application/msword", "a.doc"),
        ("/", "text/plain", "attachment-3.txt"),
        (".htaccess", "text/plain", "htaccess.txt"),
        ("a\u202efdp.exe", "x/y", "afdp.exe"),
        ("a\u200bb\0\r\nc.txt", "text/plain", "ab c.txt"),
        ('a:b*c?"d<e>f|g.txt', "text/plain", "a_b_c__d_e_f_g.txt"),
        ("CON.txt", "text/plain", "_CON.txt"),
        ("nul", "text/plain", "_nul"),
        ("ends. . ", "text/plain", "ends"),
        ("e\u0301.txt", "text/plain", "é.txt"),
    ],
)
def test_file_names_are_made_safe(name, type_, wanted):
    assert safe_filename(name, type_, 3) == wanted


def test_a_long_file_name_keeps_its_extension():
    cut = safe_filename("é" * 300 + ".pdf", "application/pdf", 1)
    assert cut.endswith("é.pdf")
    assert 140 < len(cut.encode()) <= 150


@given(st.text(max_size=120))
def test_any_file_name_is_made_safe_once_and_for_all(name):
    safe = safe_filename(name, "text/plain", 1)
    assert 0 < len(safe.encode()) <= 150
    assert not set(safe) & set('/\\:*?"<>|\0\n\r')
    assert not safe.startswith((".", " "))
    assert not safe.endswith((".", " "))
    assert safe_filename(safe, "text/plain", 1) == safe


@pytest.mark.parametrize(
    "raw",
    [
        b"From: " + b",(" * 100_000,
        b"Subject: " + b"=?a?q? " * 30_000,
        b"Content-Type: text/plain; a=" + b'";' * 100_000,
        b"Content-Type: text/html\n\n" + b"<td><table>" * 100_000,
        b"\n" * 5_000_000,
        b"Subject: x\n\n" + b"\r" * 5_000_000,
        b"Subject: x\n\n" + b"> " * 1_000_000,
        b"X: y\n" * 200_000,
        b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\nContent-Type: message/rfc822\n\n" * 50_000,
    ],
    ids=lambda raw: repr(raw[:24]),
)
def test_mails_made_to_exhaust_a_reader_are_read(raw):
    _holds(raw)
