import re
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.problems import ConfigError
from gateway.routing.rulebook import RuleFile, load
from gateway.routing.source import LONGEST_FILE

LAST = "- {name: last, then: {create: {department: General, status: Open, priority: Normal, type: Issue}}}\n"


def mistakes(*texts: str) -> list[str]:
    """The problems of files a.yaml, b.yaml, …"""
    with pytest.raises(ConfigError) as caught:
        load([RuleFile(f"{chr(97 + i)}.yaml", text) for i, text in enumerate(texts)])
    return [str(problem) for problem in caught.value.problems]


def when(condition: str) -> str:
    """`condition` begins in line 2, column 9."""
    return f"rules:\n- when: {condition}\n  name: tried\n  then: {{create: {{tags: [t]}}}}\n{LAST}"


def then(results: str) -> str:
    """`results` begins in line 2, column 9."""
    return f"rules:\n- then: {results}\n  name: tried\n{LAST}"


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        # What is not YAML, or more of it than rules need.
        ("rules: [", "2:1", "not YAML: did not find expected node content"),
        ("rules:\n- name: 'a\n", "3:1", "not YAML"),
        ("rules:\n- name: a: b\n", "2:10", "not YAML: mapping values"),
        ("rules:\n\t- name: a\n", "2:1", "not YAML"),
        ("rules:\n- name: ä\x07\n", "2:10", "U+0007"),
        ("rules:\n- name: \ud800\n", "2:9", "U+D800"),
        (f"rules:\n{LAST}---\nrules: []\n", "3:1", "second YAML document"),
        (f"rules:\n{LAST}rules: []\n", "3:1", "twice, first in line 1"),
        (when("{subject: a, subject: b}"), "2:22", "'subject' stands here twice, first in line 2"),
        (when("{subject: &x a}"), "2:19", "anchor"),
        (when("{subject: [&x a, *x]}"), "2:20", "anchor"),
        (when("{subject: !!str a}"), "2:19", "tag"),
        (when("{? [a] : b}"), "2:12", "a key must be a word"),
        (when("[" * 40 + "]" * 40), "2:38", "nested more than 32 deep"),
        # The frame.
        (f"rule:\n{LAST}", "1:1", "unknown key 'rule' in a rule file; did you mean 'rules'?"),
        ("rules: yes\n", "1:8", "`rules` must be a list, not 'yes'"),
        (f"rules:\n- just words\n{LAST}", "2:3", "a rule must be a mapping"),
        (f"rules:\n- {{}}\n{LAST}", "2:3", "a rule is empty"),
        (f"rules:\n- then: {{create: {{tags: [t]}}}}\n{LAST}", "2:3", "a rule has no name"),
        (f"rules:\n- name: a\n{LAST}", "2:3", "a rule does nothing"),
        (f"rules:\n- {{name: '', then: {{create: {{tags: [t]}}}}}}\n{LAST}", "2:10", "name is empty"),
        (f'rules:\n- {{name: "a\\nb", then: {{create: {{tags: [t]}}}}}}\n{LAST}', "2:10", "a name is one line"),
        (f"rules:\n- {{name: last, then: {{create: {{tags: [t]}}}}}}\n{LAST}", "3:10", "taken by the rule in a.yaml:2"),
        (
            f"rules:\n- name: a\n  wen: {{subject: a}}\n  then: {{create: {{tags: [t]}}}}\n{LAST}",
            "3:3",
            "did you mean 'when'?",
        ),
        (
            f"rules:\n- name: a\n  stop: yes\n  then: {{create: {{tags: [t]}}}}\n{LAST}",
            "3:9",
            "stop must be true or false",
        ),
        # Conditions.
        (when("{subjct: a}"), "2:10", "unknown condition 'subjct'; did you mean 'subject'?"),
        (when("{weather: fine}"), "2:10", "unknown condition 'weather'; there are: all, ambiguous_sender, any,"),
        (when(""), "2:8", "leave `when` out if the rule is for every mail"),
        (when("{}"), "2:9", "leave `when` out"),
        (when("[{subject: a}]"), "2:9", "write `all:` or `any:` above the list"),
        (when("{all: {subject: a}}"), "2:15", "`all` must be a list of conditions"),
        (when("{any: []}"), "2:15", "`any` must be a list of conditions"),
        (when("{all: [{not: {subjct: a}}]}"), "2:23", "did you mean 'subject'?"),
        (when("{subject: {contain: a}}"), "2:20", "unknown key 'contain' in subject; did you mean 'contains'?"),
        (when("{subject: {contains: }}"), "2:30", "subject.contains is empty"),
        (when("{subject: {contains: []}}"), "2:30", "empty list"),
        (when("{subject: {}}"), "2:19", "says nothing to compare with"),
        (when("{subject: {contains: {a: b}}}"), "2:30", "must be a text, not a mapping"),
        (when("{subject: {matches: '(a'}}"), "2:29", "cannot be used: missing ): (a at character 1"),
        (when("{subject: {matches: 'x(?=b)'}}"), "2:29", "invalid perl operator: (?= at character 2"),
        (when(f"{{subject: {{matches: {'a' * 3000}}}}}"), "2:29", "2000 are the most"),
        (when("{subject: {present: maybe}}"), "2:29", "must be true or false"),
        (when("{subject: {present: false, is: a}}"), "2:20", "cannot stand beside other comparisons"),
        (when("{recipient: billing}"), "2:21", "'billing' is no address"),
        (when("{from: {domain: '@example.com'}}"), "2:25", "write 'example.com'"),
        (when("{sender_domain: '*.example.com'}"), "2:25", "write 'example.com'"),
        (when("{sender_domain: 'exa mple.com'}"), "2:25", "is no domain"),
        (when("{sender_domain: a..b}"), "2:25", "is no domain"),
        (when("{size: {above: much}}"), "2:24", "a number of bytes such as"),
        (when("{attachments: {count: -1}}"), "2:31", "a whole number from 0, not '-1'"),
        (when("{attachments: {nam: a}}"), "2:24", "did you mean 'name'?"),
        (when("{kind: bouncy}"), "2:16", "kind.is cannot be 'bouncy'; did you mean 'bounce'?"),
        (when("{thread: [known, unknown]}"), "2:26", "did you mean 'known'?"),
        (when("{ambiguous_sender: maybe}"), "2:28", "must be true or false"),
        (when("{header: X-Spam-Flag}"), "2:18", "must name a header"),
        (when("{header: {X-Spam-Flag: {contain: yes}}}"), "2:33", "did you mean 'contains'?"),
        # Results.
        (then("{creat: {department: A}}"), "2:10", "did you mean 'create'?"),
        (then("{create: {departement: A}}"), "2:19", "did you mean 'department'?"),
        (then("{create: {department: [A]}}"), "2:31", "must be a name or an id, not a list"),
        (then("{create: {department: 0}}"), "2:31", "a number from 1 to"),
        (then("{create: {flag: pink}}"), "2:25", "create.flag cannot be 'pink'"),
        (then("{create: {flag: 7}}"), "2:25", "a number from 0 to 6"),
        (then("{create: {tags: [two words]}}"), "2:26", "cannot be a tag"),
        (then("{create: {tags: [gw-abc]}}"), "2:26", "begins with gw-"),
        (then("{create: {ccto: [nobody]}}"), "2:26", "'nobody' is no address"),
        (then("{create: {}}"), "2:18", "`create` says nothing"),
        (then("{}"), "2:9", "`then` says nothing"),
        (then("{on_reply: {queue: a}}"), "2:21", "unknown key 'queue' in on_reply"),
        (then("{note: {colour: 3}}"), "2:16", "note has no text"),
        (then("{note: {text: a, colour: 6}}"), "2:34", "a number from 1 to 5, not '6'"),
        (then("{note: {text: a, type: private}}"), "2:32", "note.type cannot be 'private'"),
        (then("{note: ' '}"), "2:16", "note is empty"),
        (then("{follow_up: answer}"), "2:21", "follow_up cannot be 'answer'"),
        (then("{autoresponder: on}"), "2:25", "must be true or false"),
        (then("{hold: why, create: {tags: [t]}}"), "2:10", "`hold` cannot stand beside `create`"),
        (then("{hold: why, discard: why}"), "2:10", "`hold` cannot stand beside `discard`"),
        (then("{discard: }"), "2:19", "discard is empty"),
        # What no single rule shows.
        (f"rules:\n- {{name: a, then: {{hold: all}}}}\n{LAST}", "3:3", "never reached: 'a' in a.yaml:2"),
        (f"rules:\n{LAST}- name: b\n  when: {{subject: x}}\n  stop: true\n- name: a\n", "6:3", "a rule does nothing"),
    ],
)
def test_a_mistake_is_reported_at_its_line_and_column(text, place, says):
    told = [one for one in mistakes(text) if one.startswith(f"a.yaml:{place}: ")]
    assert len(told) == 1, mistakes(text)
    assert says in told[0]


