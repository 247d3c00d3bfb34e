"""`gateway ticket …` as a person types it, against a real desk in both dialects: checked by what the desk then holds."""

import asyncio
import hashlib
import io
import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import structlog
import typer
from lxml import etree
from whole.letters import letter
from whole.running import fetch, until

from gateway.cli import main
from gateway.commands.ticket import ticket_app
from gateway.commands.ticket_answers import verdict_on
from gateway.commands.ticket_pushes import Request
from gateway.delivery.names import DIRECTORY, KEY
from gateway.mail.message import Span
from gateway.spool.spool import Spool
from gateway.staffapi.client import Desk
from gateway.staffapi.documents import File, Modify, Reply
from gateway.staffapi.outcome import Accepted, Receipt, Ticket

pytestmark = pytest.mark.whole
both_dialects = pytest.mark.parametrize("dialect", ["page", "classic"])
#: What every new ticket needs, by name and by number.
PLACE = ["--department", "Support", "--status", "Open", "--priority", "Normal", "--type", "Issue"]
PLACE_BY_ID = ["--department", "9", "--status", "14", "--priority", "32", "--type", "21"]
WHO = ["--email", "ada@example.org", "--name", "Ada Lovelace"]
NEW = ["create", "--subject", "Printer", "--text", "It burns.", *WHO]
MARKER = re.compile("gw-[a-z2-7]{16}")
NINE_O_CLOCK = 1_772_352_000  # 2026-03-01T09:00+01:00


@pytest.fixture
def ticket(make_gateway, desk, monkeypatch):
    """Runs a command in this process; what it prints, where the exit status is the one expected."""
    desk.open()
    gateway = make_gateway()
    monkeypatch.chdir(gateway.folder)
    for name, value in gateway.environ.items():
        if name.startswith("GATEWAY_"):
            monkeypatch.setenv(name, value)

    def run(*words: str, status: int = 0, input: bytes = b"") -> str:
        out, error = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["gateway", "ticket", *words])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(input), "utf-8"))
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", error)
            with pytest.raises(SystemExit) as ended:
                main()
        structlog.reset_defaults()  # what was set up to log ended with the command
        run.said = error.buffer.getvalue().decode()
        assert ended.value.code == status, f"{words}: {ended.value.code} {run.said}"
        # What went wrong stands on standard error and nothing else does.
        assert bool(run.said) == (status != 0) or "[y/N]" in run.said
        return out.buffer.getvalue().decode()

    return run


@pytest.fixture
def made(ticket, desk):
    """A ticket to work on."""
    ticket(*NEW, *PLACE)
    return desk.tickets[0]


def sessions(desk) -> int:
    return json.loads(fetch(f"{desk.url}/control/state"))["sessions"]


def documents(shown: str) -> list[etree._Element]:
    return [etree.fromstring(each.encode()) for each in re.split(r"(?=<\?xml)", shown) if each.strip()]


def own(tags: tuple[str, ...]) -> list[str]:
    """Without the marker."""
    return [tag for tag in tags if not MARKER.fullmatch(tag)]


