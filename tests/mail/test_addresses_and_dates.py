"""Mailboxes and dates as people and programs write them."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import formataddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.addresses import MAX_ADDRESSES, find_addr_specs, is_addr_spec, parse_addresses
from gateway.mail.dates import parse_date
from gateway.mail.words import one_line


def _pairs(value: bytes) -> list[tuple[str, str]]:
    return [(mailbox.name, mailbox.address) for mailbox in parse_addresses(value).addresses]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (b"a@x.example", [("", "a@x.example")]),
        (b'Ann <a@x>, "Doe, Jo" <b@y>; c@z', [("Ann", "a@x"), ("Doe, Jo", "b@y"), ("", "c@z")]),
        (b"=?utf-8?q?J=C3=B6,_Co?= <a@x>", [("Jö, Co", "a@x")]),
        (b"=?utf-8?q?J,B?= <a@x>", [("J,B", "a@x")]),
        (b"a@x (Ann (the first))", [("Ann (the first)", "a@x")]),
        (b"undisclosed-recipients:;", []),
        (b"Team: a@x, Bo <b@y>;, c@z", [("", "a@x"), ("Bo", "b@y"), ("", "c@z")]),
        (b"'a@x' <a@x>", [("a@x", "a@x")]),
        (b"<mailto:a@x>", [("", "a@x")]),
        (b"<@relay,@other:a@x>", [("", "a@x")]),
        (b"a@x.", [("", "a@x")]),
        (b"<\r\n a@x >", [("", "a@x")]),
        (b"a@[192.0.2.1]", [("", "a@[192.0.2.1]")]),
        (b'"quoted local"@x', [("", '"quoted local"@x')]),
        (b"MAILER-DAEMON", [("MAILER-DAEMON", "")]),
        (b"Ann <>", [("Ann", "")]),
        ("Jörg <a@x>".encode("latin-1"), [("Jörg", "a@x")]),
        (b"Doe, John <j@x>", [("Doe, John", "j@x")]),
        (b"Doe, John, Dr. <j@x>, b@y", [("Doe, John, Dr.", "j@x"), ("", "b@y")]),
        (b"'Doe, John' via Desk <l@x>", [("'Doe, John' via Desk", "l@x")]),
        (b"Ann [mailto:a@x]", [("Ann", "a@x")]),
        (b"Ann <SMTP:a@x>", [("Ann", "a@x")]),
        (b"Ann (a@x)", [("Ann", "a@x")]),
        (b"a@x b@y", [("", "a@x"), ("", "b@y")]),
        (b"<a@x> Ann", [("Ann", "a@x")]),
        (b"<<a@x>>", [("", "a@x")]),
        (b'<"a@x">', [("", "a@x")]),
        (b"<Ann a@x>", [("", "a@x")]),
        (b"<a@x,b@y>", [("", "a@x")]),
        (b"a @ x", [("", "a@x")]),
        (b'"Ann <a@x>"', [("Ann", "a@x")]),
        (b'"Ann <a@x>', [("Ann", "a@x")]),
        (b"=?utf-8?q?J=C3=B6_<j=40x>?=", [("Jö", "j@x")]),
        (b'"=?utf-8?q?J=C3=B6?=" <j@x>', [("Jö", "j@x")]),
        (b"=?utf-8?Q?J=C3=B6 Co?=<j@x>", [("Jö Co", "j@x")]),
        (b'"Ann"<a@x>', [("Ann", "a@x")]),
        (b'"Ann" "Lee" <a@x>', [("Ann Lee", "a@x")]),
        (b"a@x (Ann \\(x\\))", [("Ann (x)", "a@x")]),
        (b"\xe5\xbc\xa0 <a@x>", [("张", "a@x")]),
        ("ann@exämple.example".encode(), [("", "ann@exämple.example")]),
        (b"root, daemon", [("root", ""), ("daemon", "")]),
        (b",,,;", []),
        (b"", []),
    ],
)
def test_mailboxes_are_found(value, wanted):
    assert _pairs(value) == wanted


@pytest.mark.parametrize(
    "value", [b"a@x", b"Ann <a@x>", b'"Doe, Jo" <a@x>', b"a@x (Ann)", b"=?utf-8?q?J=C3=B6?= <a@x>"]
)
def test_a_plain_mailbox_is_exact(value):
    assert parse_addresses(value).exact


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"g: a@x;",
        b"<evil@x>real@bank",
        b'"a@x)b@evil"',
        b"a@x)b@evil",
        b"<a@x> <b@y>",
        b"Ann a@x",
        b"<@relay:a@x>",
        b"=?utf-8?q?a=40x?=",
        b"<=?utf-8?q?a=40x?=>",
        b"Ann <a@x",
        b"Ann <ann>",
        b"a@",
        b"<a@b@c>",
        b"MAILER-DAEMON",
        b"Doe, John <j@x>",
        b"a@x (b@y)",
        b"a@x\0",
        b"=?utf-8?q?boss=40bank.example?= <evil@x>",
        b'"Ann <a@x>"',
        b"<a@x> Ann",
        b"a@x b@y",
    ],
)
def test_a_mailbox_that_readers_could_take_in_two_ways_is_not_exact(value):
    assert not parse_addresses(value).exact


@given(
    st.lists(
        st.tuples(
            st.text(
                st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="\"'\\"), max_size=30
            ),
            st.from_regex(r"[a-z0-9]{1,10}(\.[a-z0-9]{1,10})?@[a-z]{1,10}\.example", fullmatch=True),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_what_pythons_email_writes_is_read_back(people):
    written = ", ".join(formataddr(each) for each in people).encode()
    assert _pairs(written) == [(one_line(name), address) for name, address in people]


def test_names_in_raw_bytes_are_read_in_the_charset_of_the_mails_text():
    assert parse_addresses("张伟 <a@x>".encode("gbk"), "gbk").addresses[0].name == "张伟"


@given(
    st.lists(
        st.sampled_from(
            [b"Ann", b" ", b"a@x.example", b"<a@x.example>", b'"', b".", b"<", b">", b"-", b"=", b"(", b",", b"&", b"1"]
        ),
        max_size=7,
    )
)
def test_the_quick_way_for_plain_mailboxes_says_what_the_long_way_says(pieces):
    value = b"".join(pieces)
    # A NUL beside the mailbox keeps the quick way from matching, and is white space to the long one.
    quick, long = parse_addresses(value), parse_addresses(value + b" \0")
    assert quick.addresses == long.addresses


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("rfc822;ann@x.example", ("ann@x.example",)),
        ("ann@x.example; 0F5E", ("ann@x.example",)),
        ("from a@x to <b@y>, (c@z)", ("a@x", "b@y", "c@z")),
        ("192.0.2.1, unknown", ()),
        ("@ a@ @b", ()),
    ],
)
def test_addresses_are_found_in_any_text(text, wanted):
    assert find_addr_specs(text) == wanted


def test_no_more_than_200_addresses_are_read():
    read = parse_addresses(b"a@x," * 1000)
    assert len(read.addresses) == MAX_ADDRESSES
    assert read.cut
    assert not read.exact


@given(
    st.lists(
        st.sampled_from(
            [b"a@b", b"<", b">", b'"', b"(", b")", b",", b":", b";", b"\\", b"=?utf-8?q?x?=", b" ", b"\xff", b"["]
        ),
        max_size=25,
    )
)
def test_any_tokens_give_mailboxes_that_can_be_kept(tokens):
    read = parse_addresses(b"".join(tokens))
    for mailbox in read.addresses:
        (mailbox.name + mailbox.address).encode()
        assert "\n" not in mailbox.name + mailbox.address
    if read.exact:
        assert all(is_addr_spec(mailbox.address) for mailbox in read.addresses)


@pytest.mark.parametrize(
    "unit",
    [
        b"(",
        b"<",
        b'"',
        b",",
        b"=?",
        b"=?a?q?",
        b"a.",
        b"(a)",
        b"[",
        b"\\",
        b'<"',
        b"a@b ",
        b"a:",
        b"<a@b>",
        b'\\"',
        b"a,",
        b"@",
        b"=?a?q?a@b?= ",
    ],
)
def test_address_fields_of_junk_are_read_in_one_pass(unit):
    parse_addresses(unit * (1_000_000 // len(unit)))


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("Mon, 1 Jan 2024 10:00:00 +0100 (CET)", datetime(2024, 1, 1, 10, tzinfo=timezone(timedelta(hours=1)))),
        ("1 Jan 24 10:00 EST", datetime(2024, 1, 1, 10, tzinfo=timezone(timedelta(hours=-5)))),
        ("Mon Jan  1 10:00:00 2024", datetime(2024, 1, 1, 10, tzinfo=UTC)),
        ("2024-01-02T03:04:05Z", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2024-01-02 03:04:05+02:00", datetime(2024, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))),
        ("Sun, 5 May 2024 10:00:60 -0000", datetime(2024, 5, 5, 10, 0, 59, tzinfo=UTC)),
        ("Tue, 02 Jan 99 01:02:03 GMT", datetime(1999, 1, 2, 1, 2, 3, tzinfo=UTC)),
        ("Tue, 02 Jan 2024 01:02:03 PM +0000", datetime(2024, 1, 2, 13, 2, 3, tzinfo=UTC)),
        ("1 Jan 2024 10:00:00 GMT-03:00", datetime(2024, 1, 1, 10, tzinfo=timezone(timedelta(hours=-3)))),
        ("1 Jan 2024 10:00:00 +0530 (IST)", datetime(2024, 1, 1, 10, tzinfo=timezone(timedelta(hours=5.5)))),
        ("1 Jan 2024 10:00:00 GMT+2", datetime(2024, 1, 1, 10, tzinfo=timezone(timedelta(hours=2)))),
        ("Fri Jan 5 10:00:00 EST 2024", datetime(2024, 1, 5, 10, tzinfo=timezone(timedelta(hours=-5)))),
        ("Fri Jan 5 10:00:00 2024 -0500", datetime(2024, 1, 5, 10, tzinfo=timezone(timedelta(hours=-5)))),
        ("Sunday, 05-Jan-24 10:00:00 GMT", datetime(2024, 1, 5, 10, tzinfo=UTC)),
        ("Mi, 3 Mär 2010 1:2:3 +0100", datetime(2010, 3, 3, 1, 2, 3, tzinfo=timezone(timedelta(hours=1)))),
        ("3 de março de 2010 10:00:00", datetime(2010, 3, 3, 10, tzinfo=UTC)),
        ("5 juillet 2024 10:00:00", datetime(2024, 7, 5, 10, tzinfo=UTC)),
        ("5 juin 2024 10:00:00", datetime(2024, 6, 5, 10, tzinfo=UTC)),
        ("Пт, 5 июля 2024 10:00:00", datetime(2024, 7, 5, 10, tzinfo=UTC)),
        ("2024/01/05 10:00", datetime(2024, 1, 5, 10, tzinfo=UTC)),
        ("20240105T100000Z", datetime(2024, 1, 5, 10, tzinfo=UTC)),
        ("5 Jan 2024", datetime(2024, 1, 5, tzinfo=UTC)),
    ],
)
def test_dates_keep_the_zone_of_the_mail(value, wanted):
    read = parse_date(value)
    assert read == wanted
    assert read.utcoffset() == wanted.utcoffset()


@pytest.mark.parametrize("zone", ["+9900", "-2500", "+0060", "+00000", "+-0100", "A", "XYZZY", "", "+1401", "+123456"])
def test_a_zone_that_is_nowhere_leaves_the_clock_as_it_is(zone):
    assert parse_date(f"Mon, 1 Jan 2024 10:00:00 {zone}") == datetime(2024, 1, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "yesterday",
        "1 Jan 0001 00:00 +1400",
        "1 Jan 9999 10:00",
        "1 Jan 12345 10:00",
        "Thu, 01 Jan 99999999999999",
        "31 Feb 2024 10:00",
        "1 Foo 2024 10:00",
        "1 Jan 2024 25:00",
    ],
)
def test_what_is_no_date_is_none(value):
    assert parse_date(value) is None


@given(st.text(alphabet="0123456789 :-+JanFebMonTuUTCGMT,.()", max_size=60))
def test_any_date_is_aware_or_none(value):
    read = parse_date(value)
    assert read is None or (read.tzinfo is not None and read.astimezone(UTC) == read)
