"""Environment and gateway.toml in, Settings out; or every mistake at once, each where it was made."""

import difflib
import os
import re
import socket
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from gateway.problems import ConfigError, Problem

PREFIX = "GATEWAY_"
#: Read by the tests, not by the gateway.
_NOT_OURS = ("GATEWAY_TEST_",)


def _split(value: object) -> object:
    return [part for part in re.split(r"[,\s]+", value) if part] if isinstance(value, str) else value


CommaList = Annotated[tuple[str, ...], BeforeValidator(_split)]


def _address(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"`{value}` is no address; write HOST:PORT, such as 127.0.0.1:8025")
    return value


class _Section(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, hide_input_in_errors=True, allow_inf_nan=False
    )


class Smtp(_Section):
    listen: CommaList = Field(
        ("127.0.0.1:2525",),
        min_length=1,
        description="addresses to accept SMTP on, comma list; `unix:PATH` too. Anything beyond loopback needs `GATEWAY_SMTP__ALLOWED_PEERS`",
    )
    accept: CommaList = Field(
        (), description="domains and addresses served, comma list; `*` serves every recipient, on loopback only"
    )
    allowed_peers: CommaList = Field(
        (), description="networks that may connect, comma list of CIDRs; empty is loopback only"
    )
    trusted_relays: CommaList = Field(
        ("127.0.0.0/8", "::1", "unix"),
        description="peers whose Authentication-Results count, comma list of CIDRs; `unix` is every unix socket",
    )
    authserv_ids: CommaList = Field(
        (),
        description="names under which those relays write Authentication-Results, comma list; empty: nobody's mail is taken for authenticated",
    )
    max_size: int = Field(36_700_160, ge=1024, description="bytes in a mail")
    hostname: str = Field(
        "",
        pattern=r"^[A-Za-z0-9.\-\[\]:]*$",
        max_length=255,
        description="what the gateway calls itself toward peers; empty is the name of this host",
    )


class Desk(_Section):
    url: str = Field("", description="base URL of the help desk; `/staffapi/index.php?/…` is appended")
    username: str = Field("", description="staff account the gateway logs in with")
    password: SecretStr = Field(SecretStr(""), description="its password; better as `GATEWAY_DESK__PASSWORD_FILE`")
    api_key: SecretStr = Field(SecretStr(""), description="REST key for `follow_up: client`")
    api_secret: SecretStr = Field(SecretStr(""), description="its secret; better as `GATEWAY_DESK__API_SECRET_FILE`")
    follow_up: Literal["reply", "note", "client", "create"] = Field(
        "reply",
        description="how a customer's follow-up is pushed: `reply` (a post of the gateway's account, mailed to nobody), `note`, `client` (over the REST API, the customer's own post), `create` (a new ticket)",
    )
    staff_mail: Literal["note", "reply"] = Field(
        "note",
        description="a staff member's authenticated mail on a known ticket: `note`, or `reply`, which goes to the customer",
    )
    marker: Literal["tag", "line"] = Field(
        "tag", description="where a new ticket carries its marker: `tag`, or `line` in the text"
    )
    tags: Literal["spaced", "elements"] = Field(
        "spaced",
        description="how a document lists tags: `spaced`, one element with all, which is what desks read; `elements`, one element a tag, as documented",
    )
    clutter: Literal["attach", "name"] = Field(
        "attach",
        description="files that are in a mail twice, and small pictures in signatures and quotes: `attach`, or `name` them in the text instead",
    )
    concurrency: int = Field(4, ge=1, le=64, description="pushes at once")
    max_file: int = Field(7_000_000, ge=1, description="bytes in the largest attachment the desk takes")
    max_post: int = Field(8_000_000, ge=65_536, description="bytes in the largest request the desk takes")
    allow_plain_http: bool = Field(
        False, description="allow `http://` beyond loopback; password and mail then cross the network in clear"
    )


class Delivery(_Section):
    batch: int = Field(1, ge=1, le=20, description="creates in one request; this release sends 1")
    settle_seconds: float = Field(
        120,
        ge=0,
        description="how long an attempt whose answer was lost is left alone before the desk is asked what became of it",
    )
    lookup_gap_seconds: float = Field(
        30, ge=0, description="pause between the two look-ups that must both find nothing before a push is sent again"
    )
    retry_seconds: float = Field(60, gt=0, description="first delay after a temporary failure of a mail")
    lease_seconds: float = Field(300, gt=0, description="how long a claim lasts without heartbeat")
    request_seconds: float | None = Field(
        None, gt=0, description="longest time a request to the desk may take; a third of the lease if unset"
    )
    readers: int = Field(2, ge=1, le=64, description="processes that read mail")


class SpoolSection(_Section):
    url: str = Field("sqlite:///spool/gateway.db", description="where mail is kept; or `postgresql+psycopg://…`")


class Console(_Section):
    listen: Annotated[str, AfterValidator(_address)] = Field(
        "127.0.0.1:8025", description="address of `/healthz`, `/readyz` and `/metrics`"
    )


class Log(_Section):
    format: Literal["auto", "short", "text", "json"] = Field(
        "auto", description="`short` for a terminal, `text` (key=value) or `json`"
    )


class Settings(_Section):
    node: str = Field(
        "",
        max_length=255,
        description="this node's name, unique among nodes of one spool; empty is the name of this host",
    )
    rules: Path = Field(Path("rules"), description="folder of rule files")
    duplicates: Literal["join", "separate", "note"] = Field(
        "join", description="the same mail again by another path; this release joins it to its conversation"
    )
    shadow: bool = Field(False, description="decide and keep, push nothing")
    smtp: Smtp = Smtp()
    desk: Desk = Desk()
    delivery: Delivery = Delivery()
    spool: SpoolSection = SpoolSection()
    console: Console = Console()
    log: Log = Log()

    @property
    def node_name(self) -> str:
        return self.node or socket.gethostname()

    @property
    def request_seconds(self) -> float:
        return self.delivery.request_seconds or self.delivery.lease_seconds / 3


