from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.message import Attachment, Header, Message, Span
from gateway.routing.decide import decide
from gateway.routing.decision import Facts
from gateway.routing.rulebook import RuleFile, load

FOLDER = Path(__file__).parents[2] / "rules"
BOOK = load([RuleFile(f"rules/{path.name}", path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.yaml"))])
MACHINES = ("bounce", "feedback", "auto_reply")


@pytest.mark.parametrize("kind", MACHINES)
def test_what_machines_send_never_opens_a_ticket(envelope, claimed, kind):
    for thread in (None, claimed):
        decision = decide(BOOK, envelope("billing@example.com"), Message(kind=kind), Facts(thread))
        assert decision.action == "hold"
        assert "Release it" in decision.reasons[0]


@pytest.mark.parametrize("kind", MACHINES)
def test_what_machines_send_on_a_known_ticket_becomes_a_note_and_changes_nothing(envelope, known, kind):
    decision = decide(BOOK, envelope(), Message(kind=kind), Facts(known))
    assert (decision.action, decision.fields.follow_up) == ("follow_up", "note")
    assert decision.fields.on_reply.status is None


@given(st.emails())
def test_ordinary_mail_to_any_address_becomes_a_ticket(envelope, address):
    decision = decide(BOOK, envelope(address), Message(subject="Hello"), Facts())
    assert decision.action == "create"
    assert decision.fields.create.status == "Open"
    assert decision.fields.autoresponder is False


@pytest.mark.parametrize(
    ("address", "subject", "department", "kind_of_ticket"),
    [
        ("billing@example.com", "Hello", "Billing", "Issue"),
        ("Sales@Example.com", "Hello", "Sales", "Lead"),
        ("support@example.com", "Hello", "Support", "Issue"),
        ("anybody@example.org", "Hello", "General", "Issue"),
        ("anybody@example.org", "My invoice", "Billing", "Issue"),
        ("sales@example.com", "My invoice", "Sales", "Lead"),
        ("anybody@example.org", "Reinvoiced", "General", "Issue"),
    ],
)
def test_the_recipient_and_the_subject_choose_the_department(envelope, address, subject, department, kind_of_ticket):
    created = decide(BOOK, envelope(address), Message(subject=subject), Facts()).fields.create
    assert (created.department, created.type) == (department, kind_of_ticket)
    assert "mail" in created.tags


@pytest.mark.parametrize(("importance", "priority"), [("high", "High"), ("normal", "Normal"), ("low", "Low")])
def test_the_sender_raises_a_priority_by_one_step(envelope, importance, priority):
    assert decide(BOOK, envelope(), Message(importance=importance), Facts()).fields.create.priority == priority


def test_no_rule_makes_anything_urgent_and_all_names_are_those_of_a_fresh_desk():
    allowed = {
        "department": {"General", "Sales", "Support", "Billing"},
        "status": {"Open", "In Progress", "Closed"},
        "priority": {"Low", "Normal", "High"},
        "type": {"Issue", "Task", "Bug", "Lead", "Feedback"},
    }
    for rule, (name, names) in product(BOOK.rules, allowed.items()):
        said = {rule.results.settings.get(f"{group}.{name}") for group in ("create", "on_reply")}
        assert said - {None} <= names


def test_a_customers_reply_opens_its_ticket_again(envelope, known):
    decision = decide(BOOK, envelope(), Message(), Facts(known))
    assert (decision.action, decision.fields.on_reply.status, decision.fields.follow_up) == ("follow_up", "Open", None)


@pytest.mark.parametrize(
    ("message", "tag"),
    [
        (Message(kind="list"), "list"),
        (Message(headers=(Header("X-Spam-Flag", "Yes"),)), "spam-suspect"),
        (Message(ambiguous_sender=True), "sender-unclear"),
        (
            Message(attachments=(Attachment("Bill.PDF.exe", "a/b", 1, "", "", False, None, Span(0, 1, "identity")),)),
            "program-attached",
        ),
    ],
)
def test_marked_mail_comes_through_with_a_tag(envelope, message, tag):
    decision = decide(BOOK, envelope(), message, Facts())
    assert decision.action == "create"
    assert tag in decision.fields.create.tags


def test_each_shipped_rule_has_a_mail_here_that_hits_it(envelope, known):
    mails = [
        *(
            ("a@b.example", Message(kind=kind), Facts(thread))
            for kind, thread in product((*MACHINES, "list"), (None, known))
        ),
        *((f"{name}@example.com", Message(subject="invoice"), Facts()) for name in ("billing", "sales", "support")),
        *(("a@b.example", Message(importance=one, ambiguous_sender=True), Facts()) for one in ("high", "low")),
        ("a@b.example", Message(headers=(Header("X-Spam-Flag", "YES"),)), Facts()),
        (
            "a@b.example",
            Message(attachments=(Attachment("a.js", "", 1, "", "", False, None, Span(0, 1, "identity")),)),
            Facts(),
        ),
    ]
    hit = {name for address, *rest in mails for name in decide(BOOK, envelope(address), *rest).rules_hit}
    assert hit == {rule.name for rule in BOOK.rules}
