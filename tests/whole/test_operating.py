"""What an operator sees and does: rules that hold and discard, the spool's verbs, import, explain."""

import mailbox
import re

import pytest
from whole.letters import letter
from whole.running import RULES, until

pytestmark = pytest.mark.whole
HOLDING = """
rules:
  - name: wait
    when: {subject: {contains: held}}
    then: {hold: "Somebody has to read this first."}
  - name: rubbish
    when: {subject: {contains: rubbish}}
    then: {discard: "Nobody wants this."}
""" + RULES.replace("rules:\n", "")
UNKNOWN = RULES.replace("Support", "Suport")


def test_held_mail_waits_with_its_conversation_until_it_is_released_or_dropped(make_gateway, desk):
    desk.open()
    gateway = make_gateway(rules=HOLDING)
    gateway.start()
    gateway.send(letter("held-1"), letter("held-2"), letter("rubbish"), letter("plain"))
    gateway.settle()
    gateway.send(letter("answer", answers=["held-1"]))
    gateway.settle()
    assert [ticket.subject for ticket in desk.tickets] == ["About plain"]
    spool = {each["message_id"].partition("@")[0]: each for each in gateway.list_spool()}
    assert {name: each["state"] for name, each in spool.items()} == {
        "held-1": "held",
        "held-2": "held",
        "rubbish": "discarded",
        "plain": "delivered",
        "answer": "held",
    }
    assert spool["held-1"]["reason"] == "Somebody has to read this first."
    assert spool["answer"]["waits_for"] == spool["held-1"]["id"]
    assert spool["rubbish"]["reason"] == "Nobody wants this."
    assert "Somebody has to read this first." in gateway.run("spool", "show", str(spool["held-1"]["id"]))
    assert b"This is held-1." in gateway.run_bytes("spool", "show", "--raw", str(spool["held-1"]["id"])).stdout

    gateway.run("spool", "drop", str(spool["held-2"]["id"]), "--reason", "seen elsewhere")
    refused = gateway.run_bytes("spool", "drop", str(spool["plain"]["id"]))
    assert refused.returncode == 1
    assert refused.stderr.startswith(b"error: %d is delivered" % spool["plain"]["id"])
    # Rules say by now that it may pass.
    gateway.stop()
    gateway.write_rules(RULES)
    gateway.start()
    gateway.run("spool", "release", str(spool["held-1"]["id"]))
    gateway.settle()
    assert [ticket.subject for ticket in desk.tickets] == ["About plain", "About held-1"]
    assert len(desk.tickets_of("About held-1")[0].posts) == 2
    [dropped] = [each for each in gateway.list_spool() if each["id"] == spool["held-2"]["id"]]
    assert (dropped["state"], dropped["reason"]) == ("discarded", "seen elsewhere")


def test_mail_put_off_is_tried_at_once_when_an_operator_says_so(make_gateway, desk):
    desk.open()
    gateway = make_gateway(delivery__settle_seconds="3600")
    gateway.start()
    desk.fail("cut_after", on="push")
    gateway.send(letter("doubtful"))
    until(lambda: gateway.events("push.in_doubt"))
    until(lambda: gateway.list_spool()[0]["state"] == "queued")
    [queued] = gateway.list_spool()
    assert queued["in_doubt"]
    gateway.run("spool", "hold", str(queued["id"]))
    assert gateway.list_spool("--state", "held")[0]["id"] == queued["id"]
    gateway.stop()
    gateway.environ["GATEWAY_DELIVERY__SETTLE_SECONDS"] = "0"
    gateway.start()
    assert gateway.run("spool", "retry", str(queued["id"])).startswith(f"{queued['id']}: ")
    gateway.settle()
    assert len(desk.tickets) == 1
    assert len(desk.sandbox.pushes) == 1


def test_a_department_the_desk_does_not_have_holds_the_mail_and_names_it(make_gateway, desk):
    desk.open()
    gateway = make_gateway(rules=UNKNOWN)
    gateway.start()
    gateway.send(letter("question"))
    gateway.settle()
    [held] = gateway.list_spool("--state", "held")
    assert "Suport" in held["reason"]
    assert "department" in held["reason"]
    assert desk.tickets == []
    assert desk.sandbox.pushes == []


def test_mails_from_files_become_tickets_and_a_second_import_makes_none_again(gateway, desk):
    folder = gateway.folder
    (folder / "one.eml").write_bytes(letter("eml"))
    box = mailbox.mbox(folder / "two.mbox")
    for name in ("mbox-1", "mbox-2"):
        box.add(letter(name, text=f"From the start: {name}\nFrom here on."))
    box.close()
    maildir = mailbox.Maildir(folder / "three")
    for name in ("maildir-1", "maildir-2"):
        maildir.add(letter(name))
    maildir.close()
    expected = ["eml", "maildir-1", "maildir-2", "mbox-1", "mbox-2", "pipe"]
    for said in ("5 mails stored: ", "5 mails stored (5 were there already): "):
        assert gateway.run("import", "one.eml", "two.mbox", "three").startswith(said)
        gateway.run("import", "-", input=b"From ann@customer.example Mon Jan  1 00:00:00 2024\n" + letter("pipe"))
        gateway.settle()
        assert sorted(ticket.subject for ticket in desk.tickets) == [f"About {name}" for name in expected]
    [(_ticket, post)] = desk.posts_with("From the start: mbox-2")
    assert "From here on." in post.contents


def unmarked(documents: bytes) -> bytes:
    return re.sub(rb'gw-[a-z2-7]{16}|staffapiid="\d+"|ticketid="\d+"', b"*", documents)


@pytest.mark.parametrize("dialect", ["page", "classic"])
def test_explain_prints_the_bytes_that_are_pushed(gateway, desk, dialect):
    mails = [
        letter("question", subject="Größe & <Preis>", files=[("a.bin", bytes(range(256)) * 40)]),
        letter("answer", answers=["question"], files=[(f"{n}.bin", b"x" * 3_000_000) for n in range(3)]),
    ]
    until(lambda: gateway.events("desk.up"))
    for raw in mails:
        (gateway.folder / "mail.eml").write_bytes(raw)
        before = len(desk.sandbox.pushes)
        explained = gateway.run_bytes("explain", "mail.eml", "--xml", "--rcpt", "support@desk.example")
        assert explained.returncode == 0
        # Without asking the desk nobody knows what a follow-up has to put back as it was.
        assert (b"not shown" in explained.stderr) is (b"References:" in raw or b"In-Reply-To:" in raw)
        assert len(desk.sandbox.pushes) == before
        gateway.send(raw)
        gateway.settle()
        pushed = [each for each in desk.sandbox.pushes[before:] if b"<contents>" in each]
        assert pushed
        documents = [each for each in explained.stdout.split(b"<?xml") if b"<contents>" in each]
        assert unmarked(b"<?xml".join([b"", *documents])) == unmarked(b"".join(each + b"\n" for each in pushed))
    said = gateway.run("explain", "mail.eml")
    assert "everything" in said
    assert desk.tickets[0].display_id in said


def test_explain_shows_names_in_braces_where_no_desk_was_ever_asked(make_gateway):
    gateway = make_gateway()
    (gateway.folder / "mail.eml").write_bytes(letter("question"))
    done = gateway.run_bytes("explain", "mail.eml", "--xml")
    assert done.returncode == 3
    for name in (b"Support", b"Open", b"Normal", b"Issue"):
        assert b">{%s}<" % name in done.stdout
        assert name in done.stderr
    assert b"no directory of the desk is known yet" in done.stderr