@both_dialects
def test_create_reaches_every_element_of_the_page(ticket, desk, tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "report.txt").write_bytes(b"first")
    (tmp_path / "one" / "report.txt").write_bytes(bytes(range(256)) * 700)
    said = ticket(
        *NEW,
        *["--department", "support / level 2", "--status", "in progress", "--priority", "Urgent", "--type", "Bug"],
        *["--owner", "jane", "--queue", "support@example.com", "--flag", "red"],
        *["--tags", "Paper, fire", "--tags", "urgent"],
        *["--ccto", "boss@example.org", "--ccto", "peer@example.org", "--bccto", "audit@example.org"],
        *["--reply-due", "2026-03-01T09:00+01:00", "--resolution-due", str(NINE_O_CLOCK + 60), "--watch"],
        *["--autoresponder", "--attach", "report.txt", "--attach", "one/report.txt"],
        *["--note", "Take gloves.", "--note", "A good customer."],
        *["--note-type", "ticket", "--note-type", "user", "--note-colour", "blue", "--note-colour", "5"],
        *["--bill", "1h30m", "--bill", "20m", "--billable", "1h", "--billable", "0", "--bill-text", "Extinguished."],
        *["--work-date", "2026-03-01T09:00+01:00", "--bill-date", str(NINE_O_CLOCK + 3600)],
        *["--worker", "ravi", "--worker", "42", "--bill-colour", "green"],
    )  # fmt: skip
    [made] = desk.tickets
    assert said == f"created {made.display_id} ({made.id})\n"
    assert (made.subject, made.fullname, made.email) == ("Printer", "Ada Lovelace", "ada@example.org")
    assert (made.department, made.status, made.priority, made.type) == ("Level 2", "In Progress", "Urgent", "Bug")
    assert (made.creator, made.phonenumber) == ("user", "")
    assert (made.queue, made.flag) == ("support@example.com", 5)
    assert own(made.tags) == ["paper", "fire", "urgent"]
    assert len(made.tags) == 4
    assert (made.cc, made.bcc) == (("boss@example.org", "peer@example.org"), ("audit@example.org",))
    assert (made.replydue, made.resolutiondue) == (NINE_O_CLOCK, NINE_O_CLOCK + 60)
    assert made.watchers == ("Mail Gateway",)
    assert [post.contents for post in made.posts] == ["It burns."]
    assert [(file.name, file.sha256) for file in made.attachments] == [
        ("report.txt", hashlib.sha256(b"first").hexdigest()),
        ("report-2.txt", hashlib.sha256(bytes(range(256)) * 700).hexdigest()),
    ]
    assert [(note.type, note.notecolor, note.contents) for note in made.notes] == [
        ("ticket", 3, "Take gloves."),
        ("user", 5, "A good customer."),
    ]
    billed = [(bill.timeworked, bill.timebillable, bill.worker, bill.contents) for bill in made.billing]
    assert billed == [(5400, 3600, "Ravi Patel", "Extinguished."), (1200, 0, "Jane Doe", "Extinguished.")]
    assert {(bill.workdate, bill.billdate) for bill in made.billing} == {(NINE_O_CLOCK, NINE_O_CLOCK + 3600)}
    assert "autoresponder" in [mail.kind for mail in made.outgoing]


@both_dialects
def test_a_ticket_is_made_for_an_address_a_user_a_caller_or_by_staff(ticket, desk):
    def create(*who: str):
        ticket("create", "--subject", "Hello", "--text", "Hi.", *PLACE, *who)
        return desk.tickets[-1]

    plain = create("--email", "Ada@Example.org")
    assert (plain.email, plain.creator) == ("ada@example.org", "user")
    assert [mail.kind for mail in plain.outgoing if mail.kind == "autoresponder"] == []
    caller = create("--phone", "+44 20 7946 0000", *WHO)
    assert (caller.phonenumber, caller.fullname) == ("+44 20 7946 0000", "Ada Lovelace")
    by_staff = create("--staff", "jane")
    assert (by_staff.creator, by_staff.fullname, by_staff.email) == ("staff", "Jane Doe", "jane.doe@example.com")
    for_ada = create("--staff", "43", *WHO)
    assert (for_ada.creator, for_ada.fullname, for_ada.email) == ("staff", "Ada Lovelace", "ada@example.org")
    create("--user-id", "201", "--email", "other@example.org")
    [root] = [etree.fromstring(desk.sandbox.pushes[-1])]
    assert (root.findtext("create/userid"), root.findtext("create/type")) == ("201", "default")


