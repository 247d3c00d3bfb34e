"""Due times: the SLA plan gives them after the answer, and a staff reply takes the reply's away."""

DAY = 24 * 3600
REPLY = "<reply><contents>It burns.</contents></reply>"


async def due(caller, ticketid: int) -> tuple[int, int]:
    ticket = (await caller.ask("/Tickets/Retrieve/Data", ticketid=str(ticketid))).find("tickets/ticket")
    return int(ticket.findtext("nextreplydue")), int(ticket.findtext("resolutiondue"))


async def test_a_new_ticket_gets_due_times_after_its_answer_was_written(classic):
    ticket = (await classic.push(classic.created())).find("tickets/ticket")
    assert (ticket.findtext("nextreplydue"), ticket.findtext("slaplanid")) == ("0", "0")
    now = int(classic.clock.now)
    assert await due(classic, int(ticket.get("id"))) == (now + DAY, now + 3 * DAY)


async def test_due_times_that_came_with_a_create_stay(classic):
    ticketid = await classic.create(f"{REPLY}<replydue>1900000000</replydue>")
    assert await due(classic, ticketid) == (1_900_000_000, int(classic.clock.now) + 3 * DAY)


async def test_the_page_knows_no_plan(page):
    assert await due(page, await page.create()) == (0, 0)


async def test_a_staff_reply_takes_away_even_the_due_time_that_came_with_it(classic):
    ticketid = await classic.create()
    before = await due(classic, ticketid)
    more = "<reply><contents>x</contents></reply><replydue>1900000000</replydue>"
    answer = await classic.modify(ticketid, more)
    assert answer.findtext("tickets/ticket/nextreplydue") == "1900000000"
    assert await due(classic, ticketid) == (0, before[1])
    await classic.modify(ticketid, f"<replydue>{before[0]}</replydue>")
    assert await due(classic, ticketid) == before


async def test_a_crash_does_not_keep_the_plan_away(classic):
    classic.desk.faults.add("plain_crash_midway", on="push")
    await classic.post("/Tickets/Push/Index", payload=classic.created(flagtype="9"), sessionid=classic.session)
    # A second one dies of its flag, as it stands.
    await classic.post("/Tickets/Push/Index", payload=classic.created(flagtype="9"), sessionid=classic.session)
    assert [ticket.replydue for ticket in classic.desk.tickets()] == [classic.clock.now + DAY] * 2
