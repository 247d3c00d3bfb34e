"""Text in format=flowed in, text with whole paragraphs on one line out (RFC 3676 4)."""

import re
from collections.abc import Iterator
from io import StringIO

#: "> > " counts as ">>", since many programs quote so what was flowed before.
_QUOTE = re.compile(r"(?:(?:> ?(?=>))*+>)?+")


def unflow(text: str, *, delete_space: bool) -> str:
    """Joins flowed lines of one quote depth; quote marks are written as ">> ". An empty line always stays. Linear."""
    out = StringIO()
    is_first = True
    open_depth = -1
    for line in _lines(text):
        quote = _QUOTE.match(line)
        marks = quote[0] if quote else ""
        depth = marks.count(">")
        words = line[len(marks) :].removeprefix(" ")
        # RFC 3676 4.3: the signature separator is neither flowed nor joined.
        is_separator = words == "-- "
        flows = words.endswith(" ") and not is_separator
        if flows and delete_space:
            words = words[:-1]
        if open_depth == depth and words and not is_separator:
            out.write(words)
        else:
            out.write(("" if is_first else "\n") + _mark(depth) + words)
        is_first = False
        open_depth = depth if flows else -1
    return out.getvalue()


def _lines(text: str) -> Iterator[str]:
    """One by one: a list of a million short lines takes many times the memory of their text."""
    at = 0
    while (end := text.find("\n", at)) >= 0:
        yield text[at:end]
        at = end + 1
    yield text[at:]


def _mark(depth: int) -> str:
    return ">" * depth + " " if depth else ""
