"""text/enriched (RFC 1896) or text/richtext (RFC 1341) in, plain text out. Linear; broken commands are dropped."""

import re

_COMMAND = re.compile(r"<(<|/?[a-zA-Z0-9-]{1,60}>)")
#: A line break alone is a space, of several the first does not count (RFC 1896 3).
_BREAKS = re.compile(r"\n+")
_PARAM_END = re.compile(r"</param>", re.IGNORECASE)
_RICHTEXT = {"<nl>": "\n", "<lt>": "<", "<np>": "\n", "<paragraph>": "\n", "</paragraph>": "\n"}


def plain_of_enriched(text: str, *, is_richtext: bool) -> str:
    """`text` with lines ended by LF. In text/richtext "<nl>" breaks a line, and a line break never does."""
    fold = (lambda _: " ") if is_richtext else (lambda found: "\n" * (len(found[0]) - 1) or " ")
    out: list[str] = []
    at, literal = 0, 0
    while found := _COMMAND.search(text, at):
        words = text[at : found.start()]
        out.append(words if literal else _BREAKS.sub(fold, words))
        at = found.end()
        command = found[0].lower()
        if command == "<<":
            out.append("<")
        elif command == "<nofill>":
            literal += 1
        elif command == "</nofill>":
            literal = max(literal - 1, 0)
        elif command == "<param>":
            end = _PARAM_END.search(text, at)
            at = end.end() if end else at
            if end is None:
                break
        elif is_richtext:
            out.append(_RICHTEXT.get(command, ""))
    rest = text[at:]
    out.append(rest if literal else _BREAKS.sub(fold, rest))
    return "".join(out)
