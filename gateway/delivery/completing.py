"""A push and what the desk shows of it in -> what is missing there, as further steps of the plan out. Pure.

A desk carries out a push piece by piece and keeps what it has done when a later piece fails. What is missing is sent by
itself, never the whole again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gateway.delivery.plan import THE_TICKET, Step, What, marker_from
from gateway.delivery.words import more_files, with_marker
from gateway.staffapi.documents import Billing, ClientPost, Create, File, Modify, Note, Reply
from gateway.staffapi.outcome import Conversation, Post, StoredFile, Ticket
from gateway.staffapi.wire import clean_tag

RandomBytes = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Missing:
    """What is to be sent, and in words what differs and cannot be put right by sending."""

    steps: tuple[Step, ...] = ()
    remarks: tuple[str, ...] = ()
    #: False: the steps only put right what the plan's own further replies change.
    lost: bool = False


class _Steps(list[Step]):
    """Further steps, numbered on from those of the plan."""

    def __init__(self, first: int, random_bytes: RandomBytes) -> None:
        super().__init__()
        self._first = first
        self._random_bytes = random_bytes

    def add_note(self, note: Note, ticket: int | str = THE_TICKET) -> None:
        marker = marker_from(self._random_bytes)
        self._add("note", Modify(ticket, notes=(replace(note, text=with_marker(note.text, marker)),)), marker)

    def add_billing(self, bill: Billing) -> None:
        marker = marker_from(self._random_bytes)
        self._add("note", Modify(THE_TICKET, billing=(replace(bill, text=with_marker(bill.text, marker)),)), marker)

    def add_client_post(self, post: ClientPost, files: tuple[File, ...]) -> None:
        marker = marker_from(self._random_bytes)
        self._add("client", replace(post, contents=more_files(files, marker), files=files), marker)

    def add_files(self, ticket: int | str, files: tuple[File, ...], *, silent: bool = True) -> None:
        marker = marker_from(self._random_bytes)
        reply = Reply(more_files(files, marker), files, ignore_email=silent)
        self._add("reply", Modify(ticket, reply=reply), marker)

    def _add(self, what: What, push: Modify | ClientPost, marker: str) -> None:
        self.append(Step(self._first + len(self), what, push, marker, completes=True))

    def add_properties(self, push: Modify, tags: tuple[str, ...] = ()) -> None:
        self.append(Step(self._first + len(self), "properties", push, "", tags, completes=True))


def missing_from(
    step: Step,
    shown: Ticket | None,
    written: Conversation | None,
    *,
    complaint: str,
    replies_follow: bool,
    first: int,
    random_bytes: RandomBytes,
) -> Missing:
    """What the desk has left out of a step. `shown` is the ticket of its answer, None where it has shown none.

    `written` is all that is on the ticket, where the desk was asked for that. `complaint` is what the desk said it could not
    do: that is not tried again. `replies_follow`: the plan has replies with further files. `first` numbers the first new step.
    """
    if shown is None:
        return Missing()
    match step.push:
        case Create() as create:
            return missing_from_create(
                create,
                shown,
                written,
                complaint=complaint,
                replies_follow=replies_follow,
                first=first,
                random_bytes=random_bytes,
            )
        case Modify() | ClientPost() as post:
            return missing_from_post(
                post, step.marker, shown, written, complaint=complaint, first=first, random_bytes=random_bytes
            )
        case _:
            return Missing()


def missing_from_create(
    create: Create,
    shown: Ticket,
    written: Conversation | None,
    *,
    complaint: str = "",
    replies_follow: bool = False,
    first: int,
    random_bytes: RandomBytes,
) -> Missing:
    """Of a new ticket: tags, notes, entries, text and files; see `missing_from`."""
    steps = _Steps(first, random_bytes)
    remarks = [f"the desk said: {complaint}"] if complaint else []
    basics = shown.subject is not None
    lost_tags = tuple(tag for tag in map(clean_tag, create.tags) if tag and tag not in shown.tags) if basics else ()
    changes = Modify(THE_TICKET)
    if written is not None:
        # A desk that died on its way has done what comes before in this order: owner, flag, tags, recipients, due times.
        changes = replace(
            changes,
            flag=create.flag if create.flag and not shown.flag else None,
            ccto=create.ccto if lost_tags else (),
            bccto=create.bccto if lost_tags else (),
            resolution_due=create.resolution_due if shown.resolution_due in (None, 0) else None,
            reply_due=create.reply_due if shown.next_reply_due in (None, 0) else None,
            watch=True if create.watch and lost_tags else None,
        )
    if lost_tags or changes != Modify(THE_TICKET):
        steps.add_properties(changes, lost_tags)
    for note in _lost_notes(create, shown, written, complaint):
        steps.add_note(note)
    for bill in create.billing if _lost_billing(create, shown, written, complaint) else ():
        steps.add_billing(bill)
    post = _first_post(written) if written is not None else None
    stored_text = post.contents if post is not None else shown.text
    if stored_text is not None and _cut_short(create.reply.contents, stored_text):
        steps.add_note(Note(_whole_text(create.reply.contents)))
        remarks.append(f"the desk kept {len(stored_text)} of {len(create.reply.contents)} characters of the text")
    files = _lost_files(create.reply.files, shown, post)
    if files:
        steps.add_files(THE_TICKET, files)
    lost = bool(steps)
    if (files or replies_follow) and shown.next_reply_due:
        # Any post by staff answers the deadline, these too.
        steps.add_properties(Modify(THE_TICKET, reply_due=shown.next_reply_due))
    if shown.owner_id is not None and create.owner_id not in (0, shown.owner_id):
        remarks.append(f"the desk did not make staff user {create.owner_id} the owner: not assigned to the department?")
    if shown.department_id is not None and shown.department_id != create.department_id:
        remarks.append(f"the desk put it into department {shown.department_id} instead of {create.department_id}")
    return Missing(tuple(steps), tuple(remarks), lost)


def missing_from_post(
    push: Modify | ClientPost,
    marker: str,
    shown: Ticket,
    written: Conversation | None,
    *,
    complaint: str = "",
    first: int,
    random_bytes: RandomBytes,
) -> Missing:
    """As `missing_from_create`, for a reply or a post over the REST API: files are stored long after the text."""
    remarks = [f"the desk said: {complaint}"] if complaint else []
    reply = push if isinstance(push, ClientPost) else push.reply
    # A staff member who quotes it bears the marker too, later.
    ours = [each for each in written.posts if marker in each.contents] if written is not None else []
    post = min(ours, key=lambda each: each.id, default=None)
    stored = post.contents if post is not None else shown.text if written is None else None
    if reply is None or stored is None:
        return Missing((), tuple(remarks))
    steps = _Steps(first, random_bytes)
    if _cut_short(reply.contents, stored):
        steps.add_note(Note(_whole_text(reply.contents)), push.ticket)
        remarks.append(f"the desk kept {len(stored)} of {len(reply.contents)} characters of the text")
    if files := _without(reply.files, post.attachments if post is not None else shown.attachments):
        if isinstance(push, ClientPost):
            steps.add_client_post(push, files)
        else:
            steps.add_files(push.ticket, files, silent=push.reply is not None and push.reply.ignore_email)
    if written is not None and isinstance(reply, Reply) and not reply.ignore_email:
        # Mail goes out last: a desk that died on its way has perhaps sent none.
        remarks.append("whether the desk has mailed this reply to the customer is not known")
    return Missing(tuple(steps), tuple(remarks), lost=bool(steps))


def _lost_notes(create: Create, shown: Ticket, written: Conversation | None, complaint: str) -> tuple[Note, ...]:
    if "note" in complaint:
        return ()
    if written is not None:
        present = [_collapsed(each) for each in written.notes]
        return tuple(note for note in create.notes if not any(_collapsed(note.text) in each for each in present))
    return create.notes if shown.has_notes is False else ()


def _lost_billing(create: Create, shown: Ticket, written: Conversation | None, complaint: str) -> bool:
    if "billing" in complaint or not create.billing:
        return False
    return not written.billing if written is not None else shown.has_billing is False


def _lost_files(files: tuple[File, ...], shown: Ticket, post: Post | None) -> tuple[File, ...]:
    if post is not None:
        return _without(files, post.attachments)
    if shown.text is None and shown.has_attachments is not False:
        return ()  # nothing is said of them
    return _without(files, shown.attachments)


def _without(files: Sequence[File], stored: Sequence[StoredFile]) -> tuple[File, ...]:
    """Those that are not stored; a desk may have changed a name, hardly a size."""
    left, unnamed, missing = list(stored), [], []
    for file in files:
        named = next((each for each in left if each.filename == file.filename and each.size in (None, file.size)), None)
        if named is None:
            unnamed.append(file)
        else:
            left.remove(named)
    for file in unnamed:
        sized = next((each for each in left if each.size in (None, file.size)), None)
        if sized is None:
            missing.append(file)
        else:
            left.remove(sized)
    return tuple(missing)


def _first_post(written: Conversation) -> Post | None:
    return min(written.posts, key=lambda post: post.id, default=None)


def _cut_short(sent: str, stored: str) -> bool:
    """Whether the desk kept the beginning only, as databases without four-byte characters do at the first of those."""
    sent, stored = _collapsed(sent), _collapsed(stored)
    return len(stored) < len(sent) and sent.startswith(stored)


def _collapsed(text: str) -> str:
    return " ".join(text.split())


def _whole_text(text: str) -> str:
    """Without the characters at which such databases cut."""
    plain = "".join(mark if ord(mark) < 0x10000 else "\ufffd" for mark in text)
    return f"The help desk kept only the beginning of this mail's text. All of it:\n\n{plain}"
