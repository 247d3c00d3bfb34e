"""Decision in, Plan out: the StaffAPI documents that carry one mail to the desk, one a step. Pure.

A plan is made once and stored; from then on it is the truth, whatever the rules say by then.
"""

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import TypeAdapter

from gateway.delivery.authors import Standing, Way
from gateway.delivery.fitting import as_long_as, files_of, fit, whole_mail
from gateway.delivery.policy import Policy
from gateway.delivery.words import (
    attribution,
    body_text,
    claim_note,
    left_out_note,
    more_files,
    not_shown_note,
    reply_to_customer,
    requester_of,
    taking_part,
    with_marker,
)
from gateway.mail.clutter import find_clutter, named
from gateway.mail.envelope import Envelope
from gateway.mail.message import Message
from gateway.routing.decision import Decision, NameOrId, TicketRef
from gateway.staffapi.directory import Directory
from gateway.staffapi.documents import MOST_FILES, ByAddress, ClientPost, Create, File, Modify, Note, Push, Reply
from gateway.staffapi.outcome import Ticket
from gateway.staffapi.wire import clean_tag

__all__ = ["PLAN", "THE_TICKET", "Plan", "Policy", "Step", "What", "make_plan", "marker_from", "push_for"]

#: Stands in a step for the ticket that an earlier step of the plan makes.
THE_TICKET = "the-ticket"
#: In `on_reply`, in any case: the ticket's status is left as it is.
KEEP = "keep"

What = Literal["create", "reply", "note", "client", "properties"]


@dataclass(frozen=True, slots=True)
class Step:
    """One POST. `marker` is what a lost answer is looked up by; "" where sending twice changes nothing."""

    n: int
    what: What
    push: Push
    marker: str
    #: For the ticket to have beside those it has by then; a desk takes the tags of a Modify for all there are to be.
    add_tags: tuple[str, ...] = ()
    #: Sends what the desk has left out of an earlier step; the mail itself is on the desk without it.
    completes: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    steps: tuple[Step, ...]
    #: Addresses that may write to the ticket from now on.
    participants: tuple[str, ...]
    #: The ticket it joins; None where it makes one.
    joins: TicketRef | None = None


