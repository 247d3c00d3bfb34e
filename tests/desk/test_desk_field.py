"""How servers in the field differ from the page."""

import base64
import hashlib
import re
from dataclasses import replace


async def test_every_answer_is_gzip_with_the_servers_own_digest(classic):
    async with classic.http.stream(
        "POST",
        "/staffapi/index.php?/Core/Default/GetInfo",
        data={"sessionid": classic.session},
        headers={"Accept-Encoding": "identity"},
    ) as response:
        raw = b"".join([chunk async for chunk in response.aiter_raw()])
    assert raw[:2] == b"\x1f\x8b"
    assert int(response.headers["Content-Length"]) == len(raw)
    assert response.headers["Content-Type"] == "text/xml"
    again = await classic.post("/Core/Default/GetInfo", sessionid=classic.session)
    digest = hashlib.md5(again.content).hexdigest().encode()
    assert again.headers["Content-MD5"] == base64.b64encode(digest).decode()


async def test_the_document_has_the_servers_form(classic):
    response = await classic.post(
        "/Tickets/Push/Index",
        payload=classic.created("<reply><contents>a ]]&gt; b</contents></reply>", subject="&lt;b&gt;\x7f&amp;"),
        sessionid=classic.session,
    )
    text = response.text
    assert text.startswith(
        '<?xml version="1.0" encoding="UTF-8"?>\n<kayako_staffapi>\n<status><![CDATA[1]]></status>\n<error />\n<count>'
    )
    assert "<contents><![CDATA[a ]]]]><![CDATA[> b]]></contents>\n" in text
    assert "<subject><![CDATA[<b>&]]></subject>\n" in text
    assert '<ticket id="1001" staffapiid="7">\n<displayid>' in text
    assert "<userorganizationid />\n" in text
    assert "<flagtype><![CDATA[0]]></flagtype>\n" in text
    assert "<slaplanid><![CDATA[0]]></slaplanid>\n<slaplantitle />\n" in text


async def test_zero_is_an_empty_element_before_php_8(classic):
    async def failed() -> str:
        response = await classic.post(
            "/Tickets/Push/Index", payload=classic.created(tickettypeid="0"), sessionid=classic.session
        )
        return response.text

    assert "<status />\n" in await failed()
    classic.desk.dialect = replace(classic.desk.dialect, zero_is_empty=False)
    assert "<status><![CDATA[0]]></status>\n" in await failed()


async def test_malformed_xml_is_answered_in_plain_text(classic, page):
    response = await classic.post("/Tickets/Push/Index", payload="<kayako_staffapi><create>", sessionid=classic.session)
    assert response.status_code == 200
    assert response.text.startswith(
        "Warning\r\nRouter: staffapi/Tickets/Push/Index\r\nsimplexml_load_string(): Entity: line"
    )
    assert (await page.push("<kayako_staffapi><create>")).findtext("status") == "0"


async def test_a_text_of_ten_million_bytes_is_too_much_for_its_parser(classic):
    classic.desk.dialect = replace(classic.desk.dialect, post_max=32_000_000)
    more = f"<reply><contents>{'x' * 10_000_001}</contents></reply>"
    response = await classic.post("/Tickets/Push/Index", payload=classic.created(more), sessionid=classic.session)
    assert response.text.startswith("Warning")
    assert classic.desk.tickets() == []


async def test_missing_data_dies_in_plain_text_and_earlier_nodes_stay(classic):
    for name, more in (
        ("subject", None),
        ("fullname", None),
        ("email", None),
        (None, "<reply><contents>0</contents></reply>"),
        (None, ""),
    ):
        replaced = {name: ""} if name else {}
        second = classic.created(more, **replaced) if more is not None else classic.created(**replaced)
        both = classic.created().replace("</kayako_staffapi>", "") + second.replace("<kayako_staffapi>", "")
        before = len(classic.desk.tickets())
        response = await classic.post("/Tickets/Push/Index", payload=both, sessionid=classic.session)
        assert response.text.startswith(
            "Uncaught Exception\r\nRouter: staffapi/Tickets/Push/Index\r\nInvalid data provided in /"
        ), name
        assert response.headers["Content-Type"] == "text/html"
        assert len(classic.desk.tickets()) == before + 1


