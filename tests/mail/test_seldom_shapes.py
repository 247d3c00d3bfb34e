"""Mails of shapes that few programs write in, the fields that other programs' readers agree on out."""

import pytest

from gateway.mail.charsets import decode
from gateway.mail.reader import read

_HEAD = "From: Ann Bell <ann@a.example>\nTo: support@desk.example\nSubject: Order 12\nMIME-Version: 1.0\n"


def _mail(head: str = "", body: str = "words\n", subject: str = "Order 12", from_: str = "Ann Bell <ann@a.example>"):
    fields = f"From: {from_}\nTo: support@desk.example\nSubject: {subject}\n{head}"
    return read(f"{fields}Content-Type: text/plain; charset=utf-8\n\n{body}".encode())


def test_comments_within_an_address_are_no_part_of_it():
    from_ = _mail(from_="Pete(a nice \\) chap) <pete(his account)@a.example(his host)>").from_
    assert from_ and (from_.name, from_.address) == ("Pete", "pete@a.example")
    assert _mail(from_="Pete <pete(his account)@a.example>").ambiguous_sender


def test_an_open_comment_within_an_address_hides_nothing():
    mail = _mail(from_="Pete <pete(his@a.example>")
    assert mail.from_ and mail.from_.address == "his@a.example"
    assert mail.ambiguous_sender


@pytest.mark.parametrize("content_type", ["foo bar; x", "iso-8859-1", "text/; charset=utf-8", "plain"])
def test_what_is_no_content_type_stands_for_a_text(content_type):
    assert read(f"{_HEAD}Content-Type: {content_type}\n\nwords\n".encode()).text.strip() == "words"


@pytest.mark.parametrize("content_type", ["application/", "image", "foo; name=x.bin"])
def test_half_a_type_of_files_is_a_file(content_type):
    assert len(read(f"{_HEAD}Content-Type: {content_type}\n\nwords\n".encode()).attachments) == 1


def test_single_quotes_round_a_file_name_are_quotes():
    mail = f"{_HEAD}Content-Type: application/pdf\nContent-Disposition: attachment; filename='two words.pdf'\n\nx\n"
    assert read(mail.encode()).attachments[0].filename == "two words.pdf"


def test_the_text_of_an_mms_is_read_though_a_plan_of_its_slides_comes_first():
    parts = "--b\nContent-Type: application/smil; name=m.smil\n\n<smil/>\n--b\nContent-Type: text/plain; name=text_0.txt\n\n"
    mail = read(f"{_HEAD}Content-Type: multipart/related; boundary=b\n\n{parts}The pump leaks.\n--b--\n".encode())
    assert mail.text.strip() == "The pump leaks."
    assert [file.filename for file in mail.attachments] == ["m.smil"]


def test_many_letters_of_utf_8_are_read_so_under_any_name():
    assert decode("Đơn hàng".encode(), "windows-1258") == "Đơn hàng"
    assert decode("Здравствуйте, где мой заказ?".encode(), "windows-1251") == "Здравствуйте, где мой заказ?"
    assert decode("您好，我的订单在哪里？".encode(), "gb2312") == "您好，我的订单在哪里？"


def test_a_short_word_that_could_be_utf_8_by_chance_is_read_as_its_name_says():
    assert decode("Ні".encode("cp1251"), "windows-1251") == "Ні"
    assert decode("联通".encode("gbk"), "gbk") == "联通"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Mail delivery failed: returning message to sender", "Hi,\n\nwhat is this?\n\n> 550 5.1.1 user unknown\n"),
        ("User unknown error", 'When I log in I get "user unknown". The code is 550 or so.\n'),
        ("Undeliverable: order", "Hallo,\n\nkommt zurück: 550 5.7.1 could not be delivered\n"),
        ("Delivery to the following recipients failed", "Our customer wrote this:\njo@b.example\n550 5.1.1 rejected\n"),
        ("Mail delivery failed", "Bonjour,\n\n<jo@b.example>: 550 user unknown\n\nCordialement, Ann\n"),
    ],
)
def test_who_asks_about_a_bounce_is_a_person(subject, text):
    assert _mail(subject=subject, body=text).kind == "ordinary"


def test_what_one_recipient_failed_for_is_not_taken_for_anothers_reason():
    text = "The following address(es) failed:\n\n  jo@b.example\n    Unrouteable address\n  bo@b.example\n    mailbox is full\n"
    mail = _mail(subject="Mail delivery failed", body=text, from_="Mail Delivery System <Mailer-Daemon@mx.example>")
    assert mail.bounce
    assert [(one.status, one.permanent) for one in mail.bounce.recipients] == [("5.1.1", True), ("5.2.2", False)]


@pytest.mark.parametrize(
    "words",
    [
        "Adresse nicht gefunden",
        "Adresse introuvable",
        "No se ha encontrado la dirección",
        "Endereço não encontrado",
        "Indirizzo non trovato",
        "Adres niet gevonden",
        "Nie znaleziono adresu",
        'the recipient "Local user" jo@b.example unknown',
    ],
)
def test_addresses_that_are_not_found_are_gone_in_many_languages(words):
    mail = _mail(subject="Undeliverable", body=f"jo@b.example: {words}\n", from_="mailer-daemon@mx.example")
    assert mail.bounce
    assert [(one.address, one.permanent) for one in mail.bounce.recipients] == [("jo@b.example", True)]


def test_a_rejection_by_a_recipients_own_filter_is_a_bounce():
    text = "Your message to <jo@b.example> was automatically rejected:\nQuota exceeded (mailbox for user is full)\n"
    mail = _mail(subject="Rejected: order", body=text, from_="Mail Delivery Subsystem <postmaster@b.example>")
    assert mail.kind == "bounce"
    assert mail.bounce
    assert not mail.bounce.recipients[0].permanent


@pytest.mark.parametrize(
    "field",
    ["X-Out-Of-Office: yes", "X-POST-MessageClass: 9; Autoresponder", "Delivered-To: Autoresponder"],
)
def test_fields_of_autoresponders_are_known(field):
    assert _mail(f"{field}\n").kind == "auto_reply"


def test_a_list_is_known_by_its_mailing_list_field_and_by_no_field_list():
    assert _mail("X-Mailing-List: pumps@lists.example\n").kind == "list"
    assert _mail("List: shopping\nOffice: Berlin\n").kind == "ordinary"


@pytest.mark.parametrize(
    "subject",
    ["Ferienabwesenheit: Order", "Urlaubsabwesenheit", "Autosvar fra Ann: Order", "[OOO] Order", "Auto-Re: Order"],
)
def test_more_subjects_of_absence_notes(subject):
    assert _mail(subject=subject).kind == "auto_reply"


@pytest.mark.parametrize(
    "address",
    ["root@a.example", "owner-pumps@a.example", "pumps-request@a.example", "ne-pas-repondre@a.example"],
)
def test_addresses_behind_which_nobody_reads_get_no_automatic_answer(address):
    assert not _mail(from_=address).may_autorespond


@pytest.mark.parametrize("field", ["X-OTRS-Loop: yes", "X-RT-Loop-Prevention: a.example", "X-No-Loop: yes"])
def test_other_help_desks_get_no_automatic_answer(field):
    mail = _mail(f"{field}\n")
    assert (mail.kind, mail.may_autorespond) == ("ordinary", False)
