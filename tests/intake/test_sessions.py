import asyncio
import smtplib
from datetime import UTC, datetime
from email.message import EmailMessage
from types import SimpleNamespace

import aiosmtplib
import pytest

from gateway.intake.addresses import Recipients
from gateway.mail.ids import thread_ids
from gateway.spool.errors import SpoolFull, SpoolUnavailable
from gateway.spool.stored import Stored

MAIL = b"From: jo@customer.example\r\nMessage-ID: <1@customer.example>\r\nSubject: help\r\n\r\nIt is broken.\r\n"


async def test_a_mail_is_kept_as_sent_with_its_envelope_ids_and_our_received_line(door, store, events):
    client = await (await door.open()).client()
    assert (await client.begin()).startswith("354 ")
    assert await client.ask(MAIL + b".") == "250 2.0.0 queued as 1"
    (kept,) = store.kept
    assert kept.raw == MAIL
    assert kept.ids == thread_ids(MAIL)
    assert kept.ids.message_id == "1@customer.example"
    envelope = kept.envelope
    assert (envelope.mail_from, envelope.rcpt_to) == ("jo@customer.example", ("support@desk.example",))
    assert (envelope.peer, envelope.helo, envelope.tls) == ("127.0.0.1", "pc.customer.example", "")
    assert envelope.received_at == datetime(2025, 11, 24, 12, 0, tzinfo=UTC)
    assert kept.trace == (
        b"Received: from pc.customer.example ([127.0.0.1])\r\n\tby mx.desk.example with ESMTP;\r\n\tMon, 24 Nov 2025 12:00:00 +0000\r\n"
    )
    (event,) = [each for each in events if each["event"] == "mail.accepted"]
    assert (event["id"], event["size"], event["rcpts"], event["message_id"]) == (1, len(MAIL), 1, "1@customer.example")


async def test_250_is_said_after_the_commit_and_not_before(door, store):
    store.hold = True
    client = await (await door.open()).client()
    await client.begin()
    await client.send(MAIL + b".\r\n")
    await asyncio.wait_for(store.called.wait(), 10)
    answer = asyncio.create_task(client.answer())
    await asyncio.wait({answer}, timeout=0.05)
    assert not answer.done()
    store.kept[0].future.set_result(Stored(41, None))
    assert await answer == "250 2.0.0 queued as 41"


async def test_smtplib_sends_several_mails_over_one_connection(door, store):
    await door.open()

    def send():
        with smtplib.SMTP("127.0.0.1", door.port, timeout=10) as smtp:
            for n in range(3):
                smtp.sendmail(
                    "jo@customer.example",
                    ["support@desk.example", "sales@desk.example"],
                    b"Subject: %d\r\n\r\n.dot\r\n" % n,
                )

    await asyncio.to_thread(send)
    assert [each.raw for each in store.kept] == [b"Subject: %d\r\n\r\n.dot\r\n" % n for n in range(3)]
    assert store.kept[0].envelope.rcpt_to == ("support@desk.example", "sales@desk.example")


async def test_aiosmtplib_sends_an_address_in_letters_beyond_ascii(door, store):
    await door.open()
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "ñandú@correo.example", "soporte@desk.example", "está roto"
    message.set_content("¿Qué tal?\n", cte="8bit")
    await aiosmtplib.send(message, hostname="127.0.0.1", port=door.port, start_tls=False, timeout=10)
    (kept,) = store.kept
    assert kept.envelope.mail_from == "ñandú@correo.example"
    assert "¿Qué tal?".encode() in kept.raw
    assert b" with UTF8SMTP;" in kept.trace


async def test_the_null_sender_is_an_empty_string(door, store):
    client = await (await door.open()).client()
    assert (await client.begin(sender=b"")).startswith("354")
    assert (await client.ask(b".")).startswith("250")
    assert store.kept[0].envelope.mail_from == ""
    assert store.kept[0].raw == b""


async def test_ehlo_offers_what_is_there_and_nothing_else(door):
    client = await (await door.open(max_size=12345)).client()
    assert (await client.ask(b"EHLO x")).split("\n") == [
        "250-mx.desk.example",
        "250-SIZE 12345",
        "250-8BITMIME",
        "250-PIPELINING",
        "250-ENHANCEDSTATUSCODES",
        "250 SMTPUTF8",
    ]


