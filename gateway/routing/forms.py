"""Node in -> plain value out, or None and a complaint that says what to write instead."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches

from gateway.routing.source import Complain, Entry, Items, Mapping, Node, Scalar


def guess(word: str, known: Iterable[str]) -> str:
    """What a person may have meant: the near one, else all there are."""
    words = sorted(known)
    near = get_close_matches(word.casefold()[:60], words, n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(words)}"


def in_words(words: Iterable[str]) -> str:
    """`a, b and c`; there is at least one."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def describe(node: Node) -> str:
    """A node in the words of a message."""
    if isinstance(node, Items):
        return "a list"
    if isinstance(node, Mapping):
        return "a mapping"
    if node.value is None:
        return "nothing"
    return repr(node.text if len(node.text) <= 40 else node.text[:40] + "…")


def entries_of(node: Node, known: Collection[str], what: str, complain: Complain) -> dict[str, Entry]:
    """The entries with known keys; `what` names the mapping in complaints."""
    if not isinstance(node, Mapping):
        complain(
            node.place,
            f"{what} must be a mapping with keys such as {', '.join(sorted(known)[:4])}, not {describe(node)}",
        )
        return {}
    for key, entry in node.entries.items():
        if key not in known:
            complain(entry.place, f"unknown key {key!r} in {what}; {guess(key, known)}")
    return {key: entry for key, entry in node.entries.items() if key in known}


def text_of(node: Node, what: str, complain: Complain, *, empty: bool = False) -> str | None:
    """The text as written: `2024` and `YES` are words too where a word is asked for."""
    if isinstance(node, Scalar):
        # A value of None with a text was written out (`null`), without one it was forgotten; "" in quotes is neither.
        if node.text.strip() or (empty and node.value is not None):
            return node.text
        complain(node.place, f"{what} is empty; write a text")
    else:
        complain(node.place, f"{what} must be a text, not {describe(node)}")
    return None


def each_of(node: Node) -> tuple[Node, ...]:
    """A list's nodes, or the one node that stands for a list of one."""
    return node.nodes if isinstance(node, Items) else (node,)


def texts_of(node: Node, what: str, complain: Complain, *, empty: bool = False) -> tuple[tuple[Node, str], ...]:
    """One text or a list of texts, each with its node."""
    if isinstance(node, Items) and not node.nodes:
        complain(node.place, f"{what} is an empty list; write at least one value")
    found = ((one, text_of(one, what, complain, empty=empty)) for one in each_of(node))
    return tuple((one, text) for one, text in found if text is not None)


def flag_of(node: Node, what: str, complain: Complain) -> bool | None:
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return node.value
    complain(node.place, f"{what} must be true or false, not {describe(node)}")
    return None


def choice_of(node: Node, choices: Collection[str], what: str, complain: Complain) -> str | None:
    """One of `choices`, which are lower case; written in any case."""
    if isinstance(node, Scalar) and node.text.casefold() in choices:
        return node.text.casefold()
    word = node.text if isinstance(node, Scalar) else ""
    complain(node.place, f"{what} cannot be {describe(node)}; {guess(word, choices)}")
    return None


def integer_of(node: Node, lowest: int, highest: int, what: str, complain: Complain) -> int | None:
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
        return value
    complain(node.place, f"{what} must be a number from {lowest} to {highest}, not {describe(node)}")
    return None


_UNITS = {"b": 1, "kb": 1000, "kib": 1024, "mb": 1000**2, "mib": 1024**2, "gb": 1000**3, "gib": 1024**3}


def amount_of(node: Node, what: str, complain: Complain, *, bytes_: bool) -> int | None:
    """A whole number from 0; where bytes are counted, "10 MiB" and "500 kB" too."""
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if bytes_ and isinstance(value, str) and len(value) <= 40:
        digits = value.rstrip("abgikmABGIKM ")
        unit = _UNITS.get(value[len(digits) :].strip().casefold())
        if unit and digits.isascii() and digits.isdigit():
            return int(digits) * unit
    example = "a number of bytes such as 1048576 or 10 MiB" if bytes_ else "a whole number from 0"
    complain(node.place, f"{what} must be {example}, not {describe(node)}")
    return None


def name_of(node: Node, what: str, complain: Complain) -> str | int | None:
    """A name as the desk shows it, or an id; the desk ignores the id 0."""
    if isinstance(node, Scalar):
        if isinstance(node.value, int) and not isinstance(node.value, bool):
            return integer_of(node, 1, 2**31 - 1, what, complain)
        if isinstance(node.value, str) and node.text.strip():
            return node.text.strip()
    complain(node.place, f"{what} must be a name or an id, not {describe(node)}")
    return None
