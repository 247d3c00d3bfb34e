"""A mail's top header block in, what it says of people, time and way out. Never raises, linear."""

import re
from dataclasses import dataclass
from datetime import datetime

from gateway.mail.addresses import Mailboxes, is_addr_spec, parse_addresses
from gateway.mail.dates import parse_date
from gateway.mail.fields import Block
from gateway.mail.importance import importance_of
from gateway.mail.lists import mailing_list_of
from gateway.mail.message import Address, Header, Importance, MailingList, Trace
from gateway.mail.senders import doubts_about, sender_of
from gateway.mail.traces import original_recipients, read_traces
from gateway.mail.words import decode_words

#: Fields of one name that are read; programs that write two mean both.
_MAX_FIELDS = 10
_HIDDEN_FROM = re.compile(rb"[\r\0\x0b\x0c\x1c-\x1e\x85][ \t]*+from[ \t]*+:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Head:
    """The fields of Message that come from the header block, of the same names."""

    subject: str
    date: datetime | None
    from_: Address | None
    #: Before forwards are looked at.
    sender: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    original_recipients: tuple[str, ...]
    traces: tuple[Trace, ...]
    mailing_list: MailingList | None
    importance: Importance
    headers: tuple[Header, ...]
    ambiguous_sender: bool
    defects: tuple[str, ...]


def read_head(block: Block, beside: str | None = None) -> Head:
    """`beside` is the charset of the mail's text: programs that write raw 8-bit fields write them in the same."""
    defects: list[str] = []
    senders = _mailboxes(block, b"from", defects, beside)
    to = _mailboxes(block, b"to", defects, beside).addresses
    cc = _mailboxes(block, b"cc", defects, beside).addresses
    reply_to = _mailboxes(block, b"reply-to", defects, beside).addresses
    from_ = _first(senders.addresses)
    mailing_list = mailing_list_of(block)
    sender = sender_of(from_, reply_to, (*to, *cc), block, mailing_list)
    defects += doubts_about(from_, (sender, *reply_to))
    traces = read_traces(block)
    return Head(
        subject=decode_words(block.first(b"subject") or b"", beside),
        date=parse_date(decode_words(block.first(b"date") or b"")),
        from_=from_,
        sender=sender,
        to=to,
        cc=cc,
        reply_to=reply_to,
        original_recipients=original_recipients(traces),
        traces=traces,
        mailing_list=mailing_list,
        importance=importance_of(block),
        headers=tuple(
            Header(field.name.decode("utf-8", "replace"), decode_words(field.value, beside)) for field in block.fields
        ),
        ambiguous_sender=(
            len(block.all(b"from")) != 1
            or len(senders.addresses) != 1
            or not senders.exact
            or _is_read_in_two_ways(block)
        ),
        defects=tuple(defects),
    )


def _is_read_in_two_ways(block: Block) -> bool:
    """Whether another reader may see another From: one that stops at a line that is no field, or takes a bare CR or a
    control character for the end of a line.
    """
    return block.is_repaired or any(_HIDDEN_FROM.search(field.value) for field in block.fields)


def _mailboxes(block: Block, name: bytes, defects: list[str], beside: str | None) -> Mailboxes:
    read = [parse_addresses(value, beside) for value in block.all(name)[:_MAX_FIELDS]]
    if any(mailboxes.cut for mailboxes in read):
        defects.append(f"The field {name.decode().title()} holds too many addresses; the rest was not read.")
    addresses = tuple(address for mailboxes in read for address in mailboxes.addresses)
    return Mailboxes(addresses, bool(read) and all(mailboxes.exact for mailboxes in read))


def _first(addresses: tuple[Address, ...]) -> Address | None:
    """The first that mail could be sent to; else the first."""
    return next((each for each in addresses if is_addr_spec(each.address)), addresses[0] if addresses else None)