async def test_helo_gives_plain_smtp_without_parameters(door, store):
    client = await (await door.open()).knock()
    await client.answer()
    assert await client.ask(b"HELO old.example") == "250 mx.desk.example"
    assert (await client.ask(b"MAIL FROM:<jo@customer.example> SIZE=5")).startswith("555 5.5.4 ")
    await client.begin()
    await client.ask(b"x\r\n.")
    assert b" with SMTP;" in store.kept[0].trace


@pytest.mark.parametrize(
    ("commands", "answer"),
    [
        ([b"MAIL FROM:<a@b> SIZE=1001"], "552 5.3.4 "),
        ([b"MAIL FROM:<a@b> SIZE=1000"], "250 2.1.0 "),
        ([b"MAIL FROM: <a@b> BODY=8BITMIME size=7"], "250 2.1.0 "),
        ([b"mail from:<a@b>"], "250 2.1.0 "),
        ([b"MAIL FROM:<a@b> SIZE=\xc2\xb2"], "501 5.5.4 "),
        ([b"MAIL FROM:<a@b> SIZE"], "501 5.5.4 "),
        ([b"MAIL FROM:<a@b> SIZE=1 SIZE=2"], "501 5.5.4 "),
        ([b"MAIL FROM:<a@b> BODY=BINARYMIME"], "501 5.5.4 "),
        ([b"MAIL FROM:<a@b> AUTH=<>"], "555 5.5.4 "),
        ([b"MAIL FROM:<a@b> RET=HDRS"], "555 5.5.4 "),
        ([b"MAIL FROM:a@b"], "501 5.5.4 "),
        ([b"MAIL FROM"], "501 5.5.4 "),
        ([b"MAIL"], "501 5.5.4 "),
        ([b"MAIL TO:<a@b>"], "501 5.5.4 "),
        ([b"MAIL FROM:<a@b"], "501 5.5.4 "),
        ([b"MAIL FROM:<a@[>"], "501 5.1.7 "),
        ([b"MAIL FROM:<\xc3\xb1@b>"], "553 5.6.7 "),
        ([b"MAIL FROM:<\xff@b> SMTPUTF8"], "501 5.1.7 "),
        ([b"MAIL FROM:<a@b> SMTPUTF8=1"], "501 5.5.4 "),
        ([b"MAIL FROM:<a@b>", b"MAIL FROM:<c@d>"], "503 5.5.1 "),
        ([b"MAIL FROM:<a@b>", b"RSET", b"MAIL FROM:<c@d>"], "250 2.1.0 "),
        ([b"MAIL FROM:<a@b>", b"EHLO again", b"RCPT TO:<support@desk.example>"], "503 5.5.1 "),
        ([b"RCPT TO:<support@desk.example>"], "503 5.5.1 "),
        ([b"MAIL FROM:<a@b>", b"RCPT TO:<support@desk.example>"], "250 2.1.5 "),
        ([b"MAIL FROM:<a@b>", b"RCPT TO:<support@desk.example> NOTIFY=NEVER"], "555 5.5.4 "),
        ([b"MAIL FROM:<a@b>", b"RCPT TO:<support@other.example>"], "550 5.1.1 "),
        ([b"MAIL FROM:<a@b>", b"RCPT TO:<x%other.example@desk.example>"], "550 5.7.1 "),
        ([b"MAIL FROM:<a@b>", b"RCPT TO:<@a:x@desk.example>"], "550 5.7.1 "),
        ([b"MAIL FROM:<a@b>", b"RCPT TO:<>"], "501 5.1.3 "),
        ([b"MAIL FROM:<a@b>", b"RCPT TO:<a b@desk.example>"], "501 5.1.3 "),
        ([b"MAIL FROM:<a@b>", b"RCPT TO:<a\x00@desk.example>"], "501 5.1.3 "),
        ([b"MAIL FROM:<a@b>", b"RCPT TO:<postmaster>"], "250 2.1.5 "),
        ([b"DATA"], "503 5.5.1 "),
        ([b"MAIL FROM:<a@b>", b"DATA"], "503 5.5.1 "),
        ([b"MAIL FROM:<a@b>", b"RCPT TO:<support@desk.example>", b"DATA now"], "501 5.5.4 "),
        ([b"RSET x"], "501 5.5.4 "),
        ([b"QUIT x"], "501 5.5.4 "),
        ([b"NOOP whatever"], "250 2.0.0 "),
        ([b"VRFY support"], "252 2.5.0 "),
        ([b"VRFY <"], "252 2.5.0 "),
        ([b"VRFY"], "501 5.5.4 "),
        ([b"EXPN staff"], "502 5.5.1 "),
        ([b"HELP"], "214 2.0.0 "),
        ([b"EHLO"], "501 5.5.4 "),
        ([b"EHLO a\x1b[2J"], "501 5.5.4 "),
        ([b"AUTH PLAIN AGEAYQ=="], "500 5.5.1 "),
        ([b"BDAT 5 LAST"], "500 5.5.1 "),
        ([b"STARTTLS"], "500 5.5.1 "),
        ([b"ETRN desk.example"], "500 5.5.1 "),
        ([b"M\xc4\xb1L FROM:<a@b>"], "500 5.5.2 "),
        ([b""], "500 5.5.1 "),
        ([b"NOOP " + b"x" * 2100], "500 5.5.2 "),
        ([b"QUIT"], "221 2.0.0 "),
    ],
)
async def test_each_command_has_its_answer(door, commands, answer):
    client = await (await door.open(max_size=1000)).client()
    assert (await client.ask(*commands)).startswith(answer)


