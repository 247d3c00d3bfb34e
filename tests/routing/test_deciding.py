from dataclasses import fields
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.envelope import Envelope
from gateway.mail.message import Address, Attachment, Header, Message, Span
from gateway.routing.decide import decide
from gateway.routing.decision import Decision, Facts, NoteField, Thread, TicketRef
from gateway.routing.explain import render
from gateway.routing.rulebook import RuleBook, RuleFile, load


def test_the_first_rule_to_set_a_field_wins(run):
    decision = run("""
  - name: a
    then: {create: {department: Sales}}
  - name: b
    then: {create: {department: Billing, priority: High}}
""")
    assert (decision.fields.create.department, decision.fields.create.priority) == ("Sales", "High")
    assert decision.rules_hit == ("a", "b", "last")
    assert ("create.department", "a") in decision.set_by


def test_a_rule_with_override_replaces_fields_and_lists(run):
    decision = run("""
  - name: a
    then: {create: {department: Sales, tags: [one]}}
  - name: b
    override: true
    then: {create: {department: 7, tags: [two]}}
  - name: c
    then: {create: {department: Billing, tags: [three]}}
""")
    assert decision.fields.create.department == 7
    assert decision.fields.create.tags == ("two", "three")
    assert [rule for name, rule in decision.set_by if name == "create.tags"] == ["b", "c"]


def test_lists_and_notes_grow_without_repeating(run):
    decision = run("""
  - name: a
    then: {create: {tags: [One, two], ccto: a@desk.example}, note: first}
  - name: b
    then: {create: {tags: [two, three], ccto: [b@desk.example]}, note: {text: second, type: user, colour: 3}}
""")
    assert decision.fields.create.tags == ("one", "two", "three")
    assert decision.fields.create.ccto == ("a@desk.example", "b@desk.example")
    assert decision.fields.notes == (NoteField("first"), NoteField("second", "user", 3))


def test_an_empty_list_with_override_empties_the_list(run):
    rules = "  - {name: a, then: {create: {tags: [x]}}}\n  - {name: b, override: true, then: {create: {tags: []}}}"
    assert run(rules).fields.create.tags == ()


def test_every_field_of_the_contract_arrives(run):
    decision = run("""
  - name: a
    then:
      create: {department: Billing, status: Open, priority: High, type: 3, owner: Jane Doe, queue: billing@desk.example,
               flag: red, tags: [billing], ccto: [audit@desk.example], bccto: [b@desk.example]}
      on_reply: {department: 1, status: Open, priority: Low, type: Bug, owner: 4, flag: 0}
      follow_up: client
      requester: reply_to
      autoresponder: true
      thread: ignore
      untrusted_thread: join
      note: said
""")
    created, changed = decision.fields.create, decision.fields.on_reply
    assert [getattr(created, one.name) for one in fields(created)] == [
        *("Billing", "Open", "High", 3, "Jane Doe", "billing@desk.example", "red"),
        *(("billing",), ("audit@desk.example",), ("b@desk.example",)),
    ]
    assert [getattr(changed, one.name) for one in fields(changed)] == [1, "Open", "Low", "Bug", 4, 0]
    assert decision.fields.follow_up == "client"
    assert decision.fields.requester == "reply_to"
    assert decision.fields.autoresponder is True
    assert (decision.fields.thread, decision.fields.untrusted_thread) == ("ignore", "join")


@pytest.mark.parametrize("end", ["hold", "discard"])
def test_hold_and_discard_end_the_reading_with_their_reason(run, end):
    decision = run(f"  - name: a\n    when: {{subject: x}}\n    then: {{{end}: Because}}\n", Message(subject="x"))
    assert decision.action == end
    assert decision.reasons == ("Because", "Rule a (r.yaml:2) says so.")
    assert decision.rules_hit == ("a",)
    assert len(decision.rules_tried) == 1
    assert run(f"  - name: a\n    when: {{subject: x}}\n    then: {{{end}: Because}}\n").action == "create"


