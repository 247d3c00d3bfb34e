"""Parts of a mail in, its text, its HTML and what is attached out (the choice follows RFC 8621 4.1.4)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from gateway.mail import charsets, flowed, markup
from gateway.mail.decode import content
from gateway.mail.enriched import plain_of_enriched
from gateway.mail.invites import read_invite
from gateway.mail.mime import Part, Structure
from gateway.mail.stubs import is_blank, is_markup, is_stub
from gateway.mail.words import decode_words

#: HTML names its own charset, for where the mail names none or a wrong one (HTML 13.2.3.2).
_META = re.compile(rb"<meta\b[^>]{0,200}?charset\s{0,5}=\s{0,5}[\"']?([A-Za-z0-9_.:-]{1,60})", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"\A\s{0,20}<\?xml\b[^>]{0,100}?encoding\s{0,5}=\s{0,5}[\"']([A-Za-z0-9_.:-]{1,60})")
_ASCII = ("us-ascii", "ascii")
_META_WITHIN = 4096
_BODY_TYPES = ("text/plain", "text/html")
#: What tells in which order a phone shows the texts and pictures of an MMS (3GPP TS 26.140).
_PLANS = ("application/smil", "application/smil+xml")
#: Read as text where a mail has no other body.
_LAST_RESORT = (
    "text/enriched",
    "text/richtext",
    "text/markdown",
    "text/x-plain",
    "text/x-markdown",
    "text/x-web-markdown",
)
_ENRICHED = ("text/enriched", "text/richtext")
_CALENDARS = ("text/calendar", "application/ics", "text/x-vcalendar")
#: Bytes of one body that are read as text; a longer one is an attachment as well.
_MAX_BODY = 8 * 1024 * 1024
_MAX_CALENDAR = 512 * 1024
_TOO_LONG = "A text is longer than 8 MiB; it is cut, and attached as a whole."
_EMPTY_PICTURE = "A picture of the text holds no bytes and is not attached: {}"
#: HTML says more than the text beside it where it has this many times its letters.
_SAYS_MORE = 1.2
_NOT_LETTERS = re.compile(r"[\W_]++")


@dataclass(frozen=True, slots=True)
class Bodies:
    """`text` has lines ended by LF; `attached` are all leaves that are neither in `text` nor in `html`, in order."""

    text: str
    html: str | None
    attached: tuple[Part, ...]
    defects: tuple[str, ...]


def choose_bodies(raw: bytes, structure: Structure) -> Bodies:
    """Inline texts are joined in their order. HTML is turned into text where no plain text stands for it."""
    return _Choice(raw, structure).bodies()


@dataclass(frozen=True)
class _Body:
    """One part of the text, decoded; HTML as it stands in the mail."""

    part: Part
    #: The outermost multipart/alternative around it.
    group: int | None
    read: str
    names: dict[str, str]

    @property
    def is_html(self) -> bool:
        return self.part.content_type == "text/html"

    @cached_property
    def text(self) -> str:
        return markup.text_of(self.read, self.names) if self.is_html else self.read

    @cached_property
    def letters(self) -> str:
        return _NOT_LETTERS.sub("", self.text)


class _Choice:
    def __init__(self, raw: bytes, structure: Structure) -> None:
        self.raw = raw
        self.parts = structure.parts
        self.leaves = [part for part in structure.parts if not part.is_multipart]
        self.names = _names_by_content_id(self.leaves)

    def bodies(self) -> Bodies:
        found = [part for part in self.leaves if self.is_body(part)]
        if not found:
            found = [part for part in self.leaves if part.content_type in _LAST_RESORT and not part.filename][:1]
        charset = next((charset for part in found if (charset := part.parameters.get("charset"))), None)
        bodies = self.without_second_versions(
            [_Body(part, self.group_of(part), _decoded(self.raw, part, charset), self.names) for part in found]
        )
        covered = self.covered(bodies)
        texts: list[str] = []
        said: set[str] = set()
        for body in bodies:
            if body.group is not None and body.group in covered and body.is_html is covered[body.group]:
                continue
            # A text and its HTML may lie side by side without a multipart/alternative around them.
            if is_blank(body.text) or (said and body.is_html and body.letters in said):
                continue
            texts.append(body.text)
            if len(bodies) > 1 and not body.is_html:
                said.add(body.letters)
        text = "".join(text if text.endswith("\n") else text + "\n" for text in texts[:-1]) + "".join(texts[-1:])
        htmls = [body.read for body in bodies if body.is_html]
        html = "".join(htmls) if htmls else None
        long = {body.part.number for body in bodies if body.part.span.length > _MAX_BODY}
        defects = [_TOO_LONG] if long else []
        used = {body.part.number for body in bodies} - long
        empty = self.empty_pictures(html)
        defects += [_EMPTY_PICTURE.format(part.filename or part.content_type) for part in empty]
        used |= {part.number for part in empty}
        attached = tuple(part for part in self.leaves if part.number not in used and not _is_empty_root(part))
        return Bodies(self.with_invite(text), html, attached, tuple(defects))

    def is_body(self, part: Part) -> bool:
        if not _is_text(part):
            return False
        if part.parent is None:
            return True
        parent = self.parts[part.parent]
        if parent.content_type == "multipart/related":
            # All but the root belong to it as pictures do (RFC 2387 3.2).
            return part.number == self.root_of(parent)
        # What has a name is a file, unless the mail begins with it.
        return not part.filename or part.number == part.parent + 1

    def root_of(self, related: Part) -> int:
        start = related.parameters.get("start", "").strip("<> ")
        children = (
            part.number for part in self.parts if part.parent == related.number and start and _content_id(part) == start
        )
        root = next(children, related.number + 1)
        if self.parts[root : root + 1] and self.parts[root].content_type in _PLANS:
            texts = (part.number for part in self.parts if part.parent == related.number and _is_text(part))
            return next(texts, root)
        return root

    def group_of(self, part: Part) -> int | None:
        found = [above.number for above in self.ancestors(part) if above.content_type == "multipart/alternative"]
        return found[-1] if found else None

    def ancestors(self, part: Part) -> Iterator[Part]:
        at = part.parent
        while at is not None:
            yield self.parts[at]
            at = self.parts[at].parent

    def without_second_versions(self, bodies: list[_Body]) -> list[_Body]:
        """Of a multipart/alternative one part of each type."""
        seen: set[tuple[int, str]] = set()
        kept: list[_Body] = []
        for body in bodies:
            if body.group is not None and body.part.parent == body.group:
                key = (body.group, body.part.content_type)
                if key in seen:
                    continue
                seen.add(key)
            kept.append(body)
        return kept

    def covered(self, bodies: list[_Body]) -> dict[int, bool]:
        """The alternatives of which one type is enough: whether it is the HTML that is left out."""
        found: dict[int, bool] = {}
        for group in {body.group for body in bodies if body.group is not None}:
            plain = [body for body in bodies if body.group == group and not body.is_html]
            html = [body for body in bodies if body.group == group and body.is_html]
            if html and all(is_blank(body.read) or is_markup(body.read) or is_stub(body.read) for body in plain):
                says = sum(len(body.letters) for body in plain if not is_markup(body.read))
                found[group] = sum(len(body.letters) for body in html) <= _SAYS_MORE * says
            elif any(not is_blank(body.read) for body in plain):
                found[group] = True
        return found

    def empty_pictures(self, html: str | None) -> list[Part]:
        """Pictures whose bytes were taken out on the way (Outlook leaves such parts), and which the HTML shows."""
        empty = [
            part
            for part in self.leaves
            if part.content_type.startswith("image/") and _content_id(part) and not self.raw[_slice(part)].strip()
        ]
        shown = markup.content_ids(html) if empty and html else frozenset()
        return [part for part in empty if _content_id(part) in shown]

    def with_invite(self, text: str) -> str:
        """What a calendar part asks or answers, before the words that come with it."""
        calendars = [part for part in self.leaves if part.content_type in _CALENDARS]
        for part in calendars[:3]:
            is_message = "method" in part.parameters and part.disposition.value != "attachment"
            if not is_message and not is_blank(text):
                continue
            invite = read_invite(_decoded(self.raw, part, "utf-8", _MAX_CALENDAR))
            if invite is None or invite.is_told_by(text):
                continue
            return invite.lines() + "\n" + (invite.description if is_blank(text) else text)
        return text


def _is_text(part: Part) -> bool:
    return part.content_type in _BODY_TYPES and part.disposition.value != "attachment"


def _names_by_content_id(leaves: list[Part]) -> dict[str, str]:
    named = (
        (_content_id(part), part.filename) for part in leaves if part.filename and part.content_type != "text/html"
    )
    return {content_id: name for content_id, name in named if content_id}


def _content_id(part: Part) -> str:
    return decode_words(part.block.first(b"content-id") or b"").strip("<> ")[:998]


def _is_empty_root(part: Part) -> bool:
    return part.parent is None and part.span.length == 0


def _slice(part: Part) -> slice:
    return slice(part.span.offset, part.span.offset + part.span.length)


def _decoded(raw: bytes, part: Part, beside: str | None, most: int = _MAX_BODY) -> str:
    """The text of a part with lines ended by LF; HTML as it stands. `beside`: a charset named elsewhere in the mail."""
    data = content(raw, replace(part.span, length=min(part.span.length, most)))
    charset = part.parameters.get("charset")
    if part.content_type == "text/html":
        named = _META.search(data, 0, _META_WITHIN) or _XML_ENCODING.match(data)
        # What can be read in ASCII is not UTF-16, whatever it says (HTML 13.2.3.3).
        own = named[1].decode("ascii") if named and not named[1].lower().startswith(b"utf-16") else None
        if own and (not charset or (charset.lower() in _ASCII and not data.isascii())):
            charset = own
        return charsets.decode(data, charset, own or beside)
    text = charsets.decode(data, charset, beside)
    # Gateways double line breaks, and quoted-printable of text that had CRLF already says "=0D" at each line's end.
    text = text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    if part.content_type in _ENRICHED:
        return plain_of_enriched(text, is_richtext=part.content_type == "text/richtext")
    if part.parameters.get("format", "").lower() == "flowed":
        return flowed.unflow(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    return text
