"""A request and what became of it -> the words a person reads, and the exit status. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, assert_never

from gateway.commands.ticket_pushes import Request
from gateway.staffapi.documents import Create, Delete, File
from gateway.staffapi.outcome import Accepted, Deferred, InDoubt, Outcome, Refused, Ticket, Unseen
from gateway.staffapi.wire import clean_tag

DONE, WRONG, MISTAKEN, TRY_LATER = 0, 1, 2, 75


@dataclass(frozen=True, slots=True)
class Verdict:
    """`happened` is None where nothing did, as far as one can tell; `error` is "" where all is well."""

    status: int
    happened: dict[str, Any] | None = None
    error: str = ""


def verdict_on(request: Request, outcome: Outcome, before: Ticket | None) -> Verdict:
    """`before` is the ticket as it was, None where the request makes it."""
    match outcome:
        case Accepted(receipt):
            shown = receipt.ticket if receipt is not None else before
            number = receipt.ticket_id if receipt is not None else before.id if before is not None else 0
            display_id = (
                (receipt.display_id if receipt is not None else "") or (before.display_id if before else "") or ""
            )
            wrong = list(_differences(request, shown)) if shown is not None else []
            if receipt is not None and receipt.complaint:
                wrong.insert(0, f"the desk did a part of it and said: {receipt.complaint}")
            return Verdict(
                WRONG if wrong else DONE, record(request.did, number, display_id, request.marker), "; ".join(wrong)
            )
        case Deferred(reason):
            return Verdict(TRY_LATER, error=f"{reason}. Nothing was done; try again later")
        case Refused(reason):
            return Verdict(WRONG, error=f"{reason}. Nothing was done")
        case InDoubt(reason):
            return Verdict(WRONG, error=f"{reason}. {in_doubt(request)}")
        case Unseen(reason):
            return Verdict(WRONG, error=f"{reason}. {in_doubt(request)}")
        case _:
            assert_never(outcome)


def record(did: str, ticket: int, display_id: str, marker: str = "") -> dict[str, Any]:
    """What `--json` prints of one request."""
    return {"did": did, "ticket": ticket, "display_id": display_id or None, "marker": marker or None}


def sentence(happened: dict[str, Any]) -> str:
    """As "created ABC-123-45678 (17)"."""
    number, display_id = happened["ticket"], happened["display_id"]
    return f"{happened['did']} {f'{display_id} ({number})' if display_id not in (None, str(number)) else number}"


def in_doubt(request: Request) -> str:
    """What a person has to know where nobody answered, or not to the point."""
    if not request.marker:
        return "It may have been done all the same; doing it again changes nothing more, so try again"
    look = f"on that ticket for [{request.marker}]"
    if isinstance(request.push, Create):
        tagged = request.marker in request.push.tags
        look = f"for a ticket {'tagged' if tagged else 'whose text ends with'} {request.marker}"
    return f"It may have been done all the same: look on the desk {look}, in Trash too, before you try again"


def _differences(request: Request, shown: Ticket) -> Iterator[str]:
    """What the desk shows otherwise than it was asked for; desks drop in silence what they do not like."""
    push = request.push
    if isinstance(push, Delete):
        return
    for what, asked, got in (
        ("department", push.department_id, shown.department_id),
        ("status", push.status_id, shown.status_id),
        ("priority", push.priority_id, shown.priority_id),
        ("type", push.type_id, shown.type_id),
        ("owner", push.owner_id, shown.owner_id),
        ("flag", push.flag, shown.flag),
    ):
        if asked is not None and got is not None and asked != got:
            yield f"the desk was asked for {what} {asked} and shows {got}"
    # Without a subject the answer holds none of the ticket's properties.
    lost = (
        [tag for tag in map(clean_tag, push.tags or ()) if tag not in shown.tags] if shown.subject is not None else []
    )
    if lost:
        yield f"the desk does not show the tags {', '.join(lost)}"
    files = push.reply.files if push.reply is not None else ()
    if files and shown.text is not None:
        yield from _lost_files(files, shown)
    elif files and isinstance(push, Create) and shown.has_attachments is False:
        yield "the desk shows no attachments"


def _lost_files(files: tuple[File, ...], shown: Ticket) -> Iterator[str]:
    stored = {(file.filename, file.size) for file in shown.attachments}
    # Of some the desk does not tell the size.
    lost = [file.filename for file in files if not stored & {(file.filename, file.size), (file.filename, None)}]
    if lost:
        yield f"the desk does not show the attachments {', '.join(lost)}"