PLAN = TypeAdapter(Plan)


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
    way: Way = "reply",
    standing: Standing = "outsider",
    current: Ticket | None = None,
) -> Plan:
    """The steps for a decision to create or, by `way`, to follow up.

    `raw` is the mail itself, for the digests of a whole mail sent along. `current` is the ticket of a follow-up as the
    desk shows it now; None where nobody has asked, and then nothing is restored. Raises UnknownName where the desk has no
    such department, status, … .
    """
    text = body_text(message)
    clutter = (
        find_clutter(message.attachments, message.html) if policy.clutter == "name" and way != "staff_reply" else ()
    )
    places = {each.place for each in clutter}
    files = files_of([file for place, file in enumerate(message.attachments) if place not in places])
    if clutter:
        text = f"{text}\n\n{named(clutter)}".rstrip("\n")
    if way == "staff_reply":
        text = reply_to_customer(message)
    elif len(kept := as_long_as(text, policy.max_post // 2)) < len(text):
        files.append(whole_mail(raw))
        text = kept + "\n\n[The text goes on in the whole mail, mail.eml.]"
    maker = _Maker(decision, envelope, message, text, raw, delivery_id, directory, policy, random_bytes)
    follows = decision.action == "follow_up"
    steps = maker.follow_up(files, way, standing, current) if follows else maker.create(files)
    joins = decision.thread.ticket if follows and decision.thread is not None else None
    return Plan(tuple(steps), taking_part(message, envelope, policy.served), joins)


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
        groups, left_out = fit(files, self.text, self.raw, self.policy)
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
            reply=Reply(self.text if tagged else with_marker(self.text, marker), groups[0]),
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

    def follow_up(self, files: Sequence[File], way: Way, standing: Standing, current: Ticket | None) -> list[Step]:
        if self.decision.thread is None:
            raise ValueError("a decision to follow up names the thread")
        ticket = self.decision.thread.ticket.ticket_id
        steps, notes = self._posts(ticket, files, way, standing, current)
        for note in (*(Note(each.text, each.type, each.colour) for each in self.decision.fields.notes), *notes):
            marker = marker_from(self.random_bytes)
            marked = replace(note, text=with_marker(note.text, marker))
            steps.append(Step(len(steps) + 1, "note", Modify(ticket, notes=(marked,)), marker))
        replied = any(step.what == "reply" for step in steps)
        properties = self._properties(ticket, way, current, replied=replied)
        tags = self._new_tags(current)
        if properties != Modify(ticket) or tags:
            # Last and alone: a desk that refuses a property has by then done all before it, and mailed it.
            steps.append(Step(len(steps) + 1, "properties", properties, "", tags))
        return steps

    def _posts(
        self, ticket: int, files: Sequence[File], way: Way, standing: Standing, current: Ticket | None
    ) -> tuple[list[Step], list[Note]]:
        """The steps that carry text and files, and what staff have to be told about files that they do not carry."""
        marker = marker_from(self.random_bytes)
        fullname, email = requester_of(self.message, self.envelope, "from")
        most = None
        if way == "client":
            text, most = with_marker(self.text, marker), MOST_FILES
        elif way == "staff_reply":
            text = with_marker(self.text, marker)
        else:
            named = attribution(fullname, email, marker, unproven=standing == "unproven")
            text = f"{named}\n\n{self.text}"
        if way == "staff_note":
            notes = [Note(not_shown_note(files, self.delivery_id))] if files else []
            return [Step(1, "note", Modify(ticket, notes=(Note(text),)), marker)], notes
        groups, left_out = fit(files, text, self.raw, self.policy, most=most)
        notes = [Note(left_out_note(left_out, self.delivery_id))] if left_out else []
        match way:
            case "client":
                # `way` is chosen only where the desk has shown whose ticket it is.
                user = (current.user_id if current is not None else None) or 0
                first = Step(1, "client", ClientPost(ticket, user, text, groups[0]), marker)
                return [first, *self._rest_of_client(groups[1:], ticket, user)], notes
            case "note":
                # Notes carry no files: those follow in posts of their own.
                first = Step(1, "note", Modify(ticket, notes=(Note(text),)), marker)
                return [first, *self._rest(groups if groups[0] else groups[1:], ticket, 2)], notes
            case _:
                silent = way == "reply" or self._has_it_already(current)
                reply = Reply(text, groups[0], ignore_email=silent)
                first = Step(1, "reply", Modify(ticket, reply=reply), marker)
                return [first, *self._rest(groups[1:], ticket, 2, silent=silent)], notes

    def _has_it_already(self, current: Ticket | None) -> bool:
        """Whether a staff member's mail went to the customer itself, so that the desk need not mail it once more."""
        customer = (current.email or "").casefold() if current is not None else ""
        received = {each.address.casefold() for each in (*self.message.to, *self.message.cc)}
        return bool(customer) and customer in received

    def _properties(self, ticket: int, way: Way, current: Ticket | None, *, replied: bool) -> Modify:
        """What rules set, and what a reply by the gateway's account destroys as it is now."""
        if way in ("staff_reply", "staff_note"):
            # A staff member's word counts as one: nothing is to be undone, and `on_reply` is about customers.
            return Modify(ticket)
        wanted = self.decision.fields.on_reply

        def resolved(resolve: Callable[[NameOrId], int], name: NameOrId | None) -> int | None:
            return None if name is None else resolve(name)

        there = resolved(self.directory.department_id, wanted.department)
        department = there if there is not None else current.department_id if current is not None else None
        return Modify(
            ticket,
            department_id=there,
            status_id=self._status(way, wanted.status, department, current),
            priority_id=resolved(self.directory.priority_id, wanted.priority),
            type_id=resolved(lambda name: self.directory.type_id(name, department), wanted.type),
            owner_id=resolved(self.directory.owner_id, wanted.owner),
            flag=resolved(self.directory.flag, wanted.flag),
            reply_due=_due(current) if replied else None,
        )

    def _status(self, way: Way, wanted: NameOrId | None, department: int | None, current: Ticket | None) -> int | None:
        """The status to set; None where the ticket keeps the one it has, or has it already."""
        if isinstance(wanted, str) and wanted.strip().casefold() == KEEP:
            return None
        status: int | None = None
        if wanted is not None:
            status = self.directory.status_id(wanted, department)
        elif way != "client" and current is not None and department is not None and _by_a_person(self.message):
            status = self.directory.open_status(department)
        # A post of the customer's own changes the status by itself, so what it was before says nothing.
        already = current is not None and current.status_id == status and way != "client"
        return None if already else status

    def _new_tags(self, current: Ticket | None) -> tuple[str, ...]:
        """The tags that rules give a new ticket, as the desk will store them, but for those that this one has."""
        present = {clean_tag(tag) for tag in current.tags} if current is not None else set()
        wanted = dict.fromkeys(map(clean_tag, self.decision.fields.create.tags))
        return tuple(tag for tag in wanted if tag and tag not in present)

    def _rest(
        self, groups: Sequence[tuple[File, ...]], ticket: int | str, first: int, *, silent: bool = True
    ) -> list[Step]:
        steps = []
        for n, group in enumerate(groups, first):
            marker = marker_from(self.random_bytes)
            reply = Reply(more_files(group, marker), group, ignore_email=silent)
            steps.append(Step(n, "reply", Modify(ticket, reply=reply), marker))
        return steps

    def _rest_of_client(self, groups: Sequence[tuple[File, ...]], ticket: int, user: int) -> list[Step]:
        steps = []
        for n, group in enumerate(groups, 2):
            marker = marker_from(self.random_bytes)
            steps.append(Step(n, "client", ClientPost(ticket, user, more_files(group, marker), group), marker))
        return steps


def _due(current: Ticket | None) -> int | None:
    due = current.next_reply_due if current is not None else None
    return due if due is not None and due > 0 else None


def _by_a_person(message: Message) -> bool:
    """A machine's mail opens no ticket again unless a rule says so: it would, after every answer to it."""
    return message.kind in ("ordinary", "list")
