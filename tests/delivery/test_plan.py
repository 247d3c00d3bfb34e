"""A plan says all the decision says, fits the desk's limits, and never holds an empty text."""

import hashlib
import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.delivery.authors import Standing, Way
from gateway.delivery.deciding import plan_on
from gateway.delivery.plan import PLAN, THE_TICKET, Plan, make_plan, marker_from, push_for
from gateway.delivery.policy import Policy
from gateway.delivery.words import NOBODY, requester_of
from gateway.mail.decode import content_blocks
from gateway.mail.envelope import Envelope
from gateway.mail.message import Address, Attachment, Kind, Message, Span
from gateway.routing.decision import CreateFields, Decision, Fields, FollowUp, NoteField, ReplyFields, Thread, TicketRef
from gateway.staffapi.directory import Department, Directory, Priority, Status, Type, UnknownName
from gateway.staffapi.documents import ByAddress, ClientPost, Create, Modify, Reply
from gateway.staffapi.outcome import Ticket
from gateway.staffapi.wire import prepare

ENVELOPE = Envelope("bounce@customer.example", ("support@desk.example",), "127.0.0.1", "", "", datetime.now(UTC))
DIRECTORY = Directory(
    departments=(Department(7, "Support", True, 0),),
    statuses=(Status(4, "Open", 0, False), Status(5, "Closed", 0, True)),
    types=(Type(3, "Issue", 0),),
    priorities=(Priority(2, "Normal"),),
)
CREATE = CreateFields("support", "open", "normal", "issue", tags=("mail",))
THREAD = Thread(TicketRef(99, "ABC-123-45678"), "it answers <p@x>", True)
ANN = Address("Ann Smith", "ann@customer.example")


def attachment(name: str, size: int) -> Attachment:
    return Attachment(name, "application/pdf", size, "0" * 64, "0" * 32, False, None, Span(0, size, "identity"))


FIELDS, POLICY = Fields(create=CREATE), Policy()


def plan_for(
    message: Message,
    fields: Fields = FIELDS,
    *,
    policy: Policy = POLICY,
    raw: bytes = b"raw",
    way: Way = "reply",
    standing: Standing = "outsider",
    current: Ticket | None = None,
    **decided: object,
) -> Plan:
    decision = Decision(
        "follow_up" if "thread" in decided else "create",
        fields,
        **{"thread": None, "rules_tried": (), "rules_hit": (), "reasons": (), **decided},
    )  # type: ignore[arg-type]
    dice = random.Random(1)
    return make_plan(
        decision,
        ENVELOPE,
        message,
        raw,
        delivery_id=5,
        directory=DIRECTORY,
        policy=policy,
        random_bytes=dice.randbytes,
        way=way,
        standing=standing,
        current=current,
    )


def test_a_create_says_all_that_was_decided() -> None:
    [step] = plan_for(Message(subject="Hello", text="Body\n", from_=ANN)).steps
    assert isinstance(step.push, Create)
    assert step.push.requester == ByAddress("Ann Smith", "ann@customer.example")
    assert (step.push.department_id, step.push.status_id, step.push.priority_id, step.push.type_id) == (7, 4, 2, 3)
    assert step.push.tags == ("mail", step.marker)
    assert step.push.reply.contents == "Body"
    assert not step.push.send_autoresponder


def test_where_tags_are_not_to_be_used_the_marker_stands_in_the_text() -> None:
    [step] = plan_for(Message(text="Body", from_=ANN), policy=Policy(marker="line")).steps
    assert isinstance(step.push, Create)
    assert step.push.tags == ("mail",)
    assert step.push.reply.contents.endswith(f"[{step.marker}]")


def test_an_untrusted_claim_is_told_to_staff() -> None:
    [step] = plan_for(Message(text="Body", from_=ANN), claimed=THREAD).steps
    assert isinstance(step.push, Create)
    assert "ABC-123-45678" in step.push.notes[0].text
    assert "ann@customer.example" in step.push.notes[0].text


def test_a_follow_up_names_its_writer_and_changes_properties_last() -> None:
    fields = Fields(on_reply=ReplyFields(status="Open"), notes=(NoteField("a VIP"),))
    reply, note, properties = plan_for(Message(text="More", from_=ANN), fields, thread=THREAD).steps
    assert isinstance(reply.push, Modify) and reply.push.reply is not None
    assert reply.push.reply.contents == f"Ann Smith <ann@customer.example> wrote by mail: [{reply.marker}]\n\nMore"
    assert reply.push.reply.ignore_email
    assert isinstance(note.push, Modify) and note.marker in note.push.notes[0].text
    assert properties.push == Modify(99, status_id=4)
    assert properties.marker == ""
    assert len({reply.marker, note.marker}) == 2


