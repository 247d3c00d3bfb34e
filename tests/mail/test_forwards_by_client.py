"""Mails passed on, as clients write them in their languages."""

import pytest

from gateway.mail.forwards import read_forward

_CLEO, _BO, _DORA = "Cleo Roth <cleo@c.example>", "bo@b.example", "Dora <d@d.example>, e@e.example"

#: Language -> the line above, and the labels of sender, subject, date, recipient and copy.
_APPLE_MAIL = {
    "cs": ("Začátek přeposílané zprávy:", "Od", "Předmět", "Datum", "Komu", "Kopie"),
    "da": ("Start på videresendt besked:", "Fra", "Emne", "Dato", "Til", "Cc"),
    "de": ("Anfang der weitergeleiteten Nachricht:", "Von", "Betreff", "Datum", "An", "Kopie"),
    "en": ("Begin forwarded message:", "From", "Subject", "Date", "To", "Cc"),
    "es": ("Inicio del mensaje reenviado:", "De", "Asunto", "Fecha", "Para", "Cc"),
    "fi": ("Välitetty viesti alkaa:", "Lähettäjä", "Aihe", "Päivämäärä", "Vastaanottaja", "Kopio"),
    "fr": ("Début du message réexpédié :", "De", "Objet", "Date", "À", "Cc"),
    "hr": ("Započni proslijeđenu poruku:", "Šalje", "Predmet", "Datum", "Prima", "Kopija"),
    "hu": ("Továbbított levél kezdete:", "Feladó", "Tárgy", "Dátum", "Címzett", "Másolatot kap"),
    "it": ("Inizio messaggio inoltrato:", "Da", "Oggetto", "Data", "A", "Cc"),
    "nl": ("Begin doorgestuurd bericht:", "Van", "Onderwerp", "Datum", "Aan", "Kopie"),
    "no": ("Videresendt melding:", "Fra", "Emne", "Dato", "Til", "Kopi"),
    "pl": ("Początek przekazywanej wiadomości:", "Od", "Temat", "Data", "Do", "Dw"),
    "pt": ("Início da mensagem reencaminhada:", "De", "Assunto", "Data", "Para", "Cc"),
    "ro": ("Începe mesajul redirecționat:", "De la", "Subiect", "Dată", "Către", "Cc"),
    "ru": ("Начало переадресованного сообщения:", "От", "Тема", "Дата", "Кому", "Копия"),
    "sk": ("Začiatok preposlanej správy:", "Od", "Predmet", "Dátum", "Komu", "Kópia"),
    "sv": ("Vidarebefordrat mejl:", "Från", "Ämne", "Datum", "Till", "Kopia"),
    "tr": ("İleti başlangıcı:", "Kimden", "Konu", "Tarih", "Kime", "Bilgi"),
    "uk": ("Початок листа, що пересилається:", "Від кого", "Тема", "Дата", "Кому", "Копія"),
    "ja": ("転送されたメッセージ:", "差出人", "件名", "日付", "宛先", "Cc"),
    "ko": ("전달된 메시지:", "보낸 사람", "제목", "날짜", "받는 사람", "참조"),
    "zh": ("下面是被转发的邮件：", "发件人", "主题", "日期", "收件人", "抄送"),
    "he": ("תחילת ההודעה שהועברה:", "מאת", "נושא", "תאריך", "אל", "עותק"),
    "ar": ("بداية الرسالة المعاد توجيهها:", "من", "الموضوع", "التاريخ", "إلى", "نسخة"),
    "el": ("Έναρξη προωθημένου μηνύματος:", "Από", "Θέμα", "Ημερομηνία", "Προς", "Κοιν."),
    "vi": ("Bắt đầu thư được chuyển tiếp:", "Từ", "Chủ đề", "Ngày", "Đến", "Cc"),
    "ca": ("Inici del missatge reenviat:", "De", "Assumpte", "Data", "Per a", "Còpia"),
}

