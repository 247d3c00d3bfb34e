"""Settings and what a person asked for -> done on the desk, or shown as XML; the exit status."""

import asyncio
import json
import secrets
import sys
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from gateway.app import problems
from gateway.commands.ticket import Deletion, NewBilling, NewNotes, NewReplies, NewTicket, TicketWords
from gateway.commands.ticket_answers import DONE, MISTAKEN, TRY_LATER, WRONG, in_doubt, record, sentence, verdict_on
from gateway.commands.ticket_names import AnyName, Names, NeedsDesk
from gateway.commands.ticket_pushes import Material, Request, requests_for
from gateway.commands.ticket_texts import Attached, read_texts
from gateway.commands.ticket_values import Mistake, ticket_of
from gateway.delivery.names import DIRECTORY, KEY
from gateway.delivery.plan import marker_from
from gateway.policy import desk_of
from gateway.problems import ConfigError, GatewayError
from gateway.routing.explain import printable
from gateway.settings import Settings, variable
from gateway.spool.engine import sqlite_file
from gateway.spool.errors import SpoolError
from gateway.spool.spool import Spool
from gateway.staffapi.client import Desk, DeskUnavailable
from gateway.staffapi.directory import Directory, UnknownName
from gateway.staffapi.outcome import Ticket
from gateway.staffapi.wire import Document, prepare

#: As long as desks make a session id, for the size of a request.
_SESSION = "0" * 100


def run(settings: Settings, words: TicketWords) -> int:
    """Do it, or show it; the exit status. Raises ConfigError, GatewayError."""
    try:
        job = _Job.read(settings, words)
        return _show(job) if words.dry_run else _carry_out(job)
    except (Mistake, UnknownName) as error:
        return _complain(str(error), MISTAKEN)
    except DeskUnavailable as error:
        return _complain(f"{error}. Nothing was sent; try again later", TRY_LATER)


@dataclass(frozen=True, slots=True)
class _Job:
    settings: Settings
    words: TicketWords
    texts: list[str]
    attached: Attached

    @classmethod
    def read(cls, settings: Settings, words: TicketWords) -> "_Job":
        """With its texts and files. Raises Mistake, for all that is wrong whatever the desk may know."""
        texts: list[str] = []
        match words:
            case NewReplies() | NewNotes():
                texts = read_texts(words.text or [], words.file or [], longest=settings.desk.max_post)
            case NewTicket() | NewBilling():
                given = [] if words.text is None else [words.text]
                files = [] if words.file is None else [words.file]
                texts = read_texts(given, files, longest=settings.desk.max_post)
            case _:
                pass
        paths = (words.attach or []) if isinstance(words, NewTicket | NewReplies) else []
        job = cls(settings, words, texts, Attached(paths, largest=settings.desk.max_file))
        # The ticket it speaks of may have any tags, and every name may be known.
        job.requests(AnyName(None, settings.desk.username), None if job.ticket is None else Ticket(1))
        return job

    @property
    def ticket(self) -> int | str | None:
        """The one that is there already; None where one is to be made. Raises Mistake."""
        return None if isinstance(self.words, NewTicket) else ticket_of(self.words.ticket)

    def requests(self, names: Names, ticket: Ticket | None) -> list[Request]:
        """Raises Mistake, UnknownName, NeedsDesk."""
        material = Material(
            names,
            self.texts,
            self.attached.files,
            ticket,
            carried=self.settings.desk.marker,
            # What is only shown is the same each time.
            draw_marker=lambda: marker_from(bytes if self.words.dry_run else secrets.token_bytes),
        )
        try:
            return requests_for(self.words, material)
        except ValueError as error:
            raise Mistake(str(error)) from None

    def documents(self, requests: list[Request]) -> list[Document]:
        """What would be sent, proven to be fit for it. Raises Mistake."""
        try:
            documents = [
                prepare(request.push, self.attached.open_file, tags=self.settings.desk.tags) for request in requests
            ]
        except (ValueError, OSError) as error:
            raise Mistake(f"this cannot be sent: {error}") from None
        largest = max((document.body(_SESSION).length for document in documents), default=0)
        if largest > self.settings.desk.max_post:
            raise Mistake(
                f"this takes {largest} bytes in one request, and the desk takes {self.settings.desk.max_post} "
                "(GATEWAY_DESK__MAX_POST); send some of the files by a further `gateway ticket reply`"
            )
        return documents


def _show(job: _Job) -> int:
    """The documents, one a request, on standard output."""
    try:
        requests = job.requests(Names(_remembered(job.settings), job.settings.desk.username), None)
    except NeedsDesk:
        desk = _desk(job.settings)
        with asyncio.Runner() as runner:
            try:
                requests, _ = runner.run(_ask(desk, job))
            finally:
                runner.run(desk.aclose())
    for document in job.documents(requests):
        sys.stdout.buffer.write(document.xml() + b"\n")
    sys.stdout.flush()
    return DONE


