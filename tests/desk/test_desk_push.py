"""What both dialects share, and what the documented page asks for."""

import base64
import hashlib

CONTENTS = b"\x00\x01two\xff" * 40


def attachment(contents: bytes = CONTENTS, name: str = "a.bin", md5: str | None = None) -> str:
    digest = hashlib.md5(contents).hexdigest() if md5 is None else md5
    return f'<attachment filename="{name}" md5="{digest}">{base64.b64encode(contents).decode()}</attachment>'


async def test_a_create_becomes_a_ticket_with_every_element_of_the_page(caller):
    answer = await caller.push(
        caller.created(
            "<phonenumber>123</phonenumber><tags>red blue</tags><ccto>cc@example.org</ccto><ccto>cc2@example.org</ccto><bccto>bcc@example.org</bccto>"
            "<resolutiondue>1800009000</resolutiondue><replydue>1800005000</replydue>"
            f"<reply><contents>It burns &amp; smokes.</contents>{attachment()}{attachment(b'', 'leer.txt')}</reply>"
            '<note type="ticket" notecolor="3">internal</note>'
            '<billing timeworked="60" timebillable="30" billdate="1800000100" workdate="1800000000" worker="42" notecolor="1">work</billing>',
            ownerstaffid="42",
            flagtype="5",
            watch="1",
        )
    )
    assert answer.findtext("status") == "1"
    assert not answer.findtext("error")
    [ticket] = caller.desk.tickets()
    assert answer.find("tickets/ticket").attrib == {"id": str(ticket.id), "staffapiid": "7"}
    assert answer.findtext("tickets/ticket/displayid") == ticket.display_id
    assert (ticket.subject, ticket.fullname, ticket.email) == ("Printer on fire", "Ada Lovelace", "ada@example.org")
    assert (ticket.department, ticket.status, ticket.priority, ticket.type) == ("Support", "Open", "Normal", "Issue")
    assert (ticket.owner, ticket.flag, ticket.queue, ticket.creator) == ("Jane Doe", 5, "support@example.com", "user")
    assert (ticket.tags, ticket.cc, ticket.bcc) == (
        ("red", "blue"),
        ("cc@example.org", "cc2@example.org"),
        ("bcc@example.org",),
    )
    assert (ticket.replydue, ticket.resolutiondue, ticket.watchers) == (1800005000, 1800009000, ("Mail Gateway",))
    [post] = ticket.posts
    assert (post.contents, post.creator) == ("It burns & smokes.", "user")
    assert [(kept.name, kept.size, kept.sha256) for kept in post.attachments] == [
        ("a.bin", len(CONTENTS), hashlib.sha256(CONTENTS).hexdigest()),
        ("leer.txt", 0, hashlib.sha256(b"").hexdigest()),
    ]
    assert caller.desk.attachment(post.attachments[0].id) == CONTENTS
    assert [(note.contents, note.notecolor) for note in ticket.notes] == [("internal", 3)]
    [bill] = ticket.billing
    assert (bill.timeworked, bill.timebillable, bill.workdate, bill.billdate) == (60, 30, 1800000000, 1800000100)
    assert (bill.worker, bill.contents) == ("Jane Doe", "work")
    assert caller.desk.violations == []


async def test_the_answer_of_the_page_holds_its_elements_in_its_order(page):
    answer = await page.push(page.created())
    names = [child.tag for child in answer.find("tickets/ticket")]
    assert [child.tag for child in answer] == ["status", "error", "tickets"]
    assert names[:4] == ["displayid", "departmentid", "departmenttitle", "statusid"]
    assert names[-3:] == ["hasfollowup", "hasdraft", "tags"]
    assert len(names) == 39
    assert list(answer.find("tickets/ticket").attrib) == ["staffapiid", "id"]


async def test_every_required_element_is_missed_on_the_page(page):
    for name in (
        *("subject", "fullname", "email", "departmentid", "ticketstatusid", "ticketpriorityid", "tickettypeid"),
        *("ownerstaffid", "emailqueueid", "creator", "userid", "type", "sendautoresponder", "flagtype", "watch"),
    ):
        answer = await page.push(page.created(**{name: ""}))
        assert answer.findtext("status") == "0", name
        assert f"{name} is required" in answer.findtext("error") or "invalid" in answer.findtext("error")
    assert (await page.push(page.created(more=""))).findtext(
        "error"
    ) == "Unable to create ticket: 7, reply is required.\n"
    assert page.desk.tickets() == []


