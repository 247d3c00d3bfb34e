"""What `gateway explain` shows is what is pushed, byte for byte but for the marker that is drawn at the push."""

import re

from gateway.commands.explain import documents
from gateway.delivery.deciding import decide_and_plan
from gateway.delivery.facts import gather
from gateway.delivery.names import DIRECTORY, KEY
from gateway.delivery.plan import Policy
from gateway.mail.reader import read
from support.rig import Rig, mail, rulebook, with_file


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
        before = len(rig.sandbox.pushes)
        delivery_id = rig.accept(raw)
        await rig.walk_all()
        sent = rig.sandbox.pushes[before:]
        remembered = rig.spool.recall(KEY)
        assert remembered is not None
        _decision, plan = decide_and_plan(
            rulebook(),
            rig.details(delivery_id).delivery.envelope,
            message,
            raw,
            facts,
            delivery_id=delivery_id,
            directory=DIRECTORY.validate_json(remembered),
            policy=Policy(),
            random_bytes=bytes,
        )
        assert plan is not None
        assert [unmarked(each) for each in documents(plan, raw)] == [unmarked(each) for each in sent]
        assert len(sent) == len(plan.steps) > 0
