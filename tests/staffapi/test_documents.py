"""What can never be valid is refused with a sentence, and every document survives JSON."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from gateway.mail.message import Span
from gateway.staffapi.documents import (
    Billing,
    ByAddress,
    ByPhone,
    ByStaff,
    ByUser,
    ClientPost,
    Create,
    Delete,
    File,
    Modify,
    Note,
    Push,
    Reply,
)

_ADAPTER: TypeAdapter[Push] = TypeAdapter(Push)
_TEXT = st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip)
_ID = st.integers(1, 2**31)
_TIME = st.none() | st.integers(0, 2**33)
_FILE = st.builds(
    File,
    filename=_TEXT.filter(lambda name: not set(name) & set("/\\\0")),
    size=st.integers(0, 10**8),
    md5=st.just("0" * 32),
    sha256=st.just("0" * 64),
    span=st.builds(Span, st.integers(0), st.integers(0), st.sampled_from(["identity", "base64"])),
)
_REPLY = st.builds(Reply, contents=_TEXT, files=st.lists(_FILE, max_size=2).map(tuple), ignore_email=st.booleans())
_NOTES = st.lists(st.builds(Note, text=_TEXT, colour=st.integers(1, 5)), max_size=2).map(tuple)
_BILLING = st.lists(
    st.builds(Billing, _TEXT, st.integers(0, 10**6), st.integers(0, 10**6), _TIME, _TIME, st.none() | _ID), max_size=2
).map(tuple)
_TEXTS = st.lists(_TEXT, max_size=3).map(tuple)
_REQUESTER = st.one_of(
    st.builds(ByAddress, _TEXT, _TEXT),
    st.builds(ByUser, _ID, _TEXT, _TEXT),
    st.builds(ByPhone, _TEXT, _TEXT, _TEXT),
    st.builds(ByStaff, _ID, _TEXT, _TEXT),
)
_PUSH = st.one_of(
    st.builds(
        Create,
        staffapiid=_ID,
        subject=_TEXT,
        requester=_REQUESTER,
        department_id=_ID,
        status_id=_ID,
        priority_id=_ID,
        type_id=_ID,
        reply=_REPLY,
        flag=st.integers(0, 6),
        tags=_TEXTS,
        ccto=_TEXTS,
        bccto=_TEXTS,
        notes=_NOTES,
        billing=_BILLING,
        reply_due=_TIME,
    ),
    st.builds(
        Modify,
        ticket=_ID | st.just("ABC-123-45678"),
        tags=st.none() | _TEXTS,
        reply=st.none() | _REPLY,
        owner_id=st.none() | st.just(0),
        watch=st.none() | st.booleans(),
        notes=_NOTES,
        billing=_BILLING,
    ),
    st.builds(Delete, ticket=_ID | st.just("ABC-123-45678")),
    st.builds(ClientPost, ticket=_ID, user_id=_ID, contents=_TEXT, files=st.lists(_FILE, max_size=2).map(tuple)),
)


@settings(deadline=None)
@given(_PUSH)
def test_every_push_comes_back_from_json_as_it_went(push):
    assert _ADAPTER.validate_json(_ADAPTER.dump_json(push)) == push


def _create(**changes):
    return dataclasses.replace(
        Create(
            staffapiid=7,
            subject="Printer",
            requester=ByAddress("Jane Doe", "jane@example.com"),
            department_id=1,
            status_id=2,
            priority_id=3,
            type_id=4,
            reply=Reply("It burns."),
        ),
        **changes,
    )


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: _create(department_id=0), "department id is 0"),
        (lambda: _create(type_id=-4), "type id is -4"),
        (lambda: _create(staffapiid=0), "staffapiid is 0"),
        (lambda: _create(owner_id=-1), "owner id is -1; it must be 0 or more"),
        (lambda: _create(subject=" \t"), "the subject is empty"),
        (lambda: _create(flag=7), "the flag is 7; it must be 0"),
        (lambda: _create(ccto=("",)), "copy recipient"),
        (lambda: _create(reply_due=-1), "time -1 is negative"),
        (lambda: Reply("\n"), "contents of a reply is empty"),
        (lambda: ByAddress("", "a@b.example"), "full name is empty"),
        (lambda: ByPhone("A", "1", ""), "email address is empty"),
        (lambda: ByPhone("A", " ", "a@b.example"), "phone number is empty"),
        (lambda: ByUser(0, "A", "a@b.example"), "user id is 0"),
        (lambda: Note("x", colour=6), "note colour is 6"),
        (lambda: Note(""), "a note is empty"),
        (lambda: Billing("", -1, 0), "time worked is -1"),
        (lambda: Billing("", 1, 0, worker=0), "worker is 0"),
        (lambda: File("../../etc/passwd", 1, "", "", Span(0, 1, "identity")), "path separator"),
        (lambda: File("a\\b", 1, "", "", Span(0, 1, "identity")), "path separator"),
        (lambda: Modify(0), "ticket id is 0"),
        (lambda: Modify("000"), "ticket id is 0"),
        (lambda: Modify('1"/><delete ticketid="2'), "is no ticket"),
        (lambda: Delete("ABC-123-45678-and-more"), "is no ticket"),
        (lambda: Modify(1, status_id=0), "status id is 0"),
        (lambda: Modify(1, flag=9), "the flag is 9"),
        (lambda: ClientPost(0, 1, "x"), "ticket id is 0"),
        (lambda: ClientPost(1, 0, "x"), "user id is 0"),
        (lambda: ClientPost(1, 1, " \n"), "contents of a post is empty"),
        (
            lambda: ClientPost(1, 1, "x", (File("a", 1, "", "", Span(0, 1, "identity")),) * 11),
            "11 files; the desk's REST API takes 10",
        ),
    ],
)
def test_what_can_never_be_valid_is_refused_with_a_sentence(make, words):
    with pytest.raises(ValueError) as caught:
        make()
    assert words in str(caught.value)


def test_only_what_repeats_itself_when_sent_twice_is_said_to_add():
    assert Modify(1, reply=Reply("x")).adds
    assert Modify(1, notes=(Note("x"),)).adds
    assert ClientPost(1, 1, "x").adds
    assert not Modify(1, status_id=2, tags=("a",), watch=True).adds
