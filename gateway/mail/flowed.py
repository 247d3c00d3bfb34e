"""Text in format=flowed in, text with whole paragraphs on one line out (RFC 3676 4)."""

import re

#: "> > " counts as ">>", since many programs quote so what was flowed before.
_QUOTE = re.compile(r"(?:(?:> ?(?=>))*+>)?+")


def unflow(text: str, *, delete_space: bool) -> str:
    """Joins flowed lines of one quote depth; quote marks are written as ">> ". An empty line always stays. Linear."""
    out: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
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
            out.append(words)
        else:
            out.append(("\n" if out else "") + _mark(depth) + words)
        open_depth = depth if flows else -1
    return "".join(out)


def _mark(depth: int) -> str:
    return ">" * depth + " " if depth else ""