async def test_an_invalid_flag_leaves_a_ticket_without_tags_and_attachments(classic):
    more = '<tags>gw-1</tags><reply><contents>x</contents><attachment filename="a" md5="">eA==</attachment></reply>'
    response = await classic.post(
        "/Tickets/Push/Index", payload=classic.created(more, flagtype="7"), sessionid=classic.session
    )
    assert response.text.startswith("Uncaught Exception")
    [ticket] = classic.desk.tickets()
    assert (ticket.tags, ticket.attachments, len(ticket.posts)) == ((), (), 1)


async def test_a_department_that_is_not_the_accounts_gets_the_ticket_and_no_word_of_it(classic):
    answer = await classic.push(classic.created(departmentid="12"))
    assert (answer.findtext("status"), answer.findtext("count"), list(answer.iter("ticket"))) == ("1", "", [])
    [ticket] = classic.desk.tickets()
    assert ticket.department == "Private"
    answer = await classic.modify(ticket.id, "<ticketstatusid>16</ticketstatusid>")
    assert (answer.findtext("status"), list(answer.iter("ticket"))) == ("1", [])
    assert classic.desk.tickets()[0].status == "Closed"


async def test_what_is_not_allowed_is_skipped_in_silence_in_the_field_and_named_on_the_page(classic, page):
    ticketid, other = await classic.create(), await page.create()
    for caller in (classic, page):
        caller.desk.denied = {"staff_tcaninsertticket", "staff_tcanupateticket", "staff_tcantrashticket"}
    for answer in (await classic.push(classic.created()), await classic.modify(ticketid, "<tags>x</tags>")):
        assert (answer.findtext("status"), answer.findtext("error"), list(answer.iter("ticket"))) == ("1", "", [])
    for answer in (await page.push(page.created()), await page.modify(other, "<tags>x</tags>")):
        assert answer.findtext("status") == "0"
        assert "Access Denied" in answer.findtext("error")
    answer = await classic.push(f'<kayako_staffapi><delete ticketid="{ticketid}"/></kayako_staffapi>')
    assert (answer.findtext("status"), answer.findtext("error")) == ("", "Unable to Delete ticket")
    assert len(classic.desk.tickets()) == len(page.desk.tickets()) == 1


async def test_notes_and_billing_that_are_not_allowed_are_named_after_the_ticket_was_made(classic):
    classic.desk.denied = {"staff_tcaninsertticketnote", "staff_tcaninsertbilling"}
    answer = await classic.push(
        classic.created("<reply><contents>x</contents></reply><note>n</note><billing>b</billing>")
    )
    assert answer.findtext("error") == "Unable to insert noteUnable to insert billing"
    assert answer.find("tickets/ticket") is not None


async def test_an_unknown_ticket_is_ignored_in_the_field_and_named_on_the_page(classic, page):
    for ticketid in ("999999", "ABC-123-45678"):
        answer = await classic.modify(ticketid, "<tags>x</tags>")
        assert (answer.findtext("status"), answer.findtext("error")) == ("1", "")
    assert (await classic.modify("", "<tags>x</tags>")).findtext("error").startswith("Invalid Ticket (Modify): ")
    assert (await page.modify("999999", "<tags>x</tags>")).findtext(
        "error"
    ) == "Unable to modify ticket: 999999, ticket id is invalid.\n"
    answer = await page.push('<kayako_staffapi><delete ticketid="999999"/></kayako_staffapi>')
    assert answer.findtext("error") == "Unable to delete ticket: 999999, ticket id is invalid.\n"