def test_one_mistake_makes_one_problem():
    assert mistakes(when("{subjct: a}")) == ["a.yaml:2:10: unknown condition 'subjct'; did you mean 'subject'?"]


def test_all_mistakes_of_all_files_come_at_once_in_the_order_of_the_files():
    first = dedent("""\
        rules:
        - name: a
          when: {subjct: x, kind: nice}
          then: {create: {flag: pink}}
        """)
    places = [one.split(": ")[0] for one in mistakes(first, "rules: [", then("{creat: {}}"))]
    assert places == ["a.yaml:3:10", "a.yaml:3:27", "a.yaml:4:25", "b.yaml:2:1", "c.yaml:2:10"]


def test_names_are_unique_over_all_files():
    assert mistakes("rules:\n- {name: last, when: {subject: a}, then: {create: {tags: [t]}}}\n", f"rules:\n{LAST}") == [
        "b.yaml:2:10: the name 'last' is taken by the rule in a.yaml:2; choose another"
    ]


@pytest.mark.parametrize("text", ["", "# nothing\n", "rules:\n", "rules: []\n", "---\n"])
def test_a_book_without_rules_is_refused_because_mail_would_have_no_department(text):
    assert "no department, status, priority and type" in " ".join(mistakes(text))


def test_an_empty_file_beside_others_is_no_mistake():
    assert len(load([RuleFile("a.yaml", "# all out\n"), RuleFile("b.yaml", f"rules:\n{LAST}")]).rules) == 1