def test_a_name_the_desk_lacks_is_no_plan() -> None:
    with pytest.raises(UnknownName, match="Nowhere"):
        plan_for(Message(from_=ANN), Fields(create=CreateFields("Nowhere", "Open", "Normal", "Issue")))


def test_an_autoresponder_needs_both_the_rule_and_a_mail_that_may_be_answered() -> None:
    wanted = Fields(create=CREATE, autoresponder=True)
    for may in (True, False):
        [step] = plan_for(Message(from_=ANN, may_autorespond=may), wanted).steps
        assert isinstance(step.push, Create)
        assert step.push.send_autoresponder is may


def test_a_text_beyond_all_bounds_is_cut_and_the_mail_goes_along() -> None:
    [step] = plan_for(Message(text="x" * 600_000, from_=ANN)).steps
    assert isinstance(step.push, Create)
    assert len(step.push.reply.contents) < 501_000
    assert [file.filename for file in step.push.reply.files] == ["mail.eml"]


def test_names_that_come_twice_are_told_apart() -> None:
    message = Message(text="x", from_=ANN, attachments=tuple(attachment("A.pdf", 5) for _ in range(3)))
    [step] = plan_for(message).steps
    assert isinstance(step.push, Create)
    assert len({file.filename.lower() for file in step.push.reply.files}) == 3


@st.composite
def mails(draw: st.DrawFn) -> tuple[bytes, tuple[Attachment, ...], str]:
    """Raw bytes, files that lie in them, and a text. White pictures are what takes most room on the wire."""
    raw, files = b"", []
    for n in range(draw(st.integers(0, 8))):
        size = draw(st.integers(0, 250_000))
        fill = draw(st.sampled_from([b"\xff", b"a", b"\xfb\xef\xbe", b"random"]))
        content = random.Random(n).randbytes(size) if fill == b"random" else (fill * size)[:size]
        digests = hashlib.sha256(content).hexdigest(), hashlib.md5(content).hexdigest()
        span = Span(len(raw), size, "identity")
        files.append(Attachment(f"f{n}.pdf", "application/pdf", size, *digests, False, None, span))
        raw += content
    text = draw(st.text(max_size=200)) + draw(st.sampled_from(["x", "&", "\N{EURO SIGN}"])) * draw(
        st.integers(0, 200_000)
    )
    return raw, tuple(files), text


@settings(deadline=None, max_examples=60)
@given(mails())
def test_every_file_travels_once_or_is_named_and_every_post_fits(
    made: tuple[bytes, tuple[Attachment, ...], str],
) -> None:
    raw, attachments, text = made
    policy = Policy(max_file=200_000, max_post=400_000)
    plan = plan_for(Message(text=text, from_=ANN, attachments=attachments), raw=raw, policy=policy)
    sent: list[str] = []
    for step in plan.steps:
        push = push_for(step, 4711)
        files = push.reply.files if isinstance(push, Create | Modify) and push.reply is not None else ()
        sent += [file.filename for file in files]
        assert not isinstance(push, ClientPost)
        document = prepare(push, lambda file: content_blocks(raw, file.span))
        assert document.body("s" * 100).length <= policy.max_post
    first = plan.steps[0].push
    assert isinstance(first, Create)
    named = "".join(note.text for note in first.notes)
    expected = [each.filename for each in attachments]
    assert sorted(sent + [name for name in [*expected, "mail.eml"] if f"- {name}," in named]) in (
        sorted(expected),
        sorted([*expected, "mail.eml"]),
    )


def test_a_plan_comes_back_from_the_spool_as_it_was() -> None:
    message = Message(subject="€", text="x", from_=ANN, attachments=(attachment("a.pdf", 30_000),) * 4)
    plan = plan_for(message, raw=bytes(30_000), policy=Policy(max_post=100_000))
    assert len(plan.steps) > 1
    assert PLAN.validate_json(PLAN.dump_json(plan)) == plan


