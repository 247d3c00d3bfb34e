"""One function per logged event: the words an administrator can grep for. No other place logs.

The level says what a person must do: info nothing, warning look today, error act now. Never a body, a password or a
session id; text from outside is escaped and cut to 256 characters.
"""

import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from typing import TextIO

import structlog

Value = str | int | float | bool | None
_LONGEST = 256
_log = structlog.get_logger("gateway")


def _cut(_logger: object, _method: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    for key, value in event.items():
        if isinstance(value, str) and key != "traceback":
            cut = value if len(value) <= _LONGEST else value[:_LONGEST] + "…"
            # No terminal, log viewer or next line is steered by what a peer wrote.
            event[key] = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in cut)
    return event


def _stamp(_logger: object, _method: str, event: MutableMapping[str, object]) -> Mapping[str, object]:
    head = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "level": event.pop("level", "info")}
    return {**head, "event": event.pop("event"), **event}


def configure(form: str = "auto", stream: TextIO | None = None) -> None:
    """Send every event to `stream` (standard error) as `form`: "short" for a terminal, "text" (key=value), "json".

    "auto" is short on a terminal and text elsewhere.
    """
    out = stream or sys.stderr
    if form == "auto":
        form = "short" if out.isatty() else "text"
    render: structlog.typing.Processor
    if form == "json":
        render = structlog.processors.JSONRenderer(ensure_ascii=False)
    elif form == "text":
        render = structlog.processors.LogfmtRenderer(bool_as_flag=False)
    else:
        render = _short
    structlog.configure(
        processors=[structlog.processors.add_log_level, _cut, _stamp, render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    # aiosmtpd logs each command at INFO and each line at DEBUG, addresses included.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    for name in ("uvicorn", "httpx", "httpcore", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _short(_logger: object, _method: str, event: MutableMapping[str, object]) -> str:
    time = str(event.pop("time"))[11:19]
    level, name = event.pop("level"), event.pop("event")
    fields = " ".join(
        f"{key}={value!r}" if isinstance(value, str) else f"{key}={value}" for key, value in event.items()
    )
    return f"{time} {'' if level == 'info' else f'{level}: '}{name:<16} {fields}"


def gateway_started(*, version: str, spool: str, listen: str, console: str, desk: str) -> None:
    _log.info("gateway.started", version=version, spool=spool, listen=listen, console=console, desk=desk)


def gateway_stopping(*, signal: str) -> None:
    _log.info("gateway.stopping", signal=signal)


def gateway_stopped(*, seconds: float) -> None:
    _log.info("gateway.stopped", seconds=round(seconds, 1))


def child_failed(*, role: str, text: str) -> None:
    _log.error("child.failed", role=role, text=text)


def child_ended(*, role: str, status: str, again_in: float) -> None:
    _log.error("child.ended", role=role, status=status, again_in=again_in)


def mail_accepted(
    *, id: int, peer: str, helo: str, tls: str, mail_from: str, rcpts: int, size: int, message_id: str | None, ms: float
) -> None:
    _log.info(
        "mail.accepted",
        id=id,
        peer=peer,
        helo=helo,
        tls=tls,
        mail_from=mail_from,
        rcpts=rcpts,
        size=size,
        message_id=message_id,
        ms=round(ms, 1),
    )


def mail_duplicate(*, id: int, first_id: int, peer: str) -> None:
    _log.info("mail.duplicate", id=id, first_id=first_id, peer=peer)


def mail_refused(*, peer: str, command: str, code: int, reason: str, mail_from: str, rcpt: str) -> None:
    _log.info("mail.refused", peer=peer, command=command, code=code, reason=reason, mail_from=mail_from, rcpt=rcpt)


def mail_read(*, id: int, kind: str, attachments: int, defects: int, ms: float) -> None:
    _log.info("mail.read", id=id, kind=kind, attachments=attachments, defects=defects, ms=round(ms, 1))


def mail_unreadable(*, id: int, reason: str, ms: float) -> None:
    _log.warning("mail.unreadable", id=id, reason=reason, ms=round(ms, 1))


def mail_decided(*, id: int, action: str, rules: str, ticket: str, evidence: str) -> None:
    _log.info("mail.decided", id=id, action=action, rules=rules, ticket=ticket, evidence=evidence)


def push_started(*, id: int, step: int, attempt: int) -> None:
    _log.debug("push.started", id=id, step=step, attempt=attempt)


def push_deferred(*, id: int, step: int, reason: str, next_try: str, ms: float) -> None:
    _log.info("push.deferred", id=id, step=step, reason=reason, next_try=next_try, ms=round(ms, 1))


def push_refused(*, id: int, step: int, reason: str) -> None:
    _log.warning("push.refused", id=id, step=step, reason=reason)


def push_in_doubt(*, id: int, step: int, reason: str, ask_at: str) -> None:
    _log.warning("push.in_doubt", id=id, step=step, reason=reason, ask_at=ask_at)


def push_looked_up(*, id: int, step: int, result: str, ticket: str) -> None:
    _log.info("push.looked_up", id=id, step=step, result=result, ticket=ticket)


def push_resolved(*, id: int, step: int, how: str, ticket: str) -> None:
    _log.info("push.resolved", id=id, step=step, how=how, ticket=ticket)


def push_incomplete(*, id: int, step: int, ticket: str, text: str) -> None:
    _log.warning("push.incomplete", id=id, step=step, ticket=ticket, text=text)


def ticket_shared(*, id: int, ticket: str) -> None:
    """Another mail has taken this mail's ticket for its own: that one is to be looked at."""
    _log.error("ticket.shared", id=id, ticket=ticket)


def mail_delivered(*, id: int, ticket: str, action: str, attempts: int, delay: float) -> None:
    _log.info("mail.delivered", id=id, ticket=ticket, action=action, attempts=attempts, delay=round(delay, 2))


def mail_held(*, id: int, reason: str) -> None:
    _log.warning("mail.held", id=id, reason=reason)


def mail_discarded(*, id: int, reason: str) -> None:
    _log.info("mail.discarded", id=id, reason=reason)


def operator_acted(*, verb: str, id: int, result: str) -> None:
    _log.info("operator.acted", verb=verb, id=id, result=result)


def desk_up(*, url: str) -> None:
    _log.info("desk.up", url=url)


def desk_down(*, url: str, reason: str) -> None:
    _log.error("desk.down", url=url, reason=reason)


def desk_changed(*, text: str) -> None:
    _log.info("desk.changed", text=text)


def desk_blind(*, department: int, text: str) -> None:
    _log.error("desk.blind", department=department, text=text)


def desk_sees(*, department: int) -> None:
    _log.info("desk.sees", department=department)


def session_left(*, text: str) -> None:
    _log.warning("session.left", text=text)


def department_closed(*, department: int, text: str) -> None:
    _log.error("department.closed", department=department, text=text)


def rule_name_unknown(*, place: str, text: str) -> None:
    _log.error("rule.name_unknown", place=place, text=text)


def rules_loaded(*, folder: str, rules: int) -> None:
    _log.info("rules.loaded", folder=folder, rules=rules)


def spool_unavailable(*, text: str) -> None:
    _log.error("spool.unavailable", text=text)


def spool_recovered(*, taken_back: int, in_doubt: int) -> None:
    _log.info("spool.recovered", taken_back=taken_back, in_doubt=in_doubt)


def reader_killed(*, limit: str, pid: int) -> None:
    _log.warning("reader.killed", limit=limit, pid=pid)


def lease_lost(*, id: int, node: str) -> None:
    _log.warning("lease.lost", id=id, node=node)


def fault(*, where: str, error: BaseException) -> None:
    """A mistake of ours. The only event with a traceback."""
    text = "".join(traceback.format_exception(error))
    _log.error("fault", where=where, type=type(error).__name__, text=str(error), traceback=text)