#: Language -> Thunderbird's line, and its labels in the same order.
_THUNDERBIRD = {
    "cs": ("Přeposlaná zpráva", "Od", "Předmět", "Datum", "Komu", "Kopie"),
    "da": ("Videresendt meddelelse", "Fra", "Emne", "Dato", "Til", "CC"),
    "de": ("Weitergeleitete Nachricht", "Von", "Betreff", "Datum", "An", "Kopie (CC)"),
    "en": ("Forwarded Message", "From", "Subject", "Date", "To", "CC"),
    "es": ("Mensaje reenviado", "De", "Asunto", "Fecha", "Para", "CC"),
    "et": ("Edastatud kiri", "Saatja", "Teema", "Kuupäev", "Saaja", "Koopia"),
    "fi": ("Välitetty viesti", "Lähettäjä", "Aihe", "Päiväys", "Vastaanottaja", "Kopio"),
    "fr": ("Message transféré", "De", "Sujet", "Date", "Pour", "Copie à"),
    "hr": ("Proslijeđena poruka", "Šalje", "Predmet", "Datum", "Prima", "CC"),
    "hu": ("Továbbított üzenet", "Feladó", "Tárgy", "Dátum", "Címzett", "Másolat"),
    "it": ("Messaggio Inoltrato", "Mittente", "Oggetto", "Data", "A", "CC"),
    "lt": ("Persiųstas laiškas", "Nuo", "Tema", "Data", "Kam", "Kopija"),
    "nl": ("Doorgestuurd bericht", "Van", "Onderwerp", "Datum", "Aan", "CC"),
    "nn": ("Vidaresend melding", "Frå", "Emne", "Dato", "Til", "Kopi"),
    "pl": ("Treść przekazanej wiadomości", "Nadawca", "Temat", "Data", "Adresat", "DW"),
    "pt": ("Mensagem encaminhada", "De", "Assunto", "Data", "Para", "CC"),
    "ro": ("Mesaj redirecționat", "De la", "Subiect", "Data", "Către", "CC"),
    "sl": ("Posredovano sporočilo", "Od", "Zadeva", "Datum", "Za", "Kp"),
    "sk": ("Preposlaná správa", "Od", "Predmet", "Dátum", "Komu", "Kópia"),
    "sv": ("Vidarebefordrat meddelande", "Från", "Ämne", "Datum", "Till", "Kopia"),
    "tr": ("İletilmiş İleti", "Kimden", "Konu", "Tarih", "Kime", "CC"),
    "zh-cn": ("转发的消息", "发件人", "主题", "日期", "收件人", "抄送"),
    "zh-tw": ("轉寄郵件", "寄件人", "主旨", "日期", "收件人", "副本"),
    "ko": ("전달된 메시지", "보낸사람", "제목", "날짜", "받는사람", "참조"),
    "bg": ("Препратено съобщение", "От", "Тема", "Дата", "До", "Копие"),
    "sq": ("Mesazhi i Përcjellë", "Nga", "Subject", "Date", "To", "CC"),
}

#: Language -> prefix of the subject, and Outlook's labels of sender, day, recipient, copy and subject.
_OUTLOOK = {
    "cs": ("FW", "Od", "Odesláno", "Komu", "Kopie", "Předmět"),
    "da": ("VS", "Fra", "Sendt", "Til", "Cc", "Emne"),
    "de": ("WG", "Von", "Gesendet", "An", "Cc", "Betreff"),
    "en": ("FW", "From", "Sent", "To", "Cc", "Subject"),
    "es": ("RV", "De", "Enviado el", "Para", "CC", "Asunto"),
    "et": ("ED", "Saatja", "Saadetud", "Adressaat", "Koopia", "Teema"),
    "fi": ("VL", "Lähettäjä", "Lähetetty", "Vastaanottaja", "Kopio", "Aihe"),
    "fr": ("TR", "De", "Envoyé", "À", "Cc", "Objet"),
    "hr": ("PR", "Šalje", "Poslano", "Prima", "Kopija", "Predmet"),
    "hu": ("FW", "Feladó", "Elküldve", "Címzett", "Másolatot kap", "Tárgy"),
    "it": ("I", "Da", "Inviato", "A", "Cc", "Oggetto"),
    "nl": ("FW", "Van", "Verzonden", "Aan", "CC", "Onderwerp"),
    "no": ("VS", "Fra", "Sendt", "Til", "Kopi", "Emne"),
    "pl": ("PD", "Od", "Wysłane", "Do", "DW", "Temat"),
    "pt": ("ENC", "De", "Enviada em", "Para", "Cc", "Assunto"),
    "ro": ("FW", "De la", "Trimis", "Către", "Cc", "Subiect"),
    "ru": ("FW", "От", "Отправлено", "Кому", "Копия", "Тема"),
    "sk": ("FW", "Od", "Odoslané", "Komu", "Kópia", "Predmet"),
    "sl": ("FW", "Od", "Poslano", "Za", "Kp", "Zadeva"),
    "sv": ("VB", "Från", "Skickat", "Till", "Kopia", "Ämne"),
    "tr": ("İLT", "Kimden", "Gönderildi", "Kime", "Bilgi", "Konu"),
    "uk": ("FW", "Від", "Надіслано", "Кому", "Копія", "Тема"),
    "el": ("ΠΡΘ", "Από", "Στάλθηκε", "Προς", "Κοιν.", "Θέμα"),
    "ja": ("FW", "差出人", "送信日時", "宛先", "Cc", "件名"),
    "ko": ("FW", "보낸 사람", "보낸 날짜", "받는 사람", "참조", "제목"),
    "zh-cn": ("转发", "发件人", "发送时间", "收件人", "抄送", "主题"),
    "zh-tw": ("轉寄", "寄件者", "寄件日期", "收件者", "副本", "主旨"),
    "he": ("FW", "מאת", "נשלח", "אל", "עותק", "נושא"),
    "ar": ("FW", "من", "تم الإرسال", "إلى", "نسخة", "الموضوع"),
    "th": ("FW", "จาก", "ส่ง", "ถึง", "สำเนา", "เรื่อง"),
    "vi": ("FW", "Từ", "Đã gửi", "Tới", "Cc", "Chủ đề"),
    "id": ("FW", "Dari", "Dikirim", "Kepada", "Cc", "Subjek"),
}

