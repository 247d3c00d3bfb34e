"""The reader beside the Rust parser fast_mail_parser: the same mail where it is sound; where they differ, who is right.

What is compared: subject, people, time, other fields, body texts, HTML, attached files with names and contents.
"""

import base64
import quopri
from urllib.parse import quote

import pytest
from fast_mail_parser import ParseError, parse_email
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.decode import content
from gateway.mail.reader import read
from support.mails import SEEDS

#: Fields that are compared as what they mean.
_READ_FIELDS = ("subject", "from", "to", "date")


def _ours(raw: bytes) -> dict[str, object]:
    mail = read(raw)
    return {
        "subject": mail.subject,
        "from": (mail.from_.name, mail.from_.address) if mail.from_ else None,
        "to": [(mailbox.name, mailbox.address) for mailbox in mail.to],
        "date": mail.date.timestamp() if mail.date else None,
        "fields": sorted((f.name, f.value) for f in mail.headers if f.name.lower() not in _READ_FIELDS),
        "text": mail.text,
        "html": mail.html or "",
        "files": [(a.content_type, a.filename, a.content_id, content(raw, a.span)) for a in mail.attachments],
    }


def _theirs(raw: bytes) -> dict[str, object]:
    """In the shapes of the reader: texts with LF, one behind the other, those without words left out."""
    mail = parse_email(raw)
    texts = [text.replace("\r\n", "\n") for text in mail.text_plain if text.strip()]
    return {
        "subject": mail.subject,
        "from": (mail.from_.display_name or "", mail.from_.address) if mail.from_ else None,
        "to": [(mailbox.display_name or "", mailbox.address) for mailbox in mail.to],
        "date": mail.date_parsed.timestamp() if mail.date_parsed else None,
        "fields": sorted(
            (name, v) for name, vs in mail.headers.items() for v in vs if name.lower() not in _READ_FIELDS
        ),
        "text": "".join(text if text.endswith("\n") else text + "\n" for text in texts[:-1]) + "".join(texts[-1:]),
        "html": "".join(mail.text_html),
        "files": [(a.mimetype, a.filename, a.content_id, a.content) for a in mail.attachments],
    }


# Sound mails, made.

#: Of these, no text in another charset happens to be valid UTF-8.
_LETTERS = "abcXYZ019äöüßéñжЩ日本語한"


def _on_one_blank(text: str) -> str:
    return " ".join(text.split())