async def test_mail_before_a_greeting_is_out_of_order(door):
    client = await (await door.open()).knock()
    await client.answer()
    assert (await client.ask(b"MAIL FROM:<a@b>")).startswith("503 5.5.1 ")


async def test_a_command_line_ended_by_a_bare_lf_is_no_command(door, store):
    client = await (await door.open()).client()
    await client.send(b"MAIL FROM:<a@b>\n")
    assert (await client.answer()).startswith("500 5.5.2 ")
    assert (await client.ask(b"RCPT TO:<support@desk.example>")).startswith("503 ")


@pytest.mark.parametrize(
    "line", [b"GET / HTTP/1.1", b"POST /mail HTTP/1.1", b"Host: mx.desk.example", b"CONNECT x:25 HTTP/1.1"]
)
async def test_another_protocol_is_hung_up_on(door, line):
    client = await (await door.open()).knock()
    await client.answer()
    assert (await client.ask(line)).startswith("421 4.7.0 ")
    assert await client.answer() == ""


async def test_a_whole_transaction_in_one_packet_is_answered_line_by_line(door, store):
    client = await (await door.open()).client()
    one = b"MAIL FROM:<jo@customer.example>\r\nRCPT TO:<support@desk.example>\r\nRCPT TO:<no@other.example>\r\nDATA\r\n"
    await client.send(one + b"first\r\n.\r\n" + one + b"second\r\n.\r\nQUIT\r\n")
    codes = []
    while answer := await client.answer():
        codes.append(answer[:3])
    assert codes == ["250", "250", "550", "354", "250"] * 2 + ["221"]
    assert [each.raw for each in store.kept] == [b"first\r\n", b"second\r\n"]


async def test_the_end_of_a_mail_may_be_cut_anywhere(door, store):
    client = await (await door.open(idle_commands=1000)).client()
    end = b"last line\r\n.\r\n"
    for cut in range(len(end)):
        await client.begin()
        await client.send(b"Subject: x\r\n\r\n" + end[:cut])
        await client.send(end[cut:])
        assert (await client.answer()).startswith("250 ")
    assert {each.raw for each in store.kept} == {b"Subject: x\r\n\r\nlast line\r\n"}
    assert len(store.kept) == len(end)


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\r\n\x00.\r\n"])
async def test_no_second_mail_is_smuggled_in(door, store, end):
    client = await (await door.open()).client()
    await client.begin()
    smuggled = b"MAIL FROM:<ceo@desk.example>\r\nRCPT TO:<support@desk.example>\r\nDATA\r\nevil\r\n"
    assert (await client.ask(b"good" + end + smuggled + b".")).startswith("250 ")
    (kept,) = store.kept
    assert smuggled in kept.raw
    assert kept.envelope.mail_from == "jo@customer.example"