#: What other programs write between signs, above "From", "Date", "Subject" and "To".
_RULED = {
    "Gmail": "---------- Forwarded message ---------",
    "Gmail, de": "---------- Weitergeleitete Nachricht ---------",
    "Gmail, hr": "---------- Proslijeđena poruka ---------",
    "Yahoo": "----- Forwarded Message -----",
    "Yahoo, fr": "----- Message transmis -----",
    "Zoho": "============ Forwarded message ============",
    "Proton": "------- Forwarded Message -------",
    "Samsung": "-------- Original message --------",
    "IONOS": "---------- Original Message ----------",
    "Fastmail": "----- Original message -----",
    "Notes": "----- Forwarded by Ann Bell/Corp on 05/05/2025 10:11 AM -----",
    "Mutt": "----- Forwarded message from Cleo Roth <cleo@c.example> -----",
    "MailMate": "Forwarded message:",
    "KMail": "----------  Forwarded Message  ----------",
    "HubSpot, ja": "---------- 転送メッセージ ----------",
    "Pegasus": "------- Forwarded message follows -------",
    "a language nobody here speaks": "---------- Rydhyrrys negys ----------",
    "Outlook on the web": "________________________________",
}


def _check(forwarded, date, *, name="Cleo Roth"):
    assert (forwarded.from_.name, forwarded.from_.address) == (name, "cleo@c.example")
    assert [mailbox.address for mailbox in forwarded.to] == ["bo@b.example"]
    assert [mailbox.address for mailbox in forwarded.cc] == ["d@d.example", "e@e.example"]
    assert (forwarded.subject, forwarded.date) == ("The matter", date)
    assert forwarded.text == "The words.\n\nMore of them."


@pytest.mark.parametrize("quote", ["> ", ""])
@pytest.mark.parametrize("language", _APPLE_MAIL)
def test_apple_mail(language, quote):
    line, from_, subject, date, to, cc = _APPLE_MAIL[language]
    inner = f"{line}\n\n{from_}: {_CLEO}\n{subject}: The matter\n{date}: 5 May 2025, 10:11:12 CEST\n{to}: {_BO}\n{cc}: {_DORA}\n\nThe words.\n\nMore of them.\n"
    text = "Please see.\n\n" + "".join(f"{quote}{line}\n" for line in inner.splitlines())
    forwarded = read_forward(text, "A matter", has_parent=True)
    _check(forwarded, "5 May 2025, 10:11:12 CEST")
    assert forwarded.comment == "Please see."


@pytest.mark.parametrize("language", _THUNDERBIRD)
def test_thunderbird(language):
    line, from_, subject, date, to, cc = _THUNDERBIRD[language]
    text = (
        f"Hi\n\n-------- {line} --------\n{subject}: \tThe matter\n{date}: \tMon, 5 May 2025 10:11:12 +0200\n"
        f"{from_}: \t{_CLEO}\n{to}: \t{_BO}\n{cc}: \t{_DORA}\n\n\n\nThe words.\n\nMore of them.\n"
    )
    forwarded = read_forward(text, "A matter", has_parent=True)
    _check(forwarded, "Mon, 5 May 2025 10:11:12 +0200")
    assert forwarded.comment == "Hi"


