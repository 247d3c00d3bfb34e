"""Arguments of MAIL and RCPT in, what they ask for out, or the answer that refuses them (RFC 5321 4.1.1)."""

import re
from dataclasses import dataclass

from gateway.intake.addresses import BadPath, Relaying, forward_path, reverse_path

# Clients put a space after the colon although RFC 5321 4.1.1.2 has none. No byte is tried twice.
_ARGUMENT = re.compile(r' *<(?P<path>(?:"(?:[^"\\]|\\.)*"|[^"<>])*)>(?: +(?P<parameters>.*))?', re.DOTALL)
_PARAMETER = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9-]*)(?:=(?P<value>[!-<>-~]+))?")


class Refusal(Exception):
    """An answer that says no: three digits, an enhanced status code (RFC 3463), a sentence."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        super().__init__(answer)

    @property
    def code(self) -> int:
        return int(self.answer[:3])


@dataclass(frozen=True, slots=True)
class Mail:
    """What MAIL announces. `size` is what the client believes, 0 where it does not say."""

    mail_from: str
    size: int
    utf8: bool


def parse_mail(argument: str, *, extended: bool, max_size: int) -> Mail:
    """`argument` is what follows "MAIL "; `extended` says that the client greeted with EHLO. Raises Refusal."""
    path, parameters = _split(argument, "FROM:", extended=extended)
    size, utf8 = 0, False
    for name, value in parameters.items():
        match name, value:
            case "SIZE", str() if value.isdecimal() and len(value) <= 20:  # RFC 1870 3
                size = int(value)
            case "BODY", str() if value.upper() in ("7BIT", "8BITMIME"):  # RFC 6152 2
                pass
            case "SMTPUTF8", None:  # RFC 6531 3.4
                utf8 = True
            case (("SIZE" | "BODY" | "SMTPUTF8"), _):
                raise Refusal(f"501 5.5.4 {name} does not take this value")
            case _:
                raise Refusal("555 5.5.4 Parameters other than SIZE, BODY and SMTPUTF8 are not taken")
    if size > max_size:
        raise Refusal(f"552 5.3.4 Mail larger than {max_size} bytes is not taken")
    if not (path.isascii() or utf8):
        raise Refusal("553 5.6.7 An address beyond ASCII needs SMTPUTF8")
    try:
        return Mail(reverse_path(path, utf8=utf8), size, utf8)
    except BadPath as error:
        raise Refusal(f"501 5.1.7 Bad sender address: {error}") from None


def parse_rcpt(argument: str, *, extended: bool, utf8: bool) -> str:
    """`argument` is what follows "RCPT "; `utf8` says that MAIL had SMTPUTF8. Raises Refusal."""
    path, parameters = _split(argument, "TO:", extended=extended)
    if parameters:
        raise Refusal("555 5.5.4 RCPT takes no parameters here")
    if not (path.isascii() or utf8):
        raise Refusal("553 5.6.7 An address beyond ASCII needs SMTPUTF8")
    try:
        return forward_path(path, utf8=utf8)
    except Relaying as error:
        raise Refusal(f"550 5.7.1 No relaying: {error}") from None
    except BadPath as error:
        raise Refusal(f"501 5.1.3 Bad recipient address: {error}") from None


def _split(argument: str, keyword: str, *, extended: bool) -> tuple[str, dict[str, str | None]]:
    shape = f"{'MAIL' if keyword == 'FROM:' else 'RCPT'} {keyword}<address>"
    found = _ARGUMENT.fullmatch(argument, len(keyword)) if argument[: len(keyword)].upper() == keyword else None
    if found is None:
        raise Refusal(f"501 5.5.4 Write {shape}")
    parameters: dict[str, str | None] = {}
    for text in (found["parameters"] or "").split():
        parameter = _PARAMETER.fullmatch(text)
        if parameter is None or parameter["name"].upper() in parameters:
            raise Refusal(f"501 5.5.4 Write {shape} and each parameter once, as NAME or NAME=value")
        parameters[parameter["name"].upper()] = parameter["value"]
    if parameters and not extended:
        raise Refusal("555 5.5.4 Parameters need EHLO first")
    return found["path"], parameters
