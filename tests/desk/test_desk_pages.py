"""The pages a person looks at."""

from gateway.desk.dialect import CLASSIC

HOSTILE = "&lt;script&gt;alert(1)&lt;/script&gt;"
BASE64 = "PHNjcmlwdD5hPC9zY3JpcHQ+"


async def test_an_empty_desk_says_so(page):
    response = await page.http.get("/")
    assert response.status_code == 200
    assert "No ticket yet" in response.text


async def test_every_page_forbids_what_it_does_not_need(page):
    await page.create()
    assert (await page.http.get("/tickets/1001")).status_code == 200
    for path in (
        "/tickets/5",
        "/tickets/0",
        "/tickets/x",
        f"/tickets/{'9' * 5000}",
        "/attachments/9",
        "/attachments/-1",
    ):
        assert (await page.http.get(path)).status_code == 404, path
    for path in ("/", "/tickets/1001", "/tickets/5", "/desk.css", "/attachments/9"):
        response = await page.http.get(path)
        assert response.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'"), path
        assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_what_mail_holds_is_text_on_the_page(page):
    more = f'<tags>red</tags><ccto>cc@example.org</ccto><reply><contents>{HOSTILE}</contents><attachment filename="{HOSTILE.replace("/", "")}" md5="c0a1a8be28a1d6b0bdeb2f2ea7a21c52">{BASE64}</attachment></reply><note>{HOSTILE}</note>'
    page.desk.dialect = CLASSIC
    await page.create(more, subject=HOSTILE, fullname=f"{HOSTILE} &quot;")
    for path in ("/", "/tickets/1001"):
        text = (await page.http.get(path)).text
        assert "<script" not in text
        assert HOSTILE in text
    for part in (
        "red",
        "cc@example.org",
        "Support",
        "Open",
        "Normal",
        "support@example.com",
        page.desk.tickets()[0].display_id,
        "echo",
    ):
        assert part in text, part
    assert page.desk.tickets()[0].attachments[0].sha256 in text


async def test_an_attachment_is_a_download_whatever_its_name(page):
    name = "a&quot;; evil=1 &#228;.html"
    page.desk.dialect = CLASSIC
    await page.create(
        f'<reply><contents>x</contents><attachment filename="{name}" md5="">{BASE64}</attachment></reply>'
    )
    id = page.desk.tickets()[0].attachments[0].id
    response = await page.http.get(f"/attachments/{id}")
    assert response.content == b"<script>a</script>"
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"] == "attachment; filename*=UTF-8''a%22%3B%20evil%3D1%20%C3%A4.html"


async def test_times_nobody_can_show_do_not_break_the_page(page):
    await page.create("<replydue>99999999999999999</replydue><reply><contents>x</contents></reply>")
    assert "99999999999999999" in (await page.http.get("/tickets/1001")).text


async def test_many_tickets_are_shown_a_hundred_a_page(page):
    for _ in range(101):
        await page.create()
    newest, oldest = (await page.http.get("/")).text, (await page.http.get("/?page=2")).text
    assert newest.count('<td class="id">') == 100
    assert oldest.count('<td class="id">') == 1
    assert "Page 2 of 2" in oldest
    assert (await page.http.get("/?page=x")).text == newest


async def test_answers_carry_the_desks_own_date(page):
    assert (await page.http.get("/")).headers.get_list("Date") == ["Fri, 15 Jan 2027 08:00:00 GMT"]