@dataclass(slots=True)
class _Sources:
    """Values on their way in, and where each came from."""

    values: dict[str, Any] = field(default_factory=dict)
    places: dict[tuple[str, ...], Problem] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def put(self, path: tuple[str, ...], value: object, place: Problem) -> None:
        node = self.values
        for name in path[:-1]:
            inner = node.setdefault(name, {})
            if not isinstance(inner, dict):
                inner = node[name] = {}
            node = inner
        node[path[-1]] = value
        self.places[path] = place


def names() -> dict[tuple[str, ...], tuple[str, str]]:
    """Every setting: its path, and its default and description as the README's table shows them."""
    found: dict[tuple[str, ...], tuple[str, str]] = {}
    for name, top in Settings.model_fields.items():
        if isinstance(top.annotation, type) and issubclass(top.annotation, _Section):
            for inner, each in top.annotation.model_fields.items():
                found[name, inner] = (_shown(each.default), each.description or "")
        else:
            found[name,] = (_shown(top.default), top.description or "")
    return found


def variable(path: tuple[str, ...]) -> str:
    return PREFIX + "__".join(path).upper()


def load(
    environ: Mapping[str, str] | None = None,
    file: Path | None = None,
    *,
    defaults: Mapping[tuple[str, ...], object] | None = None,
) -> Settings:
    """Settings from `defaults`, then `file` (TOML), then the environment; what comes later wins.

    Raises ConfigError with every mistake: unknown names, wrong values, unreadable secret files.
    """
    sources = _Sources()
    for path, value in (defaults or {}).items():
        sources.put(path, value, Problem("default", 0, 0, ""))
    if file is not None:
        _read_toml(sources, file)
    _read_environment(sources, os.environ if environ is None else environ)
    try:
        settings = Settings.model_validate(sources.values)
    except ValidationError as error:
        for each in error.errors():
            path = tuple(str(part) for part in each["loc"])
            place = next(
                (sources.places[path[:n]] for n in range(len(path), 0, -1) if path[:n] in sources.places), None
            )
            shown = place or Problem(variable(path), 0, 0, "")
            what = (
                "is not a setting" if each["type"] == "extra_forbidden" else each["msg"][:1].lower() + each["msg"][1:]
            )
            sources.problems.append(
                Problem(shown.path, shown.line, shown.column, f"`{'.'.join(path)}`: {what}{_meant(path, each['type'])}")
            )
        settings = None
    if sources.problems or settings is None:
        raise ConfigError(sorted(set(sources.problems)))
    return settings


def _read_toml(sources: _Sources, file: Path) -> None:
    try:
        text = file.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except OSError as error:
        sources.problems.append(Problem(str(file), 0, 0, f"cannot be read: {error.strerror}"))
        return
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        where = re.search(r"at line (\d+), column (\d+)", str(error))
        line, column = (int(where[1]), int(where[2])) if where else (1, 1)
        sources.problems.append(Problem(str(file), line, column, f"not TOML: {str(error).split(' (at')[0]}"))
        return

    def walk(values: Mapping[str, Any], path: tuple[str, ...]) -> None:
        for name, value in values.items():
            here = (*path, name)
            if isinstance(value, dict):
                walk(value, here)
            else:
                line, column = _position(text, here)
                _put(sources, here, value, Problem(str(file), line, column, ""), base=file.parent)

    walk(values, ())


def _position(text: str, path: tuple[str, ...]) -> tuple[int, int]:
    """Line and column of a key in TOML text; tomllib gives none."""
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[([\w.\- \"']+)\]", line):
            table = tuple(part.strip(" \"'") for part in header[1].split("."))
            continue
        key = re.match(r"\s*([\w.\-\"']+)\s*=", line)
        if key and (*table, *(part.strip("\"'") for part in key[1].split("."))) == path:
            return number, key.start(1) + 1
    return 1, 1


def _read_environment(sources: _Sources, environ: Mapping[str, str]) -> None:
    for name, value in sorted(environ.items()):
        if not name.startswith(PREFIX) or name.startswith(_NOT_OURS):
            continue
        path = tuple(name.removeprefix(PREFIX).lower().split("__"))
        _put(sources, path, value, Problem(name, 0, 0, ""), base=Path())


def _put(sources: _Sources, path: tuple[str, ...], value: object, place: Problem, *, base: Path) -> None:
    known = names()
    plain = (*path[:-1], path[-1].removesuffix("_file"))
    if path not in known and plain in known:
        try:
            value = (base / str(value)).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            message = f"the file `{value}` with the value of `{'.'.join(plain)}` cannot be read: {reason}"
            sources.problems.append(Problem(place.path, place.line, place.column, message))
            return
        path = plain
    elif path not in known:
        message = f"`{'.'.join(path)}` is not a setting{_meant(path, 'extra_forbidden')}"
        sources.problems.append(Problem(place.path, place.line, place.column, message))
        return
    sources.put(path, value, place)


def _meant(path: tuple[str, ...], kind: str) -> str:
    if kind != "extra_forbidden":
        return ""
    near = difflib.get_close_matches(".".join(path), [".".join(each) for each in names()], n=1, cutoff=0.75)
    return f"; did you mean `{near[0]}`?" if near else ""


def _shown(default: object) -> str:
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if isinstance(default, tuple):
        default = ",".join(default)
    if isinstance(default, bool):
        return str(default).lower()
    return "" if default is None else str(default)