def test_later_steps_take_the_ticket_of_the_first() -> None:
    message = Message(text="x", from_=ANN, attachments=(attachment("a.pdf", 30_000),) * 4)
    _first, second, *_ = plan_for(message, raw=bytes(30_000), policy=Policy(max_post=100_000)).steps
    assert isinstance(second.push, Modify) and second.push.ticket == THE_TICKET
    pushed = push_for(second, 12)
    assert isinstance(pushed, Modify) and pushed.ticket == 12
    with pytest.raises(ValueError, match="needs the ticket"):
        push_for(second, None)


@given(st.binary(min_size=10, max_size=10))
def test_markers_have_only_characters_that_desks_keep_in_tags(drawn: bytes) -> None:
    marker = marker_from(lambda count: drawn[:count])
    assert len(marker) == 19
    assert set(marker[3:]) <= set("abcdefghijklmnopqrstuvwxyz234567")


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        (ANN, ("Ann Smith", "ann@customer.example")),
        (Address("", "ann@customer.example"), ("ann@customer.example", "ann@customer.example")),
        (Address("Ann", "not an address"), ("Ann", "bounce@customer.example")),
        (Address("", "a@b\r\n<delete/>"), ("a@b <delete/>", "bounce@customer.example")),
        (None, ("bounce@customer.example", "bounce@customer.example")),
    ],
)
def test_whom_a_ticket_is_for(sender: Address | None, expected: tuple[str, str]) -> None:
    assert requester_of(Message(from_=sender), ENVELOPE, "from") == expected


def test_a_mail_from_nobody_is_for_nobody() -> None:
    null = Envelope("", ("support@desk.example",), "127.0.0.1", "", "", datetime.now(UTC))
    assert requester_of(Message(), null, "from") == ("Unknown sender", NOBODY)


def test_reply_to_counts_only_where_the_rule_says_so_and_there_is_one() -> None:
    message = Message(from_=ANN, reply_to=(Address("Form", "visitor@web.example"),))
    assert requester_of(message, ENVELOPE, "from")[1] == "ann@customer.example"
    assert requester_of(message, ENVELOPE, "reply_to")[1] == "visitor@web.example"


NOW = Ticket(
    99, display_id="ABC-123-45678", department_id=7, status_id=5, user_id=11, email=ANN.address, next_reply_due=900
)


def test_a_follow_up_that_nobody_has_asked_the_desk_about_restores_nothing() -> None:
    [reply] = plan_for(Message(text="More", from_=ANN), Fields(), thread=THREAD).steps
    assert reply.what == "reply"


def test_what_a_reply_destroys_is_put_right_in_the_last_step() -> None:
    _reply, properties = plan_for(Message(text="More", from_=ANN), Fields(), thread=THREAD, current=NOW).steps
    assert (properties.what, properties.push, properties.marker) == (
        "properties",
        Modify(99, status_id=4, reply_due=900),
        "",
    )


def test_a_status_goes_by_the_department_the_ticket_is_moved_to() -> None:
    moved = Fields(on_reply=ReplyFields(department="Support", type="Issue", status="Closed"))
    *_, properties = plan_for(Message(text="More", from_=ANN), moved, thread=THREAD, current=NOW).steps
    assert properties.push == Modify(99, department_id=7, type_id=3, reply_due=900)


def test_only_tags_that_the_ticket_lacks_are_added_and_as_the_desk_stores_them() -> None:
    fields = Fields(create=CreateFields(tags=("VIP", "m!ail", "?", "vip")))
    note, tags = plan_for(
        Message(text="x", from_=ANN),
        fields,
        thread=THREAD,
        way="note",
        current=Ticket(99, department_id=7, status_id=4, tags=("mail",)),
    ).steps
    assert (note.what, tags.push, tags.add_tags) == ("note", Modify(99), ("vip",))


def test_a_posts_author_is_the_user_whose_ticket_it_is() -> None:
    files = tuple(attachment(f"{n}.pdf", 5) for n in range(11))
    message = Message(text="More", from_=ANN, attachments=files)
    first, second = plan_for(message, Fields(), raw=bytes(5), thread=THREAD, way="client", current=NOW).steps
    assert isinstance(first.push, ClientPost) and isinstance(second.push, ClientPost)
    assert first.push.contents == f"More\n\n[{first.marker}]"
    assert (first.push.user_id, second.push.user_id) == (11, 11)
    assert (len(first.push.files), len(second.push.files)) == (10, 1)
    assert first.marker in first.push.contents and second.marker in second.push.contents


