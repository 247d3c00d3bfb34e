"""Decision in, Plan out: the StaffAPI documents that carry one mail to the desk, one a step. Pure.

A plan is made once and stored; from then on it is the truth, whatever the rules say by then.
"""

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from xml.sax.saxutils import escape

import pybase64
from pydantic import TypeAdapter

from gateway.delivery.words import (
    attribution,
    body_text,
    claim_note,
    left_out_note,
    more_files,
    requester_of,
    taking_part,
)
from gateway.mail.decode import content
from gateway.mail.envelope import Envelope
from gateway.mail.message import Attachment, Message, Span
from gateway.mail.names import safe_filename
from gateway.routing.decision import Decision, FollowUp, NameOrId, ReplyFields, TicketRef
from gateway.staffapi.directory import Directory
from gateway.staffapi.documents import ByAddress, Create, File, Modify, Note, Push, Reply
from gateway.staffapi.wire import percent_encode, xml_safe

#: Stands in a step for the ticket that an earlier step of the plan makes.
THE_TICKET = "the-ticket"
#: Characters of a text beyond which the mail goes along whole, as a file.
LONGEST_TEXT = 500_000

#: Bytes in a form body for all but text and files, and for a file's name and digest.
_AROUND, _BESIDE_FILE = 16_384, 2_600

What = Literal["create", "reply", "note", "properties"]


@dataclass(frozen=True, slots=True)
class Step:
    """One POST. `marker` is what a lost answer is looked up by; "" where sending twice changes nothing."""

    n: int
    what: What
    push: Push
    marker: str


@dataclass(frozen=True, slots=True)
class Plan:
    steps: tuple[Step, ...]
    #: Addresses that may write to the ticket from now on.
    participants: tuple[str, ...]
    #: The ticket it joins; None where it makes one.
    joins: TicketRef | None = None


PLAN = TypeAdapter(Plan)


@dataclass(frozen=True, slots=True)
class Policy:
    """What settings say about pushing."""

    follow_up: FollowUp = "reply"
    marker: Literal["tag", "line"] = "tag"
    #: Bytes of the largest file the desk takes.
    max_file: int = 7_000_000
    #: Bytes of the largest POST the desk takes.
    max_post: int = 8_000_000
    #: Whether an address is one of the gateway's own, which takes part in no ticket: anybody may write it into From.
    served: Callable[[str], bool] = lambda _address: False


def marker_from(random_bytes: Callable[[int], bytes]) -> str:
    """`gw-` and 80 random bits: only characters that a desk keeps in a tag and finds again."""
    return "gw-" + base64.b32encode(random_bytes(10)).decode().lower()


