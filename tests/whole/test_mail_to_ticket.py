"""Mail sent by other programs' SMTP, and the tickets that come of it."""

import asyncio
import random
import smtplib
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256

import aiosmtplib
import pytest
from whole.letters import letter
from whole.running import RECIPIENT, both_ways

pytestmark = pytest.mark.whole


@both_ways
def test_a_mail_becomes_a_ticket_with_all_that_was_in_it(gateway, desk):
    dice = random.Random(1)
    files = {"scan.bin": dice.randbytes(3_000_000), "läsmich.txt": b"all of it\r\n.\r\n", "empty.dat": b""}
    picture = dice.randbytes(5000)
    message = EmailMessage(policy=SMTP)
    message["From"] = "Zoë Müller-Lüdenscheidt <zoe@kunde.example>"
    message["To"] = RECIPIENT
    message["Subject"] = "Räksmörgås für 高橋 🙂"
    message["Message-ID"] = "<one@kunde.example>"
    message.set_content("Guten Tag,\n\ndie Größe stimmt nicht.\n")
    message.add_alternative('<p>Guten Tag,</p><p>die Größe stimmt nicht. <img src="cid:picture"></p>', subtype="html")
    message.get_payload()[1].add_related(picture, "image", "png", cid="<picture>", filename="picture.png")
    for filename, content in files.items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=filename)
    gateway.send(message.as_bytes(), sender="zoe@kunde.example")
    gateway.settle()
    [ticket] = desk.tickets
    assert ticket.subject == "Räksmörgås für 高橋 🙂"
    assert (ticket.fullname, ticket.email) == ("Zoë Müller-Lüdenscheidt", "zoe@kunde.example")
    assert (ticket.department, ticket.status, ticket.priority, ticket.type) == ("Support", "Open", "Normal", "Issue")
    assert "mail" in ticket.tags
    assert len(ticket.tags) == 2
    assert "die Größe stimmt nicht." in ticket.posts[0].contents
    kept = {each.name: each.sha256 for each in ticket.attachments}
    sent = {"picture.png": picture, **files}
    assert {name: kept[name] for name in sent} == {name: sha256(content).hexdigest() for name, content in sent.items()}
    assert sha256(desk.sandbox.attachment(ticket.attachments[0].id)).hexdigest() == ticket.attachments[0].sha256


@both_ways
async def test_sixty_mails_and_replies_in_any_order_over_many_connections_each_arrive_once(gateway, desk):
    parents = [letter(f"question-{n}", sender=f"customer-{n}@customer.example") for n in range(40)]
    replies = [
        letter(f"answer-{n}", sender=f"customer-{n}@customer.example", answers=[f"question-{n}"]) for n in range(20)
    ]
    mails = [*parents, *replies]
    random.Random(2).shuffle(mails)

    async def send(some: list[bytes]) -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=gateway.port, start_tls=False) as client:
            for raw in some:
                await client.sendmail("anybody@customer.example", [RECIPIENT], raw)

    await asyncio.gather(*(send(mails[n::6]) for n in range(6)))
    await asyncio.to_thread(gateway.settle)
    assert len(desk.tickets) == 40
    for n in range(40):
        [(ticket, _post)] = desk.posts_with(f"This is question-{n}.")
        assert ticket.email == f"customer-{n}@customer.example"
        if n < 20:
            assert [on.id for on, _post in desk.posts_with(f"This is answer-{n}.")] == [ticket.id]
    assert len(desk.posts) == 60
    assert len(desk.sandbox.logins) == 1


@both_ways
def test_a_reply_that_arrives_before_its_parent_ends_on_the_same_ticket(gateway, desk):
    gateway.send(letter("answer", answers=["question"]))
    gateway.settle()
    gateway.send(letter("question"))
    gateway.settle()
    [ticket] = desk.tickets
    first, second = (post.contents for post in ticket.posts)
    assert "This is answer." in first
    assert "This is question." in second


def test_a_stranger_who_names_a_ticket_gets_one_of_his_own_that_says_so(gateway, desk):
    gateway.send(letter("question"))
    gateway.settle()
    gateway.send(letter("intrusion", sender="mallory@elsewhere.example", answers=["question"]))
    gateway.settle()
    first, second = desk.tickets
    assert len(first.posts) == 1
    assert second.email == "mallory@elsewhere.example"
    [note] = second.notes
    assert first.display_id in note.contents


@both_ways
def test_attachments_beyond_one_post_arrive_complete_and_one_beyond_any_is_named_in_a_note(gateway, desk):
    dice = random.Random(3)
    files = [(f"part-{n}.bin", dice.randbytes(4_000_000)) for n in range(3)]
    huge = dice.randbytes(9_000_000)
    gateway.send(letter("album", files=[*files, ("huge.bin", huge)]))
    gateway.settle()
    [ticket] = desk.tickets
    assert {each.name: each.sha256 for each in ticket.attachments} == {
        name: sha256(content).hexdigest() for name, content in files
    }
    assert len(ticket.posts) > 1
    [note] = ticket.notes
    assert "huge.bin" in note.contents
    assert sha256(huge).hexdigest() in note.contents


def test_a_recipient_that_is_not_served_is_refused_with_550_and_the_others_are_taken(gateway, desk):
    with smtplib.SMTP("127.0.0.1", gateway.port, timeout=60) as client:
        refused = client.sendmail("ann@customer.example", ["who@elsewhere.example", RECIPIENT], letter("mixed"))
        assert refused["who@elsewhere.example"][0] == 550
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail("ann@customer.example", ["who@elsewhere.example"], letter("nothing"))
    gateway.settle()
    assert [ticket.subject for ticket in desk.tickets] == ["About mixed"]
    assert {(event["rcpt"], event["code"]) for event in gateway.events("mail.refused")} == {
        ("who@elsewhere.example", 550)
    }
