"""Look-ups, by which a client learns what became of a push whose answer was lost."""

import base64


async def test_a_tag_is_found_exactly_and_all_words_must_match(caller):
    first = await caller.create("<tags>gw-abc red</tags><reply><contents>x</contents></reply>")
    second = await caller.create("<tags>gw-abcd red</tags><reply><contents>x</contents></reply>")
    assert await caller.found("gw-abc", tags="1") == [first]
    assert await caller.found("RED", tags="1") == [second, first]
    assert await caller.found("red gw-abcd", tags="1") == [second]
    assert await caller.found("gw", tags="1") == []
    assert await caller.found("gw-abc") == []


async def test_tags_with_a_dot_are_never_found_in_the_field(classic, page):
    for caller, found in ((classic, []), (page, [1001])):
        await caller.create("<tags>gw.abc</tags><reply><contents>x</contents></reply>")
        assert await caller.found("gw.abc", tags="1") == found


async def test_a_display_id_is_found_like_a_word_in_the_subject(caller):
    ticketid = await caller.create()
    mask = caller.desk.tickets()[0].display_id
    other = await caller.create(subject=f"Re: {mask}")
    assert sorted(await caller.found(mask, ticketid="1")) == [ticketid, other]
    assert await caller.found(str(other), ticketid="1") == [other]
    assert await caller.found("424242", ticketid="1") == []


async def test_each_flag_searches_its_own_place_and_results_are_united(caller):
    ticketid = await caller.create(subject="Printer jam")
    other = await caller.create(email="bob@example.net", fullname="Bob", subject="Coffee")
    await caller.modify(other, '<note type="ticket">secret ink</note>')
    for query, flags, found in (
        ("ada@", {"email": "1"}, [ticketid]),
        ("Bob", {"fullname": "1"}, [other]),
        ("ink", {"notes": "1"}, [other]),
        ("It burns", {"contents": "1"}, [ticketid, other]),
        ("lovelace", {"author": "1"}, [ticketid]),
        ("printer coffee", {"subject": "1"}, [ticketid, other]),
        ('"printer coffee"', {"subject": "1"}, []),
        ("(printer", {"subject": "1"}, [ticketid]),
        ("bob", {"user": "1"}, [other]),
        ("bob", {"fullname": "1", "subject": "1", "tags": "1"}, [other]),
    ):
        assert sorted(await caller.found(query, **flags)) == found, (query, flags)


async def test_a_search_by_text_ends_at_fifty_and_one_by_tag_does_not(caller):
    for _ in range(55):
        await caller.create("<tags>all</tags><reply><contents>x</contents></reply>")
    assert len(await caller.found("ada@", email="1")) == 50
    assert len(await caller.found("all", tags="1")) == 55
    assert await caller.found("all", tags="1", limit="2", start="1") == [1054, 1053]


async def test_trash_and_other_departments_are_searched_only_as_asked_and_allowed(classic):
    ticketid = await classic.create("<tags>one</tags><reply><contents>x</contents></reply>")
    await classic.push(f'<kayako_staffapi><delete ticketid="{ticketid}"/></kayako_staffapi>')
    assert await classic.found("one", tags="1") == []
    assert await classic.found("one", tags="1", departmentid="0") == [ticketid]
    assert await classic.found("one", tags="1", departmentid="7,8,9,10,11,0") == [ticketid]
    await classic.push(classic.created("<tags>two</tags><reply><contents>x</contents></reply>", departmentid="12"))
    assert await classic.found("two", tags="1", departmentid="12") == []


async def test_a_search_finds_resolved_tickets_and_a_list_does_not(caller):
    ticketid = await caller.create(ticketstatusid="16")
    assert await caller.found("burns", contents="1") == [ticketid]
    assert await caller.found("burns", contents="1", statusid="14") == []
    for filters, count in (
        ({}, 0),
        ({"statusid": "16"}, 1),
        ({"statusid": "14,16"}, 1),
        ({"ticketid": str(ticketid)}, 1),
        ({"ticketid": "ABC-123-45678"}, 0),
    ):
        answer = await caller.ask("/Tickets/Retrieve", **filters)
        assert (answer.findtext("status"), len(list(answer.iter("ticket")))) == ("1", count), filters


