"""HTML of a mail in, plain text out. What a reader would not see (script, style, comments) is taken out by nh3 first;
quotes get "> " before their lines. Never raises; what comes out is text, and is not safe as markup.
"""

import re
from contextlib import suppress
from html import unescape
from urllib.parse import unquote

import lxml.html
import nh3
from inscriptis import Inscriptis
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig
from lxml import etree

#: More is not laid out but stripped of its tags.
_MAX_HTML = 2 * 1024 * 1024
#: inscriptis' time for a table grows faster than its cells.
_MAX_CELLS = 4000
_MAX_TAGS = 60_000
_TABLE_TAGS = frozenset({"table", "tbody", "thead", "tfoot", "tr", "td", "th"})
_TAG_NAMES = """a abbr address article b blockquote body br caption center cite code col colgroup dd del div dl dt em
    figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main ol p pre q s section small span
    strike strong sub sup table tbody td tfoot th thead tr tt u ul"""
_TAGS = frozenset(_TAG_NAMES.split())
_UNSEEN_CONTENT = frozenset({"script", "style", "title", "xml", "template", "noscript", "object", "applet"})
_CONFIG = ParserConfig(css=CSS_PROFILES["strict"], display_images=False, display_links=False)
#: Classes that programs give to a signature; it gets the line "-- " before it.
_SIGNATURES = frozenset({"gmail_signature", "moz-signature", "signature"})
# Private characters stand for the borders of a quote while inscriptis lays the text out.
_QUOTE, _UNQUOTE = "\ue0f0", "\ue0f1"
_BORDERS = re.compile(f"[{_QUOTE}{_UNQUOTE}]")
_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style|title|head)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/table)\b[^<>]*+>", re.IGNORECASE)
_TAG = re.compile(r"<[!/?a-zA-Z][^<>]*+>")
_CID = re.compile(r"""cid:([^"'\s<>)]{1,998})""", re.IGNORECASE)


def text_of(html: str) -> str:
    """The text a reader would see, lines ended by LF."""
    html = _BORDERS.sub("", html)
    if len(html) <= _MAX_HTML and html.count("<") <= _MAX_TAGS:
        # Whatever the libraries stumble over, the words must not be lost.
        with suppress(Exception):
            return _laid_out(html)
    return _stripped(html)


def content_ids(html: str) -> frozenset[str]:
    """The Content-IDs that `html` shows, without angle brackets (RFC 2392)."""
    return frozenset(unquote(found[1]) for found in _CID.finditer(html))


def _laid_out(html: str) -> str:
    tags = set(_TAGS)
    if html.count("<td") + html.count("<TD") + html.count("<th") > _MAX_CELLS:
        tags -= _TABLE_TAGS
    clean = nh3.clean(
        html,
        tags=tags,
        clean_content_tags=set(_UNSEEN_CONTENT),
        attributes={
            "a": {"href"},
            "ol": {"start"},
            "td": {"colspan"},
            "th": {"colspan"},
            "*": {"align", "style", "class"},
        },
        # inscriptis leaves out what is not displayed.
        filter_style_properties={"display"},
        url_schemes={"http", "https", "mailto", "cid"},
        link_rel=None,
    )
    if not clean.strip():
        return ""
    # Without `huge_tree` libxml2 drops what lies deeper than 256 elements.
    parser = lxml.html.HTMLParser(huge_tree=True)
    tree = lxml.html.document_fromstring(f"<html><body>{clean}</body></html>", parser=parser)
    for quote in tree.iter("blockquote"):
        border = etree.Element("div")
        border.text = _QUOTE
        border.tail, quote.text = quote.text, None
        quote.insert(0, border)
        end = etree.SubElement(quote, "div")
        end.text = _UNQUOTE
    for signature in tree.iter("div", "span", "p", "table", "pre"):
        if not _SIGNATURES.isdisjoint(signature.get("class", "").split()):
            border = etree.Element("div")
            border.text = "-- "
            border.tail, signature.text = signature.text, None
            signature.insert(0, border)
            break
    return _with_marks(Inscriptis(tree, _CONFIG).get_text())


def _with_marks(text: str) -> str:
    lines: list[str] = []
    depth = 0
    for line in text.split("\n"):
        depth_here = depth
        depth += line.count(_QUOTE) - line.count(_UNQUOTE)
        words = _BORDERS.sub("", line).rstrip()
        if words != line.rstrip() and not words.strip():
            continue
        deep = min(max(depth_here, depth, 0), 20)
        if deep and not words and not (lines and lines[-1].startswith("> " * deep)):
            continue
        mark = "> " * deep
        lines.append((mark + (words.strip() if mark else words)).rstrip())
    return _few_blank_lines("\n".join(lines))


def _few_blank_lines(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def _stripped(html: str) -> str:
    text = _TAG.sub("", _BREAK.sub("\n", _HIDDEN.sub("", html)))
    return _few_blank_lines("\n".join(line.strip() for line in unescape(text).split("\n")))
