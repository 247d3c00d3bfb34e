"""The page with forms: what a person can do to the desk from a browser on its machine."""

import re

import httpx
from lxml import html


async def forms(page) -> list:
    response = await page.http.get("/control")
    assert response.status_code == 200
    return html.fromstring(response.text).forms


async def submit(page, form, **values: str) -> httpx.Response:
    return await page.http.post(form.action, data=dict(form.form_values()) | values)


async def test_every_form_of_the_page_can_be_sent_as_it_says(page):
    old, into = await page.create(), await page.create()
    values = {
        "fault": {"kind": "slow", "on": "push", "seconds": "0.1"},
        "merge": {"old": str(old), "into": str(into)},
        "rename": {"title": "Renamed"},
        "organization": {"domain": "example.org", "title": "Engines & Sons"},
        "deny": {"permission": "staff_tcantrashticket"},
        "skew": {"seconds": "7"},
    }
    names = set()
    for form in await forms(page):
        name = form.action.rpartition("/")[2]
        names.add(name)
        response = await submit(page, form, **values.get(name, {}))
        assert (response.status_code, response.headers.get("Location")) == (303, "/control"), (name, response.text)
    assert names == {
        *("fault", "assign", "blind", "rename", "merge", "organization", "two_factor", "deny", "skew", "session"),
        *("expire", "switch"),
    }
    shown = (await page.http.get("/control")).text
    for text in ("Engines &amp; Sons", "staff_tcantrashticket", "Renamed", "slow"):
        assert text in shown, text
    [ticket] = page.desk.tickets()
    assert (ticket.merged, ticket.organization) == ((old,), "Engines & Sons")
    # Each department was turned over once: Private, which was not the account's, is now its only one.
    assert page.desk.blind == {7, 8, 9, 10, 11, 12}


async def test_faults_can_be_removed(page):
    page.desk.faults.add("slow")
    [clear] = [form for form in await forms(page) if form.action.endswith("/clear")]
    await submit(page, clear)
    assert len(page.desk.faults) == 0


async def test_what_makes_no_sense_is_said_on_the_page(page):
    [merge] = [form for form in await forms(page) if form.action.endswith("/merge")]
    response = await submit(page, merge, old="<b>", into="1")
    assert response.status_code == 400
    assert "Write the number of a ticket, not &#39;&lt;b&gt;&#39;." in response.text


async def test_only_a_form_of_this_page_counts(page):
    for token in ({}, {"token": ""}, {"token": "é"}):
        response = await page.http.post("/control/forms/fault", data={"kind": "slow", **token})
        assert response.status_code == 403
    assert len(page.desk.faults) == 0
    far = httpx.ASGITransport(page.desk.app, client=("192.0.2.7", 5))
    async with httpx.AsyncClient(transport=far, base_url="http://127.0.0.1") as http:
        assert (await http.get("/control")).status_code == 403
        assert (await http.post("/control/forms/expire", data={})).status_code == 403


async def test_the_page_allows_its_own_forms_and_nothing_else(page):
    response = await page.http.get("/control")
    policy = response.headers["Content-Security-Policy"]
    assert re.search(r"default-src 'none';.*form-action 'self';", policy)
    assert "<script" not in response.text


async def test_a_ticket_shows_how_its_posts_came_and_who_was_told(page):
    page.desk.organization("example.org", "Analytical Engines")
    old, into = (
        await page.create(),
        await page.create("<reply><contents>x</contents></reply><ccto>c@example.org</ccto>"),
    )
    page.desk.merge(old, into)
    shown = (await page.http.get(f"/tickets/{into}")).text
    for text in ("by StaffAPI", "Analytical Engines", "Merged in", str(old), "newticket"):
        assert text in shown, text
