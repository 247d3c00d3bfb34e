"""Decision in -> its trail as plain text for people: what is to become of the mail, why, and every rule tried.

Text from the mail is shown with control characters and direction marks written out: a terminal obeys them.
"""

from collections.abc import Iterator
from dataclasses import asdict

from gateway.routing.decision import Decision, NoteField, RuleTrial

_ACTIONS = {"create": "a new ticket", "follow_up": "a follow-up", "hold": "held", "discard": "discarded"}


def render(decision: Decision) -> str:
    """Lines ended by LF, at most a few hundred characters each; fit for a terminal."""
    return "".join(f"{printable(line)}\n" for line in _lines(decision))


def printable(text: str) -> str:
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _lines(decision: Decision) -> Iterator[str]:
    yield f"action: {decision.action} ({_ACTIONS[decision.action]})"
    for reason in decision.reasons:
        yield f"  {reason}"
    if thread := decision.thread or decision.claimed:
        kind = "ticket" if decision.thread else "claimed ticket"
        yield f"{kind}: {thread.ticket.display_id or thread.ticket.ticket_id}, by {thread.evidence}"
    yield "fields:"
    yield from _fields(decision)
    yield f"rules tried ({len(decision.rules_tried)}, of which {len(decision.rules_hit)} hit):"
    for trial in decision.rules_tried:
        yield from _trial(trial)


def _fields(decision: Decision) -> Iterator[str]:
    if not decision.set_by:
        yield "  none set"
    rules: dict[str, list[str]] = {}
    for name, rule in decision.set_by:
        rules.setdefault(name, []).append(rule)
    width = max(map(len, rules), default=0)
    for name, value in _flat(decision):
        if name in rules:
            yield f"  {name:<{width}}  {value}  (by {', '.join(rules[name])})"


def _flat(decision: Decision) -> Iterator[tuple[str, str]]:
    """Every field under the name it has in `set_by`."""
    for name, value in asdict(decision.fields).items():
        if isinstance(value, dict):
            yield from ((f"{name}.{key}", _shown(inner)) for key, inner in value.items())
        elif name == "notes":
            yield name, "; ".join(map(_note, decision.fields.notes))
        else:
            yield name, _shown(value)


def _note(note: NoteField) -> str:
    return f"{note.text!r} ({note.type}, colour {note.colour})"


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) or "none" if isinstance(value, tuple) else str(value)


def _trial(trial: RuleTrial) -> Iterator[str]:
    yield f"  {'hit ' if trial.hit else 'miss'}  {trial.name}  ({trial.place})"
    if not trial.conditions:
        yield "          for every mail"
    for one in trial.conditions:
        yield f"          {'yes' if one.holds else 'no '}  {one.path}: wanted {one.wanted}, saw {one.seen or 'nothing'}{_turned(one.path)}"


def _turned(path: str) -> str:
    """A comparison below `not` speaks against its rule where it holds."""
    return "  (turned round by `not`)" if path.split(".").count("not") % 2 else ""
