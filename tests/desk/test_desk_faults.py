"""What can go wrong on the way, on demand."""

import asyncio
import contextlib
import random

import httpx
import pytest
from lxml import etree

from gateway.desk.faults import KINDS, Fault, read_fault
from gateway.desk.server import SandboxDesk


async def test_a_connection_cut_before_leaves_nothing_and_one_cut_after_leaves_the_ticket(caller):
    for kind, tickets in (("cut_before", 0), ("cut_after", 1)):
        caller.desk.faults.add(kind, on="push")
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await caller.push(caller.created())
        assert len(caller.desk.tickets()) == tickets
    assert len(caller.desk.faults) == 0
    assert (await caller.push(caller.created())).findtext("status") == "1"


async def test_a_truncated_answer_ends_the_connection_in_its_middle(caller):
    caller.desk.faults.add("truncated")
    async with caller.http.stream(
        "POST",
        "/staffapi/index.php?/Tickets/Push/Index",
        data={"payload": caller.created(), "sessionid": caller.session},
    ) as response:
        got = b""
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            async for chunk in response.aiter_raw():
                got += chunk
    assert 0 < len(got) < int(response.headers["Content-Length"])
    assert len(caller.desk.tickets()) == 1


async def test_each_fault_shows_on_the_wire_as_it_says_and_does_what_it_says(caller):
    for kind, status, start, tickets in (
        ("status", 503, b"<html>", 0),
        ("500", 500, b"<html>", 0),
        ("status_after", 503, b"<html>", 1),
        ("plain_crash_before", 200, b"Uncaught Exception", 0),
        ("plain_crash_midway", 200, b"Uncaught Exception", 1),
        ("plain_crash_after", 200, b"Uncaught Exception", 1),
        ("half_xml", 200, b"<?xml", 1),
        ("garbage", 200, b"<?xml", 1),
        ("garbage_before", 200, b"Notice", 1),
        ("illegal_character", 200, b"<?xml", 1),
        ("ip_denied", 200, b"Access Denied (staffapi): IP not allowed (127.0.0.1)", 0),
        ("payload_dropped", 200, b"<?xml", 0),
        ("redirect", 302, b"", 0),
        ("too_large", 200, b"<?xml", 0),
    ):
        before = len(caller.desk.tickets())
        caller.desk.faults.add(kind, on="push")
        response = await caller.post("/Tickets/Push/Index", payload=caller.created(), sessionid=caller.session)
        assert response.status_code == status, kind
        assert response.content.startswith(start), kind
        assert len(caller.desk.tickets()) - before == tickets, kind
        assert (b"</kayako_staffapi>" in response.content) is (start in {b"<?xml", b"Notice"} and kind != "half_xml"), (
            kind
        )
        if kind == "garbage":
            assert not response.content.rstrip().endswith(b"</kayako_staffapi>")
        if kind == "illegal_character":
            with pytest.raises(etree.XMLSyntaxError):
                etree.fromstring(response.content)
        if kind == "too_large":
            assert caller.read(response).findtext("status") == "-2"
        if kind == "payload_dropped":
            assert caller.read(response).findtext("status") == "1"


async def test_a_ticket_left_midway_has_its_post_and_no_tag(caller):
    caller.desk.faults.add("plain_crash_midway")
    await caller.post(
        "/Tickets/Push/Index",
        payload=caller.created("<tags>gw-1</tags><reply><contents>x</contents></reply>"),
        sessionid=caller.session,
    )
    [ticket] = caller.desk.tickets()
    assert (ticket.tags, len(ticket.posts)) == ((), 1)


async def test_an_expired_session_is_gone_for_good(caller):
    caller.desk.faults.add("expired", on="push")
    assert [(await caller.push(caller.created())).findtext("status") for _ in range(2)] == ["-2", "-2"]
    await caller.log_in()
    assert (await caller.push(caller.created())).findtext("status") == "1"


async def test_logins_can_be_refused_and_locked(caller):
    caller.desk.faults.add("refuse_login", count=2)
    caller.desk.faults.add("locked")
    texts = [(await caller.log_in()).findtext("error") for _ in range(4)]
    assert texts == ["Invalid Username or Password"] * 2 + ["Login locked for 900 minutes (attempt: 4/3)", ""]
    assert [login.accepted for login in caller.desk.logins] == [True, False, False, False, True]


