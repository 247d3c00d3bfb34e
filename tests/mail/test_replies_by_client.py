"""Replies, as clients write them in their languages."""

import pytest

from gateway.mail.replies import divide

#: Client and language -> the line above a quote.
_ATTRIBUTIONS = {
    "Gmail": "On Mon, May 5, 2025 at 10:11 AM Ann Bell <ann@a.example> wrote:",
    "Gmail, narrow space": "On Mon, May 5, 2025 at 10:11\u202fAM Ann Bell <ann@a.example> wrote:",
    "Gmail, wrapped": "On Mon, May 5, 2025 at 10:11 AM Ann Bell With A Long Name <\nann.bell@a.example> wrote:",
    "Gmail, wrapped twice": "On Mon, May 5, 2025 at 10:11 AM Ann Bell With A Long Name\n<ann.bell.with.a.long.address@a-long-domain.example>\nwrote:",
    "Gmail, de": "Am Mo., 5. Mai 2025 um 10:11 Uhr schrieb Ann Bell <ann@a.example>:",
    "Gmail, fr": "Le lun. 5 mai 2025 à 10:11, Ann Bell <ann@a.example> a écrit :",
    "Gmail, fr, nbsp": "Le\u00a0lun. 5 mai 2025 à\u00a010:11, Ann Bell <ann@a.example> a écrit\u00a0:",
    "Gmail, es": "El lun, 5 may 2025 a las 10:11, Ann Bell (<ann@a.example>) escribió:",
    "Gmail, pt-br": "Em seg., 5 de mai. de 2025 às 10:11, Ann Bell <ann@a.example>\nescreveu:",
    "Gmail, pt": "Ann Bell <ann@a.example> escreveu (segunda, 5/05/2025 à(s) 10:11):",
    "Gmail, it": "Il giorno lun 5 mag 2025 alle ore 10:11 Ann Bell <ann@a.example> ha scritto:",
    "Gmail, nl": "Op ma 5 mei 2025 om 10:11 schreef Ann Bell <ann@a.example>:",
    "Gmail, sv": "Den mån 5 maj 2025 kl 10:11 skrev Ann Bell <ann@a.example>:",
    "Gmail, da": "Den man. 5. maj 2025 kl. 10.11 skrev Ann Bell <ann@a.example>:",
    "Gmail, no": "man. 5. mai 2025 kl. 10:11 skrev Ann Bell <ann@a.example>:",
    "Gmail, fi": "ma 5. toukok. 2025 klo 10.11 Ann Bell (ann@a.example) kirjoitti:",
    "Gmail, pl": "pon., 5 maj 2025 o 10:11 Ann Bell <ann@a.example> napisał(a):",
    "Gmail, cs": "po 5. 5. 2025 v 10:11 odesílatel Ann Bell <ann@a.example> napsal:",
    "Gmail, sk": "po 5. 5. 2025 o 10:11 Ann Bell <ann@a.example> napísal(a):",
    "Gmail, hu": "Ann Bell <ann@a.example> ezt írta (időpont: 2025. máj. 5., H, 10:11):",
    "Gmail, ro": "În lun., 5 mai 2025 la 10:11, Ann Bell <ann@a.example> a scris:",
    "Gmail, ru": "пн, 5 мая 2025 г. в 10:11, Ann Bell <ann@a.example>:",
    "Gmail, uk": "пн, 5 трав. 2025 р. о 10:11 Ann Bell <ann@a.example> пише:",
    "Gmail, bg": "На пн, 5.05.2025 г. в 10:11 Ann Bell <ann@a.example> написа:",
    "Gmail, hr": "pon, 5. svi 2025. u 10:11 Ann Bell <ann@a.example> napisao je:",
    "Gmail, sr": "пон, 5. мај 2025. у 10:11 Ann Bell <ann@a.example> је написао/ла:",
    "Gmail, sl": "V V pon., 5. maj 2025 ob 10:11 je oseba Ann Bell <ann@a.example> napisala:",
    "Gmail, lt": "2025-05-05, pr, 10:11 Ann Bell <ann@a.example> rašė:",
    "Gmail, lv": "Pirmd., 2025. g. 5. maijs, plkst. 10:11 — lietotājs Ann Bell (<ann@a.example>) rakstīja:",
    "Gmail, et": "Kuupäev E, 5. mai 2025 kell 10:11 kirjutas Ann Bell <ann@a.example>:",
    "Gmail, el": "Στις Δευ 5 Μαΐ 2025 στις 10:11 π.μ., ο χρήστης Ann Bell <ann@a.example> έγραψε:",
    "Gmail, tr": "Ann Bell <ann@a.example>, 5 May 2025 Pzt, 10:11 tarihinde şunu yazdı:",
    "Gmail, he": "\u202bבתאריך יום ב׳, 5 במאי 2025 ב-10:11 מאת \u202aAnn Bell\u202c\u200f <\u202aann@a.example\u202c\u200f>:\u202c",
    "Gmail, ar": "في الاثنين، 5 مايو 2025 في 10:11 ص تمت كتابة ما يلي بواسطة \u202aAnn Bell\u202c\u200f <\u202aann@a.example\u202c\u200f>:",
    "Gmail, ja": "2025年5月5日(月) 10:11 Ann Bell <ann@a.example>:",
    "Gmail, ko": "2025년 5월 5일 (월) 오전 10:11, Ann Bell <ann@a.example>님이 작성:",
    "Gmail, zh-cn": "Ann Bell <ann@a.example> 于2025年5月5日周一 10:11写道：",
    "Gmail, zh-tw": "Ann Bell <ann@a.example> 於 2025年5月5日 週一 上午10:11寫道：",
    "Gmail, vi": "Vào Th 2, 5 thg 5, 2025 vào lúc 10:11 Ann Bell <ann@a.example> đã viết:",
    "Gmail, id": "Pada tanggal Sen, 5 Mei 2025 pukul 10.11 Ann Bell <ann@a.example> menulis:",
    "Gmail, th": "ในวันที่ จ. 5 พ.ค. 2025 เวลา 10:11 Ann Bell <ann@a.example> เขียนว่า:",
    "Gmail, ca": "Missatge de Ann Bell <ann@a.example> del dia dl., 5 de maig 2025 a les 10:11:",
    "Gmail, is": "Þann mán., 5. maí 2025 kl. 10:11 skrifaði Ann Bell <ann@a.example>:",
    "Gmail, gl": "O lun, 5 de maio de 2025 ás 10:11, Ann Bell (<ann@a.example>) escribiu:",
    "Gmail, hi": "सोम, 5 मई 2025 को 10:11 am बजे को Ann Bell <ann@a.example> ने लिखा:",
    "Apple Mail": "On 5 May 2025, at 10:11, Ann Bell <ann@a.example> wrote:",
    "Apple Mail, name only": "On May 5, 2025, at 10:11 AM, Ann Bell wrote:",
    "iPhone, de": "Am 05.05.2025 um 10:11 schrieb Ann Bell <ann@a.example>:",
    "iPhone, it": "Il giorno 5 mag 2025, alle ore 10:11, Ann Bell <ann@a.example> ha scritto:",
    "iPhone, pl": "Wiadomość napisana przez Ann Bell <ann@a.example> w dniu 05.05.2025, o godz. 10:11:",
    "iPhone, pt": "Em 5 de mai. de 2025, à(s) 10:11, Ann Bell <ann@a.example> escreveu:",
    "iPhone, ja": "2025/05/05 10:11、Ann Bell <ann@a.example>のメール:",
    "iPhone, zh": "在 2025年5月5日，10:11，Ann Bell <ann@a.example> 写道：",
    "iPhone, ru": "5 мая 2025 г., в 10:11, Ann Bell <ann@a.example> написал(а):",
    "iPhone, ko": "2025. 5. 5. 오전 10:11, Ann Bell <ann@a.example> 작성:",
    "iPhone, nl": "Op 5 mei 2025 om 10:11 heeft Ann Bell <ann@a.example> het volgende geschreven:",
    "iPhone, sv": "5 maj 2025 kl. 10:11 skrev Ann Bell <ann@a.example>:",
    "Thunderbird": "On 5/5/25 10:11, Ann Bell wrote:",
    "Thunderbird, pl": "W dniu 05.05.2025 o 10:11, Ann Bell pisze:",
    "Thunderbird, cs": "Dne 05. 05. 25 v 10:11 Ann Bell napsal(a):",
    "Thunderbird, fr": "Le 05/05/2025 à 10:11, Ann Bell a écrit :",
    "Thunderbird, ru": "05.05.2025 10:11, Ann Bell пишет:",
    "Thunderbird, hu": "2025. 05. 05. 10:11 keltezéssel, Ann Bell írta:",
    "Thunderbird, ko": "2025-05-05 10:11에 Ann Bell 이(가) 쓴 글:",
    "Thunderbird, et": "05.05.2025 10:11 Ann Bell kirjutas:",
    "Thunderbird, name only": "Ann Bell wrote:",
    "Outlook for Mac": 'On 05/05/2025, 10:11, "Ann Bell" <ann@a.example> wrote:',
    "Outlook.com, name first": "Ann Bell <ann@a.example> schrieb am Mo., 5. Mai 2025, 10:11:",
    "Yahoo": "On Monday, May 5, 2025 at 10:11:12 AM GMT+2, Ann Bell <ann@a.example> wrote:",
    "Yahoo, es": "El lunes, 5 de mayo de 2025, 10:11:12 CEST, Ann Bell <ann@a.example> escribió:",
    "Yahoo, de": "Am Montag, 5. Mai 2025 um 10:11:12 MESZ hat Ann Bell <ann@a.example> Folgendes geschrieben:",
    "Yahoo, it": "Il lunedì 5 maggio 2025 alle ore 10:11:12 CEST, Ann Bell <ann@a.example> ha scritto:",
    "Spark": "On May 5, 2025 at 10:11 AM +0200, Ann Bell <ann@a.example>, wrote:",
    "Airmail": "On 5 May 2025 at 10:11:12, Ann Bell (ann@a.example) wrote:",
    "K-9": "On 5 May 2025 10:11:12 CEST, Ann Bell <ann@a.example> wrote:",
    "K-9, de": "Am 5. Mai 2025 10:11:12 MESZ schrieb Ann Bell <ann@a.example>:",
    "Roundcube": "On 2025-05-05 10:11, Ann Bell wrote:",
    "Roundcube, es": "El 2025-05-05 10:11, Ann Bell escribió:",
    "Zoho": "---- On Mon, 05 May 2025 10:11:12 +0200 Ann Bell <ann@a.example> wrote ----",
    "Zoho, older": "---- On Mon, 05 May 2025 10:11:12 +0200 ann@a.example wrote ----",
    "Proton": "On Monday, May 5th, 2025 at 10:11 AM, Ann Bell <ann@a.example> wrote:",
    "eM Client": 'On 05/05/2025 10:11:12, "Ann Bell" <ann@a.example> wrote:',
    "Mutt": "On Mon, May 05, 2025 at 10:11:12AM +0200, Ann Bell wrote:",
    "Mutt, bullet": "* Ann Bell <ann@a.example> [2025-05-05 10:11]:",
    "Gnus": "Ann Bell <ann@a.example> writes:",
    "Pine": "On Mon, 5 May 2025, Ann Bell wrote:",
    "Horde": "Quoting Ann Bell <ann@a.example>:",
    "Horde, de": "Zitat von Ann Bell <ann@a.example>:",
    "The Bat!": "Monday, May 5, 2025, 10:11:12 AM, you wrote:",
    "Mail.ru": "Понедельник, 5 мая 2025, 10:11 +03:00 от Ann Bell <ann@a.example>:",
    "Yandex": '05.05.2025, 10:11, "Ann Bell" <ann@a.example>:',
    "163": 'At 2025-05-05 10:11:12, "Ann Bell" <ann@a.example> wrote:',
    "Notes": "Ann Bell/Corp/US@Corp wrote on 05/05/2025 10:11:12 AM:",
    "KMail": "On Monday 5 May 2025 10:11:12 CEST Ann Bell wrote:",
    "Evolution": "On Mon, 2025-05-05 at 10:11 +0200, Ann Bell wrote:",
    "Evolution, es": "El lun, 05-05-2025 a las 10:11 +0200, Ann Bell escribió:",
    "Samsung": "Ann Bell <ann@a.example> wrote on 5 May 2025 at 10:11:",
    "bold": "*On 5 May 2025 at 10:11, Ann Bell <ann@a.example> wrote:*",
}


