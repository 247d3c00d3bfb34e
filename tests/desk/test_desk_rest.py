"""The one call of the REST API that makes a post the customer's own."""

import base64
import hashlib
import hmac
from dataclasses import replace

import pytest
from lxml import etree

ROUTE = "/api/index.php?/Tickets/TicketPost"


def signed(secret: str = "sandbox-secret", **fields: str) -> dict[str, str]:
    digest = hmac.digest(secret.encode(), b"0123456789abcdef", hashlib.sha256)
    signature = base64.b64encode(digest).decode()
    return {**fields, "apikey": "gateway", "salt": "0123456789abcdef", "signature": signature}


async def user_of(caller, ticketid: int) -> str:
    answer = await caller.ask("/Tickets/Retrieve/Data", ticketid=str(ticketid))
    return answer.findtext("tickets/ticket/userid")


async def test_a_client_post_is_the_requesters_and_opens_the_ticket(caller):
    ticketid = await caller.create(ticketstatusid="16")
    userid = await user_of(caller, ticketid)
    caller.clock.now += 60
    response = await caller.http.post(
        ROUTE, data=signed(ticketid=str(ticketid), userid=userid, contents="It still burns ]]> <b>\n")
    )
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/xml"
    post = etree.fromstring(response.content).find("post")
    assert response.text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<posts>\n<post>\n<id><![CDATA[')
    texts = {name: post.findtext(name) for name in ("ticketid", "userid", "staffid", "creator", "email", "contents")}
    assert texts == {
        "ticketid": str(ticketid),
        "userid": userid,
        "staffid": "0",
        "creator": "2",
        "email": "ada@example.org",
        "contents": "It still burns ]]> <b>\n",
    }
    [ticket] = caller.desk.tickets()
    assert (ticket.status, len(ticket.posts)) == ("Open", 2)
    assert (ticket.posts[1].creator, ticket.posts[1].via) == ("user", "REST")
    assert not any(mail.contents.startswith("It still burns") for mail in ticket.outgoing)
    assert ticket.notifications[-1] == "newclientreply"
    shown = (await caller.ask("/Tickets/Retrieve/Data", ticketid=str(ticketid))).findall("tickets/ticket/post")[1]
    assert (shown.findtext("creationmode"), shown.findtext("creator")) == ("4", "2")
    assert caller.desk.violations == []


async def test_a_client_post_goes_to_the_other_people_of_the_ticket_and_not_to_its_writer(caller):
    ticketid = await caller.create(
        "<reply><contents>x</contents></reply><ccto>charles@example.org</ccto><ccto>ada@example.org</ccto>"
        "<bccto>mary@example.org</bccto>"
    )
    userid = await user_of(caller, ticketid)
    await caller.http.post(ROUTE, data=signed(ticketid=str(ticketid), userid=userid, contents="news"))
    mail = caller.desk.tickets()[0].outgoing[-1]
    assert (mail.kind, mail.to, mail.cc, mail.bcc) == (
        "client_reply",
        "",
        ("charles@example.org",),
        ("mary@example.org",),
    )


async def test_another_users_post_goes_to_the_requester(caller):
    ticketid = await caller.create()
    other = await caller.create(fullname="Charles Babbage", email="charles@example.org")
    userid = await user_of(caller, other)
    await caller.http.post(ROUTE, data=signed(ticketid=str(ticketid), userid=userid, contents="me too"))
    mail = caller.desk.tickets()[0].outgoing[-1]
    assert (mail.kind, mail.cc, mail.contents) == ("client_reply", ("ada@example.org",), "me too")


async def test_files_are_numbered_by_nothing_or_one_digit(caller):
    ticketid = await caller.create()
    files = {
        "filename": "a.bin",
        "filename1": "b.txt",
        "filename9": "c.pdf",
        "filename10": "d.bin",
        "filename2": "e.bin",
    }
    encoded = {
        name.replace("name", "content"): base64.b64encode(name.encode() * 99).decode()
        for name in files
        if name != "filename2"
    }
    userid = await user_of(caller, ticketid)
    response = await caller.http.post(
        ROUTE, data=signed(ticketid=str(ticketid), userid=userid, contents="files", **files, **encoded)
    )
    shown = etree.fromstring(response.content).findall("post/attachments/attachment")
    assert [(file.findtext("filename"), file.findtext("filetype")) for file in shown] == [
        ("a.bin", "application/octet-stream"),
        ("b.txt", "text/plain"),
        ("c.pdf", "application/pdf"),
    ]
    assert [caller.desk.attachment(file.id) for file in caller.desk.tickets()[0].posts[1].attachments] == [
        b"filename" * 99,
        b"filename1" * 99,
        b"filename9" * 99,
    ]
    assert caller.desk.violations == ["rest: filename2 has no filecontent2"]


@pytest.mark.parametrize(
    ("changed", "status", "text"),
    [
        ({"salt": ""}, 401, "NO SALT PROVIDED!"),
        ({"signature": "wrong"}, 401, "FAILED TO AUTHENTICATE"),
        ({"apikey": "another"}, 401, "FAILED TO AUTHENTICATE"),
        ({"ticketid": ""}, 400, "No Ticket ID Specified"),
        ({"contents": " "}, 400, "No Contents Specified"),
        ({"userid": "0"}, 400, "Staff ID and User ID is empty"),
        ({"ticketid": "99"}, 404, "Ticket not Found"),
        ({"userid": "99"}, 400, "User ID is Invalid"),
        ({"userid": "", "staffid": "99"}, 400, "Staff ID is Invalid"),
    ],
)
async def test_what_cannot_be_done_is_refused_in_the_servers_words(caller, changed, status, text):
    ticketid = await caller.create()
    userid = await user_of(caller, ticketid)
    fields = signed(ticketid=str(ticketid), userid=userid, contents="x") | changed
    response = await caller.http.post(ROUTE, data=fields)
    assert (response.status_code, response.text) == (status, text)
    assert len(caller.desk.tickets()[0].posts) == 1


async def test_a_signature_made_with_another_secret_does_not_fit(caller):
    response = await caller.http.post(ROUTE, data=signed("guess", ticketid="1", userid="1", contents="x"))
    assert response.status_code == 401
    assert caller.desk.violations == ["rest: the signature does not fit the salt"]


async def test_what_breaks_the_rules_of_the_call_is_recorded_without_its_secrets(page):
    ticketid = await page.create()
    userid = await user_of(page, ticketid)
    fields = signed(ticketid=str(ticketid), userid=userid, contents="x", filename="../a", filecontent="%%%")
    fields["more"] = "after the signature"
    response = await page.http.post(f"{ROUTE}&signature=abc", data=fields)
    assert response.status_code == 200
    assert page.desk.violations == [
        "rest: signature stands in the URL",
        "rest: signature is not the last argument",
        "rest: attachment '../a': filename is not a plain name of 1 to 255 characters",
        "rest: attachment '../a': the contents are not base 64",
    ]


async def test_a_staff_users_post_is_signed_and_goes_to_the_requester(classic):
    ticketid = await classic.create()
    await classic.http.post(ROUTE, data=signed(ticketid=str(ticketid), staffid="42", contents="We are on it."))
    [ticket] = classic.desk.tickets()
    assert (ticket.posts[1].fullname, ticket.posts[1].creator) == ("Jane Doe", "staff")
    assert ticket.posts[1].contents == "We are on it.\n\n--\nSandbox Help Desk"
    assert (ticket.outgoing[-1].kind, ticket.outgoing[-1].to) == ("reply", "ada@example.org")


async def test_a_ticket_named_otherwise_than_by_its_number_gets_the_post_and_shows_none(caller):
    old, ticketid = await caller.create(), await caller.create()
    userid = await user_of(caller, ticketid)
    mask = caller.desk.tickets()[1].display_id
    caller.desk.merge(old, ticketid)
    for name in (str(old), mask):
        response = await caller.http.post(ROUTE, data=signed(ticketid=name, userid=userid, contents=name))
        assert response.status_code == 200
        assert len(etree.fromstring(response.content)) == 0
    assert [post.contents for post in caller.desk.tickets()[0].posts[-2:]] == [str(old), mask]


async def test_faults_and_limits_hold_for_this_call_too(classic):
    ticketid = await classic.create()
    fields = signed(ticketid=str(ticketid), userid=await user_of(classic, ticketid), contents="x")
    for kind, status, posts in (("503", 503, 0), ("plain_crash_after", 200, 1), ("api_off", 403, 0)):
        before = len(classic.desk.tickets()[0].posts)
        classic.desk.faults.add(kind, on="rest")
        assert (await classic.http.post(ROUTE, data=fields)).status_code == status
        assert len(classic.desk.tickets()[0].posts) - before == posts, kind
    classic.desk.dialect = replace(classic.desk.dialect, post_max=100)
    assert (await classic.http.post(ROUTE, data=fields)).text == "NO SALT PROVIDED!"


async def test_the_route_may_stand_in_an_argument_and_no_other_is_there(caller):
    ticketid = await caller.create()
    fields = signed(ticketid=str(ticketid), userid=await user_of(caller, ticketid), contents="x")
    assert (await caller.http.post("/api/index.php?e=/Tickets/TicketPost", data=fields)).status_code == 200
    assert (await caller.http.post("/api/index.php?/Tickets/Push/Index", data=fields)).status_code == 404
    assert (await caller.post("/Tickets/TicketPost", **fields)).status_code == 200
    assert len(caller.desk.tickets()[0].posts) == 2