def test_stop_ends_the_reading(run):
    rule = "  - {name: a, when: {subject: x}, then: {create: {department: 1, status: 1, priority: 1, type: 1}}, stop: true}"
    decision = run(rule, Message(subject="x"))
    assert (decision.action, decision.rules_hit) == ("create", ("a",))


def test_hold_on_a_known_ticket_holds(run, known):
    decision = run("  - {name: a, when: {thread: known}, then: {hold: Because}}", facts=Facts(known))
    assert (decision.action, decision.thread) == ("hold", None)


@pytest.mark.parametrize(
    ("then", "trust", "action"),
    [
        ("note: n", "none", "create"),
        ("note: n", "known", "follow_up"),
        ("follow_up: note", "known", "follow_up"),
        ("follow_up: create", "known", "create"),
        ("thread: ignore", "known", "create"),
        ("note: n", "claimed", "create"),
        ("untrusted_thread: new", "claimed", "create"),
        ("untrusted_thread: hold", "claimed", "hold"),
        ("untrusted_thread: join", "claimed", "follow_up"),
        ("untrusted_thread: hold", "known", "follow_up"),
        ("{untrusted_thread: hold, thread: ignore}", "claimed", "create"),
        ("{untrusted_thread: join, follow_up: create}", "claimed", "create"),
    ],
)
def test_the_thread_decides_between_a_new_ticket_and_a_follow_up(run, known, claimed, then, trust, action):
    thread = {"none": None, "known": known, "claimed": claimed}[trust]
    decision = run(f"  - {{name: a, then: {then if then[0] == '{' else f'{{{then}}}'}}}", facts=Facts(thread))
    assert decision.action == action
    assert decision.thread == (thread if action == "follow_up" else None)
    assert thread is None or "ABC-123-45678 (References <a@b>)" in decision.reasons[0]


def test_a_new_ticket_for_an_untrusted_claim_names_the_claim(run, claimed):
    decision = run("  - {name: a, then: {note: n}}", facts=Facts(claimed))
    assert decision.claimed == claimed
    assert "ABC-123-45678" in decision.reasons[0]
    assert run("  - {name: a, then: {thread: ignore}}", facts=Facts(claimed)).claimed is None


def test_a_ticket_without_display_id_is_named_by_its_number(run):
    assert (
        "ticket 17 ("
        in run("  - {name: a, then: {note: n}}", facts=Facts(Thread(TicketRef(17, ""), "e", trusted=True))).reasons[0]
    )


def test_mail_for_which_a_field_is_missing_is_held_and_never_lost(envelope):
    decision = decide(RuleBook(()), envelope(), Message(), Facts())
    assert decision.action == "hold"
    assert decision.reasons[0].startswith("No rule sets department, status, priority and type for this mail;")


# Laws, for any mail and any book of simple rules.

words = st.text(max_size=30)
boxes = st.builds(Address, words, st.one_of(words, st.emails(), words.map(lambda text: f"a@{text}")))
attachments = st.builds(
    Attachment,
    words,
    words,
    st.integers(0, 10**10),
    st.just("0" * 64),
    st.just("0" * 32),
    st.booleans(),
    st.none(),
    st.just(Span(0, 0, "identity")),
)
few = st.lists(boxes, max_size=3).map(tuple)
messages = st.builds(
    Message,
    subject=words,
    from_=st.none() | boxes,
    sender=st.none() | boxes,
    to=few,
    cc=few,
    reply_to=few,
    original_recipients=st.lists(words, max_size=2).map(tuple),
    importance=st.sampled_from(("high", "normal", "low")),
    text=words,
    reply_text=words,
    attachments=st.lists(attachments, max_size=3).map(tuple),
    kind=st.sampled_from(("ordinary", "auto_reply", "bounce", "feedback", "list")),
    defects=st.lists(words, max_size=2).map(tuple),
    headers=st.lists(st.builds(Header, st.just("X-Foo") | words, words), max_size=3).map(tuple),
    ambiguous_sender=st.booleans(),
)
envelopes = st.builds(
    Envelope,
    mail_from=words,
    rcpt_to=st.lists(words | st.emails(), min_size=1, max_size=3).map(tuple),
    peer=st.just("127.0.0.1"),
    helo=words,
    tls=st.just(""),
    received_at=st.just(datetime(2026, 1, 1, tzinfo=UTC)),
)
threads = st.none() | st.builds(Thread, st.builds(TicketRef, st.integers(1, 9), words), words, st.booleans())
facts = st.builds(Facts, threads, st.integers(0, 10**9))

