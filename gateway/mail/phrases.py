"""What mail programs of many languages write around a mail they quote or pass on: phrases in, their role out. Data only."""

from typing import Literal

from gateway.mail.lines import fold

Role = Literal["from", "to", "cc", "bcc", "date", "subject", "reply_to", "other"]


def _phrases(listed: str) -> frozenset[str]:
    return frozenset(fold(" ".join(phrase.split())) for phrase in listed.split(";") if phrase.strip())


_LABELS: dict[Role, str] = {
    "from": """from; von; de; da; van; från; fra; lähettäjä; od; от; від; від кого; от кого; отправитель; відправник;
    feladó; kimden; gönderen; kimden:; expéditeur; remitente; remetente; mittente; afzender; avsender; afsender;
    avsändare; nadawca; odesílatel; odosielateľ; absender; de la; expeditor; από; αποστολέας; מאת; من; المرسل;
    از; فرستنده; 发件人; 寄件者; 寄件人; 發件人; 發信人; 发信人; 差出人; 送信者; 送信元; 보낸 사람; 보낸사람; 보낸이; 발신; 발신자; 발신인; dari; pengirim; từ;
    người gửi; pošiljatelj; pošiljalac; šalje; šalje:; од; шаље; пошиљалац; nuo; siuntėjas; saatja; kellelt; no;
    sūtītājs; frå; frá; sendandi; enviado por; enviat per; remitent; nork; igorlea; จาก; से; प्रेषक; подател;
    изпратено от; daripada; mula kay; nga; ад; saatja:; von:; autor; exp; afz; absender/in""",
    "to": """to; an; pour; per; à; para; a; aan; naar; till; til; vastaanottaja; vastaanottajat; do; dla; komu; pre; pro; кому;
    кому:; címzett; címzettek; kime; alıcı; alıcılar; destinataire; destinataires; destinatario; destinatarios;
    destinatari; destinatário; destinatários; ontvanger; mottagare; mottaker; modtager; odbiorca; adresat;
    příjemce; príjemca; către; catre; destinatar; προς; παραλήπτης; אל; ל; إلى; الى; المستلم; به; گیرنده; 收件人;
    收件者; 收信人; 宛先; 送信先; 받는 사람; 받는사람; 받는이; 수신; 수신자; 수신인; kepada; đến; tới; người nhận; za; prima; primatelj;
    primalac; за; прима; kam; iki; gavėjas; kellele; adressaat; saaja; empfänger; ถึง; को; प्रति; получатель; до;
    получател; per a; nori; hartzailea; till-adress; viðtakandi; каму""",
    "cc": """cc; kopie; kopia; kopio; kopi; copie; copie à; copia; cópia; c.c.; kopie (cc); másolatot kap; másolat; копия;
    копія; копие; копіе; dw; dw.; do wiadomości; kopia do; bilgi; κοιν.; κοιν; κοινοποίηση; עותק; עותק לידיעה;
    העתק; نسخة; نسخة إلى; رونوشت; 抄送; 抄送人; 副本; 참조; tembusan; kópia; salinan; sk; kopija; kop.; koopia; kp; zn.;
    cc:; còpia; afrit; สำเนา; สำเนาถึง; प्रतिलिपि; đồng gửi; đồng kính gửi; cópia (cc); cópias; ค.c.; c/c; a/c; a/c.; κοινοποίηση προς; kia;
    kk; kopija (cc); копија; копія (cc)""",
    "bcc": """bcc; bc; blindkopie; bcc:; cci; cco; ccn; udw; скрытая копия; прихована копія; 密件抄送; 密件副本; 숨은 참조; gizli;
    skjult kopi; dold kopia; skrytá kopie; skrytá kópia; titkos másolat; piilokopio; rejtett másolat""",
    "date": """date; sent; datum; gesendet; gesendet am; envoyé; envoyé le; envoyée; date d'envoi; fecha; fecha de envío;
    enviado; enviado el; enviados; enviado em; enviada em; enviada; data; data de envio; data/ora; inviato;
    inviata; data invio; verzonden; verstuurd; verzonden op; skickat; skickades; skickade; sendt; dato;
    sendt dato; päiväys; päivämäärä; pvm; lähetetty; wysłano; wysłane; data wysłania; odesláno; odoslané; dátum;
    elküldve; küldve; küldés dátuma; дата; отправлено; дата отправки; надіслано; відправлено; tarih; gönderilen;
    gönderildi; gönderme tarihi; gönderilme tarihi; trimis; trimisă; dată; data trimiterii; expediat; ημερομηνία;
    στάλθηκε; εστάλη; αποστολή; απεστάλη; תאריך; נשלח; נשלח ב; התאריך; בתאריך; التاريخ; تاريخ; تاريخ الإرسال;
    تم الإرسال; أرسلت; أُرسلت; تاریخ; ارسال شده; 日期; 发送时间; 发送日期; 發送時間; 發送日期; 发件时间; 寄件日期; 傳送時間; 傳送日期; 時間; 时间; 日付;
    送信日時; 送信日; 日時; 날짜; 보낸 날짜; 보낸날짜; 보낸 시간; 발신일; 보냄; 전송; 일시; tanggal; terkirim; dikirim; dihantar; tarikh; ngày;
    đã gửi; ngày gửi; poslano; poslato; poslan; послато; датум; išsiųsta; saadetud; kuupäev; datums; nosūtīts;
    nosūtīta; wann; när; dags; dagsetning; sent:; enviat; bidalia; วันที่; ส่ง; ส่งเมื่อ; भेजा गया; दिनांक;
    तारीख; изпратено; изпратен; petsa; i dërguar; date/heure; quand; cuándo; kdy; kiedy; when; wysłany; send;
    sendt:; date sent""",
    "subject": """subject; betreff; objet; sujet; asunto; assunto; oggetto; onderwerp; ämne; emne; aihe; otsikko; temat;
    předmět; predmet; věc; vec; тема; относно; tárgy; konu; subiect; subiectul; θέμα; נושא; הנושא; الموضوع;
    موضوع; 主题; 主旨; 主題; 标题; 標題; 件名; 題名; 제목; 건명; subjek; perihal; subyek; chủ đề; tiêu đề; tema; naslov; наслов;
    предмет; zadeva; teema; temats; efni; tēma; aszunto; หัวเรื่อง; เรื่อง; विषय; assumpte; gaia; gai; paksa;
    тэма; titel; perkara; gegenstand; titre; titolo; subj""",
    "reply_to": """reply-to; reply to; antwort an; antworten an; répondre à; réponse à; responder a; responder para; rispondi a;
    risposta; risposta a; antwoord aan; antwoord naar; svara till; svar til; svar till; svar-til; vastaa;
    vastausosoite; vastaus; odpowiedź do; odpovědět; odpovědět komu; odpovedať; odpovedať na; válaszcím; válasz;
    ответить; ответ на; відповісти; відповідь; yanıtla; yanıt adresi; yanıtlama adresi; răspunde la; răspuns la;
    απάντηση προς; השב אל; الرد إلى; 回复; 回复至; 回覆; 返信先; 답장; 회신; odgovori; odgovor za""",
    "other": """organization; organisation; importance; attachments; attachment; anlagen; anlage; wichtigkeit; priorité;
    allegati; priority; importancia; importância; pièces jointes; pièce jointe; bijlagen; bijlage;
    archivos adjuntos; datos adjuntos; anexos; bilagor; vedlegg; vedhæftede filer; liitteet; załączniki; přílohy;
    prílohy; mellékletek; вложения; вкладення; ekler; συνημμένα; קבצים מצורפים; المرفقات; 附件; 添付ファイル; 첨부 파일;
    첨부파일; prilozi; mailed-by; signed-by; x-mailer; message-id; sender; resent-from; resent-to; resent-date;
    newsgroups; list-id; in-reply-to; references; content-type; mime-version; return-path; delivered-to;
    security; kategorien; categories; sensitivity; vertraulichkeit; étiquettes; belang; belangrijkheid;
    prioritet; prioriteit; prioridad; ważność; důležitost; dôležitosť; fontosság; phone; fax; user-agent;
    cc-recipients; account; folder; sent by; sent via; to be sent; group; groups; posted at; posted to;
    conversation; required attendees; optional attendees; location; where; resources; teilnehmer; ort; lieu;
    ubicación; luogo; flag status; follow up flag; due by; expires""",
}
#: Label in lower case, without its colon -> what stands behind it.
LABELS: dict[str, Role] = {}
for _role, _listed in _LABELS.items():
    for _label in _phrases(_listed):
        LABELS.setdefault(_label.rstrip(":"), _role)

