"""What the writer wrote, apart from what is quoted, signed or passed on."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.forwards import read_forward
from gateway.mail.replies import divide

_QUOTE = "> earlier words\n> more of them\n"


@pytest.mark.parametrize(
    "attribution",
    [
        "On Mon, 5 May 2025 at 10:11, Ann <ann@a.example> wrote:",
        "On Mon, 5 May 2025 at 10:11, Ann Somebody With A Long Name\n<ann@a.example> wrote:",
        "Am 05.05.2025 um 10:11 schrieb Ann:",
        "Ann <ann@a.example> schrieb am Mo., 5. Mai 2025, 10:11:",
        "Le lun. 5 mai 2025 à 10:11, Ann <ann@a.example> a\nécrit :",
        "El lun, 5 may 2025 a las 10:11, Ann (<ann@a.example>) escribió:",
        "Il giorno lun 5 mag 2025 alle ore 10:11 Ann <ann@a.example> ha scritto:",
        "Op ma 5 mei 2025 om 10:11 schreef Ann <ann@a.example>:",
        "W dniu 05.05.2025 o 10:11 Ann pisze:",
        "пн, 5 мая 2025 г. в 10:11, Ann <ann@a.example> написал:",
        "2025年5月5日(月) 10:11 Ann <ann@a.example>:",
        "在 2025年5月5日，10:11，Ann <ann@a.example> 写道：",
        "Den mån 5 maj 2025 kl 10:11 skrev Ann <ann@a.example>:",
    ],
)
def test_an_attribution_and_its_quote_are_not_the_writers(attribution):
    divided = divide(f"My answer.\nSecond line.\n\n{attribution}\n\n{_QUOTE}")
    assert divided.reply == "My answer.\nSecond line."
    assert divided.quoted.replace("\n", " ").startswith(attribution.replace("\n", " "))


@pytest.mark.parametrize(
    "separator",
    [
        "-----Original Message-----\nFrom: Ann",
        "-------- Ursprüngliche Nachricht --------\nVon: Ann",
        "________________________________\nFrom: Ann <a@b>\nSent: Monday\nTo: Bo\nSubject: x\n",
        "From: Ann\nSent: Monday, May 5, 2025 10:11 AM\nTo: Bo\nSubject: RE: x\n",
        "*Von:* Ann [mailto:a@b]\n*Gesendet:* Montag\n*An:* Bo\n*Betreff:* x\n",
        "De : Ann\nEnvoyé : lundi 5 mai\nÀ : Bo\nObjet : x\n",
        "##- Please type your reply above this line -##",
    ],
)
def test_below_a_separator_nothing_is_the_writers(separator):
    divided = divide(f"My answer.\n\n{separator}\nold words without marks\n")
    assert divided.reply == "My answer."
    assert "old words" in divided.quoted


def test_a_signature_is_not_part_of_the_reply():
    assert divide("Words.\n\n-- \nAnn\nCompany\n").reply == "Words."
    assert divide("Words.\n\nSent from my iPhone").reply == "Words."
    assert divide("Words.\n\nVon meinem iPhone gesendet\n").reply == "Words."


@pytest.mark.parametrize(
    "text",
    [
        "From: my point of view this is wrong.\nSo what?",
        "On second thought I wrote: nothing.\nBye",
        "Steps:\n1. open\n2. close\nTo: nobody",
        "Subject: matter\nis hard",
        "In 2015 we had this:\nwords",
        "I sent from there a letter\nand more",
    ],
)
def test_words_that_look_like_a_quote_stay_the_writers(text):
    assert divide(text).reply == text
    assert divide(text).quoted == ""


def test_where_nothing_would_be_left_all_is_the_reply():
    assert divide(_QUOTE).reply == _QUOTE.strip()
    assert divide("-----Original Message-----\nFrom: a\n").reply != ""
    assert divide("--\nAnn").reply == "--\nAnn"
    assert divide(" \n").reply == ""


_LINES = st.sampled_from(
    [
        "words",
        "> quoted",
        "",
        "On 5 May 2025 10:11, A <a@b> wrote:",
        "-- ",
        "From: a",
        "Sent: b",
        "To: c",
        "Sent from my phone",
        "-----Original Message-----",
        "Subject: d",
        "a@b:",
    ]
)


@given(st.lists(_LINES, max_size=25))
def test_no_word_is_lost_between_reply_and_quote(lines):
    text = "\n".join(lines)
    divided = divide(text)
    assert sorted((divided.reply + "\n" + divided.quoted).split()) == sorted(text.split())
    assert bool(divided.reply) == bool(text.strip())


@given(st.text(max_size=200))
def test_any_text_is_divided(text):
    divided = divide(text)
    assert bool(divided.reply) == bool(text.strip())


_HEADER = "From: Cleo <cleo@c.example>\nDate: Mon, 5 May 2025\nSubject: The matter\nTo: Bo <bo@b.example>\nCc: d@d.example, e@e.example\n"


@pytest.mark.parametrize(
    ("line", "subject"),
    [
        ("---------- Forwarded message ---------", "x"),
        ("Begin forwarded message:\n", "x"),
        ("-----Original Message-----", "Fwd: x"),
        ("", "WG: x"),
        ("-------- Weitergeleitete Nachricht --------", "x"),
    ],
)
def test_a_mail_passed_on_is_read(line, subject):
    forwarded = read_forward(f"Please see.\n\n{line}\n{_HEADER}\nThe words.\n", subject, has_parent=False)
    assert (forwarded.from_.name, forwarded.from_.address) == ("Cleo", "cleo@c.example")
    assert [to.address for to in forwarded.to] == ["bo@b.example"]
    assert [cc.address for cc in forwarded.cc] == ["d@d.example", "e@e.example"]
    assert (forwarded.subject, forwarded.date) == ("The matter", "Mon, 5 May 2025")
    assert (forwarded.text, forwarded.comment) == ("The words.", "Please see.")


def test_a_mail_passed_on_in_quotes_loses_its_marks():
    quoted = "\n".join("> " + line for line in f"Begin forwarded message:\n\n{_HEADER}\nThe words.".split("\n"))
    forwarded = read_forward(quoted, "x", has_parent=False)
    assert forwarded.from_.address == "cleo@c.example"
    assert forwarded.text == "The words."
    assert forwarded.comment is None


def test_a_header_run_into_one_line_is_read():
    line = " ----- Forwarded message ----- From: Cleo <cleo@c.example>To: bo@b.example <bo@b.example>Sent: 5 May 2025Subject: The matter"
    forwarded = read_forward(f"{line}\n The words.", "x", has_parent=False)
    assert forwarded.from_.address == "cleo@c.example"
    assert (forwarded.subject, forwarded.date, forwarded.text) == ("The matter", "5 May 2025", "The words.")


@pytest.mark.parametrize(("subject", "has_parent"), [("Re: x", True), ("x", True)])
def test_what_a_reply_quotes_is_not_passed_on(subject, has_parent):
    assert (
        read_forward(f"My answer\n\n-----Original Message-----\n{_HEADER}\nold", subject, has_parent=has_parent) is None
    )
    assert read_forward(f"My answer\n\n{_HEADER}\nold", subject, has_parent=has_parent) is None


_UNITS = [
    "From: a\n",
    "\n",
    "> ",
    "On ",
    "On x ",
    "a\n",
    "From: a\nx\n",
    "From: a\n\n",
    "To: a@b,\n",
    "x@y,\n",
    "-",
    "_",
    "- forwarded message -\n",
    "----- x -----\nFrom: a\n",
    "----- Original Message -----\n",
    "wrote:\n",
    "1.1. wrote:\n",
    "On 5 May 2025 10:11, A <a@b> wrote:\n",
    "On 5 May 2025 10:11, A <a@b> wrote:\n> q\n",
    "2025 10:11 <a@b>\n",
    "-- \n",
    "--\na\n",
    "---\n",
    "________\n",
    "> a\nb\n",
    "| a\n",
    "Sent from my phone\n",
    "Sent from my phone\n\n",
    "This email and any attachment\n\n",
    "\u00a0",
    "\u200f:\n",
    "a:",
    "reply above this line\n",
]


def _calls(do) -> int:
    """How many Python and built-in functions `do` calls."""
    count = 0

    def profile(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        do()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("unit", _UNITS)
def test_twice_the_text_is_at_most_twice_the_work(unit):
    def work(times):
        text = "words\n" + unit * times
        return _calls(lambda: (divide(text), read_forward(text, "Fwd: x", has_parent=False)))

    assert work(1600) <= 2.2 * work(800) + 2000


@pytest.mark.parametrize("unit", _UNITS)
def test_a_megabyte_of_one_unit_is_read(unit):
    text = unit * (1_000_000 // len(unit))
    divided = divide(text)
    assert len(divided.reply) + len(divided.quoted) > 0 or not text.strip()
    read_forward(text, "Fwd: x", has_parent=False)


_TAGS = st.sampled_from(
    [
        "<div class=gmail_attr>",
        "<div id='divRplyFwdMsg'>",
        '<p class="gmail_signature">',
        "</div>",
        "</p>",
        "words",
        "quoted",
        "-- ",
        "<",
        "<!--",
    ]
)


@given(st.lists(_LINES, max_size=20), st.lists(_TAGS, max_size=20))
def test_no_word_is_lost_whatever_the_html_says(lines, tags):
    text = "\n".join(lines)
    divided = divide(text, "".join(tags), "words a@b.example")
    assert sorted((divided.reply + "\n" + divided.quoted).split()) == sorted(text.split())
    assert bool(divided.reply) == bool(text.strip())


@pytest.mark.parametrize(
    "unit",
    ["<", "<a ", '<a "', '<div class="', "<!--", "<style>", "&lt;", "<div class=gmail_attr>x", "<p id=signature></p>"],
)
def test_twice_the_html_is_at_most_twice_the_work(unit):
    def work(times):
        html = "<div class=gmail_signature>" + unit * times
        return _calls(lambda: divide("words\nx", html))

    assert work(4000) <= 2.2 * work(2000) + 2000
