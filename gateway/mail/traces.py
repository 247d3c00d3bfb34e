"""A header block in, the addresses that relays and forwarders left in it out, each with its place.

Nothing here says which of them may be believed: only the caller knows its own relays.
"""

import re
from collections.abc import Iterator
from typing import Literal

from gateway.mail.addresses import find_addr_specs, is_addr_spec
from gateway.mail.fields import Block
from gateway.mail.message import Trace
from gateway.mail.rewritten import decode_sender
from gateway.mail.words import decode_words

_MAX_TRACES = 200
_MAX_ADDRESSES = 20
_MAX_LENGTH = 4 * 1024

_Kind = Literal["recipient", "list", "forwarder", "sender"]
#: Who writes which field: see docs/reading.md.
_WRITTEN: tuple[tuple[_Kind, bytes], ...] = (
    (
        "recipient",
        b"""x-original-to delivered-to envelope-to x-envelope-to x-rcpt-to x-original-recipient original-recipient
            x-delivered-to x-resolved-to x-real-to x-orig-to x-deliver-to x-original-delivered-to x-forwarded-to
            x-forwarded-for x-gm-original-to x-google-original-to x-apparently-to apparently-to x-yahoo-forwarded
            x-mdrcpt-to x-mdaemon-deliver-to x-simplelogin-envelope-to x-envelope-recipient x-mailgun-recipient
            x-ms-exchange-forwardingloop x-ms-exchange-inbox-rules-loop x-ms-exchange-organization-originalrecipient
            resent-to resent-cc resent-bcc""",
    ),
    ("list", b"x-beenthere x-mailing-list"),
    ("forwarder", b"resent-from resent-sender"),
    (
        "sender",
        b"""return-path x-return-path x-original-return-path envelope-from x-envelope-from x-envelope-sender
            envelope-sender x-mailfrom x-mail-from x-simplelogin-envelope-from x-mailgun-sender x-original-sender""",
    ),
)
_FIELDS = {name: kind for kind, names in _WRITTEN for name in names.split()}
# RFC 5321 4.4: "for" and a path, before the date. Exim and Sendmail's milters put the sender into a comment.
_FOR = re.compile(rb"\sfor\s++<?([^\s<>;()]++)>?", re.IGNORECASE)
_FROM = re.compile(rb"\(?envelope-(?:from|sender)[\s=]++<?([^\s<>;()]++)>?", re.IGNORECASE)


def read_traces(block: Block) -> tuple[Trace, ...]:
    """At most 200, in the order of the mail, which is the latest hop first. Never raises, linear."""
    found: list[Trace] = []
    hop = 0
    for position, field in enumerate(block.fields):
        name = field.name.lower()
        kind = _FIELDS.get(name)
        if kind:
            text = decode_words(field.value[:_MAX_LENGTH])
            for address in find_addr_specs(text)[:_MAX_ADDRESSES]:
                found += _of_address(kind, address, name.decode("latin-1"), position, hop)
        elif name == b"received":
            found += _of_received(field.value[:_MAX_LENGTH], position, hop)
            hop += 1
        if len(found) >= _MAX_TRACES:
            break
    return tuple(found[:_MAX_TRACES])


def original_recipients(traces: tuple[Trace, ...]) -> tuple[str, ...]:
    """Every mailbox the mail was for on its way, lists and forwarding mailboxes included, each once whatever its case."""
    seen: dict[str, str] = {}
    for trace in traces:
        is_mailbox = is_addr_spec(trace.address) and (trace.kind != "forwarder" or bool(trace.schemes))
        if trace.kind != "sender" and is_mailbox:
            seen.setdefault(trace.address.lower(), trace.address)
    return tuple(seen.values())


def _of_received(value: bytes, position: int, hop: int) -> Iterator[Trace]:
    # Behind the last semicolon stands the date.
    said = b" " + value.rpartition(b";")[0] if b";" in value else b" " + value
    if to := _FOR.search(said):
        address = to[1].decode("utf-8", "replace")
        if is_addr_spec(address):
            yield Trace("recipient", address, "received", position, hop)
    if by := _FROM.search(said):
        address = by[1].decode("utf-8", "replace")
        if is_addr_spec(address):
            yield from _of_address("sender", address, "received", position, hop)


def _of_address(kind: _Kind, address: str, field: str, position: int, hop: int) -> Iterator[Trace]:
    if kind != "sender":
        yield Trace(kind, address, field, position, hop)
        return
    was = decode_sender(address)
    if was.address:
        yield Trace("sender", was.address, field, position, hop, was.schemes)
    yield from (Trace("forwarder", by, field, position, hop, was.schemes) for by in was.forwarders)
    yield from (Trace("recipient", to, field, position, hop, was.schemes) for to in was.recipients)