#: Of a mail that is passed on, between dashes or alone on a line.
FORWARDED_NAMES = _phrases(
    """forwarded message; this is a forwarded message; forwarding messages; begin forwarded message; start of forwarded message; forwarded mail; forwarded email;
    forwarded e-mail; forwarded message follows; forward message; forwarded; forwarded conversation;
    message forwarded; weitergeleitete nachricht; anfang der weitergeleiteten nachricht;
    anfang der weitergeleiteten e-mail; beginn der weitergeleiteten nachricht;
    beginn der weitergeleiteten e-mail; weitergeleitete mail; weitergeleitete e-mail; weitergeleitete email;
    weitergeleitet; message transféré; message transféré:; début du message réexpédié;
    début du message transféré; message transmis; courriel transféré; message réexpédié; e-mail transféré;
    mail transféré; courriel réexpédié; mensaje reenviado; inicio del mensaje reenviado; mensaje enviado;
    mensaje remitido; correo reenviado; comienzo del mensaje reenviado; mensagem encaminhada;
    início da mensagem encaminhada; mensagem reencaminhada; início da mensagem reencaminhada; mensagem reenviada;
    e-mail encaminhado; email encaminhado; início da mensagem reenviada; messaggio inoltrato;
    inizio messaggio inoltrato; inizio del messaggio inoltrato; inizio messaggio inoltrato da; email inoltrata;
    e-mail inoltrata; doorgestuurd bericht; begin doorgestuurd bericht; doorgezonden bericht;
    doorgestuurde e-mail; doorgestuurde mail; begin van doorgestuurd bericht; vidarebefordrat meddelande;
    vidarebefordrat brev; vidarebefordrat mejl; vidarebefordrat mail; vidarebefordrat e-postmeddelande;
    vidarebefordrat e-mail; början på vidarebefordrat meddelande; början av vidarebefordrat meddelande;
    vidarebefordrad e-post; videresendt meddelelse; videresendt besked; videresendt mail; videresendt e-mail;
    start på videresendt besked; start på videresendt meddelelse; begyndelse af videresendt besked;
    videresendt brev; videresendt melding; startvideresendt melding; start på videresendt melding;
    begynnelse på videresendt melding; videresendt e-post; videresendt epost; vidaresend melding;
    vidaresendt melding; start på videresendt e-post; välitetty viesti; edelleenlähetetty viesti;
    välitetty viesti alkaa; lähetetty viesti; välitetyn viestin alku; edelleen lähetetty viesti;
    välitetty viesti / fwd.msg; välitetty sähköposti; przekazana wiadomość; wiadomość przekazana dalej;
    przesłana wiadomość; początek przekazywanej wiadomości; początek wiadomości przekazanej;
    początek przekazanej wiadomości; treść przekazanej wiadomości; przekazany e-mail; przekazywana wiadomość;
    przesłana dalej wiadomość; wiadomość przekazana; początek wiadomości przekazanej dalej; přeposlaná zpráva;
    začátek přeposílané zprávy; začátek přeposlané zprávy; předaná zpráva; začátek předávané zprávy;
    přeposlaný e-mail; přeposlaný email; preposlaná správa; začiatok preposlanej správy;
    preposlaná správa --- forwarded message; predaná správa; preposlaný e-mail; posunutá správa;
    továbbított üzenet; továbbított levél; a továbbított levél kezdete; a továbbított üzenet kezdete;
    továbbított levél kezdete; továbbított üzenet kezdete; továbbított e-mail; пересылаемое сообщение;
    пересланное сообщение; переадресованное сообщение; начало переадресованного сообщения;
    переадресованное письмо; начало пересланного сообщения; перенаправленное сообщение;
    начало пересылаемого сообщения; пересланное письмо; пересылаемое письмо; перенаправленное письмо;
    переслане повідомлення; переслано повідомлення; початок переадресованого повідомлення;
    початок листа, що пересилається; перенаправлене повідомлення; переадресоване повідомлення;
    початок пересланого повідомлення; пересланий лист; переадресований лист; накіраваны ліст;
    перасланае паведамленне; препратено съобщение; препратено писмо; начало на препратено съобщение;
    проследена порака; iletilen mesaj; iletilmiş mesaj; iletilen ileti; iletilmiş ileti;
    iletilen ileti başlangıcı; ileti başlangıcı; yönlendirilmiş ileti; yönlendirilen mesaj; yönlendirilen ileti;
    iletilen e-posta; iletilen mesajın başlangıcı; yönlendirilmiş mesaj; iletilen mesaj başlangıcı;
    mesaj redirecționat; mesaj redirecţionat; mesaj redirectionat; mesaj redirijat; mesaj transmis;
    mesaj retrimis; mesaj înaintat; începe mesajul redirecționat; începe mesajul redirecţionat;
    începutul mesajului redirecționat; mesajul redirecționat; mesaj trimis mai departe; προωθημένο μήνυμα;
    έναρξη προωθημένου μηνύματος; αρχή προωθημένου μηνύματος; μήνυμα που προωθήθηκε; הודעה שהועברה; הודעה מועברת;
    תחילת ההודעה שהועברה; התחלת ההודעה המועברת; تحويل رسالة; رسالة معاد توجيهها; رسالة ممرّرة; رسالة محوّلة;
    بداية الرسالة المعاد توجيهها; الرسالة المعاد توجيهها; بدء الرسالة المعاد توجيهها; رسالة مُعاد توجيهها;
    پیام هدایت شده; پیغام ارجاع شده; پیام ارسال شده; 转发的邮件; 转发邮件信息; 转发邮件; 转发的信件; 转发的消息; 转发信件; 被转发的邮件; 开始转发的邮件;
    下面是被转发的邮件; 被转发邮件信息; 轉寄的郵件; 轉寄郵件; 轉寄的訊息; 轉寄訊息; 轉寄信件; 開始轉寄郵件; 以下是轉寄的郵件; 下面是被轉寄的郵件; 已轉寄的郵件; 已转发邮件; 転送メッセージ;
    転送されたメッセージ; 転送メール; 転送されたメール; 転送元メッセージ; 転送メッセージの始まり; 전달된 메시지; 전달된 메세지; 전달 메시지; 전달된 이메일; 전달된 메시지 시작; 전달된 메일;
    pesan terusan; pesan diteruskan; pesan yang diteruskan; awal pesan yang diteruskan; mulai pesan terusan;
    surel terusan; mesej dimajukan; mesej yang dimajukan; thư đã được chuyển tiếp; tin nhắn đã được chuyển tiếp;
    thư được chuyển tiếp; thư chuyển tiếp; bắt đầu thư được chuyển tiếp; tin nhắn được chuyển tiếp;
    proslijeđena poruka; proslijeđene poruke; započni proslijeđenu poruku; početak proslijeđene poruke;
    prosleđena poruka; početak prosleđene poruke; прослеђена порука; почетак прослеђене поруке;
    posredovano sporočilo; začetek posredovanega sporočila; posredovano e-sporočilo; edastatud kiri;
    edasi saadetud kiri; edastatud sõnum; edastatud kirja algus; edasisaadetud kiri; persiųstas laiškas;
    peradresuotas laiškas; persiunčiamas laiškas; persiųsto laiško pradžia; pārsūtīta ziņa; pārsūtītā ziņa;
    pārsūtītā ziņojuma sākums; pārsūtīts ziņojums; missatge reenviat; inici del missatge reenviat;
    áframsent skeyti; áframsendur póstur; áframsend skilaboð; mensaxe reenviada; mensaxe reunviáu;
    birbidalitako mezua; trochstjoerd berjocht; mesazhi i përcjellë; mesazh i përcjellë; messadi renvià;
    ข้อความที่ส่งต่อ; ข้อความที่ถูกส่งต่อ; เริ่มข้อความที่ส่งต่อ; अग्रेषित संदेश; अग्रेषित किया गया संदेश;
    ipinasang mensahe; ujumbe uliosambazwa; aangestuurde boodskap; փոխանցվող նամակը; dale sposrědkowana powěsć;
    teachtaireacht ar aghaidh"""
)
#: How such a line begins where a name, an address or a date stands behind it.
FORWARDED_STARTS = tuple(
    sorted(
        _phrases(
            """forwarded by; forwarded message from; forwarded mail from; weitergeleitet von; weitergeleitete nachricht von;
    transféré par; message transféré de; réexpédié par; mensaje reenviado de; reenviado por;
    mensagem encaminhada de; encaminhado por; messaggio inoltrato da; inoltrato da; doorgestuurd door;
    doorgestuurd bericht van; vidarebefordrat av; vidarebefordrat meddelande från; videresendt af;
    videresendt av; videresendt melding fra; przekazane przez; wiadomość przekazana od; переслано;
    przesłane przez; yönlendiren; iletilen mesaj -; 転送者"""
        )
    )
)
#: Of the line below a mail that was passed on.
FORWARD_ENDS = _phrases(
    """end forwarded message; end of forwarded message; end forwarded mail; end of forwarded mail; end message;
    end of message; ende der weitergeleiteten nachricht; ende der weitergeleiteten e-mail;
    fin du message transféré; fin du message réexpédié; fin del mensaje reenviado; fim da mensagem encaminhada;
    fim da mensagem reencaminhada; fine messaggio inoltrato; einde doorgestuurd bericht;
    slut på vidarebefordrat meddelande; slut på videresendt besked; slutt på videresendt melding;
    koniec przekazywanej wiadomości; koniec przekazanej wiadomości; konec přeposlané zprávy;
    koniec preposlanej správy; конец пересылаемого сообщения; конец пересланного сообщения;
    välitetty viesti päättyy"""
)