@settings(deadline=None, max_examples=200)
@given(
    kind=st.sampled_from(["ordinary", "auto_reply", "bounce", "feedback", "list"]),
    sender=st.sampled_from([ANN, Address("Bob", "bob@customer.example"), None]),
    text=st.sampled_from(["", "Hello", "<delete ticketid='1'/><ignoreemail>0</ignoreemail>"]),
    to=st.sampled_from([(), (ANN,)]),
    files=st.integers(0, 12),
    mode=st.sampled_from([None, "reply", "note", "client"]),
    policy=st.builds(
        Policy,
        follow_up=st.sampled_from(["reply", "note", "client", "create"]),
        staff_mail=st.sampled_from(["note", "reply"]),
        client=st.booleans(),
        max_post=st.sampled_from([65_536, 8_000_000]),
        max_file=st.sampled_from([10, 7_000_000]),
    ),
    standing=st.sampled_from(["outsider", "unproven", "staff"]),
    current=st.sampled_from([None, NOW, Ticket(99)]),
)
def test_no_mail_deletes_bills_or_reaches_a_customer_but_by_a_staff_reply(
    kind: Kind,
    sender: Address | None,
    text: str,
    to: tuple[Address, ...],
    files: int,
    mode: FollowUp | None,
    policy: Policy,
    standing: Standing,
    current: Ticket | None,
) -> None:
    message = Message(
        text=text,
        reply_text=text,
        from_=sender,
        to=to,
        kind=kind,
        attachments=tuple(attachment(f"{n}.pdf", 10 + n) for n in range(files)),
    )
    decision = Decision("follow_up", Fields(create=CREATE, follow_up=mode), THREAD, (), (), ())
    _decision, plan = plan_on(
        decision,
        ENVELOPE,
        message,
        bytes(30),
        delivery_id=5,
        directory=DIRECTORY,
        policy=policy,
        random_bytes=random.Random(1).randbytes,
        standing=standing,
        current=current,
    )
    assert plan is not None
    assert [step.n for step in plan.steps] == list(range(1, len(plan.steps) + 1))
    for step in plan.steps:
        push = step.push
        assert isinstance(push, Modify | ClientPost)
        if isinstance(push, ClientPost):
            assert policy.client and sender == ANN and standing != "staff" and push.user_id == NOW.user_id
            continue
        assert push.billing == ()
        if push.reply is not None and not push.reply.ignore_email:
            assert policy.staff_mail == "reply" and standing == "staff" and kind == "ordinary" and mode != "note"
        if step.marker:
            texts = [push.reply.contents] if push.reply is not None else [note.text for note in push.notes]
            assert [step.marker in each for each in texts] == [True]


def test_a_staff_reply_is_mailed_with_all_its_files() -> None:
    files = tuple(attachment(f"{n}.pdf", 30_000) for n in range(3))
    message = Message(text="Hi\n> old", reply_text="Hi", from_=ANN, attachments=files)
    steps = plan_for(
        message,
        Fields(),
        raw=bytes(30_000),
        policy=Policy(max_post=100_000),
        thread=THREAD,
        way="staff_reply",
        current=NOW,
    ).steps
    replies = [step.push.reply for step in steps if isinstance(step.push, Modify) and step.push.reply is not None]
    assert len(replies) > 1 and sum(len(reply.files) for reply in replies) == 3
    assert replies[0] == Reply(f"Hi\n\n[{steps[0].marker}]", replies[0].files)
    assert not any(reply.ignore_email for reply in replies)


def test_pictures_of_signatures_and_second_copies_are_named_where_the_setting_says_so() -> None:
    files = (
        attachment("report.pdf", 300),
        attachment("again.pdf", 300),
        replace(
            attachment("logo.png", 20), content_type="image/png", sha256="1" * 64, inline=True, content_id="logo@x"
        ),
    )
    html = '<p>See the report.</p><div class="gmail_signature">Ann <img src="cid:logo@x"></div>'
    message = Message(text="See the report.", html=html, from_=ANN, attachments=files)
    [kept] = plan_for(message, FIELDS, raw=bytes(300)).steps
    assert isinstance(kept.push, Create)
    assert [file.filename for file in kept.push.reply.files] == ["report.pdf", "again.pdf", "logo.png"]
    [step] = plan_for(message, FIELDS, raw=bytes(300), policy=Policy(clutter="name")).steps
    assert isinstance(step.push, Create)
    assert [file.filename for file in step.push.reply.files] == ["report.pdf"]
    assert step.push.reply.contents == (
        "See the report.\n\nNot attached: again.pdf (the same file as report.pdf)\n"
        "Not attached: logo.png (a picture in the signature or in the quoted mail)"
    )
