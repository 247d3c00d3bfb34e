"""Parts of a mail in, its text, its HTML and what is attached out (the choice follows RFC 8621 4.1.4)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gateway.mail import charsets, flowed, markup
from gateway.mail.decode import content
from gateway.mail.mime import Part, Structure

#: HTML names its own charset where the mail does not (HTML 13.2.3.2).
_META = re.compile(rb"<meta\b[^>]{0,200}?charset\s{0,5}=\s{0,5}[\"']?([A-Za-z0-9_.:-]{1,60})", re.IGNORECASE)
_BODY_TYPES = ("text/plain", "text/html")
#: Read as text where a mail has no other body.
_LAST_RESORT = ("text/enriched", "text/richtext", "text/markdown", "text/x-plain")


#: Bytes of one body that are read as text; a longer one is an attachment as well.
_MAX_BODY = 8 * 1024 * 1024
_TOO_LONG = "A text is longer than 8 MiB; it is cut, and attached as a whole."


@dataclass(frozen=True, slots=True)
class Bodies:
    """`text` has lines ended by LF; `attached` are all leaves that are neither in `text` nor in `html`, in order."""

    text: str
    html: str | None
    attached: tuple[Part, ...]
    defects: tuple[str, ...]


def choose_bodies(raw: bytes, structure: Structure) -> Bodies:
    """Inline texts are joined in their order. HTML is turned into text where no plain text stands for it."""
    parts = structure.parts
    leaves = [part for part in parts if not part.is_multipart]
    bodies = [part for part in leaves if _is_body(part, parts)]
    if not bodies:
        bodies = [part for part in leaves if part.content_type in _LAST_RESORT and not part.filename][:1]
    read = {part.number: _text(raw, part) for part in bodies}
    covered = _covered(
        parts, {part.number for part in bodies if part.content_type != "text/html" and read[part.number].strip()}
    )
    texts: list[str] = []
    htmls: list[str] = []
    used: set[int] = set()
    alternatives: set[tuple[int, str]] = set()
    for part in bodies:
        group = _alternative(part, parts)
        if group is not None and part.parent == group:
            if (group, part.content_type) in alternatives:
                continue
            alternatives.add((group, part.content_type))
        used.add(part.number)
        if part.content_type == "text/html":
            htmls.append(read[part.number])
            if group is None or group not in covered:
                texts.append(markup.text_of(read[part.number]))
        else:
            texts.append(read[part.number])
    words = [text for text in texts if text.strip()]
    text = "".join(text if text.endswith("\n") else text + "\n" for text in words[:-1]) + "".join(words[-1:])
    long = {part.number for part in bodies if part.span.length > _MAX_BODY}
    attached = tuple(part for part in leaves if part.number not in used - long and not _is_empty_root(part))
    defects = (_TOO_LONG,) if long else ()
    return Bodies(text, "".join(htmls) if htmls else None, attached, defects)


def _is_body(part: Part, parts: tuple[Part, ...]) -> bool:
    if part.content_type not in _BODY_TYPES or part.disposition.value == "attachment":
        return False
    if part.parent is None:
        return True
    if part.filename:
        return False
    parent = parts[part.parent]
    # In multipart/related all but the first belong to it as pictures do (RFC 2387).
    return parent.content_type != "multipart/related" or part.number == part.parent + 1


def _is_empty_root(part: Part) -> bool:
    return part.parent is None and part.span.length == 0


def _ancestors(part: Part, parts: tuple[Part, ...]) -> Iterator[Part]:
    at = part.parent
    while at is not None:
        yield parts[at]
        at = parts[at].parent


def _alternative(part: Part, parts: tuple[Part, ...]) -> int | None:
    """The outermost multipart/alternative around `part`."""
    found = [above.number for above in _ancestors(part, parts) if above.content_type == "multipart/alternative"]
    return found[-1] if found else None


def _covered(parts: tuple[Part, ...], plain: set[int]) -> set[int]:
    """The alternatives in which a plain text stands for the HTML."""
    groups = {_alternative(parts[number], parts) for number in plain}
    return {group for group in groups if group is not None}


def _text(raw: bytes, part: Part) -> str:
    data = content(raw, replace(part.span, length=min(part.span.length, _MAX_BODY)))
    charset = part.parameters.get("charset")
    if part.content_type == "text/html" and not charset and (named := _META.search(data, 0, 2048)):
        charset = named[1].decode("ascii")
    text = charsets.decode(data, charset)
    if part.content_type == "text/html":
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if part.content_type in ("text/enriched", "text/richtext"):
        return markup.text_of(text)
    if part.parameters.get("format", "").lower() == "flowed":
        return flowed.unflow(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    return text