def _carry_out(job: _Job) -> int:
    words, desk = job.words, _desk(job.settings)
    # Between the questions and the push a person may be asked, and must be able to say no by Ctrl-C.
    with asyncio.Runner() as runner:
        try:
            requests, ticket = runner.run(_ask(desk, job))
            job.documents(requests)
            if ticket is not None and not requests:
                return _tell(job, record("nothing to change on", ticket.id, ticket.display_id or ""))
            if ticket is not None and isinstance(words, Deletion):
                if ticket.department_id == 0:
                    return _tell(job, record("in Trash already:", ticket.id, ticket.display_id or ""))
                if not words.yes and not _confirmed(ticket):
                    return _complain("nothing was done", WRONG)
            return runner.run(_push(desk, job, requests, ticket))
        finally:
            runner.run(desk.aclose())


async def _ask(desk: Desk, job: _Job) -> tuple[list[Request], Ticket | None]:
    """What is to be sent, with all names resolved, and the ticket as it is now. Raises DeskUnavailable too."""
    try:
        directory = await desk.directory()
    except DeskUnavailable:
        if desk.login_refused:
            # Trying again would lock the account.
            raise GatewayError(f"{desk.login_refused}. Nothing was sent") from None
        raise
    ticket = None
    if job.ticket is not None:
        ticket = await desk.ticket(job.ticket, directory.assigned)
        if ticket is None:
            raise GatewayError(
                f"the desk shows no ticket {job.ticket}: either there is none, or it is in a department that the account "
                f"is not assigned to; check the number, and the departments of {job.settings.desk.username}"
            )
    return job.requests(Names(directory, job.settings.desk.username), ticket), ticket


async def _push(desk: Desk, job: _Job, requests: list[Request], ticket: Ticket | None) -> int:
    """Send one after the other; what fails keeps the others back."""
    worst = DONE
    for number, request in enumerate(requests):
        try:
            outcome = await desk.push(request.push, job.attached.open_file)
        except asyncio.CancelledError:
            _complain(f"interrupted. {in_doubt(request)}", WRONG)
            raise
        except OSError as error:
            return _complain(f"a file cannot be read any more ({error.strerror}). Nothing was done", WRONG)
        verdict = verdict_on(request, outcome, ticket)
        if verdict.happened is not None:
            _tell(job, verdict.happened)
        if verdict.error:
            _complain(verdict.error, verdict.status)
            worst = verdict.status
        if verdict.happened is None:
            if number:
                # The same words again would repeat what is there.
                rest = f"the first {number} of {len(requests)} texts are on the ticket; send only the others again"
                return _complain(rest, WRONG)
            return worst
    if isinstance(job.words, Deletion) and ticket is not None:
        return await _look_into_trash(desk, ticket)
    return worst


async def _look_into_trash(desk: Desk, ticket: Ticket) -> int:
    """Desks say yes to a delete whatever they did."""
    try:
        now = await desk.ticket(ticket.id, ())
    except DeskUnavailable as error:
        return _complain(f"the desk said yes and was not seen to do it: {error}", WRONG)
    if now is None or now.department_id not in (0, None):
        return _complain(f"the desk said yes, and ticket {ticket.id} is not in Trash; may the account delete?", WRONG)
    return DONE


def _desk(settings: Settings) -> Desk:
    """Raises ConfigError where settings do not say how to get there."""
    wrong = [problem for problem in problems(settings) if problem.path.startswith(variable(("desk",)))]
    if wrong:
        raise ConfigError(wrong)
    return desk_of(settings, concurrency=1)


def _remembered(settings: Settings) -> Directory | None:
    """The directory that the gateway keeps in its spool, if there is one."""
    database = sqlite_file(settings.spool.url)
    if database is not None and not database.exists():
        return None
    try:
        spool = Spool(settings.spool.url, node=settings.node_name)
        try:
            remembered = spool.recall(KEY)
        finally:
            spool.close()
        return None if remembered is None else DIRECTORY.validate_json(remembered)
    except (SpoolError, ValidationError):
        return None  # then the desk is asked


def _confirmed(ticket: Ticket) -> bool:
    subject = f" {printable(ticket.subject)!r}" if ticket.subject else ""
    print(f"Move {ticket.display_id or ticket.id}{subject} to Trash? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _tell(job: _Job, happened: dict[str, Any]) -> int:
    print(json.dumps(happened) if job.words.as_json else printable(sentence(happened)), flush=True)
    return DONE


def _complain(text: str, status: int) -> int:
    print(f"error: {printable(text)}", file=sys.stderr)
    return status