#: Of a mail that is answered (or passed on: the subject tells), between dashes.
ORIGINAL_NAMES = _phrases(
    """original message; original appointment; original email; original e-mail; original mail;
    original message follows; originally sent message; originalmessage; reply message; previous message;
    start of original message; urspr. nachricht; ursprüngliche nachricht; ursprüngliche mitteilung;
    ursprüngliche e-mail; originalnachricht; original-nachricht; original nachricht; original-mail;
    original-e-mail; originale nachricht; originaltermin; originalmail; ursprünglicher termin; message d'origine;
    message d’origine; message original; message initial; courriel original; message originel;
    rendez-vous d'origine; mail original; e-mail d'origine; mensaje original; mensaje originario; cita original;
    correo original; mensagem original; compromisso original; messaggio originale; messaggio originario;
    email originale; e-mail originale; appuntamento originale; oorspronkelijk bericht; origineel bericht;
    oorspronkelijke bericht; originele bericht; originele e-mail; oorspronkelijke e-mail;
    oorspronkelijke afspraak; oarspronklik berjocht; ursprungligt meddelande; originalmeddelande;
    ursprungliga meddelandet; ursprungligt mail; ursprungligt e-postmeddelande; originalmejl;
    oprindelig meddelelse; oprindelig besked; original meddelelse; oprindelig mail; oprindelig aftale;
    original besked; opprinnelig melding; original melding; opprinnelig e-post; opphavleg melding;
    opprinnelig avtale; alkuperäinen viesti; alkuperäinen sähköposti; alkuperäinen viesti / orig.msg.;
    wiadomość oryginalna; oryginalna wiadomość; treść oryginalnej wiadomości; pierwotna wiadomość;
    wiadomość pierwotna; oryginalny e-mail; wiadomość źródłowa; původní zpráva; původní e-mail; původní email;
    originální zpráva; pôvodná správa; pôvodná správa --- original message; originálna správa; pôvodný e-mail;
    eredeti üzenet; eredeti levél; eredeti e-mail; исходное сообщение; оригинальное сообщение;
    первоначальное сообщение; исходное письмо; вихідне повідомлення; початкове повідомлення;
    оригінальне повідомлення; оригінал повідомлення; первинне повідомлення; зыходны ліст; оригинално писмо;
    оригинално съобщение; изходно съобщение; първоначално съобщение; оригинална порака; orijinal mesaj;
    orjinal mesaj; özgün ileti; özgün mesaj; orijinal ileti; orijinal e-posta; asıl mesaj; mesaj original;
    mesajul original; mesajul iniţial; mesaj inițial; αρχικό μήνυμα; πρωτότυπο μήνυμα; הודעה מקורית;
    ההודעה המקורית; הודעת מקור; الرسالة الأصلية; الرسالة الأصليَّة; رسالة أصلية; الرسالة الاصلية; پیام اصلی;
    پیغام اصلی; 原始邮件; 原始郵件; 邮件原件; 原始信件; 原始消息; 原邮件; 原件; 原邮件信息; 原始訊息; 原信件; 原始邮件信息; 原文; 元のメッセージ; オリジナルメッセージ;
    オリジナル メッセージ; 元のメール; 元メッセージ; 原本メッセージ; 원본 메시지; 원본 메일; 원본메일; 원본 메세지; 원래 메시지; 원본메시지; 원문; pesan asli;
    pesan orisinal; mesej asal; thư gốc; tin nhắn gốc; tin nhắn ban đầu; thông điệp gốc; thư ban đầu;
    izvorna poruka; originalna poruka; originalna poruka:; изворна порука; оригинална порука; izvirno sporočilo;
    prvotno sporočilo; algkiri; algne kiri; algne sõnum; originaalkiri; originalus laiškas; pradinis laiškas;
    originali žinutė; sākotnējā ziņa; oriģinālā ziņa; sākotnējais ziņojums; missatge original;
    upprunalegur póstur; upprunaleg skilaboð; mensaxe orixinal; jatorrizko mezua; mesazhi origjinal;
    messadi original; neges wreiddiol; oorspronklike boodskap; ข้อความต้นฉบับ; ข้อความเดิม; मूल संदेश;
    orihinal na mensahe; originalna powěsć; օրիգինալ նամակը; საწყისი წერილი; kemennadenn orinel"""
)

