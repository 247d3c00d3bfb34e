"""Delivery status reports as servers really write them: given codes, contradictions, broken forms, judgements."""

import importlib
import re
from re import _constants, _parser

import pytest

from gateway.mail.bounces import read_bounce
from gateway.mail.mime import split
from gateway.mail.reader import read


def _report(fields: str, text: str = "This is the mail system.", type_: str = "message/delivery-status") -> bytes:
    return (
        "From: MAILER-DAEMON@a.example\nTo: ann@shop.example\nSubject: Undelivered\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        f"--b\n\n{text}\n--b\nContent-Type: {type_}\n\n{fields}\n"
        "--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <sent@shop.example>\nTo: bo@b.example\n\n--b--\n"
    ).encode()


def _one(status: str, diagnostic: str, action: str = "failed", text: str = "This is the mail system.") -> tuple:
    fields = f"Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822; bo@b.example\nAction: {action}\nStatus: {status}\nDiagnostic-Code: {diagnostic}\n"
    (recipient,) = read(_report(fields, text)).bounce.recipients
    return recipient.status, recipient.permanent, recipient.reason


@pytest.mark.parametrize(
    ("status", "diagnostic", "expected"),
    [
        ("5.1.1", "smtp; 550 5.1.1 user unknown", ("5.1.1", True, "unknown_user")),
        ("5.1.1", "smtp; 550 5.1.1 has sent to too many recipients this hour", ("5.1.1", False, "rate")),
        ("5.2.1", "smtp; 550 5.2.1 The user is receiving mail at a rate that", ("5.2.1", False, "rate")),
        (
            "5.2.1",
            "smtp; 550 5.2.1 The email account that you tried to reach is disabled",
            ("5.2.1", False, "suspended"),
        ),
        ("5.0.0", "smtp; 552 5.2.2 mailbox full", ("5.2.2", False, "mailbox_full")),
        ("5.0.0", "smtp; 550 Unknown user bo", ("5.0.0", True, "unknown_user")),
        ("4.5.0", "smtp; 550 5.5.0 refused, not found here", ("5.5.0", False, "")),
        ("4.4.7", "smtp; 452 4.2.2 over quota", ("4.2.2", False, "mailbox_full")),
        ("5.7.1", "smtp; 550 5.7.1 <bo@b.example>... Relaying denied", ("5.7.1", False, "relay_denied")),
        ("5.7.1", "smtp; 550 5.7.1 <spam-trap@b.example>: User unknown", ("5.7.1", True, "unknown_user")),
        ("5.4.1", "smtp; 550 5.4.1 Recipient address rejected: Access denied. AS(1)", ("5.4.1", True, "unknown_user")),
        (
            "5.7.1",
            "smtp; 554 5.7.1 <bo@b.example>: Recipient address rejected: blocked using zen.spamhaus.org",
            ("5.7.1", False, "blocked"),
        ),
        (
            "5.4.4",
            "X-Postfix; Host or domain name not found. Name service error for name=b.example type=A: Host not found",
            ("5.4.4", True, "unknown_host"),
        ),
        (
            "4.4.3",
            "X-Postfix; Host or domain name not found, try again: Host not found, try again",
            ("4.4.3", False, "name_server"),
        ),
        ("5.1.0", "X-Postfix; Domain b.example does not accept mail (nullMX)", ("5.1.0", True, "no_mail_accepted")),
        ("5.3.4", "smtp; 552 5.3.4 message size exceeds fixed maximum", ("5.3.4", False, "too_big")),
        ("5.7.26", "smtp; 550 5.7.26 not accepted due to domain's DMARC policy", ("5.7.26", False, "authentication")),
        ("5.1.8", "smtp; 553 5.1.8 Domain of sender address does not exist", ("5.1.8", False, "sender_rejected")),
        ("5.4.6", "smtp; 554 5.4.6 Too many hops", ("5.4.6", False, "loop")),
        ("5.1.1", "smtp; 550 5.1.1 RCP-P2 refused due to recipient preferences", ("5.1.1", False, "content")),
        ("4.7.1", "smtp; 451 4.7.1 Greylisted, please try again later", ("4.7.1", False, "rate")),
    ],
)
def test_a_recipient_is_judged_by_code_and_words(status, diagnostic, expected):
    assert _one(status, diagnostic) == expected


def test_a_delay_is_never_permanent():
    assert _one("4.1.1", "smtp; 450 4.1.1 user unknown", action="delayed") == ("4.1.1", False, "unknown_user")


def test_days_of_unknown_user_are_permanent_when_the_server_has_given_up():
    assert _one("4.1.1", "smtp; 450 4.1.1 user unknown") == ("4.1.1", True, "unknown_user")


def test_who_refuses_the_user_after_the_content_judges_the_mail():
    text = "<bo@b.example>: host mx said: 550 Unknown user (in reply to end of DATA command)"
    assert _one("5.0.0", "smtp; 550 Unknown user", text=text) == ("5.0.0", False, "unknown_user")
    assert _one("5.1.1", "smtp; 550 5.1.1 Unknown user", text=text) == ("5.1.1", True, "unknown_user")


