"""Header block in, the ids that thread a mail out."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.mail.fields import Block, read_block
from gateway.mail.words import decode_words

_MAX_IDS = 200
#: RFC 5322 2.1.1: no line is longer, and no id holds a line break.
_MAX_LENGTH = 998
_BRACKETED = re.compile(r"<([^<>]*+)>")
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class ThreadIds:
    """Message-IDs without angle brackets, RFC 5322 3.6.4; `message_id` is None where there is none worth the name."""

    message_id: str | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]


def thread_ids(raw: bytes) -> ThreadIds:
    """The ids in the header block at the start of `raw` (the body may follow, it is not looked at). Never raises.

    Of more than 200 ids in a field the first, which names the root of the thread, and the last, which name the nearest
    parents, are kept.
    """
    return ids_of(read_block(raw))


def ids_of(block: Block) -> ThreadIds:
    """As `thread_ids`, of a block that was read already."""
    own = next(_ids(block.all(b"message-id")), None)
    return ThreadIds(own, _some(_ids(block.all(b"in-reply-to"))), _some(_ids(block.all(b"references"))))


def _some(ids: Iterable[str]) -> tuple[str, ...]:
    unique = tuple(dict.fromkeys(ids))
    return unique if len(unique) <= _MAX_IDS else unique[:1] + unique[1 - _MAX_IDS :]


def _ids(values: Iterable[bytes]) -> Iterator[str]:
    for value in values:
        text = _text(value)
        bracketed = [token[1] for token in _BRACKETED.finditer(text)]
        bare = (token.strip("<>()[]\"',;") for token in text.split() if "@" in token)
        for token in bracketed or bare:
            id = _BLANK.sub("", token)
            if len(id) <= _MAX_LENGTH and _names_something(id):
                yield id


def _text(value: bytes) -> str:
    # RFC 2047 5 forbids it, but Python's `email` and some Exchange servers write long ids as encoded words.
    if b"=?" in value:
        return decode_words(value)
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _names_something(id: str) -> bool:
    # "<@host>" and the like come from programs that send the same one with each mail: it would tie strangers together.
    return any(map(str.isalnum, id.partition("@")[0]))
