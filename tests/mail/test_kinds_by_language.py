"""Automatic answers, receipts and reports are told from what people write, in many languages."""

import pytest

from gateway.mail import machine_words
from gateway.mail.reader import read


def _mail(*fields: str, body: str = "words") -> bytes:
    given = {field.partition(":")[0].lower() for field in fields}
    head = [
        field for field in ("From: Ann <ann@a.example>", "Subject: x") if field.partition(":")[0].lower() not in given
    ]
    return "\r\n".join([*head, *fields, "", body]).encode()


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Order 12",
        "Automatische Antwort: Bestellung",
        "Abwesenheitsnotiz: Bestellung",
        "Réponse automatique : Commande",
        "Absence du bureau : Commande",
        "Respuesta automática: Pedido",
        "Resposta automática: Encomenda",
        "Risposta automatica: Ordine",
        "Automatisch antwoord: Bestelling",
        "Autosvar: Beställning",
        "Automatisk svar: Ordre",
        "Automaattinen vastaus: Tilaus",
        "Sjálfvirkt svar: Pöntun",
        "Automaatvastus: Tellimus",
        "Automātiskā atbilde: Pasūtījums",
        "Automatinis atsakymas: Užsakymas",
        "Odpowiedź automatyczna: Zamówienie",
        "Automatická odpověď: Objednávka",
        "Samodejni odgovor: Naročilo",
        "Automatski odgovor: Narudžba",
        "Automatikus válasz: Rendelés",
        "Răspuns automat: Comandă",
        "Автоматичен отговор: Поръчка",
        "Αυτόματη απάντηση: Παραγγελία",
        "Автоматический ответ: Заказ",
        "Автоматична відповідь: Замовлення",
        "Otomatik Yanıt: Sipariş",
        "תשובה אוטומטית: הזמנה",
        "رد تلقائي: طلب",
        "ตอบกลับอัตโนมัติ: คำสั่งซื้อ",
        "Trả lời tự động: Đơn hàng",
        "Balasan otomatis: Pesanan",
        "自动回复: 订单",
        "自動回覆: 訂單",
        "自動返信：ご注文",
        "자동 회신: 주문",
        "AUTO: Jane Doe is out of the office (returning 05/12/2025)",
        "[Auto-Reply] Order",
        "Out of Office Re: Order",
    ],
)
def test_an_automatic_answer_is_told_by_its_subject(subject):
    message = read(_mail(f"Subject: {subject}"))
    assert message.kind == "auto_reply"
    assert not message.may_autorespond


@pytest.mark.parametrize(
    "subject",
    [
        "Vacation request for June",
        "Urlaub",
        "Urlaub vom 1. bis 5. Mai",
        "Auto repair",
        "Absence report for May",
        "Re: Automatic reply: Order",
        "Fwd: Out of Office: Order",
        "How do I set up an automatic reply?",
        "Read: how to fix your printer",
        "ООО: реквизиты",
        "Undeliverable: who knows?",
    ],
)
def test_what_a_person_writes_about_such_things_stays_ordinary(subject):
    assert read(_mail(f"Subject: {subject}")).kind == "ordinary"


def test_a_weak_subject_counts_where_another_sign_agrees():
    assert read(_mail("Subject: Urlaub", "In-Reply-To: <q@b.example>")).kind == "auto_reply"
    assert read(_mail("Subject: Vacation", "Return-Path: <>")).kind == "auto_reply"


def test_each_weak_subject_is_one_of_the_subjects():
    def phrases(text):
        return {" ".join(phrase.split()) for phrase in text.split(";")}

    known = set().union(*map(phrases, machine_words.AUTO_SUBJECTS.values()))
    assert phrases(machine_words.WEAK_SUBJECTS) <= known


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("X-Autorespond: 1", "auto_reply"),
        ("X-FC-MachineGenerated: true", "auto_reply"),
        ("X-FC-MachineGenerated: false", "ordinary"),
        ("X-Auto-Reply-From: a@b.example", "auto_reply"),
        ("Auto-Submitted: auto-notified; owner-email=x", "auto_reply"),
        ("Auto-Submitted: no", "ordinary"),
        ("Precedence: junk", "list"),
        ("X-BeenThere: l@a.example", "list"),
    ],
)
def test_fields_of_machines_are_known(field, kind):
    assert read(_mail(field)).kind == kind


