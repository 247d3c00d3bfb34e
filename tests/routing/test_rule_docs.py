"""What docs/rules.md and README.md say about rules is held against the tables that compile them, and its samples are run.

A block of YAML that begins with `rules:` must load. It is a fragment where its last rule has a `when`; then a last rule
without one completes it, as the rule for everything does in the folder it is meant for.
"""

import re
from email.message import EmailMessage
from pathlib import Path

import pytest
import yaml

from gateway.commands.check import check
from gateway.commands.explain import UNRESOLVED, explain
from gateway.routing.operators import ADDRESS, COUNT, DOMAIN, FLAG, SIZE, TEXT, Family, choices
from gateway.routing.results import CREATE, FLAGS, NOTE, ON_REPLY, PLAIN, THEN
from gateway.routing.rulebook import RuleBook, RuleFile, load
from gateway.routing.schema import json_schema
from gateway.routing.vocabulary import ATTACHMENTS, CONDITIONS, GROUPS
from gateway.routing.vocabulary import PLAIN as PLAIN_CONDITIONS
from gateway.settings import load as load_settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGE = (DOCS / "rules.md").read_text("utf-8")
LAST = """
  - name: last, by the test
    then: {create: {department: General, status: Open, priority: Normal, type: Issue}}
"""
#: The page's words for what a condition compares.
FAMILIES = {
    "texts": TEXT,
    "addresses": ADDRESS,
    "domains": DOMAIN,
    "sizes": SIZE,
    "numbers": COUNT,
    "truth": FLAG,
    "words": choices(()),
}
SERVED = {
    "GATEWAY_DESK__URL": "https://desk.example.com/",
    "GATEWAY_DESK__USERNAME": "gateway",
    "GATEWAY_DESK__PASSWORD": "secret",
    "GATEWAY_SMTP__ACCEPT": "example.com",
}


def table(head: str) -> dict[str, list[str]]:
    """The cells behind the first of each row, by the words in backticks of the first, joined by dots."""
    lines = PAGE.splitlines()
    [start] = [number for number, line in enumerate(lines) if line.startswith(f"| {head} |")]
    rows: dict[str, list[str]] = {}
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        first, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        assert len(cells) == lines[start].count("|") - 2, f"a | too many or too few: {line}"
        key = ".".join(words(first))
        assert key not in rows
        rows[key] = cells
    return rows


def words(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", text)


def blocks(text: str, language: str) -> list[str]:
    fences = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [block for said, block in fences if said == language]


def sample_below(heading: str) -> str:
    """The block without a language below a heading: what a command prints."""
    return blocks(PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0], "")[-1]


def loaded(block: str) -> RuleBook:
    fragment = "when" in yaml.safe_load(block)["rules"][-1]
    return load([RuleFile("rules.md", block + LAST if fragment else block)])


def word_of(family: Family) -> str:
    return next((word for word, known in FAMILIES.items() if known is family), "words")


CONDITION_ROWS, OPERATOR_ROWS, RESULT_ROWS = table("condition"), table("operator"), table("below `then`")


def test_every_condition_has_a_row_and_every_row_is_a_condition():
    assert set(CONDITION_ROWS) == {*CONDITIONS, *(f"attachments.{key}" for key in (*ATTACHMENTS, "count"))}
    assert {*GROUPS} <= {*words(PAGE)}


def test_every_operator_has_a_row_that_names_what_it_compares():
    told = {key: set(cells[0].split(", ")) for key, cells in OPERATOR_ROWS.items()}
    operators = {operator for family in FAMILIES.values() for operator in family.operators}
    assert told == {
        operator: {word for word, family in FAMILIES.items() if operator in family.operators} for operator in operators
    }


def test_every_condition_is_said_to_compare_what_it_does():
    plain = {**PLAIN_CONDITIONS, **{f"attachments.{key}": value for key, value in ATTACHMENTS.items()}}
    actual = {key: word_of(condition.family) for key, condition in plain.items()}
    special = {"attachments": "", "attachments.count": "numbers", "header": "texts"}
    assert {key: cells[1] for key, cells in CONDITION_ROWS.items()} == actual | special


