"""Bytes of text and the charset they claim in, str without lone surrogates or NUL out. Never raises, linear.

The ladder: byte order mark, the declared charset, UTF-8, the declared charset with a few damaged characters, a guess,
and windows-1252, which takes anything.
"""

import codecs
import re

import cchardet

#: More does not make the guess better, only slower.
_GUESS_BYTES = 32 * 1024
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
iso2022-jp-2004 iso2022-jp-3 iso2022-jp-ext iso2022-kr ptcp154
"""
_ALIASES = {
    "cp1252": "ascii us-ascii ansi-x3.4-1968 iso646-us 646 iso8859-1 latin1 l1 iso-ir-100 ibm819 cp819 8859-1 ansi",
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
    "cp874": "iso8859-11 tis-620 thai windows-874 dos-874",
    "mac-roman": "macintosh mac x-mac-roman csmacintosh",
    "mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "mac-greek": "x-mac-greek",
    "mac-turkish": "x-mac-turkish",
    "mac-latin2": "x-mac-ce x-mac-centraleurroman",
    "koi8-r": "koi koi8 cskoi8r",
    "koi8-u": "koi8-ru",
    "gb18030": "gb2312 gbk cp936 ms936 windows-936 x-gbk euc-cn x-euc-cn gb-2312-80 gb2312-80 csgb2312 chinese",
    "big5hkscs": "big5 big5-hkscs x-x-big5 cn-big5 csbig5 big5-eten",
    "cp950": "ms950",
    "cp932": "shift-jis sjis x-sjis ms-kanji csshiftjis windows-31j ms932 mskanji shiftjis x-ms-cp932",
    "cp949": "ks-c-5601-1987 ks-c-5601-1989 ks-c-5601 ksc5601 ksc-5601 ks-x-1001 euc-kr korean uhc ms949 cseuckr windows-949",
    "euc-jp": "eucjp x-euc-jp x-euc ujis cseucpkdfmtjapanese",
    "iso2022-jp": "iso-2022-jp csiso2022jp jis",
    "iso2022-jp-ext": "cp50220 cp50221 cp50222 iso-2022-jp-ms",
    "hz": "hz-gb-2312 hz-gb hzgb",
    "utf-8": "utf8mb4 unicode-1-1-utf-8 x-utf-8 unicode u8 utf",
    "utf-7": "unicode-1-1-utf-7 csunicode11utf7",
    "utf-16": "ucs-2 iso-10646-ucs-2",
    "utf-16-le": "unicodelittle utf-16-little",
    "utf-16-be": "unicodebig unicodefffe",
    "utf-32": "ucs-4 iso-10646-ucs-4",
    "cp437": "ibm437",
    "cp850": "ibm850",
    "cp852": "ibm852",
    "cp858": "ibm858 ibm00858",
    "cp866": "ibm866",
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


def codec_of(charset: str) -> str | None:
    """The name Python has for a charset of a mail, or None where it names no text that we read."""
    return _CODECS.get(_plain(charset[:60]))


def decode(data: bytes, charset: str | None = None) -> str:
    """The text of `data`, which claims to be written in `charset`."""
    if data.isascii() and b"\x1b" not in data and not charset:
        return data.decode("ascii").replace("\0", "")
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return _clean(data[len(mark) :].decode(codec, "replace"))
    declared = codec_of(charset) if charset else None
    # Japanese mail from before MIME shifts its sets by escape sequences and is ASCII otherwise.
    shifted = "iso2022-jp-ext" if b"\x1b$" in data else None
    for named in (declared, shifted, "utf-8"):
        if named and (text := _strictly(data, named)) is not None:
            return text
    if declared in _WIDE and declared:
        text = _clean(data.decode(declared, "replace"))
        if text.count("\ufffd") * 50 <= len(text) + 50:
            return text
    guessed = guess(data)
    if guessed and (text_ := _strictly(data, guessed)) is not None:
        return text_
    return _clean(data.decode("cp1252", "replace"))


def guess(data: bytes) -> str | None:
    """The codec that `data` is most likely written in, from its first 32 KiB."""
    found = cchardet.detect(data[:_GUESS_BYTES]).get("encoding")
    return codec_of(found) if found else None


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return _clean(data.decode(codec))
    except (UnicodeError, ValueError):
        return None


def _clean(text: str) -> str:
    # Python's UTF-7 lets lone surrogates through; a NUL is no text, and databases refuse it.
    return _LONE.sub("\ufffd", text).replace("\0", "") if _LONE.search(text) or "\0" in text else text
