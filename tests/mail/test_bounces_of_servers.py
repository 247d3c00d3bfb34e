"""What mail servers of many makers write when they cannot deliver, in their own words, and what is made of it."""

import pytest

from gateway.mail.reader import read

_TO = "ann@shop.example"
_RETURNED = "\n\nReceived: from a by b\nMessage-ID: <sent-1@shop.example>\nFrom: ann@shop.example\nTo: wrong@else.example\nSubject: Order\n\nHello"

#: Maker, From, Subject, text, and of each recipient: address, status, permanent or not.
PROSE = [
    (
        "qmail",
        "MAILER-DAEMON@mx.a.example",
        "failure notice",
        (
            "Hi. This is the qmail-send program at mx.a.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n"
            "This is a permanent error; I've given up. Sorry it didn't work out.\n\n<bo@b.example>:\n192.0.2.1 does not like recipient.\n"
            "Remote host said: 550 5.1.1 <bo@b.example>: Recipient address rejected: User unknown\nGiving up on 192.0.2.1.\n\n"
            "<cy@c.example>:\nSorry, I couldn't find any host named c.example. (#5.1.2)\n\n<di@d.example>:\n192.0.2.9 failed after I sent the message.\n"
            "Remote host said: 552 mailbox is over quota\n\n--- Below this line is a copy of the message.\n"
        ),
        [("bo@b.example", "5.1.1", True), ("cy@c.example", "5.1.2", True), ("di@d.example", "5.2.2", False)],
    ),
    (
        "sendmail 8",
        "Mail Delivery Subsystem <MAILER-DAEMON@mx.a.example>",
        "Returned mail: see transcript for details",
        (
            "The original message was received at Thu, 1 May 2025 10:00:00 +0200\nfrom localhost [127.0.0.1]\n\n"
            "   ----- The following addresses had permanent fatal errors -----\n<bo@b.example>\n    (reason: 550 5.7.1 Message refused as spam)\n\n"
            "   ----- Transcript of session follows -----\n... while talking to mx.b.example.:\n>>> DATA\n<<< 550 5.7.1 Message refused as spam\n554 5.0.0 Service unavailable\n\n"
            "   ----- Original message follows -----\n"
        ),
        [("bo@b.example", "5.7.1", False)],
    ),
    (
        "sendmail 5",
        "MAILER-DAEMON@mx.a.example (Mail Delivery Subsystem)",
        "Returned mail: User unknown",
        (
            "   ----- Transcript of session follows -----\nWhile talking to mx.b.example:\n>>> RCPT To:<bo@b.example>\n<<< 550 <bo@b.example>... User unknown\n"
            "550 <bo@b.example>... User unknown\n\n   ----- Unsent message follows -----\n"
        ),
        [("bo@b.example", "5.1.1", True)],
    ),
    (
        "Exim",
        "Mail Delivery System <Mailer-Daemon@mx.a.example>",
        "Mail delivery failed: returning message to sender",
        (
            "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\n"
            "recipients. This is a permanent error. The following address(es) failed:\n\n  bo@b.example\n    host mx.b.example [192.0.2.1]\n"
            "    SMTP error from remote mail server after RCPT TO:<bo@b.example>:\n    550 No such person at this address\n"
            "  cy@c.example\n    (generated from list@a.example)\n    retry timeout exceeded\n\n------ This is a copy of your message, including all the headers. ------\n"
        ),
        [("bo@b.example", "5.1.1", True), ("cy@c.example", "4.4.1", False)],
    ),
    (
        "Exim's delay",
        "Mail Delivery System <Mailer-Daemon@mx.a.example>",
        "Warning: message 1aBcDe-0001 delayed 24 hours",
        (
            "This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\n"
            "recipients after more than 24 hours on the queue on mx.a.example.\n\nThe address to which the message has not yet been delivered is:\n\n  bo@b.example\n"
            "    Delay reason: Connection timed out\n\nNo action is required on your part. Delivery attempts will continue for\nsome time.\n"
        ),
        [("bo@b.example", "4.4.1", False)],
    ),
    (
        "Courier",
        '"Courier mail server at mx.a.example" <@mx.a.example>',
        "NOTICE: mail delivery status.",
        (
            "The original message follows as a separate attachment.\n\n                     UNDELIVERABLE MAIL\n\nYour message to the following recipients cannot be delivered:\n\n"
            "<bo@b.example>:\n    mx.b.example [192.0.2.1]:\n>>> RCPT TO:<bo@b.example>\n<<< 550 sorry, no mailbox here by that name\n"
        ),
        [("bo@b.example", "5.1.1", True)],
    ),
    (
        "Exchange 5.5 and 2003",
        "System Administrator <postmaster@a.example>",
        "Undeliverable: Order",
        (
            "Your message\n\n  To:      bo@b.example\n  Subject: Order\n  Sent:    Thu, 1 May 2025 10:00:00 +0200\n\ndid not reach the following recipient(s):\n\n"
            "bo@b.example on Thu, 1 May 2025 10:01:00 +0200\n    The recipient name is not recognized\n    The MTS-ID of the original message is: c=us;a= ;p=a;l=X\n    MSEXCH:IMS:A:SITE:MX 0 (000C05A6) Unknown Recipient\n"
        ),
        [("bo@b.example", "5.1.1", True)],
    ),
    (
        "Exchange 2007 and later, and 365",
        "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@a.example>",
        "Undeliverable: Order",
        (
            "Delivery has failed to these recipients or groups:\n\nbo@b.example\nThe email address you entered couldn't be found. Please check the recipient's email address and try to resend the message.\n\n"
            "Diagnostic information for administrators:\n\nGenerating server: ex.a.example\n\nbo@b.example\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\n\nOriginal message headers:\n"
        ),
        [("bo@b.example", "5.1.1", True)],
    ),
    (
        "Domino",
        "bo@b.example",
        "DELIVERY FAILURE: User bo (bo@b.example) not listed in Domino Directory",
        "Your message\n\n  Subject: Order\n\nwas not delivered to:\n\n  bo@b.example\n\nbecause:\n\n  User bo (bo@b.example) not listed in Domino Directory\n",
        [("bo@b.example", "5.1.1", True)],
    ),
    (
        "Notes",
        "MAILER-DAEMON@a.example",
        "DELIVERY FAILURE: Order",
        "------- Failure Reasons  --------\n\nUser not listed in public Name & Address Book\nbo@b.example\n\n\n------- Returned Message --------\n",
        [("bo@b.example", "5.1.1", True)],
    ),
    (
        "GroupWise",
        "Mailer-Daemon@a.example",
        "Message status - undeliverable",
        "The message that you sent was undeliverable to the following:\n\tbo@b.example (Host unknown)\n\nPossibly truncated original message follows:\n",
        [("bo@b.example", "5.1.2", True)],
    ),
    (
        "Yahoo",
        "MAILER-DAEMON@yahoo.example",
        "Failure Notice",
        "Sorry, we were unable to deliver your message to the following address.\n\n<bo@b.example>:\nRemote host said: 552 5.2.2 Mailbox full [RCPT_TO]\n\n--- Below this line is a copy of the message.\n",
        [("bo@b.example", "5.2.2", False)],
    ),
    (
        "Gmail",
        "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
        "Delivery Status Notification (Failure)",
        (
            "Delivery to the following recipient failed permanently:\n\n     bo@b.example\n\nTechnical details of permanent failure:\nGoogle tried to deliver your message, but it was rejected by the recipient domain. "
            "We recommend contacting the other email provider for further information about the cause of this error. The error that the other server returned was: 550 550 unknown user bo (state 14).\n\n   ----- Original message -----\n"
        ),
        [("bo@b.example", "5.1.1", True)],
    ),
    (
        "GMX",
        "GMX Mailer Daemon <mailer-daemon@mx.a.example>",
        "Mail delivery failed: returning message to sender",
        (
            "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to\none or more of its recipients. This is a permanent error.\nThe following address(es) failed:\n\n"
            '"bo@b.example":\nSMTP error from remote server after RCPT command:\nhost: mx.b.example\n5.2.2 <bo@b.example>... Mailbox Full\n\n--- The header of the original message is following. ---\n'
        ),
        [("bo@b.example", "5.2.2", False)],
    ),
    (
        "T-Online and 1&1, in German",
        "Mailer Daemon <mailer-daemon@mx.a.example>",
        "Unzustellbar: Ihre Nachricht",
        "Ihre Nachricht konnte nicht zugestellt werden.\n\nEmpfänger: bo@b.example\nGrund: Empfänger unbekannt\n\n",
        [("bo@b.example", "5.1.1", True)],
    ),
    (
        "IMail",
        "Postmaster <postmaster@a.example>",
        "Undeliverable Mail",
        "Unknown user: bo@b.example\n\nRCPT TO generated following response:\n550 user unknown\n\nOriginal message follows.\n",
        [("bo@b.example", "5.1.1", True)],
    ),
    (
        "MailMarshal",
        "MailMarshal <postmaster@a.example>",
        'Undeliverable Mail: "Order"',
        "Your message:\n   From:    ann@shop.example\n   Subject: Order\n\nCould not be delivered because of\n\n550 5.1.1 User unknown\n\nThe following recipients were affected:\n    bo@b.example\n\nAdditional Information\n",
        [("bo@b.example", "5.1.1", True)],
    ),
    (
        "SurfControl",
        "System <postmaster@a.example>",
        "Message Delivery Failure",
        (
            "Your message could not be sent.\nA transcript of the attempts to send the message follows.\nThe number of attempts made: 1\nAddressed To: bo@b.example\n\n"
            "Thu, 1 May 2025 10:00:00 +0200\nFailed to send to identified host,\nmx.b.example: [192.0.2.1], 550 bo@b.example... User unknown\n--- Message non-deliverable.\n"
        ),
        [("bo@b.example", "5.1.1", True)],
    ),
    (
        "InterScan",
        "InterScan MSS <postmaster@a.example>",
        "Mail delivery failed",
        "Sent <<< RCPT TO:<bo@b.example>\nReceived >>> 550 5.1.1 <bo@b.example>... user unknown\nUnable to deliver message to <bo@b.example>\n",
        [("bo@b.example", "5.1.1", True)],
    ),
    (
        "Sun Messaging Server and PMDF",
        "Internet Mail Delivery <postmaster@a.example>",
        "Delivery Notification: Delivery has failed",
        (
            "This report relates to a message you sent with the following header fields:\n\n  Message-id: <sent-1@shop.example>\n  From: Ann <ann@shop.example>\n  To: bo@b.example\n  Subject: Order\n\n"
            "Your message cannot be delivered to the following recipients:\n\n  Recipient address: bo@b.example\n  Reason: Remote SMTP server has rejected address\n  Diagnostic code: smtp;550 5.1.1 unknown or illegal alias: bo@b.example\n"
        ),
        [("bo@b.example", "5.1.1", True)],
    ),
    (
        "OpenSMTPD",
        "Mailer Daemon <MAILER-DAEMON@mx.a.example>",
        "Delivery status notification: error",
        (
            "    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this email.\n\n    An error has occurred while attempting to deliver a message for\n    the following list of recipients:\n\n"
            "bo@b.example: 550 5.1.1 <bo@b.example>: User does not exist\n\n    Below is a copy of the original message:\n"
        ),
        [("bo@b.example", "5.1.1", True)],
    ),
    (
        "DragonFly",
        "MAILER-DAEMON <>",
        "Mail delivery failed",
        "This is the DragonFly Mail Agent v0.13 at a.example.\n\nThere was an error delivering your mail to <bo@b.example>.\n\nmx.b.example [192.0.2.1] did not like our RCPT TO:\n552 5.2.2 <bo@b.example>: Recipient address rejected: Mailbox full\n\nMessage headers follow.\n",
        [("bo@b.example", "5.2.2", False)],
    ),
    (
        "hMailServer",
        "mailer-daemon@a.example",
        "Message undeliverable: Order",
        (
            "Your message did not reach some or all of the intended recipients.\n\n   Sent: Thu, 1 May 2025 10:00:00 +0200\n   Subject: Order\n\nThe following recipient(s) could not be reached:\n\nbo@b.example\n   Error Type: SMTP\n"
            "   Remote server (192.0.2.1) issued an error.\n   hMailServer sent: RCPT TO:<bo@b.example>\n   Remote server replied: 550 5.1.1 bo@b.example: Recipient address rejected: User unknown\n"
        ),
        [("bo@b.example", "5.1.1", True)],
    ),
    (
        "MailEnable",
        "postmaster@a.example",
        "Delivery Failure",
        "MailEnable: Message could not be delivered to some recipients.\nThe following recipient(s) could not be reached:\n\n\tRecipient: [SMTP:bo@b.example]\n\tReason: Remote SMTP Server Returned: 553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)\n\nMessage headers follow:\n",
        [("bo@b.example", "5.7.1", False)],
    ),
    (
        "CommuniGate",
        "Mail Delivery Subsystem <MAILER-DAEMON@a.example>",
        "Undeliverable mail",
        "Failed to deliver to 'bo@b.example'\nSMTP module(domain b.example) reports:\n host mx.b.example says:\n 550 Requested action not taken: mailbox unavailable\n",
        [("bo@b.example", "5.1.1", True)],
    ),
    (
        "MDaemon",
        "MDaemon@a.example",
        "Permanent Delivery Failure",
        (
            "The attached message had PERMANENT fatal delivery errors!\n\nAfter one or more unsuccessful delivery attempts the attached message has\nbeen removed from the mail queue on this server.\n\nFailed address: bo@b.example\n\n--- Session Transcript ---\n"
            " Thu 2025-05-01 10:00:00: --> RCPT To:<bo@b.example>\n Thu 2025-05-01 10:00:00: <-- 550 no such user\n--- End Transcript ---\n"
        ),
        [("bo@b.example", "5.1.1", True)],
    ),
    (
        "mail.ru",
        "mailer-daemon@corp.mail.ru",
        "Mail failure.",
        "Это письмо создано автоматически сервером Mail.Ru, отвечать на него не\nнужно.\n\nК сожалению, Ваше письмо не может\nбыть доставлено одному или нескольким получателям:\n\nbo@b.example\nпользователь не найден\n\n**********************\n",
        [("bo@b.example", "5.1.1", True)],
    ),
    (
        "a Japanese provider",
        "MAILER-DAEMON@a.example",
        "メール配信エラー",
        "以下のメールアドレスへの送信に失敗しました。\n\n<bo@b.example>\nメールボックスが一杯のため、送信できませんでした。\n",
        [("bo@b.example", "5.2.2", False)],
    ),
    (
        "a carrier without any word of the reason",
        "Mail Administrator <Postmaster@a.example>",
        "Mail System Error - Returned Mail",
        "Each of the following recipients was rejected by a remote mail server.\nThe reasons given by the server are included to help you determine why\neach recipient was rejected.\n\n    Recipient: <bo@b.example>\n    Reason:    <bo@b.example>: User unknown\n",
        [("bo@b.example", "5.1.1", True)],
    ),
    (
        "Postfix's word to its postmaster",
        "MAILER-DAEMON@a.example (Mail Delivery System)",
        "Postfix SMTP server: errors from unknown[192.0.2.1]",
        (
            "Transcript of session follows.\n\n Out: 220 a.example ESMTP Postfix\n In:  EHLO b.example\n Out: 250 2.0.0 Ok\n In:  MAIL FROM:<ann@shop.example>\n Out: 250 2.1.0 Ok\n In:  RCPT TO:<bo@b.example>\n"
            " Out: 250 2.1.5 Ok\n In:  DATA\n Out: 452 4.3.1 Insufficient system storage\n"
        ),
        [("bo@b.example", "4.3.1", False)],
    ),
]


@pytest.mark.parametrize(("maker", "from_", "subject", "text", "expected"), PROSE, ids=[case[0] for case in PROSE])
def test_a_servers_own_words_give_recipients_status_and_permanence(maker, from_, subject, text, expected):
    mail = f"From: {from_}\nTo: {_TO}\nSubject: {subject}\nDate: Thu, 1 May 2025 10:00:00 +0200\nContent-Type: text/plain; charset=utf-8\n\n{text}{_RETURNED}"
    message = read(mail.encode())
    assert message.kind == "bounce"
    assert [(one.address, one.status, one.permanent) for one in message.bounce.recipients] == expected
    assert message.bounce.message_id == "sent-1@shop.example"
    assert not message.may_autorespond