@both_dialects
def test_several_texts_are_several_replies_with_the_files_at_the_first(ticket, desk, made, tmp_path):
    (tmp_path / "text.txt").write_text("\ufeffThe second.\r\nOf two lines.\n", "utf-8")
    (tmp_path / "pump.png").write_bytes(b"\x89PNG")
    words = ["reply", made.display_id, "--text", "The first.", "--file", "text.txt", "--file", "-"]
    said = ticket(*words, "--attach", "pump.png", input="The last: ünï.".encode())
    name = f"{made.display_id} ({made.id})"
    assert said.splitlines() == [f"replied to {name}"] * 3
    [now] = desk.tickets
    texts = [MARKER.sub("", post.contents).split("\n\n[]")[0] for post in now.posts]
    assert texts == ["It burns.", "The first.", "The second.\nOf two lines.", "The last: ünï."]
    assert [len(post.attachments) for post in now.posts] == [0, 1, 0, 0]
    assert [post.creator for post in now.posts] == ["user", "staff", "staff", "staff"]
    mailed = [mail for mail in now.outgoing if mail.kind == "reply"]
    assert [mail.to for mail in mailed] == ["ada@example.org"] * 3
    ticket("reply", str(made.id), "--text", "For the record.", "--silent")
    [now] = desk.tickets
    assert len(now.posts) == 5
    assert [mail for mail in now.outgoing if mail.kind == "reply"] == mailed


def test_help_says_that_a_reply_goes_to_the_customer(ticket):
    said = " ".join(ticket("reply", "--help").split())
    assert "WITHOUT --silent THE DESK MAILS THE REPLY TO THE CUSTOMER" in said


@both_dialects
def test_notes_have_their_types_and_colours(ticket, desk, made):
    assert ticket("note", str(made.id), "--text", "One.") == f"left a note on {made.display_id} ({made.id})\n"
    ticket("note", f"#{made.id}", "--text", "Two.", "--text", "Three.", "--type", "user", "--colour", "Purple")
    ticket("note", str(made.id), "--text", "Four.", "--type", "_userorganization", "--colour", "4")
    notes = desk.tickets[0].notes
    assert [(note.notecolor, note.contents.split("\n")[0]) for note in notes] == [
        (1, "One."), (2, "Two."), (2, "Three."), (4, "Four."),
    ]  # fmt: skip
    assert [note.type for note in notes][:3] == ["ticket", "user", "user"]
    assert len({MARKER.search(note.contents)[0] for note in notes}) == 4
    assert b'<note type="userorganization" notecolor="4">' in desk.sandbox.pushes[-1]


@both_dialects
def test_time_is_billed_to_whoever_worked(ticket, desk, made):
    said = ticket("bill", str(made.id), "--worked", "1h30m", "--billable", "45m", "--text", "Repair", "--colour", "red")
    assert said == f"billed 45m of 1h30m worked on {made.display_id} ({made.id})\n"
    days = ["--work-date", "2026-03-01T08:00Z", "--bill-date", str(NINE_O_CLOCK + 86_400)]
    ticket("bill", str(made.id), "--worked", "90", "--worker", "Jane Doe", *days)
    first, second = desk.tickets[0].billing
    assert (first.timeworked, first.timebillable, first.worker) == (5400, 2700, "Mail Gateway")
    assert first.contents.startswith("Repair")
    assert b'notecolor="5"' in desk.sandbox.pushes[-2]
    assert (second.timeworked, second.timebillable, second.worker) == (90, 90, "Jane Doe")
    assert (second.workdate, second.billdate) == (NINE_O_CLOCK, NINE_O_CLOCK + 86_400)


@both_dialects
def test_set_changes_what_is_named_and_none_takes_it_away(ticket, desk, made):
    said = ticket(
        *["set", str(made.id), "--department", "Sales", "--status", "closed", "--priority", "31", "--type", "Lead"],
        *["--owner", "ravi.patel@example.com", "--flag", "blue", "--add-tag", "won big", "--ccto", "boss@example.org"],
        *["--bccto", "audit@example.org", "--reply-due", str(NINE_O_CLOCK), "--resolution-due", "2026-03-01"],
        "--watch",
    )  # fmt: skip
    assert said == f"changed {made.display_id} ({made.id})\n"
    [now] = desk.tickets
    assert (now.department, now.status, now.priority, now.type) == ("Sales", "Closed", "Low", "Lead")
    assert (now.owner, now.flag, now.watchers) == ("Ravi Patel", 6, ("Mail Gateway",))
    assert now.tags == (*made.tags, "won", "big")
    assert (now.cc, now.bcc) == (("boss@example.org",), ("audit@example.org",))
    assert now.replydue == NINE_O_CLOCK
    assert abs(now.resolutiondue - NINE_O_CLOCK) < 86_400
    assert len(now.posts) == 1
    clear = ["--owner", "none", "--flag", "none", "--reply-due", "none", "--resolution-due", "0", "--unwatch"]
    ticket("set", made.display_id.lower(), *clear)
    [now] = desk.tickets
    assert (now.owner, now.flag, now.replydue, now.resolutiondue, now.watchers) == ("", 0, 0, 0, ())
    assert (now.department, now.status, now.tags) == ("Sales", "Closed", (*made.tags, "won", "big"))
    ticket("set", str(made.id), "--tags", "only,these")
    if desk.sandbox.dialect.tags_replace:
        [marker] = [tag for tag in made.tags if tag.startswith("gw-")]
        assert desk.tickets[0].tags == ("only", "these", marker)
    pushed = len(desk.sandbox.pushes)
    assert ticket("set", str(made.id), "--add-tag", "only") == f"nothing to change on {made.display_id} ({made.id})\n"
    assert len(desk.sandbox.pushes) == pushed


