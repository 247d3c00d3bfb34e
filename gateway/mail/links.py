"""A link as markup has it in, what stands behind its words in the text out: the address, where the words do not say it."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

#: A longer address is of use to programs only; it is cut, and ends with "…".
_MAX_URL = 1000
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\xa0<>\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_SCHEMES = ("http://", "https://", "ftp://", "mailto:")
_DRESS = re.compile(r"^(?:(?:https?|ftp)://)?(?:www\.)?|/++$", re.IGNORECASE)
#: Gateways that put their own address before the one the writer meant: host, and the parameter that holds it.
_WRAPPERS = (
    (".safelinks.protection.outlook.com", "url"),
    ("www.google.com", "q"),
    ("www.google.com", "url"),
    ("l.facebook.com", "u"),
    ("urldefense.proofpoint.com", "u"),
)
_PROOFPOINT3 = re.compile(r"^https://urldefense\.(?:com|us|proofpoint\.com)/v3/__([^*]{1,2000}?)__;")


def shown_link(href: str, words: str) -> str:
    """`<address>`, or "" where `words` name it already or nobody can follow it. `href` without entities."""
    url = _UNSAFE.sub("", href[: 8 * _MAX_URL])
    if not url.lower().startswith(_SCHEMES) or not words.strip():
        return ""
    if url[:7].lower() == "mailto:":
        address = _UNSAFE.sub("", unquote(url[7:].partition("?")[0]))
        return f"<{address}>" if "@" in address and address.lower() not in words.lower() else ""
    url = unwrapped(url)
    if _bare(url) in (_bare(words), _bare(words.strip(" <>()[]"))):
        return ""
    return f"<{url}>" if len(url) <= _MAX_URL else f"<{url[:_MAX_URL]}…>"


def unwrapped(url: str) -> str:
    """The address inside that of a link scanner, where it is written there in clear."""
    if found := _PROOFPOINT3.match(url):
        return found[1]
    if not any(host in url for host, _ in _WRAPPERS):
        return url
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        for wrapper, parameter in _WRAPPERS:
            if host == wrapper or (wrapper[0] == "." and host.endswith(wrapper)):
                inner = parse_qs(parts.query, max_num_fields=20).get(parameter, [""])[0]
                if "proofpoint" in host:
                    inner = unquote(inner.replace("-", "%").replace("_", "/"))
                if inner.lower().startswith(("http://", "https://")):
                    return _UNSAFE.sub("", inner)
    except ValueError:  # no address that can be read
        pass
    return url


def _bare(text: str) -> str:
    return _DRESS.sub("", text.strip()).lower()
