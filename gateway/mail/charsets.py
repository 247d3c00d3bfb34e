"""Bytes of text and the charset they claim in, str without lone surrogates or NUL out. Never raises, linear.

The ladder: byte order mark, the declared charset, UTF-8, what the rest of the mail is written in, the declared charset
with a few damaged characters, a guess, and windows-1252, which takes anything. Two lies are so common that they are seen
through: UTF-8 that calls itself Latin, and a Windows code page that calls itself the ISO one beside it.
"""

import codecs
import re

import cchardet

from gateway.mail.jis import decode_jis
from gateway.mail.utf7 import decode_utf7

#: More does not make the guess better, only slower.
_GUESS_BYTES = 32 * 1024
_ASCII = bytes(range(128))
_LONE = re.compile("[\ud800-\udfff]")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Only these are ever looked up: Python's registry also holds zlib, rot13, idna, unicode_escape and the like. Names are
# compared without case and punctuation. Where a superset is what senders really use, the superset is taken
# (WHATWG Encoding, 4.2).
_SAME = """
utf-8 utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be utf-7 koi8-r koi8-u koi8-t kz1048 mac-roman mac-cyrillic
mac-greek mac-turkish mac-latin2 mac-iceland iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8
iso8859-10 iso8859-13 iso8859-14 iso8859-15 iso8859-16 cp437 cp720 cp737 cp775 cp850 cp852 cp855 cp857 cp858 cp860
cp861 cp862 cp863 cp864 cp865 cp866 cp869 cp874 cp932 cp949 cp950 cp1006 cp1125 cp1250 cp1251 cp1252 cp1253 cp1254
cp1255 cp1256 cp1257 cp1258 euc-jp euc-jis-2004 gb18030 big5hkscs hz johab iso2022-jp iso2022-jp-1 iso2022-jp-2
iso2022-jp-2004 iso2022-jp-3 iso2022-jp-ext iso2022-kr ptcp154 mac-arabic mac-farsi
"""
_ALIASES = {
    "cp1252": "ascii us-ascii usascii ansi-x3.4-1968 ansi-x3.4-1986 ansi-x3-110-1983 iso646-us iso-646.irv:1991 646 us iso-ir-6 iso8859-1 iso8859-1:1987 latin1 l1 iso-latin-1 iso-ir-100 ibm819 ibm367 cp367 cp819 8859-1 ansi western x-ansi windows-latin-1",
    "iso8859-2": "latin2 l2 iso-ir-101",
    "iso8859-3": "latin3 l3 iso-ir-109",
    "iso8859-4": "latin4 l4 iso-ir-110",
    "iso8859-5": "cyrillic iso-ir-144",
    "iso8859-6": "arabic iso-ir-127 asmo-708 ecma-114 iso8859-6-e iso8859-6-i",
    "iso8859-7": "greek greek8 iso-ir-126 elot-928 ecma-118",
    "iso8859-8": "hebrew iso-ir-138 iso8859-8-i iso8859-8-e visual logical",
    "cp1254": "iso8859-9 latin5 l5 iso-ir-148",
    "iso8859-10": "latin6 l6 iso-ir-157",
    "iso8859-15": "latin9 latin-9 l9 latin0",
    "iso8859-16": "latin10 l10 iso-ir-226",
    "cp874": "iso8859-11 tis-620 tis620-0 tis620-2533 thai windows-874 dos-874 x-windows-874",
    "mac-roman": "macintosh mac x-mac-roman csmacintosh",
    "mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "mac-greek": "x-mac-greek",
    "mac-turkish": "x-mac-turkish",
    "mac-latin2": "x-mac-ce x-mac-centraleurroman",
    "koi8-r": "koi koi8 cskoi8r koi8-r-windows",
    "koi8-u": "koi8-ru",
    "gb18030": "gb2312 gbk cp936 ms936 windows-936 x-gbk euc-cn x-euc-cn gb-2312-80 gb2312-80 csgb2312 chinese",
    "big5hkscs": "big5 big5-hkscs x-x-big5 cn-big5 csbig5 big5-eten big5-tw",
    "cp950": "ms950",
    "cp932": "shift-jis sjis x-sjis ms-kanji csshiftjis windows-31j ms932 mskanji shiftjis x-ms-cp932 shift-jis-2004 shift-jisx0213 ms-kanji-cp932 windows-932",
    "cp949": "ks-c-5601-1987 ks-c-5601-1989 ks-c-5601 ksc5601 ksc-5601 ks-x-1001 euc-kr korean uhc ms949 cseuckr windows-949 x-windows-949 euckr-5601 ksc-5601-1987 iso-ir-149",
    "euc-jp": "eucjp x-euc-jp x-euc ujis cseucpkdfmtjapanese",
    "iso2022-jp": "iso-2022-jp csiso2022jp jis",
    "iso2022-jp-ext": "iso-2022-jp-1-ext cp50220 cp50221 cp50222 iso-2022-jp-ms",
    "hz": "hz-gb-2312 hz-gb hzgb",
    "utf-8": "utf8mb4 unicode-1-1-utf-8 x-utf-8 x-unicode-2-0-utf-8 unicode20utf8 unicode u8 utf utf-8-mac utf-8n cp65001",
    "utf-7": "unicode-1-1-utf-7 csunicode11utf7",
    "utf-16": "ucs-2 iso-10646-ucs-2",
    "utf-16-le": "unicodelittle utf-16-little",
    "utf-16-be": "unicodebig unicodefffe",
    "utf-32": "ucs-4 iso-10646-ucs-4",
    "cp437": "ibm437",
    "cp850": "ibm850",
    "cp852": "ibm852",
    "cp858": "ibm858 ibm00858",
    "cp866": "ibm866 866 csibm866",
}
_PUNCTUATION = re.compile(r"[^a-z0-9]+")