async def test_a_slow_desk_does_its_work_late_even_if_nobody_waits(page):
    page.desk.faults.add("slow", on="push", seconds=0.15)
    with pytest.raises(httpx.ReadTimeout):
        await page.http.post(
            "/staffapi/index.php?/Tickets/Push/Index",
            data={"payload": page.created(), "sessionid": page.session},
            timeout=0.05,
        )
    assert page.desk.tickets() == []
    await page.desk.idle()
    assert len(page.desk.tickets()) == 1


async def test_a_desk_that_is_slow_to_answer_has_done_its_work(page):
    page.desk.faults.add("slow_after", seconds=30)
    with pytest.raises(httpx.ReadTimeout):
        await page.http.post(
            "/staffapi/index.php?/Tickets/Push/Index",
            data={"payload": page.created(), "sessionid": page.session},
            timeout=0.3,
        )
    assert len(page.desk.tickets()) == 1


async def test_a_desk_that_stops_drops_who_waits_and_what_waits():
    desk = SandboxDesk()
    desk.faults.add("slow", seconds=600)
    body = b"username=gateway&password=sandbox"
    async with httpx.AsyncClient() as http:
        async with desk.running() as url:
            reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(url).port)
            head = (
                f"POST /staffapi/index.php?/Core/Default/Login HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
            )
            writer.write(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\n".encode() + body)
            await writer.drain()
            # Answered after the first call was read.
            assert (await http.get(url)).status_code == 200
            assert len(desk.faults) == 0
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()
        with pytest.raises(httpx.TransportError):
            await http.get(url)
    assert desk.logins == []


async def test_run_serves_until_it_is_cancelled():
    desk, ready = SandboxDesk(), asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(desk.run("127.0.0.1", 0, ready.set_result))
    url = await ready
    async with httpx.AsyncClient() as http:
        assert (await http.get(url)).status_code == 200
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        with pytest.raises(httpx.TransportError):
            await http.get(url)


async def test_a_fault_hits_the_call_it_describes_as_often_as_it_says(caller):
    caller.desk.faults.add("status", on="push", match="modify", count=2, status=502, skip=1)
    ticketid = await caller.create()
    codes = []
    for inner in ("<tags>a</tags>", "<tags>b</tags>", "<tags>c</tags>", "<tags>d</tags>"):
        payload = f'<kayako_staffapi><modify ticketid="{ticketid}">{inner}</modify></kayako_staffapi>'
        codes.append((await caller.post("/Tickets/Push/Index", payload=payload, sessionid=caller.session)).status_code)
    assert codes == [200, 502, 502, 200]
    caller.desk.faults.add("status", match="Coffee")
    assert len(await caller.found("Tea", subject="1")) == 0
    assert len(caller.desk.faults) == 1
    assert (await caller.post("/Tickets/Retrieve/Search", query="Coffee", sessionid=caller.session)).status_code == 503


async def test_a_request_that_does_not_arrive_whole_is_not_carried_out(page):
    body = f"payload={page.created().replace('&', '%26')}".encode()

    async def stop_early():
        yield body
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await page.http.post(
            "/staffapi/index.php?/Tickets/Push/Index",
            content=stop_early(),
            headers={"Content-Length": str(len(body) + 80)},
        )
    # A call made later is answered: the desk has seen the end of the first one too.
    assert await page.found("x", tags="1") == []
    await page.desk.idle()
    assert (page.desk.abandoned, page.desk.pushes, page.desk.tickets()) == (1, [], [])


def test_a_fault_that_makes_no_sense_says_so():
    for kind, description in (
        ("explode", {}),
        ("slow", {"on": "monday"}),
        ("slow", {"count": 0}),
        ("slow", {"seconds": -1}),
        ("status", {"status": 200}),
        ("slow", {"chance": 1.5}),
    ):
        with pytest.raises(ValueError, match=r"^(There is no fault|`on` is one of|`count` is at least)"):
            Fault(kind, **description)
    assert Fault("lost_answer").kind in KINDS


async def test_faults_are_set_and_seen_over_http(page):
    response = await page.http.post(
        "/control/faults", json=[{"kind": "503", "on": "info"}, {"kind": "cut_after", "count": 2, "match": "create"}]
    )
    assert [fault["kind"] for fault in response.json()["faults"]] == ["status", "cut_after"]
    assert (await page.post("/Core/Default/GetInfo", sessionid=page.session)).status_code == 503
    for wrong in ({"kind": "explode"}, {"kind": "slow", "when": 1}, {"kind": "slow", "count": "many"}, ["x"], 5):
        response = await page.http.post("/control/faults", json=wrong)
        assert (response.status_code, bool(response.json()["error"])) == (400, True), wrong
    assert (await page.http.post("/control/faults", content=b'{"kind": "cut_before"}')).status_code == 400
    assert (await page.http.delete("/control/faults")).json() == {"faults": []}
    await page.create()
    state = (await page.http.get("/control/state")).json()
    assert (state["tickets"], state["posts"], state["pushes"], state["dialect"], state["violations"]) == (
        1,
        1,
        1,
        "page",
        [],
    )
    [ticket] = (await page.http.get("/control/tickets", params={"after": "1000"})).json()
    assert (ticket["subject"], ticket["posts"][0]["contents"]) == ("Printer on fire", "It burns.")
    assert (await page.http.get("/control/tickets", params={"after": "1001"})).json() == []


async def test_the_control_address_answers_to_this_machine_by_a_local_name_only(page):
    assert (await page.http.get("/control/state", headers={"Host": "rebound.example"})).status_code == 403
    assert (await page.http.get("/control/state", headers={"Host": "localhost:1"})).status_code == 200
    far = httpx.ASGITransport(page.desk.app, client=("192.0.2.7", 5))
    async with httpx.AsyncClient(transport=far, base_url="http://127.0.0.1") as http:
        assert (await http.get("/control/state")).status_code == 403
        assert (await http.post("/control/faults", json={"kind": "cut_before"})).status_code == 403
        assert (await http.get("/")).status_code == 200
    assert len(page.desk.faults) == 0


async def test_a_late_call_is_carried_out_when_its_connection_is_long_gone(caller):
    caller.desk.faults.add("late", on="push", seconds=0.3)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await caller.push(caller.created())
    assert caller.desk.tickets() == []
    await caller.desk.idle()
    assert len(caller.desk.tickets()) == 1


async def test_a_late_call_finds_its_session_gone(caller):
    caller.desk.faults.add("late", on="push", seconds=0.2)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await caller.push(caller.created())
    await caller.ask("/Core/Default/Logout")
    await caller.desk.idle()
    assert caller.desk.tickets() == []


async def test_a_chance_hits_some_calls_and_the_same_ones_with_the_same_dice():
    async def hits() -> list[bool]:
        desk = SandboxDesk(dice=random.Random(3))
        desk.faults.add("503", on="info", count=None, chance=0.3)
        async with desk.running() as url, httpx.AsyncClient(base_url=url) as http:
            found = [
                (await http.post("/staffapi/index.php?/Core/Default/GetInfo")).status_code == 503 for _ in range(50)
            ]
        desk.close()
        return found

    first = await hits()
    assert 5 < sum(first) < 30
    assert await hits() == first


async def test_the_second_factor_can_be_asked_for_once(caller):
    caller.desk.faults.add("two_factor")
    assert (await caller.log_in()).findtext("status") == "2"
    assert (await caller.log_in()).findtext("status") == "1"


def test_a_fault_is_read_from_a_line():
    fault = read_fault("lost_answer,count=all,on=push,match=create,skip=2,chance=0.5")
    assert (fault.kind, fault.count, fault.on, fault.match, fault.skip, fault.chance) == (
        "cut_after",
        None,
        "push",
        "create",
        2,
        0.5,
    )
    assert read_fault("slow,count=").count == 1
    for wrong in ("explode", "slow,2", "slow,when=1", "slow,seconds=long"):
        with pytest.raises(ValueError, match=r"There is no fault|A fault |is a number"):
            read_fault(wrong)
