"""Words after `gateway ticket` in -> one value that says what is wanted out. Does nothing and imports little.

Each class is a command and each field one of its options, so that what can be said and what is done with it cannot part.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

ticket_app = typer.Typer(
    help="One ticket of the desk by hand: all of the StaffAPI page. Names or ids everywhere.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_Config = Annotated[
    Path | None,
    typer.Option("--config", help="Settings as TOML; gateway.toml is read if it is there.", show_default=False),
]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the XML that would be sent, and send nothing.")]
_Json = Annotated[bool, typer.Option("--json", help="Print what happened as one JSON object for each request.")]
_TicketArgument = Annotated[
    str, typer.Argument(help="Its number, or its display id such as ABC-123-45678.", show_default=False)
]
_Words = list[str] | None
_Files = list[Path] | None
_COLOURS = "yellow, purple, blue, green, red, or 1 to 5"
_TIME = "ISO 8601 (2026-03-01T17:00, local time where it names no zone) or Unix time"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTicket:
    """Make a ticket: exactly one.

    Newer desks mail the text of a new ticket to its requester as if staff had written it, and no option prevents that.
    """

    subject: Annotated[str, typer.Option(help="Its subject.", show_default=False)]
    department: Annotated[
        str, typer.Option(help="One the account is assigned to; `Support / Level 2` works too.", show_default=False)
    ]
    status: Annotated[str, typer.Option(help="One that is good in the department.", show_default=False)]
    priority: Annotated[str, typer.Option(help="Such as Normal.", show_default=False)]
    type: Annotated[str, typer.Option(help="One that is good in the department.", show_default=False)]
    text: Annotated[str | None, typer.Option(help="The first post. This or --file is needed.")] = None
    file: Annotated[Path | None, typer.Option(help="A file with the text; - is standard input.")] = None
    email: Annotated[str | None, typer.Option(help="The requester's address. Only --staff can do without.")] = None
    name: Annotated[str | None, typer.Option(help="The requester's full name; the address if left out.")] = None
    user_id: Annotated[int | None, typer.Option(help="The requester is this user of the desk.")] = None
    phone: Annotated[str | None, typer.Option(help="The requester called from this number: a phone ticket.")] = None
    staff: Annotated[
        str | None, typer.Option(help="A staff member opens the ticket: user name, address, full name or id.")
    ] = None
    owner: Annotated[str | None, typer.Option(help="User name, address, full name or id; nobody if left out.")] = None
    queue: Annotated[str | None, typer.Option(help="Address or id of the email queue it belongs to.")] = None
    flag: Annotated[str | None, typer.Option(help="purple, orange, green, yellow, red, blue, or 1 to 6.")] = None
    tags: Annotated[_Words, typer.Option("--tags", help="Parted by commas or blanks; may be repeated.")] = None
    ccto: Annotated[_Words, typer.Option("--ccto", help="An address that gets copies; may be repeated.")] = None
    bccto: Annotated[_Words, typer.Option("--bccto", help="One that gets them unseen; may be repeated.")] = None
    reply_due: Annotated[str | None, typer.Option(help=f"By when staff must answer: {_TIME}.")] = None
    resolution_due: Annotated[str | None, typer.Option(help="By when it must be solved, written alike.")] = None
    watch: Annotated[bool, typer.Option("--watch", help="The account watches the ticket.")] = False
    autoresponder: Annotated[bool, typer.Option("--autoresponder", help="The desk confirms it to the user.")] = False
    attach: Annotated[_Files, typer.Option("--attach", help="A file to attach; may be repeated.")] = None
    note: Annotated[_Words, typer.Option("--note", help="A note beside it, for staff; may be repeated.")] = None
    note_type: Annotated[
        _Words,
        typer.Option("--note-type", help="ticket, user or userorganization; one for all notes, or one for each."),
    ] = None
    note_colour: Annotated[_Words, typer.Option("--note-colour", help=f"{_COLOURS}; likewise.")] = None
    bill: Annotated[
        _Words, typer.Option("--bill", help="Time worked on it, such as 1h30m; may be repeated, as may what follows.")
    ] = None
    billable: Annotated[_Words, typer.Option("--billable", help="Time to be paid; the time worked if left out.")] = None
    bill_text: Annotated[_Words, typer.Option("--bill-text", help="What the time was spent on.")] = None
    work_date: Annotated[_Words, typer.Option("--work-date", help="When the work began; now if left out.")] = None
    bill_date: Annotated[_Words, typer.Option("--bill-date", help="When it was billed; the work date if left out.")] = (
        None
    )
    worker: Annotated[_Words, typer.Option("--worker", help="Who worked; the account if left out.")] = None
    bill_colour: Annotated[_Words, typer.Option("--bill-colour", help=f"{_COLOURS}.")] = None
    dry_run: _DryRun = False
    as_json: _Json = False
    config: _Config = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReplies:
    """Answer as the account. WITHOUT --silent THE DESK MAILS THE REPLY TO THE CUSTOMER, copies and attachments included.

    Of several texts each becomes a reply and a request of its own, those of --text first; files go with the first.
    """

    ticket: _TicketArgument
    text: Annotated[_Words, typer.Option("--text", help="What to say; may be repeated.")] = None
    file: Annotated[_Files, typer.Option("--file", help="A file with the text; - is standard input.")] = None
    attach: Annotated[_Files, typer.Option("--attach", help="A file to attach; may be repeated.")] = None
    silent: Annotated[
        bool, typer.Option("--silent", help="Mail nobody (ignoreemail; not on the page, heeded by newer desks).")
    ] = False
    dry_run: _DryRun = False
    as_json: _Json = False
    config: _Config = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotes:
    """Leave a note: staff see it, customers do not. Of several texts each becomes a note and a request of its own."""

    ticket: _TicketArgument
    text: Annotated[_Words, typer.Option("--text", help="The note; may be repeated.")] = None
    file: Annotated[_Files, typer.Option("--file", help="A file with the text; - is standard input.")] = None
    type: Annotated[
        str, typer.Option(help="Who sees it where: ticket, user (all tickets of the user) or userorganization.")
    ] = "ticket"
    colour: Annotated[str, typer.Option(help=f"{_COLOURS}.")] = "yellow"
    dry_run: _DryRun = False
    as_json: _Json = False
    config: _Config = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBilling:
    """Write down time worked: 1h30m, 45m, 90s; a bare number counts seconds."""

    ticket: _TicketArgument
    worked: Annotated[str, typer.Option(help="Time spent.", show_default=False)]
    billable: Annotated[str | None, typer.Option(help="Time the customer pays for; all of it if left out.")] = None
    text: Annotated[str | None, typer.Option(help="What it was spent on.")] = None
    file: Annotated[Path | None, typer.Option(help="A file with the text; - is standard input.")] = None
    work_date: Annotated[str | None, typer.Option(help=f"When the work began; now if left out. {_TIME}.")] = None
    bill_date: Annotated[str | None, typer.Option(help="When it was billed; the work date if left out.")] = None
    worker: Annotated[
        str | None, typer.Option(help="User name, address, full name or id; the account if left out.")
    ] = None
    colour: Annotated[str, typer.Option(help=f"{_COLOURS}.")] = "yellow"
    dry_run: _DryRun = False
    as_json: _Json = False
    config: _Config = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProperties:
    """Change what a ticket is. What is not named stays; a ticket in Trash comes back by --department."""

    ticket: _TicketArgument
    department: Annotated[str | None, typer.Option(help="Move it there.")] = None
    status: Annotated[str | None, typer.Option(help="One that is good in its department.")] = None
    priority: Annotated[str | None, typer.Option(help="Such as High.")] = None
    type: Annotated[str | None, typer.Option(help="One that is good in its department.")] = None
    owner: Annotated[str | None, typer.Option(help="User name, address, full name or id; none takes it away.")] = None
    flag: Annotated[str | None, typer.Option(help="purple, orange, green, yellow, red, blue; none clears it.")] = None
    tags: Annotated[
        _Words,
        typer.Option("--tags", help="The tags it has from now on. Others are lost, but for the gateway's own (gw-…)."),
    ] = None
    add_tag: Annotated[
        _Words, typer.Option("--add-tag", help="Tags beside those it has, which are read first; may be repeated.")
    ] = None
    ccto: Annotated[_Words, typer.Option("--ccto", help="A further address for copies; none can be taken away.")] = None
    bccto: Annotated[_Words, typer.Option("--bccto", help="Likewise, unseen by the others.")] = None
    reply_due: Annotated[str | None, typer.Option(help=f"{_TIME}; none clears it.")] = None
    resolution_due: Annotated[str | None, typer.Option(help="Written alike; none clears it.")] = None
    watch: Annotated[
        bool | None, typer.Option("--watch/--unwatch", help="Whether the account watches it.", show_default=False)
    ] = None
    dry_run: _DryRun = False
    as_json: _Json = False
    config: _Config = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """Move a ticket to the desk's Trash, from where `gateway ticket set --department` brings it back."""

    ticket: _TicketArgument
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
    dry_run: _DryRun = False
    as_json: _Json = False
    config: _Config = None


#: What a person asked for.
TicketWords = NewTicket | NewReplies | NewNotes | NewBilling | NewProperties | Deletion

for _verb, _command in (
    ("create", NewTicket),
    ("reply", NewReplies),
    ("note", NewNotes),
    ("bill", NewBilling),
    ("set", NewProperties),
    ("delete", Deletion),
):
    ticket_app.command(_verb)(_command)
