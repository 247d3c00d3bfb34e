"""The parts of a mail in, how its content is signed or encrypted out. Nothing is checked or opened: it is passed on.

Sources: RFC 8551 3 (S/MIME types and names), RFC 3156 (PGP/MIME), RFC 9580 6.2 (armour in a text).
"""

import re

from gateway.mail.message import Protection
from gateway.mail.mime import Part, Structure

_SMIME_TYPES = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_SMIME_KINDS: dict[str, Protection | None] = {
    "signed-data": "smime-signed",
    "certs-only": None,
    "compressed-data": None,
}
_PROTOCOLS: dict[str, Protection] = {
    "application/pkcs7-signature": "smime-signed",
    "application/x-pkcs7-signature": "smime-signed",
    "application/pgp-signature": "pgp-signed",
    "application/pgp-encrypted": "pgp-encrypted",
}
_ARMOUR = re.compile(r"^-----BEGIN PGP (SIGNED MESSAGE|MESSAGE)-----\s*$", re.MULTILINE)
#: Armour stands at the top of a text; further down it is somebody's quote.
_HEAD = 2000
_SAID: dict[Protection, str] = {
    "smime-encrypted": "The mail is encrypted (S/MIME); what it says is in the attached file.",
    "pgp-encrypted": "The mail is encrypted (PGP); what it says is in the attached file or text.",
}
_OPAQUE = "The mail is signed in one piece (S/MIME); what it says is in the attached file."


def protection_of(structure: Structure, text: str) -> tuple[Protection | None, tuple[str, ...]]:
    """How the mail is protected, and what a reader of its ticket must be told of it."""
    for part in structure.parts:
        if (part.parent is None or part.parent == 0) and (found := _of_part(part)):
            opaque = found == "smime-signed" and not part.is_multipart
            return found, (_OPAQUE,) if opaque else _sayings(found)
    head = text[:_HEAD]
    armour = _ARMOUR.search(head) if "BEGIN PGP" in head else None
    if not armour:
        return None, ()
    found = "pgp-signed" if armour[1].startswith("SIGNED") else "pgp-encrypted"
    return found, _sayings(found)


def _sayings(found: Protection) -> tuple[str, ...]:
    return (_SAID[found],) if found in _SAID else ()


def _of_part(part: Part) -> Protection | None:
    if part.content_type in _SMIME_TYPES or (
        part.content_type == "application/octet-stream" and part.filename.lower().endswith(".p7m")
    ):
        return _SMIME_KINDS.get(part.parameters.get("smime-type", "").lower(), "smime-encrypted")
    if part.content_type in ("multipart/signed", "multipart/encrypted"):
        return _PROTOCOLS.get(part.parameters.get("protocol", "").lower())
    return None