async def test_lines_of_any_length_and_bytes_of_any_value_are_mail(door, store):
    client = await (await door.open()).client()
    mail = (
        b"Subject: x\r\n\r\n"
        + b"z" * 100_000
        + b"\r\n"
        + bytes(set(range(256)) - {13, 10})
        + b"\r\nbare\nlf and\rcr\r\n"
    )
    await client.begin()
    assert (await client.ask(mail + b".")).startswith("250 ")
    assert store.kept[0].raw == mail


async def test_a_mail_over_the_limit_is_refused_at_its_end_and_the_next_one_taken(door, store, events):
    client = await (await door.open(max_size=1000)).client()
    await client.begin()
    assert (await client.ask(b"x" * 1500 + b"\r\n.")).startswith("552 5.3.4 ")
    await client.begin()
    assert (await client.ask(b"y" * 998 + b"\r\n.")).startswith("250 ")
    assert [len(each.raw) for each in store.kept] == [1000]
    (event,) = [each for each in events if each["event"] == "mail.refused"]
    assert (event["command"], event["code"], event["mail_from"]) == ("DATA", 552, "jo@customer.example")


async def test_a_mail_without_end_is_cut_off_at_twice_the_limit(door, store):
    client = await (await door.open(max_size=100_000)).client()
    await client.begin()
    for _ in range(4):
        await client.send(b"x" * 100_000)
    assert (await client.answer()).startswith("552 5.3.4 ")
    assert await client.answer() == ""
    assert store.kept == []


async def test_a_command_without_end_is_cut_off(door):
    client = await (await door.open()).client()
    await client.send(b"x" * 200_000)
    assert (await client.answer()).startswith("500 5.5.2 ")
    assert await client.answer() == ""


async def test_the_hundred_and_first_recipient_is_put_off_and_the_mail_taken_for_the_others(door, store):
    client = await (await door.open()).client()
    await client.ask(b"MAIL FROM:<a@b>")
    answers = [await client.ask(b"RCPT TO:<r%d@desk.example>" % n) for n in range(120)]
    assert [each[:9] for each in answers] == ["250 2.1.5"] * 100 + ["452 4.5.3"] * 20
    assert (await client.ask(b"DATA")).startswith("354 ")
    assert (await client.ask(b".")).startswith("250 ")
    assert len(store.kept[0].envelope.rcpt_to) == 100


async def test_a_mail_that_goes_in_circles_is_refused(door, store):
    client = await (await door.open(hops=3)).client()
    hop = b"Received: from a by b;\r\n\tsome day\r\n"
    await client.begin()
    assert (await client.ask(hop * 3 + b"\r\n" + hop * 9 + b".")).startswith("250 ")
    await client.begin()
    assert (await client.ask(hop + b"X: y\r\n" + hop * 3 + b"\r\nbody\r\n.")).startswith("554 5.4.6 ")


async def test_ten_errors_end_the_connection(door):
    client = await (await door.open()).client()
    for _ in range(10):
        assert (await client.ask(b"NONSENSE")).startswith("500 ")
    assert (await client.ask(b"NOOP")).startswith("421 4.7.0 ")
    assert await client.answer() == ""


async def test_many_unknown_recipients_do_not_keep_a_known_one_from_getting_the_mail(door, store):
    client = await (await door.open()).client()
    await client.ask(b"MAIL FROM:<a@b>")
    for n in range(30):
        assert (await client.ask(b"RCPT TO:<r%d@other.example>" % n)).startswith("550 ")
    assert await client.ask(b"RCPT TO:<support@desk.example>", b"DATA", b".") == "250 2.0.0 queued as 1"


async def test_unknown_recipients_in_ten_mails_end_the_connection(door):
    client = await (await door.open()).client()
    for _ in range(9):
        assert (
            await client.ask(b"MAIL FROM:<a@b>", b"RCPT TO:<x@other.example>", b"RCPT TO:<y@other.example>", b"RSET")
        ).startswith("250 ")
    assert (await client.ask(b"MAIL FROM:<a@b>", b"RCPT TO:<x@other.example>")).startswith("550 ")
    assert (await client.ask(b"MAIL FROM:<a@b>")).startswith("421 4.7.0 ")


async def test_an_accepted_mail_wipes_out_earlier_errors_and_idling(door):
    client = await (await door.open(errors=3, idle_commands=4)).client()
    for _ in range(5):
        await client.ask(b"NONSENSE", b"NONSENSE", b"NOOP", b"RSET")
        await client.begin()
        assert (await client.ask(b".")).startswith("250 ")


