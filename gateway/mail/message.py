"""What a mail says, described and never refused: broken mail has `defects`, not exceptions."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Importance = Literal["high", "normal", "low"]
Kind = Literal["ordinary", "auto_reply", "bounce", "feedback", "list"]
#: RFC 8551, RFC 3156. What is signed was not checked, what is encrypted was not opened.
Protection = Literal["smime-signed", "smime-encrypted", "pgp-signed", "pgp-encrypted"]
#: How the bytes of a part are written in the mail, RFC 2045 6; "identity" stands for 7bit, 8bit and binary.
Encoding = Literal["identity", "base64", "quoted-printable", "uuencode"]


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox, RFC 5322 3.4. `name` is decoded and may be ""; `address` is the addr-spec as written, may be ""."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Header:
    """One header field, RFC 5322 2.2. `name` as written; `value` unfolded, with encoded words decoded."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Span:
    """Where a part's content lies in the raw mail: `length` bytes from `offset`, written in `encoding`."""

    offset: int
    length: int
    encoding: Encoding
    #: Offset and length within the decoded content, for a file inside a winmail.dat; None for the whole.
    inner: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A leaf of the mail that is not its chosen text or HTML body, inline images included.

    Nothing is copied: `span` says where the bytes are, `size`, `sha256` and `md5` speak of the decoded content.
    """

    #: The decoded name as it stands in the mail, or "".
    filename: str
    #: Lower case type/subtype, RFC 2045 5; "application/octet-stream" where the mail gives none that parses.
    content_type: str
    size: int
    #: Hexadecimal, lower case.
    sha256: str
    #: Hexadecimal, lower case.
    md5: str
    inline: bool
    #: Without angle brackets.
    content_id: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class BounceRecipient:
    """One recipient of a delivery status notification, RFC 3464 2.3."""

    address: str | None
    #: Enhanced status code such as "5.1.1" (RFC 3463), or "".
    status: str
    action: str | None
    #: Whether the address itself is to blame for good: unknown user or host. What is full or blocked may not stay so.
    permanent: bool
    diagnostic: str
    #: A word of `bounce_reasons`, such as "mailbox_full", or "".
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Bounce:
    recipients: tuple[BounceRecipient, ...]
    #: Message-ID of the mail that came back, without angle brackets.
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The mail inside a forwarded mail, as far as its text shows it."""

    from_: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str | None
    date: str | None
    text: str
    #: What the forwarder wrote above it.
    comment: str | None


@dataclass(frozen=True, slots=True)
class Trace:
    """One address that a relay wrote into the header block on the mail's way. None is proven: who sends a mail can write
    all that lies below the fields of the first relay that is trusted, which `hop` tells.
    """

    #: "recipient": whom the mail was once for; "list": a mailing list it went through; "forwarder": who passed it on by hand
    #: (Resent-*) or by rewriting its envelope ("@host" where only the host is known); "sender": an envelope sender.
    kind: Literal["recipient", "list", "forwarder", "sender"]
    address: str
    #: The field's name in lower case.
    field: str
    #: The field's place among all fields, 0 on top.
    position: int
    #: How many Received fields lie above it. The relay nearest to us wrote those of hop 0; it has found the others in the mail.
    hop: int
    #: How an envelope sender was rewritten, from the outside in: srs0, srs1, microsoft-srs, gmail-forward, batv, verp.
    schemes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MailingList:
    """What the fields of RFC 2369, RFC 2919 and RFC 8058 and their forerunners say."""

    #: RFC 2919 list identifier in lower case without its brackets, or "".
    id: str
    name: str
    #: Where one writes to the list, lower case.
    addresses: tuple[str, ...]
    #: URIs of the schemes https, http and mailto.
    unsubscribe: tuple[str, ...]
    one_click: bool


#: Where a ticket is named: "[#…]", "[!…]" or "[~…]" in the subject, a recipient's address, a Message-ID it answers.
MentionSource = Literal["subject", "alert", "third_party", "address", "message_id"]


@dataclass(frozen=True, slots=True)
class Mention:
    """A ticket that the mail names: a display id such as "ABC-123-45678" in capitals, or a number."""

    ticket: str
    source: MentionSource


@dataclass(frozen=True, slots=True)
class Message:
    """One mail as read. Every text is str without lone surrogates; every tuple is in the order of the mail."""

    subject: str = ""
    #: RFC 5322 3.6.4, without angle brackets, or None where there is none worth the name.
    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    #: Aware, with the zone of the mail.
    date: datetime | None = None
    from_: Address | None = None
    #: Whom the content claims to come from, after Reply-To and forwards.
    sender: Address | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    original_recipients: tuple[str, ...] = ()
    importance: Importance = "normal"
    #: The whole body as plain text, lines ended by LF.
    text: str = ""
    #: The chosen HTML body as it stands in the mail. Never rendered, never sent to the desk.
    html: str | None = None
    #: What the writer wrote; `quoted_text` is all the rest: quotes, attribution lines, signature.
    reply_text: str = ""
    quoted_text: str = ""
    attachments: tuple[Attachment, ...] = ()
    kind: Kind = "ordinary"
    may_autorespond: bool = True
    bounce: Bounce | None = None
    forwarded: Forwarded | None = None
    #: Tickets that the mail names, such as "ABC-123-45678" or "12345"; `mentions` says where.
    ticket_mentions: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()
    defects: tuple[str, ...] = ()
    #: All fields of the top header block, in order.
    headers: tuple[Header, ...] = field(default=())
    #: Set where the sender cannot be named for certain: no From, several, or one that does not parse.
    ambiguous_sender: bool = False
    #: In the order of the mail: what was written last stands first.
    traces: tuple[Trace, ...] = ()
    mailing_list: MailingList | None = None
    protection: Protection | None = None