@both_dialects
def test_delete_asks_says_that_it_goes_to_trash_and_set_brings_it_back(ticket, desk, made):
    ticket("delete", str(made.id), status=1, input=b"n\n")
    assert f"Move {made.display_id} 'Printer' to Trash?" in ticket.said
    ticket("delete", str(made.id), status=1)
    assert desk.tickets[0].department == "Support"
    name = f"{made.display_id} ({made.id})"
    assert ticket("delete", str(made.id), input=b"y\n") == f"moved to Trash: {name}\n"
    assert desk.tickets[0].department == "Trash"
    assert ticket("delete", str(made.id), "--yes") == f"in Trash already: {name}\n"
    ticket("set", str(made.id), "--department", "Billing")
    assert desk.tickets[0].department == "Billing"
    assert json.loads(ticket("delete", made.display_id, "--yes", "--json"))["did"] == "moved to Trash:"


def test_json_is_one_object_for_each_request_with_its_marker(ticket, desk, made):
    said = ticket("reply", str(made.id), "--text", "One.", "--text", "Two.", "--silent", "--json")
    for post, line in zip(desk.tickets[0].posts[1:], said.splitlines(), strict=True):
        told = json.loads(line)
        assert f"[{told.pop('marker')}]" in post.contents
        assert told == {"did": "replied to", "ticket": made.id, "display_id": made.display_id}


def test_a_command_logs_in_once_and_leaves_no_session(ticket, desk, made):
    assert len(desk.sandbox.logins) == 1
    ticket("reply", str(made.id), "--text", "One.", "--text", "Two.")
    ticket("reply", "999999", "--text", "One.", status=1)
    assert len(desk.sandbox.logins) == 3
    assert sessions(desk) == 0


def test_a_dry_run_with_ids_needs_no_desk_and_prints_a_document_for_each_request(ticket, desk, tmp_path):
    desk.shut()
    (tmp_path / "note.txt").write_bytes(b"abc")
    shown = ticket(*NEW, *PLACE_BY_ID, "--owner", "42", "--attach", "note.txt", "--flag", "red", "--dry-run")
    [root] = documents(shown)
    values = {child.tag: child.text for child in root[0] if not len(child)}
    assert values == {
        "subject": "Printer", "fullname": "Ada Lovelace", "email": "ada@example.org", "departmentid": "9",
        "ticketstatusid": "14", "ticketpriorityid": "32", "tickettypeid": "21", "ownerstaffid": "42", "emailqueueid": "0",
        "creator": "user", "userid": "0", "type": "default", "sendautoresponder": "0", "flagtype": "5",
        "tags": "gw-aaaaaaaaaaaaaaaa", "watch": "0",
    }  # fmt: skip
    file = root.find("create/reply/attachment")
    assert (file.get("filename"), file.get("md5"), file.text) == ("note.txt", hashlib.md5(b"abc").hexdigest(), "YWJj")
    two = documents(ticket("reply", "17", "--text", "One.", "--text", "Two.", "--silent", "--dry-run"))
    assert [len(root) for root in two] == [1, 1]
    assert [root.find("modify").get("ticketid") for root in two] == ["17", "17"]
    assert [root.findtext("modify/reply/ignoreemail") for root in two] == ["1", "1"]
    [root] = documents(ticket("set", "17", "--status", "16", "--owner", "none", "--tags", "a b", "--dry-run"))
    assert {child.tag: child.text for child in root[0]} == {"ticketstatusid": "16", "ownerstaffid": "0", "tags": "a b"}
    [root] = documents(ticket("bill", "17", "--worked", "1m", "--worker", "42", "--dry-run"))
    billing = dict(root.find("modify/billing").attrib)
    assert billing == {"timeworked": "60", "timebillable": "60", "worker": "42", "notecolor": "1"}
    [root] = documents(ticket("delete", "17", "--dry-run"))
    assert dict(root.find("delete").attrib) == {"ticketid": "17"}
    assert desk.sandbox.logins == []


