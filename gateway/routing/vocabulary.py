"""What stands below `when` in -> one compiled condition out. A new condition is one line in CONDITIONS."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from gateway.mail.message import Importance, Kind
from gateway.routing.conditions import All, AnyOf, Condition, Each, Not, Test, Together, implies
from gateway.routing.forms import describe, entries_of, guess, text_of
from gateway.routing.looks import Look, Mail, Values, addresses, domain_of, fold_address, fold_domain, fold_line
from gateway.routing.operators import ADDRESS, COUNT, DOMAIN, FLAG, SIZE, TEXT, Family, Step, choices
from gateway.routing.source import Complain, Items, Mapping, Node

ThreadState = Literal["none", "known", "untrusted"]
GROUPS = ("all", "any", "not")


@dataclass(frozen=True, slots=True)
class Plain:
    """A condition with one look: `subject: {contains: invoice}`."""

    family: Family
    look: Look


def _plain(
    family: Family, name: str, take: Callable[[Mail], Iterable[str]], fold: Callable[[str], str] = fold_line
) -> Plain:
    return Plain(family, Look(name, take, fold))


def _recipients(mail: Mail) -> Values:
    """The envelope's, and whom a forwarding relay says the mail was for."""
    return (*mail.envelope.rcpt_to, *mail.message.original_recipients)


def _sender(mail: Mail) -> Values:
    return addresses((mail.message.sender or mail.message.from_,))


def _thread(mail: Mail) -> Values:
    thread = mail.facts.thread
    return ("none" if thread is None else "known" if thread.trusted else "untrusted",)


def _flagged(value: bool) -> Values:
    return (str(value).lower(),)


PLAIN: dict[str, Plain] = {
    "recipient": _plain(ADDRESS, "recipient", _recipients, fold_address),
    "envelope_sender": _plain(ADDRESS, "envelope_sender", lambda mail: (mail.envelope.mail_from,), fold_address),
    "from": _plain(ADDRESS, "from", lambda mail: addresses((mail.message.from_,)), fold_address),
    "reply_to": _plain(ADDRESS, "reply_to", lambda mail: addresses(mail.message.reply_to), fold_address),
    "to": _plain(ADDRESS, "to", lambda mail: addresses(mail.message.to), fold_address),
    "cc": _plain(ADDRESS, "cc", lambda mail: addresses(mail.message.cc), fold_address),
    "sender": _plain(ADDRESS, "sender", _sender, fold_address),
    "sender_domain": _plain(DOMAIN, "sender_domain", lambda mail: map(domain_of, _sender(mail)), fold_domain),
    "subject": _plain(TEXT, "subject", lambda mail: (mail.message.subject,)),
    "text": _plain(TEXT, "text", lambda mail: (mail.message.text,)),
    "reply_text": _plain(TEXT, "reply_text", lambda mail: (mail.message.reply_text,)),
    "size": _plain(SIZE, "size", lambda mail: (str(mail.facts.size),)),
    "kind": _plain(choices(get_args(Kind)), "kind", lambda mail: (mail.message.kind,)),
    "importance": _plain(choices(get_args(Importance)), "importance", lambda mail: (mail.message.importance,)),
    "thread": _plain(choices(get_args(ThreadState)), "thread", _thread),
    "may_autorespond": _plain(FLAG, "may_autorespond", lambda mail: _flagged(mail.message.may_autorespond)),
    "ambiguous_sender": _plain(FLAG, "ambiguous_sender", lambda mail: _flagged(mail.message.ambiguous_sender)),
    "defects": _plain(TEXT, "defects", lambda mail: mail.message.defects),
}

_FILES = Look("attachments", lambda mail: (file.filename for file in mail.message.attachments), fold_line)
#: What can be said of one attachment; `count` counts those of which the rest holds.
ATTACHMENTS: dict[str, Plain] = {
    "name": Plain(TEXT, _FILES),
    "type": _plain(TEXT, "attachments.type", lambda mail: (file.content_type for file in mail.message.attachments)),
    "size": _plain(SIZE, "attachments.size", lambda mail: (str(file.size) for file in mail.message.attachments)),
    "inline": _plain(
        FLAG, "attachments.inline", lambda mail: (_flagged(file.inline)[0] for file in mail.message.attachments)
    ),
}


