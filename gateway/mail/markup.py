"""HTML of a mail in, plain text out: what a reader would see, in lines, with quotes marked "> ".

One pattern cuts the page into tags and text, one pass lays them out. There is no tree, so nothing can be nested too deep,
and what a browser would put right (missing ends, crossed elements) costs no more than what is well formed. Never raises,
linear; what comes out is text, and is not safe as markup.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from gateway.mail import elements
from gateway.mail.layout import Layout
from gateway.mail.links import shown_link
from gateway.mail.tags import attributes_of, cut, shortened, unescaped, without_tags

#: More is not laid out but stripped of its tags.
_MAX_TAGS = 100_000
_MAX_HTML = 4 * 1024 * 1024
_MAX_ALT = 200
#: So many attributes of so many characters are remembered while a page is read.
_MAX_KNOWN = 1000
_MAX_KNOWN_LENGTH = 500
_CID = re.compile(r"""[cC][iI][dD]:([^"'\s<>)]{1,998})""")


def text_of(html: str, names: Mapping[str, str] | None = None) -> str:
    """The text a reader would see, lines ended by LF. `names`: file names of the pictures, by Content-ID."""
    if len(html) > _MAX_HTML or html.count("<") > _MAX_TAGS:
        page = Layout()
        page.kept(unescaped(without_tags(html)))
        return page.text()
    return _Reading(html, names or {}).text()


def content_ids(html: str) -> frozenset[str]:
    """The Content-IDs that `html` shows, without angle brackets (RFC 2392)."""
    if "cid:" not in html.lower():
        return frozenset()
    return frozenset(unquote(found[1]) for found in _CID.finditer(html))


class _Marks(NamedTuple):
    """What the attributes of a tag say about the element."""

    is_hidden: bool
    keeps_spaces: bool
    is_tight: bool
    is_signature: bool
    is_foreign: bool


_UNMARKED = _Marks(*[False] * 5)


class _Reading:
    """One page on its way into a layout."""

    def __init__(self, html: str, names: Mapping[str, str]) -> None:
        self.html = html
        self.names = names
        lower = html.lower()
        self.page = Layout(elements.WORD_BULLET if "mso-list" in lower else None)
        self.is_styled = any(word in lower for word in elements.STYLE_WORDS)
        self.has_signature = any(word in lower for word in elements.SIGNATURE_WORDS)
        self.marks: dict[str, _Marks] = {}
        #: The open element that is not shown, and how many of each name are open in it.
        self.hidden: tuple[str, dict[str, int]] | None = None
        #: The open elements whose spaces are kept: name, and how many of that name are open within.
        self.kept: list[list[Any]] = []
        #: Whether the last paragraph was one line of a program that sets no space between them.
        self.tight = False
        #: Where the words of the open link begin: its address, the flow, lines and pieces written before.
        self.link: tuple[str, object, int, int] | None = None
        self.signed = False

    def text(self) -> str:
        before, tags = cut(self.html)
        self.show(before)
        for name, attributes, words in tags:
            if name:
                if attributes or self.hidden is not None or self.kept or (act := _PLAIN_ACTIONS.get(name)) is None:
                    self.tag(name.lower(), attributes)
                else:
                    act(self, "")
            if words and self.hidden is None:
                self.show(words)
        self.end_link()
        return self.page.text()

    def show(self, words: str) -> None:
        words = unescaped(words)
        if self.kept:
            self.page.kept(words)
        elif self.page.flow.inline or not words.isascii() or not words.isspace():
            self.page.words(words)

    def tag(self, name: str, attributes: str) -> None:
        """One start or end tag; the name of an end tag begins with "/"."""
        is_start = name[0] != "/"
        if self.hidden is not None and not self.ends_hidden(name, is_start=is_start):
            return
        attributes = shortened(attributes)
        marks = self.marks_of(attributes) if is_start and attributes else _UNMARKED
        if is_start and (marks.is_hidden or name in elements.UNSEEN):
            if name not in elements.VOID:
                self.hidden = (name, {})
            return
        if marks.is_foreign:
            self.signed = True
        elif marks.is_signature and not self.signed and self.page.flow.quotes == 0:
            self.signed = True
            self.page.end_line()
            self.page.due = "--"
        if self.kept or marks.keeps_spaces or name in elements.PRE:
            self.keep_spaces(name, marks)
        if act := _ACTIONS.get(name):
            act(self, attributes)
        elif "@" in name or name.startswith(("http:", "https:", "mailto:")):
            # An address in angle brackets that nobody escaped is no element of anybody.
            self.page.words(f"<{name}{attributes}>")

    def ends_hidden(self, name: str, *, is_start: bool) -> bool:
        """Whether something else than the hidden element's own end ends it, so that `name` is to be read."""
        if self.hidden is None:
            return True
        hider, inside = self.hidden
        if is_start:
            if not inside and name in elements.ENDED_BY.get(hider, ()):
                self.hidden = None
                return True
            if name not in elements.VOID and name not in elements.ENDED_BY:
                inside[name] = inside.get(name, 0) + 1
            return False
        name = name[1:]
        if inside.get(name):
            inside[name] -= 1
            if not inside[name]:
                del inside[name]
        elif name == hider:
            self.hidden = None
        elif name in elements.ENCLOSING and name not in elements.ENDED_BY:
            self.hidden = None
            return True
        return False

    def marks_of(self, attributes: str) -> _Marks:
        """The same attributes stand on many tags, so what was found out about them is kept."""
        if marks := self.marks.get(attributes):
            return marks
        marks = _Marks(
            is_hidden=self.is_styled and _is_hidden(attributes),
            keeps_spaces=self.is_styled and elements.KEPT_SPACES.search(attributes) is not None,
            is_tight=elements.TIGHT.search(attributes) is not None,
            is_signature=self.has_signature and elements.SIGNATURE.search(attributes) is not None,
            is_foreign=self.has_signature and elements.FOREIGN.search(attributes) is not None,
        )
        if len(attributes) <= _MAX_KNOWN_LENGTH and len(self.marks) < _MAX_KNOWN:
            self.marks[attributes] = marks
        return marks

    def keep_spaces(self, name: str, marks: _Marks) -> None:
        """Count in and out of the elements whose spaces are kept."""
        if name[0] == "/":
            if self.kept and self.kept[-1][0] == name[1:]:
                self.kept[-1][1] -= 1
                if not self.kept[-1][1]:
                    self.kept.pop()
        elif self.kept and self.kept[-1][0] == name:
            self.kept[-1][1] += 1
        elif name in elements.PRE or marks.keeps_spaces:
            self.page.end_line()
            self.kept.append([name, 1])

    def start_link(self, attributes: str) -> None:
        self.end_link()
        if href := attributes_of(attributes).get("href"):
            flow = self.page.flow
            self.link = (href, flow, len(flow.lines), len(flow.inline))

    def end_link(self) -> None:
        if self.link is None:
            return
        href, flow, lines, pieces = self.link
        self.link = None
        here = self.page.flow
        # Of a link over several lines the words are not compared.
        words = "".join(here.inline[pieces:]) if flow is here and lines == len(here.lines) else "…"
        if address := shown_link(href, words):
            self.page.words(" " + address)

    def picture(self, attributes: str) -> None:
        """Its words, or else the name of its file; nothing where it is there to be fetched and not to be seen."""
        said = attributes_of(attributes)
        if any(said.get(size, "").strip() in ("0", "1", "0px", "1px") for size in ("width", "height")):
            return
        words = " ".join(said.get("alt", "").split())[:_MAX_ALT]
        if not words and (shown := _CID.match(said.get("src", ""))):
            words = self.names.get(unquote(shown[1]), "")
        if words:
            # A small picture of a face is a character.
            is_sign = len(words) <= 8 and not words.isascii() and not any(letter.isalnum() for letter in words)
            self.page.words(words if is_sign else f"[{words}]")

    def paragraph(self, attributes: str) -> None:
        self.tight = bool(attributes) and self.marks_of(attributes).is_tight
        self.end_paragraph("")

    def end_paragraph(self, _: str) -> None:
        if self.tight:
            self.page.end_line()
        else:
            self.page.gap()

    def division(self, attributes: str) -> None:
        if "border-top" in attributes and elements.RULE_ABOVE.search(attributes):
            self.page.gap()
        else:
            self.page.end_line()

    def numbers(self, attributes: str) -> None:
        start = attributes_of(attributes).get("start", "")
        self.page.open_list(int(start) if start.isascii() and start.isdigit() and len(start) < 10 else 1)

    def quote(self, attributes: str) -> None:
        is_indent = elements.INDENT.search(attributes) and not elements.CITED.search(attributes)
        self.page.open_quote(is_marked=not is_indent)


def _is_hidden(attributes: str) -> bool:
    if elements.HIDDEN.search(attributes):
        return True
    return "hidden" in attributes.lower() and bool(
        elements.HIDDEN_ATTRIBUTE.search(elements.VALUE.sub("=", attributes))
    )


_Action = Callable[[_Reading, str], object]
_ACTIONS: dict[str, _Action] = {}
for _name in elements.BLOCKS:
    _spaced = _name in elements.SPACED
    _ACTIONS[_name] = _ACTIONS["/" + _name] = (
        (lambda reading, _: reading.page.gap()) if _spaced else (lambda reading, _: reading.page.end_line())
    )
_ACTIONS |= {
    "br": lambda reading, _: reading.page.line_break(),
    "/br": lambda reading, _: reading.page.line_break(),
    "hr": lambda reading, _: reading.page.line("_" * 32),
    "div": _Reading.division,
    "p": _Reading.paragraph,
    "/p": _Reading.end_paragraph,
    "a": _Reading.start_link,
    "/a": lambda reading, _: reading.end_link(),
    "img": _Reading.picture,
    "ul": lambda reading, _: reading.page.open_list(None),
    "ol": _Reading.numbers,
    "/ul": lambda reading, _: reading.page.close_list(),
    "/ol": lambda reading, _: reading.page.close_list(),
    "li": lambda reading, _: reading.page.item(),
    "blockquote": _Reading.quote,
    "/blockquote": lambda reading, _: reading.page.close_quote(),
    "table": lambda reading, _: reading.page.open_table(),
    "/table": lambda reading, _: reading.page.close_table(),
    "tr": lambda reading, _: reading.page.row(),
    "/tr": lambda reading, _: reading.page.row(),
    "td": lambda reading, _: reading.page.cell(),
    "th": lambda reading, _: reading.page.cell(),
    "q": lambda reading, _: reading.page.words('"'),
    "/q": lambda reading, _: reading.page.words('"'),
}
#: What a tag without attributes does, as far as it does nothing else.
_PLAIN_ACTIONS = {name: act for name, act in _ACTIONS.items() if name not in elements.PRE} | {
    name: lambda *_: None
    for inline in ("b", "i", "u", "em", "strong", "span", "font", "o:p")
    for name in (inline, "/" + inline)
}