def _plain(name: str) -> str:
    folded = _PUNCTUATION.sub("", name.lower())
    for long, short in (("windows", "cp"), ("xcp", "cp"), ("iso8859", "8859"), ("iso2022", "2022")):
        folded = folded.replace(long, short, 1)
    return folded


_CODECS = {_plain(name): name for name in _SAME.split()} | {
    _plain(alias): codec for codec, aliases in _ALIASES.items() for alias in aliases.split()
}
#: A wrong byte in these is damage, where in a one-byte charset it is a sign of a wrong name.
_WIDE = frozenset(
    {
        "utf-8",
        "gb18030",
        "big5hkscs",
        "cp932",
        "cp949",
        "cp950",
        "euc-jp",
        "iso2022-jp",
        "iso2022-jp-ext",
        "iso2022-kr",
        "hz",
    }
)


#: Charsets in which nearly every letter above ASCII stands between letters of ASCII, so that their text is never UTF-8
#: by chance.
_LATIN_NAMES = """cp1250 cp1252 cp1254 cp1257 cp1258 iso8859-2 iso8859-3 iso8859-4 iso8859-10 iso8859-13 iso8859-14 iso8859-15 iso8859-16
    mac-roman mac-latin2 mac-iceland mac-turkish cp437 cp850 cp852 cp858"""
_LATIN = frozenset(_LATIN_NAMES.split())
#: The code pages of Windows beside the ISO charsets, which have control characters where Windows has letters and quotes.
_BESIDE = {
    "iso8859-2": "cp1250",
    "iso8859-4": "cp1257",
    "iso8859-6": "cp1256",
    "iso8859-7": "cp1253",
    "iso8859-8": "cp1255",
    "iso8859-13": "cp1257",
    "iso8859-15": "cp1252",
}
_CONTROL = re.compile("[\x80-\x84\x86-\x9f]")
#: Letters and marks of western Europe in windows-1252. Those of Iceland are left out: in their places Turkish has its own.
_WESTERN = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜßàáâãäåæçèéêëìíîïñòóôõöøùúûüŒœÿ€–—‘’“”„…«»°§¡¿·\xa0".encode("cp1252"))
#: Armenian to N'Ko: all that two bytes of UTF-8 write beyond Latin, Greek and Cyrillic.
_FAR = re.compile("[\u0530-\u07ff]")
#: Fewer bytes above ASCII than this give a detector nothing to count.
_FEW = 4
#: So many bytes above ASCII are not UTF-8 by chance in any charset; fewer may be ("Ні" in windows-1251).
_MANY = 12


