"""What a person asked for, names, texts and files -> the documents that do it, one a request. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, assert_never

from gateway.commands.ticket import Deletion, NewBilling, NewNotes, NewProperties, NewReplies, NewTicket, TicketWords
from gateway.commands.ticket_names import Names, NeedsDesk
from gateway.commands.ticket_values import (
    Mistake,
    address_of,
    colour_of,
    duration,
    note_type_of,
    seconds_of,
    spread,
    tags_of,
    ticket_of,
    time_of,
)
from gateway.staffapi.documents import (
    Billing,
    ByAddress,
    ByPhone,
    ByStaff,
    ByUser,
    Create,
    Delete,
    File,
    Modify,
    Note,
    Reply,
    Requester,
)
from gateway.staffapi.outcome import Ticket

#: The answer echoes it, and the one ticket of a request needs no other number.
_OURS = 1


@dataclass(frozen=True, slots=True)
class Request:
    """One POST. `did` says what it does once it is done; `marker` finds it on the desk, "" where repeating is harmless."""

    push: Create | Modify | Delete
    did: str
    marker: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """All that goes into documents besides the words. `ticket` is None where it has not been looked at."""

    names: Names
    texts: Sequence[str]
    files: tuple[File, ...]
    ticket: Ticket | None
    #: Where a new ticket carries its marker.
    carried: Literal["tag", "line"]
    draw_marker: Callable[[], str]


def requests_for(words: TicketWords, material: Material) -> list[Request]:
    """In the order they are to be sent; none where nothing would change.

    Raises Mistake, UnknownName, ValueError (a document's own sentence), and NeedsDesk where more must be known first.
    """
    match words:
        case NewTicket():
            return [_create(words, material)]
        case NewReplies():
            return _replies(words, material)
        case NewNotes():
            return _notes(words, material)
        case NewBilling():
            return [_billing(words, material)]
        case NewProperties():
            return _properties(words, material)
        case Deletion():
            return [Request(Delete(_ticket(words.ticket, material)), "moved to Trash:")]
        case _:
            assert_never(words)


def _create(words: NewTicket, material: Material) -> Request:
    if len(material.texts) != 1:
        raise Mistake("a new ticket has exactly one text; give --text or --file, and add the rest with `ticket reply`")
    names, marker = material.names, material.draw_marker()
    department = names.department(words.department)
    tagged = material.carried == "tag"
    tags = tags_of("--tags", words.tags) if words.tags else ()
    push = Create(
        staffapiid=_OURS,
        subject=words.subject,
        requester=_requester(words, names),
        department_id=department,
        status_id=names.status(words.status, department),
        priority_id=names.priority(words.priority),
        type_id=names.type(words.type, department),
        reply=Reply(material.texts[0] if tagged else _marked(material.texts[0], marker), material.files),
        owner_id=0 if words.owner is None else names.owner(words.owner, department),
        queue_id=0 if words.queue is None else names.queue(words.queue),
        send_autoresponder=words.autoresponder,
        flag=0 if words.flag is None else names.flag(words.flag),
        tags=(*tags, marker) if tagged else tags,
        ccto=_addresses("--ccto", words.ccto),
        bccto=_addresses("--bccto", words.bccto),
        resolution_due=_time("--resolution-due", words.resolution_due),
        reply_due=_time("--reply-due", words.reply_due),
        watch=words.watch,
        notes=_notes_beside(words),
        billing=_billing_beside(words, names),
    )
    return Request(push, "created", marker)


def _requester(words: NewTicket, names: Names) -> Requester:
    if sum(each is not None for each in (words.user_id, words.phone, words.staff)) > 1:
        raise Mistake("--user-id, --phone and --staff each name another requester; give one of them at most")
    email = None if words.email is None else address_of("--email", words.email)
    if words.staff is not None:
        number = names.staff(words.staff)
        if not number:
            raise Mistake("--staff is nobody; name who opens the ticket")
        person = None if email and words.name else names.person(number)
        return ByStaff(
            number, words.name or (person.fullname if person else ""), email or (person.email if person else "")
        )
    if email is None:
        raise Mistake("--email is missing; desks in the field want the requester's address, for calls and users too")
    name = words.name or email
    if words.user_id is not None:
        return ByUser(words.user_id, name, email)
    return ByAddress(name, email) if words.phone is None else ByPhone(name, words.phone, email)


def _notes_beside(words: NewTicket) -> tuple[Note, ...]:
    texts = words.note or []
    types = spread("--note-type", words.note_type, len(texts), "notes")
    colours = spread("--note-colour", words.note_colour, len(texts), "notes")
    return tuple(
        Note(text, note_type_of("--note-type", type_ or "ticket"), colour_of("--note-colour", colour or "yellow"))
        for text, type_, colour in zip(texts, types, colours, strict=True)
    )


def _billing_beside(words: NewTicket, names: Names) -> tuple[Billing, ...]:
    times = words.bill or []
    rows = zip(
        times,
        *(
            spread(option, values, len(times), "times of --bill")
            for option, values in (
                ("--billable", words.billable),
                ("--bill-text", words.bill_text),
                ("--work-date", words.work_date),
                ("--bill-date", words.bill_date),
                ("--worker", words.worker),
                ("--bill-colour", words.bill_colour),
            )
        ),
        strict=True,
    )
    return tuple(
        Billing(
            text or "",
            seconds_of("--bill", worked or ""),
            seconds_of("--billable", billable or worked or ""),
            bill_date=_time("--bill-date", bill_date),
            work_date=_time("--work-date", work_date),
            worker=names.worker(worker),
            colour=colour_of("--bill-colour", colour or "yellow"),
        )
        for worked, billable, text, work_date, bill_date, worker, colour in rows
    )


def _replies(words: NewReplies, material: Material) -> list[Request]:
    if not material.texts:
        raise Mistake("there is nothing to say; give --text or --file")
    ticket = _ticket(words.ticket, material)
    requests: list[Request] = []
    # Desks in the field read the first reply of a request and lose the others.
    for text in material.texts:
        marker = material.draw_marker()
        reply = Reply(_marked(text, marker), () if requests else material.files, ignore_email=words.silent)
        requests.append(Request(Modify(ticket, reply=reply), "replied to", marker))
    return requests


def _notes(words: NewNotes, material: Material) -> list[Request]:
    if not material.texts:
        raise Mistake("there is nothing to note; give --text or --file")
    ticket = _ticket(words.ticket, material)
    requests: list[Request] = []
    for text in material.texts:
        marker = material.draw_marker()
        note = Note(_marked(text, marker), note_type_of("--type", words.type), colour_of("--colour", words.colour))
        requests.append(Request(Modify(ticket, notes=(note,)), "left a note on", marker))
    return requests


def _billing(words: NewBilling, material: Material) -> Request:
    if len(material.texts) > 1:
        raise Mistake("billing has one text; give --text or --file")
    marker = material.draw_marker()
    worked = seconds_of("--worked", words.worked)
    billable = worked if words.billable is None else seconds_of("--billable", words.billable)
    billing = Billing(
        _marked(material.texts[0], marker) if material.texts else f"[{marker}]",
        worked,
        billable,
        bill_date=_time("--bill-date", words.bill_date),
        work_date=_time("--work-date", words.work_date),
        worker=material.names.worker(words.worker),
        colour=colour_of("--colour", words.colour),
    )
    did = f"billed {duration(billable)} of {duration(worked)} worked on"
    return Request(Modify(_ticket(words.ticket, material), billing=(billing,)), did, marker)


def _properties(words: NewProperties, material: Material) -> list[Request]:
    names, now = material.names, material.ticket
    ticket = _ticket(words.ticket, material)
    department = None if words.department is None else names.department(words.department)
    # Status, type and owner must fit where the ticket is, or is moved to.
    there = department if department is not None else now.department_id if now is not None else None
    unchanged = Modify(ticket)
    push = replace(
        unchanged,
        department_id=department,
        status_id=None if words.status is None else names.status(words.status, there),
        priority_id=None if words.priority is None else names.priority(words.priority),
        type_id=None if words.type is None else names.type(words.type, there),
        owner_id=None if words.owner is None else names.owner(words.owner, there),
        flag=None if words.flag is None else names.flag(words.flag),
        tags=_tags(words, now),
        ccto=_addresses("--ccto", words.ccto),
        bccto=_addresses("--bccto", words.bccto),
        resolution_due=_time("--resolution-due", words.resolution_due, may_clear=True),
        reply_due=_time("--reply-due", words.reply_due, may_clear=True),
        watch=words.watch,
    )
    if push != unchanged:
        return [Request(push, "changed")]
    if words.add_tag:
        return []
    raise Mistake("nothing to change is named; give at least one option such as --status Closed")


def _tags(words: NewProperties, now: Ticket | None) -> tuple[str, ...] | None:
    """The whole set to send, since desks replace what is there; None where it stays."""
    if words.tags and words.add_tag:
        raise Mistake("--tags says all the tags there are to be, so --add-tag has nothing to add; give one of them")
    # The gateway finds a ticket of its own by its tag when an answer is lost, perhaps at this very moment.
    own = tuple(tag for tag in now.tags if tag.startswith("gw-")) if now is not None else ()
    if words.tags:
        return tuple(dict.fromkeys((*tags_of("--tags", words.tags), *own)))
    if not words.add_tag:
        return None
    added = tags_of("--add-tag", words.add_tag)
    if now is None:
        raise NeedsDesk
    union = tuple(dict.fromkeys((*now.tags, *added)))
    return None if union == now.tags else union


def _ticket(text: str, material: Material) -> int:
    """Its number, which the page wants; that of a display id is known only from the ticket itself."""
    if material.ticket is not None:
        return material.ticket.id
    named = ticket_of(text)
    if isinstance(named, str):
        raise NeedsDesk
    return named


def _addresses(option: str, texts: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address_of(option, text) for text in texts or ()))


def _time(option: str, text: str | None, *, may_clear: bool = False) -> int | None:
    return None if text is None else time_of(option, text, may_clear=may_clear)


def _marked(text: str, marker: str) -> str:
    return f"{text}\n\n[{marker}]"