@pytest.mark.parametrize("client", _ATTRIBUTIONS)
def test_an_attribution_and_its_quote_are_not_the_writers(client):
    attribution = _ATTRIBUTIONS[client]
    divided = divide(f"My answer.\nSecond line.\n\n{attribution}\n\n> Earlier words,\n>\n> and more.\n")
    assert divided.reply == "My answer.\nSecond line."
    assert divided.quoted.split() == [*attribution.split(), *[">", "Earlier", "words,", ">", ">", "and", "more."]]


#: Those that stand above words without marks in the mails of their clients.
_UNMARKED = [
    client
    for client in _ATTRIBUTIONS
    if client.startswith(("Gmail", "Yahoo", "iPhone", "Outlook", "Zoho", "Spark", "K-9"))
]


@pytest.mark.parametrize("client", _UNMARKED)
def test_an_attribution_ends_the_reply_where_nothing_marks_the_quote(client):
    divided = divide(f"My answer.\n\n{_ATTRIBUTIONS[client]}\n\n  Earlier words,\nand more.\n")
    assert divided.reply == "My answer."


@pytest.mark.parametrize("client", _ATTRIBUTIONS)
def test_an_answer_below_the_quote_is_the_reply(client):
    divided = divide(f"{_ATTRIBUTIONS[client]}\n\n> Earlier words,\n>\n> and more.\n\nMy answer.\n")
    assert divided.reply == "My answer."


