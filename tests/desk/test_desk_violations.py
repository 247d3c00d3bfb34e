"""What callers do against the documented page is seen and said."""

import pytest

ROUTE = "/staffapi/index.php?/Tickets/Push/Index"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def test_a_faithful_client_has_none(caller):
    await caller.modify(
        await caller.create(),
        "<tags>a</tags><tags>b</tags><reply><contents>x</contents><ignoreemail>1</ignoreemail></reply>",
    )
    assert caller.desk.violations == []


@pytest.mark.parametrize(
    ("payload", "violation"),
    [
        (b"<kayako_staffapi>%FF</kayako_staffapi>", "the argument payload is not UTF-8 (byte 17)"),
        (b"<kayako_staffapi>%01</kayako_staffapi>", "the payload holds U+0001, which XML 1.0 does not allow"),
        (b"<kayako_staffapi>", "the payload is not well-formed"),
        (b"<!DOCTYPE a []><kayako_staffapi/>", "the payload declares a document type"),
        (b"<tickets/>", "the root element is tickets, not kayako_staffapi"),
        (b"<kayako_staffapi><merge/></kayako_staffapi>", "merge is not an operation"),
        (b'<kayako_staffapi><create staffapiid="x"/></kayako_staffapi>', "create: staffapiid 'x' is not numeric"),
        (b"<kayako_staffapi><delete/></kayako_staffapi>", "delete: ticketid None is not numeric"),
    ],
)
async def test_a_payload_that_breaks_the_page(caller, payload, violation):
    await caller.http.post(ROUTE, content=b"payload=" + payload + f"&sessionid={caller.session}".encode(), headers=FORM)
    assert any(violation in found for found in caller.desk.violations), caller.desk.violations


@pytest.mark.parametrize(
    ("inner", "violation"),
    [
        ("<departmentid>Sales</departmentid>", "departmentid 'Sales' is not numeric"),
        ("<subject>x</subject>", "there is no element subject"),
        ("<watch>yes</watch>", "watch is 'yes', not one of 0, 1"),
        ("<flagtype>7</flagtype>", "flagtype is '7'"),
        ("<watch>1</watch><watch>1</watch>", "watch is there 2 times"),
        ('<note type="all">x</note>', "note: type is 'all'"),
        ('<note notecolor="6">x</note>', "note: notecolor '6' is not 1 to 5"),
        ('<billing timeworked="1h">x</billing>', "billing: timeworked '1h' is not a number"),
        ("<reply><contents/></reply>", "the contents of a reply are empty"),
        (
            '<reply><contents>x</contents><attachment filename="../a" md5="9dd4e461268c8034f5c8564e155c67a6">eA==</attachment></reply>',
            "filename is not a plain name",
        ),
        ('<reply><contents>x</contents><attachment filename="a">eA==</attachment></reply>', "md5 is missing"),
        (
            '<reply><contents>x</contents><attachment filename="a" md5="9dd4e461268c8034f5c8564e155c67a6">e!A==</attachment></reply>',
            "the contents are not base 64",
        ),
    ],
)
async def test_a_modify_that_breaks_the_page(caller, inner, violation):
    await caller.modify(await caller.create(), inner)
    [found] = caller.desk.violations
    assert found.startswith("push: modify: ")
    assert violation in found


async def test_a_subject_wider_than_its_column(caller):
    await caller.create(subject="x" * 256)
    assert caller.desk.violations == ["push: create: subject is longer than 255 characters"]
    assert len(caller.desk.tickets()[0].subject) == 255


async def test_a_request_that_breaks_the_page(page):
    session = page.session
    await page.http.get("/staffapi/index.php?/Core/Default/GetInfo")
    await page.post(f"/Core/Default/Login&password=x&username=y&sessionid={session}", username="y", password="x")
    await page.http.post(ROUTE, content=f"sessionid={session}&payload=<kayako_staffapi/>".encode(), headers=FORM)
    await page.http.post(ROUTE, content=f"sessionid=a&sessionid={session}".encode(), headers=FORM)
    await page.http.post(ROUTE, json={})

    async def chunks():
        yield b"sessionid=" + session.encode()

    await page.http.post(ROUTE, content=chunks(), headers=FORM)
    assert page.desk.violations == [
        "info: the method is GET, not POST",
        "login: password stands in the URL",
        "login: sessionid stands in the URL",
        "login: username stands in the URL",
        "push: sessionid is not the last argument",
        "push: the argument sessionid is sent twice",
        "push: the body is application/json, not application/x-www-form-urlencoded",
        "push: Content-Length is missing",
    ]
    page.desk.faults.add("redirect")
    await page.http.post(ROUTE, data={"sessionid": session}, follow_redirects=True)
    assert page.desk.violations[-1] == "redirect: the redirect was followed"


async def test_pushes_are_kept_as_they_came(caller):
    payload = caller.created(subject="a+b &amp; ü%20")
    await caller.push(payload)
    assert caller.desk.pushes == [payload.encode()]
    assert caller.desk.tickets()[0].subject == "a+b & ü%20"