def test_a_report_without_empty_lines_or_in_another_order_is_read():
    fields = (
        "Final-Recipient: rfc822;bo@b.example\nAction: failed\nStatus: 5.1.1\nFinal-Recipient: rfc822;cy@c.example\n"
        "Action: failed\nStatus: 5.2.2\n\nAction: failed\nStatus: 5.3.4\nFinal-Recipient: RFC822; <di@d.example>\n"
    )
    recipients = read(_report(fields)).bounce.recipients
    assert [(one.address, one.status) for one in recipients] == [
        ("bo@b.example", "5.1.1"),
        ("cy@c.example", "5.2.2"),
        ("di@d.example", "5.3.4"),
    ]


def test_a_diagnostic_that_is_folded_without_a_blank_stays_whole():
    assert _one("5.7.1", "smtp; 550 5.7.1\nClient host blocked using a list") == ("5.7.1", False, "blocked")


@pytest.mark.parametrize("type_", ["text/plain", "message/xdelivery-status", "message/global-delivery-status"])
def test_a_report_under_another_type_is_read(type_):
    fields = "Reporting-MTA: dns; a\n\nFinal-Recipient: utf-8; bö@b.example\nAction: failed\nStatus: 5.1.1\n"
    (recipient,) = read(_report(fields, type_=type_)).bounce.recipients
    assert (recipient.address, recipient.status, recipient.permanent) == ("bö@b.example", "5.1.1", True)


def test_the_returned_mail_is_named():
    fields = "Final-Recipient: rfc822; bo@b.example\nAction: failed\nStatus: 5.1.1\n"
    assert read(_report(fields)).bounce.message_id == "sent@shop.example"


def test_a_report_of_success_is_no_bounce():
    message = read(_report("Final-Recipient: rfc822; bo@b.example\nAction: delivered\nStatus: 2.1.5\n"))
    assert message.kind == "auto_reply"
    assert message.bounce is None


def test_a_report_that_names_a_program_falls_back_to_its_recipient():
    fields = "Final-Recipient: RFC822; |/usr/bin/vacation\nOriginal-Recipient: rfc822; bo@b.example\nAction: failed\nStatus: 5.3.0\n"
    assert read(_report(fields)).bounce.recipients[0].address == "bo@b.example"


def test_a_thousand_recipients_are_cut_at_a_hundred():
    fields = "".join(f"Final-Recipient: rfc822; b{n}@b.example\nAction: failed\nStatus: 5.1.1\n\n" for n in range(1000))
    assert len(read(_report(fields)).bounce.recipients) == 100


_HOSTILE = [
    "<a@b.example>: 550 x\n",
    "user " * 40 + "\n",
    "a" * 900 + "@\n",
    "-----\n",
    "rcpt to: ",
    "To: <",
    "Final-Recipient\n",
    "550-5.1.1 ",
]


def _work(line: str, size: int) -> int:
    """How many characters the expressions of the bounce reader are given to search, for a text of `size`."""
    counted = [0]

    class Text(str):
        __slots__ = ()

        def __getitem__(self, at):
            got = str.__getitem__(self, at)
            counted[0] += len(got)
            return got

    text = (line * (size // len(line) + 1))[:size]
    raw = ("From: MAILER-DAEMON@a.example\nSubject: failure notice\n\n" + text).encode()
    read_bounce(raw, split(raw), Text(text))
    return counted[0]


@pytest.mark.parametrize("line", _HOSTILE)
def test_of_a_large_text_only_the_head_is_read(line):
    once, twice = _work(line, 1_000_000), _work(line, 2_000_000)
    assert 0 < once <= 256 * 1024
    assert twice == once


def _repeats(tree, within: int = 0):
    """(least nesting of unbounded repeats) for each repeat that can give back what it took."""
    for operation, argument in tree:
        if operation in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
            unbounded = argument[1] is _constants.MAXREPEAT or argument[1] > 1000
            yield within + unbounded
            yield from _repeats(argument[2], within + unbounded)
        elif operation is _constants.POSSESSIVE_REPEAT:
            yield from _repeats(argument[2], within)
        elif operation is _constants.SUBPATTERN:
            yield from _repeats(argument[3], within)
        elif operation is _constants.BRANCH:
            for branch in argument[1]:
                yield from _repeats(branch, within)
        elif operation in (_constants.ASSERT, _constants.ASSERT_NOT):
            yield from _repeats(argument[1], within)
        elif operation is _constants.ATOMIC_GROUP:
            yield from _repeats(argument, within)


def _patterns():
    for room in ("bounces", "bounce_words", "bounce_reasons", "delivery_reports", "prose_bounces", "kinds", "mentions"):
        module = importlib.import_module(f"gateway.mail.{room}")
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                yield f"{room}.{name}", value
            elif name == "REASONS":
                yield from ((f"{room}.{reason.name}", reason.words) for reason in value)


@pytest.mark.parametrize(("name", "pattern"), [pytest.param(name, pattern, id=name) for name, pattern in _patterns()])
def test_no_expression_can_run_back_over_more_than_a_bounded_stretch(name, pattern):
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    nested = list(
        _repeats(
            _parser.parse(source, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags)
        )
    )
    assert all(depth == 0 for depth in nested), f"{name} has a repeat without bound that is not possessive"


def test_the_check_of_expressions_sees_a_bad_one():
    assert max(_repeats(_parser.parse(r"(?:a+)+b"))) == 2
    assert max(_repeats(_parser.parse(r"(?:a{1,9}+)++b")), default=0) == 0
