"""Encoded words, parameters and charsets."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import charsets
from gateway.mail.charsets import codec_of, decode
from gateway.mail.parameters import parse_parameters
from gateway.mail.words import decode_words


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (b"plain", "plain"),
        (b"=?utf-8?q?gr=C3=BC=C3=9Fe?=", "grüße"),
        (b"=?UTF-8?B?Z3LDvMOfZQ==?= and =?iso-8859-1?Q?caf=E9?=", "grüße and café"),
        (b"=?utf-8?q?a?= =?utf-8?q?b?=\r\n =?utf-8?q?_c?=", "ab c"),
        (b"=?utf-8?q?h=C3?= =?UTF-8?q?=A9?=", "hé"),
        (b"=?utf-8?b?w?= =?utf-8?b?w6k=?=", "é"),
        (b"=?utf-8*en?q?language?=", "language"),
        (b"=?no-such-set?q?caf=C3=A9?=", "café"),
        (b"=?zlib?q?x?= =?unicode_escape?q?=5Cud800?=", "x\\ud800"),
        (b"=?utf-8?q?open", "=?utf-8?q?open"),
        ("grüße".encode(), "grüße"),
        ("grüße".encode("latin-1"), "grüße"),
        ("grüße ".encode("latin-1") + b"=?utf-8?q?=C3=A9?=", "grüße é"),
        (b"=?utf-8?q?two=0D=0Alines=00?=", "two lines"),
        (b"=?iso-2022-jp?b?GyRCRnxLXBsoQg==?=", "日本"),
        (b"=?gb2312?b?xOO6ww==?=", "你好"),
    ],
)
def test_header_values_become_one_line_of_text(value, wanted):
    assert decode_words(value) == wanted


@given(st.binary(max_size=200))
def test_any_header_value_becomes_text_that_can_be_kept(value):
    text = decode_words(value)
    text.encode()
    assert "\0" not in text
    assert "\n" not in text


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=60))
def test_text_cut_at_any_byte_into_words_comes_back(text):
    data = text.encode()
    words = b" ".join(
        b"=?utf-8?q?" + b"".join(b"=%02X" % byte for byte in data[at : at + 3]) + b"?=" for at in range(0, len(data), 3)
    )
    assert decode_words(words) == text


@pytest.mark.parametrize(
    "unit", [b"=?", b"=?a?q?", b"=?a?q? ", b"?=", b"=?a?q??= ", b"\xe9=?a?q?b?=", b"=?utf-8?b?w6k?= "]
)
def test_values_full_of_words_are_read_in_one_pass(unit):
    decode_words(unit * (1_000_000 // len(unit)))


@pytest.mark.parametrize(
    ("field", "value", "parameters"),
    [
        (b"text/plain; charset=us-ascii (Plain text)", "text/plain", {"charset": "us-ascii"}),
        (b'Text/HTML;Charset="UTF-8"', "text/html", {"charset": "UTF-8"}),
        (b"text/html charset=utf-8", "text/html", {"charset": "utf-8"}),
        (b'a/b; name="say \\"hi\\" \\\\ there"', "a/b", {"name": 'say "hi" \\ there'}),
        (b'a/b; name="C:\\new\\file.txt"', "a/b", {"name": "C:\\new\\file.txt"}),
        (b"a/b; name=my file (1).pdf; x=y", "a/b", {"name": "my file (1).pdf", "x": "y"}),
        (b'a/b; name="open', "a/b", {"name": "open"}),
        (b"attachment; filename*=utf-8''%e2%82%ac%20rates", "attachment", {"filename": "€ rates"}),
        (
            b"attachment; filename*0*=utf-8''%C3; filename*1*=%A9; filename*2=\".txt\"",
            "attachment",
            {"filename": "é.txt"},
        ),
        (b"attachment; filename*1=b; filename*0=a", "attachment", {"filename": "ab"}),
        (b"attachment; filename=x; filename*=iso-8859-1'en'%E9", "attachment", {"filename": "é"}),
        (b'attachment; filename="=?utf-8?q?=C3=A9?=.pdf"', "attachment", {"filename": "é.pdf"}),
        (b"attachment; filename==?utf-8?b?w6k=?=", "attachment", {"filename": "é"}),
        ("attachment; filename=é".encode(), "attachment", {"filename": "é"}),
        (b"a/b; x=1; x=2", "a/b", {"x": "1"}),
        (b";;;==;", "", {}),
        (b"filename=x.pdf", "", {"filename": "x.pdf"}),
        (None, "", {}),
    ],
)
def test_parameters_are_read_in_all_their_spellings(field, value, parameters):
    read = parse_parameters(field)
    assert read.value == value
    assert read.parameters == parameters


@given(st.binary(max_size=200))
def test_any_parameters_are_read(field):
    for name, value in parse_parameters(b"a/b;" + field).parameters.items():
        assert name
        value.encode()


@pytest.mark.parametrize("unit", [b";", b'a="', b"; a=b", b'a="\\', b"a*0=x;", b"(", b"=", b'";'])
def test_long_parameters_are_read_in_one_pass(unit):
    assert len(parse_parameters(b"a/b; " + unit * 300_000).parameters) <= 50


def test_every_charset_we_know_is_one_of_pythons_text_codecs():
    for codec in set(charsets._CODECS.values()):
        assert codecs.lookup(codec)._is_text_encoding


@pytest.mark.parametrize(
    "name",
    [
        "zlib",
        "hex",
        "rot13",
        "base64",
        "idna",
        "punycode",
        "undefined",
        "unicode_escape",
        "raw-unicode-escape",
        "mbcs",
        "",
        "\0",
        "x" * 10_000,
    ],
)
def test_names_that_are_no_charset_are_never_looked_up(name):
    assert codec_of(name) is None
    assert decode(b"still text", name) == "still text"


@pytest.mark.parametrize(
    ("text", "codec", "declared"),
    [
        ("grüße", "utf-8", "ISO-8859-1x"),
        ("grüße", "cp1252", "us-ascii"),
        ("„quoted“", "cp1252", "iso-8859-1"),
        ("한국어", "cp949", "ks_c_5601-1987"),
        ("丂丄", "gb18030", "GB2312"),
        ("Привет, как дела? Это проверка.", "koi8-r", None),
        ("Привет, как дела? Это проверка.", "cp1251", "no-such"),
        ("日本語のメールです", "iso2022-jp", None),
        ("mark", "utf-8-sig", "us-ascii"),
        ("mark", "utf-16", "us-ascii"),
        ("שלום", "iso8859-8", "iso-8859-8-i"),
        ("naïve", "utf-7", "utf-7"),
        ("日本", "cp932", "shift_jis"),
    ],
)
def test_text_is_found_under_a_wrong_missing_or_odd_name(text, codec, declared):
    assert decode(text.encode(codec), declared) == text


def test_one_damaged_character_does_not_cost_the_others():
    data = ("größer und schöner " * 20).encode()
    assert decode(data[:1] + b"\xff" + data[1:], "utf-8").count("größer") + 1 == 20


@given(st.binary(max_size=200), st.sampled_from([*sorted(charsets._CODECS), None, "junk"]))
def test_any_bytes_in_any_charset_are_text_without_lone_surrogates(data, name):
    text = decode(data, name)
    text.encode()
    assert "\0" not in text
