"""`gateway check --live` against a desk that runs: names, places, and what an operator should know of that desk."""

import pytest

from gateway.commands.live import echoes

pytestmark = pytest.mark.whole

_RULES = """rules:
  - name: quotes
    when: {subject: {contains: quote}}
    then:
      create: {department: Sales, status: Opne, owner: Jane Doe}
  - name: orders
    when: {subject: {contains: order}}
    then: {create: {department: Suport, queue: nobody@example.com, ccto: [sales@example.com]}}
  - name: secrets
    when: {subject: {contains: secret}}
    then: {create: {department: Private}}
  - name: all
    then:
      create: {department: Support, status: Open, priority: Normal, type: Issue, owner: ravi}
      on_reply: {status: Open}
"""


@pytest.fixture
def check(make_gateway, desk):
    """Run it; the exit status, what it says and its complaints."""
    desk.open()

    def run(**settings):
        gateway = make_gateway(**settings)
        done = gateway.run_bytes("check", "--live")
        assert b"sandbox" not in done.stdout + done.stderr  # the password
        return done.returncode, done.stdout.decode(), done.stderr.decode().splitlines()

    return run


def _row(said, label):
    [text] = [line[10:] for line in said.splitlines() if line[:10].strip() == label]
    return text


@pytest.mark.parametrize("dialect", ["page", "classic"])
def test_every_name_that_will_not_do_is_told_at_its_own_place(check, dialect):
    status, said, errors = check(rules=_RULES)
    assert status == 1
    assert [line.split(": ")[1] for line in errors] == [
        "rules/10-rules.yaml:5:43",
        "rules/10-rules.yaml:8:33",
        "rules/10-rules.yaml:8:48",
        "rules/10-rules.yaml:8:74",
        "rules/10-rules.yaml:11:33",
        "rules/10-rules.yaml:14:89",
    ]
    for line, words in zip(
        errors,
        [
            "did you mean 'Open'?",
            "did you mean 'Support'?",
            "no queue 'nobody@example.com'",
            "sales@example.com is an email queue of the desk, which drops it",
            # Where a desk does not show it at all, that is all that can be known.
            "not assigned to" if dialect == "page" else "no department 'Private'",
            "the desk would leave the ticket to nobody; in it are: Mail Gateway, Jane Doe",
        ],
        strict=True,
    ):
        assert line.startswith("error: ")
        assert words in line
    assert "settings  ok" not in said


@pytest.mark.parametrize("dialect", ["page", "classic"])
def test_what_the_desk_lets_one_see_is_said(check, desk, dialect):
    status, said, errors = check()
    assert (status, errors) == (0, [])
    assert _row(said, "desk") == f"{desk.url} · version 4.93.27 (Fusion)"
    assert _row(said, "account") == "gateway: Mail Gateway <gateway@example.com>, staff id 41"
    assert _row(said, "assigned") == "General, Sales, Support, Support › Level 2, Billing"
    assert _row(said, "not").startswith("Private" if dialect == "page" else "none shown; a desk may hide")
    assert "support@example.com for Support, " in _row(said, "queues")
    assert _row(said, "push") == "gets through"
    assert _row(said, "search") == "answers"
    assert "SWIFT-5108" in _row(said, "mail echo")
    assert _row(said, "follow-up") == "`reply`"
    for permission in (
        "staff_tcaninsertticket",
        "staff_tcanupateticket",
        "staff_tcanupateticketnote",
        "staff_tcanviewall",
    ):
        assert f"          {permission}: " in said
    assert said.endswith("settings  ok\nrules     ok, 1 in rules\n")
    # It asks and changes nothing.
    assert desk.tickets == []
    assert desk.sandbox.violations == []


def test_follow_ups_as_the_customers_own_posts_are_recommended_where_a_key_is_configured(check):
    _, said, _ = check(desk__api_key="key", desk__api_secret="swordfish")
    assert "GATEWAY_DESK__FOLLOW_UP=client is better" in _row(said, "follow-up")
    assert "swordfish" not in said


def test_a_queue_that_both_collect_is_a_warning_and_no_error(check):
    status, _, errors = check(smtp__accept="billing@example.com desk.example")
    assert status == 0
    [warning] = errors
    assert warning.startswith("warning: GATEWAY_SMTP__ACCEPT: billing@example.com is an email queue of the desk too")


def test_names_that_may_not_go_together_are_a_warning(check, desk):
    desk.sandbox.rename("status", "In Progress", "Quoted")
    with desk.sandbox._office.store.transaction():
        desk.sandbox._office.store.run("UPDATE statuses SET departmentid = 8 WHERE title = 'Quoted'")
    rules = """rules:
  - {name: quotes, when: {subject: {contains: quote}}, then: {create: {status: Quoted}}}
  - {name: sales, when: {recipient: sales@desk.example}, then: {create: {department: Sales}}}
  - {name: all, then: {create: {department: Support, status: Open, priority: Normal, type: Issue}}}
"""
    status, _, errors = check(rules=rules)
    assert status == 0
    [warning] = errors
    assert warning.startswith("warning: rules/10-rules.yaml:2:80: create.status 'Quoted' (rule 'quotes'")
    assert warning.endswith("Where 'sales' hits as well it is otherwise")


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ({"kind": "502", "on": "push"}, "pushes do not get through, so no mail would become a ticket"),
        ({"kind": "502", "on": "retrieve"}, "search does not answer"),
        ({"kind": "502", "on": "info"}, "502"),
        ({"kind": "refuse_login"}, "Invalid Username or Password"),
    ],
)
def test_a_desk_that_lets_nothing_through_is_an_error(check, desk, fault, says):
    desk.fail(count=None, **fault)
    status, _, errors = check()
    assert status == 1
    assert len(errors) == 1
    assert errors[0].startswith(f"error: {desk.url}: ")
    assert says in errors[0]


def test_an_account_without_departments_is_an_error(check, desk):
    for department in ("General", "Sales", "Support", "Level 2", "Billing"):
        desk.sandbox.assign(department, False)
    status, said, errors = check()
    assert status == 1
    assert any("the account 'gateway' is assigned to no department" in line for line in errors)
    assert _row(said, "assigned") == "none"


@pytest.mark.parametrize(
    ("version", "echoing"),
    [
        ("4.93.27", True),
        ("4.90.0", True),
        ("4.100.1", True),
        ("5.0", True),
        ("4.89.9", False),
        ("3.70.02", False),
        ("", None),
        ("Fusion", None),
    ],
)
def test_what_a_version_is_known_to_do_hangs_on_its_number(version, echoing):
    assert echoes(version) is echoing
