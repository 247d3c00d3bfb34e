"""Which parts become the text and the HTML, and what is attached."""

import base64
import hashlib

import pytest

from gateway.mail import flowed, markup
from gateway.mail.clutter import find_clutter, named
from gateway.mail.decode import content
from gateway.mail.reader import read

_HEAD = b"From: Ann <ann@a.example>\r\nMIME-Version: 1.0\r\n"


def _multipart(subtype: bytes, boundary: bytes, *parts: bytes, extra: bytes = b"") -> bytes:
    inner = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return (
        b"Content-Type: multipart/"
        + subtype
        + b"; boundary="
        + boundary
        + extra
        + b"\r\n\r\n"
        + inner
        + b"--"
        + boundary
        + b"--\r\n"
    )


def _part(type_: bytes, body: bytes, *fields: bytes) -> bytes:
    return b"\r\n".join([b"Content-Type: " + type_, *fields, b"", body])


TEXT = _part(b"text/plain", b"the text")
HTML = _part(b"text/html", b"<p>the <b>html</b></p>")
PDF = _part(
    b"application/pdf",
    base64.b64encode(b"%PDF"),
    b"Content-Transfer-Encoding: base64",
    b'Content-Disposition: attachment; filename="a.pdf"',
)
PICTURE = _part(b"image/png", b"PNG", b"Content-ID: <pic@a>", b"Content-Disposition: inline; filename=p.png")


def test_of_alternatives_the_text_is_text_and_the_html_is_html():
    message = read(_HEAD + _multipart(b"alternative", b"x", TEXT, HTML))
    assert message.text == "the text"
    assert message.html == "<p>the <b>html</b></p>"
    assert message.attachments == ()


def test_without_a_text_the_html_is_read():
    message = read(_HEAD + _multipart(b"mixed", b"x", HTML, PDF))
    assert message.text == "the html"
    assert [attachment.filename for attachment in message.attachments] == ["a.pdf"]


def test_an_empty_text_beside_html_does_not_count():
    assert (
        read(_HEAD + _multipart(b"alternative", b"x", _part(b"text/plain", b" \r\n"), HTML)).text.strip() == "the html"
    )


def test_inline_texts_around_an_attachment_are_joined():
    message = read(_HEAD + _multipart(b"mixed", b"x", TEXT, PDF, _part(b"text/plain", b"more")))
    assert message.text == "the text\nmore"
    assert len(message.attachments) == 1


def test_a_text_after_alternatives_is_added_to_the_chosen_text():
    message = read(
        _HEAD
        + _multipart(b"mixed", b"x", _multipart(b"alternative", b"y", TEXT, HTML), _part(b"text/plain", b"footer"))
    )
    assert message.text == "the text\nfooter"
    assert message.html == "<p>the <b>html</b></p>"


@pytest.mark.parametrize(
    "field", [b"Content-Disposition: attachment", b"Content-Disposition: inline; filename=notes.txt", b"X: y"]
)
def test_texts_with_a_name_or_as_attachment_are_attachments(field):
    type_ = b"text/plain; name=notes.txt" if field == b"X: y" else b"text/plain"
    message = read(_HEAD + _multipart(b"mixed", b"x", TEXT, _part(type_, b"notes", field)))
    assert message.text == "the text"
    assert [attachment.size for attachment in message.attachments] == [5]


def test_a_mail_that_is_one_named_text_is_still_a_text():
    assert read(_HEAD + b"Content-Type: text/plain; name=mail.txt\r\n\r\nwords").text == "words"


def test_a_picture_shown_by_the_html_is_inline_and_another_is_not():
    html = _part(b"text/html", b'<img src="cid:pic@a">')
    other = _part(b"image/png", b"PNG2", b"Content-ID: <other@a>")
    message = read(_HEAD + _multipart(b"related", b"x", html, PICTURE, other))
    assert [(attachment.content_id, attachment.inline) for attachment in message.attachments] == [
        ("pic@a", True),
        ("other@a", False),
    ]


def test_a_calendar_among_alternatives_is_an_attachment():
    message = read(_HEAD + _multipart(b"alternative", b"x", TEXT, HTML, _part(b"text/calendar", b"BEGIN:VCALENDAR")))
    assert [attachment.content_type for attachment in message.attachments] == ["text/calendar"]


def test_attachments_say_where_their_content_lies_and_what_it_is():
    raw = _HEAD + _multipart(b"mixed", b"x", TEXT, PDF)
    (attachment,) = read(raw).attachments
    assert content(raw, attachment.span) == b"%PDF"
    assert attachment.size == 4
    assert attachment.sha256 == hashlib.sha256(b"%PDF").hexdigest()
    assert attachment.md5 == hashlib.md5(b"%PDF").hexdigest()