def make_plan(
    decision: Decision,
    envelope: Envelope,
    message: Message,
    raw: bytes,
    *,
    delivery_id: int,
    directory: Directory,
    policy: Policy,
    random_bytes: Callable[[int], bytes],
) -> Plan:
    """The steps for a decision to create or to follow up.

    `raw` is the mail itself, for the digests of a whole mail sent along. Raises UnknownName where the desk has no such
    department, status, … .
    """
    text = body_text(message)
    files = [*_files(message.attachments)]
    kept = _as_long_as(text, policy.max_post // 2)
    if len(kept) < len(text):
        files.append(whole_mail(raw))
        text = kept + "\n\n[The text goes on. The whole mail is attached as mail.eml.]"
    maker = _Maker(decision, envelope, message, text, raw, delivery_id, directory, policy, random_bytes)
    follows = decision.action == "follow_up"
    steps = maker.follow_up(files, decision.fields.follow_up or policy.follow_up) if follows else maker.create(files)
    joins = decision.thread.ticket if follows and decision.thread is not None else None
    return Plan(tuple(steps), taking_part(message, envelope, policy.served), joins)


def whole_mail(raw: bytes) -> File:
    """The mail as it arrived, as a file."""
    digests = hashlib.md5(raw, usedforsecurity=False).hexdigest(), hashlib.sha256(raw).hexdigest()
    return File("mail.eml", len(raw), *digests, Span(0, len(raw), "identity"))


def push_for(step: Step, ticket_id: int | None) -> Push:
    """The document of a step, with the number of the ticket that the plan has made or found so far."""
    if isinstance(step.push, Modify) and step.push.ticket == THE_TICKET:
        if ticket_id is None:
            raise ValueError(f"step {step.n} needs the ticket of an earlier step, and none has made one")
        return replace(step.push, ticket=ticket_id)
    return step.push


@dataclass(frozen=True, slots=True)
class _Maker:
    decision: Decision
    envelope: Envelope
    message: Message
    text: str
    raw: bytes
    delivery_id: int
    directory: Directory
    policy: Policy
    random_bytes: Callable[[int], bytes]

    def create(self, files: Sequence[File]) -> list[Step]:
        wanted = self.decision.fields.create
        if wanted.department is None or wanted.status is None or wanted.priority is None or wanted.type is None:
            raise ValueError("a decision to create names department, status, priority and type")
        fullname, email = requester_of(self.message, self.envelope, self.decision.fields.requester)
        marker = marker_from(self.random_bytes)
        groups, left_out = self._fit(files, self.text)
        notes = [Note(note.text, note.type, note.colour) for note in self.decision.fields.notes]
        if self.decision.claimed is not None:
            notes.append(Note(claim_note(self.decision.claimed, email)))
        if left_out:
            notes.append(Note(left_out_note(left_out, self.delivery_id)))
        department = self.directory.department_id(wanted.department)
        tagged = self.policy.marker == "tag"
        push = Create(
            staffapiid=int.from_bytes(hashlib.sha256(marker.encode()).digest()[:4], "big") // 2 + 1,
            subject=self.message.subject.strip() or "(no subject)",
            requester=ByAddress(fullname, email),
            department_id=department,
            status_id=self.directory.status_id(wanted.status, department),
            priority_id=self.directory.priority_id(wanted.priority),
            type_id=self.directory.type_id(wanted.type, department),
            reply=Reply(self.text if tagged else f"{self.text}\n\n[{marker}]", groups[0]),
            owner_id=0 if wanted.owner is None else self.directory.owner_id(wanted.owner),
            queue_id=0 if wanted.queue is None else self.directory.queue_id(wanted.queue),
            send_autoresponder=self.decision.fields.autoresponder and self.message.may_autorespond,
            flag=0 if wanted.flag is None else self.directory.flag(wanted.flag),
            tags=(*wanted.tags, marker) if tagged else wanted.tags,
            ccto=wanted.ccto,
            bccto=wanted.bccto,
            notes=tuple(notes),
        )
        return [Step(1, "create", push, marker), *self._rest(groups[1:], THE_TICKET, 2)]

    def follow_up(self, files: Sequence[File], mode: FollowUp) -> list[Step]:
        if self.decision.thread is None:
            raise ValueError("a decision to follow up names the thread")
        ticket = self.decision.thread.ticket.ticket_id
        marker = marker_from(self.random_bytes)
        fullname, email = requester_of(self.message, self.envelope, "from")
        text = f"{attribution(fullname, email, marker)}\n\n{self.text}"
        groups, left_out = self._fit(files, text)
        steps: list[Step] = []
        if mode == "note":
            # Notes carry no files: those follow in posts of their own.
            steps.append(Step(1, "note", Modify(ticket, notes=(Note(text),)), marker))
            steps += self._rest(groups if groups[0] else groups[1:], ticket, 2)
        else:
            steps.append(Step(1, "reply", Modify(ticket, reply=Reply(text, groups[0], ignore_email=True)), marker))
            steps += self._rest(groups[1:], ticket, 2)
        notes = [Note(note.text, note.type, note.colour) for note in self.decision.fields.notes]
        if left_out:
            notes.append(Note(left_out_note(left_out, self.delivery_id)))
        for note in notes:
            marker = marker_from(self.random_bytes)
            marked = replace(note, text=f"{note.text}\n[{marker}]")
            steps.append(Step(len(steps) + 1, "note", Modify(ticket, notes=(marked,)), marker))
        if (properties := self._properties(ticket, self.decision.fields.on_reply)) is not None:
            # Last and alone: a desk that refuses a property has by then done all before it, and mailed it.
            steps.append(Step(len(steps) + 1, "properties", properties, ""))
        return steps

    def _properties(self, ticket: int, wanted: ReplyFields) -> Modify | None:
        if wanted == ReplyFields():
            return None

        def resolved(resolve: Callable[[NameOrId], int], name: NameOrId | None) -> int | None:
            return None if name is None else resolve(name)

        return Modify(
            ticket,
            department_id=resolved(self.directory.department_id, wanted.department),
            status_id=resolved(self.directory.status_id, wanted.status),
            priority_id=resolved(self.directory.priority_id, wanted.priority),
            type_id=resolved(self.directory.type_id, wanted.type),
            owner_id=resolved(self.directory.owner_id, wanted.owner),
            flag=resolved(self.directory.flag, wanted.flag),
        )

    def _rest(self, groups: Sequence[tuple[File, ...]], ticket: int | str, first: int) -> list[Step]:
        steps = []
        for n, group in enumerate(groups, first):
            marker = marker_from(self.random_bytes)
            reply = Reply(more_files(group, marker), group, ignore_email=True)
            steps.append(Step(n, "reply", Modify(ticket, reply=reply), marker))
        return steps

    def _fit(self, files: Sequence[File], text: str) -> tuple[list[tuple[File, ...]], list[File]]:
        """Files grouped by what one POST can carry, the first group beside `text`; and those that no POST can."""
        room = self.policy.max_post - _AROUND
        groups: list[list[File]] = [[]]
        left = room - _form_size(text)
        # Bytes that base64 writes as "/" or "+" take three times the room: a white picture is mostly those. Only where
        # even that might not fit is it worth counting them.
        exact = sum(4 * file.size + _BESIDE_FILE for file in files) > left
        left_out = []
        for file in files:
            if file.size > self.policy.max_file:
                left_out.append(file)
                continue
            cost = _BESIDE_FILE + (_file_size(content(self.raw, file.span)) if exact else 4 * file.size)
            if cost > room:
                left_out.append(file)
                continue
            if cost > left:
                groups.append([])
                left = room
            groups[-1].append(file)
            left -= cost
        return [tuple(group) for group in groups], left_out


def _form_size(text: str) -> int:
    """Bytes that a text takes in the form body."""
    return len(percent_encode(escape(xml_safe(text)).encode()))


def _file_size(decoded: bytes) -> int:
    """Bytes that a file's content takes in the form body: base64, of which three characters are percent-encoded."""
    encoded = pybase64.b64encode(decoded)
    return len(encoded) + 2 * (encoded.count(b"+") + encoded.count(b"/") + encoded.count(b"="))


def _as_long_as(text: str, room: int) -> str:
    """The text, or as much of its beginning as takes no more than `room` bytes in the form body."""
    text = text[:LONGEST_TEXT]
    while (size := _form_size(text)) > room:
        text = text[: len(text) * room // size * 9 // 10]
    return text


def _files(attachments: Sequence[Attachment]) -> list[File]:
    files, taken = [], set()
    for number, attachment in enumerate(attachments, 1):
        name = safe_filename(attachment.filename, attachment.content_type, number)
        if name.lower() in taken:
            stem, dot, extension = name.rpartition(".")
            name = f"{stem}-{number}.{extension}" if dot else f"{name}-{number}"
        taken.add(name.lower())
        files.append(File(name, attachment.size, attachment.md5, attachment.sha256, attachment.span))
    return files
