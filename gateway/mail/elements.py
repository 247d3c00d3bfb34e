"""What HTML elements, styles and classes mean for a text, as data (HTML 15.3 "rendering", and what mail clients write)."""

import re

#: Elements that stand on lines of their own.
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "button",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "listing",
        "main",
        "menu",
        "nav",
        "ol",
        "optgroup",
        "option",
        "p",
        "plaintext",
        "pre",
        "search",
        "section",
        "select",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "xmp",
    ]
)
#: Blocks with an empty line around them.
SPACED = frozenset(["dl", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "listing", "p", "pre", "table", "xmp"])
PRE = frozenset({"pre", "listing", "xmp", "plaintext", "textarea"})
#: Elements without an end tag (HTML 13.1.2).
VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "basefont",
        "bgsound",
        "frame",
    ]
)
#: Their content is no markup and is not shown; an end tag is all that ends them (HTML 13.2.5.2).
RAW = ("script", "style", "title", "iframe", "noembed", "noframes")
#: Shown by nobody, or program text (Word writes <xml>).
UNSEEN = frozenset({"template", "xml", "datalist", "area", "map"})
#: An end tag is optional here: what ends an open one beside its own end tag (HTML 13.1.2.4).
ENDED_BY = {
    "p": BLOCKS,
    "li": frozenset({"li"}),
    "dt": frozenset({"dt", "dd"}),
    "dd": frozenset({"dt", "dd"}),
    "td": frozenset({"td", "th", "tr", "tbody", "tfoot"}),
    "th": frozenset({"td", "th", "tr", "tbody", "tfoot"}),
    "tr": frozenset({"tr", "tbody", "tfoot"}),
    "option": frozenset({"option", "optgroup"}),
}
#: Elements whose end also ends what was left open inside them.
ENCLOSING = frozenset(
    ["blockquote", "body", "center", "div", "li", "ol", "section", "table", "tbody", "td", "th", "tr", "ul"]
)

#: Not shown: by style or attribute. Text that is only small or pale is left alone, since layouts use that for gaps.
HIDDEN = re.compile(
    r"""(?<![\w-])(?: display\s*+:\s*+none | visibility\s*+:\s*+(?:hidden|collapse)
        | max-height\s*+:\s*+0(?:px|pt|em)?\s*+(?:!important\s*+)?(?=[;"'])
        | opacity\s*+:\s*+0(?:\.0++)?\s*+(?:!important\s*+)?(?=[;"']) )""",
    re.VERBOSE | re.IGNORECASE,
)
#: The attribute of that name, looked for outside of values.
HIDDEN_ATTRIBUTE = re.compile(r"(?:\A|[\s/])hidden(?=[\s=/]|\Z)", re.IGNORECASE)
VALUE = re.compile(r"""=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'>]++)""")
#: Shown with its spaces and line breaks: Thunderbird, Evolution and Outlook for the web write text so.
KEPT_SPACES = re.compile(r"(?<![\w-])white-space\s*+:\s*+(?:pre|break-spaces)", re.IGNORECASE)
#: Whether any tag of a page needs to be looked at for these: one of the words, in lower case, stands in it.
STYLE_WORDS = ("display", "visibility", "max-height", "opacity", "hidden", "white-space")
SIGNATURE_WORDS = ("signature", "bloop_sign", "airmail_sig", "_rc_sig")

#: Paragraphs of programs that write each line as one and set no space between them.
TIGHT = re.compile(
    r"""class\s*+=\s*+["']?[^"'>]{0,200}?(?:Mso|elementToProof|\bp[1-9]\b)|margin-bottom\s*+:\s*+0(?![.\d]*+[1-9])
        |margin\s*+:\s*+0[a-z%]*+\s*+(?:[;"'!]|0[a-z%]*+\s*+(?:[;"'!]|[0a.]))""",
    re.VERBOSE | re.IGNORECASE,
)
#: A bullet as Word writes it where it has "mso-list": a character of a symbol font, or a number, and a row of no-break spaces.
WORD_BULLET = re.compile("^ *+([·•o§Øüv\uf0b7\uf0a7\uf0d8\uf0fc]|\\(?[0-9a-zA-Z]{1,4}[.)]) ?+\xa0[\xa0 ]*+")
#: A blockquote that is only moved to the right (the indent buttons of Gmail and Outlook for the web).
INDENT = re.compile(r"border\s*+:\s*+(?:none|medium\s+none|0)|border-(?:style|width)\s*+:\s*+(?:none|0)", re.IGNORECASE)
CITED = re.compile(r"type\s*+=\s*+[\"']?cite|quote|cite", re.IGNORECASE)

#: The line above the header block of an answered mail, as Word draws it.
RULE_ABOVE = re.compile(r"border-top\s*+:\s*+(?:solid|\d[^;\"']{0,20}solid)", re.IGNORECASE)

#: Names that clients give to a signature as class or id: Gmail, Thunderbird, Outlook for the web and for phones,
#: Apple Mail, Yahoo, Proton, Zoho, Roundcube, Evolution, Spark, Airmail, eM Client.
SIGNATURE = re.compile(
    r"""(?:class|id|data-smartmail|name)\s*+=\s*+["']?(?:[^"'>]{0,80}?[\s"'])??(?:x_)*+
        (?:gmail_signature|moz-signature|signature|ms-outlook-mobile-signature|applemailsignature|yahoo[_-]?signature
        |ymail_android_signature|protonmail_signature_block|zm_signature|zmail_signature|x-evolution-signature
        |-x-evo-signature-wrapper|bloop_sign_\w{0,40}|airmail_sig\w{0,40}|emclientsignature|_rc_sig|compose-signature)
        (?=[\s"'>]|\Z)""",
    re.VERBOSE | re.IGNORECASE,
)
#: Names of what stands around or before the words of others; behind it a signature is theirs.
FOREIGN = re.compile(
    r"""(?:class|id)\s*+=\s*+["']?[^"'>]{0,80}?(?:gmail_(?:quote|attr)|divRplyFwdMsg|appendonsend|moz-cite-prefix
        |moz-email-headers-table|moz-forward-container|yahoo_quoted|yqt\d|stopSpelling|protonmail_quote|zmail_extra
        |OLK_SRC_BODY_SECTION|mail-editor-reference-message-container|isForwardContent|isReplyContent|WPReply
        |reply-intro|QuotedMessage)""",
    re.VERBOSE | re.IGNORECASE,
)
