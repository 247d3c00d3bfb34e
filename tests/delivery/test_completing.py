"""What a desk shows of a create or a reply decides what is sent by itself; nothing is sent that may be there already."""

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gateway.delivery.completing import missing_from_create, missing_from_post
from gateway.mail.message import Span
from gateway.staffapi.documents import Billing, ByAddress, Create, File, Modify, Note, Reply
from gateway.staffapi.outcome import Conversation, Post, StoredFile, Ticket


def file(name: str, size: int) -> File:
    return File(name, size, "0" * 32, "0" * 64, Span(0, size, "identity"))


CREATE = Create(
    staffapiid=1,
    subject="Printer",
    requester=ByAddress("Ann", "ann@customer.example"),
    department_id=1,
    status_id=1,
    priority_id=1,
    type_id=1,
    reply=Reply("It does not print.", (file("a.pdf", 10), file("b.pdf", 10), file("c.pdf", 30))),
    tags=("Mail", "gw-aaaaaaaaaaaaaaaa"),
    notes=(Note("Look here."), Note("And here.")),
)
WHOLE = Ticket(
    7,
    subject="Printer",
    department_id=1,
    owner_id=0,
    tags=("mail", "gw-aaaaaaaaaaaaaaaa"),
    has_attachments=True,
    has_notes=True,
    text="It does not print.",
    attachments=(StoredFile(1, "a.pdf", 10), StoredFile(2, "b.pdf", 10), StoredFile(3, "c.pdf", 30)),
)


def missing(create: Create, shown: Ticket, written: Conversation | None = None, complaint: str = "") -> list[str]:
    found = missing_from_create(
        create, shown, written, complaint=complaint, first=5, random_bytes=random.Random(1).randbytes
    )
    assert [step.n for step in found.steps] == list(range(5, 5 + len(found.steps)))
    return [
        f"{step.what} {','.join(step.add_tags)}{','.join(each.filename for each in (getattr(step.push, 'reply', None) or Reply('x')).files)}".strip()
        for step in found.steps
    ]


def test_nothing_is_missing_from_a_whole_ticket() -> None:
    assert missing(CREATE, WHOLE) == []


def test_an_answer_that_shows_only_the_number_says_nothing_of_what_is_missing() -> None:
    assert missing(CREATE, Ticket(7)) == []


def test_files_are_known_by_name_and_size_and_a_changed_name_is_no_loss() -> None:
    renamed = replace(WHOLE, attachments=(StoredFile(1, "a_.pdf", 10), StoredFile(2, "b.pdf", 10)))
    assert missing(CREATE, renamed) == ["reply c.pdf"]
    assert missing(CREATE, replace(WHOLE, attachments=(StoredFile(2, "b.pdf", 10), StoredFile(3, "c.pdf", 30)))) == [
        "reply a.pdf"
    ]


def test_files_sent_later_do_not_move_the_deadline() -> None:
    shown = replace(WHOLE, attachments=(), next_reply_due=1_800_000_000)
    found = missing_from_create(CREATE, shown, None, first=2, random_bytes=random.Random(1).randbytes)
    assert [step.what for step in found.steps] == ["reply", "properties"]
    last = found.steps[-1].push
    assert isinstance(last, Modify)
    assert last.reply_due == 1_800_000_000
    first = found.steps[0].push
    assert isinstance(first, Modify)
    assert first.reply is not None
    assert first.reply.ignore_email


def test_a_note_that_was_not_allowed_is_not_tried_again() -> None:
    without = replace(WHOLE, has_notes=False)
    assert missing(CREATE, without) == ["note", "note"]
    assert missing(CREATE, without, complaint="Unable to insert note") == []


def test_of_a_ticket_read_whole_only_what_is_not_there_is_sent() -> None:
    post = Post(1, "It does not print.", attachments=WHOLE.attachments[:1])
    later = Post(2, "It does not print. Really.", attachments=())
    written = Conversation(WHOLE, (later, post), ("And here.\n[gw-x]",), ())
    assert missing(CREATE, WHOLE, written) == ["note", "reply b.pdf,c.pdf"]
    billed = replace(CREATE, billing=(Billing("Call", 60, 60),))
    assert missing(billed, WHOLE, written) == ["note", "note", "reply b.pdf,c.pdf"]


def test_lost_tags_are_added_to_those_that_are_there() -> None:
    assert missing(CREATE, replace(WHOLE, tags=("vip",))) == ["properties mail,gw-aaaaaaaaaaaaaaaa"]


def test_an_owner_the_desk_did_not_take_is_told_and_not_forced() -> None:
    found = missing_from_create(
        replace(CREATE, owner_id=9), WHOLE, None, first=2, random_bytes=random.Random(1).randbytes
    )
    assert found.steps == ()
    assert "9" in found.remarks[0]


@given(st.text(min_size=1).filter(str.strip), st.text(max_size=40))
def test_a_text_that_only_grew_is_not_sent_again(text: str, signature: str) -> None:
    create = replace(CREATE, reply=Reply(text))
    shown = replace(WHOLE, text=text + signature, attachments=())
    assert missing(create, shown) == []


@given(st.text(alphabet="abc é", min_size=2).filter(lambda text: len(text.split()) > 0), st.integers(0, 10))
def test_a_text_that_was_cut_follows_in_a_note(text: str, kept: int) -> None:
    sent = f"{text[:kept]}x\U0001f600 end"
    stored = f"{text[:kept]}x"
    assert missing(replace(CREATE, reply=Reply(sent)), replace(WHOLE, text=stored, attachments=())) == ["note"]


def test_a_reply_that_lost_its_files_gets_them_in_a_post_of_their_own() -> None:
    marker = "gw-bbbbbbbbbbbbbbbb"
    modify = Modify(
        7, reply=Reply(f"Ann wrote by mail: [{marker}]", (file("a.pdf", 10), file("c.pdf", 30)), ignore_email=True)
    )
    posts = (
        Post(2, f"Ann wrote by mail: [{marker}]\n-- \nSupport", attachments=(StoredFile(3, "c.pdf", 30),)),
        Post(1, "It"),
    )
    found = missing_from_post(
        modify, marker, WHOLE, Conversation(WHOLE, posts), first=2, random_bytes=random.Random(1).randbytes
    )
    [step] = found.steps
    assert isinstance(step.push, Modify)
    assert step.push.reply is not None
    assert [each.filename for each in step.push.reply.files] == ["a.pdf"]
    assert step.push.ticket == 7
    assert step.marker in step.push.reply.contents
