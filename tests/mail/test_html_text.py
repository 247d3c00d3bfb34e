"""What of a page of HTML becomes which lines of text."""

import re
import sys
from collections import Counter
from collections.abc import Callable
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.mail.links import shown_link
from gateway.mail.markup import content_ids, text_of

GMAIL = """<div dir="ltr">Hello,<div><br></div><div>see <b>this</b>:</div><div><img src="cid:ii_1" alt="" width="400"></div></div>
<br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Tue, 24 Nov 2026 at 10:00, Bob &lt;<a
href="mailto:bob@b.example">bob@b.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote"
style="margin:0 0 0 .8ex;border-left:1px #ccc solid"><div>Why?</div><blockquote><p>one</p><p>two</p></blockquote></blockquote></div>"""

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!-- p.MsoNormal {margin:0in} --></style>
<!--[if gte mso 9]><xml><o:shapedefaults/></xml><![endif]--></head><body><div class=WordSection1>
<p class=MsoNormal>Hi,<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]><span style='font-family:Symbol'><span
style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp; </span></span></span><![endif]>point</p>
<p class=MsoNormal>Ann</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal><b>From:</b> Bob
&lt;bob@b.example&gt;<br><b>Sent:</b> Tuesday</p></div></div></body></html>"""

APPLE = """<html><body style="overflow-wrap: break-word;">Hi<div><br></div><div>Ann<br><div><br><blockquote type="cite">
<div>On 24 Nov 2026, at 10:00, Bob &lt;b@b.example&gt; wrote:</div><br class="Apple-interchange-newline"><div>Why?</div>
</blockquote></div><br></div></body></html>"""


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (
            GMAIL,
            (
                "Hello,\n\nsee this:\n[shot.png]\n\nOn Tue, 24 Nov 2026 at 10:00, Bob <bob@b.example> wrote:\n"
                "> Why?\n>\n> > one\n> >\n> > two"
            ),
        ),
        (WORD, "Hi,\n\n* point\nAnn\n\nFrom: Bob <bob@b.example>\nSent: Tuesday"),
        (APPLE, "Hi\n\nAnn\n\n> On 24 Nov 2026, at 10:00, Bob <b@b.example> wrote:\n>\n> Why?"),
    ],
    ids=["gmail", "word", "apple"],
)
def test_the_lines_of_a_client_stay_lines(html, text):
    assert text_of(html, {"ii_1": "shot.png"}) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a<br>b<br><br>c", "a\nb\n\nc"),
        ("<div>a<br></div><div><br></div><div>b</div>", "a\n\nb"),
        ("<p>a</p>\n<p>b</p>", "a\n\nb"),
        ('<p style="margin:0">a</p><p style="margin:0">b</p>', "a\nb"),
        ('<p style="margin:0 0 10px">a</p><p>b</p>', "a\n\nb"),
        ("a\n  b\t<b> c</b>&nbsp;d", "a b c d"),
        ("<pre>\nif x:\n  y\n</pre>z", "if x:\n  y\n\nz"),
        ('<div style="white-space: pre-wrap">a\n  b</div>', "a\n  b"),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>", "* a\n  * b\n* c"),
        ('<ol start="9"><li><p>a</p><p>b</p></li><li>c</ol>', "9. a\n  b\n10. c"),
        ("a<hr>b", f"a\n{'_' * 32}\nb"),
        ("<blockquote>a</blockquote>b<blockquote>c</blockquote>", "> a\n\nb\n\n> c"),
        ('<blockquote style="margin:0 0 0 40px;border:none">a</blockquote>', "a"),
        ("</div></blockquote></td></table></ul>a", "a"),
        ("<q>a</q>", '"a"'),
        ("a<b", "a"),
        (f"&#{'9' * 5000};&#x{'f' * 5000};&#xd800;", "\ufffd" * 3),
        (f'<img src="data:image/png;base64,{"A" * 9000}" alt="a">', "[a]"),
        ("1 < 2 <3", "1 < 2 <3"),
        ("Bob <bob@b.example> wrote:", "Bob <bob@b.example> wrote:"),
        ("&lt;b&gt; &amp;amp; &#8364; &#x1F600; &unknown;", "<b> &amp; € 😀 &unknown;"),
        ("<a title='x > y'>a</a><a title=it's>b</a>", "ab"),
    ],
)
def test_elements_become_lines(html, text):
    assert text_of(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<table><tr><th>Item<th>Price<tr><td>Nut<td>1.00<tr><td>Long bolt<td>20.00</table>",
         "Item       Price\nNut        1.00\nLong bolt  20.00"),
        ("<table><tr><td></td><td><table><tr><td>in</td></tr></table></td></tr></table>out", "in\n\nout"),
        ("<table><tr><td>a<br>b</td><td>c</td></tr></table>", "a\nb\nc"),
        (f"<table><tr><td>{'a ' * 60}</td><td>{'b ' * 60}</td></tr></table>", f"{('a ' * 60).strip()}\n{('b ' * 60).strip()}"),
        ("<blockquote><table><tr><td>a</td><td>b</td></tr></table></blockquote>", "> a  b"),
        ("<table><tr><td>never closed<tr><td>x", "never closed\nx"),
    ],
)  # fmt: skip
def test_a_table_of_facts_has_rows_and_a_layout_is_taken_apart(html, text):
    assert text_of(html) == text


@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display:none">no</div>',
        '<span style="DISPLAY : none !important">no <span>no</span> no</span>',
        '<p style="display:none">no<p>',
        '<td style="display:none">no<td>',
        '<div style="max-height:0;overflow:hidden">no</div>',
        '<div style="visibility: hidden">no</div>',
        "<div hidden>no</div>",
        "<script>if (a < b) { '<p>no</p>' }</script>",
        "<STYLE><!-- no </STYLE>",
        "<title>no</title>",
        "<title/>",
        "<!-- no -->",
        "<!--[if mso]><p>no</p><![endif]-->",
        "<!-->",
        "<xml><w:x>no</w:x></xml>",
        '<img src="http://x.example/p.gif" width="1" height="1" alt="no">',
        '<img src="http://x.example/p.gif" alt="">',
        '<input type="hidden" value="no">',
    ],
)
def test_what_a_reader_would_not_see_is_left_out(hidden):
    assert text_of(f"<div>yes</div>{hidden}<div>too</div>").split() == ["yes", "too"]


@pytest.mark.parametrize(
    "shown",
    [
        '<div style="overflow:hidden">yes</div>',
        '<div style="overflow: hidden; max-height: 0.5em">yes</div>',
        '<div class="hidden-xs" aria-hidden="true">yes</div>',
        '<div style="font-size:0">yes</div>',
        "<![if !vml]>yes<![endif]>",
        "<noscript>yes</noscript>",
        '<div><span style="display:none">no</div>yes',
        "<unknown-element>yes</unknown-element>",
    ],
)
def test_what_a_reader_would_see_is_kept(shown):
    assert text_of(shown) == "yes"


@pytest.mark.parametrize(
    ("href", "words", "shown"),
    [
        ("https://x.example/a?b=1", "look", "<https://x.example/a?b=1>"),
        ("https://www.x.example/", "x.example", ""),
        ("http://x.example", "https://other.example", "<http://x.example>"),
        ("mailto:ann@a.example?subject=x", "Ann", "<ann@a.example>"),
        ("mailto:ann@a.example", "Ann@A.example", ""),
        ("javascript:alert(1)", "click", ""),
        ("#top", "up", ""),
        ("data:text/html,x", "x", ""),
        ("https://x.example/a", " ", ""),
        ("https://x.example/<script>\u202e", "x", "<https://x.example/script>"),
        (
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fx.example%2Fa&data=1",
            "x",
            "<https://x.example/a>",
        ),
        ("https://urldefense.com/v3/__https://x.example/a__;!!abc$", "x", "<https://x.example/a>"),
        ("https://[::1", "x", "<https://[::1>"),
    ],
)
def test_a_link_is_shown_where_its_words_do_not_say_it(href, words, shown):
    assert shown_link(href, words) == shown


def test_links_and_pictures_are_words():
    html = (
        '<a href="https://x.example/&amp;"><img src="l.png" alt="Our\n logo"></a> <img alt="😀"> <img src="cid:a%40b">'
    )
    assert text_of(html, {"a@b": "a.png"}) == "[Our logo] <https://x.example/&> 😀 [a.png]"


@pytest.mark.parametrize(
    "signature",
    [
        '<div class="gmail_signature">Ann</div>',
        '<div dir="ltr" id="Signature">Ann</div>',
        '<div class="moz-signature">-- <br>Ann</div>',
        '-- <br><div data-smartmail="gmail_signature">Ann</div>',
    ],
)
def test_a_signature_has_one_line_before_it(signature):
    assert text_of(f"<div>Hi</div>{signature}") == "Hi\n--\nAnn"


def test_a_signature_in_words_of_others_has_none():
    assert "--" not in text_of('<div id="divRplyFwdMsg">From: x</div><div id="Signature">Bob</div>')
    assert "--" not in text_of('<blockquote><div class="gmail_signature">Bob</div></blockquote>')


def test_content_ids_are_found_in_any_attribute():
    assert content_ids("""<img src="cid:a@b"><td background='CID:c%20d'>url(cid:e)""") == {"a@b", "c d", "e"}


_WORD = st.text("abcdefghijklmnop", min_size=3, max_size=8)
_NAME = st.sampled_from(
    ["div", "p", "b", "span", "blockquote", "ul", "li", "table", "tr", "td", "h1", "pre", "a", "center", "o:p"]
)
_PAGE = st.recursive(
    _WORD.map(lambda word: f" {word} "),
    lambda inner: st.tuples(_NAME, st.lists(inner, max_size=4), st.booleans()).map(
        lambda made: f"<{made[0]}>{''.join(made[1])}" + (f"</{made[0]}>" if made[2] else "")
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(_PAGE)
def test_no_word_is_lost_or_made_however_tags_are_nested(page):
    words = re.findall(r"[a-z]{3,}", re.sub(r"<[^>]*>", " ", page))
    assert Counter(re.findall(r"[a-z]{3,}", text_of(page))) == Counter(words)


_JUNK = st.lists(
    st.sampled_from([*"<>&\"'=/!-", "<!--", "-->", "<a href=", "</", "<style>", "</style", "<td", "<pre>", "&#", "x;", "\ue0f0", "\x00", "\x1b"])
    | st.text(max_size=4),
    max_size=40,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(_JUNK)
def test_any_junk_is_text_that_fits_into_xml(pieces):
    element = etree.Element("x")
    element.text = text_of("".join(pieces))
    assert element.text is None or "\r" not in element.text


_FAMILIES = {
    "nested divisions": ("<div>", "x"),
    "nested tables": ("<table><tr><td>", "x"),
    "nested quotes": ("<blockquote>x", ""),
    "nested lists": ("<ul><li>x", ""),
    "open links": ('<a href="http://x.example/y">', "x"),
    "open hidden": ('<p style="display:none">x<div>', ""),
    "rows": ("<tr><td>a<td>b", ""),
    "gaps": ("<p></p>", ""),
    "kept spaces": ('<pre>x\n <span style="white-space:pre"> ', ""),
    "words in lists of Word": ("mso-list<p>·\xa0\xa0x", ""),
}


def _work(run: Callable[[], object]) -> int:
    """Lines of Python that `run` goes through."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Callable[..., object]:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        run()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("family", _FAMILIES)
def test_twice_the_page_is_twice_the_work(family):
    piece, end = _FAMILIES[family]
    once, twice = (
        _work(lambda count=count: text_of("<table>" * (piece[:3] == "<tr") + piece * count + end))
        for count in (300, 600)
    )
    assert twice <= 2.3 * once


@pytest.mark.parametrize(
    "piece",
    ["<", "<a ", '<a ="', "<a b='\" c=\"'", "<!--", "<!-- -", "<!a", "<style>", '<style ="', "<script><", "<title/>", "&#x", "cid:", " ", '<img src="data:' + "A" * 20_000 + '">', "<a " + "b" * 30_000 + ">", "\xa0",
     'hidden="', "<?", "<style></styl", '<p class="' + "a " * 50, "</", "-->"],
)  # fmt: skip
def test_no_pattern_looks_at_a_byte_from_many_places(piece):
    # A square of this size would run for hours.
    html = piece * (1_000_000 // len(piece))
    assert len(text_of(html)) <= len(html) + 10
    content_ids(html)
