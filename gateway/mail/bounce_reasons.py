"""What servers say when they do not deliver: words in, the reason, its RFC 3463 subject and detail, and whether it stays
so out. Data only; the order counts, since the first that matches is taken.

Words are matched in lower case, on one line, with addresses taken out. Gaps are bounded, so each is linear.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """`detail` is RFC 3463's "subject.detail"; `is_gone` where the address itself is to blame, so that sending again
    is useless; `transient` where the class is 4 unless the server says otherwise.
    """

    name: str
    detail: str
    words: re.Pattern[str]
    is_gone: bool = False
    transient: bool = False
    #: Set where the words mean the address whenever they are said, even after the mail's content.
    is_certain: bool = False


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases))


REASONS: tuple[Reason, ...] = (
    Reason(
        "unknown_user",
        "1.1",
        # How one provider says it, as its postmaster pages tell: Exchange Online (directory based edge blocking), Exchange,
        # Yahoo, Orange and La Poste, MessageLabs, Facebook, Google.
        _any(
            r"5\.4\.1 [^;]{0,60}recipient address(?:es)? rejected ?: access denied|resolver\.adr\.(?:ex)?recip(?:ient)?notfound|user doesn't have an? [^ ]{1,40} account",
            r"\bofr_416\b|\blpn007_416\b|\b542 [^;]{0,40}rejected|\brcp-p1\b|the email account that you tried to reach does not exist",
        ),
        is_gone=True,
        is_certain=True,
    ),
    Reason(
        "mailbox_full",
        "2.2",
        _any(
            r"over ?-?quota",
            r"quota[^.;]{0,40}(?:exceed|full|exhaust|violat|reached|dépass)",
            r"(?:exceed|out of|over|beyond|insufficient|not enough)[^.;]{0,40}(?:quota|storage|mailbox size|disk space for|mailbox space)",
            r"(?:mail ?box|mailfolder|inbox|in-box|maildir|mail box|mailbox for)[^.;]{0,60}\bfull\b",
            r"(?:mailbox|account|user)[^.;]{0,40}(?:exceeds? (?:allowed|its|the|their)|(?:has|have) exceeded|exceeded (?:its|the|their)|over (?:its|the) (?:limit|size)|size limit)",
            r"full mailbox|mailbox[_ ]?(?:is )?full|mailfull|storage limit|has run out of|disk full for|too much mail data|no (?:more )?room in mailbox",
            r"overdrawn|account is full|not (?:enough|sufficient) (?:disk |mailbox )?(?:space|storage)|maximum mailbox size|mailbox .{0,20}over limit",
            r"user (?:is )?over|(?:folder|mailbox|account) too (?:full|large)|mapi_?e?_?(?:exception)?quota|storedrv[^ ]{0,40}quota",
            r"postfach[^.;]{0,40}voll|zu ?viele mails auf dem server|boîte[^.;]{0,40}pleine|casella[^.;]{0,40}piena|buz[oó]n[^.;]{0,40}lleno|cuota[^.;]{0,30}(?:exced|super)",
            r"caixa[^.;]{0,40}cheia|skrzynk[^.;]{0,40}(?:pełn|przepełn)|переполнен|превышен[^.;]{0,20}квот|postvak[^.;]{0,30}vol|schránk[^.;]{0,30}(?:plná|zaplněn)",
            r"メールボックス[^。]{0,20}(?:一杯|いっぱい|容量|満杯)|受信箱[^。]{0,10}一杯|邮箱[^。]{0,12}满|郵箱[^。]{0,12}滿|메일함[^.]{0,12}(?:가득|초과)",
        ),
    ),
    Reason(
        "too_big",
        "3.4",
        _any(
            r"(?:message|mail|e-mail|header|body)s? (?:size |length |data |is |was |body ){0,4}(?:exceeds?|exceeded|too (?:large|big|long)|larger than|over the)",
            r"size (?:of (?:the |this )?(?:message|mail))?[^.;]{0,30}(?:exceeds?|exceeded|too (?:large|big)|greater|larger)",
            r"exceed(?:s|ed|ing)?[^.;]{0,40}(?:message size|maximum size|size limit|size restriction|maximum allowed|fixed (?:maximum )?(?:message )?size|max(?:imum)? message)",
            r"too (?:large|big) (?:a )?(?:message|mail|for)|message (?:too|to) (?:large|big)|maximum message size|fixed maximum size|big message|(?:recip|sender|message)sizelimit",
            r"nachricht[^.;]{0,20}zu gro(?:ß|ss)|message trop (?:volumineux|gros)|メッセージ[^。]{0,12}サイズ|слишком большо",
        ),
    ),
    Reason(
        "name_server",
        "4.3",
        _any(
            r"host not found,? try again|(?:malformed|unexpected|bad)[^.;]{0,30}name ?server reply|temporary (?:lookup|dns|resolution|name server)|servfail",
            r"name ?server:?[^.;]{0,40}(?:timed? ?out|timeout|failure|server failure)|(?:dns|host|mx) (?:lookup|query|server)[^.;]{0,30}(?:did not complete|timed out|timeout|failed temporarily|temporar)",
            r"lookup (?:did not complete|deferred|temporarily)|try again[^.;]{0,20}name ?server|cname lookup failed temporarily|could ?n[o']t resolve[^.;]{0,20}temporar",
            r"name server temporarily|dns temporarily|dns error|dns soft error",
        ),
        transient=True,
    ),
    Reason(
        "no_mail_accepted",
        "1.10",
        _any(
            r"no smtp service|null ?-?mx|domain[^.;]{0,60}(?:does not|doesn't|do not) (?:accept|receive|support) (?:any )?(?:e-?)?mails?",
            r"(?:host|domain|server)[^.;]{0,40}(?:never|not) accepts? (?:any )?mail|does not accept mail|no mail (?:server|exchanger)s? (?:for|found|exists)",
            r"mail receiving disabled|does not have any mail servers",
        ),
        is_gone=True,
    ),
    Reason(
        "moved",
        "1.6",
        _any(
            r"(?:user|recipient|address|account|mailbox|person)[^.;]{0,40}(?:has moved|have moved|has been (?:moved|replaced|changed)|has changed|no longer (?:on|at|with|valid|in use|works|here|employed))",
            r"no longer on server|new (?:e-?mail )?address (?:is|of)|user not local,? (?:please )?try|message to[^.;]{0,60}changed their",
        ),
        is_gone=True,
    ),
    Reason(
        "suspended",
        "2.1",
        _any(
            r"(?:account|mailbox|mail box|\buser|recipient|customer|subscriber|member|alias|login|compte)[^.;:]{0,48}(?:\bdisabled|suspend|inactive|not active|deactivat|locked|frozen|on hold|blocked|restricted|bloqu|expired|not accepting|temporarily unavailable|currently unavailable|administratively)",
            r"(?:disabled|suspended|inactive|inactivated|deactivated|locked|frozen) (?:user|account|mailbox|recipient|address)|mailbox currently|not accepting (?:any )?(?:mail|messages)",
            r"(?:mailbox|account|user) unavailable or access denied|konto[^.;]{0,24}(?:gesperrt|deaktiviert)|账号[^。]{0,10}(?:冻结|停用|禁用)|заблокирован|не активен",
        ),
    ),
    Reason(
        "rate",
        "7.1",
        _any(
            r"rate[- ]?limit|(?:connection|message|sending|mail|recipient)s?(?: frequency| rate| limit){1,2}|frequency limited|throttl|at a rate that|too (?:fast|frequent)",
            r"too many (?:messages|connections|recipients|mails|emails|errors|concurrent|sessions|invalid|bad|unknown|connects|rcpt)",
            r"(?:sent|exceed)[^.;]{0,50}(?:this|per|an|in one|hourly|daily) ?(?:hour|day|minute|limit|quota|messages)|volume|gr[ae]y-?list|temporarily deferred|4\.7\.0 temporarily|sending limit|daily limit",
        ),
        transient=True,
    ),
    Reason(
        "relay_denied",
        "7.1",
        _any(
            r"relay(?:ing)?[^.;]{0,30}(?:denied|not permitted|not allowed|prohibited|disabled|refused|is not|rejected|operation)|(?:unable|not|cannot|can't|don't|refuse|failed)[^.;]{0,24} to relay|do(?:es)? not relay|n[o']t relay",
            r"(?:insecure|open|unauthori[sz]ed|mail|no|third[- ]party) relay(?:ing)?\b|rcpthosts|isn't in my list|not (?:a )?local (?:host|domain)|is not a gateway|must (?:be )?authenticat|authentication (?:is )?required|you must check for (?:new )?mail",
            r"not (?:authori[sz]ed|permitted|allowed) to relay|not hosted here|domain is not (?:handled|served)|unable to verify[^.;]{0,20}relay|relaying",
        ),
    ),
    Reason(
        "authentication",
        "7.26",
        _any(
            r"\bdmarc\b|\bspf\b|\bdkim\b|sender policy framework|sender ?id\b|fails?[^.;]{0,20}authentication|(?:unauthenticated|not authenticated) (?:e-?mail|message|sender)|domainkeys|does not designate"
        ),
    ),
    Reason(
        "sender_rejected",
        "1.8",
        _any(
            r"(?:(?<!to )(?<!to the )sender|mail from|from (?:address|header|domain|field)|originator|envelope)[^.;,<]{0,40}(?:reject|refus|denied|invalid|not valid|does not exist|unknown|not found|verif|not allowed|not permitted|block|black|bad|unresolv|can ?not be|does not resolve|not accept)",
            r"domain of sender|sender domain|invalid (?:sender|mail from|from|envelope)|bad sender|does not like sender|return address|reverse-?path|not allowed to send|unresolvable (?:sender|from)|addresses in from: header|can'?t verify sender|cannot resolve[^.;]{0,24}(?:sender|from)",
            r"not (?:authori[sz]ed|permitted) to send|(?:only )?(?:accepts?|receives?) (?:mail|messages)[^.;]{0,24} from (?:certain|specific|known|authenticated|people|members)|restrict(?:ed|ion)s?[^.;]{0,24}(?:sender|who can send)|resolver\.rst\.(?:not)?auth|not (?:a )?member|members only|permissions? to (?:post|send)|not in (?:my |the )?(?:white|allow|accepted)",
        ),
    ),
    Reason(
        "blocked",
        "7.1",
        _any(
            r"black ?-?list|block ?-?list|\brbl\b|dnsbl|spamhaus|spamcop|barracudacentral|\bsorbs\b|uceprotect|senderbase|banned|reputation|trend ?micro|dynablock",
            r"(?:ip|host|address|network|client|domain|connection|server|site|you|system|access)[^.;]{0,60}(?:\bblocked|\blisted|not allowed|forbidden|bloqu|denied|prohibited)|client host|connection (?:rejected|refused by|not authori)",
            r"reverse (?:dns|lookup)|\bptr\b|\bfcrdns\b|cannot find your (?:reverse )?host|no access from|my name was rejected|\b(?:helo|ehlo)\b[^.;]{0,40}(?:reject|invalid|denied|name|match|domain)|invalid domain name|hostname[^.;]{0,30}(?:match|invalid)|dynamic ip|dial-?up|residential",
            r"refused to talk|service (?:not available|refuse|unavailable)|too many spam|poor reput|closing (?:transmission|connection)|access from ip|gesperrt|we do not accept mail from|not welcome",
        ),
    ),
    Reason(
        "content",
        "7.1",
        _any(
            r"\bspam|\bube\b|\buce\b|junk ?mail|virus|malware|infected|phish|unsolicited|bulk mail|sc-0\d\d|dy-0\d\d|ou-0\d\d|cs0\d\b",
            r"content (?:reject|filter|is not|not|block|violat|restrict|policy|presents)|(?:message|mail|prohibited|forbidden|unacceptable|bad|illegal|suspicious) content|header (?:error|check|invalid)|malformed (?:message|header|mime)|non-?compliant|not rfc ?\d|bare (?:lf|cr|newline)",
            r"(?:message|mail|e-mail|email|transaction|data|transfer)s?(?: has been| have been| was| is| body)? (?:filtered|blocked|refused|rejected|denied|not accepted|looks like|considered|contains|detected|classified|failed|held)",
            r"polic(?:y|ies)|(?:attachment|file)[^.;]{0,40}(?:not (?:allowed|accepted|permitted)|block|forbidden|prohibit|reject)|security (?:reason|filter|check)|(?:blocked|rejected|refused|filtered|denied) (?:by|due to|for|because)[^.;]{0,24}(?:filter|rule|system|content|security|polic|administrator)|redundant|high probability|\b(?:msg|pol|con|int)-[pt]\d\b|\brcp-p[23]\b|recipient preferences",
        ),
    ),
    Reason(
        "unknown_host",
        "1.2",
        _any(
            r"(?:host|domain|system|site|server|destination)(?: ?name)?(?: is| was| or domain name)? ?(?:unknown|not (?:found|known|exist)|invalid|non-?existent|unresolv)",
            r"(?:unknown|invalid|no such|non-?existent|illegal|bad|unresolvable|unroute?able|bogus|misspelled|nonexistent) (?:mail )?(?:destination )?(?:host|domain|site|system|server)",
            r"(?:domain|host|server)[^.;]{0,60}(?:does(?: not|n't) exist|(?:could|can)(?: ?not|n't) be found|isn't registered|not found in dns|cannot be resolved|is not registered|was not found|lookup failed)",
            r"name or service not known|nodename nor servname|couldn't find any host|could not find any host|cannot find (?:any )?(?:host|domain|mx)|nxdomain|nonexistentdomain|host or domain name not found|name service error[^;]{0,80}host not found|dns domain|authoritative answer from name server|no route to (?:host|domain) name|no mx (?:or|record)|no matches to nameserver query|couldn't find[^.;]{0,30}domain",
            r"ドメイン[^。]{0,24}(?:見つかり|存在し)|домен[^.;]{0,24}не (?:существует|найден)|domain[^.;]{0,24}(?:existiert nicht|n'existe pas|no existe)|域名不存在",
        ),
        is_gone=True,
    ),
    Reason(
        "system",
        "3.0",
        _any(
            r"queue file write|disk (?:is )?full|no space left|insufficient system|out of (?:memory|disk)|local (?:configuration )?(?:error|problem|delivery failure)|config(?:uration)? (?:error|problem)|(?:could ?n[o']t|can(?:no|')t|unable to|failed to) (?:create|open|write|append|lock|make|chdir|rename|exec|stat|access)",
            r"command (?:died|time limit|output|failed)|pipe to|internal (?:server )?error|system (?:error|not accepting|config|resource|failure|problem)|resources? (?:temporarily )?unavailable|temporary (?:failure|error|local|problem|system)|server (?:error|busy|too busy|configuration)|mail(?:er)? (?:error|system is)|unknown mailer error|i/o error|can't accept|service failure|mailbox is locked|permission denied|signal \d",
        ),
        transient=True,
    ),
    Reason(
        "unknown_user",
        "1.1",
        _any(
            r"(?:user|recipient|mailbox|mail box|account|address|addressee|person|alias|member|login|local part|localpart|customer|subscriber|inbox|name|people|e-?mail|empfänger|id)s?(?: ?name| account| address(?:es)?| id| not| email){0,4}(?:\(s\))?(?: is| are| was| has been| in| on| of|:|;|,|-|_| \([^)]{0,30}\)|\.\.\.| <[^>]{0,60}>){0,6} ?(?:unknown|not (?:found|known|exist|listed|recogni[sz]ed|valid|match|here|available|local|registered|on (?:this|our)|in (?:the |our |this |public )?(?:directory|domino|lotus|name|system|database)|our customer|present|a (?:known|valid))|invalid|non-?existent|unlisted|incorrect|undeliverable|unavailable|deleted|removed|unrout|terminated|rejected|closed|doesn't|does not|no longer)",
            r"(?:unknown|invalid|no such|bad|nonexistent|non-existent|not a valid|not a known|not valid|no valid|undefined|unrout[ea]{1,2}ble|undeliverable|illegal|unrecogni[sz]ed|unlisted|incorrect|wrong|obsolete|deleted|unable to find|cannot find|not find|no) (?:local |destination |mail ?|e-?mail |or |forward |virtual |delivery |account |our |the |a |such |internal |final |to |user |recipient ){0,5}(?:user|recipient|mail ?box|account|address|person|alias|local.?part|rcpt|addressee|member|name|destinataire|customer|inbox|one|people|subscriber|matching|id\b)",
            r"(?:user|recipient|mailbox|account|address|person|that|there)[^.;]{0,64}(?:(?:does not|doesn't|don't|do not|did not|didn't|not) (?:exist|have|recogni[sz]e|match)|(?:could|can)(?: ?not|n't) be (?:found|located|verified|reached)|was(?: not|n't) found|isn't (?:a|valid|known|here)|is not (?:a |known|valid|recogni[sz]ed|listed|defined|found|served|exist)|is no longer)",
            r"(?:doesn't|does not|don't) (?:exist|have an? [^.;]{0,24}account|like recipient)|no such (?:user|mailbox|address)|not our customer|no account|nosuchuser|userunknown|user[_-]unknown|recip(?:ient)?notfound|resolver\.adr\.|unknown or illegal alias|unknown_user|unroute?able address|user name is not|no mailbox|by that name|addressed to nobody|not like recipient|rcpt to[^.;]{0,24}(?:rejected|invalid|unknown)",
            r"(?:recipient|rcpt|address)s?(?: address(?:es)?)?(?:s?\))? (?:was |is |has been |were )?(?:reject|refused|denied|invalid)|rejected (?:recipient|address)|not listed in|not (?:found )?in (?:the )?(?:domino|notes|public|name)|ldap (?:lookup|address)|couldn't find (?:the |that )?(?:user|recipient)|(?:wasn't|was not|were not|could not be|couldn't be) found (?:at|in|or|on)",
            r"mailbox (?:unavailable|not available)|action not taken",
            r"adresse nicht gefunden|adresse[^.;]{0,12} introuvable|dirección[^.;]{0,24}no (?:se )?(?:ha )?(?:encontr|hall)|no se (?:ha )?(?:encontró|encontrado)[^.;]{0,12} dirección|endereço[^.;]{0,16} não (?:foi )?encontrado|indirizzo[^.;]{0,16} non (?:è stato )?trovato|adres niet gevonden|nie (?:znaleziono adresu|ma takiego)|adressen (?:hittades inte|blev ikke fundet|ble ikke funnet)|osoitetta ei löyt|adresa nenalezena|adres bulunamadı|адрес[^.;]{0,16} не найден|找不到[^。]{0,12}(?:地址|用户|用戶|收件人)",
            r"user[\"')>]{1,2} unknown|\A\W{0,12}unknown\W{0,8}\Z",
            r"unbekannt|existiert nicht|ungültig|empfänger[^.;]{0,40}(?:nicht|kein)|destinataire[^.;]{0,30}(?:inconnu|invalide|inexist)|utilisateur inconnu|adresse[^.;]{0,40}(?:invalide|inconnue|inexistante|n'existe pas)|usuario (?:desconocido|no existe|inexistente)|(?:destinatario|cuenta|dirección)[^.;]{0,30}(?:no existe|desconocid|inexistente|sconosciut)|usuário[^.;]{0,24}(?:desconhecid|inexistente|não existe)|utente sconosciuto|non esiste|onbekende? (?:gebruiker|ontvanger)|bestaat niet|okänd|ukjent|ukendt|tuntematon|nieznany|nie istnieje|neznámý|neexistuje|ismeretlen|nem létezik",
            r"несуществующ|не существует|неизвестн|нет такого|не найден|пользовател[^.;]{0,30}(?:не |нет)|недействител|宛先[^。]{0,20}(?:不明|存在|見つかり)|(?:ユーザ|アドレス|メールアドレス|受信者)[^。]{0,20}(?:存在し|見つかり|不明)|あて先不明|用户不存在|用戶不存在|收件人[^。]{0,12}不存在|地址[^。]{0,12}不存在|존재하지 않|알 수 없는",
        ),
        is_gone=True,
    ),
    Reason(
        "network",
        "4.1",
        _any(
            r"connection (?:timed? ?out|timeout|refused|reset|lost|dropped|closed|failed|attempt|died|was|broke|could)|timed? ?-?out|no route to host|(?:network|host|server|destination)(?: is)? (?:unreachable|not reachable|down|unavailable|not respond)|(?:could(?: ?not|n't)|cannot|unable to|failed to|can't) (?:connect|establish|reach|contact|make a connection)|lost connection|broken pipe|not respond|no answer|(?:delivery|mail) temporarily suspended|refused to talk|did not (?:accept|respond)|retry timeout|all relevant mx|not accept our requests to connect",
        ),
        transient=True,
    ),
    Reason(
        "loop",
        "4.6",
        _any(
            r"mail loop|too many hops|routing loop|hop count|loops? back to|loop detected|looping|loop count|already has a delivered-to|maximum hop"
        ),
    ),
    Reason(
        "encryption",
        "7.10",
        _any(r"starttls|\btls\b|certificate|\bssl\b|encrypt|\bdane\b|mta-sts|handshake"),
        transient=True,
    ),
    Reason(
        "protocol",
        "5.0",
        _any(
            r"syntax error|command (?:not|un)(?: ?\w{1,20})?|bad sequence|protocol error|unexpected response|not implemented|invalid (?:command|parameter)|8bit|smtputf8|unrecogni[sz]ed command"
        ),
    ),
    Reason(
        "expired",
        "4.7",
        _any(
            r"in (?:the )?queue (?:for )?(?:too|longer)|too long|expired|could not be delivered for|retry time|giving up|message timeout|not been delivered (?:for|after|within|in)|delivery (?:time|attempts?)[^.;]{0,24}(?:expired|exceeded|failed|\d)|delayed|try again later|try later|plus tard"
        ),
        transient=True,
    ),
)

#: Status codes that by themselves mean that the address is gone (RFC 3463 3.2, RFC 7505, Exchange's 5.1.10 and 5.4.310).
GONE = frozenset(("5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.4", "5.4.310"))
#: Of these, the codes that say so even where the server said it after the mail's content.
GONE_FOR_CERTAIN = frozenset(("5.1.1", "5.1.2", "5.1.6", "5.1.10"))

#: What a code says where the words say nothing: RFC 3463's subject and detail.
REASON_OF_CODE = {
    "1.1": "unknown_user", "1.2": "unknown_host", "1.3": "unknown_user", "1.6": "moved", "1.7": "sender_rejected", "1.8": "sender_rejected", "1.10": "no_mail_accepted",
    "2.1": "suspended", "2.2": "mailbox_full", "2.3": "too_big", "3.1": "system", "3.4": "too_big", "4.1": "network", "4.2": "network", "4.3": "name_server",
    "4.4": "unknown_host", "4.6": "loop", "4.7": "expired", "7.1": "content",
}  # fmt: skip

#: How programs tell that the refusal came after the content: Postfix, Exim, qmail, sendmail, GMX, m-FILTER, Gmail's
#: states, dma, Exchange. A server that has taken RCPT and then refuses is judging the mail, not the address.
AFTER_CONTENT = re.compile(
    r"in reply to (?:end of )?data|after (?:end of data|data|sending the (?:data|message)|the message (?:was|had been) sent)|end of data|after i sent the message|"
    r">>> ?(?:data|\.)\s|smtp command data|\(state 1[78]\)|did not like (?:our )?(?:eom|data)|sent <<< (?:data|\.)|"
    r"(?:response|reply|answer) to (?:end of )?data|after data"
)
#: Addresses and what surrounds them say nothing about the reason.
ADDRESSES = re.compile(r"[^\s<>\"'()\[\],;:@]{1,128}+@[^\s<>\"'()\[\],;:]{0,255}+")