async def test_idling_ends_the_connection(door):
    client = await (await door.open(idle_commands=3)).client()
    assert (await client.ask(b"NOOP", b"NOOP", b"RSET")).startswith("250 ")
    assert (await client.ask(b"NOOP")).startswith("421 4.7.0 ")


async def test_silence_ends_the_connection(door):
    client = await (await door.open(idle_seconds=0.05)).knock()
    assert (await client.answer()).startswith("220 ")
    assert (await client.answer()).startswith("421 4.4.2 ")
    assert await client.answer() == ""


async def test_each_piece_of_a_mail_gives_the_client_new_time(door):
    client = await (await door.open()).client()
    await client.begin()
    (session,) = door.inside.sessions
    ends = [session._timeout_handle.when()]
    for _ in range(3):
        await client.send(b"x" * 1000)
        ends.append(session._timeout_handle.when())
    assert ends == sorted(set(ends))


async def test_a_client_that_goes_after_the_final_dot_has_its_mail_kept(door, store, events):
    store.hold = True
    client = await (await door.open()).client()
    await client.begin()
    client.writer.write(MAIL + b".\r\n")
    await client.close()
    await asyncio.wait_for(store.called.wait(), 10)
    (commit,) = door.inside.commits
    store.kept[0].future.set_result(Stored(7, None))
    assert await commit == Stored(7, None)
    assert [each["id"] for each in events if each["event"] == "mail.accepted"] == [7]


async def test_a_connection_reset_during_the_commit_does_not_reach_the_commit(door, store, events):
    store.hold = True
    client = await (await door.open()).client()
    await client.begin()
    await client.send(MAIL + b".\r\n")
    await asyncio.wait_for(store.called.wait(), 10)
    (session,), (commit,) = door.inside.sessions, door.inside.commits
    client.writer.transport.abort()
    session.abort()
    await asyncio.wait({session.task}, timeout=10)
    assert session.task.done()
    assert not commit.done()
    assert not store.kept[0].future.cancelled()
    store.kept[0].future.set_result(Stored(8, None))
    await commit
    assert [each["id"] for each in events if each["event"] == "mail.accepted"] == [8]


async def test_a_client_that_closes_its_side_first_still_hears_the_answers(door, store):
    client = await (await door.open()).knock()
    client.writer.write(b"HELO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<support@desk.example>\r\nDATA\r\nhello\r\n.\r\n")
    client.writer.write_eof()
    answers = []
    while answer := await client.answer():
        answers.append(answer[:3])
    assert answers == ["220", "250", "250", "250", "354", "250"]
    assert store.kept[0].raw == b"hello\r\n"


async def test_a_client_that_goes_before_the_final_dot_leaves_a_line_in_the_log_and_no_mail(door, store, events):
    client = await (await door.open()).client()
    await client.begin()
    await client.send(b"half a mail\r\n.")
    (session,) = door.inside.sessions
    await client.close()
    await asyncio.wait({session.task}, timeout=10)
    assert store.kept == []
    (event,) = [each for each in events if each["event"] == "mail.refused"]
    assert (event["command"], event["code"]) == ("DATA", 0)


@pytest.mark.parametrize("way", ["refuse", "fail"])
@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (SpoolFull("no room: /secret/path"), "452 4.3.1 "),
        (SpoolUnavailable("disk /secret/path"), "451 4.3.0 "),
        (RuntimeError("/secret/path"), "451 4.3.0 "),
        (OSError(28, "/secret/path"), "451 4.3.0 "),
        (ConnectionResetError("/secret/path"), "451 4.3.0 "),
        (TimeoutError("/secret/path"), "451 4.3.0 "),
    ],
)
async def test_whatever_the_store_says_the_client_is_told_to_come_again(door, store, events, way, error, answer):
    setattr(store, way, error)
    client = await (await door.open()).client()
    await client.begin()
    told = await client.ask(MAIL + b".")
    assert told.startswith(answer)
    assert "secret" not in told
    faults = [each for each in events if each["event"] == "fault"]
    assert len(faults) == (0 if isinstance(error, SpoolFull | SpoolUnavailable) else 1)
    assert [each["code"] for each in events if each["event"] == "mail.refused"] == [int(answer[:3])]
    setattr(store, way, None)
    await client.begin()
    assert (await client.ask(MAIL + b".")).startswith("250 ")


