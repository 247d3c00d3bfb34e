"""An HTTP request comes in -> the call it makes, and what is wrong with the way it is made, go out."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote_plus, unquote_to_bytes

Kind = Literal["login", "logout", "info", "push", "retrieve", "rest", "other"]
Interface = Literal["staffapi", "api"]

_ROUTES: dict[str, Kind] = {
    "/Core/Default/Login": "login",
    "/Core/Default/Logout": "logout",
    "/Core/Default/GetInfo": "info",
    "/Tickets/Push/Index": "push",
    "/Tickets/Retrieve": "retrieve",
    "/Tickets/Retrieve/Index": "retrieve",
    "/Tickets/Retrieve/Data": "retrieve",
    "/Tickets/Retrieve/Search": "retrieve",
    "/Tickets/Retrieve/Attachment": "retrieve",
}
_REST_ROUTES: dict[str, Kind] = {"/Tickets/TicketPost": "rest"}
#: Logged by every proxy on the way when they stand in a URL.
_SECRETS = {"sessionid", "username", "password", "twofactorkey", "payload", "apikey", "salt", "signature", "contents"}
#: A client that still can stop itself before the last block sends this last.
_LAST = {"push": "sessionid", "rest": "signature"}


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `fields` are the form's, as bytes; `route` is the part after the question mark.

    `interface` is the folder of the server's: `staffapi`, or `api` for the REST API.
    """

    route: str
    kind: Kind
    method: str
    peer: str
    fields: dict[str, bytes] = field(default_factory=dict)
    #: Sessions offered outside the form, best first.
    other_sessions: tuple[str, ...] = ()
    user_agent: str = ""
    interface: Interface = "staffapi"

    def text(self, name: str, default: str = "") -> str:
        return self.fields[name].decode("utf-8", "replace").strip() if name in self.fields else default

    def flag(self, name: str) -> bool:
        return self.text(name) == "1"

    def number(self, name: str) -> int:
        """As PHP casts: anything that does not start with digits is 0."""
        return _cast(self.text(name))

    def ids(self, name: str) -> str | None:
        """A number or comma list, as a JSON array for SQL; None where the argument is missing."""
        text = self.text(name)
        return json.dumps([_cast(part) for part in text.split(",")]) if text else None

    def limit(self, default: int) -> int:
        """What is beyond 1 to 1000 counts as not sent."""
        number = self.number("limit")
        return number if 1 <= number <= 1000 else default


def _cast(text: str) -> int:
    found = re.match(r"\s*(-?[0-9]{1,18})", text)
    return int(found[1]) if found else 0


def read_route(query: str, interface: Interface = "staffapi") -> tuple[str, Kind, dict[str, str]]:
    """The query string -> route, its kind, and arguments that stand beside it. The REST API takes `e=ROUTE` too.

    >>> read_route("/Tickets/Push/Index&x=1")
    ('/Tickets/Push/Index', 'push', {'x': '1'})
    """
    first, *rest = query.split("&")
    routes = _ROUTES if interface == "staffapi" else _REST_ROUTES
    route = unquote_plus(first if interface == "staffapi" else first.removeprefix("e=")).rstrip("/")
    pairs = (pair.partition("=") for pair in rest)
    arguments = {unquote_plus(name): unquote_plus(value) for name, _, value in pairs}
    return route, routes.get(route, "other"), arguments


def read_form(body: bytes) -> list[tuple[str, bytes]]:
    """application/x-www-form-urlencoded -> names and values, in order, as bytes: the encoding is judged elsewhere."""
    pairs = (pair.partition(b"=") for pair in body.split(b"&") if pair)
    return [
        (unquote_plus(name.decode("latin-1")), unquote_to_bytes(value.replace(b"+", b" "))) for name, _, value in pairs
    ]


def form_violations(kind: Kind, fields: list[tuple[str, bytes]]) -> Iterator[str]:
    names = [name for name, _ in fields]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"the argument {name} is sent twice"
    last = _LAST.get(kind)
    if last in names and names[-1] != last:
        yield f"{last} is not the last argument"
    for name, value in fields:
        try:
            value.decode("utf-8")
        except UnicodeDecodeError as error:
            yield f"the argument {name} is not UTF-8 (byte {error.start})"


def request_violations(method: str, headers: dict[str, str], arguments: dict[str, str]) -> Iterator[str]:
    if method != "POST":
        yield f"the method is {method}, not POST"
    elif "content-length" not in headers:
        yield "Content-Length is missing"
    if "cookie" in headers:
        yield "a cookie was sent, which counts as a session where the form has none"
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if method == "POST" and content_type != "application/x-www-form-urlencoded":
        yield f"the body is {content_type or 'of no type'}, not application/x-www-form-urlencoded"
    for name in sorted(_SECRETS & arguments.keys()):
        yield f"{name} stands in the URL"
