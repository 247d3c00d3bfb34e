"""What mail programs of many languages write around a mail they quote: words in, their role out. Data only."""

from typing import Literal

Role = Literal["from", "to", "cc", "bcc", "date", "subject", "reply_to", "other"]

_LABELS: dict[Role, str] = {
    "from": """from; von; de; da; van; från; fra; lähettäjä; od; от; від; від кого; от кого; feladó; kimden; expéditeur; remitente;
        afzender; avsender; afsender; nadawca; odesílatel; odosielateľ; отправитель; відправник; gönderen; mittente;
        de la; από; מאת; من; 发件人; 寄件者; 寄件人; 發件人; 差出人; 送信者; 보낸 사람; 보낸사람; dari; từ; pošiljatelj; šalje;
        pošiljalac; nuo; saatja; kellelt; no; frå; frá; enviado por; absender; remetente; จาก""",
    "to": """to; an; à; para; a; aan; naar; till; til; vastaanottaja; do; dla; komu; pro; кому; címzett; kime; alıcı;
        destinataire; destinatario; destinatário; ontvanger; mottagare; modtager; odbiorca; příjemce; către; catre;
        προς; אל; إلى; الى; 收件人; 收件者; 宛先; 받는 사람; 받는사람; kepada; đến; tới; za; prima; kam; kellele; empfänger; ถึง;
        получатель; mottaker; till-adress""",
    "cc": """cc; kopie; kopia; kopio; kopi; copie; copie à; copia; cópia; c.c.; másolatot kap; másolat; копия; копія;
        dw; do wiadomości; bilgi; κοιν.; κοινοποίηση; עותק; نسخة; 抄送; 副本; 참조; tembusan; kópia; salinan; sk; kopija; kop.;
        ค.c.""",
    "bcc": "bcc; bc; blindkopie; cci; cco; ccn; udw; скрытая копия; 密件抄送; 密件副本; 숨은 참조; gizli",
    "date": """date; sent; datum; gesendet; gesendet am; envoyé; envoyé le; date d'envoi; fecha; enviado; enviado el;
        enviado em; enviada em; enviada; data; inviato; verzonden; verstuurd; skickat; sendt; dato; päiväys; päivämäärä;
        lähetetty; wysłano; data wysłania; odesláno; odoslané; dátum; elküldve; küldve; дата; отправлено; надіслано;
        tarih; gönderilen; gönderildi; gönderme tarihi; trimis; data trimiterii; ημερομηνία; στάλθηκε; εστάλη; תאריך;
        נשלח; התאריך; التاريخ; تاريخ الإرسال; 日期; 发送时间; 发送日期; 寄件日期; 傳送時間; 時間; 时间; 日付; 送信日時; 日時; 날짜;
        보낸 날짜; tanggal; terkirim; dikirim; ngày; đã gửi; poslano; poslato; išsiųsta; saadetud; kuupäev; wann; skickade;
        วันที่""",
    "subject": """subject; betreff; objet; asunto; assunto; oggetto; onderwerp; ämne; emne; aihe; otsikko; temat; předmět;
        predmet; тема; tárgy; konu; subiect; subiectul; θέμα; נושא; הנושא; الموضوع; 主题; 主旨; 主題; 件名; 제목; subjek;
        perihal; chủ đề; tema; teema; efni; aszunto; หัวเรื่อง; sujet""",
    "reply_to": """reply-to; reply to; antwort an; répondre à; responder a; responder para; rispondi a; risposta;
        antwoord aan; svara till; svar til; vastaa; odpowiedź do; odpovědět; válaszcím; ответить; відповісти; yanıtla;
        yanıt adresi; 回复; 返信先; 답장""",
    "other": """organization; organisation; importance; attachments; anlagen; wichtigkeit; priorité; allegati; priority;
        importancia; pièces jointes; bijlagen; mailed-by; signed-by; x-mailer; message-id; sender; resent-from""",
}
#: Label in lower case, without its colon -> what stands behind it.
LABELS: dict[str, Role] = {
    label.strip(): role for role, labels in _LABELS.items() for label in labels.replace("\n", " ").split(";")
}