#: Prefixes of the subject of a mail that is passed on, in lower case.
FORWARD_PREFIXES = _phrases(
    """fwd; fw; forward; forwarded; videresend; videresendt; weitergeleitet; weiterleitung; weitergel; doorsturen;
    doorgestuurd; vidarebefordra; vidarebefordrat; välitä; välitetty; wg; tr; rv; rev; enc; i; vb; vs; vl;
    doorst; pd; ts; továbbítás; továbbított; tov; пересл; пересылка; пер; переслано; нп; ilt; i̇lt; ilet; i̇let;
    ynt-ilt; yönlendirme; fs; fyi; 转发; 轉寄; 转寄; 轉發; 転送; 전달; 전달됨; προωθ; προώθηση; πρθ; הועבר; نقل; إعادة-توجيه;
    przek; přeposláno; přeposlat; předáno; preposlané; redirecționare; redirecționat; redirect; trs; terusan;
    rif; inoltro; inoltra; inoltrato; transfert; transf; reenviar; reenviado; reenv; encaminhado; encaminhar;
    encaminhada; enc; reencaminhada; chuyển-tiếp; th; prosl; prosleđeno; proslijeđeno; edast; pers; fram;
    áframsent; фв; wtr; ed; pr; proslj; posr; pārs; prv; rw"""
)
#: Prefixes of the subject of a mail that answers one.
REPLY_PREFIXES = _phrases(
    """re; aw; antw; antwort; antwoord; sv; svar; svara; vs; vast; vastaus; odp; odpoveď; odpověď; odpowiedź; r;
    rif; risp; réf; réponse; rép; resp; respuesta; res; resposta; ynt; yanıt; cev; vá; válasz; ang; απ; απάντηση;
    σχετ; ответ; отв; відп; відповідь; на; re-re; 回复; 回覆; 答复; 答覆; 返信; 답장; 회신; תגובה; השב; رد; atb; ats; bls;
    balas; tl; trả-lời; hf; odg"""
)