def test_a_dry_run_with_names_asks_the_desk_and_shows_what_is_then_sent(ticket, desk):
    words = [*NEW, *PLACE, "--tags", "paper", "--note", "Gloves.", "--bill", "5m"]
    shown = ticket(*words, "--dry-run")
    assert desk.sandbox.pushes == []
    assert desk.tickets == []
    assert sessions(desk) == 0
    ticket(*words)
    assert shown.encode().rstrip(b"\n") == MARKER.sub("gw-aaaaaaaaaaaaaaaa", desk.sandbox.pushes[0].decode()).encode()
    made = desk.tickets[0]
    [root] = documents(ticket("set", made.display_id, "--add-tag", "more", "--dry-run"))
    assert root.find("modify").get("ticketid") == str(made.id)
    assert root.findtext("modify/tags").split() == [*made.tags, "more"]


def test_a_dry_run_takes_names_from_the_directory_in_the_spool(ticket, desk, spool_url):
    remember_directory(desk, spool_url)
    desk.shut()
    [root] = documents(ticket(*NEW, *PLACE, "--dry-run"))
    assert root.findtext("create/departmentid") == "9"
    [root] = documents(ticket("bill", "17", "--worked", "1m", "--dry-run"))
    assert root.find("modify/billing").get("worker") == "41"
    ticket(*NEW, *PLACE[2:], "--department", "Suport", "--dry-run", status=2)
    assert "did you mean 'Support'?" in ticket.said
    # Its display id is in no directory.
    ticket("delete", "ABC-123-45678", "--dry-run", status=75)


