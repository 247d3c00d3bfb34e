"""HTML to text beside inscriptis, on a page of rows and on a page as newsletters and Word write it."""

from collections.abc import Callable, Iterator

import inscriptis
import nh3

from gateway.mail.markup import text_of
from tests.bench.samples import page, prose

_BLOCK = (
    '<table width="600" style="border:0"><tr><td style="padding:10px;font-family:Arial, sans-serif"><p class="MsoNormal"'
    ' style="margin:0 0 10px"><span style="font-family:Calibri;color:#1F497D">{} <a href="https://x.example/{}?b=1&amp;c=2">'
    "more</a><o:p></o:p></span></p></td></tr></table>\r\n"
)


def _dressed(size: int) -> str:
    return "".join(_BLOCK.format(prose(120), n) for n in range(size // 400))


def rows() -> Iterator[tuple[str, str, Callable[[], object], Callable[[], object], float, str]]:
    for name, html in (
        ("60 KB of rows", page(60_000).partition(b"\r\n\r\n")[2].decode()),
        ("60 KB of styled tables", _dressed(60_000)),
    ):

        def ours(html: str = html) -> None:
            text_of(html)

        def baseline(html: str = html) -> None:
            inscriptis.get_text(nh3.clean(html))

        yield f"HTML to text, {name}", "nh3 + inscriptis", ours, baseline, len(html) / 1e6, "MB/s"
