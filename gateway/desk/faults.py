"""A description of what shall go wrong comes in -> the fault for one call goes out, once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from gateway.desk.calls import Call

#: Kind -> what happens. What says "nothing done" left the desk as it was.
KINDS: Final = {
    "cut_before": "the connection is closed, nothing done",
    "cut_after": "the call is carried out, then the connection is closed: the answer is lost",
    "slow": "the call is carried out after `seconds`",
    "slow_after": "the call is carried out at once, the answer comes after `seconds`",
    "status": "HTTP `status` from a proxy, nothing done",
    "status_after": "HTTP `status` from a proxy after the call was carried out",
    "plain_crash_before": "plain text Uncaught Exception, nothing done",
    "plain_crash_midway": "plain text Uncaught Exception after the ticket's row, before its tags and attachments",
    "plain_crash_after": "the call is carried out, then plain text Uncaught Exception",
    "truncated": "the call is carried out, the connection is closed in the middle of the answer",
    "half_xml": "the call is carried out, the answer is complete as HTTP and ends in the middle of the XML",
    "garbage": "the call is carried out, text follows the XML",
    "garbage_before": "the call is carried out, text precedes the XML",
    "expired": "the session is gone: -2, nothing done",
    "too_large": "the form arrives empty: -2, nothing done",
    "payload_dropped": "the payload arrives empty: success without tickets, nothing done",
    "redirect": "HTTP 302 to another address, nothing done",
    "refuse_login": "Invalid Username or Password",
    "locked": "Login locked",
}
_ALIASES: Final = {
    "answer_lost": ("cut_after", {}),
    "lost_answer": ("cut_after", {}),
    "500": ("status", {"status": 500}),
    "502": ("status", {"status": 502}),
    "503": ("status", {"status": 503}),
}
_CALLS: Final = ("login", "logout", "info", "push", "retrieve")
_NODES: Final = ("create", "modify", "delete")
#: Kinds that only make sense for one call.
_ONLY: Final = {"refuse_login": "login", "locked": "login", "payload_dropped": "push", "plain_crash_midway": "push"}


@dataclass(slots=True)
class Fault:
    """What shall go wrong, `count` times, after `skip` calls that fit have passed.

    `on`: login, logout, info, push or retrieve; None is any. `match`: create, modify or delete, a node the payload must
    hold; or a text that must stand in the form; None is any. `seconds` for slow and slow_after, `status` for status and
    status_after.
    """

    kind: str
    count: int = 1
    on: str | None = None
    match: str | None = None
    seconds: float = 1.0
    status: int = 503
    skip: int = 0

    def __post_init__(self) -> None:
        kind, values = _ALIASES.get(self.kind, (self.kind, {}))
        self.kind = kind
        self.status = values.get("status", self.status)
        if self.kind not in KINDS:
            raise ValueError(f"There is no fault {self.kind!r}; there are: {', '.join(KINDS)}.")
        self.on = _ONLY.get(self.kind, self.on)
        if self.on is not None and self.on not in _CALLS:
            raise ValueError(f"`on` is one of {', '.join(_CALLS)}, not {self.on!r}.")
        if self.count < 1 or self.skip < 0 or not 0 <= self.seconds <= 3600 or not 400 <= self.status <= 599:
            raise ValueError("`count` is at least 1, `skip` at least 0, `seconds` 0 to 3600, `status` 400 to 599.")

    def fits(self, call: Call) -> bool:
        if self.on is not None and call.kind != self.on:
            return False
        if self.match is None:
            return True
        if self.match in _NODES:
            payload = call.fields.get("payload", b"")
            return any(f"<{self.match}{end}".encode() in payload for end in (" ", ">", "/", "\n", "\t"))
        return any(self.match.encode() in value for value in call.fields.values())


class Faults:
    """The faults still to come, oldest first; a call meets at most one."""

    def __init__(self) -> None:
        self._pending: list[Fault] = []

    def add(self, kind: str, **description: Any) -> Fault:
        """Raises ValueError, and TypeError for an unknown argument: see `Fault`."""
        fault = Fault(kind, **description)
        self._pending.append(fault)
        return fault

    def take(self, call: Call) -> Fault | None:
        for fault in self._pending:
            if not fault.fits(call):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
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
