"""The reader beside Python's email package: the same parts where the mail is sound; where they differ, why.

`compat32` is compared for structure and bytes, `policy.default` for file names and subjects.
"""

import base64
import email
import email.policy
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.decode import content
from gateway.mail.mime import split
from gateway.mail.words import decode_words
from support.mails import SEEDS

_ENCODERS = {
    "base64": lambda data: base64.encodebytes(data).replace(b"\n", b"\r\n"),
    "quoted-printable": lambda data: quopri.encodestring(data).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
    "8bit": lambda data: data,
}
_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=60).map(
    lambda text: text.replace("-", "_").encode()
)
_NAMES = st.text(st.sampled_from("abcäöüé€日 .'()%_"), min_size=1, max_size=30).map(
    lambda name: " ".join(name.split()) or "a"
)


@st.composite
def _leaves(draw):
    encoding = draw(st.sampled_from(sorted(_ENCODERS)))
    data = draw(_TEXTS)
    type_ = draw(st.sampled_from(["text/plain", "text/html", "application/pdf", "image/png"]))
    name = draw(_NAMES)
    octets = "".join(f"%{byte:02x}" for byte in name.encode())
    return (
        f"Content-Type: {type_}\r\nContent-Transfer-Encoding: {encoding}\r\n"
        f"Content-Disposition: attachment; filename*=utf-8''{octets}\r\n\r\n"
    ).encode() + _ENCODERS[encoding](data)


def _multipart(draw, children, depth: int) -> bytes:
    boundary = draw(st.sampled_from(["b", "=_b", "b b", "'b'", "b:1", "b=1"])) + str(depth)
    kind = draw(st.sampled_from(["mixed", "alternative", "related", "signed"]))
    line = b"\r\n--" + boundary.encode()
    parts = b"".join(line + b"\r\n" + child for child in children)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode() + parts + line + b"--\r\n"


@st.composite
def _mails(draw):
    inner = [
        _multipart(draw, draw(st.lists(_leaves(), min_size=1, max_size=3)), 2) for _ in range(draw(st.integers(0, 2)))
    ]
    children = draw(st.permutations([*draw(st.lists(_leaves(), min_size=1, max_size=3)), *inner]))
    return b"From: a@b.example\r\n" + _multipart(draw, children, 1)


def _ours(raw: bytes) -> list[tuple[str, bytes, str]]:
    return [(p.content_type, content(raw, p.span), p.filename) for p in split(raw).parts if not p.is_multipart]


def _theirs(raw: bytes) -> list[tuple[str, bytes, str]]:
    """Not below a message/rfc822, which is one leaf to us."""
    found: list[tuple[str, bytes, str]] = []
    waiting = [email.message_from_bytes(raw, policy=email.policy.default)]
    while waiting:
        part = waiting.pop()
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            waiting += reversed(part.get_payload())
        elif part.is_multipart():
            found.append((part.get_content_type(), b"", part.get_filename() or ""))
        else:
            found.append((part.get_content_type(), part.get_payload(decode=True), part.get_filename() or ""))
    return found


@given(_mails())
def test_sound_mails_have_the_same_parts(raw):
    assert _ours(raw) == _theirs(raw)


@pytest.mark.parametrize("raw", [raw for raw in SEEDS if b"begin 644" not in raw], ids=range(len(SEEDS) - 1))
def test_the_seeds_have_the_same_parts(raw):
    ours = [(type_, b"" if type_.startswith("message/") else data, name) for type_, data, name in _ours(raw)]
    theirs = [(type_, b"" if type_.startswith("message/") else data, name) for type_, data, name in _theirs(raw)]
    assert ours == theirs


_MIXED = b"Content-Type: multipart/mixed; boundary=b\n\n"
#: Mail, leaves of ours, leaves of theirs (type and bytes), and the reason why ours are better.
DISAGREEMENTS = {
    "boundary is not declared": (
        b"Content-Type: multipart/mixed\n\n--b\nContent-Type: text/plain\n\none\n--b--\n",
        [("text/plain", b"one")], [("multipart/mixed", None)],
        "the delimiter lines show it; email leaves one multipart without parts",
    ),
    "text behind the end": (
        _MIXED + b"--b\n\none\n--b--\n--b\n\ntwo\n",
        [("text/plain", b"one"), ("text/plain", b"two\n")], [("text/plain", b"one")],
        "some lists add a part behind the closing delimiter; email takes it for epilogue",
    ),
    "base64 is text": (
        b"Content-Transfer-Encoding: base64\n\nHello, this was never encoded by anyone.\n",
        [("text/plain", b"Hello, this was never encoded by anyone.\n")],
        [("text/plain", base64.b64decode("Hellothiswasneverencodedbyanyone"))],
        "a gateway decoded the part and left the field",
    ),
    "base64 lacks its end": (
        b"Content-Transfer-Encoding: base64\n\naGVsbG8gd\n",
        [("text/plain", b"hello ")], [("text/plain", b"aGVsbG8gd")],
        "cut on the way; email gives the encoded text",
    ),
    "base64 in pieces": (
        b"Content-Transfer-Encoding: base64\n\naGVsbG8=\nIHdvcmxk\n",
        [("text/plain", b"hello world")], [("text/plain", b"hello")],
        "pieces that were encoded one by one; email stops at the first padding",
    ),
    "blanks at the end of quoted-printable lines": (
        b"Content-Transfer-Encoding: quoted-printable\n\na \t\nb=20\n",
        [("text/plain", b"a\nb \n")], [("text/plain", b"a \t\nb \n")],
        "RFC 2045 6.7 (3): they were added on the way",
    ),
    "file in a text": (
        b"Subject: x\n\nsee\nbegin 644 a.txt\n#86)C\n`\nend\n",
        [("text/plain", b"see\n"), ("text/plain", b"abc")], [("text/plain", b"see\nbegin 644 a.txt\n#86)C\n`\nend\n")],
        "uuencoded files were sent so before MIME",
    ),
    "field without its blank": (
        b"Subject: a\nfolded\nContent-Type: text/html\n\nx",
        [("text/html", b"x")], [("text/plain", b"folded\nContent-Type: text/html\n\nx")],
        "a fold that lost its blank; email ends the header there",
    ),
    "content type cut in half": (
        b"Content-Type: html\n\nx", [("text/html", b"x")], [("text/plain", b"x")], "old scripts write so",
    ),
    "mail without parts": (
        _MIXED + b"words", [("text/plain", b"words")], [("multipart/mixed", None)],
        "the words are shown; email calls the mail a multipart without parts",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DISAGREEMENTS)
def test_disagreements_are_these_and_explained(name):
    raw, ours, theirs, reason = DISAGREEMENTS[name]
    assert reason
    assert [(type_, data) for type_, data, _ in _ours(raw)] == ours
    said = [(type_, data if type_ != "multipart/mixed" else None) for type_, data, _ in _theirs(raw)]
    assert said == theirs


@given(st.lists(st.tuples(_NAMES, st.booleans(), st.sampled_from(["utf-8", "UTF-8*de"])), min_size=1, max_size=4))
def test_subjects_are_the_same(words):
    coded = " ".join(
        f"=?{charset}?q?{''.join(f'={byte:02x}' for byte in word.encode())}?="
        if quoted
        else f"=?{charset}?b?{base64.b64encode(word.encode()).decode()}?="
        for word, quoted, charset in words
    )
    theirs = email.message_from_bytes(f"Subject: {coded}\n\n".encode(), policy=email.policy.default)["subject"]
    assert decode_words(coded.encode()) == " ".join(theirs.split())