def codec_of(charset: str) -> str | None:
    """The name Python has for a charset of a mail, or None where it names no text that we read."""
    return _CODECS.get(_plain(charset[:60]))


def decode(data: bytes, charset: str | None = None, beside: str | None = None) -> str:
    """The text of `data`, which claims to be written in `charset`; `beside` is a charset used elsewhere in the mail."""
    if data.isascii() and not charset and b"\x1b" not in data:
        return data.decode("ascii").replace("\0", "")
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return _clean(data[len(mark) :].decode(codec, "replace"))
    declared = codec_of(charset) if charset else None
    if declared == "utf-7":
        return _clean(decode_utf7(data))
    if declared and not declared.startswith("utf") and not data.isascii():
        text = _strictly(data, "utf-8")
        high = len(data.translate(None, _ASCII))
        # Two bytes alone are "ß€" in Latin rather than a letter of a script that nobody calls Latin.
        likely = declared in _LATIN and (high > 2 or not _FAR.search(text or ""))
        if text is not None and (likely or high >= _MANY):
            return text
    if declared and (text := _strictly(data, declared)) is not None:
        return text
    if _is_shifted(data) and (declared is None or declared.startswith("iso2022-jp")):
        return _clean(decode_jis(data))
    for named in ("utf-8", _telling(beside)):
        if named and (text := _strictly(data, named)) is not None:
            return text
    if declared in _WIDE and declared:
        text = _clean(data.decode(declared, "replace"))
        if text.count("\ufffd") * 50 <= len(text) + 50:
            return text
    return _clean(data.decode(guess(data) or "cp1252", "replace"))


def codec_of_raw(data: bytes, beside: str | None = None) -> str:
    """The codec for text that names no charset; `beside` is a charset used elsewhere in the mail."""
    shifted = "iso2022-jp-ext" if _is_shifted(data) else None
    for codec in (shifted, "utf-8", _telling(beside)):
        if codec and _strictly(data, codec) is not None:
            return codec
    return guess(data) or "cp1252"


def _is_shifted(data: bytes) -> bool:
    """Japanese mail from before MIME shifts its sets by escape sequences and is ASCII otherwise."""
    return b"\x1b$" in data or b"\x1b(I" in data


def _telling(beside: str | None) -> str | None:
    """ASCII elsewhere says nothing of bytes that are not, though its superset could read them all."""
    return codec_of(beside) if beside and "ascii" not in beside.lower() else None


def guess(data: bytes) -> str | None:
    """The codec that `data` is most likely written in, from its first 32 KiB; None where none that is likely fits."""
    found = cchardet.detect(data[:_GUESS_BYTES]).get("encoding")
    codec = codec_of(found) if found else None
    if codec is None or codec == "utf-7" or _strictly(data, codec) is None:
        return None
    if codec in _LATIN:
        high = data.translate(None, _ASCII)
        if len(high) < _FEW and _WESTERN.issuperset(high):
            return "cp1252"
    return codec


def _strictly(data: bytes, codec: str) -> str | None:
    if codec == "utf-7":
        return None
    try:
        text = data.decode(codec)
    except (UnicodeError, ValueError):
        return None
    if codec in _BESIDE and _CONTROL.search(text):
        return _strictly(data, _BESIDE[codec])
    return _clean(text)


def _clean(text: str) -> str:
    # A NUL is no text, and databases refuse it.
    if text.isascii():
        return text.replace("\0", "") if "\0" in text else text
    return _LONE.sub("\ufffd", text).replace("\0", "") if "\0" in text or _LONE.search(text) else text
