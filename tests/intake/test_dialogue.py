import re

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.intake.addresses import Recipients
from gateway.intake.commands import Refusal
from gateway.intake.dialogue import Dialogue
from gateway.intake.session import _parse
from gateway.intake.terms import Terms

TERMS = Terms(hostname="mx.desk.example", recipients=Recipients.parse(["desk.example"]))
ANSWER = re.compile(r"(2\d\d|4\d\d|5\d\d) ([245])\.\d{1,3}\.\d{1,3} [ -~]+")
WITHOUT_STATUS = re.compile(r"250[ -]mx\.desk\.example(\r\n250[ -][ -~]+)*")

words = st.sampled_from(
    [
        b"MAIL FROM:",
        b"RCPT TO:",
        b"mail from:",
        b"EHLO ",
        b"HELO ",
        b"DATA",
        b"RSET",
        b"NOOP",
        b"VRFY ",
        b"<",
        b">",
        b"@",
        b"a",
        b"desk.example",
        b'"',
        b"\\",
        b"[",
        b"]",
        b" ",
        b" SIZE=",
        b" BODY=",
        b" SMTPUTF8",
        b"=",
        b"9" * 30,
        b"\xc2\xb2",
        b"\xff",
        b"\x00",
        b"\r",
        b":",
        b"%",
        b"\xef\xbc\x8e",
        b"x" * 300,
    ]
)
lines = st.one_of(st.lists(words, max_size=10).map(b"".join), st.binary(max_size=60))


@settings(max_examples=500, deadline=None)
@given(st.lists(lines, min_size=1, max_size=20))
def test_any_lines_get_answers_with_a_code_and_a_status_and_raise_nothing_else(said):
    dialogue = Dialogue(TERMS)
    for line in said:
        try:
            answer = dialogue.answer(*_parse(line + b"\r\n"))
        except Refusal as refusal:
            answer = refusal.answer
            dialogue.count("", refusal)
        assert WITHOUT_STATUS.fullmatch(answer) or (ANSWER.fullmatch(answer) and answer[0] == answer[4]), answer
    if dialogue.transaction:
        assert all(TERMS.recipients.serves(each) for each in dialogue.transaction.rcpt_to)


@settings(deadline=1000)
@given(
    st.sampled_from(
        [
            "<" + '"\\' * 1000,
            "<" + '"a"' * 600 + "!",
            "<" + "a." * 1000,
            "<a@" + "b-" * 900 + ">",
            '<"' + "\\" * 1999,
            "<a@b>" + " x=y" * 500,
        ]
    ),
    st.booleans(),
)
def test_no_line_is_slow_to_read(argument, utf8):
    dialogue = Dialogue(TERMS)
    dialogue.answer("EHLO", "x")
    for command, keyword in (("MAIL", "FROM:"), ("RCPT", "TO:")):
        try:
            dialogue.answer(command, keyword + argument + (" SMTPUTF8" if utf8 else ""))
        except Refusal as refusal:
            assert refusal.code >= 500
