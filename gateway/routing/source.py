"""Text of a rule file in -> its YAML as nodes with their places out, every mistake told to `complain`.

What could surprise or blow up is refused: duplicate keys, anchors and aliases (a short file can expand to billions of
nodes), tags, several documents, deep nesting. Plain scalars follow the core schema of YAML 1.2 (10.3.2), so that `no`
and `YES` stay words.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import yaml

LONGEST_FILE = 1_048_576
DEEPEST = 32


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands in a rule file; `line` and `column` count from 1."""

    path: str
    line: int
    column: int


Complain = Callable[[Place, str], None]


@dataclass(frozen=True, slots=True)
class Scalar:
    """`text` as it stands in the file, unquoted; `value` what the core schema makes of it."""

    place: Place
    text: str
    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Items:
    """A YAML sequence."""

    place: Place
    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One `key: node` of a mapping; `place` is the key's."""

    place: Place
    node: "Node"


@dataclass(frozen=True, slots=True)
class Mapping:
    """A YAML mapping, in the order of the file."""

    place: Place
    entries: dict[str, Entry]


Node = Scalar | Items | Mapping

# YAML 1.2 5.1, the characters a stream may hold; libyaml counts bytes where it meets others, people do not.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}|0o[0-7]{1,18}|0x[0-9a-fA-F]{1,15}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class _Unreadable(Exception):
    """The rest of the file cannot be made sense of; the complaint is made."""


def read_source(path: str, text: str, complain: Complain) -> tuple[Node | None, bool]:
    """The one document of the file (None: empty), and whether all of it could be read."""
    start = Place(path, 1, 1)
    if len(text) > LONGEST_FILE:
        complain(start, f"the file has {len(text)} characters, {LONGEST_FILE} are the most; split it in two")
        return None, False
    if odd := _UNPRINTABLE.search(text):
        before = text[: odd.start()]
        place = Place(path, before.count("\n") + 1, odd.start() - before.rfind("\n"))
        complain(place, f"the character U+{ord(odd[0]):04X} may not stand in YAML; take it out")
        return None, False
    builder = _Builder(path, text, complain)
    try:
        return builder.document(), True
    except _Unreadable:
        return None, False


class _Builder:
    def __init__(self, path: str, text: str, complain: Complain) -> None:
        self._path = path
        self._complain = complain
        self._events: Iterator[Any] = cast("Iterator[Any]", yaml.parse(text, Loader=yaml.CSafeLoader))

    def document(self) -> Node | None:
        self._next()  # the stream starts
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        node = self._node(self._next(), 1)
        self._next()  # the document ends
        after = self._next()
        if isinstance(after, yaml.DocumentStartEvent):
            self._stop(after, "a second YAML document starts here; put its rules into the one list `rules`")
        return node

    def _next(self) -> Any:
        try:
            return next(self._events)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            begun = error.context_mark
            context = f" ({error.context} from line {begun.line + 1})" if error.context and begun else ""
            place = Place(self._path, mark.line + 1, mark.column + 1) if mark else Place(self._path, 1, 1)
            self._complain(place, f"not YAML: {error.problem}{context}")
            raise _Unreadable from error

    def _stop(self, event: Any, message: str) -> None:
        self._complain(self._place(event), message)
        raise _Unreadable

    def _place(self, event: Any) -> Place:
        return Place(self._path, event.start_mark.line + 1, event.start_mark.column + 1)

    def _node(self, event: Any, depth: int) -> Node:
        place = self._place(event)
        if depth > DEEPEST:
            self._stop(event, f"nested more than {DEEPEST} deep; make two rules of it")
        if isinstance(event, yaml.AliasEvent):
            self._complain(place, f"an alias (*{event.anchor}) is not allowed; write the value out")
            return Scalar(place, f"*{event.anchor}", f"*{event.anchor}")
        if event.anchor is not None:
            self._complain(place, f"an anchor (&{event.anchor}) is not allowed; write the value out where it is needed")
        if event.tag is not None:
            self._complain(place, f"a tag ({event.tag}) is not allowed; quote the value to make it text")
        if isinstance(event, yaml.ScalarEvent):
            plain = event.style is None or event.style == ""
            return Scalar(place, event.value, resolve(event.value) if plain else event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            nodes: list[Node] = []
            while not isinstance(item := self._next(), yaml.SequenceEndEvent):
                nodes.append(self._node(item, depth + 1))
            return Items(place, tuple(nodes))
        return self._mapping(place, depth)

    def _mapping(self, place: Place, depth: int) -> Mapping:
        entries: dict[str, Entry] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            node = self._node(self._next(), depth + 1)
            if not isinstance(key, Scalar):
                self._complain(key.place, "a key must be a word, not a list or a mapping")
            elif first := entries.get(key.text):
                self._complain(key.place, f"{key.text!r} stands here twice, first in line {first.place.line}; keep one")
            else:
                entries[key.text] = Entry(key.place, node)
        return Mapping(place, entries)


def resolve(text: str) -> str | int | float | bool | None:
    """What a plain scalar means in the core schema, YAML 1.2 10.3.2; infinities and numbers of absurd length stay text."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
    if len(text) <= 40 and _FLOAT.fullmatch(text):
        return float(text)
    return text
