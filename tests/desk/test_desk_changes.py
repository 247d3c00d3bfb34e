"""What people do at the desk beside the StaffAPI, and what a caller then sees."""

import random
import sqlite3
from email.utils import parsedate_to_datetime

import pytest

from gateway.desk.changes import CHANGES, read_change
from gateway.desk.server import SandboxDesk
from gateway.desk.store import Store

REPLY = "<reply><contents>It burns.</contents></reply>"


async def titles(caller, element: str) -> dict[str, str]:
    directory = await caller.ask("/Core/Default/GetInfo")
    return {node.get("id"): node.get("title") for node in directory.iter(element)}


async def test_a_merged_tickets_posts_files_notes_and_billing_are_the_others(caller):
    more = (
        '<reply><contents>old post</contents><attachment filename="a.txt" md5="0cc175b9c0f1b6a831c399e269772661">YQ==</attachment>'
        '</reply><note type="ticket">old note</note><billing timeworked="1" worker="41">old work</billing>'
        "<ccto>charles@example.org</ccto>"
    )
    old, into = await caller.create(more), await caller.create(f"{REPLY}<ccto>charles@example.org</ccto>")
    caller.desk.merge(old, into)
    [ticket] = caller.desk.tickets()
    assert (ticket.id, ticket.merged, ticket.cc) == (into, (old,), ("charles@example.org",))
    assert [post.contents for post in ticket.posts] == ["old post", "It burns."]
    assert ([note.contents for note in ticket.notes], [bill.contents for bill in ticket.billing]) == (
        ["old note"],
        ["old work"],
    )
    assert caller.desk.attachment(ticket.attachments[0].id) == b"a"


async def test_the_old_number_leads_to_the_other_ticket_in_a_modify_and_in_search_and_not_in_data(caller):
    old, middle, into = await caller.create(), await caller.create(), await caller.create()
    mask = caller.desk.tickets()[0].display_id
    caller.desk.merge(old, middle)
    caller.desk.merge(middle, into)
    answer = await caller.modify(old, '<note type="ticket">to the old one</note>')
    assert (answer.findtext("status"), answer.find("tickets/ticket").get("id")) == ("1", str(into))
    assert caller.desk.tickets()[0].notes[0].contents == "to the old one"
    assert await caller.found(str(old), ticketid="1") == [into]
    assert await caller.found(mask, ticketid="1") == [into]
    data = await caller.ask("/Tickets/Retrieve/Data", ticketid=str(old))
    assert data.findall("tickets/ticket") == []


async def test_the_old_display_id_is_not_followed(classic):
    old, into = await classic.create(), await classic.create()
    mask = classic.desk.tickets()[0].display_id
    classic.desk.merge(old, into)
    answer = await classic.modify(mask, '<note type="ticket">lost</note>')
    assert (answer.findtext("status"), answer.find("tickets/ticket")) == ("1", None)
    assert classic.desk.tickets()[0].notes == ()


async def test_a_merge_of_what_is_not_there_says_so(page):
    ticketid = await page.create()
    for old, into, says in ((ticketid, 7, "no ticket 7"), (7, ticketid, "no ticket 7"), (ticketid, ticketid, "itself")):
        with pytest.raises(ValueError, match=says):
            page.desk.merge(old, into)


async def test_a_department_can_be_taken_from_the_account_and_given_back(caller):
    ticketid = await caller.create()
    caller.desk.assign("support", False)
    listed = {
        node.get("id"): node.get("assigned") for node in (await caller.ask("/Core/Default/GetInfo")).iter("department")
    }
    assert listed.get("9", "0") == "0"
    assert await caller.found(str(ticketid), ticketid="1") == []
    caller.desk.assign(9)
    assert await caller.found(str(ticketid), ticketid="1") == [ticketid]


async def test_titles_change(caller):
    for kind, element, id in (
        ("department", "department", "9"),
        ("status", "ticketstatus", "14"),
        ("type", "tickettype", "21"),
        ("priority", "ticketpriority", "32"),
    ):
        old = (await titles(caller, element))[id]
        caller.desk.rename(kind, old.upper(), f"New {kind}")
        assert (await titles(caller, element))[id] == f"New {kind}"
    with pytest.raises(
        ValueError, match=r"There is no department 'Support'; there are: General, Sales, New department"
    ):
        caller.desk.rename("department", "Support", "x")
    for wrong in (("colour", "x", "y"), ("status", 14, " ")):
        with pytest.raises(ValueError, match=r"There are department|needs a title"):
            caller.desk.rename(*wrong)


async def test_search_is_blind_in_a_department_and_data_is_not(caller):
    ticketid = await caller.create(f"{REPLY}<tags>gw-abc</tags>")
    caller.desk.blind = {9}
    assert await caller.found("gw-abc", tags="1") == []
    assert await caller.found(str(ticketid), ticketid="1") == []
    assert len((await caller.ask("/Tickets/Retrieve/Data", ticketid=str(ticketid))).findall("tickets/ticket")) == 1
    caller.desk.blind = set()
    assert await caller.found("gw-abc", tags="1") == [ticketid]


