"""Addresses as programs write them into a text in, mailboxes out. Linear; a name alone has an empty address."""

import re

from gateway.mail.addresses import parse_addresses
from gateway.mail.lines import seen
from gateway.mail.message import Address

_MAX_LENGTH = 16 * 1024
#: Outlook's "Name [mailto:address]", Word's "address <mailto:address>", and Markdown's "[address](mailto:address)".
_MAILTO = re.compile(r"[\[<(]\s?mailto:\s?([^\]\s>)]{1,320})\s?[\]>)]", re.IGNORECASE)
_LINKED = re.compile(r"\[([^\]\s]{1,320}@[^\]\s]{1,320})\]\s?<[^>\s]{1,320}>")
_DOUBLED = re.compile(r"([^\s<>\[\]()\"]{1,320}@[^\s<>\[\]()\"]{1,320})\s?<\1>")
_ON_BEHALF = re.compile(
    r"\s(?:on behalf of|im auftrag von|de la part de|en nombre de|em nome de|per conto di|namens|för|på vegne af|på vegne av|w imieniu|от имени|adına)\s",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"[\[(]\s?([^\s<>\[\]()]{1,320}@[^\s<>\[\]()]{1,320})\s?[\])]")
_ADDRESS = re.compile(
    r"[<(\[«]{1,2}\s?(?:mailto:)?([^<>()\[\]\s«»]{1,200}@[^<>()\[\]\s«»]{1,200})\s?[>)\]»]{1,2}|(?<![\w.@-])([\w.+-]{1,64}@[\w.-]{1,255}\w)"
)
#: Signs that open and close a name.
_CLOSED = {'"': '"', "”": "“„”", "“": "„“", "»": "«", "«": "»", "’": "‘’", "'": "'", "’’": "‘", "」": "「"}
_NAME_WORD = re.compile(r"[^\W\d_][\w'’.\-]{0,40}\Z|[^\W\d_]\.\Z")


def quoted_mailboxes(value: str) -> tuple[Address, ...]:
    """Of a field such as To; Outlook divides by semicolons and then leaves commas in the names."""
    plain = _plain(value)
    parts = plain.split(";")[:200] if ";" in plain and "@" in plain else [plain]
    return tuple(mailbox for part in parts if part.strip() for mailbox in _parsed(part))


def quoted_mailbox(value: str) -> Address | None:
    """The sender: of two, him on whose behalf the other sent it."""
    plain = _plain(value)
    behalf = _ON_BEHALF.split(plain, 1)
    found = (*(_parsed(behalf[1]) if len(behalf) > 1 else ()), *_parsed(behalf[0]))
    named = next((mailbox for mailbox in found if mailbox.address), None)
    if named and len(behalf) > 1 and found[0].address == "":
        return Address(found[0].name, named.address)
    return named or next(iter(found), None)


def attributed_mailbox(line: str) -> Address | None:
    """Whom an attribution line names: the address, and the name before it, which ends or begins no sentence."""
    found = _ADDRESS.search(line)
    if not found:
        return None
    return Address(_name_before(line[: found.start()].rstrip(" (")), (found[1] or found[2]).strip())


def _name_before(before: str) -> str:
    """The quoted name at the end of `before`, or the capitalised words there."""
    opening = _CLOSED.get(before[-1:], "")
    if opening:
        start = max(before.rfind(sign, 0, len(before) - 1) for sign in opening)
        if start >= 0:
            return before[start + 1 : -1].strip()
    if not any(map(str.isdigit, before)):
        return before.strip(" *_,:")
    words: list[str] = []
    for word in reversed(before.split()[-6:]):
        if not _NAME_WORD.match(word) or word[0].islower() or word.endswith(","):
            break
        words.append(word)
    return " ".join(reversed(words))


def _plain(value: str) -> str:
    value = seen(value[:_MAX_LENGTH])
    value = _LINKED.sub(r"\1", value)
    value = _MAILTO.sub(r"<\1>", value)
    return _DOUBLED.sub(r"<\1>", value)


def _parsed(value: str) -> tuple[Address, ...]:
    value = value.strip(" *_,")
    if "<" not in value:
        value = _IN_BRACKETS.sub(r"<\1>", value)
    if value.count("<") == 1 and value.endswith(">") and value.count("@") == 1:
        # One mailbox whose name may hold a comma.
        name, _, address = value.partition("<")
        return (Address(name.strip(" \"'*_"), address[:-1].strip()),)
    return parse_addresses(value.encode("utf-8", "replace")).addresses
