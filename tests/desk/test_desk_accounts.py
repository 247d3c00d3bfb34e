"""Sessions, lock-out and the directory."""

import httpx


async def test_a_login_tells_session_time_out_and_staff_in_order(caller):
    answer = await caller.log_in()
    assert [child.tag for child in answer] == ["status", "error", "version", "sessionid", "sessiontimeout", "staffid"]
    assert (answer.findtext("status"), answer.findtext("sessiontimeout"), answer.findtext("staffid")) == (
        "1",
        "21600",
        "41",
    )
    assert answer.findtext("sessionid").isalnum()
    assert [login.accepted for login in caller.desk.logins] == [True, True]


async def test_a_session_ends_by_idleness_and_lives_on_by_use(caller):
    for _ in range(3):
        caller.clock.now += 21000
        assert (await caller.ask("/Core/Default/GetInfo")).findtext("status") == "1"
    caller.clock.now += 21601
    answer = await caller.push(caller.created())
    assert (answer.findtext("status"), answer.findtext("error")) == ("-2", "Session Expired Due to Inactivity")
    assert caller.desk.tickets() == []


async def test_a_logged_out_session_is_over_and_another_is_not(caller):
    first = caller.session
    await caller.log_in()
    second, caller.session = caller.session, first
    answer = await caller.ask("/Core/Default/Logout")
    assert [(child.tag, child.text) for child in answer] == [("status", "1")]
    assert (await caller.push(caller.created())).findtext("status") == "-2"
    caller.session = second
    assert (await caller.push(caller.created())).findtext("status") == "1"


async def test_expired_getinfo_is_two_documents_in_the_field(classic):
    response = await classic.post("/Core/Default/GetInfo", sessionid="gone")
    assert response.text.count("<kayako_staffapi>") == 2
    assert classic.read(response).findtext("status") == "-2"


async def test_wrong_credentials_lock_the_account_in_the_field(classic):
    texts = [(await classic.log_in(password="wrong")).findtext("error") for _ in range(5)]
    assert texts == [
        *(f"Invalid user name or password (attempt: {n}/3)" for n in (1, 2, 3)),
        "Login locked for 15 minutes (attempt: 4/3)",
        "Login locked for 900 minutes (attempt: 4/3)",
    ]
    answer = await classic.log_in()
    assert (answer.findtext("status"), answer.findtext("error")) == (
        "-1",
        "Login locked for 900 minutes (attempt: 4/3)",
    )
    classic.clock.now += 901
    assert (await classic.log_in()).findtext("status") == "1"


async def test_wrong_credentials_are_only_refused_on_the_page(page):
    for username, password in (("gateway", "wrong"), ("jane", "sandbox"), ("", ""), ("gateway", "")):
        answer = await page.log_in(username, password)
        assert [(child.tag, child.text) for child in answer] == [
            ("status", "-1"),
            ("error", "Invalid Username or Password"),
        ]


async def test_the_directory_names_the_organisation(page):
    info = await page.ask("/Core/Default/GetInfo")
    departments = {department.get("title"): department for department in info.iter("department")}
    assert {title: department.get("assigned") for title, department in departments.items()} == {
        **dict.fromkeys(("General", "Sales", "Support", "Level 2", "Billing"), "1"),
        "Private": "0",
    }
    assert departments["Level 2"].getparent() is departments["Support"]
    assert departments["Level 2"].get("parentdepartmentid") == departments["Support"].get("id")
    titles = {
        kind: [found.get("title") for found in info.iter(kind)]
        for kind in ("ticketstatus", "tickettype", "ticketpriority")
    }
    assert titles["ticketstatus"] == ["Open", "In Progress", "Closed"]
    assert titles["tickettype"] == ["Issue", "Task", "Bug", "Lead", "Feedback"]
    assert titles["ticketpriority"] == ["Low", "Normal", "High", "Urgent"]
    assert {"Mail Gateway", "Jane Doe"} <= {staff.get("fullname") for staff in info.iter("staff")}
    assert [queue.get("email") for queue in info.iter("emailqueue")] == [
        "support@example.com",
        "sales@example.com",
        "billing@example.com",
    ]


async def test_the_field_lists_departments_of_the_account_only(classic):
    info = await classic.ask("/Core/Default/GetInfo")
    assert "Private" not in [department.get("title") for department in info.iter("department")]


async def test_the_field_takes_a_session_from_url_or_cookie_and_the_page_from_the_form_only(classic, page):
    for caller, status in ((classic, "1"), (page, "-2")):
        response = await caller.post(f"/Core/Default/GetInfo&sessionid={caller.session}", wantmacros="0")
        assert caller.read(response).findtext("status") == status
        assert caller.desk.violations == ["info: sessionid stands in the URL"]
        cookie = {"Cookie": f"SWIFT_sessionid210={caller.session}", "Content-Type": "application/x-www-form-urlencoded"}
        response = await caller.http.post("/staffapi/index.php?/Core/Default/GetInfo", headers=cookie, content=b"")
        assert caller.read(response).findtext("status") == status


async def test_unknown_addresses_are_answered_as_the_server_does(caller):
    answer = await caller.ask("/Core/Default/Index")
    assert (answer.findtext("status"), answer.findtext("error")) == ("-1", "Session Expired Due to Inactivity")
    response = await caller.post("/<x>/List")
    assert response.status_code == 404
    assert "<x>" not in response.text


async def test_tickets_and_sessions_outlive_a_restart_of_the_server(page, tmp_path):
    from gateway.desk.server import SandboxDesk

    path = str(tmp_path / "desk.db")
    desk = SandboxDesk(path, clock=page.clock)
    async with desk.running() as url:
        page.http.base_url = url
        await page.log_in()
        ticketid = await page.create()
        port = httpx.URL(url).port
    desk.close()
    again = SandboxDesk(path, clock=page.clock)
    async with again.running(port=port) as url:
        assert (await page.create()) == ticketid + 1
    assert [ticket.id for ticket in again.tickets()] == [ticketid, ticketid + 1]
    again.close()