async def test_display_ids_name_a_ticket_in_the_field_only(classic, page):
    for caller, tags in ((classic, ("x",)), (page, ())):
        await caller.create()
        await caller.modify(caller.desk.tickets()[0].display_id, "<tags>x</tags>")
        assert caller.desk.tickets()[0].tags == tags
        assert "is not numeric" in caller.desk.violations[-1]


async def test_a_modify_shows_only_what_it_changed(classic, page):
    for caller, empty in ((classic, True), (page, False)):
        ticketid = await caller.create()
        ticket = (await caller.modify(ticketid, '<note type="ticket">n</note><watch>1</watch>')).find("tickets/ticket")
        assert (len(ticket) == 0) is empty
        assert ticket.get("id") == str(ticketid)
    ticket = (await classic.modify(ticketid, "<reply><contents>r</contents></reply>")).find("tickets/ticket")
    assert [child.tag for child in ticket] == ["post"]
    ticket = (await classic.modify(ticketid, '<billing timeworked="1">b</billing>')).find("tickets/ticket")
    assert {child.tag for child in ticket} == {"watcher", "workflow", "note", "billing"}


async def test_a_create_mails_the_requester_their_own_text_in_the_field(classic, page):
    await classic.create()
    assert [(mail.kind, mail.to, mail.contents) for mail in classic.desk.tickets()[0].outgoing] == [
        ("echo", "ada@example.org", "It burns.")
    ]
    await classic.create(sendautoresponder="")
    assert [mail.kind for mail in classic.desk.tickets()[1].outgoing] == ["echo", "autoresponder"]
    await classic.create(email="support@example.com")
    assert classic.desk.tickets()[2].outgoing == ()
    await page.create()
    await page.create(sendautoresponder="1")
    assert [len(ticket.outgoing) for ticket in page.desk.tickets()] == [0, 1]


async def test_a_stored_reply_is_not_the_text_that_was_sent(classic):
    await classic.modify(await classic.create(), "<reply><contents>thanks \U0001f600</contents></reply>")
    contents = classic.desk.tickets()[0].posts[1].contents
    assert re.fullmatch(r"thanks [^\U0001f600]+\n\n--\nSandbox Help Desk", contents)


async def test_recipients_that_are_no_addresses_or_queues_are_dropped(classic):
    await classic.create(
        "<ccto>Sales@Example.com</ccto><ccto>nonsense</ccto><ccto>A@example.org</ccto><bccto>a@example.org</bccto><bccto>b@example.org</bccto>"
        "<reply><contents>x</contents></reply>"
    )
    [ticket] = classic.desk.tickets()
    assert (ticket.cc, ticket.bcc) == (("a@example.org",), ("b@example.org",))


async def test_an_owner_who_does_not_work_in_the_department_is_dropped(classic):
    await classic.create(ownerstaffid="43")
    await classic.create(ownerstaffid="43", departmentid="8")
    assert [ticket.owner for ticket in classic.desk.tickets()] == ["", "Ravi Patel"]


async def test_a_status_of_another_department_stops_a_modify_half_way(classic):
    ticketid = await classic.create()
    with classic.desk._office.store.transaction():
        classic.desk._office.store.run("INSERT INTO statuses VALUES (17, 'Quoted', 8, 0)")
    answer = await classic.modify(ticketid, "<ticketstatusid>17</ticketstatusid><tags>x</tags>")
    assert "Ticket Status (17) & Department ID (9) Mismatch" in answer.findtext("error")
    assert classic.desk.tickets()[0].tags == ()
    await classic.modify(ticketid, "<departmentid>8</departmentid><ticketstatusid>17</ticketstatusid>")
    assert classic.desk.tickets()[0].status == "Quoted"


async def test_a_post_beyond_the_limit_arrives_empty_in_the_field_and_gets_413_on_the_page(classic, page):
    for caller in (classic, page):
        caller.desk.dialect = replace(caller.desk.dialect, post_max=2000)
    more = f"<reply><contents>{'x' * 2000}</contents></reply>"
    assert (await classic.push(classic.created(more))).findtext("status") == "-2"
    response = await page.post("/Tickets/Push/Index", payload=page.created(more), sessionid=page.session)
    assert response.status_code == 413
    assert classic.desk.tickets() == page.desk.tickets() == []


