"""A header block in, the mailing list the mail came through out (RFC 2369, RFC 2919, RFC 8058), or None."""

import re

from gateway.mail.addresses import find_addr_specs
from gateway.mail.fields import Block
from gateway.mail.message import MailingList
from gateway.mail.words import decode_words

_MAX_LENGTH = 8 * 1024
_MAX_URIS = 10
#: Fields that name where one writes to the list. Mailing-List is ezmlm's, X-Mailing-List vger's and Debian's, X-BeenThere
#: Mailman's and Google's.
_ADDRESSES = (b"list-post", b"mailing-list", b"x-mailing-list", b"x-beenthere")
_FIELDS = (b"list-id", b"x-list-id", b"list-unsubscribe", b"list-help", b"list-owner", b"list-archive", *_ADDRESSES)
_URI = re.compile(r"<\s*+((?:https?|mailto):[^<>]*+)>", re.IGNORECASE)
_BRACKETED = re.compile(r"<([^<>]*+)>\s*+\Z")
_BLANK = re.compile(r"\s+")


def mailing_list_of(block: Block) -> MailingList | None:
    """Bulk mail that only offers to unsubscribe is a list too, one without id and address."""
    if not any(block.first(name) is not None for name in _FIELDS):
        return None
    said = _text(block, b"list-id") or _text(block, b"x-list-id")
    id_ = _BRACKETED.search(said)
    name = said[: id_.start()].strip(' "') if id_ else ""
    id_text = _BLANK.sub("", (id_[1] if id_ else said if " " not in said else "").lower())
    addresses = [id_text] if "@" in id_text else []
    for field in _ADDRESSES:
        text = _text(block, field)
        # "list a@x; contact b@x": the second is a person or a robot. What follows "?" in a URI is no address.
        addresses += find_addr_specs(text.partition("?")[0])[:1]
    uris = [_BLANK.sub("", uri) for uri in _URI.findall(_text(block, b"list-unsubscribe"))[:_MAX_URIS]]
    return MailingList(
        id=id_text[:255],
        name=name,
        addresses=tuple(dict.fromkeys(address.lower() for address in addresses)),
        unsubscribe=tuple(uris),
        one_click="one-click" in _text(block, b"list-unsubscribe-post").lower(),
    )


def _text(block: Block, name: bytes) -> str:
    return decode_words((block.first(name) or b"")[:_MAX_LENGTH])
