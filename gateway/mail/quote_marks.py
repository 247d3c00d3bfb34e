"""The HTML of a mail in, what its program says about parts of it out: here stands an attribution, a signature, and here
begins what is quoted. Linear, by tags; only words come out, to be found in the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Literal

Sort = Literal["attribution", "signature", "cut"]

#: More is not looked at; a reply is near the top.
_MAX_HTML = 512 * 1024
_MAX_MARKS = 8
_MAX_CONTENT = 20_000
#: Letters and digits by which the place is found in the text.
_PROBE = 120

#: Values of id, class or name -> what the element is. "cut" reaches until the end of the mail.
_NAMED: dict[str, Sort] = {
    # Outlook on the web, new Outlook, Outlook for phones and for Mac.
    "divrplyfwdmsg": "cut",
    "appendonsend": "cut",
    "mail-editor-reference-message-container": "cut",
    "ms-outlook-mobile-reference-message": "cut",
    "olk_src_body_section": "cut",
    "outlookmessageheader": "cut",
    "stopspelling": "cut",
    "ms-outlook-mobile-signature": "signature",
    # Gmail; the element gmail_quote begins with the attribution, its quote is a blockquote.
    "gmail_attr": "attribution",
    "gmail_signature": "signature",
    "gmail_signature_prefix": "signature",
    # Thunderbird
    "moz-cite-prefix": "attribution",
    "moz-email-headers-table": "cut",
    "moz-signature": "signature",
    # Yahoo, AOL
    "yahoo_quoted": "cut",
    "ymail_android_signature": "signature",
    # Proton, Tuta, Zoho, Zimbra, GMX, Roundcube, Apple, Samsung, QQ and others.
    "protonmail_quote": "cut",
    "protonmail_signature_block": "signature",
    "tutanota_quote": "cut",
    "zmail_extra": "cut",
    "zwchr": "cut",
    "reply-intro": "attribution",
    "applemailsignature": "signature",
    "composer_signature": "signature",
    "front-signature": "signature",
    "front-blockquote": "cut",
    "hs_reply": "cut",
    "freshdesk_quote": "cut",
    "zendesk_quote": "cut",
    "isforwardcontent": "cut",
    "isreplycontent": "cut",
    "qmquote": "cut",
    "wm-quote": "cut",
    "mcntmcntmcnt": "cut",
    "originalmessage": "cut",
    "signature": "signature",
    "mobile-signature": "signature",
    "yahoo_signature": "signature",
    "yahoo-signature": "signature",
    "zm_signature": "signature",
    "zmail_signature": "signature",
    "x-evolution-signature": "signature",
    "-x-evo-signature-wrapper": "signature",
    "emclientsignature": "signature",
    "_rc_sig": "signature",
    "compose-signature": "signature",
    "bloop_sign": "signature",
    "airmail_sig": "signature",
    "airmail_on": "attribution",
    # Spark, eM Client, Mailbird, Missive, Superhuman, HubSpot, K-9, FairEmail, BlueMail, Newton, Edison, OX, NetEase.
    "messagesignaturesection": "signature",
    "messagereplysection": "cut",
    "signature_old": "signature",
    "mb_sig": "signature",
    "history_container": "cut",
    "missive_signature": "signature",
    "missive_quote": "cut",
    "sh-signature": "signature",
    "hs_signature": "signature",
    "k9mail-signature": "signature",
    "fairemail_signature": "signature",
    "bm_signature": "signature",
    "cm_signature": "signature",
    "cm_quote": "cut",
    "edo-signature": "signature",
    "edo-original": "cut",
    "mailbox_signature": "signature",
    "acompli_signature": "signature",
    "io-ox-signature": "signature",
    "zm-_id_-sgn": "signature",
    "quoted-content": "cut",
    "ntes-iosmail-quote": "cut",
    "ntes-androidmail-quote": "cut",
    "ntes-pcmac-quote": "cut",
    "ntes-pcmac-signature": "signature",
}
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})\b([^<>]{0,3000}+)>")
_VALUE = re.compile(
    r"""\b(?:id|class|name|fairemail)\s{0,3}=\s{0,3}(?:"([^"]{0,300}+)"|'([^']{0,300}+)'|([^\s"'>]{1,300}+))""",
    re.IGNORECASE,
)
#: The rule that Word draws above a quoted header, in Outlook 2007 to 365.
_WORD_RULE = re.compile(
    r"border-top\s{0,3}:\s{0,3}solid\s{1,3}(?:#?(?:b5c4df|e1e1e1)|rgb\((?:181, ?196, ?223|225, ?225, ?225)\))\s{1,3}1(?:\.0)?pt",
    re.IGNORECASE,
)
#: Names that end in a number of the mail's own.
_NUMBERED = ("bloop_sign", "airmail_sig")
_AGAIN = re.compile(r"(?:x_)++")
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "wbr"})
_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style|title|head)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_ANY_TAG = re.compile(r"<[!/?a-zA-Z][^<>]*+>")
_NO_WORD = re.compile(r"[\W_]+")
_ADDRESS_SHOWN = re.compile(r"<(?:https?:|mailto:|tel:)[^<>\s]{1,2000}+>|\[cid:[^\]\s]{1,300}+\]", re.IGNORECASE)
#: One of these stands in every page that has a mark; a pattern of as many words costs fifty times as much.
_CALLED = ("border-top", *(name for name in _NAMED if not any(other in name for other in _NAMED if other != name)))