#: Verbs of attribution lines; where they stand in the line differs by language.
WROTE = tuple(
    """wrote; writes; said; schrieb; geschrieben; schrieb am; a écrit; écrit; écrivait; escribió; escribio; ha escrito;
    escreveu; ha scritto; scritto; scrisse; schreef; heeft geschreven; geschreven; napisał; napisała; napisał(a); pisze;
    napisali; skrev; har skrevet; har skrivit; kirjoitti; napsal; napsala; napsal(a); napísal; napísala; napísal(a); píše; írta;
    ezt írta; írta a következőt; yazdı; şunu yazdı; şunları yazdı; написал; написала; написал(а); пишет; писал; писал(а);
    написав; написала(в); пише; написа; a scris; έγραψε; כתב; כתבה; כתב/ה; כתב(ה); كتب; كتبت; نوشت; 写道; 寫道; 写道; 書きました; 書いた;
    のメール; さんは書きました; 님이 작성; 작성; menulis; đã viết; viết; je napisao; je napisala; napisao je; napisala je; je napisal;
    rašė; parašė; kirjutas; va escriure; skrifaði; เขียนว่า; a napisat; va scriure""".replace("\n", " ").split("; ")
)

#: Of a mail that is passed on, between dashes or alone on a line.
FORWARDED = """forwarded message; begin forwarded message; forwarded mail; forwarded by; weitergeleitete nachricht;
    anfang der weitergeleiteten nachricht; anfang der weitergeleiteten e-mail; weitergeleitete mail; message transféré;
    début du message réexpédié; début du message transféré; message transmis; courriel transféré; mensaje reenviado;
    inicio del mensaje reenviado; mensaje enviado; mensagem encaminhada; início da mensagem encaminhada;
    mensagem reencaminhada; início da mensagem reencaminhada; messaggio inoltrato; inizio messaggio inoltrato;
    inizio del messaggio inoltrato; doorgestuurd bericht; begin doorgestuurd bericht; doorgezonden bericht;
    vidarebefordrat meddelande; vidarebefordrat brev; vidarebefordrat mejl; videresendt meddelelse; videresendt besked;
    videresendt melding; start på videresendt besked; startvideresendt melding; begynnelse på videresendt melding; videresendt e-post; välitetty viesti;
    edelleenlähetetty viesti; välitetty viesti alkaa; lähetetty viesti; przekazana wiadomość; wiadomość przekazana dalej;
    początek przekazywanej wiadomości; treść przekazanej wiadomości; přeposlaná zpráva; začátek přeposílané zprávy;
    začátek přeposlané zprávy; preposlaná správa; začiatok preposlanej správy; továbbított üzenet; továbbított levél;
    a továbbított levél kezdete; a továbbított üzenet kezdete; пересылаемое сообщение; пересланное сообщение; переадресованное сообщение; начало переадресованного сообщения;
    начало пересланного сообщения; перенаправленное сообщение; переслане повідомлення; переслано повідомлення;
    початок переадресованого повідомлення; початок листа, що пересилається; перенаправлене повідомлення; iletilen mesaj;
    iletilmiş mesaj; i̇letilen mesaj; i̇letilmiş mesaj; iletilen ileti başlangıcı; yönlendirilmiş ileti; mesaj redirecționat;
    mesaj redirectionat; mesaj redirijat; προωθημένο μήνυμα; הודעה שהועברה; הודעה מועברת; رسالة معاد توجيهها; 转发的邮件; 转发邮件信息; 转发邮件;
    轉寄的郵件; 轉寄郵件; 转发的信件; 転送メッセージ; 転送されたメッセージ; 전달된 메시지; pesan terusan; pesan diteruskan; thư đã được chuyển tiếp;
    proslijeđena poruka; prosleđena poruka; posredovano sporočilo; początek wiadomości przekazanej; začetek posredovanega sporočila;
    edastatud kiri; persiųstas laiškas; pārsūtīta ziņa; missatge reenviat; inici del missatge reenviat; áframsent skeyti"""