async def test_a_future_that_somebody_cancels_is_a_temporary_answer_too(door, store):
    store.hold = True
    client = await (await door.open()).client()
    await client.begin()
    await client.send(MAIL + b".\r\n")
    await asyncio.wait_for(store.called.wait(), 10)
    store.kept[0].future.cancel()
    assert (await client.answer()).startswith("451 4.3.0 ")


async def test_a_commit_beyond_its_time_is_put_off_and_goes_on(door, store, events):
    store.hold = True
    client = await (await door.open(commit_seconds=0.05)).client()
    await client.begin()
    assert (await client.ask(MAIL + b".")).startswith("451 4.3.0 ")
    (commit,) = door.inside.commits
    assert (await client.ask(b"NOOP")).startswith("250 ")
    store.kept[0].future.set_result(Stored(9, None))
    await commit
    assert [each["id"] for each in events if each["event"] == "mail.accepted"] == [9]


async def test_a_fault_of_ours_shows_no_text_and_leaves_the_connection_usable(door, store, events):
    def broken(_):
        raise ZeroDivisionError("secret")

    recipients = Recipients.parse(["desk.example"])
    client = await (await door.open(recipients=type("Broken", (), {"serves": broken})())).client()
    await client.ask(b"MAIL FROM:<a@b>")
    assert (
        await client.ask(b"RCPT TO:<support@desk.example>") == "451 4.3.0 The mail cannot be kept now, try again later"
    )
    assert [each["type"] for each in events if each["event"] == "fault"] == ["TypeError"]
    assert (await client.ask(b"NOOP")).startswith("250 ")
    assert recipients.serves("support@desk.example")


async def test_the_second_copy_is_logged_as_a_duplicate_and_answered_alike(door, store, events):
    client = await (await door.open()).client()
    for n in (1, 2):
        await client.begin()
        assert await client.ask(MAIL + b".") == f"250 2.0.0 queued as {n}"
    assert [each["event"] for each in events] == ["mail.accepted", "mail.duplicate"]
    assert (events[1]["id"], events[1]["first_id"]) == (2, 1)


async def test_refusals_are_logged_with_what_was_asked_for_and_escaped(door, events):
    client = await (await door.open()).client()
    await client.ask(
        b"MAIL FROM:<jo@customer.example>", b"RCPT TO:<no@other.example>", b"RCPT TO:<a\x1b[2J@desk.example>"
    )
    assert [(each["code"], each["mail_from"], each["rcpt"]) for each in events] == [
        (550, "jo@customer.example", "no@other.example"),
        (501, "jo@customer.example", r"'a\x1b[2J@desk.example'"),
    ]


async def test_a_hostile_greeting_cannot_write_headers(door, store):
    client = await (await door.open()).knock()
    await client.answer()
    await client.ask("EHLO x) by trusted (ü;".encode())
    await client.begin()
    await client.ask(b".")
    assert store.kept[0].trace.startswith(
        b"Received: from x??by?trusted???? ([127.0.0.1])\r\n\tby mx.desk.example with ESMTP;"
    )


async def test_a_stranger_is_turned_away_at_once(door, events):
    await door.open(peers=SimpleNamespace(allows=lambda peer: peer != "127.0.0.1"))
    client = await door.knock()
    assert (await client.answer()).startswith("554 5.7.1 ")
    assert await client.answer() == ""
    assert [(each["event"], each["command"], each["code"]) for each in events] == [("mail.refused", "connect", 554)]


async def test_connections_beyond_the_limit_are_put_off_and_one_that_ends_makes_room(door):
    await door.open(connections=2)
    first, second = await door.client(), await door.client()
    assert (await (await door.knock()).answer()).startswith("421 4.7.0 ")
    tasks = {each.task for each in door.inside.admitted}
    await first.ask(b"QUIT")
    await first.close()
    await asyncio.wait(tasks, timeout=10, return_when=asyncio.FIRST_COMPLETED)
    third = await door.knock()
    assert (await third.answer()).startswith("220 ")
    assert (await second.ask(b"NOOP")).startswith("250 ")
