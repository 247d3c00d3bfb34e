"""What programs write around a returned mail, and how machines name themselves. Data only; patterns are linear."""

import re

#: Local parts and names of mailer daemons, as sendmail, Postfix, qmail, Exim, Exchange, Domino, MDaemon and others send.
DAEMON = re.compile(
    r"(?:mailer|mail|mailing|post|return|bounce|smtp|delivery|nondelivery|ndr|dsn)?[-_. ]?(?:daemon|post[-_. ]?master|poostmaster|mailmaster|mailer|mailerdaemon|delivery[-_. ]?(?:system|subsystem|agent|notification))"
    r"(?:[-_+.=][^@]{0,64})?(?:@|\Z)|mdaemon(?:@|\Z)|bounces?(?:[-_+.=][^@]{0,128})?(?:@|\Z)|"
    r"(?:microsoftexchange[0-9a-f]{0,40}|no-?reply-dsn|mail-?system)@",
    re.IGNORECASE,
)
#: Local parts that people use as well, so that subject and text must both agree.
MAYBE_DAEMON = re.compile(
    r"(?:emailsecurity|no-?reply|mta|smtp|root|admin|administrator|[^@\s]{1,40}-(?:admin|owner|request)|owner-[^@\s]{1,40}|system|mmdf|mail|email|exchange|spam[a-z]{0,12}|firewall|notification|notifier)s?@",
    re.IGNORECASE,
)
#: What only a server's words hold: reply codes, its peer's name for the dialogue, an address alone on its line.
SERVER_TEXT = re.compile(
    r"(?<![\d.])[45]\d\d[ -]|(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])|\bsmtp\b|transcript|generating server|^[ \t]{0,16}(?:to:[ \t]?)?<?[^\s<>@]{1,64}@[^\s<>@]{3,255}>?:?[ \t]{0,8}$|(?:domino|address) (?:directory|book)|message (?:id|header)|following (?:recipient|address)|your (?:mail|message|e-?mail) to ",
    re.IGNORECASE | re.MULTILINE,
)
#: How people begin, ask and tell about themselves, which servers that say who they are do as well ("Hi. This is the qmail").
PERSON = re.compile(
    r"\A\s{0,8}(?:hi|hello|hey|dear|good (?:morning|day|afternoon|evening)|hallo|guten|liebe[rs]?|sehr geehrte|bonjour|cher|chère|madame|hola|buenos|buenas|estimad[oa]s?|olá|oi|bom dia|boa tarde|prezad[oa]s?|ciao|salve|buongiorno|gentile|spett|beste|geachte|hoi|hej|hei|dzień dobry|witam|dobrý|ahoj|zdravím|szia|kedves|tisztelt|bună|salut|stimate|καλημέρα|γεια|здравствуйте|добрый|уважаем|привет|добрий|вітаю|шановн|merhaba|sayın|selam|שלום|مرحبا|السلام|您好|你好|お世話|こんにちは|안녕)\b|"
    r"[?？؟](?:\s|\Z)|\b(?:thanks|thank you|regards|grüße|gruß|merci|cordialement|saludos|gracias|obrigad[oa]|grazie|saluti|bedankt|groet(?:en|jes)?|tack|pozdrawiam|спасибо)\b|"
    r"\bi (?:see|get|got|have|need|want|tried|try|sent|send|log|wrote|keep|receive|received|cannot|can't|am getting)\b|\b(?:my|our|we) (?:e-?mails?|messages?|customers?|clients?|accounts?|servers?|get|got|see|sent|need|tried|receive)\b|^[ \t]{0,4}>(?!>>)",
    re.IGNORECASE | re.MULTILINE,
)
#: Words of a display name.
DAEMON_NAME = re.compile(
    r"mail delivery (?:system|sub-?system|service|agent)|mailer[- ]?daemon|post ?master|system administrator|system attendant|mail(?:er)? (?:system|daemon|administrator|service)|"
    r"email delivery|delivery sub ?system|microsoft outlook\Z|microsoft exchange|mail router|internet mail service|message delivery|undeliver|nondelivery|"
    r"mail-delivery-subsystem|mail transport|delivery (?:agent|service)|mailadmin|systemadministrator|administrateur (?:du )?syst|administrador del sistema|メール配送|配信システム|почтов|系统管理员|系統管理員",
    re.IGNORECASE,
)
SUBJECT = re.compile(
    r"undeliver|un-deliver|undelivered|non-?deliver|not delivered|not been delivered|delivery[- ]status|delivery (?:has )?fail|delivery (?:failure|problem|notification|report|error|incomplete|unsuccessful|delay|attempt|to |final)|"
    r"failure (?:notice|delivery|notification)|failed (?:mail|delivery|message|to deliver)|(?:returned|returning|bounced|rejected|blocked|undeliverable|failed) (?:mail|message|e-?mail)|mail delivery|mail (?:could not|not) (?:be )?deliver|(?:could|can)(?: ?not|n't) (?:be )?deliver|"
    r"returned to sender|message you sent|mail status|mail system error|mail fail|mail error|message (?:status|delivery|undeliverable|not delivered|rejected|blocked)|delayed mail|(?:e-?mail|message|mail) (?:delivery )?(?:delayed|is delayed|rejected|bounced|blocked)|"
    r"warning:? (?:message|could not send|e-?mail)|postmaster (?:notify|notice)|errors? from|notice of undeliver|(?:user|host|domain|recipient|address|mailbox) (?:unknown|full|not found)|unknown (?:user|host|address|recipient)|nondelivery|\bndn\b|\bndr\b|problem delivering|unable to (?:deliver|send)|"
    r"permanent delivery|transient delivery|temporary delivery|waiting mail|deferred:|delivery could|sendmail|service unavailable|message delivery|verification failed|not member article|loop (?:alert|back)|mail loop|ignored junk|smtp server:|uns?zustellbar|unzustell|nicht zugestellt|zustellung|zustellfehler|"
    r"fehler(?:hafte)? (?:bei|beim) |rückläufer|nicht ausgeliefert|konnte nicht|non (?:remis|remise|distribué|délivré)|échec|echec|avis de non|notification d'échec|non remise|retourné|onbestelbaar|niet bezorgd|niet afgeleverd|kan niet worden|"
    r"no se (?:puede|pudo|ha podido) entregar|no entregad|no se ha entregado|devuelto|fallo en la entrega|error de entrega|não entregue|não pôde ser|falha na entrega|não foi possível entregar|devolvid|mancato recapito|impossibile (?:recapitare|consegnare)|non recapitabile|errore di consegna|non consegnat|"
    r"kan inte leverera|ej levererat|olevererbart|olevererat|det gick inte att leverera|kan ikke lever|ikke leveret|ikke levert|uleverbar|kunne ikke lever|ei voitu toimittaa|toimitus epäonnistui|toimittamat|niedostarcz|niedoręcz|nie można dostarczyć|zwrot wiadomości|nedoručiteľ|nedoručitel|nedoručen|"
    r"kézbesíthetetlen|kézbesítés|sikertelen|nu (?:a putut|poate) fi livrat|nelivrat|μη παραδ|αδυναμία παράδοσης|недоставленн|не доставлен|ошибка доставки|невозможно доставить|недоставк|не удалось доставить|не может быть доставлен|неможливо доставити|teslim edilem|iletilemedi|gönderilemedi|"
    r"לא ניתן למסור|تعذر التسليم|غير قابل للتسليم|退信|未能送达|无法投递|無法傳遞|无法传递|投递失败|传递失败|無法投遞|系统退信|未傳遞|配信不能|配信エラー|配信でき|送信エラー|送信でき|メールエラー|エラーメール|不達|未配信|配達でき|返送|전송 실패|배달되지|배달 실패|반송|ส่งไม่|không gửi được|tidak terkirim|gagal terkirim",
    re.IGNORECASE,
)
#: What the first words of such a mail say.
TEXT = re.compile(
    r"(?:could|can|was|were|did|has|have|is)(?: ?not|n't)(?: be)?(?: been)?(?: able to be)? (?:delivered|reach|sent to|deliver)|unable to (?:deliver|send|relay|process)|(?:wasn't|not|weren't) able to deliver|un-?deliverable|undelivered|"
    r"delivery (?:to the following|has failed|attempts? failed|failed|of (?:this|your|the)|status notification|is delayed|problems?|temporarily)|(?:permanent|fatal) (?:fatal )?error|returned to (?:the )?sender|user unknown|unknown user|automatically rejected|error (?:message|output) (?:below|follows)|"
    r"fail(?:ed|ure)[^.\n]{0,20}(?:to )?deliver|(?:did|has|have)(?: ?not|n't)(?: been)? (?:reach|yet been delivered|been delivered)|rejected by (?:a |the )?remote|message (?:was|has been) (?:rejected|returned|undeliver)|mail (?:server|delivery) (?:rejected|system|agent|software)|"
    r"following (?:recipient|address|destination)s?|transcript of session|not delivered to|non-?deliver|problems? (?:delivering|sending)|cannot be delivered|unknown recipient|no such user|mailbox (?:is )?full|exceeds? (?:allowed|the)|original message follows|error deliver|not (?:a )?member|attempt(?:s|ed|ing)? to (?:deliver|send)|"
    r"送信できませんでした|配信できません|お届けでき|届けられ|配送でき|送れません|エラー|配信不能|не (?:было|может быть|удалось|был[аои]?) доставл|доставить|nicht (?:zugestellt|ausgeliefert|übermittelt)|konnte nicht|unzustellbar|n'a (?:pas )?pu être|pas (?:été )?(?:remis|distribué|délivré)|échec de la remise|"
    r"no (?:se )?(?:pudo|puede|ha podido|ha sido)[^.\n]{0,24}entreg|não (?:pôde|foi)[^.\n]{0,24}entreg|non (?:è stato|può|ha potuto)[^.\n]{0,40}(?:recapit|consegn|possibile)|impossibile (?:recapitare|consegnare)|niet (?:worden )?(?:bezorgd|afgeleverd|bereikt)|kunde inte levereras|ikke leveres?|ei voitu toimittaa|nie (?:można|mogła|została)[^.\n]{0,24}dostarcz|nelze doručit|nebyla doručena|nem (?:sikerült )?kézbesít|iletilemedi|teslim edilemedi|无法(?:投递|送达|发送|传递)|無法(?:傳遞|投遞|傳送)|退信|未能送达|배달되지|전송하지 못|전송되지",
    re.IGNORECASE,
)
#: Subjects of a delay, and words of its text: the mail is not lost yet.
DELAY = re.compile(
    r"delayed|delay\b|(?:not|n't)[^.\n]{0,16}yet[^.\n]{0,16}(?:delivered|sent)|still (?:being|trying|in the queue)|will (?:continue|keep|be retried|try|retry|be re-?tried)|do not need to re-?send|warning message only|you do not need|delivery will be retried|attempts? will continue|(?:could not|cannot) send message for past|"
    r"verzögert|wird weiter versucht|weiterhin versuch|retardé|nouvelle tentative|retrasad|se reintentar|atrasad|ritard|vertraagd|försenad|forsinket|opóźnion|zpožděn|késik|задержан|будет продолж|遅延|遅れて|再送|延迟|延遲|지연",
    re.IGNORECASE,
)
#: The line from which on there is only the returned mail.
RETURNED = re.compile(
    r"^[ \t>|*#]{0,8}(?:[-=_*#+]{2,}+[^\n]{0,8}(?:(?:below|here|following|this|attached)[^\n]{0,20} )?(?:(?:this|it|the|is|a|copy|of|your|header|headers|part)[ \t]{1,4}){0,6}(?:copy of|original|returned|message header|unsent|unsend|undelivered|undeliverable|message follows|message text|text of|headers? of|mail header|non-?delivered|message info|original mail|included message|forwarded|returned mail|enclosed|message body|元の|原文|原邮件)|"
    r"(?:the )?(?:original|returned|unsent|undelivered|failed) (?:message|mail|e-?mail|mail header|message header)s?(?: headers?| text| body| was| is| info(?:rmation)?| follows?| content| included| below| attached){0,4}[^\n:]{0,24}(?::|follows?|\.)[ \t\r]{0,8}$|"
    r"(?:below|here|following|attached|included)(?: this line)? (?:is|are)[^\n]{0,24}(?:copy|header|original|message|part|first)[^\n]{0,60}$|(?:message|mail) headers? (?:follow|are|:)|body of (?:message|the message)|received message headers|"
    r"return-path:|received:[ \t]{1,4}(?:from|by|\()|this is a copy of|a copy of (?:the|your) (?:message|mail|original)|(?:beginning|start) of (?:the )?(?:original|returned)|content-type: (?:message/rfc822|text/rfc822-headers)|-{2,9}original mail info|"
    r"ursprüngliche (?:nachricht|kopfzeilen)|originalnachricht|kopie der nachricht|message d'origine|en-?têtes|mensaje original|encabezados|mensagem original|cabeçalhos|messaggio originale|intestazioni|oorspronkelijk|оригинал|исходн|元の(?:メール|メッセージ)|原始邮件|原始郵件)",
    re.IGNORECASE | re.MULTILINE,
)

#: Prefixes of subjects of people who answer or pass on.
ANSWERED = re.compile(
    r"\s{0,8}(?:\[[^\]\n]{1,40}\]\s{0,8})?(?:re|r|aw|antw|sv|vs|bls|odp|ynt|atb|ats|ref|rif|res|resp|y|ha|ανσ|απ|回复|回覆|答复|返信|답장|fwd?|wg|tr|enc|rv|i|vb|vl|doorst|pd|továbbítás|fs|vá|转发|轉寄|転送|전달|пересл|отв)(?:\[\d{1,3}\])?\s?[:：]",
    re.IGNORECASE,
)
