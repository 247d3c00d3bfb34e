"""Names of attachments: nothing in them reaches a disk, a browser or a web server as more than a name (R47, R50)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.names import content_type_of, safe_filename

HOSTILE = [
    "../../etc/passwd", "..\\..\\boot.ini", "/etc/shadow", "C:\\con", "\\\\host\\share\\x", "a/../b", "....//x", "~/x",
    "a\0b", "a\nb", "a\rb", "\x1b[2Jx", "a\u202egnp.exe", "a\u200bb", "\ufeffx", "\u2028x", "con", "CON.txt", "nul.",
    "aux .txt", "com1", "lpt9.x", "com¹", "x:stream", "x::$DATA", 'a"b', "a<b>c", "a|b", "a?b*", ".", "..", "...", " ",
    ".htaccess", ".bashrc", "x.", "x ", "-rf", "$(id)", "`id`", "a;b", "%2e%2e%2f", "a\u0000.png", "é" * 500, "x." + "y" * 500,
    "\ud800", "\U000e0041", "", "/", "\\", "file:///etc/passwd", "http://x/y",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_become_plain_ones(name):
    safe = safe_filename(name, "application/octet-stream", 1)
    assert safe and len(safe.encode()) <= 150
    assert not set(safe) & set('/\\:*?"<>|\0\r\n\x1b')
    assert not safe.startswith(".") and not safe.endswith((".", " "))
    assert safe.isprintable()


@pytest.mark.parametrize(
    "name",
    [
        "a.html",
        "A.HTM",
        "b.svg",
        "c.xml",
        "d.xhtml",
        "e.js",
        "f.php",
        "f.php3",
        "f.PHP7",
        "f.phps",
        "f.pht",
        "g.phtml",
        "h.phar",
        "i.shtml",
        "j.php.jpg",
        "j.php.x.jpg",
        ".htaccess",
        ".htpasswd",
        "web.config",
        ".user.ini",
        "k.mht",
        "l.hta",
        "m.svgz",
        "n.asp",
        "o.jsp",
        "p.cgi",
        "q.swf",
    ],
)
def test_what_could_be_run_or_shown_as_a_page_is_called_a_text(name):
    assert safe_filename(name, "image/png", 1).endswith(".txt")


@pytest.mark.parametrize(
    "name",
    [
        "a.pdf",
        "b.png",
        "c.txt",
        "d.docx",
        "e.php.txt",
        "f.html.txt",
        "g.csv",
        "html",
        "php.pdf.zip",
        "h.phone.jpg",
        "i.eml",
    ],
)
def test_other_names_stay_as_they_are(name):
    assert safe_filename(name, "text/html", 1) == name


def test_a_nameless_page_is_called_a_text_too():
    assert safe_filename("", "text/html", 2) == "attachment-2.html.txt"


def test_cutting_a_long_name_uncovers_nothing():
    assert safe_filename("a" * 146 + ".php" + "x" * 30, "", 1).endswith((".txt", "x"))
    assert safe_filename("a" * 200 + ".html", "", 1).endswith(".txt")


@given(st.text(max_size=200), st.sampled_from(["", ".php", ".html", ".jpg", ".php.jpg"]), st.integers(1, 500))
def test_a_safe_name_stays_as_it_is(name, extension, number):
    safe = safe_filename(name + extension, "text/html", number)
    assert safe_filename(safe, "text/html", number) == safe


@pytest.mark.parametrize(
    ("name", "type_"), [("a.PNG", "image/png"), ("a.jpeg", "image/jpeg"), ("a", "application/octet-stream")]
)
def test_a_name_says_what_the_file_is(name, type_):
    assert content_type_of(name) == type_
