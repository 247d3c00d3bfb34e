"""Raw mail and the names of relays whose word counts in, whether the author's domain was authenticated out (RFC 8601).

Nothing is verified here: the relay in front has done that and written it into Authentication-Results. Whether the mail
came from that relay at all is for the caller to know.
"""

from collections.abc import Collection
from typing import Literal

from gateway.mail.authresults import Result, read_results
from gateway.mail.fields import read_block

Authenticated = Literal["pass", "fail", "none"]

#: Fields looked at from the top.
_MOST = 20


def authenticated(raw: bytes, from_address: str, *, authserv_ids: Collection[str]) -> Authenticated:
    """What the topmost Authentication-Results field of a configured authserv-id says about the domain in From.

    Relays put their fields on top of what they receive, so whatever a forger has written lies below; that a relay which
    writes none leaves a forged one in place is why RFC 8601 5 has it remove those that bear its own name. "pass": DMARC
    passed for this domain, or DKIM did for it or the domain above it and DMARC did not fail. "fail": DMARC failed. All
    else, what cannot be read included, is "none". Never raises, linear.
    """
    names = {name.casefold() for name in authserv_ids}
    domain = _domain(from_address)
    if not names or not domain:
        return "none"
    # Values as they stand: decoding encoded words first would let a sender's own address speak as the relay.
    for value in read_block(raw).all(b"authentication-results")[:_MOST]:
        field = read_results(value)
        if field is None:
            return "none"
        if field.authserv_id.casefold() in names:
            return _judge(field.results, domain)
    return "none"


def _judge(results: tuple[Result, ...], domain: str) -> Authenticated:
    passed = False
    for result in results:
        if result.method == "dmarc":
            if result.result == "fail":
                return "fail"
            about = result.all("header.from")
            passed |= result.result == "pass" and len(about) == 1 and _is_below(domain, _domain(about[0]))
        elif result.method == "dkim" and result.result == "pass":
            # "header.i" is an address below "header.d" (RFC 6376 3.5), so it proves no less.
            signers = [_domain(value) for value in result.all("header.d", "header.i")]
            passed |= bool(signers) and all(_is_below(domain, signer) for signer in signers)
    return "pass" if passed else "none"


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip().rstrip(".").casefold()


def _is_below(domain: str, other: str) -> bool:
    """Whether `domain` is `other` or below it; nobody speaks for a whole top-level domain."""
    return domain == other or ("." in other and domain.endswith(f".{other}"))