def test_every_result_has_a_row_and_every_row_is_a_result():
    assert set(RESULT_ROWS) == {*THEN, *(f"create.{key}" for key in CREATE)}
    assert set(ON_REPLY) <= {*words(RESULT_ROWS["on_reply"][0])}
    assert set(NOTE) <= {*words(RESULT_ROWS["note"][0])}


def test_every_key_of_a_rule_has_a_row():
    assert set(table("key")) == set(json_schema()["$defs"]["rule"]["properties"])


def test_every_word_that_a_condition_or_a_result_may_take_is_listed_in_its_row():
    wanted = {key: condition.family.value.get("enum", ()) for key, condition in PLAIN_CONDITIONS.items()}
    for key, known in wanted.items():
        assert {*known} <= {*words(CONDITION_ROWS[key][0])}
    for key, setting in PLAIN.items():
        assert {*setting.schema.get("enum", ())} <= {*words(RESULT_ROWS[key][0])}
    assert {*NOTE["type"].schema["enum"]} <= {*words(RESULT_ROWS["note"][0])}
    assert {*FLAGS} <= {*words(RESULT_ROWS["create.flag"][0])}
    assert {*PLAIN_CONDITIONS["thread"].family.value["enum"]} == set(table("thread"))


@pytest.mark.parametrize(("key", "cells"), [*CONDITION_ROWS.items(), *OPERATOR_ROWS.items()])
def test_each_example_of_a_condition_is_one(key, cells):
    [example] = words(cells[-1])
    assert re.search(rf"\b{key.rpartition('.')[2]}: ", example)
    loaded(f"rules:\n  - name: tried\n    when:\n      {example}\n    then: {{create: {{tags: [tried]}}}}\n")


@pytest.mark.parametrize(("key", "cells"), RESULT_ROWS.items())
def test_each_example_of_a_result_is_one(key, cells):
    [example] = words(cells[-1])
    rule = loaded(f"rules:\n  - name: tried\n    when: {{kind: list}}\n    then:\n      {example}\n").rules[0]
    made = [*rule.results.settings, *(end for end in ("hold", "discard") if getattr(rule.results, end))]
    assert any(f"{name}.".startswith(f"{'notes' if key == 'note' else key}.") for name in made)


@pytest.mark.parametrize("name", ["README.md", "docs/rules.md"])
def test_each_block_of_rules_loads(name):
    found = [block for block in blocks((ROOT / name).read_text("utf-8"), "yaml") if block.startswith("rules:")]
    assert found
    assert all(loaded(block).rules for block in found)


def test_the_recipes_are_five_and_hold_before_anything_else():
    recipes = blocks(PAGE.partition("\n## Five recipes\n")[2], "yaml")[0]
    assert recipes.count("  # ") == 5
    assert loaded(recipes).rules[0].results.hold


def test_check_says_what_the_page_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    [broken] = [block for block in blocks(PAGE, "yaml") if block.startswith("# rules/")]
    path = tmp_path / broken.splitlines()[0].removeprefix("# ")
    path.parent.mkdir()
    path.write_text(broken, "utf-8")
    assert check(lambda: load_settings(SERVED), live=False) == 1
    assert capsys.readouterr().err == sample_below("Checking")


def test_explain_says_what_the_page_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "rules" / "10-first.yaml"
    path.parent.mkdir()
    path.write_text(blocks(PAGE, "yaml")[0], "utf-8")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Jane <jane@customer.example>", "billing@example.com", "Invoice 17"
    mail.set_content("Where is it?\n")
    Path("mail.eml").write_bytes(mail.as_bytes())
    assert explain(load_settings(SERVED), Path("mail.eml"), xml=False, rcpt=[], sender=None) == UNRESOLVED
    assert capsys.readouterr().out == sample_below("Explaining")


def test_each_file_of_the_sample_set_has_a_row():
    assert [*table("file")] == sorted(path.name for path in (ROOT / "rules").glob("*.yaml"))


def test_each_page_has_its_place_in_the_reading_order():
    linked = re.findall(r"\]\(([\w/-]+\.md)\)", (DOCS / "README.md").read_text("utf-8"))
    assert sorted(linked) == sorted(page.name for page in DOCS.glob("*.md") if page.name != "README.md")