def remember_directory(desk, spool_url):
    async def ask():
        client = Desk(desk.url, "gateway", "sandbox", request_seconds=5, concurrency=1, boottime=lambda: 0.0)
        try:
            return await client.directory()
        finally:
            await client.aclose()

    spool = Spool(spool_url, node="whole")
    try:
        spool.migrate()
        spool.remember(KEY, DIRECTORY.dump_json(asyncio.run(ask())).decode()).result(10)
    finally:
        spool.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["create", "--subject", "x", *PLACE, *WHO], "exactly one text"),
        ([*NEW, *PLACE, "--file", "-"], "text is empty"),
        (["create", "--subject", "x", "--text", " \n", *PLACE, *WHO], "text is empty"),
        (["create", "--subject", " ", "--text", "x", *PLACE, *WHO], "subject is empty"),
        (["create", "--subject", "x", "--text", "x", *PLACE], "--email is missing"),
        ([*NEW, *PLACE, "--phone", "1", "--user-id", "2"], "give one of them at most"),
        ([*NEW, *PLACE, "--user-id", "0"], "user id is 0"),
        ([*NEW, *PLACE, "--ccto", "nobody"], "--ccto: 'nobody' is no address"),
        ([*NEW, *PLACE, "--reply-due", "tomorrow"], "--reply-due: 'tomorrow' is no time; write 2026-03-01"),
        ([*NEW, *PLACE, "--reply-due", "20260301"], "is no time"),
        ([*NEW, *PLACE, "--note", "x", "--note-colour", "pink"], "no note colour; use one of yellow, purple"),
        ([*NEW, *PLACE, "--note", "x", "--note-type", "staff"], "no type of note; use one of ticket, user"),
        ([*NEW, *PLACE, "--note", "x", "--note-type", "user", "--note-type", "user"], "given 2 times for 1 notes"),
        ([*NEW, *PLACE, "--billable", "1h"], "given 1 times for 0 times of --bill"),
        ([*NEW, *PLACE, "--flag", "pink"], "no flag 'pink'"),
        ([*NEW, *PLACE, "--tags", "!!"], "nothing of '!!' can be in a tag"),
        ([*NEW, *PLACE, "--attach", "missing.txt"], "missing.txt cannot be read: No such file or directory"),
        ([*NEW, *PLACE, "--attach", "rules"], "rules is no file"),
        ([*NEW, *PLACE, "--owner", ""], "a name is empty"),
        (["reply", "17"], "nothing to say"),
        (["reply", "17", "--file", "missing.txt"], "missing.txt cannot be read: No such file or directory"),
        (["reply", "17", "--file", "latin.txt"], "latin.txt is not UTF-8 text"),
        (["reply", "17", "--file", "-", "--file", "-"], "standard input can be read once only"),
        (["reply", "seventeen!", "--text", "x"], "'seventeen!' is no ticket; give its number or a display id"),
        (["reply", "0", "--text", "x"], "ticket id is 0"),
        (["note", "17"], "nothing to note"),
        (["bill", "17", "--worked", "long"], "--worked: 'long' is no duration; write 1h30m"),
        (["bill", "17", "--worked", ""], "is no duration"),
        (["bill", "17", "--worked", "1h", "--work-date", "2026-13-01"], "--work-date: '2026-13-01' is no time"),
        (["set", "17"], "nothing to change is named"),
        (["set", "17", "--tags", ""], "a desk cannot take all tags away"),
        (["set", "17", "--tags", "a", "--add-tag", "b"], "give one of them"),
    ],
)
def test_a_mistake_is_told_before_the_desk_is_asked(ticket, desk, tmp_path, words, said):
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    assert ticket(*words, status=2) == ""
    assert said in ticket.said
    assert desk.sandbox.logins == []


def test_names_that_the_desk_does_not_have_are_told_with_the_nearest_or_all(ticket, desk, made):
    for words, said in (
        ([*NEW, *PLACE[2:], "--department", "Suport"], "did you mean 'Support'?"),
        ([*NEW, *PLACE[2:], "--department", "Private"], "Private"),
        ([*NEW, *PLACE[2:], "--department", "12"], "12"),
        ([*NEW, *PLACE, "--owner", "ravi"], "owner 'ravi' is not assigned to the department"),
        ([*NEW, *PLACE, "--queue", "none@example.com"], "no queue 'none@example.com'"),
        ([*NEW, *PLACE, "--staff", "nobody"], "no owner 'nobody'"),
        (["set", str(made.id), "--status", "Opne"], "did you mean 'Open'?"),
        (["set", str(made.id), "--status", "99"], "no status '99'"),
        (["bill", str(made.id), "--worked", "1h", "--worker", "Ada"], "no owner 'Ada'"),
    ):
        ticket(*words, status=2)
        assert said in ticket.said
    assert len(desk.sandbox.pushes) == 1


def test_a_ticket_that_the_desk_does_not_show_is_told_and_nothing_is_sent(ticket, desk):
    for name in ("4711", "ABC-123-45678"):
        ticket("reply", name, "--text", "Hello?", status=1)
        assert f"the desk shows no ticket {name}" in ticket.said
    assert desk.sandbox.pushes == []


