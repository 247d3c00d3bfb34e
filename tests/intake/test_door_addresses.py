import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.addresses import BadPath, BadRecipient, Recipients, Relaying, forward_path, reverse_path

# Every form asks for mail to be passed on to somebody at victim.example, or hides an "@" where a naive parser errs.
RELAY_FORMS = [
    "someone@victim.example",
    "someone%victim.example@desk.example",
    "someone%victim.example@[127.0.0.1]",
    "someone%victim.example",
    "victim.example!someone",
    "victim.example!someone@desk.example",
    "desk.example!someone@victim.example",
    "victim.example!someone@[127.0.0.1]",
    "@desk.example:someone@victim.example",
    "@desk.example,@mx.desk.example:someone@victim.example",
    "@victim.example:support@desk.example",
    "@[127.0.0.1]:someone@victim.example",
    "someone@victim.example@desk.example",
    "someone@desk.example@victim.example",
    '"someone@victim.example"',
    '"someone@victim.example"@desk.example',
    '"someone%victim.example"@desk.example',
    '"victim.example!someone"@desk.example',
    '"someone@victim.example"@[127.0.0.1]',
    '"support@desk.example"@victim.example',
    "support@[127.0.0.1]",
    "support@[IPv6:::1]",
    "support@127.0.0.1",
    "support@desk.example.victim.example",
    "support@notdesk.example",
    "support@desk.example.",
    "support@.desk.example",
    "support@desk。example",
    "support@desk.example\x00.victim.example",
    "support\x00@desk.example",
    "support @desk.example",
    "support@desk.example victim@victim.example",
    "support@desk.example\rRCPT",
    '"@desk.example',
    "support@",
    "@desk.example",
    "support",
]


def served(path, recipients):
    try:
        return recipients.serves(forward_path(path, utf8=True))
    except BadPath:
        return False


@pytest.mark.parametrize("path", RELAY_FORMS)
def test_no_form_of_relaying_is_served_by_a_served_domain(path):
    assert not served(path, Recipients.parse(["desk.example"]))


@pytest.mark.parametrize(
    "path",
    [
        "someone%victim.example@desk.example",
        "a!b@desk.example",
        "@a:b@desk.example",
        '"a@b"@desk.example',
        "a@[127.0.0.1]",
    ],
)
def test_relaying_is_told_from_a_slip_of_the_pen(path):
    with pytest.raises(Relaying):
        forward_path(path, utf8=False)


@pytest.mark.parametrize(
    ("path", "yes"),
    [
        ("support@desk.example", True),
        ("SUPPORT@Desk.Example", True),
        ("support+order-7@desk.example", True),
        ("support+@desk.example", True),
        ('"support"@desk.example', True),
        ("sales@desk.example", False),
        ("supporting@desk.example", False),
        ("+support@desk.example", False),
        ("support@sub.desk.example", False),
        ("anybody@shop.example", True),
        ("anybody+x@SHOP.example", True),
        ("anybody@www.shop.example", False),
        ("postmaster", True),
        ("Postmaster@desk.example", True),
        ("postmaster@shop.example", True),
        ("postmaster@elsewhere.example", False),
    ],
)
def test_addresses_domains_tags_and_the_postmaster_are_served_in_any_case(path, yes):
    assert served(path, Recipients.parse(["Support@desk.example", "shop.example"])) is yes


def test_a_domain_in_letters_and_in_ascii_is_the_same_domain():
    recipients = Recipients.parse(["@bücher.example"])
    assert served("info@xn--bcher-kva.example", recipients)
    assert served("info@BÜCHER.example", recipients)


def test_a_star_serves_everybody_and_still_relays_for_nobody():
    recipients = Recipients.parse(["*"])
    assert served("someone@victim.example", recipients)
    assert not served("someone%victim.example@desk.example", recipients)


def test_nothing_served_serves_the_postmaster_of_this_host_only():
    assert not served("support@desk.example", Recipients.parse([]))
    assert served("postmaster", Recipients.parse([]))


@pytest.mark.parametrize(
    "item",
    [
        "",
        "@",
        "support@",
        "a b@desk.example",
        "desk example",
        "*.desk.example",
        "<support@desk.example>",
        "a%b@desk.example",
    ],
)
def test_a_setting_that_is_no_address_is_refused_with_an_example(item):
    with pytest.raises(BadRecipient, match=r"write support@desk\.example"):
        Recipients.parse(["desk.example", item])


@pytest.mark.parametrize(
    "path",
    [
        "",
        "jo@customer.example",
        "jo..doe.@docomo.example",
        '"jo doe"@customer.example',
        "jo@[192.0.2.1]",
        "jo@[IPv6:2001:db8::1]",
        "bounce+a=b!c%d@x.example",
        "jo@my_host.local",
    ],
)
def test_senders_that_the_world_has_are_taken(path):
    assert reverse_path(path, utf8=False) == path


@pytest.mark.parametrize(
    "path",
    [
        "jo",
        "@a,@b:c@d.example",
        '"@b.example',
        "a b@c.example",
        "a\x00@c.example",
        "jo@",
        "@c.example",
        "jo@c..example",
        "jo@-c.example",
        "jo@c.example-",
        "jo@[1.2.3.4",
        "jö@c.example",
        "jo@c.example>",
        "jo\u202e@c.example",
        "jo@a b.example",
        "jo\\@c.example",
    ],
)
def test_senders_that_break_the_grammar_are_refused(path):
    with pytest.raises(BadPath):
        reverse_path(path, utf8=False)


def test_lengths_are_those_of_the_standard_in_octets():
    assert reverse_path("a" * 64 + "@x.example", utf8=False)
    with pytest.raises(BadPath, match="too long"):
        reverse_path("a" * 65 + "@x.example", utf8=False)
    with pytest.raises(BadPath, match="too long"):
        reverse_path("ä" * 33 + "@x.example", utf8=True)
    assert len(reverse_path("a@" + "b" * 248 + ".com", utf8=False)) == 254
    with pytest.raises(BadPath, match="too long"):
        reverse_path("a@" + "b" * 249 + ".com", utf8=False)


def test_letters_beyond_ascii_pass_with_smtputf8_and_bytes_that_are_no_utf8_never():
    assert reverse_path("ñandú@correo.example", utf8=True) == "ñandú@correo.example"
    assert forward_path("สวัสดี@desk.example", utf8=True) == "สวัสดี@desk.example"
    for broken in ("\ufffd@x.example", "\udcff@x.example"):
        with pytest.raises(BadPath):
            reverse_path(broken, utf8=True)


@given(st.text(alphabet=st.sampled_from('ab@"\\.%!:<>[] \x00é。'), max_size=70))
def test_any_text_gives_itself_or_a_bad_path(text):
    for parse in (reverse_path, forward_path):
        try:
            assert parse(text, utf8=True) == text
        except BadPath:
            continue


@given(st.text(alphabet=st.sampled_from('ab@"\\.%!:<>[] \x00é。'), max_size=70))
def test_what_is_served_ends_with_a_served_domain_and_names_no_other_host(text):
    if served(text, Recipients.parse(["ab.b"])):
        assert text.lower().endswith("@ab.b")
        assert not set(text[:-5]) & set("@%!:<> \x00")
