"""Values come in -> an answer in the exact form the server writes goes out.

Every element with text is a CDATA section on a line of its own, without indentation; an empty one is `<name />`.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

Text = str | int | bytes | None


@dataclass(slots=True)
class Answer:
    """What goes back over HTTP. `body` is what it says; with `compress` it travels in gzip."""

    body: bytes
    status: int = 200
    content_type: str = "text/html"
    headers: dict[str, str] = field(default_factory=dict)
    compress: bool = False


def _attributes(attributes: dict[str, Text]) -> str:
    """Htmlspecialchars with its default flags: apostrophes stay, control characters too."""
    written = []
    for name, value in attributes.items():
        text = "" if value is None else str(value)
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
        written.append(f' {name}="{text}"')
    return "".join(written)


class Document:
    """One document under construction. `zero_is_empty`: see `Dialect`."""

    def __init__(self, *, zero_is_empty: bool, root: str = "kayako_staffapi") -> None:
        self._zero_is_empty = zero_is_empty
        self._root = root
        self._parts = [f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>\n']

    def leaf(self, name: str, value: Text, attributes: dict[str, Text] | None = None) -> None:
        """An element with text; bytes are written in base 64. An int comes from PHP, a str from its database."""
        if isinstance(value, bytes):
            value = base64.b64encode(value).decode()
        empty = value is None or value == "" or (self._zero_is_empty and value == 0)
        start = f"<{name}{_attributes(attributes or {})}"
        if empty:
            self._parts.append(f"{start} />\n")
        else:
            text = _CONTROLS.sub("", str(value)).replace("]]>", "]]]]><![CDATA[>")
            self._parts.append(f"{start}><![CDATA[{text}]]></{name}>\n")

    @contextmanager
    def node(self, name: str, attributes: dict[str, Text] | None = None) -> Iterator[None]:
        """An element with elements, written inside the `with`."""
        self._parts.append(f"<{name}{_attributes(attributes or {})}>\n")
        yield
        self._parts.append(f"</{name}>\n")

    def head(self, status: int, error: str = "") -> None:
        self.leaf("status", status)
        self.leaf("error", error)

    def finish(self, *, compress: bool) -> Answer:
        body = "".join([*self._parts, f"</{self._root}>\n"]).encode("utf-8", "replace")
        digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
        # The server encodes the hexadecimal digest, not its bytes as RFC 1864 has it.
        headers = {"Content-MD5": base64.b64encode(digest.encode()).decode()}
        return Answer(body, content_type="text/xml", headers=headers, compress=compress)


def plain_crash(route: str, message: str, interface: str = "staffapi") -> Answer:
    """An exception nobody caught: for this interface the server prints it, stack trace and all, with status 200."""
    lines = (
        "Uncaught Exception",
        f"Router: {interface}{route}",
        f"{message} in /srv/desk/__apps/tickets/models/Ticket/class.SWIFT_Ticket.php:812",
        "=" * 80,
        "#0 /srv/desk/__apps/tickets/staffapi/class.Controller_Push.php(214): SWIFT_Ticket::Create()",
        "#1 {main}",
    )
    return Answer("\r\n".join(lines).encode())


def warning(route: str, message: str) -> Answer:
    """A PHP warning, which is fatal in this framework."""
    return Answer(f"Warning\r\nRouter: staffapi{route}\r\n{message}\r\n".encode())
