"""What relays and forwarders leave in a header block, and what an envelope sender was before they rewrote it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.fields import read_block
from gateway.mail.message import Trace
from gateway.mail.reader import read
from gateway.mail.rewritten import Rewritten, decode_sender
from gateway.mail.traces import original_recipients, read_traces


def _traces(raw: bytes) -> tuple[Trace, ...]:
    return read_traces(read_block(raw + b"\n\n"))


def _seen(raw: bytes) -> list[tuple[str, str]]:
    return [(trace.kind, trace.address) for trace in _traces(raw)]


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        (b"X-Original-To: help@desk.example", [("recipient", "help@desk.example")]),
        (b"Delivered-To: <help@desk.example>", [("recipient", "help@desk.example")]),
        (b"Envelope-To: a@x.example, b@x.example", [("recipient", "a@x.example"), ("recipient", "b@x.example")]),
        (b"Original-Recipient: rfc822;a@x.example", [("recipient", "a@x.example")]),
        (
            b"X-Forwarded-For: old@mail.example help@desk.example",
            [("recipient", "old@mail.example"), ("recipient", "help@desk.example")],
        ),
        (b"X-Forwarded-For: 192.0.2.1, 198.51.100.7", []),
        (b"X-Forwarded-To: help@desk.example", [("recipient", "help@desk.example")]),
        (b"X-Gm-Original-To: old@mail.example", [("recipient", "old@mail.example")]),
        (b"X-Apparently-To: a@x.example via 192.0.2.1; Mon, 1 Jan 2024", [("recipient", "a@x.example")]),
        (b"X-MS-Exchange-ForwardingLoop: a@x.example;0e2d-41", [("recipient", "a@x.example")]),
        (b"X-MS-Exchange-Inbox-Rules-Loop: a@x.example", [("recipient", "a@x.example")]),
        (b"X-BeenThere: list@x.example", [("list", "list@x.example")]),
        (b"Resent-To: Ann <a@x.example>", [("recipient", "a@x.example")]),
        (b"Resent-From: Bo <b@x.example>", [("forwarder", "b@x.example")]),
        (b"Return-Path: <b@x.example>", [("sender", "b@x.example")]),
        (b"Return-Path: <>", []),
        (
            b"Return-Path: <old+SRS=ab/1=XA=x.example=ann@corp.example>",
            [("sender", "ann@x.example"), ("forwarder", "old@corp.example")],
        ),
        (
            b"Return-Path: <old+caf_=help=desk.example@gmail.example>",
            [("forwarder", "old@gmail.example"), ("recipient", "help@desk.example")],
        ),
        (
            b"Return-Path: <news-bounces+help=desk.example@l.example>",
            [("sender", "news-bounces@l.example"), ("recipient", "help@desk.example")],
        ),
        (
            b"Received: from a by b with ESMTPS id 4 for <help@desk.example>; Mon, 1 Jan 2024 10:00:00 +0000",
            [("recipient", "help@desk.example")],
        ),
        (
            b"Received: from a by b (Exim 4)\n\t(envelope-from <ann@x.example>)\n\tid 1 for help@desk.example; 1 Jan",
            [("recipient", "help@desk.example"), ("sender", "ann@x.example")],
        ),
        (b"Received: by host (for delivery) id 1; 1 Jan for <not@this.example>", []),
        (b"To: a@x.example", []),
    ],
)
def test_each_field_says_what_its_writers_mean(field, wanted):
    assert _seen(field) == wanted


def test_a_trace_says_where_it_stands_and_how_many_hops_are_above_it():
    raw = (
        b"Delivered-To: help@desk.example\nReceived: by mx for <help@desk.example>; x\nX-Original-To: old@corp.example\n"
        b"Received: by relay for <old@corp.example>; x\nReceived: by client; x\nX-BeenThere: list@far.example"
    )
    assert [(trace.address, trace.field, trace.position, trace.hop) for trace in _traces(raw)] == [
        ("help@desk.example", "delivered-to", 0, 0),
        ("help@desk.example", "received", 1, 0),
        ("old@corp.example", "x-original-to", 2, 1),
        ("old@corp.example", "received", 3, 1),
        ("list@far.example", "x-beenthere", 5, 3),
    ]


def test_original_recipients_are_mailboxes_the_mail_was_for_each_once():
    raw = (
        b"Return-Path: <old+caf_=help=desk.example@gmail.example>\nDelivered-To: Help@desk.example\n"
        b"X-Forwarded-For: old@gmail.example help@desk.example\nResent-From: bo@x.example\nX-BeenThere: list@x.example"
    )
    assert original_recipients(_traces(raw)) == (
        "old@gmail.example",
        "help@desk.example",
        "list@x.example",
    )


def test_a_message_carries_its_traces():
    message = read(b"Return-Path: <SRS0=ab=T4=x.example=ann@fwd.example>\r\nX-Original-To: a@x.example\r\n\r\nHi")
    assert message.original_recipients == ("a@x.example",)
    assert message.traces[0] == Trace("sender", "ann@x.example", "return-path", 0, 0, ("srs0",))


def test_no_more_than_200_traces_are_kept():
    assert len(_traces(b"Delivered-To: " + b"a@x.example " * 300 + b"\nEnvelope-To: a@x" * 900)) == 200


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("ann@x.example", Rewritten("ann@x.example")),
        ("ann+tag@x.example", Rewritten("ann+tag@x.example")),
        ("a=b@x.example", Rewritten("a=b@x.example")),
        ("", Rewritten("")),
        ("<>", Rewritten("")),
        ("SRS0=ab12=T4=x.example=ann@f.example", Rewritten("ann@x.example", ("@f.example",), (), ("srs0",))),
        ("srs0+ab12=T4=x.example=a=b@f.example", Rewritten("a=b@x.example", ("@f.example",), (), ("srs0",))),
        (
            "SRS1=cd=f.example==ab12=T4=x.example=ann@g.example",
            Rewritten("ann@x.example", ("@g.example", "@f.example"), (), ("srs1",)),
        ),
        ("bounces+SRS=qN=XA@corp.example", Rewritten(None, ("@corp.example",), (), ("microsoft-srs",))),
        (
            "help+SRS=q/N=XA=x.example=ann@corp.example",
            Rewritten("ann@x.example", ("help@corp.example",), (), ("microsoft-srs",)),
        ),
        (
            "old+caf_=help=desk.example@gmail.example",
            Rewritten(None, ("old@gmail.example",), ("help@desk.example",), ("gmail-forward",)),
        ),
        ("prvs=0412ab12cd=ann@x.example", Rewritten("ann@x.example", (), (), ("batv",))),
        ("prvs=ann/0412ab12cd@x.example", Rewritten("ann@x.example", (), (), ("batv",))),
        ("btv1==0412ab12cd==ann@x.example", Rewritten("ann@x.example", (), (), ("batv",))),
        (
            "prvs=0412ab12cd=SRS0=ab=T4=x.example=prvs=1412ab12cd=ann@f.example",
            Rewritten("ann@x.example", ("@f.example",), (), ("batv", "srs0", "batv")),
        ),
        (
            "list-return-12-ann=x.example@l.example",
            Rewritten("list@l.example", (), ("ann@x.example",), ("verp",)),
        ),
        (
            "bounces+1234-ab12-ann=x.example@m.example",
            Rewritten("bounces@m.example", (), ("ann@x.example",), ("verp",)),
        ),
        ("owner-news*ann**x.example@l.example", Rewritten("news@l.example", (), ("ann@x.example",), ("verp",))),
    ],
)  # fmt: skip
def test_a_rewritten_envelope_sender_is_taken_apart(address, wanted):
    assert decode_sender(address) == wanted


@given(
    st.lists(
        st.sampled_from(["SRS0=", "SRS1=", "=", "==", "+", "@", "x.example", "prvs=", "0412ab12cd", "+caf_=", "+SRS=", "a", "-return-1-", "*", "-", "bounce", "/"]),
        max_size=30,
    )
)  # fmt: skip
def test_any_envelope_sender_can_be_taken_apart(pieces):
    was = decode_sender("".join(pieces))
    assert len(was.schemes) <= 6
    assert all("@" in each for each in (*was.forwarders, *was.recipients))


@given(
    st.lists(
        st.sampled_from([b"Received: ", b"for <a@x>", b"; ", b"\n", b"Return-Path: ", b"<prvs=1@", b"X-Forwarded-For: ", b"a@b ", b"(envelope-from ", b"\xff"]),
        max_size=30,
    )
)  # fmt: skip
def test_any_fields_give_traces_that_can_be_kept(pieces):
    for trace in _traces(b"".join(pieces)):
        trace.address.encode()
        assert trace.hop <= trace.position