@pytest.mark.parametrize(
    ("value", "may"),
    [
        ("DR, NDR, RN, NRN", True),
        ("None", True),
        ("OOF, AutoReply", False),
        ("All", False),
        ("DR, RN, NRN, OOF, AutoReply", False),
    ],
)
def test_suppression_of_reports_alone_leaves_answers_allowed(value, may):
    assert read(_mail(f"X-Auto-Response-Suppress: {value}")).may_autorespond is may


@pytest.mark.parametrize(
    "address",
    [
        "noreply@a.example",
        "no-reply+7@a.example",
        "nicht-antworten@a.example",
        "shop-noreply@a.example",
        "bounces+x=y@a.example",
    ],
)
def test_addresses_that_nobody_reads_are_not_answered(address):
    assert not read(_mail(f"From: {address}")).may_autorespond


def test_two_senders_are_not_answered():
    assert not read(_mail("From: a@a.example", "From: b@b.example")).may_autorespond


def _in_parts(type_: str, content: str, *fields: str) -> bytes:
    body = f"--b\r\n\r\nwords\r\n--b\r\nContent-Type: {type_}\r\n\r\n{content}\r\n--b--\r\n"
    return _mail("Content-Type: multipart/mixed; boundary=b", *fields, body=body)


@pytest.mark.parametrize(
    ("type_", "content", "kind"),
    [
        ("text/calendar; method=REPLY", "BEGIN:VCALENDAR", "auto_reply"),
        ("text/calendar", "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n", "auto_reply"),
        ("text/calendar; method=REQUEST", "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n", "ordinary"),
        ("text/calendar", "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n", "ordinary"),
        ("message/feedback-report", "Feedback-Type: abuse\r\n", "feedback"),
        ("application/tlsrpt+gzip; name=x", "zz", "feedback"),
        ('application/zip; name="big.example!own.example!1700000000!1700086400.zip"', "zz", "feedback"),
        ('application/gzip; name="big.example!own.example!1700000000!1700086400!77.xml.gz"', "zz", "feedback"),
        ('application/zip; name="holiday!.zip"', "zz", "ordinary"),
        ("message/disposition-notification", "Disposition: manual-action/MDN-sent-manually; displayed", "auto_reply"),
    ],
)
def test_what_a_part_holds_tells_the_kind(type_, content, kind):
    assert read(_in_parts(type_, content)).kind == kind


def test_a_dmarc_report_without_a_telling_name_is_known_by_its_subject():
    subject = "Subject: Report Domain: own.example Submitter: big.example Report-ID: <7@big.example>"
    assert read(_in_parts('application/gzip; name="r.gz"', "zz", subject)).kind == "feedback"


def test_a_tls_report_is_known_by_its_fields():
    assert read(_mail("TLS-Report-Domain: own.example", "TLS-Report-Submitter: big.example")).kind == "feedback"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Read: Order", "Your message was read on Monday."),
        ("Gelesen: Bestellung", "Ihre Nachricht wurde gelesen am Montag."),
        ("Lu : Commande", "Votre message a été lu lundi."),
        ("Прочитано: Заказ", "Сообщение было прочитано."),
        ("開封済み: ご注文", "メッセージが開封されました。"),
    ],
)
def test_a_receipt_without_a_report_is_told_by_subject_and_text_together(subject, text):
    assert read(_mail(f"Subject: {subject}", body=text)).kind == "auto_reply"
    assert read(_mail(f"Subject: {subject}", body="words of a person")).kind == "ordinary"


@pytest.mark.parametrize(
    ("from_", "subject", "text"),
    [
        (
            "Bob <bob@c.example>",
            "Fwd: Undelivered Mail Returned to Sender",
            "What is this?\n\n<bo@b.example>: 550 user unknown",
        ),
        (
            "Bob <bob@c.example>",
            "Mail delivery problem",
            "My mails to bo@b.example could not be delivered since Monday.",
        ),
        (
            "postmaster@c.example",
            "Re: your blocked mail",
            "We removed you from the list. Mails could not be delivered before.",
        ),
        ("admin@c.example", "Printer", "The printer is broken and can not be reached."),
        ("root@c.example", "Cron <root@x> backup", "tar: error is not recoverable. unable to send report"),
        ("System Administrator <it@c.example>", "Question", "We are unable to send faxes."),
    ],
)
def test_people_who_write_about_lost_mail_are_no_bounces(from_, subject, text):
    assert read(_mail(f"From: {from_}", f"Subject: {subject}", body=text)).kind == "ordinary"