_WORDS = st.lists(st.text(_LETTERS, min_size=1, max_size=9), min_size=1, max_size=5).map(" ".join)
_ATOMS = st.text("abcxyz019", min_size=1, max_size=8)
_PLAIN_NAMES = st.builds(
    "{}.{}".format, st.text("abc XYZ019()'%,_-", min_size=1, max_size=20).map(_on_one_blank), _ATOMS
)
#: Charsets that hold these letters, or the fewer that are left of them.
_CHARSETS = st.sampled_from(["utf-8", "UTF-8", "iso-8859-1", "iso-8859-15", "windows-1252", "koi8-r", "iso-2022-jp", "gb18030", "euc-kr"])  # fmt: skip
_TRANSFERS = {
    "base64": lambda data: base64.encodebytes(data).replace(b"\n", b"\r\n"),
    "quoted-printable": lambda data: quopri.encodestring(data.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n"),
    "8bit": lambda data: data,
}


def _held_by(charset: str, text: str) -> str:
    held = _on_one_blank(text.encode(charset, "ignore").decode(charset)) or "a"
    return "a" if charset.lower() != "utf-8" and not held.isascii() and _is_utf8(held.encode(charset)) else held


def _is_utf8(data: bytes) -> bool:
    """What is UTF-8 by chance is read as UTF-8 here, for many call that Latin."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return not data.isascii()


def _b_word(charset: str, text: str) -> str:
    return f"=?{charset}?B?{base64.b64encode(_held_by(charset, text).encode(charset)).decode()}?="


def _q_word(charset: str, text: str) -> str:
    return f"=?{charset}?q?" + "".join(f"={byte:02X}" for byte in _held_by(charset, text).encode(charset)) + "?="


#: Text as a field holds it: encoded words with blanks in them, and atoms, also folded.
_PHRASES = st.builds(
    str.join,
    st.sampled_from([" ", "\r\n ", "\r\n\t"]),
    st.lists(
        st.one_of(st.builds(_b_word, _CHARSETS, _WORDS), st.builds(_q_word, _CHARSETS, _WORDS), _ATOMS),
        min_size=1,
        max_size=4,
    ),
)


@st.composite
def _texts(draw, kind: str = "plain") -> bytes:
    charset, transfer = draw(_CHARSETS), draw(st.sampled_from(sorted(_TRANSFERS)))
    lines = [_held_by(charset, line) for line in draw(st.lists(_WORDS, min_size=1, max_size=4))]
    text = (
        "".join(f"<p>{line}</p>\r\n" for line in lines) if kind == "html" else "".join(f"{line}\r\n" for line in lines)
    )
    fields = f'Content-Type: text/{kind}; charset="{charset}"\r\nContent-Transfer-Encoding: {transfer}\r\n\r\n'
    return fields.encode() + _TRANSFERS[transfer](f"Words: {text}".encode(charset))


@st.composite
def _files(draw) -> bytes:
    transfer = draw(st.sampled_from(["base64", "quoted-printable", "8bit"]))
    data = draw(st.binary(max_size=90)) if transfer == "base64" else draw(_WORDS).encode()
    name = draw(_PLAIN_NAMES)
    named = draw(
        st.sampled_from([
            f'attachment; filename="{name}"',
            f"attachment; filename*=utf-8''{quote(name + 'é日')}",
            f'inline; filename*0="{name[:3]}"; filename*1="{name[3:]}"',
            f"attachment; filename*0*=UTF-8'en'{quote('€' + name[:2])};\r\n filename*1*={quote(name[2:])}",
            f'attachment; filename="{name}ü.pdf"',
        ])
    )  # fmt: skip
    content_id = draw(st.sampled_from(["", "Content-ID: <{0}@{0}.example>\r\n", "Content-Id:\r\n <{0}>\r\n"]))
    type_ = draw(st.sampled_from(["application/pdf", "image/png", "Application/X-Thing", "text/csv", "audio/x-wav"]))
    fields = f"Content-Type: {type_}\r\nContent-Transfer-Encoding: {transfer}\r\nContent-Disposition: {named}\r\n"
    return f"{fields}{content_id.format(draw(_ATOMS))}\r\n".encode() + _TRANSFERS[transfer](data)


def _multipart(kind: str, boundary: str, children: list[bytes]) -> bytes:
    line = b"\r\n--" + boundary.encode()
    parts = b"".join(line + b"\r\n" + child for child in children)
    return f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'.encode() + parts + line + b"--\r\n"


@st.composite
def _mails(draw) -> bytes:
    body = draw(_texts())
    if draw(st.booleans()):
        body = _multipart(
            "alternative", draw(st.sampled_from(["=_a", "a (1)", "a'+_,-./:=?"])), [body, draw(_texts("html"))]
        )
    if draw(st.booleans()):
        more = draw(st.lists(st.one_of(_files(), _texts()), min_size=1, max_size=3))
        body = _multipart("mixed", draw(st.sampled_from(["o", "----=_NextPart_000", "o" * 70])), [body, *more])
    recipients = draw(st.lists(st.builds("{} <{}@b.example>".format, _PHRASES, _ATOMS), min_size=1, max_size=3))
    zone = draw(st.sampled_from(["+0000", "-0330", "+1245", "GMT", "+0200 (CEST)"]))
    fields = (
        f"Received: from {draw(_ATOMS)} by {draw(_ATOMS)}\r\nReceived: from {draw(_ATOMS)}\r\n"
        f'From: "{draw(_ATOMS)}, {draw(_ATOMS)}" <{draw(_ATOMS)}@a.example>\r\nTo: {", ".join(recipients)}\r\n'
        f"SUBJECT: {draw(_PHRASES)}\r\nDate: Mon, {draw(st.integers(1, 28))} May 2025 10:11:12 {zone}\r\n"
        f"X-Words: {draw(_PHRASES)}\r\nMIME-Version: 1.0\r\n"
    )
    return fields.encode() + body


@given(_mails())
def test_sound_mails_read_the_same(raw):
    assert _ours(raw) == _theirs(raw)


# Mails of many shapes, written here.

_MIXED = b"Content-Type: multipart/mixed; boundary=b\n\n"


def _with_part(fields: bytes, body: bytes = b"x") -> bytes:
    return _MIXED + b"--b\n\nt\n--b\n" + fields + b"\n\n" + body + b"\n--b--\n"


#: Both read these the same.
AGREEMENTS = {
    "Latin 9 that could be UTF-8": b"Subject: =?iso-8859-15?q?=DF=A4?=\n\n",
    "nothing": b"",
    "no field": b"\nwords\n",
    "words only": b"just some words\nand more\n",
    "fields only": b"Subject: a\nTo: b@c.example",
    "lines of both kinds": b"Subject: a\r\nFrom: b@c.example\n\nbody\r\nx\n",
    "two subjects": b"Subject: one\nSubject: two\n\n",
    "raw UTF-8 in fields": "Subject: grüß\nFrom: Änn <ä@b.example>\n\n".encode(),
    "raw Latin 1 in fields": "Subject: grüß\nFrom: Änn <a@b.example>\n\n".encode("latin-1"),
    "Windows characters called Latin 1": b"Subject: =?iso-8859-1?q?=80_=93x=94?=\nContent-Type: text/plain; charset=iso-8859-1\n\n\x80\n",
    "blank within an encoded word": b"Subject: =?utf-8?q?a b?=\n\n",
    "GBK called GB 2312": b"Subject: =?gb2312?b?" + base64.b64encode("镕中文".encode("gbk")) + b"?=\n\n",
    "circled digit in Shift JIS": b"Subject: =?shift_jis?b?" + base64.b64encode("日本①".encode("cp932")) + b"?=\n\n",
    "Korean of Windows": b"Subject: =?ks_c_5601-1987?b?" + base64.b64encode("안녕".encode("cp949")) + b"?=\n\n",
    "UTF-7": b"Subject: =?utf-7?q?+AOk-?=\nContent-Type: text/plain; charset=utf-7\n\nHi +AOk-\n",
    "UTF-16": b"Content-Type: text/plain; charset=utf-16\nContent-Transfer-Encoding: base64\n\n//5nAPwA\n",
    "byte order mark": b"Content-Type: text/plain; charset=utf-8\n\n\xef\xbb\xbfabc\n",
    "no charset": b"Subject: x\n\ngr\xfc\xdf\n",
    "base64 in pieces": b"Content-Transfer-Encoding: base64\n\naGVsbG8=\nIHdvcmxk\n",
    "blanks at the end of quoted-printable lines": b"Content-Transfer-Encoding: quoted-printable\n\na \t\nb=20\n",
    "small letters in quoted-printable": b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n=c3=a9\n",
    "unknown transfer encoding": b"Content-Transfer-Encoding: foo\n\nabc\n",
    "sender within quotes": b'From: "Doe \\"x\\", Ann" <a@b.example>\n\n',
    "encoded name within quotes": b'From: "=?utf-8?q?=C3=84nn?=" <a@b.example>\n\n',
    "address within the name": b'From: "boss@corp.example" <a@evil.example>\n\n',
    "address within an encoded name": b"From: =?utf-8?q?boss=40corp.example_=3Cb=40c.example=3E=2C?= <a@evil.example>\n\n",
    "two senders": b"From: a@b.example, c@d.example\n\n",
    "group": b"To: undisclosed-recipients:;\nFrom: g: a@b.example;\n\n",
    "semicolons": b"To: a@b.example; c@d.example\n\n",
    "address literal": b"From: a@[192.0.2.1]\n\n",
    "dots in a name": b"From: A. B. Cee <a@b.example>\n\n",
    "date with a comment": b"Date: Mon, 5 May 2025 10:11:12 +0200 (CEST)\n\n",
    "date of another weekday": b"Date: Tue, 5 May 2025 10:11:12 +0000\n\n",
    "date without a zone": b"Date: Mon, 5 May 2025 10:11:12\n\n",
    "date that is none": b"Date: yesterday\n\n",
    "name in pieces out of order": _with_part(b"Content-Type: application/pdf; name*1=b.pdf; name*0=a"),
    "name in coded and plain pieces": _with_part(b"Content-Type: application/pdf; name*0*=utf-8''%e2%82%ac; name*1=.pdf"),
    "coded name within quotes": _with_part(b"Content-Disposition: attachment; filename*=\"utf-8''a%20b.pdf\""),
    "raw name": _with_part('Content-Type: application/pdf; name="ü.pdf"'.encode()),
    "raw name in Latin 1": _with_part(b'Content-Type: application/pdf; name="\xfc.pdf"'),
    "name without quotes": _with_part(b"Content-Type: application/pdf; name=a b.pdf"),
    "path of Windows": _with_part(b'Content-Type: application/pdf; name="C:\\dir\\b.pdf"'),
    "two names": _with_part(b"Content-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment; filename=b.pdf"),
    "folded name": _with_part(b'Content-Type: application/pdf;\n name="a\n b.pdf"'),
    "attached text": _with_part(b"Content-Type: text/plain\nContent-Disposition: attachment"),
    "type in capitals": _with_part(b"CONTENT-TYPE: Application/PDF; NAME=a.pdf"),
    "content id without brackets": _with_part(b"Content-Type: image/png\nContent-ID: a@b"),
    "two texts": _with_part(b"Content-Type: text/plain", b"u"),
    "mail in a mail": _with_part(b"Content-Type: message/rfc822", b"Content-Type: multipart/mixed; boundary=c\n\n--c\n\nin\n--c--"),
    "mail in base64": _with_part(b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64", b"U3ViamVjdDogaW4KCmlubmVyCg=="),
    "not closed": _MIXED + b"--b\n\none\n--b\nContent-Type: application/pdf\n\ntwo\n",
    "words around the parts": _MIXED + b"before\n--b\n\nt\n--b--\nbehind\n",
    "blanks behind the boundary": _MIXED + b"--b  \n\nt\n--b--  \n",
    "outer boundary ends the inner": b"Content-Type: multipart/mixed; boundary=o\n\n--o\n"
    b"Content-Type: multipart/mixed; boundary=i\n\n--i\n\nt\n--o\nContent-Type: application/pdf\n\nx\n--o--\n",
    "boundary in single quotes": b"Content-Type: multipart/mixed; boundary='b'\n\n--'b'\n\nt\n--'b'--\n",
    "boundary in pieces": b"Content-Type: multipart/mixed; boundary*0=a; boundary*1=b\n\n--ab\n\nt\n--ab--\n",
    "boundary that needs quotes": b"Content-Type: multipart/mixed; boundary=a=b:c\n\n--a=b:c\n\nt\n--a=b:c--\n",
    "encoding of a multipart": b"Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n--b\n\nt\n--b--\n",
    "empty lines at the end": _MIXED + b"--b\n\nt\n\n\n--b--\n",
}  # fmt: skip


@pytest.mark.parametrize("name", AGREEMENTS)
def test_shapes_that_both_read_the_same(name):
    assert _ours(AGREEMENTS[name]) == _theirs(AGREEMENTS[name])


# Where they differ: what is ours, what is theirs, and who is right. "Ours by" an RFC, "theirs by" it; all others are mails
# that break one, of which the reader makes what their writers meant.

#: A Subject's value, as each reads it.
SUBJECTS = {
    "broken character across words": (b"=?utf-8?b?w6TD?= =?utf-8?b?pA==?=", "ää", "ä\ufffd\ufffd", "broken by the sender (RFC 2047 5: whole characters); joined, the words are whole"),
    "unknown charset of a word": (b"=?xx-none?q?ab?=", "ab", "=?xx-none?q?ab?=", "RFC 2047 6.2 allows to show it as it stands; ASCII letters can be read in any"),
    "word without charset": (b"=??q?abc?=", "abc", "=??q?abc?=", "no encoded word by RFC 2047 2; some programs write so"),
    "word within a word": (b"a=?utf-8?q?b?=c", "abc", "a=?utf-8?q?b?=c", "theirs by RFC 2047 5 (1), ours as senders mean it"),
    "word that was cut": (b"=?utf-8?q?abc", "abc", "=?utf-8?q?abc", "no encoded word by RFC 2047 2; it was cut on the way"),
    "base64 word without its end": (b"=?utf-8?b?aGVsbG8?=", "hello", "=?utf-8?b?aGVsbG8?=", "RFC 2045 6.8 wants padding; nothing is in doubt without it"),
    "junk in a base64 word": (b"=?utf-8?b?aGVs*bG8=?=", "hello", "=?utf-8?b?aGVs*bG8=?=", "RFC 2045 6.8: other characters are to be ignored"),
    "language of a word": (b"=?utf-8*en?q?abc?=", "abc", "=?utf-8*en?q?abc?=", "ours by RFC 2231 5"),
    "blanks in a row": (b" a   b ", "a b", "a   b ", "theirs by RFC 5322 2.2.3; ours shows what a person sees"),
    "control characters in a word": (b"=?utf-8?q?a=0Ab=00c?=", "a bc", "a\nb\x00c", "RFC 2047 5: to be shown without side effects, and a line break forges a field"),
    "mark that turns text round": (b"=?utf-8?b?4oCuYWJj?=", "abc", "\u202eabc", "RFC 2047 5: to be shown without side effects"),
}  # fmt: skip
#: A From's value, as each reads its name and address.
SENDERS = {
    "comma without quotes": (b"Doe, Ann <a@b.example>", ("Doe, Ann", "a@b.example"), None, "no mailbox by RFC 5322 3.4; a person wrote it, and meant one"),
    "name in a comment": (b"a@b.example (Ann (x))", ("Ann (x)", "a@b.example"), ("", "a@b.example )"), "ours by RFC 5322 3.2.2: comments nest"),
    "no sender": (b"<>", ("", ""), None, "no mailbox by RFC 5322 3.4; ours says that one stands there, without address"),
    "route": (b"<@x.example,@y.example:a@b.example>", ("", "a@b.example"), ("", "@x.example,@y.example:a@b.example"), "ours by RFC 5322 4.4: routes are to be ignored"),
    "address without brackets": (b"Ann a@b.example", ("Ann", "a@b.example"), ("", "Ann a@b.example"), "no mailbox by RFC 5322 3.4; theirs takes the name into the address"),
    "open bracket": (b"Ann <a@b.example", ("Ann", "a@b.example"), None, "no mailbox by RFC 5322 3.4, but its address is clear"),
    "open quote": (b'"Ann <a@b.example>', ("Ann", "a@b.example"), None, "no mailbox by RFC 5322 3.4, but its address is clear"),
    "quoted local part": (b'"a b"@c.example', ("", '"a b"@c.example'), None, "ours by RFC 5322 3.4.1"),
    "address as Outlook quotes it": (b"Ann [mailto:a@b.example]", ("Ann", "a@b.example"), None, "no mailbox by RFC 5322 3.4, but its address is clear"),
}  # fmt: skip
#: The fields of a part, and the type and the name that each reads there.
FILES = {
    "blanks in a row in a name": (b'Content-Type: application/pdf; name="a  b.pdf"', ("application/pdf", "a b.pdf"), ("application/pdf", "a  b.pdf"), "theirs by RFC 2045 5.1; ours is one line, as folding adds blanks"),
    "name with a piece lost": (b"Content-Type: application/pdf; name*0=a; name*2=c.pdf", ("application/pdf", "ac.pdf"), ("application/pdf", "a"), "RFC 2231 3 wants every number; what came is joined"),
    "coded name beside a plain one": (b"Content-Type: application/pdf; name=a.pdf; name*=utf-8''%c3%bc.pdf", ("application/pdf", "ü.pdf"), ("application/pdf", "a.pdf"), "ours by RFC 6266 4.3, which says for HTTP what RFC 2231 leaves open"),
    "coded name without charset": (b"Content-Type: application/pdf; name*=''a%20b.pdf", ("application/pdf", "a b.pdf"), ("application/pdf", ""), "ours by RFC 2231 4: charset and language may be empty"),
    "encoded word in a name": (b'Content-Type: application/pdf; name="=?utf-8?q?=C3=BC?=.pdf"', ("application/pdf", "ü.pdf"), ("application/pdf", "=?utf-8?q?=C3=BC?=.pdf"), "theirs by RFC 2047 5; Outlook and Gmail write so"),
    "semicolon in a name": (b'Content-Type: application/pdf; name="a;b.pdf"', ("application/pdf", "a;b.pdf"), ("application/pdf", '"a'), "ours by RFC 2045 5.1: it is a quoted string"),
    "quotes in a name": (b'Content-Type: application/pdf; name="a\\"b.pdf"', ("application/pdf", 'a"b.pdf'), ("application/pdf", 'a\\"b.pdf'), "ours by RFC 5322 3.2.4: the backslash quotes"),
    "open quote in a name": (b'Content-Type: application/pdf; name="a.pdf', ("application/pdf", "a.pdf"), ("application/pdf", '"a.pdf'), "no quoted string by RFC 5322 3.2.4, but its end is clear"),
    "empty name beside another": (b'Content-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment; filename=""', ("application/pdf", "a.pdf"), ("application/pdf", ""), "RFC 2183 2.3 knows no empty name; the other is one"),
    "comment behind the type": (b"Content-Type: application/pdf (a comment); name=a.pdf", ("application/pdf", "a.pdf"), ("application/pdf (a comment)", "a.pdf"), "ours by RFC 2045 5.1"),
    "type cut in half": (b"Content-Type: pdf; name=a.pdf", ("application/octet-stream", "a.pdf"), ("pdf", "a.pdf"), "RFC 2045 5.2 would read text/plain; what has such a name is a file of unknown type"),
}  # fmt: skip
#: A mail, and all that each reads differently there; an error's name where theirs refuses it.
MAILS = {
    "UTF-8 called Latin 1": (b"Subject: =?iso-8859-1?q?=C3=A9?=\nContent-Type: text/plain; charset=iso-8859-1\n\n\xc3\xa9\n",
     {"subject": ("é", "Ã©"), "text": ("é\n", "Ã©\n")}, "theirs by RFC 2047 and RFC 2046 4.1.2; the senders err, as Latin 1 these letters make no sense"),
    "Latin 1 called UTF-8": (b"Content-Type: text/plain; charset=utf-8\n\n\xe9t\xe9\n",
     {"text": ("été\n", "\ufffdt\ufffd\n")}, "RFC 3629 3: it is no UTF-8, so it is something else"),
    "UTF-8 without a charset": ("Subject: x\n\ngrüß\n".encode(),
     {"text": ("grüß\n", "grÃ¼ÃŸ\n")}, "RFC 2046 4.1.2 says ASCII; what is valid UTF-8 is UTF-8"),
    "unknown charset of a text": (b"Content-Type: text/plain; charset=xx-none\n\nabc \xc3\xa9\n",
     {"text": ("abc é\n", "abc \ufffd\ufffd\n")}, "RFC 2046 4.1.2 leaves it open; valid UTF-8 is UTF-8"),
    "NUL in a text": (b"Content-Type: text/plain\n\na\0b\n",
     {"text": ("ab\n", "a\x00b\n")}, "ours by RFC 2045 2.7: 7bit text holds none, nor can XML"),
    "flowed text": (b"Content-Type: text/plain; format=flowed\n\na \nb\n",
     {"text": ("a b\n", "a \nb\n")}, "ours by RFC 3676 4.1"),
    "HTML only": (b"Content-Type: text/html\n\n<p>x</p>",
     {"text": ("x", "")}, "no RFC asks for it: our text is made of the HTML"),
    "HTML that names its charset": (b"Content-Type: text/html\n\n<meta charset=koi8-r><p>\xc6</p>",
     {"text": ("ф", ""), "html": ("<meta charset=koi8-r><p>ф</p>", "<meta charset=koi8-r><p>Æ</p>")}, "HTML 13.2.3.2; RFC 2046 4.1.2 knows only the field"),
    "doubled line breaks": (b"Content-Transfer-Encoding: quoted-printable\r\n\r\none=0D\r\ntwo=0D\r\n",
     {"text": ("one\ntwo\n", "one\r\ntwo\r\n")}, "RFC 2045 6.7 (4): a break is CRLF; one CR too many is no second break"),
    "base64 that is text": (b"Content-Transfer-Encoding: base64\n\nHello, this was never encoded by anyone.\n",
     {"text": ("Hello, this was never encoded by anyone.\n", "DecodeError")}, "a gateway decoded the part and left the field; their mail is lost"),
    "base64 without its end": (b"Content-Transfer-Encoding: base64\n\naGVsbG8gd\n",
     {"text": ("hello ", "DecodeError")}, "RFC 2045 6.8: cut on the way; their mail is lost"),
    "footer behind base64": (b"Content-Transfer-Encoding: base64\n\naGVsbG8=\n_____\nof a list\n",
     {"text": ("hello", "DecodeError")}, "ours by RFC 2045 6.8: padding ends the data, other characters are ignored"),
    "raw letter in quoted-printable": (b"Content-Transfer-Encoding: quoted-printable\n\ncaf\xe9 =3D\n",
     {"text": ("café =\n", "caf =\n")}, "RFC 2045 6.7 (5) lets a decoder drop it; ours loses no letter"),
    "uuencode as a transfer encoding": (b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a.txt\n#86)C\n`\nend\n",
     {"text": ("abc", "begin 644 a.txt\n#86)C\n`\nend\n")}, "RFC 2045 6.3 leaves x-tokens to those who know them"),
    "file in a text": (b"\nsee\nbegin 644 a.txt\n#86)C\n`\nend\n",
     {"text": ("see\n", "see\nbegin 644 a.txt\n#86)C\n`\nend\n"), "files": ([("text/plain", "a.txt", None, b"abc")], [])}, "older than MIME, and in no RFC; Outlook wrote so"),
    "transfer encoding within quotes": (b'Content-Transfer-Encoding: "base64"\n\naGVsbG8=\n',
     {"text": ("hello", "aGVsbG8=\n")}, "no token by RFC 2045 6.1; nothing else can be meant"),
    "field without its blank": (b"Subject: a\nfolded\nContent-Type: text/html\n\nx",
     {"subject": ("a folded", "a"), "fields": ([("Content-Type", "text/html")], []), "text": ("x", "folded\nContent-Type: text/html\n\nx"), "html": ("x", "")}, "a fold by RFC 5322 2.2.3 that lost its blank; theirs ends the header there"),
    "line breaks with two CR": (b"Subject: a\r\r\nFrom: b@c.example\r\r\n\r\r\nbody\r\r\n",
     {"text": ("body\n", "HeaderParseError")}, "no RFC 5322 2.3 line break; theirs refuses the mail"),
    "empty line before the fields": (b"\nSubject: a\n\nx",
     {"subject": ("a", ""), "text": ("x", "Subject: a\n\nx")}, "theirs by RFC 5322 2.1; a delivery script put the line there"),
    "line of an mbox": (b"From a@b.example Mon May  5 10:00:00 2025\nSubject: a\n\nx",
     {"fields": ([], [("From a@b.example Mon May  5 10", "00:00 2025")])}, "ours by RFC 4155: it is no field"),
    "byte order mark before the fields": (b"\xef\xbb\xbfSubject: a\n\nx",
     {"subject": ("a", ""), "fields": ([], [("ï»¿Subject", "a")])}, "no field name by RFC 5322 2.2; an editor put it there"),
    "blank before the colon": (b"Subject : a\n\nx",
     {"subject": ("a", ""), "fields": ([], [("Subject ", "a")])}, "ours by RFC 5322 4.5"),
    "behind a group": (b"To: g: a@b.example;, c@d.example\n\n",
     {"to": ([("", "a@b.example"), ("", "c@d.example")], [("", "a@b.example"), ("", ", c@d.example")])}, "ours by RFC 5322 3.4: the comma parts addresses"),
    "empty list elements": (b"To: a@b.example,, c@d.example,\n\n",
     {"to": ([("", "a@b.example"), ("", "c@d.example")], [("", "a@b.example"), ("", ", c@d.example")])}, "ours by RFC 5322 4.4"),
    "two To fields": (b"To: a@b.example\nTo: c@d.example\n\n",
     {"to": ([("", "a@b.example"), ("", "c@d.example")], [("", "a@b.example")])}, "RFC 5322 3.6 allows one; who writes two means both"),
    "year of two digits": (b"Date: 5 May 25 10:11 EST\n\n",
     {"date": (1746457860.0, None)}, "ours by RFC 5322 4.3"),
    "ISO date": (b"Date: 2025-05-05T10:11:12Z\n\n",
     {"date": (1746439872.0, None)}, "no date by RFC 5322 3.3, but by RFC 3339"),
    "date of asctime": (b"Date: Mon May 5 10:11:12 2025\n\n",
     {"date": (1746439872.0, None)}, "no date by RFC 5322 3.3; C programs write it"),
    "leap second": (b"Date: Mon, 5 May 2025 10:11:60 +0000\n\n",
     {"date": (1746439919.0, 1746439920.0)}, "both hold what RFC 5322 3.3 allows; Python has no second 60"),
    "zone that is none": (b"Date: Mon, 5 May 2025 10:11:12 +9900\n\n",
     {"date": (1746439872.0, None)}, "RFC 5322 3.3 allows four digits; the clock without its zone is better than nothing"),
    "text with a name": (_with_part(b"Content-Type: text/plain; name=a.txt"),
     {"text": ("t", "t\nx"), "files": ([("text/plain", "a.txt", None, b"x")], [])}, "ours by RFC 8621 4.1.4: a later part with a name is a file"),
    "HTML with a name": (_with_part(b"Content-Type: text/html; name=a.html"),
     {"html": ("", "x"), "files": ([("text/html", "a.html", None, b"x")], [])}, "ours by RFC 8621 4.1.4: a later part with a name is a file"),
    "text that belongs to HTML": (b"Content-Type: multipart/related; boundary=b\n\n--b\n\nt\n--b\nContent-Type: text/plain\nContent-ID: <a>\n\nq\n--b--\n",
     {"text": ("t", "t\nq"), "files": ([("text/plain", "", "a", b"q")], [])}, "ours by RFC 2387 3.2: only the root is shown"),
    "two texts to choose from": (b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nt\n--b\n\nu\n--b--\n",
     {"text": ("t", "t\nu"), "files": ([("text/plain", "", None, b"u")], [])}, "RFC 2046 5.1.4: one is shown, best the last; ours shows the first and attaches the other"),
    "no boundary": (b"Content-Type: multipart/mixed\n\n--b\nContent-Type: text/plain\n\none\n--b--\n",
     {"text": ("one", "")}, "RFC 2046 5.1.1 wants one; the delimiter lines show it"),
    "wrong boundary": (b"Content-Type: multipart/mixed; boundary=zz\n\n--b\nContent-Type: text/plain\n\none\n--b--\n",
     {"text": ("one", "")}, "RFC 2046 5.1.1 finds no part; the delimiter lines show them"),
    "empty boundary": (b'Content-Type: multipart/mixed; boundary=""\n\n--\nContent-Type: text/plain\n\none\n----\n',
     {"text": ("--\nContent-Type: text/plain\n\none\n----\n", "one")}, "RFC 2046 5.1.1 wants a character at least: '--' stands in many texts, so ours shows all"),
    "longer boundary": (_MIXED + b"--b\n\nt\n--bb\n\nx\n--b--\n",
     {"text": ("t\n--bb\n\nx", "t\nx")}, "theirs by RFC 2046 5.1.1; but boundaries of inner parts often begin with the outer one"),
    "parts behind the end": (_MIXED + b"--b\n\none\n--b--\n--b\n\ntwo\n",
     {"text": ("one\ntwo\n", "one")}, "theirs by RFC 2046 5.1.1; lists add footers there"),
    "part without an empty line": (_MIXED + b"--b\nhello\n--b--\n",
     {"text": ("hello", "")}, "no part by RFC 2046 5.1.1; the words are shown"),
    "multipart without parts": (_MIXED + b"words",
     {"text": ("words", "")}, "RFC 2046 5.1.1 wants one part; the words are shown"),
    "multipart in base64": (b"Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\nLS1iCgp0Ci0tYi0tCg==\n",
     {"text": ("--b\n\nt\n--b--\n", "")}, "RFC 2045 6.4 forbids it; ours shows what it holds"),
}  # fmt: skip
DISAGREEMENTS = {
    **{n: (b"Subject: " + field + b"\n\n", {"subject": (o, t)}, why) for n, (field, o, t, why) in SUBJECTS.items()},
    **{n: (b"From: " + field + b"\n\n", {"from": (o, t)}, why) for n, (field, o, t, why) in SENDERS.items()},
    **{
        n: (_with_part(fields), {"files": ([(*o, None, b"x")], [(*t, None, b"x")])}, why)
        for n, (fields, o, t, why) in FILES.items()
    },
    **MAILS,
}


def _differences(raw: bytes) -> dict[str, tuple[object, object]]:
    ours = _ours(raw)
    try:
        theirs = _theirs(raw)
    except ParseError as error:
        return {"text": (ours["text"], type(error).__name__)}
    return {what: (ours[what], theirs[what]) for what in ours if ours[what] != theirs[what]}


@pytest.mark.parametrize("name", DISAGREEMENTS)
def test_disagreements_are_these_and_explained(name):
    raw, differences, reason = DISAGREEMENTS[name]
    assert reason
    assert _differences(raw) == differences


#: Those that hold what theirs does not know: a winmail.dat, uuencode, a journal report, an invitation, flowed text.
_SEEDS_OF_OURS = (b"winmail.dat", b"begin 644", b"X-MS-Journal-Report", b"BEGIN:VCALENDAR", b"format=flowed")
_SEEDS_OF_BOTH = [raw for raw in SEEDS if not any(mark in raw for mark in _SEEDS_OF_OURS)]


@pytest.mark.parametrize("raw", _SEEDS_OF_BOTH, ids=range(len(_SEEDS_OF_BOTH)))
def test_the_seeds_read_the_same_in_both(raw):
    assert _differences(raw) == {}