def _attachments(node: Node, path: str, complain: Complain) -> Condition:
    entries = entries_of(node, {*ATTACHMENTS, "count"}, path, complain)
    if isinstance(node, Mapping) and not node.entries:
        complain(node.place, f"{path} says nothing; write one of count, {', '.join(ATTACHMENTS)}")
    steps: list[Step] = []
    for key, plain in ATTACHMENTS.items():
        if entry := entries.get(key):
            steps += plain.family.steps(entry.node, f"{path}.{key}", plain.look, complain)
    if entry := entries.get("count"):
        steps += map(_counted, COUNT.steps(entry.node, f"{path}.count", _FILES, complain))
    return Test(tuple(steps))


def _counted(step: Step) -> Step:
    """A comparison of one number, made with the number of values that are left."""
    if not isinstance(step, Each):
        return step
    passes = step.passes
    return Together(step.path, step.wanted, step.look, lambda values: passes(_number_of(values)), see=_number_of)


def _number_of(values: Values) -> str:
    return str(len(values))


def _header(name: str, node: Node, path: str, complain: Complain, *, skip: str | None = None) -> Test:
    folded = name.casefold()
    look = Look(
        f"header:{folded}",
        lambda mail: (header.value for header in mail.message.headers if header.name.casefold() == folded),
        fold_line,
    )
    if skip and isinstance(node, Mapping):
        node = Mapping(node.place, {key: entry for key, entry in node.entries.items() if key != skip})
    return TEXT.test(node, path, look, complain)


def _headers(node: Node, path: str, complain: Complain) -> Condition:
    """`{X-Spam-Flag: YES}`, or `{name: X-Spam-Flag, contains: yes}` with `name` in lower case."""
    if not isinstance(node, Mapping) or not node.entries:
        message = f"{path} must name a header, such as {{X-Spam-Flag: YES}} or {{name: X-Spam-Flag, present: true}}, not {describe(node)}"
        complain(node.place, message)
        return All(())
    if named := node.entries.get("name"):
        name = text_of(named.node, f"{path}.name", complain)
        return _header(name, node, f"{path}.{name}", complain, skip="name") if name else All(())
    return All(tuple(_header(key, entry.node, f"{path}.{key}", complain) for key, entry in node.entries.items()))


#: Conditions with keys of their own.
SPECIAL: dict[str, Callable[[Node, str, Complain], Condition]] = {"attachments": _attachments, "header": _headers}

CONDITIONS = (*PLAIN, *SPECIAL)


def compile_when(node: Node, complain: Complain, path: str = "") -> Condition:
    """All conditions of a mapping must hold. After a complaint the result is good for nothing but further complaints."""
    if not isinstance(node, Mapping) or not node.entries:
        what = "conditions must be a mapping such as {subject: {contains: invoice}}"
        hint = (
            "write `all:` or `any:` above the list"
            if isinstance(node, Items)
            else "leave `when` out if the rule is for every mail"
        )
        complain(node.place, f"{what}, not {describe(node)}; {hint}" if not path else f"{what}, not {describe(node)}")
        return All(())
    parts: list[Condition] = []
    for key, entry in node.entries.items():
        here = f"{path}.{key}" if path else key
        if key in GROUPS:
            parts.append(_group(key, entry.node, here, complain))
        elif plain := PLAIN.get(key):
            parts.append(plain.family.test(entry.node, here, plain.look, complain))
        elif special := SPECIAL.get(key):
            parts.append(special(entry.node, here, complain))
        else:
            complain(entry.place, f"unknown condition {key!r}; {guess(key, (*GROUPS, *CONDITIONS))}")
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _group(key: str, node: Node, path: str, complain: Complain) -> Condition:
    if key == "not":
        return Not(compile_when(node, complain, path))
    if not isinstance(node, Items) or not node.nodes:
        complain(node.place, f"`{key}` must be a list of conditions, not {describe(node)}; begin each with a dash")
        return All(())
    parts = tuple(compile_when(one, complain, f"{path}[{i}]") for i, one in enumerate(node.nodes))
    return All(parts) if key == "all" else AnyOf(parts)


def requires_known_thread(condition: Condition | None) -> bool:
    """Whether the condition holds for no mail but that of a known thread whose sender may write there."""
    return implies(condition, _only_known)


def _only_known(step: Step) -> bool:
    if not isinstance(step, Each) or step.look is not PLAIN["thread"].look:
        return False
    return [state for state in get_args(ThreadState) if step.passes(state)] == ["known"]