def test_a_book_whose_last_rule_has_a_condition_is_refused():
    text = "rules:\n- name: a\n  when: {subject: x}\n  then: {create: {department: A, status: Open, priority: Low, type: Issue}}\n"
    assert mistakes(text)[0].startswith("a.yaml:2:3: mail that no rule above stops would have no department")


def test_what_unconditional_rules_above_set_counts():
    load(
        [
            RuleFile(
                "a.yaml",
                f"rules:\n- {{name: a, then: {{create: {{department: A}}}}}}\n{LAST.replace('department: General, ', '')}",
            )
        ]
    )


def test_a_stop_before_all_is_set_is_refused_where_it_stands():
    text = f"rules:\n- name: a\n  when: {{subject: x}}\n  stop: true\n  then: {{create: {{department: A, type: Bug}}}}\n{LAST}"
    (told,) = mistakes(text)
    assert told.startswith(
        "a.yaml:2:3: reading ends with rule 'a', but no rule is sure to have set status and priority; "
    )


ON_ITS_TICKET = f"rules:\n- {{name: a, when: {{thread: known}}, then: {{follow_up: note}}, stop: true}}\n{LAST}"


def test_a_stop_on_a_known_ticket_needs_no_fields_of_a_new_one():
    assert load([RuleFile("a.yaml", ON_ITS_TICKET)])


@pytest.mark.parametrize(
    "text",
    [
        ON_ITS_TICKET.replace("thread: known", "thread: [known, untrusted]"),
        ON_ITS_TICKET.replace("{thread: known}", "{any: [{thread: known}, {subject: x}]}"),
        ON_ITS_TICKET.replace("{thread: known}", "{not: {thread: known}}"),
        ON_ITS_TICKET.replace("follow_up: note", "on_reply: {status: Open}"),
        ON_ITS_TICKET.replace("follow_up: note", "follow_up: create"),
        ON_ITS_TICKET.replace("rules:\n", "rules:\n- {name: b, when: {subject: x}, then: {thread: ignore}}\n"),
    ],
)
def test_a_stop_that_may_yet_make_a_new_ticket_needs_its_fields(text):
    assert "no rule is sure to have set" in " ".join(mistakes(text))


def test_every_rule_below_the_end_is_reported():
    text = f"rules:\n- {{name: a, then: {{discard: all}}}}\n- {{name: b, when: {{subject: x}}, then: {{hold: why}}}}\n{LAST}"
    assert [one.split(": ")[0] for one in mistakes(text)] == ["a.yaml:3:3", "a.yaml:4:3"]


def test_a_file_that_is_too_large_is_not_read():
    assert "are the most" in mistakes("#" * (LONGEST_FILE + 1))[0]


def test_a_bomb_of_aliases_is_refused_without_being_built():
    levels = "".join(f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]\n" for i in range(1, 12))
    assert len(mistakes(f"l0: &l0 lol\n{levels}")) > 100


@given(st.text(alphabet=st.sampled_from("rules:-name when then{}[]&*!|>'\"#?, \n\t\x00é0"), max_size=80))
def test_any_text_is_read_or_refused_with_a_place(text):
    try:
        load([RuleFile("a.yaml", text), RuleFile("b.yaml", f"rules:\n{LAST}")])
    except ConfigError as error:
        assert error.problems
        assert all(re.match(r"[ab]\.yaml:[1-9]\d*:[1-9]\d*: \S", str(problem)) for problem in error.problems)