#: What begins a quoted header or a quoted mail.
_SEPARATORS = {
    "Outlook": "From: Ann Bell <ann@a.example>\nSent: Monday, May 5, 2025 10:11 AM\nTo: Bo <b@b.example>\nSubject: RE: x",
    "Outlook, names only": "From: Bell, Ann\nSent: Monday, May 5, 2025 10:11 AM\nTo: Bo; Cleo\nSubject: RE: x",
    "Outlook, bold remains": "*From:* Ann Bell [mailto:\nann@a.example]\n*Sent:* Monday, May 5, 2025 10:11 AM\n*To:* Bo\n*Subject:* x",
    "Outlook, paragraphs": "From: Ann Bell <ann@a.example>\n\nSent: Monday, May 5, 2025\n\nTo: Bo\n\nSubject: RE: x",
    "Outlook on the web": "________________________________\nFrom: Ann Bell <ann@a.example>\nSent: Monday\nTo: Bo\nSubject: x",
    "Outlook for phones": "________________________________\nVan: Ann Bell <ann@a.example>\nVerzonden: maandag 5 mei 2025 10:11\nAan: Bo\nOnderwerp: x",
    "new Outlook for Mac": "From: Ann Bell <ann@a.example>\nDate: Monday, 5 May 2025 at 10:11\nTo: Bo <b@b.example>\nSubject: x",
    "Outlook, older": "-----Original Message-----\nFrom: Ann Bell\nSent: Monday\nTo: Bo\nSubject: x",
    "Hotmail": "Date: Mon, 5 May 2025 10:11:12 +0200\nFrom: ann@a.example\nTo: b@b.example\nSubject: x",
    "GMX": 'Gesendet: Montag, 05. Mai 2025 um 10:11 Uhr\nVon: "Ann Bell" <ann@a.example>\nAn: b@b.example\nBetreff: x',
    "T-Online": '-----Original-Nachricht-----\nBetreff: x\nDatum: 2025-05-05T10:11:12+0200\nVon: "Ann" <ann@a.example>\nAn: b@b.example',
    "Samsung, fr": "-------- Message d'origine --------\nDe : Ann Bell <ann@a.example>\nDate : 05/05/2025 10:11 (GMT+01:00)\nÀ : Bo\nObjet : x",
    "Samsung, pl": "-------- Oryginalna wiadomość --------\nOd: Ann Bell <ann@a.example>\nData: 05.05.2025 10:11 (GMT+01:00)",
    "eM Client": '------ Original Message ------\nFrom "Ann Bell" <ann@a.example>\nTo b@b.example\nDate 05/05/2025 10:11:12\nSubject x',
    "QQ": '------------------\u00a0原始邮件\u00a0------------------\n发件人: "Ann" <ann@a.example>;\n发送时间: 2025年5月5日(星期一) 上午10:11',
    "Foxmail": "发件人： ann@a.example\n发送时间： 2025-05-05 10:11\n收件人： b@b.example\n主题： x",
    "Daum": "--------- 원본 메일 ---------\n보낸사람: Ann <ann@a.example>\n받는사람: b@b.example\n날짜: 2025년 5월 5일 월요일\n제목: x",
    "Japanese": "差出人: Ann <ann@a.example>\n送信日時: 2025年5月5日 10:11\n宛先: b@b.example\n件名: x",
    "Notes": "From:\tAnn Bell/Corp\nTo:\tBo/Corp\nDate:\t05/05/2025 10:11 AM\nSubject:\tx",
    "the desk's line": "##- Please type your reply above this line -##",
    "the desk's line, fr": "##- Veuillez répondre au-dessus de cette ligne -##",
    "the desk's line, es": "--- Responda por encima de esta línea ---",
    "the desk's line, pt": "=== Por favor, responda acima desta linha ===",
    "the desk's line, nl": "##- Typ uw antwoord boven deze regel -##",
    "the desk's line, pl": "--- Odpowiedz powyżej tej linii ---",
    "the desk's line, ru": "##- Пожалуйста, введите ответ выше этой строки -##",
    "the desk's line, ja": "##- この行より上に返信を入力してください -##",
    "a system's list": "---\n*Previous Replies*\n\nPosted by Ann",
}
_LABELS = [
    "Von Gesendet An Betreff", "De Envoyé À Objet", "De Enviado Para Asunto", "Da Inviato A Oggetto", "Van Verzonden Aan Onderwerp",
    "Från Skickat Till Ämne", "Fra Sendt Til Emne", "Lähettäjä Lähetetty Vastaanottaja Aihe", "Od Wysłano Do Temat", "Od Odesláno Komu Předmět",
    "Od Odoslané Komu Predmet", "Feladó Elküldve Címzett Tárgy", "Od Poslano Za Zadeva", "Šalje Poslano Prima Predmet", "От Отправлено Кому Тема",
    "Від Надіслано Кому Тема", "От Изпратено До Относно", "Kimden Gönderildi Kime Konu", "Trimis De_la Către Subiect", "Από Στάλθηκε Προς Θέμα",
    "מאת נשלח אל נושא", "من تم_الإرسال إلى الموضوع", "از تاریخ به موضوع", "发件人 发送时间 收件人 主题", "寄件者 寄件日期 收件者 主旨", "差出人 送信日時 宛先 件名",
    "보낸_사람 보낸_날짜 받는_사람 제목", "Dari Dikirim Kepada Subjek", "Từ Đã_gửi Tới Chủ_đề", "จาก วันที่ ถึง เรื่อง", "Saatja Saadetud Adressaat Teema",
    "Nuo Išsiųsta Kam Tema", "No Nosūtīts Kam Tēma", "De Enviada_em Para Assunto", "De Enviat Per_a Assumpte",
]  # fmt: skip