async def test_a_phone_ticket_needs_no_address_on_the_page(page):
    ticketid = await page.create(
        "<phonenumber>+49 30 1</phonenumber><reply><contents>Rang.</contents></reply>", email="", type="phone"
    )
    [ticket] = page.desk.tickets()
    assert (ticket.id, ticket.email, ticket.phonenumber) == (ticketid, "", "+49 30 1")


async def test_ids_of_nothing_are_refused_by_the_page_and_named(page):
    for name, title in (
        ("departmentid", "department id"),
        ("ticketstatusid", "ticket status id"),
        ("ticketpriorityid", "ticket priority id"),
        ("tickettypeid", "ticket type id"),
        ("ownerstaffid", "owner staff id"),
        ("emailqueueid", "email queue id"),
    ):
        answer = await page.push(page.created(**{name: "999"}))
        assert answer.findtext("error") == f"Unable to create ticket: 7, {title} is invalid.\n"
    answer = await page.push(page.created(departmentid="12"))
    assert "Access Denied" in answer.findtext("error")
    assert page.desk.tickets() == []


async def test_a_wrong_md5_is_refused_by_the_page_and_stored_in_the_field(page, classic):
    more = f"<reply><contents>x</contents>{attachment(md5='0' * 32)}</reply>"
    answer = await page.push(page.created(more))
    assert answer.findtext("error") == "Unable to create ticket: 7, md5 of attachment a.bin does not match.\n"
    assert page.desk.tickets() == []
    await classic.create(more)
    assert classic.desk.tickets()[0].attachments[0].size == len(CONTENTS)
    wrong = ["push: create: attachment 'a.bin': md5 does not fit the contents"]
    assert page.desk.violations == classic.desk.violations == wrong


async def test_several_tags_elements_and_replies_count_on_the_page_and_only_the_first_in_the_field(page, classic):
    for caller, tags, replies in ((page, ("one", "two", "three"), 2), (classic, ("one", "two"), 1)):
        ticketid = await caller.create("<tags>one Two</tags><tags>three</tags><reply><contents>x</contents></reply>")
        assert caller.desk.tickets()[0].tags == tags
        await caller.modify(ticketid, "<reply><contents>a</contents></reply><reply><contents>b</contents></reply>")
        assert len(caller.desk.tickets()[0].posts) == 1 + replies
        await caller.modify(ticketid, "<tags>four</tags>")
    assert page.desk.tickets()[0].tags == ("one", "two", "three", "four")
    assert classic.desk.tickets()[0].tags == ("four",)


async def test_a_refused_modify_leaves_nothing_behind_on_the_page_and_half_of_it_in_the_field(page, classic):
    inner = "<reply><contents>posted?</contents></reply><flagtype>9</flagtype><tags>late</tags>"
    for caller, posts, start in (
        (page, 1, "Unable to modify ticket: 1001, flag type"),
        (classic, 2, "Invalid Ticket (Modify): 1001\n"),
    ):
        ticketid = await caller.create()
        answer = await caller.modify(ticketid, inner)
        assert answer.findtext("status") in {"0", ""}
        assert answer.findtext("error").startswith(start)
        [ticket] = caller.desk.tickets()
        assert (len(ticket.posts), ticket.tags, ticket.outgoing[1:]) == (posts, (), ())


async def test_a_reply_is_the_staff_users_and_goes_to_the_requester_unless_told_otherwise(caller):
    ticketid = await caller.create()
    before = len(caller.desk.tickets()[0].outgoing)
    await caller.modify(ticketid, "<reply><contents>silent</contents><ignoreemail>1</ignoreemail></reply>")
    assert len(caller.desk.tickets()[0].outgoing) == before
    await caller.modify(ticketid, f"<ccto>new@example.org</ccto><reply><contents>loud</contents>{attachment()}</reply>")
    [ticket] = caller.desk.tickets()
    assert [(post.creator, post.fullname) for post in ticket.posts] == [
        ("user", "Ada Lovelace"),
        *[("staff", "Mail Gateway")] * 2,
    ]
    assert ticket.posts[-1].contents.startswith("loud")
    assert ticket.posts[-1].attachments[0].name == "a.bin"
    mail = ticket.outgoing[-1]
    assert (mail.kind, mail.to, mail.cc, mail.contents) == ("reply", "ada@example.org", ("new@example.org",), "loud")


