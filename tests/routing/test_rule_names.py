"""Rules against a desk's directory: which names will not do, at which line and column."""

import time

import pytest

from gateway.routing.rulebook import RuleFile, load
from gateway.rulenames import names_doubts, names_problems
from gateway.staffapi.directory import Directory

_DESK = Directory.parse(b"""<kayako_staffapi><status>1</status>
<department id="7" title="General" assigned="1" parentdepartmentid="0"></department>
<department id="8" title="Sales" assigned="1" parentdepartmentid="0">
<department id="14" title="Orders" assigned="1" parentdepartmentid="8"></department></department>
<department id="9" title="Support" assigned="1" parentdepartmentid="0">
<department id="13" title="Orders" assigned="1" parentdepartmentid="9"></department></department>
<department id="12" title="Private" assigned="0" parentdepartmentid="0"></department>
<ticketstatus id="14" title="Open" departmentid="0" markasresolved="0" displayorder="1" />
<ticketstatus id="17" title="Open" departmentid="9" markasresolved="0" displayorder="2" />
<ticketstatus id="18" title="Quoted" departmentid="8" markasresolved="0" displayorder="3" />
<ticketstatus id="19" title="Twin" departmentid="0" /><ticketstatus id="20" title="Twin" departmentid="0" />
<tickettype id="21" title="Issue" departmentid="0" /><tickettype id="22" title="Order" departmentid="8" />
<ticketpriority id="31" title="Normal" /><ticketpriority id="33" title="Loud" /><ticketpriority id="34" title="Loud" />
<staff id="42" fullname="Jane Doe" username="jane" email="jane@example.com" departments="7,9" />
<staff id="43" fullname="Ravi Patel" username="ravi" email="ravi@example.com" departments="8" />
<emailqueue id="51" email="support@example.com" departmentid="9" />
</kayako_staffapi>""")
_LAST = "- {name: last, then: {create: {department: General, status: Open, priority: Normal, type: Issue}}}\n"


def _book(*rules, last=_LAST):
    """Each rule in a line of its own, from line 2 on."""
    return load([RuleFile("r.yaml", "rules:\n" + "".join(f"- {rule}\n" for rule in rules) + last)])


def _problems(*rules, last=_LAST):
    return [str(problem) for problem in names_problems(_book(*rules, last=last), _DESK)]


def _doubts(*rules, last=_LAST):
    return [str(problem) for problem in names_doubts(_book(*rules, last=last), _DESK)]


@pytest.mark.parametrize(
    ("results", "value", "says"),
    [
        (
            "{create: {department: Suport}}",
            "Suport",
            "create.department: the desk has no department 'Suport'; did you mean 'Support'?",
        ),
        ("{create: {department: Private}}", "Private", "not assigned to the department 'Private'"),
        (
            "{create: {department: Orders}}",
            "Orders",
            "several departments; there are: Sales › Orders, Support › Orders",
        ),
        ("{create: {status: Opne}}", "Opne", "create.status: the desk has no status 'Opne'; did you mean 'Open'?"),
        ("{create: {priority: Loud}}", "Loud", "'Loud' means several; give the id; there are: Loud (33), Loud (34)"),
        ("{create: {tags: [a], type: Isue}}", "Isue", "did you mean 'Issue'?"),
        ("{create: {owner: jnae}}", "jnae", "no owner 'jnae'; did you mean 'jane'?"),
        ("{create: {queue: suport@example.com}}", "suport@", "did you mean 'support@example.com'?"),
        (
            "{create: {ccto: [a@b.example, Support@example.com]}}",
            "[a@b",
            "is an email queue of the desk, which drops it",
        ),
        ("{create: {bccto: support@example.com}}", "support@", "create.bccto: support@example.com is an email queue"),
        ("{on_reply: {status: Opne}}", "Opne", "on_reply.status: the desk has no status 'Opne'"),
        ("{on_reply: {department: 99}}", "99", "on_reply.department: the desk has no department 99"),
    ],
)
def test_a_wrong_name_is_told_where_it_stands(results, value, says):
    rule = f"{{name: tried, when: {{subject: x}}, then: {results}}}"
    [told] = _problems(rule)
    assert told.startswith(f"r.yaml:2:{len('- ') + rule.index(value) + 1}: ")
    assert says in told


@pytest.mark.parametrize(
    "results",
    [
        "{create: {department: Sales, status: Quoted, type: Order, owner: ravi}}",
        "{create: {department: Sales / Orders, status: Quoted, owner: unassigned}}",
        "{create: {department: Support, status: open}}",
        "{on_reply: {status: Keep}}",
        "{on_reply: {status: Quoted, department: Sales, owner: Ravi Patel}}",
        "{on_reply: {status: Open, owner: Jane Doe}}",
        "{create: {flag: red, tags: [a], ccto: a@b.example}, note: Suport, follow_up: note}",
    ],
)
def test_names_that_do_are_not_told(results):
    rule = f"{{name: tried, when: {{subject: x}}, then: {results}}}"
    assert _problems(rule) == []
    assert _doubts(rule) == []


@pytest.mark.parametrize(
    ("results", "says"),
    [
        (
            "{create: {department: General, status: Quoted}}",
            "the status 'Quoted' is not for this department; there are: Open",
        ),
        ("{create: {department: General, type: Order}}", "create.type 'Order' is not for create.department 'General'"),
        ("{create: {department: General, owner: ravi}}", "leave the ticket to nobody; in it are: Jane Doe"),
        (
            "{on_reply: {department: Support, status: Quoted}}",
            "on_reply.status 'Quoted' is not for on_reply.department 'Support'",
        ),
        (
            "{create: {department: General, status: Twin}}",
            "'Twin' means several; give the id; there are: Twin (19), Twin (20)",
        ),
    ],
)
def test_names_of_one_rule_must_go_together(results, says):
    [told] = _problems(f"{{name: tried, when: {{subject: x}}, then: {results}}}")
    assert says in told
    column = 3 + len("{name: tried, when: {subject: x}, then: ") + results.rindex(": ") + 2
    assert told.startswith(f"r.yaml:2:{column}: ")


