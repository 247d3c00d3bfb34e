from gateway.mail.message import Message
from gateway.routing.decision import Facts
from gateway.routing.explain import render

RULES = """
  - name: invoices
    when: {subject: {contains: invoice}, not: {kind: bounce}}
    then: {create: {department: Billing, tags: [money]}, note: look}
  - name: spam
    when: {header: {X-Spam-Flag: "YES"}}
    then: {create: {tags: [spam]}}
"""


def test_the_whole_trail_is_told(run):
    assert render(run(RULES, Message(subject="Your invoice"))) == (
        "action: create (a new ticket)\n"
        "  No known ticket is named: a new one.\n"
        "fields:\n"
        "  create.department  Billing  (by invoices)\n"
        "  create.status      Open  (by last)\n"
        "  create.priority    Normal  (by last)\n"
        "  create.type        Issue  (by last)\n"
        "  create.tags        money  (by invoices)\n"
        "  notes              'look' (ticket, colour 1)  (by invoices)\n"
        "rules tried (3, of which 2 hit):\n"
        "  hit   invoices  (r.yaml:2)\n"
        '          yes  subject.contains: wanted "invoice", saw Your invoice\n'
        '          no   not.kind.is: wanted "bounce", saw ordinary  (turned round by `not`)\n'
        "  miss  spam  (r.yaml:5)\n"
        '          no   header.X-Spam-Flag.is: wanted "YES", saw nothing\n'
        "  hit   last  (r.yaml:8)\n"
        "          for every mail\n"
    )


def test_a_ticket_is_named_with_its_evidence(run, known, claimed):
    assert "\nticket: ABC-123-45678, by References <a@b>\n" in render(run(RULES, facts=Facts(known)))
    assert "\nclaimed ticket: ABC-123-45678, by References <a@b>\n" in render(run(RULES, facts=Facts(claimed)))


def test_what_a_terminal_would_obey_is_written_out(run):
    text = render(run(RULES, Message(subject="a\x1b[2J\r\nhit   fake\u202e")))
    assert "saw a\\x1b[2J\\r\\nhit   fake\\u202e" in text
    assert not {"\x1b", "\r", "\u202e"} & set(text)
