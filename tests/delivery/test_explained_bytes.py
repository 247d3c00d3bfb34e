"""What `gateway explain` shows is what is pushed, byte for byte but for the marker that is drawn at the push."""

import re
from pathlib import Path

import pytest

from gateway.commands.explain import documents, explain
from gateway.delivery.deciding import decide_on, plan_on
from gateway.delivery.facts import gather
from gateway.delivery.names import DIRECTORY, KEY
from gateway.delivery.policy import Policy
from gateway.mail.reader import read
from gateway.settings import load
from support.rig import RULES, Rig, mail, rulebook, with_file


def unmarked(document: bytes) -> bytes:
    return re.sub(rb'gw-[a-z2-7]{16}|staffapiid="\d+"|ticketid="\d+"', b"*", document)


async def test_explained_and_pushed_are_the_same_bytes(rig: Rig) -> None:
    mails = [
        mail(message_id="p@x", subject="=?utf-8?q?=E2=82=AC?=", text="Grüße & <tags>"),
        with_file(bytes(range(256)), message_id="f@x"),
        mail(message_id="r@x", references="<p@x>"),
    ]
    for raw in mails:
        message = read(raw)
        facts = gather(rig.spool, message)
        # The ticket as the walk finds it; `gateway explain` itself asks no desk.
        current = await rig.desk.ticket(facts.thread.ticket.ticket_id, [9]) if facts.thread is not None else None
        before = len(rig.sandbox.pushes)
        delivery_id = rig.accept(raw)
        await rig.walk_all()
        sent = rig.sandbox.pushes[before:]
        remembered = rig.spool.recall(KEY)
        assert remembered is not None
        envelope = rig.details(delivery_id).delivery.envelope
        _decision, plan = plan_on(
            decide_on(rulebook(), envelope, message, raw, facts, policy=Policy()),
            envelope,
            message,
            raw,
            delivery_id=delivery_id,
            directory=DIRECTORY.validate_json(remembered),
            policy=Policy(),
            random_bytes=bytes,
            current=current,
        )
        assert plan is not None
        assert [unmarked(each) for each in documents(plan, raw)] == [unmarked(each) for each in sent]
        assert len(sent) == len(plan.steps) > 0


async def test_explain_says_what_it_has_not_asked_and_what_it_has_taken_for_granted(
    rig: Rig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rig.accept(message_id="p@x")
    await rig.walk_all()
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "10.yaml").write_text(RULES)
    settings = load(
        {
            "GATEWAY_SPOOL__URL": f"sqlite:///{tmp_path}/gateway.db",
            "GATEWAY_RULES": str(rules),
            "GATEWAY_SMTP__AUTHSERV_IDS": "mx.example.com",
        }
    )
    proof = "Authentication-Results: mx.example.com; dmarc=pass header.from=example.com"
    staff = "Jane Doe <jane.doe@example.com>"
    for sender, step in (("Ann <ann@customer.example>", "reply"), (staff, "note")):
        path = tmp_path / "mail.eml"
        path.write_bytes(mail(message_id="r@x", references="<p@x>", sender=sender, extra=proof))
        assert explain(settings, path, xml=False, rcpt=["support@desk.example"], sender=None) == 0
        said = capsys.readouterr()
        assert f"step 1: {step}" in said.out
        assert "not asked for the ticket as it is now" in said.err
        assert ("taken as a staff member's" in said.err) is (sender == staff)
