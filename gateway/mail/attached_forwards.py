"""A mail that has another attached (message/rfc822) in, that mail as one passed on out, or None. Pure, linear."""

from gateway.mail.bodies import choose_bodies
from gateway.mail.decode import content
from gateway.mail.forwards import subject_prefix
from gateway.mail.head import read_head
from gateway.mail.message import Forwarded
from gateway.mail.mime import Part, Structure, split

_TYPES = ("message/rfc822", "message/global")
#: Clients name the file so where they call it a mere file.
_NAME_END = ".eml"
#: An attached mail beyond is kept as a file only.
_MAX_LENGTH = 16 * 1024 * 1024
_MAX_FIELD = 200


def read_attached_forward(raw: bytes, structure: Structure, subject: str, text: str) -> Forwarded | None:
    """The first mail attached, where passing it on is what the mail is for.

    That is so where its subject says "Fwd:", repeats the attached mail's, or is all there is: no word stands beside it. A mail
    attached to other words is a file.
    """
    part = next((part for part in structure.parts if _is_mail(part)), None)
    if part is None or part.span.length > _MAX_LENGTH:
        return None
    inner = content(raw, part.span)
    inside = split(inner)
    head = read_head(inside.parts[0].block)
    if head.from_ is None:
        return None
    prefix, bare = subject_prefix(subject)
    is_meant = prefix == "forward" or not text.strip() or bare.strip() == head.subject.strip() != ""
    if prefix == "reply" or not is_meant:
        return None
    date = inside.parts[0].block.first(b"date")
    return Forwarded(
        from_=head.from_,
        to=head.to,
        cc=head.cc,
        subject=head.subject or None,
        date=date.decode("utf-8", "replace").strip()[:_MAX_FIELD] if date else None,
        text=choose_bodies(inner, inside).text.strip(),
        comment=text.strip() or None,
    )


def _is_mail(part: Part) -> bool:
    return not part.is_multipart and (
        part.content_type in _TYPES
        or (part.content_type == "application/octet-stream" and part.filename.lower().endswith(_NAME_END))
    )
