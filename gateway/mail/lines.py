"""A line of text in; the line out as it is compared: without marks that nobody sees, in one case."""

#: Zero-width and direction marks (Unicode 23.2), which clients of right-to-left languages put around names and colons.
_UNSEEN = dict.fromkeys((0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF))
_SPACES = dict.fromkeys((0x09, 0xA0, 0x2002, 0x2003, 0x2007, 0x2009, 0x202F, 0x3000), " ")
_COMPARED: dict[int, str | None] = {**_UNSEEN, **_SPACES}


def seen(line: str) -> str:
    """`line` as one sees it: every space a plain one, none at its ends."""
    return (line if line.isascii() and "\t" not in line else line.translate(_COMPARED)).strip()


def fold(phrase: str) -> str:
    """`phrase` to be looked up; the Turkish dotted capital becomes a plain i."""
    return phrase.lower().replace("i\u0307", "i")