async def test_a_list_is_filtered_sorted_and_cut(caller):
    for department, owner in (("8", "0"), ("7", "42"), ("9", "42")):
        await caller.create(departmentid=department, ownerstaffid=owner)

    async def listed(**filters: str) -> list[str]:
        answer = await caller.ask("/Tickets/Retrieve/Index", **filters)
        return [ticket.get("id") for ticket in answer.iter("ticket")]

    assert await listed() == ["1001", "1002", "1003"]
    assert await listed(sortby="department", sortorder="desc") == ["1003", "1001", "1002"]
    assert await listed(ownerid="42", departmentid="7,8") == ["1002"]
    assert await listed(limit="1", start="1") == ["1002"]
    assert await listed(departmentid="12") == []


async def test_data_holds_posts_notes_billing_and_the_bytes_of_attachments(caller):
    contents = bytes(range(256))
    more = f'<reply><contents>first</contents><attachment filename="ä &amp; b.bin" md5="e2c865db4162bed963bfaa9ef6ac18f0">{base64.b64encode(contents).decode()}</attachment></reply>'
    ticketid = await caller.create(more)
    await caller.modify(
        ticketid,
        '<reply><contents>second</contents></reply><note type="ticket">n</note><billing worker="42" timeworked="3">b</billing>',
    )
    data = (await caller.ask("/Tickets/Retrieve/Data", ticketid=str(ticketid), wantattachmentdata="1")).find(
        "tickets/ticket"
    )
    assert data.findtext("subject") == "Printer on fire"
    assert [post.findtext("creator") for post in data.findall("post")] == ["2", "1"]
    attachment = data.find("post/attachment")
    assert (attachment.get("filename"), attachment.get("filesize"), attachment.get("filetype")) == (
        "ä & b.bin",
        "256",
        "application/download",
    )
    assert base64.b64decode(attachment.text) == contents
    assert (data.findtext("note"), data.findtext("billing"), data.find("billing").get("workerstaffname")) == (
        "n",
        "b",
        "Jane Doe",
    )
    newest = await caller.ask(
        "/Tickets/Retrieve/Data", ticketid=str(ticketid), wantpostsonly="1", sortorder="desc", limit="1"
    )
    [ticket] = newest.iter("ticket")
    assert [child.tag for child in ticket] == ["post"]
    assert ticket.findtext("post/contents").startswith("second")


async def test_data_wants_a_ticket(caller):
    answer = await caller.ask("/Tickets/Retrieve/Data")
    assert (answer.findtext("status"), answer.findtext("error")) == ("-1", "No Ticket ID Specified")


async def test_an_attachment_is_had_by_ticket_and_id_only(classic):
    await classic.create('<reply><contents>x</contents><attachment filename="a" md5="">eHl6</attachment></reply>')
    other = await classic.create()
    id = str(classic.desk.tickets()[0].attachments[0].id)
    answer = await classic.ask("/Tickets/Retrieve/Attachment", ticketid="1001", attachmentid=id)
    assert base64.b64decode(answer.findtext("attachment")) == b"xyz"
    for ticketid, attachmentid, error in (
        ("", id, "One of the required field(s) is empty"),
        (str(other), id, "No Permission to Access Attachment"),
    ):
        answer = await classic.ask("/Tickets/Retrieve/Attachment", ticketid=ticketid, attachmentid=attachmentid)
        assert (answer.findtext("status"), answer.findtext("error")) == ("-1", error)
    response = await classic.post(
        "/Tickets/Retrieve/Attachment", ticketid="1001", attachmentid="9", sessionid=classic.session
    )
    assert response.text.startswith("Uncaught Exception")


async def test_contents_are_searched_by_words_in_the_field(classic, page):
    for caller, parts in ((classic, []), (page, [1001])):
        ticketid = await caller.create("<reply><contents>Ref gw-abcdefghijklmnop: it burns.</contents></reply>")
        assert ticketid == 1001
        for query, found in (
            ("gw-abcdefghijklmnop", [1001]),
            ("abcdefghijklmnop", [1001]),
            ("abcdefgh", parts),
            ("ref", parts),
            ("nothing", []),
        ):
            assert await caller.found(query, contents="1") == found, query
    assert await classic.found("nothing of this burns", contents="1") == [1001]


async def test_a_query_holds_wildcards(caller):
    ticketid = await caller.create(email="ada_b@example.org")
    other = await caller.create(email="adaxb@example.org")
    assert await caller.found("ada_b@example.org", email="1") == [other, ticketid]
    assert await caller.found("x" * 100_000, email="1", subject="1", contents="1") == []


async def test_a_limit_beyond_a_thousand_counts_as_none(caller):
    for _ in range(102):
        await caller.create("<reply><contents>x</contents></reply><tags>many</tags>")
    assert len(await caller.found("many", tags="1", limit="1000")) == 102
    assert len(await caller.found("many", tags="1", limit="1001")) == 100