def test_an_attached_mail_is_one_attachment_with_its_raw_bytes():
    inner = b"Subject: inner\r\n\r\n" + TEXT
    raw = _HEAD + _multipart(b"mixed", b"x", TEXT, b"Content-Type: message/rfc822\r\n\r\n" + inner)
    message = read(raw)
    (attachment,) = message.attachments
    assert attachment.content_type == "message/rfc822"
    assert content(raw, attachment.span) == inner
    assert message.text == "the text"


def test_a_mail_that_is_only_an_attachment_has_no_text():
    message = read(_HEAD + PDF)
    assert message.text == ""
    assert message.html is None
    assert [attachment.filename for attachment in message.attachments] == ["a.pdf"]


def test_a_type_that_does_not_parse_is_octets_and_a_missing_one_is_text():
    assert read(_HEAD + b"Content-Type: @@/@@\r\n\r\nx").attachments[0].content_type == "application/octet-stream"
    assert read(b"Subject: x\r\n\r\nwords").text == "words"


def test_html_names_its_own_charset_where_the_mail_does_not():
    html = b"Content-Type: text/html\r\n\r\n<meta charset=koi8-r><p>" + "да".encode("koi8-r")
    assert read(_HEAD + html).text == "да"


def test_lines_of_the_text_end_in_lf():
    assert read(_HEAD + b"\r\none\r\ntwo\rthree\n").text == "one\ntwo\nthree\n"


def test_flowed_lines_of_one_depth_are_joined():
    text = "> quoted \n> line\nmine \ngoes on\n stuffed\n-- \nAnn\n"
    assert flowed.unflow(text, delete_space=False) == "> quoted line\nmine goes on\nstuffed\n-- \nAnn\n"
    assert flowed.unflow("日 \n本\n", delete_space=True) == "日本\n"
    assert flowed.unflow("> > a \n>> b\n> c \nd \n\ne", delete_space=False) == ">> a b\n> c \nd \n\ne"


def test_html_becomes_the_text_a_reader_sees():
    html = """<html><head><title>no</title><style>p{}</style></head><body><p>Hello<br>you &amp; me</p><!-- no -->
        <script>no()</script><div style="display:none">no</div><table><tr><td>1</td><td>2</td></tr></table>
        <blockquote>said <blockquote>before</blockquote></blockquote>end</body></html>"""
    lines = [line.rstrip() for line in markup.text_of(html).split("\n") if line.strip("> ")]
    assert lines == ["Hello", "you & me", "1  2", "> said", "> > before", "end"]


def test_a_signature_known_by_its_class_gets_its_line():
    assert "\n--\n" in markup.text_of('<div>Hi</div><div class="gmail_signature">Ann</div>')


@pytest.mark.parametrize(
    "html",
    ["<div>" * 20_000 + "deep", "<table><tr><td>" * 3000 + "deep", "<p>deep" * 100_000, "<blockquote>" * 3000 + "deep"],
)
def test_no_words_are_lost_in_html_that_is_too_much(html):
    assert "deep" in markup.text_of(html)


@pytest.mark.parametrize(
    "html", ["<", "<!--", "<a <", "<p", "&#0;&#xd800;", "<b></i>", "<?php", "<![CDATA[", "\ue0f0x\ue0f1"]
)
def test_broken_html_is_some_text(html):
    markup.text_of(html * 1000).encode()


def test_content_ids_are_found_in_any_attribute():
    assert markup.content_ids("""<img src="cid:a@b"><td background='CID:c%20d'>url(cid:e)""") == {"a@b", "c d", "e"}


def test_a_text_too_long_to_be_read_is_cut_and_attached_as_a_whole():
    raw = _HEAD + b"\r\n" + b"words " * 2_000_000
    message = read(raw)
    assert 0 < len(message.text) < 12_000_000
    assert [attachment.size for attachment in message.attachments] == [12_000_000]
    assert any("longer than 8 MiB" in defect for defect in message.defects)


STUB = _part(b"text/plain", b"Your e-mail program does not support HTML. Please open this message in another one.")
LONG_HTML = _part(b"text/html", b"<p>" + b"Dear customer, your parcel is on its way. " * 5)


def test_a_text_that_only_speaks_of_html_gives_way_to_it():
    message = read(_HEAD + _multipart(b"alternative", b"x", STUB, LONG_HTML))
    assert message.text.startswith("Dear customer")
    assert message.attachments == ()