@pytest.mark.parametrize("style", ["{0}: {1}", "*{0}:* {1}", "{0} : {1}", "**{0}:** {1}", "{0}:\u00a0{1}"])
@pytest.mark.parametrize("language", _OUTLOOK)
def test_outlook(language, style):
    prefix, from_, sent, to, cc, subject = _OUTLOOK[language]
    if prefix in ("ED", "PR"):
        prefix = "FW"
    fields = [
        (from_, "Cleo Roth [mailto:cleo@c.example]"),
        (sent, "5 May 2025 10:11"),
        (to, "Bo <bo@b.example>"),
        (cc, "Dora, M. <d@d.example>; e@e.example"),
        (subject, "The matter"),
    ]
    block = "\n".join(style.format(*field) for field in fields)
    forwarded = read_forward(f"FYI\n\n{block}\n\nThe words.\n\nMore of them.", f"{prefix}: The matter", has_parent=True)
    _check(forwarded, "5 May 2025 10:11")
    assert forwarded.comment == "FYI"


@pytest.mark.parametrize("client", _RULED)
def test_a_ruled_line_and_a_header(client):
    text = (
        f"Hi\n\n{_RULED[client]}\nFrom: {_CLEO}\nDate: Mon, 5 May 2025\nSubject: The matter\nTo: {_BO}\nCc: {_DORA}\n\n\n"
        "The words.\n\nMore of them.\n"
    )
    forwarded = read_forward(text, "A matter", has_parent=False)
    _check(forwarded, "Mon, 5 May 2025")
    assert forwarded.comment == "Hi"


@pytest.mark.parametrize(
    "line",
    [
        'On 28/10/2021, 12:46, "Cleo Roth" <cleo@c.example> wrote:',
        'Am 28.10.2021, 12:46 schrieb "Cleo Roth" <cleo@c.example>:',
        "Le 28/10/2021 12:46, « Cleo Roth » <cleo@c.example> a écrit :",
        'El 28/10/2021, 12:46, "Cleo Roth" <cleo@c.example> escribió:',
        'Il giorno 28/10/2021, 12:46 "Cleo Roth" <cleo@c.example> ha scritto:',
        "Op 28-10-2021 12:46 heeft Cleo Roth <cleo@c.example> geschreven:",
        "Cleo Roth <cleo@c.example> kirjoitti 28.10.2021 12.46:",
        "Cleo Roth <cleo@c.example> skrev følgende den 28.10.2021 12:46:",
        "Dne 28.10.2021 12:46, Cleo Roth <cleo@c.example> napsal(a):",
        "Dnia 28.10.2021 12:46 „Cleo Roth” <cleo@c.example> napisał:",
        "28/10/2021, 12:46 időpontban Cleo Roth <cleo@c.example> ezt írta:",
        "28/10/2021 12:46 používateľ Cleo Roth (<cleo@c.example>) napísal:",
        '"Cleo Roth" <cleo@c.example>, 28.10.2021 12:46 tarihinde şunu yazdı:',
        'Em 28/10/2021, 12:46, "Cleo Roth" <cleo@c.example> escreveu:',
        '\ufeffDen 28/10/2021 12:46 skrev "Cleo Roth" <cleo@c.example> följande:',
        '28/10/2021, 12:46 пользователь "Cleo Roth" <cleo@c.example> написал:',
        'D. 28/10/2021 12.46 skrev "Cleo Roth" <cleo@c.example>:',
    ],
)
def test_an_attribution_stands_for_the_header(line):
    forwarded = read_forward(f"See below.\n\n{line}\n\n    The words.\n", "FW: The matter", has_parent=False)
    assert (forwarded.from_.name, forwarded.from_.address) == ("Cleo Roth", "cleo@c.example")
    assert (forwarded.subject, forwarded.text, forwarded.comment) == ("The matter", "The words.", "See below.")
    assert "28" in forwarded.date


def test_what_stands_below_the_end_of_a_forwarded_mail_is_a_comment():
    text = (
        f"Above.\n\n----- Forwarded message from {_CLEO} -----\n\nDate: Mon, 5 May 2025\nFrom: {_CLEO}\nSubject: x\n\n"
        "The words.\n\n----- End forwarded message -----\n\nBelow."
    )
    forwarded = read_forward(text, "x", has_parent=False)
    assert (forwarded.text, forwarded.comment) == ("The words.", "Above.\n\nBelow.")