def test_files_that_no_request_can_carry_are_told_before_anything_is_sent(ticket, desk, made, tmp_path, monkeypatch):
    monkeypatch.setenv("GATEWAY_DESK__MAX_FILE", "90000")
    monkeypatch.setenv("GATEWAY_DESK__MAX_POST", "150000")
    (tmp_path / "large.bin").write_bytes(bytes(90_001))
    (tmp_path / "half.bin").write_bytes(bytes(80_000))
    ticket("reply", str(made.id), "--text", "See.", "--attach", "large.bin", status=2)
    assert "GATEWAY_DESK__MAX_FILE" in ticket.said
    ticket("reply", str(made.id), "--text", "See.", "--attach", "half.bin", "--attach", "half.bin", status=2)
    assert "GATEWAY_DESK__MAX_POST" in ticket.said
    assert len(desk.sandbox.pushes) == 1
    ticket("reply", str(made.id), "--text", "See.", "--attach", "half.bin")
    assert [file.size for file in desk.tickets[0].attachments] == [80_000]


def test_a_desk_that_is_away_is_told_with_the_status_for_trying_again(ticket, desk, made):
    desk.shut()
    ticket("reply", str(made.id), "--text", "Hello?", status=75)
    assert "Nothing was sent; try again later" in ticket.said
    desk.open()
    desk.fail("503", on="push", match="modify")
    ticket("set", str(made.id), "--status", "Closed", status=1)
    assert "doing it again changes nothing more" in ticket.said
    desk.fail("redirect", on="push")
    ticket("reply", str(made.id), "--text", "Hello?", status=75)
    assert "Nothing was done; try again later" in ticket.said
    assert len(desk.tickets[0].posts) == 1


@both_dialects
def test_a_lost_answer_names_the_marker_by_which_to_look(ticket, desk):
    desk.fail("answer_lost", on="push")
    ticket(*NEW, *PLACE, status=1)
    [marker] = set(MARKER.findall(ticket.said))
    assert f"look on the desk for a ticket tagged {marker}" in ticket.said
    [made] = desk.tickets
    assert marker in made.tags
    desk.fail("answer_lost", on="push", skip=1)
    said = ticket("reply", str(made.id), "--text", "One.", "--text", "Two.", "--text", "Three.", status=1)
    assert said.count("replied") == 1
    [marker] = set(MARKER.findall(ticket.said))
    assert "the first 1 of 3 texts are on the ticket; send only the others again" in ticket.said
    assert [marker in post.contents for post in desk.tickets[0].posts] == [False, False, True]


def test_a_marker_in_the_text_is_looked_for_there(ticket, desk, monkeypatch):
    monkeypatch.setenv("GATEWAY_DESK__MARKER", "line")
    desk.fail("answer_lost", on="push")
    ticket(*NEW, *PLACE, status=1)
    [made] = desk.tickets
    [marker] = set(MARKER.findall(ticket.said))
    assert made.posts[0].contents == f"It burns.\n\n[{marker}]"
    assert f"whose text ends with {marker}" in ticket.said
    assert made.tags == ()


@both_dialects
def test_what_the_account_may_not_do_is_told_in_the_desks_words_or_by_what_its_answer_lacks(
    ticket, desk, made, dialect
):
    desk.sandbox.denied = {"staff_tcaninsertticket", "staff_tcanupateticketnote", "staff_tcantrashticket"}
    ticket(*NEW, *PLACE, status=1)
    assert ("Access Denied" if dialect == "page" else "may not create tickets") in ticket.said
    ticket("note", str(made.id), "--text", "x", status=1)
    assert ("Access Denied (note)" if dialect == "page" else "Unable to update notes") in ticket.said
    ticket("delete", str(made.id), "--yes", status=1)
    assert "Unable to Delete ticket" in ticket.said
    assert desk.tickets == [made]


@pytest.mark.parametrize("dialect", ["classic"])
def test_a_part_that_the_desk_left_out_is_told_beside_what_was_done(ticket, desk):
    desk.sandbox.denied = {"staff_tcaninsertticketnote"}
    said = ticket(*NEW, *PLACE, "--note", "Gloves.", status=1)
    [made] = desk.tickets
    assert said == f"created {made.display_id} ({made.id})\n"
    assert "the desk did a part of it and said: Unable to insert note" in ticket.said


