"""The desk's directory over time: kept fresh, remembered, and held against the rules whenever the desk changes."""

import asyncio
import json

import pytest
from structlog.testing import capture_logs

from gateway.delivery.names import DIRECTORY, KEY, Names
from gateway.staffapi.client import Desk
from support.rig import rulebook

_RULES = """
rules:
  - name: sales
    when: {recipient: sales@desk.example}
    then: {create: {department: Sales, owner: Ravi Patel}}
  - name: all
    then: {create: {department: Support, status: Open, priority: Normal, type: Issue}}
"""


class _Watched(Desk):
    """Tells of each directory it was asked for, once there is an answer."""

    def __init__(self, *args, **named):
        super().__init__(*args, **named)
        self.fetched = asyncio.Queue()

    async def directory(self):
        try:
            return await super().directory()
        finally:
            self.fetched.put_nowait(None)

    async def fetches(self, number):
        for _ in range(number):
            await asyncio.wait_for(self.fetched.get(), 20)


@pytest.fixture
async def make_names(rig):
    """Names and the desk they come from."""
    desks = []

    def make(rules=_RULES, url=rig.url):
        desks.append(_Watched(url, "gateway", "sandbox", request_seconds=5, concurrency=1, boottime=rig.clock))
        return Names(desks[-1], rig.spool, clock=rig.clock, book=rulebook(rules)), desks[-1]

    yield make
    for desk in desks:
        await desk.aclose()


def _told(events, name):
    return [event["text"] for event in events if event["event"] == name]


async def test_a_renamed_department_is_told_once_with_the_places_that_name_it(rig, make_names):
    names, desk = make_names()
    await names.refresh()
    await desk.fetches(1)
    assert names.problems == []
    rig.sandbox.rename("department", "Sales", "Shop")
    stop = asyncio.Event()
    with capture_logs() as events:
        async with asyncio.TaskGroup() as group:
            group.create_task(names.keep_fresh(stop, every=0.01))
            # It is fetched again and again, and told once.
            await desk.fetches(4)
            stop.set()
    assert len(rig.sandbox.logins) == 1
    assert _told(events, "desk.changed") == ["the department 'Sales' (8) is now called 'Shop'"]
    [unknown] = [event for event in events if event["event"] == "rule.name_unknown"]
    assert unknown["place"] == "rules.yaml:5:33"
    assert "no department 'Sales'" in unknown["text"]
    assert [str(problem) for problem in names.problems] == [f"{unknown['place']}: {unknown['text']}"]
    # Named back, nothing is wrong any more.
    rig.sandbox.rename("department", "Shop", "Sales")
    with capture_logs() as events:
        await names.refresh()
    assert names.problems == []
    assert _told(events, "desk.changed") == ["the department 'Shop' (8) is now called 'Sales'"]
    assert _told(events, "rule.name_unknown") == []


async def test_a_department_the_account_loses_is_told_before_a_mail_needs_it(rig, make_names):
    names, _ = make_names()
    await names.refresh()
    rig.sandbox.assign("Support", False)
    with capture_logs() as events:
        await names.refresh()
    hidden = rig.sandbox.dialect.assigned_only
    assert (
        "the department 'Support' (9) is gone, or the account is not assigned to it any more"
        if hidden
        else "the account is no longer assigned to the department 'Support' (9)"
    ) in _told(events, "desk.changed")
    assert [problem.line for problem in names.problems] == [7]
    # A further mistake is told alone; the one before has been.
    rig.sandbox.rename("status", "Open", "New")
    with capture_logs() as events:
        await names.refresh()
    assert _told(events, "desk.changed") == ["the status 'Open' (14) is now called 'New'"]
    assert ["no status 'Open'" in text for text in _told(events, "rule.name_unknown")] == [True]
    assert [problem.line for problem in names.problems] == [7, 7]


async def test_after_a_start_the_remembered_directory_is_held_against_the_rules_while_the_desk_is_away(rig, make_names):
    await make_names()[0].refresh()
    names, _ = make_names(_RULES.replace("Normal", "Nomral"), url="http://127.0.0.1:9")
    stop = asyncio.Event()

    def away():
        stop.set()
        return False

    with capture_logs() as events:
        await names.keep_fresh(stop, every=0.001, desk_answers=away)
    assert [event["event"] for event in events] == ["rule.name_unknown"]
    assert "did you mean 'Normal'?" in events[0]["text"]
    assert [problem.message for problem in names.problems] == [events[0]["text"]]
    assert (await names.current()).version


async def test_a_desk_that_fails_is_quiet_here_and_asked_again(rig, make_names):
    names, desk = make_names()
    rig.sandbox.faults.add("502", on="info", count=3)
    stop = asyncio.Event()
    with capture_logs() as events:
        async with asyncio.TaskGroup() as group:
            group.create_task(names.keep_fresh(stop, every=0.01))
            await desk.fetches(5)
            stop.set()
    assert events == []
    assert rig.spool.recall(KEY)


async def test_while_the_breaker_says_that_the_desk_is_away_it_is_not_asked(rig, make_names):
    names, _ = make_names()
    stop = asyncio.Event()
    answers = iter((False, False, False))

    def asked():
        answer = next(answers, None)
        if answer is None:
            stop.set()
        return False

    await names.keep_fresh(stop, every=0.001, desk_answers=asked)
    assert next(answers, None) is None
    assert rig.sandbox.logins == []


async def test_what_an_older_release_remembered_still_serves_and_what_nobody_can_read_is_fetched(rig, make_names):
    fresh = await make_names()[0].refresh()
    old = json.loads(DIRECTORY.dump_json(fresh))
    for status in old["statuses"]:
        del status["display_order"]
    rig.spool.remember(KEY, json.dumps(old)).result()
    away, _ = make_names(url="http://127.0.0.1:9")
    assert (await away.current()).status_id("Open", 9) == fresh.status_id("Open", 9)
    with capture_logs() as events:
        assert await make_names()[0].refresh() == fresh
    assert events == []
    rig.spool.remember(KEY, "[]").result()
    assert await make_names()[0].current() == fresh
