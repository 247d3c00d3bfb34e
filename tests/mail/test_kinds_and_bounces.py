"""Machines' mails: told apart, never answered, and their reports read."""

import pytest

from gateway.mail.reader import read


def _mail(*fields: str, body: str = "words") -> bytes:
    given = {field.partition(":")[0].lower() for field in fields}
    head = [
        field for field in ("From: Ann <ann@a.example>", "Subject: x") if field.partition(":")[0].lower() not in given
    ]
    return "\r\n".join([*head, *fields, "", body]).encode()


_REPORT = """This is the mail system.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.a.example

Original-Recipient: rfc822;bo@b.example
Final-Recipient: rfc822; <bo@b.example>
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

Final-Recipient: rfc822; cy@c.example
Action: delayed
Status: 4.4.1 (timeout)

Final-Recipient: rfc822; di@d.example
Action: failed
Status: 5.0.0
Diagnostic-Code: smtp; 552 5.2.2 Mailbox full

--b
Content-Type: message/rfc822

Subject: the mail
--b--
"""


def test_a_delivery_report_is_a_bounce_with_its_recipients():
    message = read(
        _mail(
            "From: MAILER-DAEMON@a.example",
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
            body=_REPORT,
        )
    )
    assert message.kind == "bounce"
    assert not message.may_autorespond
    read_ = [(one.address, one.status, one.action, one.permanent) for one in message.bounce.recipients]
    assert read_ == [
        ("bo@b.example", "5.1.1", "failed", True),
        ("cy@c.example", "4.4.1", "delayed", False),
        ("di@d.example", "5.2.2", "failed", False),
    ]
    assert message.bounce.recipients[0].diagnostic == "550 5.1.1 User unknown"


def test_a_server_that_reports_in_prose_is_a_bounce():
    body = "Hi. This is the program.\nI was not able to deliver it.\n\n<bo@b.example>:\n550 5.1.1 no such user here\n\n--- Below is a copy of the message.\n\nTo: other@c.example"
    message = read(_mail("From: MAILER-DAEMON@a.example", "Subject: failure notice", "Return-Path: <>", body=body))
    assert message.kind == "bounce"
    (recipient,) = message.bounce.recipients
    assert (recipient.address, recipient.status, recipient.permanent) == ("bo@b.example", "5.1.1", True)


def test_a_person_who_writes_about_a_bounce_is_no_bounce():
    message = read(
        _mail("Subject: Undelivered Mail Returned to Sender - what is this?", body="My mail to you came back.")
    )
    assert message.kind == "ordinary"
    assert message.bounce is None


@pytest.mark.parametrize(
    "field",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated (vacation)",
        "Precedence: auto_reply",
        "X-Autoreply: yes",
        "Subject: Out of Office: x",
        "Subject: Automatische Antwort: x",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=b",
    ],
)
def test_automatic_replies_are_told(field):
    message = read(_mail(field))
    assert message.kind == "auto_reply"
    assert not message.may_autorespond


@pytest.mark.parametrize(
    "field", ["List-Id: <l.a.example>", "List-Unsubscribe: <mailto:u@a>", "Precedence: bulk", "Precedence: List"]
)
def test_list_mail_is_told(field):
    message = read(_mail(field))
    assert message.kind == "list"
    assert not message.may_autorespond


def test_a_complaint_is_feedback():
    body = "\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n\r\n--b--\r\n"
    assert (
        read(_mail("Content-Type: multipart/report; report-type=feedback-report; boundary=b", body=body)).kind
        == "feedback"
    )


@pytest.mark.parametrize(
    "field", ["Auto-Submitted: no", "X-Auto-Response-Suppress: None", "Return-Path: <ann@a.example>", "X-Priority: 1"]
)
def test_an_ordinary_mail_may_be_answered(field):
    message = read(_mail(field))
    assert message.kind == "ordinary"
    assert message.may_autorespond


@pytest.mark.parametrize(
    "field",
    [
        "Return-Path: <>",
        "X-Loop: desk",
        "X-Auto-Response-Suppress: All",
        "Feedback-ID: 1:2",
        "From: no-reply@a.example",
        "From: postmaster@a.example",
        "From: nobody",
        "From: MAILER-DAEMON@a.example",
    ],
)
def test_what_asks_for_silence_gets_it(field):
    assert not read(_mail(field)).may_autorespond