def test_what_the_desk_shows_otherwise_than_it_was_asked_for_is_told():
    text = File("a.txt", 3, "0" * 32, "0" * 64, Span(0, 3, "identity"))
    push = Modify(17, owner_id=42, status_id=16, tags=("a", "Käse!"), reply=Reply("x", (text,)))
    shown = Ticket(17, subject="s", owner_id=0, status_id=16, tags=("a",), text="x")
    verdict = verdict_on(Request(push, "changed"), Accepted(Receipt(17, "ABC-123-45678", shown)), shown)
    assert verdict.status == 1
    assert verdict.error.split("; ") == [
        "the desk was asked for owner 42 and shows 0",
        "the desk does not show the tags käse",
        "the desk does not show the attachments a.txt",
    ]
    # A note alone is answered by nothing but the number.
    silent = verdict_on(Request(push, "changed"), Accepted(Receipt(17, "", Ticket(17))), shown)
    assert (silent.status, silent.error) == (0, "")


def test_a_merged_ticket_is_followed(ticket, desk, made):
    ticket(*NEW, *PLACE)
    other = desk.tickets[1]
    desk.sandbox.merge(made.id, other.id)
    for name in (str(made.id), made.display_id):
        assert ticket("note", name, "--text", "Here?") == f"left a note on {other.display_id} ({other.id})\n"
    assert [len(each.notes) for each in desk.tickets if each.id == other.id] == [2]


def test_a_wrong_password_is_told_and_tried_once(ticket, desk, monkeypatch):
    monkeypatch.setenv("GATEWAY_DESK__PASSWORD", "wr0ng-s3cret")
    ticket("delete", "17", "--yes", status=1)
    assert "GATEWAY_DESK__PASSWORD" in ticket.said
    assert "try again later" not in ticket.said
    assert "wr0ng-s3cret" not in ticket.said
    assert [login.accepted for login in desk.sandbox.logins] == [False]


def test_ctrl_c_in_the_middle_tells_what_may_have_been_done_and_logs_out(make_gateway, desk):
    desk.open()
    gateway = make_gateway()
    [made] = json.loads(gateway.run("ticket", *NEW, *PLACE, "--json").join("[]"))
    desk.fail("slow_after", on="push", seconds=60)
    words = ["ticket", "reply", str(made["ticket"]), "--text", "In a moment."]
    command = subprocess.Popen(
        [sys.executable, "-m", "gateway", *words], cwd=gateway.folder, env=gateway.environ, stderr=subprocess.PIPE
    )
    until(lambda: len(desk.tickets[0].posts) == 2)
    command.send_signal(signal.SIGINT)
    said = command.communicate(timeout=60)[1].decode()
    assert command.returncode != 0
    [marker] = MARKER.findall(said)
    assert said.startswith("error: interrupted. It may have been done all the same")
    assert f"[{marker}]" in desk.tickets[0].posts[1].contents
    assert sessions(desk) == 0


def test_the_operators_page_names_every_option():
    page = (Path(__file__).parents[2] / "docs" / "tickets.md").read_text("utf-8")
    commands = typer.main.get_command(ticket_app).commands
    assert set(commands) == {"create", "reply", "note", "bill", "set", "delete"}
    options = {option for each in commands.values() for part in each.params for option in part.opts}
    named = set(re.findall(r"--[a-z-]+", page))
    assert {option for option in options if option.startswith("--")} - {"--help"} <= named


def test_settings_that_lead_to_no_desk_are_told_as_such(make_gateway):
    gateway = make_gateway(desk__url="", desk__password="")
    done = gateway.run_bytes("ticket", *NEW, *PLACE)
    assert done.returncode == 78
    assert b"GATEWAY_DESK__URL" in done.stderr
    assert b"GATEWAY_DESK__PASSWORD" in done.stderr
    assert gateway.run("ticket", *NEW, *PLACE_BY_ID, "--dry-run").startswith("<?xml")


def test_a_ticket_made_by_mail_is_answered_by_hand(gateway, desk):
    gateway.send(letter("question"))
    gateway.settle()
    [made] = desk.tickets
    said = gateway.run("ticket", "reply", made.display_id, "--file", "-", input=b"In a moment.")
    assert said == f"replied to {made.display_id} ({made.id})\n"
    assert [post.creator for post in desk.tickets[0].posts] == ["user", "staff"]
    assert gateway.stop() == 0