#: Verbs of attribution lines; where they stand in the line differs by language.
WROTE = tuple(
    sorted(
        _phrases(
            """wrote; writes; said; has written; schrieb; geschrieben; schreibt; a écrit; écrit; écrivait; escribió;
    escribio; escribia; escribía; ha escrito; escreveu; escreveu o seguinte; ha scritto; scritto; scrisse;
    scrive; schreef; schrijft; heeft geschreven; geschreven; napisał; napisała; napisał(a); napisał/a;
    napisał(-a); pisze; napisali; skrev; skreiv; har skrevet; skrev följande; skrev følgende; har skrivit;
    kirjoitti; kirjoitti seuraavasti; napsal; napsala; napsal(a); napsal/a; napísal; napísala; napísal(a);
    napísal/a; píše; írta; ezt írta; írta a következőt; írja; yazdı; şunu yazdı; şunları yazdı; yazmış; написал;
    написала; написал(а); пишет; писал; писала; писал(а); написав; написала(в); написав(ла); написав(-ла); пише;
    написа; напісаў; напісала; написао; написала је; је написао; је написао/ла; је написао/-ла; a scris;
    a scris următoarele; scrie; έγραψε; έγραψαν; כתב; כתבה; כתב/ה; כתב(ה); כתב/כתבה; كتب; كتبت; كتب/ت; كتبَ;
    تمت كتابة ما يلي بواسطة; نوشت; نوشته است; 写道; 寫道; 写于; 寫於; 写到; 写信; 的来信; 撰寫; 書きました; 書いた; のメール; さんは書きました;
    さんが書きました; は書きました; のメッセージ; 님이 작성; 작성; 님이 쓴 글; 쓴 글; 이(가) 쓴 글; 님께서 작성; 님의 말; menulis; menulis berikut; tulis;
    đã viết; viết; je napisao; je napisala; napisao je; napisala je; je napisao/la; napisao/la; je napisal;
    je napisala/o; je napisal(a); je oseba; napisal; napisala; rašė; parašė; rakstīja; uzrakstīja; kirjutas;
    va escriure; ha escrit; escrigué; skrifaði; เขียนว่า; เขียน; a napisat; va scriure; ने लिखा; लिखा; লিখেছেন; எழுதியது; రాశారు; लिहिले; એ લખ્યું; shkroi;
    escribiu; idatzi zuen; idatzi du; skryf; het geskryf; geskryf; напиша; skreau; sinulat ni; isinulat ni; aliandika; գրել է;
    գրեց; დაწერა; napisa; jo napisał; geschreben; shrieb; ha scrit; ysgrifennodd; scríobh; sgrìobh"""
        ),
        key=len,
        reverse=True,
    )
)
#: How attribution lines begin that have no verb.
ATTRIBUTION_STARTS = tuple(
    sorted(
        _phrases(
            """quoting; wiadomość napisana przez; zitat von; citando; citando a; citat av; citat fra; selon; en réponse à; citation de; citiere;
    cytowanie; cytat; cytując; citát; citace; цитирую; цитирование; цитата; idézet; alıntı; missatge de;
    in reply to; message from; nachricht von; mensaje de; message de; messaggio da; bericht van; quoted from;
    lainaus; lainaan; tsitaat; цитую; вы писали; ви писали"""
        )
    )
)
#: Words before the verb of a sentence of the writer's own.
FIRST_PERSON = _phrases(
    """i; we; ich; wir; je; j'ai; nous; yo; nosotros; eu; io; ik; wij; jag; vi; jeg; minä; me; ja; ja; já; já; én;
    я; мы; ми; ben; biz; eu; 我; 我们; 我們; 私; 나는; saya; tôi"""
)
