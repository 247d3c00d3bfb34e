"""Authentication-Results and ARC as rules may look at them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.authresults import ArcSet, AuthenticationResults, Result, read_arc, read_results
from gateway.mail.fields import read_block


def test_a_field_gives_its_server_and_each_result_with_its_properties():
    read = read_results(
        b'mx.desk.example 1; dkim=PASS (good; "sig") header.d=a.example header.s="s 1";\n\tspf/1=softfail '
        b"smtp.mailfrom=a.example; dmarc/2=pass header.from=a.example"
    )
    assert read == AuthenticationResults(
        "mx.desk.example",
        (
            Result("dkim", "pass", (("header.d", "a.example"), ("header.s", "s 1"))),
            Result("spf", "softfail", (("smtp.mailfrom", "a.example"),)),
        ),
    )
    assert read.results[0].all("header.d") == ["a.example"]


@pytest.mark.parametrize("value", [b"", b"mx; dkim=pass (open", b'mx; dkim="open', b"x" * 9000])
def test_a_field_that_does_not_parse_is_none(value):
    assert read_results(value) is None


def test_no_results_are_none_found():
    assert read_results(b"mx.desk.example; none") == AuthenticationResults("mx.desk.example", ())


def test_an_arc_chain_is_read_from_its_first_relay_on():
    block = read_block(
        b"ARC-Seal: i=2; a=rsa-sha256; cv=pass; d=two.example; s=x; b=YWJj\n"
        b"ARC-Authentication-Results: i=2; mx.two.example; arc=pass; dmarc=fail header.from=a.example\n"
        b"ARC-Seal: i=1; cv=none; d=One.example; b=\n YWJj\n"
        b"ARC-Authentication-Results: i=1; mx.one.example; dmarc=pass header.from=a.example\n"
        b"ARC-Authentication-Results: i=1; mx.forged.example; dmarc=pass\n\n"
    )
    first, second = read_arc(block)
    assert first == ArcSet(
        1,
        AuthenticationResults("mx.one.example", (Result("dmarc", "pass", (("header.from", "a.example"),)),)),
        "one.example",
        "none",
    )
    assert (second.instance, second.sealer, second.chain) == (2, "two.example", "pass")
    assert second.results
    assert [result.result for result in second.results.results] == ["pass", "fail"]


def test_a_set_that_lacks_its_seal_is_shown_without():
    (only,) = read_arc(read_block(b"ARC-Authentication-Results: i=3; mx; spf=pass\n\n"))
    assert (only.instance, only.sealer, only.chain) == (3, "", "")


@given(
    st.lists(
        st.sampled_from([b"i=1;", b"mx", b";", b" ", b"(", b")", b'"', b"\\", b"dkim=pass", b"header.d=x", b"\xff", b"="]),
        max_size=25,
    )
)  # fmt: skip
def test_any_tokens_are_read_or_none(pieces):
    value = b"".join(pieces)
    read = read_results(value)
    assert read is None or all(result.method for result in read.results)
    for each in read_arc(read_block(b"ARC-Seal: " + value + b"\nARC-Authentication-Results: " + value + b"\n\n")):
        assert 0 <= each.instance < 100
