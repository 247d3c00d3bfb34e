"""An envelope sender as forwarders, lists and signers have rewritten it in, whom it stands for out.

Nothing is verified: whoever can send mail can write any of these. The secrets in them are the rewriters' own.
"""

import re
from dataclasses import dataclass

from gateway.mail.addresses import is_addr_spec

#: One scheme can wrap another: a signed address that was forwarded, and forwarded again.
_MOST_LAYERS = 6
_DOMAIN = r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){1,20}"

#: SRS0=hash=day=domain=local, and SRS1=hash=forwarder==hash=day=domain=local for the second forwarding (libspf2's SRS;
#: "+" and "-" may stand for the first "=").
_SRS0 = re.compile(rf"SRS0[=+-][^=]{{1,80}}=[^=]{{1,8}}=(?P<domain>{_DOMAIN})=(?P<local>.+)", re.IGNORECASE)
_SRS1 = re.compile(
    rf"SRS1[=+-][^=]{{1,80}}=(?P<by>{_DOMAIN})=[=+-][^=]{{1,80}}=[^=]{{1,8}}=(?P<domain>{_DOMAIN})=(?P<local>.+)",
    re.IGNORECASE,
)
#: Microsoft 365: mailbox+SRS=hash=day=domain=local, the mailbox being the one that forwards; "bounces+SRS=hash=day" says
#: no more than that it is one of theirs.
_MICROSOFT = re.compile(
    rf"(?P<by>[^+]{{1,64}})\+SRS=[^=]{{1,80}}=[^=]{{1,8}}(?:=(?P<domain>{_DOMAIN})=(?P<local>.+))?", re.IGNORECASE
)
#: Gmail: mailbox+caf_=local=domain, the mailbox that forwards and where to.
_GMAIL = re.compile(rf"(?P<by>[^+]{{1,64}})\+caf_=(?P<local>.+)=(?P<domain>{_DOMAIN})", re.IGNORECASE)
#: BATV (draft-levine-smtp-batv): prvs=KDDDSSSSSS=local; older ones the other way round; Barracuda's and SparkPost's own.
_SIGNED = (
    re.compile(r"prvs=[0-9][0-9a-f]{5,12}=(?P<local>.+)", re.IGNORECASE),
    re.compile(r"prvs=(?P<local>[^/=]+)/[0-9a-f]{6,14}", re.IGNORECASE),
    re.compile(r"btv1==[0-9a-f]{8,16}==(?P<local>.+)", re.IGNORECASE),
    re.compile(r"msprvs1=[^=]{1,60}=(?P<local>.+)", re.IGNORECASE),
)
#: Variable envelope return paths: a list or a bulk mailer writes into its own address whom it sent this copy to.
_VERP = tuple(
    re.compile(form.replace("DOMAIN", rf"(?P<domain>{_DOMAIN})"), re.IGNORECASE)
    for form in (
        # ezmlm; LISTSERV; SendGrid and others with a number of the mail; Mailman, Postfix, Sympa and most others.
        r"(?P<by>.{1,64})-return-[0-9]{1,10}-(?P<local>.+)=DOMAIN",
        r"owner-(?P<by>[^*]{1,64})\*(?P<local>[^*]+)\*\*DOMAIN",
        r"(?P<by>[^+=]{1,64})\+[0-9]{1,12}-[0-9a-z]{1,12}-(?P<local>.+)=DOMAIN",
        r"(?P<by>[^+=]{1,64})\+(?P<local>.+)=DOMAIN",
        r"(?P<by>(?:bounces?|return|errors?|verp|msg|owner)[0-9a-z_.]{0,20})-(?:[0-9a-f_.]{1,40}-){0,4}(?P<local>[^=]+)=DOMAIN",
    )
)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """Whom an envelope sender stands for.

    `address`: the sender before all rewriting, None where only the rewriter knows. `forwarders`: mailboxes or domains
    ("@host") that passed the mail on, the latest first. `recipients`: whom this copy was sent to. `schemes`: of srs0, srs1,
    microsoft-srs, gmail-forward, batv, verp, from the outside in; empty for an address that was not rewritten.
    """

    address: str | None
    forwarders: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()


def decode_sender(address: str) -> Rewritten:
    """What `address`, an RFC 5321 reverse-path without its brackets, was before. Never raises; bounded by 320 characters."""
    address = address.strip().strip("<>")
    forwarders: list[str] = []
    recipients: list[str] = []
    schemes: list[str] = []
    origin: str | None = address
    for _ in range(_MOST_LAYERS):
        if origin is None or not is_addr_spec(origin):
            break
        local, _, domain = origin.rpartition("@")
        if found := _SRS1.fullmatch(local):
            schemes.append("srs1")
            forwarders += f"@{domain}", f"@{found['by']}"
        elif found := _SRS0.fullmatch(local):
            schemes.append("srs0")
            forwarders.append(f"@{domain}")
        elif found := _MICROSOFT.fullmatch(local):
            schemes.append("microsoft-srs")
            forwarders.append(f"{found['by']}@{domain}" if found["domain"] else f"@{domain}")
        elif found := _GMAIL.fullmatch(local):
            schemes.append("gmail-forward")
            forwarders.append(f"{found['by']}@{domain}")
            recipients.append(f"{found['local']}@{found['domain']}")
            origin = None
            break
        elif signed := next((match for form in _SIGNED if (match := form.fullmatch(local))), None):
            schemes.append("batv")
            origin = f"{signed['local']}@{domain}"
            continue
        elif sent := next((match for form in _VERP if (match := form.fullmatch(local))), None):
            schemes.append("verp")
            recipients.append(f"{sent['local']}@{sent['domain']}")
            origin = f"{sent['by']}@{domain}"
            break
        else:
            break
        origin = f"{found['local']}@{found['domain']}" if found["domain"] else None
    return Rewritten(
        origin if origin is None or origin == address or is_addr_spec(origin) else None,
        tuple(dict.fromkeys(forwarders)),
        tuple(each for each in dict.fromkeys(recipients) if is_addr_spec(each)),
        tuple(schemes),
    )