@dataclass(frozen=True, slots=True)
class Mark:
    """`words` are the letters and digits where it begins; `whole` says that they are all of it."""

    sort: Sort
    words: str
    whole: bool


def squeeze(text: str) -> str:
    """The letters and digits of `text`, without addresses of links and pictures that stand behind their words."""
    return _NO_WORD.sub("", _ADDRESS_SHOWN.sub("", text) if "<" in text or "[" in text else text)


def quote_marks(html: str) -> tuple[Mark, ...]:
    """In the order of the HTML, and none behind a cut."""
    html = html[:_MAX_HTML]
    lower = html.lower()
    if not any(name in lower for name in _CALLED):
        return ()
    marks: list[Mark] = []
    for sort, tag, start in _elements(html):
        end = len(html) if sort == "cut" else _end_of(html, tag, start)
        words = squeeze(_text(html[start : min(end, start + _MAX_CONTENT)]))
        if words:
            marks.append(
                Mark(sort, words[:_PROBE] if sort == "cut" else words, sort != "cut" and end - start <= _MAX_CONTENT)
            )
        if sort == "cut" or len(marks) >= _MAX_MARKS:
            break
    return tuple(marks)


def _elements(html: str) -> Iterator[tuple[Sort, str, int]]:
    for found in _TAG.finditer(html):
        if found[1]:
            continue
        attributes = found[3]
        for value in _VALUE.finditer(attributes):
            sort = next(
                (_NAMED[name] for name in _names(value[1] or value[2] or value[3] or "") if name in _NAMED), None
            )
            if sort:
                yield sort, found[2].lower(), found.end()
                break
        else:
            if "border-top" in attributes and _WORD_RULE.search(attributes):
                yield "cut", found[2].lower(), found.end()


def _names(value: str) -> Iterator[str]:
    """Webmail that shows a mail again puts "x_" or "ydp…" before the names in it."""
    for name in value.lower().split():
        bare = _AGAIN.sub("", name)
        yield "yahoo_quoted" if bare.endswith("yahoo_quoted") else next(filter(bare.startswith, _NUMBERED), bare)


def _end_of(html: str, tag: str, start: int) -> int:
    if tag in _VOID:
        return start
    depth = 1
    for found in _TAG.finditer(html, start, min(len(html), start + _MAX_CONTENT)):
        if found[2].lower() == tag:
            depth += -1 if found[1] else 1
            if depth == 0:
                return found.start()
    return len(html)


def _text(html: str) -> str:
    return unescape(_ANY_TAG.sub("", _HIDDEN.sub("", html)))