def test_names_of_a_rule_and_of_one_that_always_hits_must_go_together():
    [told] = _problems("{name: quotes, when: {subject: quote}, then: {create: {status: Quoted}}}")
    assert told.startswith("r.yaml:2:66: create.status 'Quoted' (rule 'quotes', r.yaml:2) is not for")
    assert "create.department 'General' (rule 'last', r.yaml:3)" in told
    # Where the department is what the rule with conditions says, that is the place to add the other.
    last = "- {name: last, then: {create: {department: Sales, status: Quoted, priority: Normal, type: Issue}}}\n"
    [told] = _problems("{name: post, when: {subject: a}, then: {create: {department: General}}}", last=last)
    assert told.startswith("r.yaml:2:64: create.status 'Quoted' (rule 'last', r.yaml:3) is not for")


def test_a_rule_whose_conditions_another_includes_hits_with_it():
    sales = "{name: sales, when: {recipient: sales@desk.example}, then: {create: {department: Sales}}}"
    wide = "{name: wide, when: {any: [{recipient: sales@desk.example}, {subject: x}]}, then: {create: {department: Sales}}}"
    for quotes in (
        "{recipient: sales@desk.example, subject: {contains: quote}}",
        "{all: [{subject: {contains: quote}}, {recipient: sales@desk.example}]}",
    ):
        rule = f"{{name: quotes, when: {quotes}, then: {{create: {{status: Quoted}}}}}}"
        assert _problems(rule, sales) == _doubts(rule, sales) == []
        assert len(_problems(rule)) == 1
    other = "{name: quotes, when: {not: {recipient: sales@desk.example}}, then: {create: {status: Quoted}}}"
    assert len(_doubts(other, sales)) == 1
    both = wide.replace("wide", "quotes").replace("department: Sales", "status: Quoted")
    assert _doubts(both, wide) == []


def test_what_another_rule_could_mend_is_a_doubt_and_names_that_rule():
    quotes = "{name: quotes, when: {subject: {contains: quote}}, then: {create: {status: Quoted}}}"
    sales = "{name: sales, when: {recipient: sales@desk.example}, then: {create: {department: Sales}}}"
    assert _problems(quotes, sales) == []
    [told] = _doubts(quotes, sales)
    assert told.endswith(". Where 'sales' hits as well it is otherwise")
    # A rule that only holds mends as well; one that sets something else does not.
    hold = "{name: holds, when: {kind: list}, then: {hold: Look at it.}}"
    assert "'holds'" in _doubts(quotes, hold)[0]
    assert len(_problems(quotes, "{name: loud, when: {importance: high}, then: {create: {priority: Normal}}}")) == 1


def test_what_a_follow_up_sets_should_be_good_wherever_its_ticket_stands():
    rule = "{name: tried, when: {subject: x}, then: {on_reply: {status: Quoted}}}"
    assert _problems(rule) == []
    [told] = _doubts(rule)
    assert told.startswith("r.yaml:2:63: on_reply.status 'Quoted' is not for every department")
    assert told.endswith("would be held: General, Support, Support › Orders")
    # Another rule that hits too, and moves the ticket, settles it.
    assert _doubts(rule, "{name: moves, then: {on_reply: {department: Sales}}}") == []
    [told] = _problems("{name: tried, when: {subject: x}, then: {on_reply: {status: Twin}}}")
    assert "'Twin' means several; give the id; there are: Twin (19), Twin (20)" in told
    assert _problems("{name: tried, when: {subject: x}, then: {on_reply: {department: Sales, status: Twin}}}") != []


def test_the_first_to_set_a_field_counts_and_override_replaces_it():
    assert _problems("{name: quotes, then: {create: {department: Sales, status: Quoted}}}") == []
    first = "{name: first, then: {create: {department: General}}}"
    [told] = _problems(first, "{name: quotes, when: {subject: x}, then: {create: {department: Sales, status: Quoted}}}")
    assert "is not for create.department 'General' (rule 'first', r.yaml:2)" in told
    assert (
        _problems(
            first, "{name: q, when: {subject: x}, override: true, then: {create: {department: Sales, status: Quoted}}}"
        )
        == []
    )


def test_what_is_never_used_is_not_judged():
    on_known = "{name: noted, when: {thread: known}, then: {create: {status: Quoted}}}"
    assert _problems(on_known) == []
    stopped = "{name: held, when: {subject: x}, then: {hold: Look.}}"
    assert _problems(stopped, last="- {name: end, then: {hold: All.}}\n") == []


def test_the_same_pair_is_told_once_however_many_rules_hit_beside_it():
    rules = [f"{{name: r{n}, when: {{subject: s{n}}}, then: {{create: {{tags: [t{n}]}}}}}}" for n in range(5)]
    last = "- {name: last, then: {create: {department: General, status: Quoted, priority: Normal, type: Issue}}}\n"
    assert len(_problems(*rules, last=last)) == 1


def test_a_thousand_rules_take_no_longer_than_a_moment():
    rules = [
        f"{{name: r{n}, when: {{subject: s{n}}}, then: {{create: {{{'department: Sales' if n % 2 else 'status: Quoted'}}}}}}}"
        for n in range(1000)
    ]
    book = _book(*rules)
    began = time.process_time()
    assert len(names_doubts(book, _DESK)) == 500
    assert time.process_time() - began < 5