async def test_properties_change_and_owner_and_due_times_can_be_cleared(caller):
    ticketid = await caller.create(
        "<replydue>1800005000</replydue><reply><contents>x</contents></reply>", ownerstaffid="42"
    )
    inner = "<departmentid>8</departmentid><ticketstatusid>16</ticketstatusid><ticketpriorityid>34</ticketpriorityid>"
    await caller.modify(
        ticketid, inner + "<tickettypeid>23</tickettypeid><ownerstaffid>0</ownerstaffid><replydue>0</replydue>"
    )
    [ticket] = caller.desk.tickets()
    assert (ticket.department, ticket.status, ticket.priority, ticket.type) == ("Sales", "Closed", "Urgent", "Bug")
    assert (ticket.owner, ticket.replydue) == ("", 0)


async def test_a_deleted_ticket_lies_in_trash_and_is_not_in_the_answer(caller):
    ticketid = await caller.create()
    answer = await caller.push(f'<kayako_staffapi><delete ticketid="{ticketid}" /></kayako_staffapi>')
    assert (answer.findtext("status"), list(answer.iter("ticket"))) == ("1", [])
    assert caller.desk.tickets()[0].department == "Trash"
    listed = await caller.ask("/Tickets/Retrieve/Index", ticketid=str(ticketid))
    assert listed.findtext("tickets/ticket/departmentid") == "0"


async def test_one_bad_node_does_not_stop_the_others(caller):
    bad, good = caller.created(departmentid="999"), caller.created()
    both = bad.replace("</kayako_staffapi>", "") + good.replace("<kayako_staffapi>", "")
    answer = await caller.push(both)
    assert answer.findtext("status") in {"0", ""}
    assert len(list(answer.iter("ticket"))) == len(caller.desk.tickets()) == 1


async def test_all_creates_run_before_all_deletes_and_modifies(caller):
    ticketid = await caller.create()
    mixed = (
        f'<kayako_staffapi><modify ticketid="{ticketid}"><departmentid>8</departmentid></modify>'
        f'<delete ticketid="{ticketid}"/>' + caller.created().replace("<kayako_staffapi>", "")
    )
    answer = await caller.push(mixed)
    assert [ticket.get("id") for ticket in answer.iter("ticket")] == [str(ticketid + 1), str(ticketid)]
    assert caller.desk.tickets()[0].department == "Sales"


async def test_an_empty_payload_is_a_success_in_which_nothing_happens(caller):
    answer = await caller.push("")
    assert answer.findtext("status") == "1"
    assert caller.desk.tickets() == []


async def test_billing_goes_by_name_on_the_page_and_by_id_in_the_field(page, classic):
    inner = '<billing timeworked="5" timebillable="5" worker="Jane Doe">x</billing>'
    for caller, worker in ((page, "Jane Doe"), (classic, "Mail Gateway")):
        await caller.modify(await caller.create(), inner)
        assert caller.desk.tickets()[0].billing[0].worker == worker


async def test_a_note_on_the_user_shows_on_their_other_tickets(caller):
    first, second = await caller.create(), await caller.create()
    await caller.modify(first, '<note type="user" notecolor="9">known for fires</note>')
    data = await caller.ask("/Tickets/Retrieve/Data", ticketid=str(second))
    note = data.find("tickets/ticket/note")
    assert (note.text, note.get("type"), note.get("notecolor")) == ("known for fires", "user", "1")


async def test_display_ids_have_the_servers_form_and_are_unique(caller):
    for _ in range(5):
        await caller.create()
    masks = [ticket.display_id for ticket in caller.desk.tickets()]
    assert len(set(masks)) == 5
    for mask in masks:
        letters, three, five = mask.split("-")
        assert letters.isupper()
        assert (len(letters), len(three), len(five)) == (3, 3, 5)
