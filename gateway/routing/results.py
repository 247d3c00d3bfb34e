"""What stands below `then` in -> the settings a rule makes, checked; and settings of many rules in -> Fields out."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, get_args

from email_validator import EmailNotValidError, validate_email

from gateway.routing.decision import CreateFields, Fields, FollowUp, NoteField, NoteType, ReplyFields, Untrusted
from gateway.routing.forms import choice_of, entries_of, flag_of, integer_of, name_of, text_of, texts_of
from gateway.routing.source import Complain, Mapping, Node, Place, Scalar

#: StaffAPI "Creating a new ticket": in this order the desk lists its flags, so 0 is none and 6 blue.
FLAGS = ("none", "purple", "orange", "green", "yellow", "red", "blue")
REQUIRED = ("department", "status", "priority", "type")
LONGEST_TEXT = 10_000
_TAG = re.compile(r"[\w+\-:.@]{1,100}")


@dataclass(frozen=True, slots=True)
class Setting:
    """How a field is written: `read` gives its value, or None (an empty tuple) after a complaint; `schema` is JSON Schema."""

    read: Callable[[Node, str, Complain], object]
    schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Results:
    """What one rule says. `settings` has names such as "create.department"; a tuple is a list that grows."""

    settings: dict[str, object] = field(default_factory=dict)
    hold: str | None = None
    discard: str | None = None
    #: Where the value of each setting stands.
    places: dict[str, Place] = field(default_factory=dict)


def _flag_colour(node: Node, what: str, complain: Complain) -> object:
    if isinstance(node, Scalar) and isinstance(node.value, int) and not isinstance(node.value, bool):
        return integer_of(node, 0, len(FLAGS) - 1, what, complain)
    return choice_of(node, FLAGS, what, complain)


def _tags(node: Node, what: str, complain: Complain) -> object:
    """The desk drops other characters and stores lower case; a space would make two tags of one."""
    tags: list[str] = []
    for one, text in texts_of(node, what, complain) if not _is_empty(node) else ():
        tag = text.lower()
        if not _TAG.fullmatch(tag):
            complain(
                one.place,
                f"{what}: {text!r} cannot be a tag; use letters, digits and + - _ : . @ without spaces, 100 at most",
            )
        elif tag.startswith("gw-"):
            complain(
                one.place,
                f"{what}: {text!r} begins with gw-, which marks the gateway's own pushes; choose another word",
            )
        else:
            tags.append(tag)
    return tuple(tags)


def _addresses(node: Node, what: str, complain: Complain) -> object:
    found: list[str] = []
    for one, text in texts_of(node, what, complain) if not _is_empty(node) else ():
        try:
            checked = validate_email(text, check_deliverability=False, test_environment=True)
        except EmailNotValidError as error:
            complain(one.place, f"{what}: {text!r} is no address: {error}")
        else:
            found.append(checked.normalized)
    return tuple(found)


def _is_empty(node: Node) -> bool:
    """`tags: []` is allowed: with `override` it empties the list."""
    return not isinstance(node, Scalar | Mapping) and not node.nodes


def _note(node: Node, what: str, complain: Complain) -> object:
    if not isinstance(node, Mapping):
        text = _text(node, what, complain)
        return (NoteField(text),) if text else ()
    entries = entries_of(node, NOTE, what, complain)
    if "text" not in entries:
        complain(node.place, f"{what} has no text; add `text: …`")
        return ()
    values: dict[str, Any] = {
        key: NOTE[key].read(entry.node, f"{what}.{key}", complain) for key, entry in entries.items()
    }
    return (NoteField(**values),) if all(values.values()) else ()


def _text(node: Node, what: str, complain: Complain) -> str | None:
    text = text_of(node, what, complain)
    if text and len(text) > LONGEST_TEXT:
        complain(node.place, f"{what} has {len(text)} characters, {LONGEST_TEXT} are the most")
        return None
    return text.strip() if text else None


def _choice(*choices: str) -> Setting:
    return Setting(lambda node, what, complain: choice_of(node, choices, what, complain), {"enum": list(choices)})


_NAME = Setting(name_of, {"type": ["string", "integer"], "minLength": 1, "minimum": 1})
_FLAG = Setting(_flag_colour, {"enum": [*FLAGS, *range(len(FLAGS))]})
_TEXTS = {"type": ["string", "number", "boolean", "array"], "items": {"type": ["string", "number", "boolean"]}}
_ADDRESSES = Setting(_addresses, _TEXTS)
_PROPERTIES = {**dict.fromkeys((*REQUIRED, "owner"), _NAME), "flag": _FLAG}
CREATE = {**_PROPERTIES, "queue": _NAME, "tags": Setting(_tags, _TEXTS), "ccto": _ADDRESSES, "bccto": _ADDRESSES}
ON_REPLY = _PROPERTIES
NOTE = {
    "text": Setting(_text, {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}),
    "type": _choice(*get_args(NoteType)),
    "colour": Setting(lambda node, what, complain: integer_of(node, 1, 5, what, complain), {"enum": [1, 2, 3, 4, 5]}),
}
PLAIN = {
    "follow_up": _choice(*get_args(FollowUp)),
    "requester": _choice("from", "reply_to"),
    "autoresponder": Setting(flag_of, {"type": "boolean"}),
    "thread": _choice("use", "ignore"),
    "untrusted_thread": _choice(*get_args(Untrusted)),
}
ENDS = ("hold", "discard")
THEN = ("create", "on_reply", "note", *PLAIN, *ENDS)


def compile_then(node: Node, complain: Complain) -> Results:
    """A setting complained about is kept with a value of None, so that it counts as made."""
    entries = entries_of(node, THEN, "then", complain)
    if isinstance(node, Mapping) and not node.entries:
        complain(node.place, f"`then` says nothing; write one of {', '.join(THEN)}")
    settings: dict[str, object] = {}
    places: dict[str, Place] = {}
    for group, known in (("create", CREATE), ("on_reply", ON_REPLY)):
        if entry := entries.get(group):
            if isinstance(entry.node, Mapping) and not entry.node.entries:
                complain(entry.node.place, f"`{group}` says nothing; write one of {', '.join(known)}")
            for key, inner in entries_of(entry.node, known, group, complain).items():
                settings[f"{group}.{key}"] = known[key].read(inner.node, f"{group}.{key}", complain)
                places[f"{group}.{key}"] = inner.node.place
    if entry := entries.get("note"):
        settings["notes"] = _note(entry.node, "note", complain)
        places["notes"] = entry.node.place
    for key, setting in PLAIN.items():
        if entry := entries.get(key):
            settings[key] = setting.read(entry.node, key, complain)
            places[key] = entry.node.place
    ends = {key: _text(entries[key].node, key, complain) or "" for key in ENDS if key in entries}
    for key in ends:
        if len(entries) > 1:
            others = ", ".join(f"`{other}`" for other in entries if other != key)
            complain(entries[key].place, f"`{key}` cannot stand beside {others}; what it ends gets no fields")
            break
    return Results(settings, ends.get("hold"), ends.get("discard"), places)


@dataclass(slots=True)
class Merging:
    """Fields while the rules are read: the first to set one wins, lists grow, `override` replaces."""

    values: dict[str, Any] = field(default_factory=dict)
    set_by: dict[str, list[str]] = field(default_factory=dict)

    def add(self, settings: dict[str, object], rule: str, *, override: bool) -> None:
        for name, value in settings.items():
            if override or name not in self.values:
                self.values[name] = tuple(dict.fromkeys(value)) if isinstance(value, tuple) else value
                self.set_by[name] = [rule]
            elif isinstance(value, tuple):
                self.values[name] = tuple(dict.fromkeys((*self.values[name], *value)))
                self.set_by[name].append(rule)

    def fields(self) -> Fields:
        def below(group: str) -> dict[str, Any]:
            return {name.removeprefix(group): value for name, value in self.values.items() if name.startswith(group)}

        plain = {name: value for name, value in self.values.items() if "." not in name}
        return Fields(create=CreateFields(**below("create.")), on_reply=ReplyFields(**below("on_reply.")), **plain)

    def origins(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, rule) for name, rules in self.set_by.items() for rule in rules)
