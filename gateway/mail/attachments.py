"""The parts of a mail that are not its body in, its attachments out: where each lies, how large it is, its digests."""

from collections.abc import Iterator

from gateway.mail import tnef
from gateway.mail.decode import content
from gateway.mail.digests import measure
from gateway.mail.fields import Block
from gateway.mail.message import Attachment, Span
from gateway.mail.mime import Part, Structure
from gateway.mail.words import decode_words

#: What the mail itself is called, where a limit was reached and it is attached whole.
WHOLE = "mail.eml"
_MAX_ID = 998


def attachments_of(
    raw: bytes, structure: Structure, attached: tuple[Part, ...], shown: frozenset[str]
) -> tuple[Attachment, ...]:
    """In the order of the mail; `shown` are the Content-IDs of the pictures that its HTML shows.

    A mail that was cut at a limit is attached itself, in place of what was not read of it.
    """
    found = tuple(attachment for part in attached if not part.is_rest for attachment in _from_part(raw, part, shown))
    return (*found, _whole(raw)) if structure.is_cut else found


def _whole(raw: bytes) -> Attachment:
    span = Span(0, len(raw), "identity")
    return _attachment(raw, span, WHOLE, "message/rfc822", None, frozenset())


def _from_part(raw: bytes, part: Part, shown: frozenset[str]) -> Iterator[Attachment]:
    """What `part` holds: itself, and behind it the files of a winmail.dat."""
    yield _attachment(raw, part.span, part.filename, part.content_type, _content_id(part.block), shown)
    if part.content_type in tnef.TYPES or part.filename.lower() == "winmail.dat":
        for file in tnef.inner_files(content(raw, part.span)):
            inner = Span(part.span.offset, part.span.length, part.span.encoding, (file.offset, file.length))
            yield _attachment(raw, inner, file.name, file.content_type, file.content_id, shown)


def _attachment(
    raw: bytes, span: Span, name: str, content_type: str, content_id: str | None, shown: frozenset[str]
) -> Attachment:
    measured = measure(raw, span)
    return Attachment(
        filename=name,
        content_type=content_type,
        size=measured.size,
        sha256=measured.sha256,
        md5=measured.md5,
        inline=content_id is not None and content_id in shown,
        content_id=content_id,
        span=span,
    )


def _content_id(block: Block) -> str | None:
    field = block.first(b"content-id")
    return decode_words(field).strip("<> ")[:_MAX_ID] or None if field else None
