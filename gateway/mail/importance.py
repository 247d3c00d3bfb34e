"""A header block in, how urgent the sender calls the mail out (RFC 2156 5.3.6 and 5.3.9, and what programs write)."""

import re

from gateway.mail.fields import Block
from gateway.mail.message import Importance
from gateway.mail.words import decode_words

# In the order in which they are believed; X-Priority counts from 1, the highest, to 5.
_FIELDS = (b"importance", b"x-priority", b"x-msmail-priority", b"priority", b"x-message-flag-priority")
_LEADING = re.compile(r"\W*([1-5]\b|[^\W\d_]+(?:-[^\W\d_]+)?)")
_NAMED: tuple[tuple[Importance, str], ...] = (
    (
        "high",
        "1 2 high highest urgent critical important hoch höchste dringend haute élevée urgente alta alto hoog высокая",
    ),
    ("low", "4 5 low lowest non-urgent nonurgent bulk niedrig niedrigste basse faible baja baixa bassa laag низкая"),
)
_WORDS = {word: importance for importance, words in _NAMED for word in words.split()}


def importance_of(block: Block) -> Importance:
    """The first field that says more or less than normal counts."""
    for name in _FIELDS:
        value = block.first(name)
        found = _LEADING.match(decode_words(value[:80]).lower()) if value else None
        if found and (importance := _WORDS.get(found[1])):
            return importance
    return "normal"