FORWARDED_NAMES = frozenset(phrase.strip() for phrase in FORWARDED.replace("\n", " ").split(";"))

#: Of a mail that is answered (or passed on: the subject tells), between dashes.
ORIGINAL = """original message; original appointment; original email; ursprüngliche nachricht; originalnachricht;
    original-nachricht; message d'origine; message original; message initial; mensaje original; mensagem original;
    messaggio originale; oorspronkelijk bericht; origineel bericht; ursprungligt meddelande; originalmeddelande;
    oprindelig meddelelse; opprinnelig melding; oprindelig besked; alkuperäinen viesti; wiadomość oryginalna; oryginalna wiadomość;
    původní zpráva; původní e-mail; pôvodná správa; eredeti üzenet; исходное сообщение; оригинальное сообщение; вихідне повідомлення;
    orijinal mesaj; özgün ileti; orjinal mesaj; mesaj original; αρχικό μήνυμα; הודעה מקורית; الرسالة الأصلية; رسالة أصلية; 原始邮件; 原始郵件; 邮件原件; 原始信件;
    元のメッセージ; オリジナルメッセージ; 원본 메시지; 원본 메일; pesan asli; izvorna poruka; originalna poruka; izvirno sporočilo; algkiri; originalus laiškas;
    urspr. nachricht; missatge original; thư gốc; reply message; reply above"""
ORIGINAL_NAMES = frozenset(phrase.strip() for phrase in ORIGINAL.replace("\n", " ").split(";"))

#: Prefixes of the subject of a mail that is passed on, in lower case.
_PREFIXES = """fwd fw videresend videresendt weitergeleitet doorsturen vidarebefordra välitä wg tr rv enc i vb vs vl doorst pd ts továbbítás tov пересл пер ilt ynt-ilt fs fyi 转发 轉寄 転送 전달
    προωθ πρθ הועבר przek přeposláno redirecționare trs rif"""
FORWARD_PREFIXES = tuple(_PREFIXES.split())

#: How lines begin that a phone or a program signs with.
SENT_FROM = tuple(
    """sent from; sent via; from my iphone; get [outlook; <<sent by; sent on the; 從我的; 從我的 iphone; sent with; sent using; sent by; get outlook for; envoyé depuis; envoyé de; envoyé à partir; envoyé avec; télécharger outlook pour;
    obtenez outlook pour; enviado desde; enviado de; enviado do; enviado a partir; enviado con; enviado via; obtener outlook para; obter o outlook para; inviato da; inviato dal;
    inviato con; scarica outlook per; ottieni outlook per; gesendet von; gesendet mit; gesendet über; von meinem; diese nachricht wurde von meinem; holen sie sich outlook;
    outlook für; verzonden vanaf; verstuurd vanaf; verzonden met; verstuurd met; download outlook voor; outlook downloaden voor; skickat från; skickades från; hämta outlook för; sendt fra;
    hent outlook til; få outlook for; skaff deg outlook; lähetetty; hanki outlook; wysłane z; wysłano z; pobierz program outlook; pobierz aplikację outlook; odesláno z; odoslané z; získat outlook pro; küldve; elküldve;
    az iphone-omról küldve; отправлено с; отправлено из; надіслано з; відправлено з; iphone'umdan gönderildi; iphone'dan gönderildi; ipad'imden gönderildi; trimis de pe; trimis din; στάλθηκε από; נשלח מה; أُرسلت من;
    发自我的; 从我的; 來自我的; 从我的 iphone 发送; iphoneから送信; 나의 iphone에서; dikirim dari; đã gửi từ; poslano s; poslato sa; išsiųsta iš; saadetud minu; kiri on saadetud;
    enviat des de; sendt med; skickat med""".replace("\n", " ").split("; ")
)
