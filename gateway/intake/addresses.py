"""Path of a MAIL or RCPT command in, mailbox out, and whether it is one we serve (RFC 5321 4.1.2, RFC 6531 3.3)."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from gateway.problems import GatewayError

#: Octets, RFC 5321 4.5.3.1; a path's 256 include its angle brackets.
_LONGEST_LOCAL, _LONGEST_DOMAIN, _LONGEST_MAILBOX = 64, 255, 254
# Printable characters beyond ASCII are letters to us, RFC 6531 3.3; `_split` has sent the others away.
_ATEXT = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-"
_DOT_STRING = re.compile(rf"[{_ATEXT}]+(?:\.[{_ATEXT}]+)*")
# Large providers have given out addresses such as "a..b@": a sender's dots may stand anywhere.
_LOOSE_DOT_STRING = re.compile(rf"[.{_ATEXT}]+")
_QUOTED = re.compile(r'"(?:[ !#-\[\]-~\x80-\U0010ffff]|\\[ -~])*"')
# "_" belongs in no host name, and yet many machines that send have one. The three signs that IDNA takes for a dot do
# not stand for one here: a domain is compared label by label, as written.
_LABEL = r"(?:[A-Za-z0-9_-]|[^\x00-\x7f。．｡])+"
_DOMAIN = re.compile(rf"(?!-){_LABEL}(?<!-)(?:\.(?!-){_LABEL}(?<!-))*")
_LITERAL = re.compile(r"\[(?:IPv6:)?[0-9A-Fa-f.:]+\]")


class BadPath(ValueError):
    """No mailbox in the sense of RFC 5321."""


class Relaying(BadPath):
    """A path that asks us to pass the mail on: a source route, the "%" hack, a bang path, an "@" in quotes."""


class BadRecipient(GatewayError, ValueError):
    """A setting that names no address and no domain."""


def reverse_path(path: str, *, utf8: bool) -> str:
    """The mailbox in the path of MAIL, given without angle brackets; "" is the null sender. Raises BadPath."""
    if not path:
        return ""
    local, domain = _split(path, utf8=utf8)
    if not (_LOOSE_DOT_STRING.fullmatch(local) or _QUOTED.fullmatch(local)):
        raise BadPath("the part before @ is not well formed")
    if not (_DOMAIN.fullmatch(domain) or _LITERAL.fullmatch(domain)):
        raise BadPath("the part after @ is not a domain")
    return path


def forward_path(path: str, *, utf8: bool) -> str:
    """The mailbox in the path of RCPT, given without angle brackets. Raises BadPath, or Relaying."""
    if path.lower() == "postmaster":
        return path
    if path.startswith("@") or "@" in path.rpartition("@")[0]:
        raise Relaying("source routes and nested addresses are not taken")
    local, domain = _split(path, utf8=utf8)
    if "%" in local or "!" in local:
        raise Relaying("addresses that name a further host are not taken")
    if not _DOT_STRING.fullmatch(_unquoted(local)):
        raise BadPath("the part before @ is not well formed")
    if _LITERAL.fullmatch(domain):
        raise Relaying("addresses at an IP address are not taken")
    if not _DOMAIN.fullmatch(domain):
        raise BadPath("the part after @ is not a domain")
    return path


def _split(path: str, *, utf8: bool) -> tuple[str, str]:
    if not (path.isascii() or utf8):
        raise BadPath("characters beyond ASCII need SMTPUTF8")
    # Printable keeps NUL and other controls, line breaks, bidi marks and lone surrogates out; U+FFFD stands for bytes
    # that were no UTF-8.
    if not path.isprintable() or "\ufffd" in path:
        raise BadPath("the address holds control characters or is not UTF-8")
    local, at, domain = path.rpartition("@")
    if not at:
        raise BadPath("the address has no @")
    sizes = (len(part.encode()) for part in (local, domain, path))
    if any(size > most for size, most in zip(sizes, (_LONGEST_LOCAL, _LONGEST_DOMAIN, _LONGEST_MAILBOX), strict=True)):
        raise BadPath("the address is too long")
    return local, domain


@dataclass(frozen=True, slots=True)
class Recipients:
    """Whose mail is taken. Case does not matter, and `support+anything@` is served where `support@` is."""

    #: (local part, domain), both as `_same_local` and `_same_domain` make them.
    mailboxes: frozenset[tuple[str, str]] = frozenset()
    #: Domains of which every address is served.
    domains: frozenset[str] = frozenset()
    everybody: bool = False

    @classmethod
    def parse(cls, spec: Sequence[str]) -> Self:
        """From addresses ("support@desk.example"), domains ("desk.example" or "@desk.example") and "*" for any.

        Raises BadRecipient on the first item that is none of these.
        """
        mailboxes, domains, everybody = set(), set(), False
        for item in map(str.strip, spec):
            local, _, domain = item.rpartition("@")
            if item == "*":
                everybody = True
                continue
            try:
                forward_path(f"{local or 'postmaster'}@{domain}", utf8=True)
            except BadPath as error:
                raise BadRecipient(
                    f"`{item}` is neither an address nor a domain ({error}); "
                    "write support@desk.example, desk.example, or * for every recipient"
                ) from None
            if local:
                mailboxes.add((_same_local(local), _same_domain(domain)))
            else:
                domains.add(_same_domain(domain))
        return cls(frozenset(mailboxes), frozenset(domains), everybody)

    def serves(self, address: str) -> bool:
        """Whether mail for `address`, as `forward_path` gives it, is taken."""
        local, at, domain = address.rpartition("@")
        if self.everybody:
            return True
        if not at:
            return address.lower() == "postmaster"
        local, domain = _same_local(local), _same_domain(domain)
        if domain in self.domains or (local, domain) in self.mailboxes:
            return True
        if local == "postmaster":  # RFC 5321 4.5.1
            return any(domain == served for _, served in self.mailboxes)
        base, plus, _ = local.partition("+")
        return bool(base and plus) and (base, domain) in self.mailboxes


def _unquoted(local: str) -> str:
    # Quotes say how a name is written, not what it is: "support"@ is support@, RFC 5321 4.1.2.
    return re.sub(r"\\(.)", r"\1", local[1:-1]) if _QUOTED.fullmatch(local) else local


def _same_local(local: str) -> str:
    return unicodedata.normalize("NFC", _unquoted(local)).casefold()


def _same_domain(domain: str) -> str:
    try:
        return domain.lower() if domain.isascii() else domain.encode("idna").decode().lower()
    except UnicodeError:
        return domain.casefold()
