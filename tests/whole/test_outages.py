"""Processes killed, desks that fall silent, answers that are lost: nothing is missing afterwards, and nothing is there twice."""

import itertools
import smtplib
import threading

import pytest
from whole.letters import letter
from whole.running import both_ways, until

pytestmark = pytest.mark.whole


@both_ways
def test_mail_taken_while_the_desk_is_away_is_listed_and_delivered_when_it_comes_back(make_gateway, desk):
    gateway = make_gateway()
    gateway.start()
    gateway.send(letter("first"))
    [queued] = gateway.list_spool()
    assert (queued["state"], queued["message_id"]) == ("queued", "first@customer.example")
    assert queued["rcpt_to"] == ["support@desk.example"]
    desk.open()
    gateway.settle()
    assert len(desk.tickets_of("About first")) == 1
    desk.shut()
    gateway.send(letter("second"), letter("third", answers=["second"]))
    # The first push, or the question about a session, finds nobody there.
    until(lambda: gateway.list_spool("--state", "queued")[-1]["reason"])
    queued = gateway.list_spool("--state", "queued")
    assert [each["message_id"] for each in queued] == ["third@customer.example", "second@customer.example"]
    assert "the desk does not take it: " in queued[1]["reason"]
    desk.open()
    gateway.settle()
    assert [ticket.subject for ticket in desk.tickets] == ["About first", "About second"]
    assert len(desk.tickets_of("About second")[0].posts) == 2
    assert gateway.events("desk.down")


@both_ways
def test_all_killed_between_250_and_push_loses_nothing(make_gateway, desk):
    gateway = make_gateway()
    gateway.start()
    gateway.send(letter("question"), letter("answer", answers=["question"]), letter("other"))
    gateway.kill()
    desk.open()
    gateway.start()
    gateway.settle()
    assert sorted(ticket.subject for ticket in desk.tickets) == ["About other", "About question"]
    assert len(desk.posts) == 3


@both_ways
def test_all_killed_between_push_and_answer_make_no_second_ticket_and_no_second_post(gateway, desk):
    desk.fail("slow_after", on="push", match="create", seconds=60)
    gateway.send(letter("question"))
    until(lambda: desk.tickets)
    gateway.kill()
    gateway.start()
    gateway.settle()
    assert gateway.events("spool.recovered")[-1]["in_doubt"] == 1
    assert len(desk.tickets) == 1
    desk.fail("slow_after", on="push", match="modify", seconds=60)
    gateway.send(letter("answer", answers=["question"]))
    until(lambda: desk.posts_with("This is answer."))
    gateway.kill()
    gateway.start()
    gateway.settle()
    assert gateway.events("spool.recovered")[-1]["in_doubt"] == 1
    assert [len(ticket.posts) for ticket in desk.tickets] == [2]
    assert len([push for push in desk.sandbox.pushes if b"<contents>" in push]) == 2


@both_ways
def test_the_supervisor_killed_under_load_loses_no_acknowledged_mail_and_doubles_none(gateway, desk):
    mails = [letter(f"load-{n}", sender=f"customer-{n}@customer.example") for n in range(60)]
    left = iter(mails)
    taken = itertools.count(1)
    twenty, over, gave_up = threading.Event(), threading.Event(), []

    def relay() -> None:
        # As a relay does: what got no 250 is sent again, byte for byte.
        for mail in left:
            while not over.is_set():
                try:
                    gateway.send(mail)
                except (OSError, smtplib.SMTPException):
                    over.wait(0.05)
                    continue
                if next(taken) == 20:
                    twenty.set()
                break
            else:
                gave_up.append(mail)

    relays = [threading.Thread(target=relay) for _ in range(6)]
    for each in relays:
        each.start()
    try:
        assert twenty.wait(60)
        gateway.kill_supervisor()
        gateway.start()
        for each in relays:
            each.join(60)
    finally:
        over.set()
    assert gave_up == []
    assert next(taken) == 61
    gateway.settle(60)
    assert sorted(ticket.subject for ticket in desk.tickets) == sorted(f"About load-{n}" for n in range(60))
    assert len(desk.posts) == 60


LOST_ANSWERS = ["cut_after", "truncated", "half_xml", "plain_crash_after", "status_after"]
NOTHING_DONE = ["cut_before", "status", "plain_crash_before"]


@both_ways
def test_a_push_whose_answer_is_lost_or_that_fails_arrives_exactly_once(gateway, desk):
    kinds = [*LOST_ANSWERS, *NOTHING_DONE]
    for kind in kinds:
        desk.fail(kind, on="push", match=f"create-{kind}.")
    gateway.send(*(letter(f"create-{kind}") for kind in kinds))
    gateway.settle()
    assert list(desk.sandbox.faults) == []
    assert sorted(ticket.subject for ticket in desk.tickets) == sorted(f"About create-{kind}" for kind in kinds)
    for kind in kinds:
        desk.fail(kind, on="push", match=f"reply-{kind}.")
    gateway.send(*(letter(f"reply-{kind}", answers=[f"create-{kind}"]) for kind in kinds))
    gateway.settle()
    assert list(desk.sandbox.faults) == []
    for kind in kinds:
        [ticket] = desk.tickets_of(f"About create-{kind}")
        assert [post.contents.count(f"This is reply-{kind}.") for post in ticket.posts] == [0, 1]
    assert len(desk.posts) == 2 * len(kinds)


def test_a_desk_that_dies_between_a_tickets_row_and_its_tags_makes_it_no_second_time(gateway, desk):
    desk.fail("plain_crash_midway", on="push")
    gateway.send(letter("half"))
    gateway.settle()
    assert len(desk.tickets) == 1


def test_a_session_that_expires_is_opened_again_once_and_the_mail_arrives_once(gateway, desk):
    gateway.send(letter("before"))
    gateway.settle()
    desk.sandbox.expire_sessions()
    gateway.send(letter("after"))
    gateway.settle()
    assert [ticket.subject for ticket in desk.tickets] == ["About before", "About after"]
    assert len(desk.sandbox.logins) == 2


def test_a_full_disk_is_answered_by_451_and_intake_comes_back_by_itself(gateway, desk):
    gateway.send(letter("before"))
    gateway.settle()
    gateway.limit_files_of("intake", 65_536)
    gateway.deaths = 1
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        gateway.send(letter("during", text="much\n" * 200_000))
    assert refusal.value.smtp_code == 451
    # The child that takes its place is not limited, as if somebody had made room.
    until(lambda: _is_taken(gateway, letter("during")))
    gateway.settle()
    assert [ticket.subject for ticket in desk.tickets] == ["About before", "About during"]
    assert gateway.events("spool.unavailable")


def _is_taken(gateway, mail: bytes) -> bool:
    try:
        gateway.send(mail)
    except (OSError, smtplib.SMTPException):
        return False
    return True
