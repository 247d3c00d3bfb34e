"""Attachments and HTML of a mail in, what of them a ticket does not need out, each with its reason.

Nothing is taken away here: `Message.attachments` keeps them all. Who leaves them out says so with `named`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.mail import elements, markup
from gateway.mail.message import Attachment

#: Larger pictures are no logos, wherever they stand.
_MAX_LOGO = 100 * 1024
_QUOTE = re.compile(r"<blockquote\b", re.IGNORECASE)
_SAME = "the same file as {}"
_LOGO = "a picture in the signature or in the quoted mail"


@dataclass(frozen=True, slots=True)
class Clutter:
    """`place` is the attachment's in `Message.attachments`."""

    place: int
    filename: str
    reason: str


def find_clutter(attachments: Sequence[Attachment], html: str | None) -> tuple[Clutter, ...]:
    """Files that are in the mail twice; small pictures that the HTML shows in nothing but signature and quotes."""
    first: dict[str, str] = {}
    shown = _shown_by_writer(html or "")
    found: list[Clutter] = []
    for place, file in enumerate(attachments):
        name = file.filename or file.content_type
        if file.size and file.sha256 in first:
            found.append(Clutter(place, name, _SAME.format(first[file.sha256])))
            continue
        first[file.sha256] = name
        is_logo = file.inline and file.content_type.startswith("image/") and file.size <= _MAX_LOGO
        if is_logo and file.content_id not in shown:
            found.append(Clutter(place, name, _LOGO))
    return tuple(found)


def named(clutter: Sequence[Clutter]) -> str:
    """A line for each, to be put to the text; "" where there is none."""
    return "".join(f"Not attached: {' '.join(each.filename.split())} ({each.reason})\n" for each in clutter)


def _shown_by_writer(html: str) -> frozenset[str]:
    """The Content-IDs above the first signature or quote of which the markup tells."""
    marks = (elements.SIGNATURE, elements.FOREIGN, _QUOTE)
    starts = [found.start() for mark in marks if (found := mark.search(html))]
    return markup.content_ids(html[: min(starts)] if starts else html)
