"""Whom a mail claims to come from where lists and forwarders have put themselves into From, and what makes one doubt it."""

import pytest

from gateway.mail.reader import read


def _sender(head: bytes) -> str:
    sender = read(head + b"\nSubject: x\n\nHi").sender
    assert sender
    return f"{sender.name} <{sender.address}>" if sender.name else sender.address


VIA = b"From: 'Ann Lee' via Support <support@groups.example>\nTo: help@desk.example\n"
LIST = b"List-Id: Support <support.groups.example>\nList-Post: <mailto:support@groups.example>\n"


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        (b"From: Ann <ann@a.example>", "Ann <ann@a.example>"),
        (b"From: Shop <no-reply@shop.example>\nReply-To: Ann <ann@a.example>", "Ann <ann@a.example>"),
        # Reply-To leads back to the desk, or to the list: the writer is still Ann.
        (b"From: ann@a.example\nTo: help@desk.example\nReply-To: help@desk.example", "ann@a.example"),
        (b"From: ann@a.example\nReply-To: l@l.example\nList-Post: <mailto:l@l.example>", "ann@a.example"),
        # Google Groups.
        (
            VIA + LIST + b"Reply-To: Ann Lee <ann@a.example>\nX-Original-From: Ann Lee <ann@a.example>",
            "Ann Lee <ann@a.example>",
        ),
        (VIA + LIST + b"X-Original-Sender: ann@a.example", "Ann Lee <ann@a.example>"),
        (VIA + b"X-Original-Sender: ann@a.example\nX-Original-From: ann@a.example", "Ann Lee <ann@a.example>"),
        # Mailman 3, and 2 with from_is_list: the author only in Reply-To, beside the list.
        (
            (
                b"From: Ann Lee via Dev <dev@l.example>\nReply-To: dev@l.example, Ann Lee <ann@a.example>\n"
                b"List-Id: <dev.l.example>\nList-Post: <mailto:dev@l.example>"
            ),
            "Ann Lee <ann@a.example>",
        ),
        (
            b"From: Ann Lee <dev@l.example>\nReply-To: Ann Lee <ann@a.example>\nList-Post: <mailto:dev@l.example>",
            "Ann Lee <ann@a.example>",
        ),
        # RFC 9057.
        (b"From: Dev <dev@l.example>\nAuthor: Ann <ann@a.example>", "Ann <ann@a.example>"),
        # Nobody bears out who that is.
        (VIA + b"Reply-To: Ann Lee <ann@a.example>", "'Ann Lee' via Support <support@groups.example>"),
        (
            VIA + LIST + b"Reply-To: eve@e.example\nX-Original-From: ann@a.example",
            "'Ann Lee' via Support <support@groups.example>",
        ),
        (b"From: Ann <ann@a.example>\nReply-To: nobody", "Ann <ann@a.example>"),
        (b"Reply-To: ann@a.example", "ann@a.example"),
    ],
)
def test_the_sender_is_who_the_fields_agree_on(head, wanted):
    assert _sender(head) == wanted


def test_without_from_and_reply_to_there_is_no_sender():
    assert read(b"Subject: x\n\nHi").sender is None


def test_of_several_mailboxes_the_first_with_an_address_is_from():
    message = read(b"From: root, Ann <ann@a.example>, bo@b.example\n\nHi")
    assert message.from_
    assert message.from_.address == "ann@a.example"
    assert message.ambiguous_sender


@pytest.mark.parametrize(
    ("head", "word"),
    [
        (b'From: "boss@bank.example" <eve@e.example>', "boss@bank.example"),
        (b"From: Support (support@bank.example) <eve@e.example>", ""),
        (b'From: "ann@a.example" <ann@a.example>', ""),
        (b"From: Ann <ann@p\xd0\xb0ypal.example>", "several alphabets"),
        (b"From: Ann <ann@xn--pypal-4ve.example>", "several alphabets"),
        (b"From: Ann <ann@xn--mnchen-3ya.example>", ""),
        (b"From: Ann <ann@\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0.example>", ""),
        (b"From: Ann <ann@xn--" + b"9" * 80 + b".example>", ""),
        (b'From: "ann@a.example via Desk" <l@l.example>\nReply-To: ann@a.example', ""),
    ],
)
def test_a_sender_who_looks_like_somebody_else_is_said_to(head, word):
    said = [defect for defect in read(head + b"\n\nHi").defects if "From" in defect]
    assert bool(said) == bool(word)
    assert all(word in defect for defect in said)
