"""Encoded words, parameters and charsets."""

import codecs
from email.header import Header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import charsets
from gateway.mail.charsets import codec_of, decode
from gateway.mail.jis import decode_jis
from gateway.mail.parameters import parse_parameters
from gateway.mail.words import decode_words, one_line


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
        (b"=?utf-8?b?w?= =?utf-8?b?6k=?=", "é"),
        (b"=?utf-8?q?cut_of=C3=A9", "cut ofé"),
        (b"=?utf-8?b?Z3LDvMOfZQ", "grüße"),
        (b"=?utf-8?q?open and more", "=?utf-8?q?open and more"),
        (b"=??q?no_name?=", "no name"),
        (b"=?utf-8?Q?with blanks inside?= =?utf-8?Q?_and after?=", "with blanks inside and after"),
        (b"a=?utf-8?q?b?=c", "abc"),
        (b"=?utf-8?x?unknown?=", "=?utf-8?x?unknown?="),
        (b"=?utf-8?q?last?= ", "last"),
        (b"=?koi8-r?b?8NLJ18XU?= =?utf-8?q?!?=", "Привет!"),
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


def test_raw_bytes_are_read_in_the_charset_of_the_mails_text():
    assert decode_words("订单".encode("gbk"), "gb2312") == "订单"
    assert decode_words("注文 ".encode("cp932") + b"=?utf-8?q?=E5=8F=B7?=", "shift_jis") == "注文 号"
    assert decode_words("Żaba".encode("cp1250"), "windows-1250") == "Żaba"


def test_ascii_elsewhere_in_the_mail_says_nothing_of_raw_bytes():
    raw = "Отчёт за неделю".encode("cp1251")
    assert decode_words(raw, "us-ascii") == decode_words(raw) == "Отчёт за неделю"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("in\u202evoice\u2066.exe\u2069", "invoice.exe"),
        ("pay\u200bpal\ufeff \u200etoday", "paypal today"),
        ("tag\U000e0041ged so\xadft", "tagged soft"),
        ("a\u200db", "ab"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("wide\u3000and\xa0hard\u2028blanks", "wide and hard blanks"),
    ],
)
def test_nothing_hides_in_a_header_or_turns_it_round(value, wanted):
    assert decode_words(value.encode()) == wanted


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


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" "), max_size=120),
    st.sampled_from(["utf-8", "iso-2022-jp", "gb18030", "koi8-r", "iso-8859-15"]),
)
def test_what_pythons_email_writes_is_read_back(text, charset):
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        charset = "utf-8"
    written = Header(text, charset, header_name="Subject").encode()
    assert decode_words(written.encode("ascii", "surrogateescape")) == one_line(text)


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
        ("grüße", "utf-8", "iso-8859-1"),
        ("grüße", "utf-8", "us-ascii"),
        ("„Žena“ – ťava", "cp1250", "iso-8859-2"),
        ("Łódź", "iso8859-2", "iso-8859-2"),
        ("Müller", "cp1252", None),
        ("año", "latin-1", "unknown-8bit"),
        ("10 € – ok", "cp1252", "x-unknown"),
        ("1 + 1 = 2 & 日本 😀", "utf-7", "unicode-1-1-utf-7"),
    ],
)
def test_text_is_found_under_a_wrong_missing_or_odd_name(text, codec, declared):
    assert decode(text.encode(codec), declared) == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        # NEC's row 13 and IBM's letters, which ISO-2022-JP does not have and Windows writes into it all the same.
        (b"\x1b$B-!\x1b(B and \x1b$B-j\x1b(B", "① and ㈱"),
        (b"\x1b(I1\x1b(B", "ｱ"),
        (b"\x1b$BF|K\\", "日本"),
        (b"\x1b$(D\x22\x6f\x1b(B", "™"),
    ],
)
@pytest.mark.parametrize("declared", ["iso-2022-jp", None])
def test_japanese_text_is_read_beyond_its_standard(data, text, declared):
    assert decode(data, declared) == text


@pytest.mark.parametrize("row", range(0x21, 0x75))
def test_our_jis_agrees_with_pythons_where_python_has_a_character(row):
    for cell in range(0x21, 0x7F):
        data = b"\x1b$B" + bytes((row, cell)) + b"\x1b(B"
        wanted = data.decode("iso2022_jp", "replace")
        ours = decode_jis(data)
        # Windows names eight signs of the first two rows otherwise.
        if "\ufffd" not in wanted and row > 0x22:
            assert ours == wanted


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"Hi Mom -+Jjo--!", "Hi Mom -☺-!"),
        (b"A+ImIDkQ.", "A≢Α."),
        (b"+ZeVnLIqe-", "日本語"),
        (b"1 +- 1", "1 + 1"),
        (b"a + b", "a + b"),
        (b"+", "+"),
        (b"+2D0-", "\ufffd"),
        (b"+ADwAcwBjAHIAaQBwAHQAPg-", "<script>"),
    ],
)
def test_utf7_is_read_without_pythons_codec(data, text):
    assert decode(data, "utf-7") == text


def test_utf7_is_never_guessed():
    assert decode(b"+ADw-script+AD4-") == "+ADw-script+AD4-"
    assert "utf-7" not in {charsets.guess(data) for data in (b"+ADw-", b"+AGEAYg-\xe9", "é+ADw-".encode())}


def test_one_damaged_character_does_not_cost_the_others():
    data = ("größer und schöner " * 20).encode()
    assert decode(data[:1] + b"\xff" + data[1:], "utf-8").count("größer") + 1 == 20


@given(st.binary(max_size=200), st.sampled_from([*sorted(charsets._CODECS), None, "junk"]))
def test_any_bytes_in_any_charset_are_text_without_lone_surrogates(data, name):
    text = decode(data, name)
    text.encode()
    assert "\0" not in text
