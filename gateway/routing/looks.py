"""Envelope, message and facts in -> the values a condition looks at, as they stand and folded for comparison."""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import idna

from gateway.mail.envelope import Envelope
from gateway.mail.message import Address, Message
from gateway.routing.decision import Facts

#: Conditions look at this much of a text: a rule must not take longer because somebody sends megabytes of it.
FURTHEST = 1_048_576

Values = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mail:
    """All that a condition may look at. What was looked at once is kept for the next rule."""

    envelope: Envelope
    message: Message
    facts: Facts
    _kept: dict[tuple[str, bool], Values] = field(default_factory=dict)

    def values(self, look: "Look", *, folded: bool) -> Values:
        key = look.name, folded
        if key not in self._kept:
            if folded:
                self._kept[key] = tuple(map(look.fold, self.values(look, folded=False)))
            else:
                self._kept[key] = tuple(map(_clean, look.take(self)))
        return self._kept[key]


@dataclass(frozen=True, slots=True)
class Look:
    """Where a condition looks. `name` is unique: values are kept under it."""

    name: str
    take: Callable[[Mail], Iterable[str]]
    fold: Callable[[str], str]


def _clean(value: str) -> str:
    """A client may send any bytes as an address; the pattern engine takes no lone surrogates."""
    value = value[:FURTHEST]
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def fold_text(text: str) -> str:
    """Equal for people means equal here: any case, and an umlaut as one character or as two (NFC)."""
    return unicodedata.normalize("NFC", text).casefold()


def fold_line(text: str) -> str:
    """As `fold_text`, and white space at the ends does not count."""
    return fold_text(text.strip())


def fold_domain(domain: str) -> str:
    """Lower case A-labels (RFC 5890 2.3.2.1) without the trailing dot; what is no domain is only folded."""
    if not domain.isascii() and len(domain) <= 253:
        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except UnicodeError:
            return fold_line(domain)
    return fold_line(domain).removesuffix(".")


def fold_address(address: str) -> str:
    """RFC 5321 2.4 lets a host tell local parts apart by case; people do not."""
    local, at, domain = address.rpartition("@")
    return f"{fold_line(local)}@{fold_domain(domain)}" if at else fold_line(address)


def domain_of(address: str) -> str:
    """The folded domain of an address, "" where it has none."""
    return fold_domain(address.rpartition("@")[2]) if "@" in address else ""


def within(domain: str, wanted: str) -> bool:
    """Whether `domain` is `wanted` or lies below it; both folded. Only whole labels count."""
    return domain == wanted or domain.endswith("." + wanted)


def addresses(boxes: Iterable[Address | None]) -> Values:
    return tuple(box.address for box in boxes if box is not None)