@pytest.mark.parametrize("separator", [*_SEPARATORS])
def test_below_a_separator_nothing_is_the_writers(separator):
    text = f"My answer.\n\n{_SEPARATORS[separator]}\n\nold words without marks\n"
    divided = divide(text)
    assert divided.reply == "My answer."
    assert divided.quoted.split() == text.split()[2:]


@pytest.mark.parametrize("labels", _LABELS)
def test_a_header_of_any_language_ends_the_reply(labels):
    block = "\n".join(
        f"{label.replace('_', ' ')}: {value}"
        for label, value in zip(
            labels.split(), ("Ann <a@a.example>", "5.5.2025 10:11", "Bo <b@b.example>", "x"), strict=True
        )
    )
    assert divide(f"My answer.\n\n{block}\n\nold words").reply == "My answer."


#: Below the words of the writer; each goes with all its lines.
_CLOSINGS = [
    "-- \nAnn Bell\nBell & Co.",
    "--\nAnn Bell\nBell & Co.",
    "_____________\nAnn Bell\nTel. +49 89 1234567",
    "-----\nBell & Co.\nwww.bell.example",
    "Sent from my iPhone",
    "Sent from my Galaxy",
    "Sent from Yahoo Mail on Android",
    "Sent from Outlook for Android",
    "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "Get [Outlook for iOS](https://aka.ms/o0ukef)",
    "Sent with Proton Mail secure email.",
    "Sent via BlackBerry from T-Mobile",
    "Sent from Mail for Windows",
    "(sent from my phone)",
    "Von meinem iPhone gesendet",
    "Gesendet mit der GMX Mail App",
    "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
    "Envoyé de mon iPhone",
    "Envoyé depuis l'application Mail Orange",
    "Télécharger Outlook pour Android",
    "Enviado desde mi iPhone",
    "Obtener Outlook para iOS",
    "Enviado do meu iPhone",
    "Inviato da iPhone",
    "Verstuurd vanaf mijn iPhone",
    "Skickat från min iPhone",
    "Sendt fra min iPhone",
    "Lähetetty iPhonesta",
    "Wysłane z iPhone'a",
    "Odesláno z iPhonu",
    "Odoslané z iPhonu",
    "Az iPhone-omról küldve",
    "Отправлено с iPhone",
    "Надіслано з iPhone",
    "iPhone'umdan gönderildi",
    "Trimis de pe iPhone",
    "Στάλθηκε από το iPhone μου",
    "נשלח מה-iPhone שלי",
    "أُرسلت من الـ iPhone",
    "发自我的iPhone",
    "從我的iPhone傳送",
    "iPhoneから送信",
    "나의 iPhone에서 보냄",
    "Dikirim dari iPhone saya",
    "Đã gửi từ iPhone của tôi",
    "Poslano z iPhona",
    "CONFIDENTIALITY NOTICE: This mail is meant for one\nperson only.",
    "This email and any attachments are confidential.",
    "Diese E-Mail enthält vertrauliche Informationen.",
    "Sent from my iPhone\n\nThis e-mail and any attachments are confidential.",
    "-Ann",
    "— Ann",
]


@pytest.mark.parametrize("closing", _CLOSINGS)
@pytest.mark.parametrize("below", ["", "\n\nOn 5 May 2025 at 10:11, Cleo <c@c.example> wrote:\n> old\n"])
def test_what_signs_a_mail_is_not_the_reply(closing, below):
    text = f"My answer.\n\n{closing}{below}"
    divided = divide(text, sender="Ann Bell ann@a.example")
    assert divided.reply == "My answer."
    assert divided.quoted.split() == text.split()[2:]


#: Whole mails without quote or signature, whatever they look like.
_OWN_WORDS = [
    "Please change my ticket:\nFrom: Berlin\nTo: Paris\nDate: 5 May 2025",
    "From: Berlin\nTo: Paris\n\nThank you.",
    "Invitation for an interview:\n\nDate: Wednesday 3, October 2011\nTime: 7:00am\nAddress: 130 Fox St\n\nPlease bring your ID.",
    "On Monday at 10:30 on 5 May I wrote:\nplease cancel.\nNobody did.",
    "Last week, 5 May 2025 10:11, we wrote:\nplease cancel it",
    "Sent from our warehouse on Monday, the parcel has been lost somewhere on its way to you and nobody could tell us where.\nBye",
    "The parcel is late.\nSent from Hamburg on Monday.\nWhere is it?",
    "The log says:\n\n-----\nerror at line one\nerror at line two\n-----\n\nWhat can I do?",
    "One\n---\nTwo",
    "Shopping:\n- Milk\n- Bread",
    "Please add to my order:\n\n- Milk",
    "I cannot reply above this line of the form, it hides the button that I need to press.\nHelp",
    "The previous replies did not help me.\nAnn",
    "Begin forwarded message? I do not know what that is.",
    "My e-mail: ann@a.example\nMy phone: 123456\nSubject of studies: law",
    "Note: at 10:15 the machine said:\nERROR 5",
    "He said: no.",
    "Hello,\n\nCustomer ann@a.example wrote to us:\n\nmy thing is broken, please repair it",
    "Das Original ist weg.\nOriginalnachricht\nkeine da",
]


@pytest.mark.parametrize("text", _OWN_WORDS)
def test_no_word_of_the_writers_is_taken_for_a_quote(text):
    assert divide(text).reply == text


def test_answers_between_quotes_keep_what_they_answer():
    text = (
        "On 5 May 2025 at 10:11, Ann <a@b> wrote:\n> question one\nanswer one\n> question two\nanswer two\n> the rest\n"
    )
    divided = divide(text)
    assert divided.reply == "> question one\nanswer one\n> question two\nanswer two"
    assert divided.quoted == "On 5 May 2025 at 10:11, Ann <a@b> wrote:\n> the rest"


def test_words_above_and_below_one_quote_are_both_the_reply():
    text = "Above.\n\nOn 5 May 2025 at 10:11, Ann <a@b> wrote:\n> old\n\nBelow.\n\n-- \nBo"
    assert divide(text).reply == "Above.\n\nBelow."


def test_a_quote_without_attribution_belongs_to_the_answer_below_it():
    assert divide("> the price?\n10 euros").reply == "> the price?\n10 euros"


def test_a_list_footer_below_the_quote_is_no_answer():
    text = (
        "Mine.\n\nOn 5 May 2025 at 10:11, Ann <a@b> wrote:\n> old\n"
        "_______________________________________________\nusers mailing list\nusers@lists.example\n"
    )
    assert divide(text).reply == "Mine."


@pytest.mark.parametrize(
    ("html", "text", "reply"),
    [
        (  # Outlook on the web, labels of a language nobody here knows
            '<p>Mine.</p><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>Ngu:</b> Ann<br><b>Lusu:</b> x</div><p>old</p>',
            "Mine.\n\nNgu: Ann\nLusu: x\n\nold",
            "Mine.",
        ),
        (  # Gmail, likewise
            '<div>Mine.</div><div class="gmail_quote"><div class="gmail_attr">5 Mo 2025, Ann:<br></div><blockquote>old</blockquote></div>',
            "Mine.\n\n5 Mo 2025, Ann:\n\n> old",
            "Mine.",
        ),
        (  # Outlook for Windows
            "<p>Mine.</p><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in'><p><b>Ngu:</b> Ann<br>Lusu: x</p></div><p>old</p>",
            "Mine.\n\nNgu: Ann\nLusu: x\n\nold",
            "Mine.",
        ),
        (  # Yahoo
            '<div>Mine.</div><div id="ydp1234abcdyahoo_quoted_55" class="ydp1234abcdyahoo_quoted"><div>5 Mo 2025, Ann:</div><div>old</div></div>',
            "Mine.\n\n5 Mo 2025, Ann:\n\nold",
            "Mine.",
        ),
        (  # a signature that nothing else tells
            '<div>Mine.</div><div class="gmail_signature"><p>Ann</p><p>Somewhere</p></div>',
            "Mine.\n\nAnn\n\nSomewhere",
            "Mine.",
        ),
        (  # the plain text has other words than the HTML
            '<p>Mine.</p><div id="divRplyFwdMsg"><b>Ngu:</b> Ann</div>',
            "Mine.\nAll mine.",
            "Mine.\nAll mine.",
        ),
    ],
)
def test_the_html_says_where_the_quote_begins(html, text, reply):
    assert divide(text, html).reply == reply


#: Client -> the line or header above what it quotes without marks.
_UNMARKED = {
    "Tuta": "5 May 2025, 10:11 by ann@a.example:",
    "GroupWise": ">>> Ann Bell <ann@a.example> 05.05.2025 10:11 >>>",
    "GroupWise, with id": ">>> On 5/5/2025 at 10:11 AM, in message <6@h.example>, Ann Bell\n<ann@a.example> wrote:",
    "Android": "---- Ann Bell wrote ----",
    "Proton, old": "‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐\nOn Monday, May 5th, 2025 10:11 AM, Ann Bell <ann@a.example> wrote:",
    "Windows Mail": "From: Ann Bell\nSent: \u200eMonday\u200e, \u200eMay\u200e \u200e5\u200e, \u200e2025 \u200e10\u200e:\u200e11\u200e \u200eAM\nTo: Bo",
    "Outlook, ar": "\u200f\u200fمن: Ann Bell <ann@a.example>\n\u200f\u200fتاريخ الإرسال: 5 مايو 2025 10:11\n\u200f\u200fإلى: Bo\n\u200f\u200fالموضوع: Q",
    "Notes 6": "Ann Bell\n<ann@a.example>          To\n05/05/2025 10:11      bo@b.example\n       cc\n\n       Subject\n    Question",
    "Notes 8": "Ann Bell <ann@a.example>\n05/05/2025 10:11\n\nTo\nbo@b.example\ncc\n\nSubject\nQuestion",
    "Gmail, mk": "На пон., 5 мај 2025 г. во 10:11 Ann Bell <ann@a.example> напиша:",
    "Gmail, af": "Op Ma. 05 Mei 2025 om 10:11 het Ann Bell <ann@a.example> geskryf:",
    "Gmail, hy": "Երկ, 5 մայ 2025 թ., 10:11 Ann Bell <ann@a.example> գրել է՝",
    "Gmail, bn": "সোম, ৫ মে, ২০২৫ তারিখে ১০:১১ AM টায় এ Ann Bell <ann@a.example> লিখেছেন:",
}


@pytest.mark.parametrize("client", _UNMARKED)
def test_an_unmarked_quote_begins_with_what_the_client_writes_above(client):
    divided = divide(f"Mine.\n\n{_UNMARKED[client]}\n\nold words\n")
    assert divided.reply == "Mine."
    assert divided.quoted.endswith("old words")


@pytest.mark.parametrize(
    "below",
    [
        "Sent with Aqua Mail for Android\nhttps://www.aqua.example/mail",
        "<https://www.avast.example/sig>\tVirus-free. www.avast.example\n<#DAB4FAD8-2DD7>",
        "*********************\nThis email is confidential and meant for its addressee.\n*********************",
        "━━━━━━━━━━━━\n山田太郎\nTEL: 03-1234-5678\n━━━━━━━━━━━━",
        "┏━━━━━━━━━━━┓\n山田太郎\nTEL: 03-1234-5678\n┗━━━━━━━━━━━┛",
        "iOS 版 Outlook を入手する<https://aka.example/x>",
        "Sent wirelessly from my BlackBerry.",
    ],
)
def test_what_stands_below_a_mail_of_these_programs_is_not_the_reply(below):
    assert divide(f"Mine.\n\n{below}\n").reply == "Mine."


@pytest.mark.parametrize(
    "name",
    ["bm_signature", "sh-signature", "missive_signature", "k9mail-signature", "io-ox-signature", "fairemail_signature"],
)
def test_a_marked_signature_is_found_although_its_link_is_shown_in_the_text(name):
    html = f'<div>Mine.</div><div class="{name}"><p>Bo</p><a href="https://b.example/">Works</a></div>'
    assert divide("Mine.\n\nBo\nWorks <https://b.example/>", html).reply == "Mine."


@pytest.mark.parametrize(
    "text",
    [
        "It failed on 5 May 2025 at 10:11:\nno route\n",
        "Subject\n\nTo\n\nThese two words are missing in your form since 05/05/2025 10:11.",
        "Date\t05/05/2025 10:11\nTo\tParis\nPlease book this.",
        "He answered by mail to ann@a.example:\nnothing",
    ],
)
def test_a_list_or_a_sentence_that_resembles_a_header_is_the_writers(text):
    assert divide(f"Hello,\n\n{text}").reply == f"Hello,\n\n{text}".strip()