def test_a_short_answer_that_mentions_html_is_kept():
    text = b"I cannot view HTML."
    html = b"<p>I cannot view HTML.</p>"
    message = read(_HEAD + _multipart(b"alternative", b"x", _part(b"text/plain", text), _part(b"text/html", html)))
    assert message.text == text.decode()


def test_html_under_the_name_of_a_text_gives_way_to_its_html():
    wrong = _part(b"text/plain", b"<html><body><p>Hello</p></body></html>")
    right = _part(b"text/html", b"<html><body><p>Hello and good day to you all</p></body></html>")
    assert read(_HEAD + _multipart(b"alternative", b"x", wrong, right)).text == "Hello and good day to you all"


def test_a_text_and_its_html_side_by_side_are_said_once():
    same = _part(b"text/html", b"<p>The <i>text</i>")
    other = _part(b"text/html", b"<p>more</p>")
    message = read(_HEAD + _multipart(b"mixed", b"x", _part(b"text/plain", b"The text"), same, other))
    assert message.text == "The text\nmore"


def test_the_root_of_related_parts_is_the_one_that_start_names():
    other = _part(b"text/html", b"<p>no</p>", b"Content-ID: <1@a>")
    root = _part(b"text/html", b"<p>yes</p>", b"Content-ID: <2@a>")
    message = read(_HEAD + _multipart(b"related", b"x", other, root, extra=b'; start="<2@a>"'))
    assert message.text == "yes"
    assert len(message.attachments) == 1


def test_a_picture_in_the_html_is_named_where_it_stands():
    html = _part(b"text/html", b'<p>before<br><img src="cid:pic@a"><br>after')
    message = read(_HEAD + _multipart(b"related", b"x", html, PICTURE))
    assert message.text == "before\n[p.png]\nafter"
    assert [file.inline for file in message.attachments] == [True]


def test_a_picture_whose_bytes_were_taken_out_is_named_and_not_attached():
    html = _part(b"text/html", b'<img src="cid:pic@a" alt="Image removed by sender.">')
    empty = PICTURE.removesuffix(b"PNG")
    message = read(_HEAD + _multipart(b"related", b"x", html, empty))
    assert message.text == "[Image removed by sender.]"
    assert message.attachments == ()
    assert any("p.png" in defect for defect in message.defects)


def test_an_empty_file_that_no_text_shows_is_attached():
    message = read(_HEAD + _multipart(b"mixed", b"x", HTML, PICTURE.removesuffix(b"PNG")))
    assert [file.size for file in message.attachments] == [0]


@pytest.mark.parametrize("declared", [b"", b"; charset=us-ascii", b"; charset=utf-8", b"; charset=nonsense"])
def test_html_may_correct_a_charset_that_cannot_be_right(declared):
    html = b'<html><meta http-equiv="Content-Type" content="text/html; charset=windows-1251"><p>' + "Привет".encode(
        "cp1251"
    )
    assert read(_HEAD + _part(b"text/html" + declared, html)).text == "Привет"


def test_html_does_not_correct_a_charset_that_fits():
    html = b"<meta charset=windows-1251><p>" + "Grüße".encode("cp1252")
    assert read(_HEAD + _part(b"text/html; charset=windows-1252", html)).text == "Grüße"


def test_enriched_text_loses_its_commands():
    enriched = b"<bold>Now</bold> is\r\nthe <fontfamily><param>x</param>time</fontfamily>\r\n\r\n<<ok>\r\n<nofill>a\r\nb</nofill>"
    assert read(_HEAD + _part(b"text/enriched", enriched)).text == "Now is the time\n<ok> a\nb"
    assert read(_HEAD + _part(b"text/richtext", b"a\r\nb<nl>c<lt>d")).text == "a b\nc<d"


def test_clutter_is_named_and_nothing_is_taken_away():
    html = _part(b"text/html", b'<img src="cid:shot@a">Hi<div class="gmail_signature"><img src="cid:pic@a"></div>')
    shot = PICTURE.replace(b"pic@a", b"shot@a").replace(b"p.png", b"shot.png") + b"2"
    message = read(_HEAD + _multipart(b"mixed", b"y", _multipart(b"related", b"x", html, shot, PICTURE), PDF, PDF))
    assert len(message.attachments) == 4
    found = find_clutter(message.attachments, message.html)
    assert [(each.place, each.filename) for each in found] == [(1, "p.png"), (3, "a.pdf")]
    assert "Not attached: a.pdf (the same file as a.pdf)\n" in named(found)
