"""The tables that compile rule files in -> JSON Schema of rule files out, for editors and `gateway check --schema`.

The schema knows the form, `load` knows more: names once only, patterns, addresses, and that every mail is provided for.
"""

from collections.abc import Mapping
from typing import Any

from gateway.routing.operators import COUNT, TEXT, WORD, Family
from gateway.routing.results import CREATE, ENDS, LONGEST_TEXT, NOTE, ON_REPLY, PLAIN, Setting
from gateway.routing.rulebook import LONGEST_NAME
from gateway.routing.vocabulary import ATTACHMENTS
from gateway.routing.vocabulary import PLAIN as CONDITIONS

Schema = dict[str, Any]


def json_schema() -> Schema:
    """JSON Schema, draft 2020-12, of one rule file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rules of the mail gateway",
        **_object({"rules": {"type": ["array", "null"], "items": {"$ref": "#/$defs/rule"}}}),
        "$defs": {"rule": _rule(), "when": _when(), "then": _then(), "header": _header(), "text": _comparisons(TEXT)},
    }


def _object(properties: Schema, *required: str) -> Schema:
    known: Schema = {"type": "object", "additionalProperties": False, "minProperties": 1, "properties": properties}
    return {**known, "required": list(required)} if required else known


def _rule() -> Schema:
    flag = {"type": "boolean"}
    name = {**WORD, "minLength": 1, "maxLength": LONGEST_NAME}
    properties = {
        "name": name,
        "when": {"$ref": "#/$defs/when"},
        "then": {"$ref": "#/$defs/then"},
        "stop": flag,
        "override": flag,
    }
    return {**_object(properties, "name"), "anyOf": [{"required": ["then"]}, {"required": ["stop"]}]}


def _when() -> Schema:
    when = {"$ref": "#/$defs/when"}
    several = {"type": "array", "minItems": 1, "items": when}
    attachments = {name: _comparisons(plain.family) for name, plain in ATTACHMENTS.items()}
    return _object(
        {
            "all": several,
            "any": several,
            "not": when,
            **{name: _comparisons(plain.family) for name, plain in CONDITIONS.items()},
            "header": {"$ref": "#/$defs/header"},
            "attachments": _object({**attachments, "count": _comparisons(COUNT)}),
        }
    )


def _header() -> Schema:
    """Either form: `{name: X-Foo, contains: bar}`, or header names as keys."""
    named = _object({"name": {"type": "string"}, **_operators(TEXT)}, "name")
    by_key = {
        "type": "object",
        "minProperties": 1,
        "properties": {"name": False},
        "additionalProperties": {"$ref": "#/$defs/text"},
    }
    return {"anyOf": [named, by_key]}


def _comparisons(family: Family) -> Schema:
    """A plain value, a list of them where that means "any of", or operators."""
    return {"anyOf": [*_values(family), _object(_operators(family))]}


def _values(family: Family) -> list[Schema]:
    several = [{"type": "array", "minItems": 1, "items": family.value}] if family.many else []
    return [family.value, *several]


def _operators(family: Family) -> Schema:
    return {name: {"type": "boolean"} if name == "present" else {"anyOf": _values(family)} for name in family.operators}


def _then() -> Schema:
    reason = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
    note = {"anyOf": [NOTE["text"].schema, _object(_settings(NOTE), "text")]}
    fields = {
        "create": _object(_settings(CREATE)),
        "on_reply": _object(_settings(ON_REPLY)),
        "note": note,
        **_settings(PLAIN),
    }
    return {"anyOf": [_object(fields), *(_object({end: reason}, end) for end in ENDS)]}


def _settings(known: Mapping[str, Setting]) -> Schema:
    return {name: setting.schema for name, setting in known.items()}