def test_zohos_second_line_is_no_word_of_the_mail():
    rule = "============ Forwarded message ============"
    forwarded = read_forward(
        f"{rule}\nFrom : Cleo Roth<cleo@c.example>\nTo : <bo@b.example>\nDate : 5 May\nSubject : x\n{rule}\n\nThe words.",
        "x",
        has_parent=False,
    )
    assert (forwarded.from_.address, forwarded.text) == ("cleo@c.example", "The words.")


@pytest.mark.parametrize(
    "sender",
    [
        "Cleo Roth <cleo@c.example>",
        '"Cleo Roth" <cleo@c.example>',
        "'Cleo Roth' <cleo@c.example>",
        "Cleo Roth<cleo@c.example>",
        "Cleo Roth [mailto:cleo@c.example]",
        "Cleo Roth <mailto:cleo@c.example>",
        "Cleo Roth <cleo@c.example<mailto:cleo@c.example>>",
        "*Cleo Roth* <cleo@c.example>",
        "Cleo Roth (cleo@c.example)",
        "Cleo Roth <[cleo@c.example](mailto:cleo@c.example)>",
        "Cleo Roth < cleo@c.example >",
        "desk@x.example [mailto:desk@x.example] On Behalf Of Cleo Roth <cleo@c.example>",
    ],
)
def test_a_sender_is_read_as_programs_write_it(sender):
    text = f"Begin forwarded message:\n\nFrom: {sender}\nSubject: x\nDate: 5 May 2025\n\nwords"
    mailbox = read_forward(text, "x", has_parent=False).from_
    assert (mailbox.name, mailbox.address) == ("Cleo Roth", "cleo@c.example")


def test_a_name_before_the_comma_belongs_to_the_sender():
    text = "Begin forwarded message:\n\nFrom: Roth, Cleo <cleo@c.example>\nSubject: x\nDate: 5 May 2025\n\nwords"
    assert read_forward(text, "x", has_parent=False).from_.name == "Roth, Cleo"


def test_a_long_list_of_recipients_over_many_lines_is_read():
    names = ",\n ".join(f"Person {n} <p{n}@b.example>" for n in range(9))
    text = (
        f"---------- Forwarded message ---------\nFrom: {_CLEO}\nTo: {names}\nDate: 5 May\nSubject: The matter\n\nwords"
    )
    forwarded = read_forward(text, "x", has_parent=False)
    assert [mailbox.address for mailbox in forwarded.to] == [f"p{n}@b.example" for n in range(9)]
    assert (forwarded.subject, forwarded.text) == ("The matter", "words")


@pytest.mark.parametrize(
    "text",
    [
        "Here are the steps:\nFrom: Berlin\nTo: Paris\nDate: 5 May",
        "------ Prices ------\nSubject: to change\n",
        "On 5 May 2025 at 10:11, Ann <a@b.example> wrote:\n> old",
        "Forwarded message:\nnot really",
    ],
)
def test_what_is_no_forwarded_mail_is_none(text):
    assert read_forward(text, "A matter", has_parent=False) is None


_HEADER = "From: Cleo Roth <cleo@c.example>\nTo: bo@b.example\nDate: Mon, 5 May 2025 10:11\nSubject: Question"


@pytest.mark.parametrize(
    "mail",
    [
        f"------- Forwarded Message -------\n{_HEADER}\n\n> Hello,\n>\n> old words",
        f"============ Forwarded message ============\n{_HEADER}\n============ Forwarded message ============\n\n> Hello,\n>\n> old words",
        f"This is a forwarded message\n{_HEADER}\n\n===8<==============Original message text===============\nHello,\n\nold words\n===8<===========End of original message text===========",
        """------ Forwarded Message ------
From "Cleo Roth" <cleo@c.example>
To bo@b.example
Date 05.05.2025 10:11
Subject Question

Hello,

old words""",
    ],
    ids=["Proton", "Zoho", "The Bat!", "eM Client"],
)
def test_the_words_are_read_without_what_the_client_sets_around_them(mail):
    found = read_forward(f"See below\n\n{mail}\n", "Fwd: Question", has_parent=False)
    assert found is not None and found.from_ is not None
    assert (found.from_.name, found.from_.address) == ("Cleo Roth", "cleo@c.example")
    assert [to.address for to in found.to] == ["bo@b.example"]
    assert (found.subject, found.text, found.comment) == ("Question", "Hello,\n\nold words", "See below")
