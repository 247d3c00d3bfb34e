"""A description of what shall go wrong comes in -> the fault for one call goes out, as often as it says."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.desk.calls import Call

#: Kind -> what happens. What says "nothing done" left the desk as it was.
KINDS: Final = {
    "cut_before": "the connection is closed, nothing done",
    "cut_after": "the call is carried out, then the connection is closed: the answer is lost",
    "slow": "the call is carried out after `seconds`",
    "late": "the connection is closed at once, the call is carried out after `seconds`",
    "slow_after": "the call is carried out at once, the answer comes after `seconds`",
    "status": "HTTP `status` from a proxy, nothing done",
    "status_after": "HTTP `status` from a proxy after the call was carried out",
    "plain_crash_before": "plain text Uncaught Exception, nothing done",
    "plain_crash_midway": "plain text Uncaught Exception after the row of a ticket or reply, before tags and attachments of it",
    "plain_crash_after": "the call is carried out, then plain text Uncaught Exception",
    "truncated": "the call is carried out, the connection is closed in the middle of the answer",
    "half_xml": "the call is carried out, the answer is complete as HTTP and ends in the middle of the XML",
    "garbage": "the call is carried out, text follows the XML",
    "garbage_before": "the call is carried out, text precedes the XML",
    "illegal_character": "the call is carried out, the XML holds a character XML does not allow",
    "expired": "the session is gone: -2, nothing done",
    "too_large": "the form arrives empty: -2, nothing done",
    "payload_dropped": "the payload arrives empty: success without tickets, nothing done",
    "redirect": "HTTP 302 to another address, nothing done",
    "refuse_login": "Invalid Username or Password",
    "locked": "Login locked",
    "two_factor": "the login wants the two-factor key, which the account has not set",
    "api_off": "HTTP 403: the REST API is switched off, nothing done",
    "ip_denied": "plain text Access Denied: IP not allowed, nothing done",
}
_ALIASES: Final = {
    "answer_lost": ("cut_after", {}),
    "lost_answer": ("cut_after", {}),
    "500": ("status", {"status": 500}),
    "502": ("status", {"status": 502}),
    "503": ("status", {"status": 503}),
}
CALLS: Final = ("login", "logout", "info", "push", "retrieve", "rest")
_NODES: Final = ("create", "modify", "delete")
#: Kinds that only make sense for one call.
_ONLY: Final = {
    "refuse_login": "login",
    "locked": "login",
    "two_factor": "login",
    "payload_dropped": "push",
    "plain_crash_midway": "push",
    "api_off": "rest",
}
_NUMBERS: Final = {"count": int, "skip": int, "status": int, "seconds": float, "chance": float}


@dataclass(slots=True, eq=False)
class Fault:
    """What shall go wrong, `count` times (None: without end), after `skip` calls that fit have passed.

    `on`: login, logout, info, push, retrieve or rest; None is any. `match`: create, modify or delete, a node the payload
    must hold; or a text that must stand in the form; None is any. `seconds` for slow, slow_after and late, `status` for
    status and status_after. `chance`: how likely a call that fits meets it, 0 to 1.
    """

    kind: str
    count: int | None = 1
    on: str | None = None
    match: str | None = None
    seconds: float = 1.0
    status: int = 503
    skip: int = 0
    chance: float = 1.0

    def __post_init__(self) -> None:
        kind, values = _ALIASES.get(self.kind, (self.kind, {}))
        self.kind = kind
        self.status = values.get("status", self.status)
        if self.kind not in KINDS:
            raise ValueError(f"There is no fault {self.kind!r}; there are: {', '.join(KINDS)}.")
        self.on = _ONLY.get(self.kind, self.on)
        if self.on is not None and self.on not in CALLS:
            raise ValueError(f"`on` is one of {', '.join(CALLS)}, not {self.on!r}.")
        if (
            (self.count is not None and self.count < 1)
            or self.skip < 0
            or not 0 <= self.seconds <= 3600
            or not 400 <= self.status <= 599
            or not 0 <= self.chance <= 1
        ):
            raise ValueError(
                "`count` is at least 1, `skip` at least 0, `seconds` 0 to 3600, `status` 400 to 599, `chance` 0 to 1."
            )

    def fits(self, call: Call) -> bool:
        if self.on is not None and call.kind != self.on:
            return False
        if self.match is None:
            return True
        if self.match in _NODES:
            payload = call.fields.get("payload", b"")
            return any(f"<{self.match}{end}".encode() in payload for end in (" ", ">", "/", "\n", "\t"))
        return any(self.match.encode() in value for value in call.fields.values())


def read_fault(text: str) -> Fault:
    """`KIND[,count=N|all,on=CALL,match=TEXT,seconds=N,status=N,skip=N,chance=P]`. Raises ValueError.

    >>> read_fault("slow,seconds=2.5,on=push").seconds
    2.5
    """
    kind, *parts = text.split(",")
    if not all("=" in part for part in parts):
        raise ValueError(f"A fault is KIND,FIELD=VALUE,…, not {text!r}.")
    return describe_fault(
        kind.strip(), {key.strip(): value for key, _, value in (part.partition("=") for part in parts)}
    )


def describe_fault(kind: str, texts: Mapping[str, str]) -> Fault:
    """The same from texts by name; an empty one is not there. Raises ValueError."""
    description: dict[str, Any] = {}
    for name, text in texts.items():
        if name not in {*_NUMBERS, "on", "match"}:
            raise ValueError(f"A fault has count, on, match, seconds, status, skip and chance, but no {name!r}.")
        try:
            if name == "count" and text == "all":
                description[name] = None
            elif text:
                description[name] = _NUMBERS.get(name, str)(text)
        except ValueError as error:
            raise ValueError(f"`{name}` is a number, not {text!r}.") from error
    return Fault(kind, **description)


class Faults:
    """The faults still to come, oldest first; a call meets at most one. `dice` decide for those with a chance."""

    def __init__(self, dice: random.Random) -> None:
        self._pending: list[Fault] = []
        self._dice = dice

    def add(self, kind: str, **description: Any) -> Fault:
        """Raises ValueError, and TypeError for an unknown argument: see `Fault`."""
        return self.put(Fault(kind, **description))

    def put(self, fault: Fault) -> Fault:
        self._pending.append(fault)
        return fault

    def take(self, call: Call) -> Fault | None:
        for fault in self._pending:
            if not fault.fits(call) or (fault.chance < 1 and self._dice.random() >= fault.chance):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            if fault.count is not None:
                fault.count -= 1
                if not fault.count:
                    self._pending.remove(fault)
            return fault
        return None

    def clear(self) -> None:
        self._pending.clear()

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._pending))

    def __len__(self) -> int:
        return len(self._pending)