async def test_a_create_needs_name_and_address_even_of_a_known_user(classic, page):
    for caller, tickets in ((classic, 1), (page, 3)):
        ticketid = await caller.create()
        userid = (await caller.ask("/Tickets/Retrieve/Data", ticketid=str(ticketid))).findtext("tickets/ticket/userid")
        for name in ("fullname", "email"):
            await caller.post(
                "/Tickets/Push/Index",
                payload=caller.created(userid=userid, **{name: ""}),
                sessionid=caller.session,
            )
        assert len(caller.desk.tickets()) == tickets


async def test_the_answer_to_a_create_ends_with_its_custom_fields(classic):
    ticket = (await classic.push(classic.created())).find("tickets/ticket")
    assert [child.tag for child in ticket][-3:] == ["workflow", "post", "customfields"]


async def test_watching_that_is_not_allowed_is_named_after_the_ticket_was_made(classic):
    classic.desk.denied = {"watch"}
    answer = await classic.push(classic.created(watch="1"))
    assert answer.findtext("error") == "Unable to watch"
    assert classic.desk.tickets()[0].watchers == ()


async def test_several_deletes_of_which_the_last_is_unknown_die_after_the_others_were_done(classic):
    ticketid = await classic.create()
    nodes = f'<kayako_staffapi><delete ticketid="{ticketid}"/><delete ticketid="99"/></kayako_staffapi>'
    response = await classic.post("/Tickets/Push/Index", payload=nodes, sessionid=classic.session)
    assert response.text.startswith("Uncaught Exception")
    assert classic.desk.tickets()[0].department == "Trash"
    alone = await classic.push('<kayako_staffapi><delete ticketid="99"/></kayako_staffapi>')
    assert alone.findtext("status") == "1"


async def test_emoji_in_posts_are_stored_in_another_form_and_in_notes_as_they_are(classic, page):
    for caller, post in ((classic, "x &#128512; y"), (page, "x 😀 y")):
        ticketid = await caller.create("<reply><contents>x 😀 y</contents></reply>")
        await caller.modify(ticketid, '<note type="ticket">a 😀 b</note>')
        [ticket] = caller.desk.tickets()
        assert (ticket.posts[0].contents, ticket.notes[0].contents) == (post, "a 😀 b")


async def test_an_old_database_cuts_texts_at_the_first_character_beyond_the_plane(classic):
    classic.desk.dialect = replace(classic.desk.dialect, utf8mb3=True)
    ticketid = await classic.create(
        "<reply><contents>x 😀 y</contents></reply><tags>t😀 u</tags>", subject="Fire 🔥 now", fullname="Ada 🙂"
    )
    await classic.modify(ticketid, '<note type="ticket">a 😀 b</note><billing timeworked="1">c 😀</billing>')
    [ticket] = classic.desk.tickets()
    assert (ticket.subject, ticket.fullname, ticket.posts[0].contents) == ("Fire ", "Ada ", "x ")
    assert (ticket.notes[0].contents, ticket.billing[0].contents, ticket.tags) == ("a ", "c ", ("t", "u"))


async def test_display_ids_may_be_numbers(classic):
    classic.desk.dialect = replace(classic.desk.dialect, sequential_ids=True)
    ticket = (await classic.push(classic.created())).find("tickets/ticket")
    assert ticket.findtext("displayid") == ticket.get("id")


async def test_the_undocumented_type_sendmail_signs_the_mail(classic):
    await classic.create(type="sendmail")
    assert classic.desk.tickets()[0].outgoing[0].contents == "It burns.\n\n--\nSandbox Help Desk"


async def test_macros_are_listed_unless_they_are_not_wanted(classic):
    assert (await classic.ask("/Core/Default/GetInfo")).find("macro") is not None
    assert (await classic.ask("/Core/Default/GetInfo", wantmacros="0")).find("macro") is None
