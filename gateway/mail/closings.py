"""What stands below, above or around a reply without being the writer's: phrases of many languages. Data only."""

from gateway.mail.lines import fold


def _phrases(listed: str) -> tuple[str, ...]:
    return tuple(sorted(fold(" ".join(phrase.split())) for phrase in listed.split(";") if phrase.strip()))


#: How lines begin with which a phone or a program signs.
SENT_FROM = _phrases(
    """sent from; sent via; sent with; sent using; sent by; sent on the; sent thru; sent through; from my iphone;
    from my ipad; from my android; from my mobile; from my samsung; from my phone; get outlook for; get [outlook;
    <<sent by; composed on; typed on my; written on my; this message was sent from; this email was sent from my;
    download outlook; sent wirelessly; connected by; virus-free; virenfrei; sans virus; libre de virus; livre de vírus; senza virus; virusvrij; get bluemail; get typeapp; securely sent with; yahoo mail:; posted from; envoyé depuis; envoyé de; envoyé du; envoyé à partir;
    envoyé avec; envoyé par; envoyé via; envoyée depuis; télécharger outlook pour; télécharger [outlook;
    obtenez outlook pour; obtenir outlook pour; depuis mon iphone; provenance :; enviado desde; enviado de;
    enviado do; enviado da; enviado a partir; enviado con; enviado via; enviado vía; enviado com; enviado por;
    enviado pelo; enviada do; enviado mediante; obtener outlook para; obtenga outlook para; obter o outlook para;
    obtenha o outlook para; descargar outlook; desde mi iphone; mandado desde; inviato da; inviato dal;
    inviato con; inviato tramite; inviata da; scarica outlook per; ottieni outlook per; inviato via;
    gesendet von; gesendet mit; gesendet über; gesendet via; gesendet vom; gesendet aus; von meinem; vom iphone;
    vom handy; diese nachricht wurde von meinem; diese nachricht wurde mit; diese nachricht wurde gesendet mit;
    diese e-mail wurde von meinem; holen sie sich outlook; outlook für; laden sie outlook; beziehen sie outlook;
    von unterwegs; versendet mit; versandt mit; verzonden vanaf; verstuurd vanaf; verzonden met; verstuurd met;
    verzonden vanuit; verzonden via; verstuurd via; verzonden door; outlook voor; download outlook voor;
    outlook downloaden voor; verstuurd vanuit; skickat från; skickades från; skickat med; skickat via;
    skickat av; hämta outlook för; skaffa outlook för; sänt från; sendt fra; sendt via; sendt med; sendt af;
    hent outlook til; hent outlook for; få outlook for; få outlook til; skaff deg outlook; skaff outlook for;
    last ned outlook; lähetetty; hanki outlook; lataa outlook; wysłane z; wysłano z; wysłane za; wysłano za;
    wysłane przez; wysłano przy; wysłane przy; pobierz program outlook; pobierz aplikację outlook;
    pobierz outlook; uzyskaj outlook; odesláno z; odesláno pomocí; odoslané z; odoslané pomocou;
    získat outlook pro; získať outlook pre; získejte outlook; stáhnout outlook; posláno z; poslané z; küldve;
    elküldve; az iphone-omról küldve; az ios-hez készült outlook; az androidos outlook; az outlook beszerzése; outlook beszerzése; отправлено с; отправлено из;
    отправлено через; отправлено от; отправлено со; скачайте outlook; скачать outlook; загрузить outlook; получить outlook; получите outlook;
    надіслано з; відправлено з; надіслано через; отримати outlook; завантажити outlook; изпратено от;
    изпратено с; адпраўлена з; iphone'umdan gönderildi; iphone'dan gönderildi; ipad'imden gönderildi;
    outlook'u edinin; android için outlook; ios için outlook; trimis de pe; trimis din; trimis de la; trimis cu;
    trimis prin; obțineți outlook; descărcați outlook; στάλθηκε από; στάλθηκε με; εστάλη από; αποστολή από;
    λήψη του outlook; נשלח מ; נשלח מה; נשלח באמצעות; קבל את outlook; أُرسلت من; أرسلت من; تم الإرسال من; مرسل من;
    الحصول على outlook; ارسال شده از; 发自; 发自我的; 从我的; 發自; 從我的; 來自我的; 来自我的; 从我的 iphone 发送; 獲取 outlook; 取得 outlook;
    获取 outlook; 下载 outlook; 从 windows 版邮件发送; 傳送自; 发送自; 寄件自; 傳自; iphoneから送信; ipadから送信; outlook for ios を入手;
    outlook for android を入手; 나의 iphone에서; 내 iphone에서; ios용 outlook; android용 outlook; dikirim dari;
    dihantar dari; dikirim menggunakan; dapatkan outlook; đã gửi từ; gửi từ; được gửi từ; tải outlook; ส่งจาก;
    poslano s; poslano iz; poslano z; poslato sa; poslato iz; послато са; išsiųsta iš; išsiųsta naudojant;
    saadetud minu; saadetud; kiri on saadetud; nosūtīts no; enviat des de; enviat amb; sent í; sent úr; bidalita;
    gestuur vanaf; gestuur vanaf my; naipadala mula"""
)
#: How lines end with which a phone signs in languages that put the verb last.
SENT_FROM_ENDS = _phrases(
    """gönderildi; gönderilmiştir; から送信; から送信しました; で送信; より送信; から送信されました; 에서 보냄; 에서 전송; 에서 보낸 메일; 에서 작성; 으로 보냄;
    küldve; küldték; gesendet; gesendet.; verzonden; verstuurd; 发送; 發送; 传送; 傳送; 寄出; 传送的; से भेजा गया;
    from mobile; from my mobile; from my phone; from my iphone; を入手; を入手する"""
)
#: What such a line is sent from: one of these words in it, or "my", makes it certain.
DEVICES = _phrases(
    """iphone; ipad; ipod; android; samsung; galaxy; huawei; xiaomi; redmi; pixel; nokia; htc; lumia; blackberry;
    windows; outlook; mailbox; airmail; mail; mobile; mobil; phone; telefon; téléphone; teléfono; telefone;
    telefono; telefoon; smartphone; handy; gerät; tablet; tablette; tableta; celular; móvil; movil; portable;
    cellulare; puhelim; matkapuhelim; mobiele; komórk; komór; устройств; телефон; смартфон; мобильн; пристро;
    cihaz; 手机; 手機; 携帯; スマートフォン; スマホ; 휴대; 스마트폰; 메일; ti-85; sony; xperia; surface; avast; virus-free; virenfrei; sans virus; libre de virus; livre de vírus; senza virus; virusvrij; lg; oneplus; oppo; vivo; motorola; apple;
    macbook; mac; spark; sparrow; k-9; yahoo; gmail; proton; zoho; hey; superhuman; thunderbird; newton; edison;
    spike; aol; gmx; web.de; mailo; posteo; tutanota; canary; bluemail; typeapp; fairemail; nine; boxer; webmail; tuta;
    device; cell; droid; verizon; t-mobile; at&t; workspace; app; watch; κινητό; נייד; iphonesta; ipadista"""
)
#: How the last paragraph begins where a company's system puts a notice below every mail.
DISCLAIMERS = _phrases(
    """confidentiality notice; confidentiality note; confidential notice; legal disclaimer; email disclaimer;
    e-mail disclaimer; disclaimer:; privileged and confidential; privileged/confidential; important notice:;
    notice of confidentiality; this e-mail and any attachment; this email and any attachment;
    this e-mail (and any attachment; this email (and any attachment; this e-mail, and any attachment;
    this email, and any attachment; this e-mail and any file; this email and any file;
    this message and any attachment; this message (including any attachment;
    this e-mail (including any attachment; this email (including any attachment;
    this e-mail message, including any attachment; this email message, including any attachment;
    this e-mail, including any attachment; this email, including any attachment; this message is confidential;
    this message contains confidential; this email contains confidential; this e-mail contains confidential;
    this email is confidential; this e-mail is confidential; this email is intended only;
    this e-mail is intended only; this message is intended only; this message is intended for the;
    this communication is confidential; this communication, including any attachment;
    the information contained in this e-mail; the information contained in this email;
    the information in this email is confidential; the information in this e-mail is confidential;
    the information contained in this message; the information contained in this communication;
    the information transmitted is intended only; the contents of this e-mail; the contents of this email;
    the content of this email is confidential; the content of this e-mail is confidential;
    please consider the environment before printing; please think of the environment before;
    consider the environment before; if you are not the intended recipient;
    if you have received this email in error; if you have received this e-mail in error;
    this transmission is intended; this message may contain confidential; this email may contain confidential;
    this e-mail may contain confidential; diese e-mail enthält vertrauliche; diese email enthält vertrauliche;
    diese e-mail kann vertrauliche; diese nachricht enthält vertrauliche; diese nachricht ist vertraulich;
    diese e-mail ist vertraulich; der inhalt dieser e-mail ist vertraulich; die information in dieser e-mail;
    die informationen in dieser e-mail; die in dieser e-mail enthaltenen; vertraulichkeitshinweis;
    haftungsausschluss:; bitte denken sie an die umwelt; bitte prüfen sie, ob diese mail wirklich ausgedruckt;
    denken sie an die umwelt, bevor; wichtiger hinweis: diese e-mail; wichtiger hinweis: diese nachricht;
    ce message et toutes les pièces jointes; ce message et ses pièces jointes;
    ce message et les éventuelles pièces jointes; ce message et toute pièce jointe; ce message et ses annexes;
    ce courriel et toute pièce jointe; ce courriel et les documents; ce courriel et ses pièces;
    ce message est confidentiel; ce courriel est confidentiel; ce courrier électronique; avis de confidentialité;
    pensez à l'environnement avant; pensez à l’environnement avant; merci de penser à l'environnement;
    este mensaje y sus archivos; este mensaje y los archivos; este mensaje y sus anexos;
    este mensaje y cualquier archivo; este mensaje se dirige exclusivamente; este mensaje va dirigido;
    este mensaje es confidencial; este correo electrónico y; este correo electrónico contiene; este correo y sus;
    este e-mail contiene; aviso legal; aviso de confidencialidad; aviso de privacidad;
    cláusula de confidencialidad; la información contenida en este; antes de imprimir este;
    piense en el medio ambiente; advertencia legal; esta mensagem e seus anexos; esta mensagem e quaisquer;
    esta mensagem, incluindo; esta mensagem pode conter; esta mensagem contém informa;
    esta mensagem é confidencial; este e-mail e seus anexos; este e-mail e quaisquer; este e-mail contém;
    esta comunicação é confidencial; a informação contida nesta; as informações contidas nesta;
    antes de imprimir; aviso legal:; pense no meio ambiente; questo messaggio e i suoi allegati;
    questo messaggio e gli eventuali; questo messaggio di posta elettronica; questo messaggio è confidenziale;
    questo messaggio e ogni; questa e-mail e; le informazioni contenute in questa;
    le informazioni contenute nella presente; le informazioni contenute in questo messaggio;
    il presente messaggio; la presente e-mail; avviso di riservatezza; nota di riservatezza;
    ai sensi del regolamento; ai sensi del d.lgs; ai sensi dell'art; pensa all'ambiente prima di;
    prima di stampare; dit bericht en eventuele bijlagen; dit bericht is vertrouwelijk;
    dit bericht kan vertrouwelijke; dit bericht is uitsluitend bestemd; dit e-mailbericht; deze e-mail en;
    deze e-mail is vertrouwelijk; deze e-mail is uitsluitend; de informatie in dit bericht;
    de informatie in deze e-mail; de informatie verzonden met dit; de inhoud van dit bericht;
    de inhoud van deze e-mail; denk aan het milieu; op deze e-mail is een disclaimer; detta meddelande och;
    detta meddelande är konfidentiellt; detta e-postmeddelande; detta mejl; innehållet i detta;
    tänk på miljön innan; denne e-mail; denne e-mail og; denne mail; denne meddelelse; denne e-posten;
    denne meldingen; denna e-post; tenk på miljøet; tænk på miljøet før; tämä viesti; tämä sähköposti;
    tämä viesti ja sen liitteet; niniejsza wiadomość; ta wiadomość i wszelkie; ta wiadomość oraz;
    ta wiadomość jest poufna; treść tej wiadomości; treść niniejszej wiadomości; informacja zawarta w tej;
    klauzula poufności; pomyśl o środowisku zanim; zanim wydrukujesz; tato zpráva; tento e-mail; tento email;
    obsah tohoto e-mailu; obsah této zprávy; táto správa; ez az üzenet és; ez az e-mail; az üzenet tartalma;
    jelen üzenet; настоящее сообщение; данное сообщение; это сообщение и любые; это письмо и любые;
    информация, содержащаяся в; содержание данного сообщения; це повідомлення та; інформація, що міститься;
    bu e-posta; bu mesaj; bu elektronik posta; bu ileti; acest mesaj; acest e-mail; acest email;
    informațiile din acest; τα στοιχεία που περιέχονται; το παρόν μήνυμα; 本邮件及其附件; 本邮件及附件; 此邮件及其附件; 本郵件; 本信件;
    このメールには; このメールおよび添付; このメールは機密; このeメール; 이 메일은; 이 메일에는; 본 메일은; 본 메일; 본 전자우편은; pesan ini dan; email ini;
    ova poruka; ovaj e-mail; to sporočilo; see kiri"""
)
#: Headings that a system puts above earlier mails it lists.
PREVIOUS = frozenset(
    _phrases(
        """previous replies; previous reply; previous messages; previous message; in reply to; previous discussion;
    earlier messages; conversation history; message history; ticket history; vorherige antworten;
    vorherige nachrichten; frühere antworten; bisherige nachrichten; verlauf; als antwort auf;
    réponses précédentes; messages précédents; en réponse à; historique; respuestas anteriores;
    mensajes anteriores; en respuesta a; respostas anteriores; mensagens anteriores; em resposta a;
    risposte precedenti; messaggi precedenti; in risposta a; eerdere antwoorden; vorige antwoorden;
    eerdere berichten; in antwoord op; tidigare svar; tidigare meddelanden; som svar på; tidligere svar;
    tidligere meddelelser; forrige svar; som svar til; aiemmat vastaukset; aikaisemmat vastaukset;
    edelliset vastaukset; vastauksena; poprzednie odpowiedzi; poprzednie wiadomości; w odpowiedzi na;
    předchozí odpovědi; předchozí zprávy; predchádzajúce odpovede; előző válaszok; korábbi válaszok;
    предыдущие ответы; предыдущие сообщения; в ответ на; попередні відповіді; попередні повідомлення;
    önceki yanıtlar; önceki cevaplar; önceki mesajlar; răspunsuri anterioare; răspunsurile anterioare;
    προηγούμενες απαντήσεις; תגובות קודמות; ردود سابقة; الردود السابقة; 之前的回复; 以前的回复; 先前的回复; 先前的回覆; 以前的回覆; 上一则回复;
    以前の返信; 過去の返信; 이전 답글; 이전 댓글; 이전 답변; balasan sebelumnya; trả lời trước; prethodni odgovori; prejšnji odgovori;
    ankstesni atsakymai; eelmised vastused; предишни отговори; respostes anteriors"""
    )
)
#: A line with one of these and one of the next says that the reply goes above it.
ABOVE_THIS = _phrases(
    """above this line; above the line; above this text; above this mark; above the dotted line; above here;
    above this message; above this dotted line; above this; über dieser zeile; über diese zeile;
    oberhalb dieser zeile; oberhalb dieser linie; über dieser linie; über diese linie; oberhalb der zeile;
    oberhalb diese; über dieser; über diese; oberhalb dieser; au-dessus de cette ligne; au dessus de cette ligne;
    au-dessus de la ligne; dessus de cette ligne; encima de esta línea; por encima de esta; arriba de esta línea;
    sobre esta línea; encima de esta linea; sobre la línea; arriba de la línea; acima desta linha;
    acima dessa linha; por cima desta linha; acima da linha; sopra questa riga; sopra questa linea;
    al di sopra di questa; sopra la riga; sopra la linea; boven deze regel; boven deze lijn; boven de lijn;
    boven dit bericht; boven de regel; ovanför denna rad; ovanför den här raden; ovanför denna linje;
    ovanför linjen; over denne linje; over denne linjen; ovenfor denne linje; ovenfor denne linjen; over linjen;
    oven for denne; tämän rivin yläpuolelle; tämän viivan yläpuolelle; rivin yläpuolelle; nad tą linią;
    powyżej tej linii; nad tą linijką; powyżej linii; nad tym wierszem; nad tento řádek; nad tímto řádkem;
    nad tuto; nad tento riadok; nad týmto riadkom; nad touto; e sor fölé; e vonal fölé; sor felett; sor fölé;
    vonal fölé; vonal felett; выше этой; над этой; выше линии; выше данной; вище цього рядка; вище цієї лінії;
    над цим рядком; над цією; вище цієї; bu satırın üst; bu çizginin üst; satırın üzerine; çizginin üzerine;
    bu satırın üzer; deasupra acestei linii; deasupra acestui rând; deasupra liniei; πάνω από αυτή;
    επάνω από αυτή; πάνω από τη γραμμή; מעל שורה זו; מעל לשורה זו; מעל קו זה; מעל השורה; فوق هذا السطر;
    أعلى هذا السطر; فوق هذا الخط; أعلى هذا الخط; 在此行以上; 在此行之上; 在这条线上; 在此線以上; 在此線之上; 在这行上方; 请在此行上方; 請在此行上方; 此行上方;
    此线上方; 此線上方; 以上行; 此行以上; 此行之上; この行より上; この線より上; この行の上; この線の上; この行より; 이 줄 위; 이 선 위; 이 라인 위; 위에;
    di atas baris ini; di atas garis ini; phía trên dòng này; trên dòng này; iznad ove linije; iznad ovog reda;
    nad to vrstico; nad to črto; iznad ove crte"""
)
#: Stems of "answer", "write", "type".
ANSWER_WORDS = _phrases(
    """reply; respond; write; type; answer; response; comment; message; line; add; antwort; schreib; kommentar;
    répon; écri; repon; saisi; respuesta; escrib; contest; resposta; respost; escrev; digite; rispo; rispondi;
    scriv; antwoord; reageer; reactie; typ; reageren; svar; skriv; vasta; kirjoita; odpowied; odpisz; wpisz;
    napisz; odpov; pište; napište; odpíš; válasz; írj; ответ; отвеч; пишите; напишите; введите; відпов; напишіть;
    пишіть; yanıt; yaz; cevap; răspun; scrie; απάντ; γράψ; הגיב; השב; תגוב; כתוב; الرد; اكتب; رد; 回复; 回覆; 答复; 回應;
    输入; 返信; 入力; 記入; 회신; 답장; 입력; 작성; 답변; balas; tulis; trả lời; viết; odgovor; piši; napiši"""
)
