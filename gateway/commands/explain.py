"""A mail in, the whole decision for it out: rules tried and hit, the steps, the exact documents. Sends nothing."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

from pydantic import TypeAdapter

from gateway.commands.inspect import read_file
from gateway.delivery.authors import Standing, standing_of
from gateway.delivery.deciding import decide_on, plan_on
from gateway.delivery.facts import gather
from gateway.delivery.names import KEY
from gateway.delivery.plan import Plan, push_for
from gateway.delivery.policy import Policy
from gateway.mail.decode import content_blocks
from gateway.mail.envelope import Envelope
from gateway.mail.message import Message
from gateway.mail.reader import read
from gateway.policy import policy
from gateway.routing.decision import Facts
from gateway.routing.explain import render
from gateway.rulefolder import read_rules
from gateway.settings import Settings
from gateway.spool.engine import sqlite_file
from gateway.spool.spool import Spool
from gateway.staffapi.directory import Department, Directory, Priority, Queue, Staff, Status, Type, UnknownName
from gateway.staffapi.documents import ClientPost, Modify
from gateway.staffapi.wire import to_xml

#: Exit status where a name could not be resolved.
UNRESOLVED = 3
#: Stands for the number of a ticket that a step before makes.
_NOT_YET = 999_999_999
#: Numbers from here on stand for names that no directory resolves.
_FIRST_STAND_IN = 900_000_000


def explain(settings: Settings, path: Path, *, xml: bool, rcpt: Sequence[str], sender: str | None) -> int:
    """Print it; the exit status. Raises ConfigError, SpoolError."""
    try:
        raw = read_file(path)
    except OSError as error:
        print(f"error: {path} cannot be read: {error.strerror}", file=sys.stderr)
        return 1
    message = read(raw)
    envelope = envelope_for(message, rcpt=rcpt, sender=sender)
    # A file has no peer; what it would be worth from the relay in front is what people want to see.
    pushing = replace(policy(settings), relays=lambda _peer: True)
    facts, directory, standing = _what_the_spool_knows(settings, envelope, message, raw, pushing)
    names = StandIns(directory)
    decided = decide_on(read_rules(settings.rules), envelope, message, raw, facts, policy=pushing, standing=standing)
    while True:
        try:
            decision, plan = plan_on(
                decided,
                envelope,
                message,
                raw,
                delivery_id=0,
                directory=names.directory,
                policy=pushing,
                # The marker of a real push is drawn when its plan is made.
                random_bytes=bytes,
                standing=standing,
            )
            break
        except UnknownName as error:
            names.add(error)
    if xml:
        for document in documents(plan, raw) if plan is not None else []:
            sys.stdout.buffer.write(names.restore(document) + b"\n")
    else:
        print(render(decision))
        for step in plan.steps if plan is not None else ():
            print(f"step {step.n}: {step.what}")
    sys.stdout.flush()
    if standing == "staff":
        print("taken as a staff member's: from a peer that is no trusted relay it would not be", file=sys.stderr)
    if decision.action == "follow_up":
        print(
            "the desk is not asked for the ticket as it is now: the status, reply deadline and tags that a follow-up "
            "restores or keeps there are not shown",
            file=sys.stderr,
        )
    if names.names:
        known = "no directory of the desk is known yet" if directory is None else "the desk has no such name"
        print(f"not resolved ({known}): {', '.join(names.names.values())}", file=sys.stderr)
        return UNRESOLVED
    return 0


def documents(plan: Plan, raw: bytes) -> list[bytes]:
    """The XML of every step, as it would be sent to a ticket without tags; posts over the REST API are no XML."""
    pushes = [(push_for(step, _NOT_YET), step.add_tags) for step in plan.steps]
    return [
        to_xml(
            replace(push, tags=tags) if tags and isinstance(push, Modify) else push,
            lambda file: content_blocks(raw, file.span),
        )
        for push, tags in pushes
        if not isinstance(push, ClientPost)
    ]


def envelope_for(message: Message, *, rcpt: Sequence[str], sender: str | None) -> Envelope:
    """An envelope for a mail that came without one."""
    addressed = [*message.original_recipients, *(each.address for each in (*message.to, *message.cc) if each.address)]
    recipients = tuple(rcpt) or tuple(dict.fromkeys(addressed)) or ("postmaster",)
    mail_from = sender if sender is not None else message.from_.address if message.from_ is not None else ""
    return Envelope(mail_from, recipients, "import", "", "", datetime.now(UTC))


def _what_the_spool_knows(
    settings: Settings, envelope: Envelope, message: Message, raw: bytes, pushing: Policy
) -> tuple[Facts, Directory | None, Standing]:
    database = sqlite_file(settings.spool.url)
    if database is not None and not database.exists():
        return Facts(), None, "outsider"
    spool = Spool(settings.spool.url, node=settings.node_name)
    try:
        remembered = spool.recall(KEY)
        directory = TypeAdapter(Directory).validate_json(remembered) if remembered is not None else None
        standing = standing_of(envelope, message, raw, directory or Directory(), pushing)
        return gather(spool, message, staff=standing == "staff"), directory, standing
    finally:
        spool.close()


class StandIns:
    """Entries for names that the desk does not have, or that no directory is there to resolve."""

    def __init__(self, directory: Directory | None) -> None:
        self.directory = directory or Directory()
        #: The number a name got, and the name as the rules write it.
        self.names: dict[int, str] = {}

    def add(self, error: UnknownName) -> None:
        """Make the name resolve. Raises `error` where it still does not."""
        number = error.value if isinstance(error.value, int) else _FIRST_STAND_IN + len(self.names)
        if self.names.get(number) == str(error.value):
            raise error
        self.names[number] = str(error.value)
        now, title = self.directory, str(error.value)
        match error.kind:
            case "department":
                self.directory = replace(now, departments=(*now.departments, Department(number, title, True, 0)))
            case "status":
                self.directory = replace(now, statuses=(*now.statuses, Status(number, title, 0, False)))
            case "type":
                self.directory = replace(now, types=(*now.types, Type(number, title, 0)))
            case "priority":
                self.directory = replace(now, priorities=(*now.priorities, Priority(number, title)))
            case "owner":
                self.directory = replace(now, staff=(*now.staff, Staff(number, title, "", title, ())))
            case "queue":
                self.directory = replace(now, queues=(*now.queues, Queue(number, title, 0)))
            case _:
                raise error

    def restore(self, document: bytes) -> bytes:
        """The document with `{Name}` where a number stands in for it."""
        for number, name in self.names.items():
            shown = f">{{{escape(name)}}}<".encode()
            document = document.replace(f">{number}<".encode(), shown)
        return document
