"""Subject, recipients and referenced Message-IDs in, the tickets they name out.

Kayako Classic puts "[#ABC-123-45678]: " before the subject of what it mails to customers, "[!…]" to its staff, "[~…]" to
third parties; a queue's prefix may stand before the sign. Where the desk numbers tickets one by one, the number stands in
the mask's place. Version 3 had masks such as "ABC-12345-678" and "ABC-123456".
"""

import re
from collections.abc import Iterable, Iterator

from gateway.mail.message import Mention, MentionSource

_MAX_SUBJECT = 1000
_MAX_ADDRESSES = 200
_MAX_IDS = 400
MAX_MENTIONS = 20

_MASK = r"[A-Za-z]{3}-(?:\d{3}-\d{5}|\d{5}-\d{3}|\d{5,6})"
#: Between brackets, behind a sign, with or without a queue's prefix. Full-width signs come from Asian input methods.
_BRACKETED = re.compile(
    rf"[\[［【]([^\[\]［］【】#!~＃！～]{{0,40}})([#!~＃！～])[ \t]?({_MASK}|\d{{1,10}})[ \t]?[\]］】]"
)
#: A mask alone is telling enough in the form of today, where capital letters make it no phone number.
_BARE = re.compile(r"(?<![A-Za-z0-9-])([A-Z]{3}-\d{3}-\d{5})(?![A-Za-z0-9-])")
_IN_ADDRESS = re.compile(
    rf"[^@\s]{{0,64}}?[+=](?:(?:ticket|tkt|case|id|t|r|reply|re)[-_.=+]?)?({_MASK})(?:[-_.+][^@]{{0,64}})?@",
    re.IGNORECASE,
)
_NUMBER_IN_ADDRESS = re.compile(r"[^@\s]{0,64}?[+](?:ticket|tkt|case|id|t)[-_.=+]?(\d{1,10})@", re.IGNORECASE)
_IN_ID = re.compile(r"(?<![A-Za-z0-9-])([A-Z]{3}-\d{3}-\d{5})(?![A-Za-z0-9-])", re.IGNORECASE)
_SIGNS: dict[str, MentionSource] = {
    "#": "subject",
    "＃": "subject",
    "!": "alert",
    "！": "alert",
    "~": "third_party",
    "～": "third_party",
}


def find_mentions(subject: str, recipients: Iterable[str], ids: Iterable[str]) -> tuple[Mention, ...]:
    """Each ticket once, as it is named first; subject before addresses before ids. At most 20. Linear, never raises.

    `recipients` are addr-specs, `ids` Message-IDs without angle brackets that the mail answers or refers to: the desk and
    the gateway put a ticket's mask into some of those they issue. Whether the sender may write there is not said by this.
    """
    found: dict[str, Mention] = {}
    for mention in _all(subject[:_MAX_SUBJECT], list(recipients)[:_MAX_ADDRESSES], list(ids)[:_MAX_IDS]):
        if len(found) < MAX_MENTIONS:
            found.setdefault(mention.ticket, mention)
    return tuple(found.values())


def _all(subject: str, recipients: list[str], ids: list[str]) -> Iterator[Mention]:
    bracketed = list(_BRACKETED.finditer(subject))
    yield from (Mention(named[3].upper(), _SIGNS[named[2]]) for named in bracketed)
    yield from (Mention(named[1], "subject") for named in _BARE.finditer(subject))
    for address in recipients:
        if named := _IN_ADDRESS.match(address[:320]) or _NUMBER_IN_ADDRESS.match(address[:320]):
            yield Mention(named[1].upper(), "address")
    for id in ids:
        if named := _IN_ID.search(id[:998].partition("@")[0]):
            yield Mention(named[1].upper(), "message_id")