EVERY_CONDITION = load(
    [
        RuleFile(
            "every.yaml",
            """
rules:
  - name: every
    when:
      any:
        - recipient: {is: a@b.example, domain: b.example, contains: q, matches: 'x+y'}
        - envelope_sender: {starts: [a, b], ends: c, present: true}
        - from: {domain: [a.example, bücher.example]}
        - reply_to: {present: false}
        - {to: {contains: z}, cc: {contains: z}}
        - sender_domain: a.example
        - not: {sender: {matches: '^[a-m]'}}
        - {subject: {matches: '\\p{L}'}, text: {contains: a}, reply_text: {contains: b}}
        - header: {X-Foo: {contains: a}}
        - attachments: {name: {contains: a}, type: {starts: a}, size: {above: 1 MB}, inline: false, count: {above: 1}}
        - {kind: bounce, importance: high, thread: known, defects: {contains: a}, ambiguous_sender: true, size: {below: 5}}
    then: {create: {tags: [every]}, untrusted_thread: hold}
  - name: last
    then: {create: {department: General, status: Open, priority: Normal, type: Issue}}
""",
        )
    ]
)


@given(envelopes, messages, facts)
def test_any_mail_is_decided_on_with_a_reason_and_can_be_explained(envelope, message, given_facts):
    decision = decide(EVERY_CONDITION, envelope, message, given_facts)
    assert isinstance(decision, Decision)
    assert decision.reasons[0]
    assert decision.action in {"create", "follow_up", "hold"}
    assert render(decision).isascii() or render(decision).replace("\n", "").isprintable()
    assert decide(EVERY_CONDITION, envelope, message, given_facts) == decision


values = st.sampled_from(("A", "B", "C"))
settings = st.fixed_dictionaries(
    {}, optional={"department": values, "owner": values, "tags": st.lists(values, max_size=2)}
)
specs = st.lists(st.tuples(settings.filter(bool), st.booleans(), st.booleans()), max_size=6)


@given(specs)
def test_first_wins_lists_grow_and_override_replaces(specs):
    """Against the law said once more, field by field: what the last overriding rule says, else the first; then lists."""
    rules = [
        f"  - {{name: r{i}, override: {str(override).lower()}, when: {{subject: '{'' if hit else 'x'}'}}, then: {{create: {created}}}}}"
        for i, (created, override, hit) in enumerate(specs)
    ]
    last = "  - {name: last, then: {create: {department: D, status: S, priority: P, type: T}}}"
    book = load([RuleFile("r.yaml", "\n".join(["rules:", *rules, last]))])
    envelope = Envelope("", ("a@b",), "", "", "", datetime(2026, 1, 1, tzinfo=UTC))
    create = decide(book, envelope, Message(), Facts()).fields.create
    said = [(created, override) for created, override, hit in specs if hit]
    for name in ("department", "owner"):
        overriding = [created[name] for created, override in said if override and name in created]
        setting = [created[name] for created, _ in said if name in created]
        assert getattr(create, name) == (overriding[-1:] or setting[:1] or [{"department": "D"}.get(name)])[0]
    tags: list[str] = []
    for created, override in said:
        if "tags" in created:
            tags = ([] if override else tags) + [tag.lower() for tag in created["tags"]]
    assert create.tags == tuple(dict.fromkeys(tags))