async def test_an_organisation_is_its_users_and_has_notes_on_all_their_tickets(caller):
    caller.desk.organization("Example.ORG", "Analytical Engines")
    first = await caller.create()
    second = await caller.create(fullname="Charles Babbage", email="charles@example.org")
    third = await caller.create(fullname="Mary", email="mary@example.net")
    for ticketid in (first, third):
        await caller.modify(ticketid, '<note type="userorganization">Known to all</note>')
    kinds = {ticket.id: [note.type for note in ticket.notes] for ticket in caller.desk.tickets()}
    # The third has no organisation: its note is the ticket's.
    assert kinds == {first: ["userorganization"], second: [], third: ["ticket"]}
    answer = await caller.ask("/Tickets/Retrieve/Data", ticketid=f"{second},{third}")
    [told, other] = answer.findall("tickets/ticket")
    assert (told.findtext("userorganization"), told.findtext("userorganizationid")) == ("Analytical Engines", "301")
    assert [(note.get("type"), note.text) for note in told.findall("note")] == [("userorganization", "Known to all")]
    assert (other.findtext("userorganization"), other.findtext("userorganizationid")) == ("", "")
    assert await caller.found("engines", userorganization="1") == [second, first]
    caller.desk.organization("example.org", "")
    assert {ticket.organization for ticket in caller.desk.tickets()} == {""}


async def test_a_login_wants_the_key_where_there_is_one(caller):
    caller.desk.two_factor = "123456"
    asked = await caller.log_in()
    assert (asked.findtext("status"), asked.find("sessionid")) == ("2", None)
    assert asked.findtext("error") == "Please send the two factor authentication key to login."
    route, account = "/Core/Default/Login", {"username": "gateway", "password": "sandbox"}
    assert caller.read(await caller.post(route, **account, twofactorkey="1")).findtext("status") == "-1"
    assert caller.read(await caller.post(route, **account, twofactorkey="123456")).findtext("status") == "1"
    assert [login.accepted for login in caller.desk.logins] == [True, False, False, True]


async def test_a_clock_that_is_ahead_shows_in_date_and_times(caller):
    caller.desk.skew = 3600.0
    response = await caller.post("/Core/Default/GetInfo", sessionid=caller.session)
    assert parsedate_to_datetime(response.headers["Date"]).timestamp() == caller.clock.now + 3600
    await caller.create()
    assert caller.desk.tickets()[0].created_at == caller.clock.now + 3600


async def test_every_change_can_be_made_over_http(page):
    old, into = await page.create(), await page.create()
    texts = {
        "merge": {"old": old, "into": into},
        "assign": {"department": "Sales", "assigned": False},
        "rename": {"kind": "status", "name": "Open", "title": "New"},
        "blind": {"department": "Billing", "blind": "yes"},
        "deny": {"permission": "staff_tcaninsertticket", "denied": True},
        "organization": {"domain": "example.org", "title": "Example"},
        "two_factor": {"key": "1"},
        "skew": {"seconds": -5},
        "session": {"seconds": "60"},
        "switch": {"name": "gzip", "value": "on"},
        "expire": {},
    }
    assert texts.keys() == CHANGES.keys()
    for name, values in texts.items():
        response = await page.http.post(f"/control/changes/{name}", json=values)
        assert response.json() == {"changed": name}, name
    state = (await page.http.get("/control/state")).json()
    assert state["switches"]["gzip"] is True
    assert (state["tickets"], state["blind"], state["denied"]) == (1, [11], ["staff_tcaninsertticket"])
    assert (state["skew"], state["two_factor"], state["sessions"]) == (-5.0, True, 0)
    for name, values in (
        ("explode", {}),
        ("merge", {"old": into}),
        ("merge", {"old": "x", "into": into}),
        ("merge", [1]),
        ("skew", {"seconds": "nan"}),
        ("switch", {"name": "colour", "value": "1"}),
        ("switch", {"name": "post_max", "value": "many"}),
        ("assign", {"department": "Sales", "assigned": "perhaps"}),
        ("organization", {"domain": "ada@example.org", "title": "x"}),
    ):
        response = await page.http.post(f"/control/changes/{name}", json=values)
        assert (response.status_code, bool(response.json()["error"])) == (400, True), (name, values)


def test_a_change_on_the_command_line_is_read_as_it_stands():
    assert read_change("expire") == ("expire", {})
    assert read_change("rename,kind=type,name=Bug,title=a=b") == (
        "rename",
        {"kind": "type", "name": "Bug", "title": "a=b"},
    )
    with pytest.raises(ValueError, match=r"^A change is NAME,FIELD=VALUE"):
        read_change("rename,Bug")


def test_a_database_of_the_first_release_is_brought_up_to_date(tmp_path):
    path = str(tmp_path / "desk.db")
    store = Store(path)
    for statement in (
        "DROP VIEW listed",
        "ALTER TABLE tickets DROP COLUMN slaplanid",
        "ALTER TABLE posts DROP COLUMN creationmode",
        "ALTER TABLE attachments DROP COLUMN filetype",
        "DROP INDEX notes_organization",
        "ALTER TABLE notes DROP COLUMN organizationid",
        "DROP TABLE organizations",
        "DROP TABLE merges",
        "DROP TABLE notifications",
        "DELETE FROM sqlite_sequence WHERE name = 'organizations'",
        "INSERT INTO departments VALUES (99, 'Kept', 0)",
        "PRAGMA user_version = 0",
    ):
        store.run(statement)
    store.close()
    desk = SandboxDesk(path, dice=random.Random(1))
    desk.assign("Kept")
    assert desk.tickets() == []
    desk.close()


def test_a_database_of_a_later_release_is_left_alone(tmp_path):
    path = str(tmp_path / "desk.db")
    SandboxDesk(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(ValueError, match="later release"):
        SandboxDesk(path)
