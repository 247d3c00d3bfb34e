"""HTML in, its tags with the text behind each out (HTML 13.2.5, as far as text needs it). Patterns only; linear."""

import re
from html import unescape

from gateway.mail import elements

#: A longer value is data and no address; it is not looked into.
_LONG = 8192
_LONG_VALUE = re.compile(rf"""=\s*+(?:"[^"]{{{_LONG},}}+"|'[^']{{{_LONG},}}+')""")
_ATTRIBUTES = r"""(?:[^<>"'=]++|=\s*+(?:"[^"]*+"|'[^']*+')?|["'])*+"""
_RAW = "|".join(
    rf"{name}(?=[\s/>])(?:{_ATTRIBUTES}(?<=/)>|(?:[^<]++|<(?!/{name}))*+(?:</{name}[^>]*+>?|\Z))"
    for name in elements.RAW
)
#: A tag with its name and attributes, a comment (HTML 13.2.5.43) or an element that is not read; and the text behind it.
#: Each begins with "<" and always matches, so that no byte is looked at again from another place.
_TOKEN = re.compile(
    rf"""<(?:
        !--(?:-?>|(?:[^-]++|-(?!-!?>))*+(?:--!?>|\Z))
        |[!?][^>]*+(?:>|\Z)
        |(?i:{_RAW})
        |(/?[a-zA-Z][^\s/><]*+)({_ATTRIBUTES})>?
        |/[^>]*+(?:>|\Z)
    )([^<]*+)""",
    re.VERBOSE,
)
_NO_TAG = re.compile(r"<(?![a-zA-Z!/?])")
_LONE_TAG = re.compile(r"<[!/?a-zA-Z][^<>]*+>")
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/table)\b[^<>]*+>", re.IGNORECASE)
_UNREAD = re.compile(rf"<!--(?:-?>|(?:[^-]++|-(?!-!?>))*+(?:--!?>|\Z))|<(?i:{_RAW})")
_ATTRIBUTE = re.compile(r"""([^\s"'>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++)))?+""")
#: No character has so long a number; Python refuses to read some of them.
_LONG_NUMBER = re.compile(r"&#(?:[0-9]{8,}+|[xX][0-9a-fA-F]{8,}+);?")


def cut(html: str) -> tuple[str, list[tuple[str, str, str]]]:
    """The text before the first tag; then name, attributes as they stand, and the text behind, for each tag.

    The name of an end tag begins with "/"; comments and what is no text to anybody have an empty one.
    """
    html = _NO_TAG.sub("&lt;", html)
    start = html.find("<")
    return (html, []) if start < 0 else (html[:start], _TOKEN.findall(html, start))


def shortened(attributes: str) -> str:
    """`attributes` without long values, such as pictures that are written out in their address."""
    return _LONG_VALUE.sub('=""', attributes)[: 4 * _LONG] if len(attributes) > _LONG else attributes


def attributes_of(attributes: str) -> dict[str, str]:
    """By their lower case names, without entities; the first of each name."""
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(attributes):
        found.setdefault(name.lower(), unescaped(double or single or bare))
    return found


def unescaped(text: str) -> str:
    if "&" not in text:
        return text
    return unescape(_LONG_NUMBER.sub("\ufffd", text) if "&#" in text else text)


def without_tags(html: str) -> str:
    """The words without their layout."""
    return _LONE_TAG.sub("", _BREAK.sub("\n", _UNREAD.sub("", html)))
