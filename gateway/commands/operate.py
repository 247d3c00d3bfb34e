"""The operator's verbs: what is in the spool, and what is to become of it."""

import json
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from gateway import maillog
from gateway.app import open_spool
from gateway.problems import GatewayError
from gateway.routing.decision import Decision
from gateway.routing.explain import printable, render
from gateway.settings import Settings
from gateway.spool.records import Delivery, State
from gateway.spool.states import WrongState


def list_deliveries(settings: Settings, *, state: str | None, limit: int, as_json: bool) -> int:
    """The newest first, a line each. Raises SpoolError, GatewayError for a state there is not."""
    try:
        wanted = State(state) if state is not None else None
    except ValueError as error:
        raise GatewayError(f"`{state}` is no state; use one of {', '.join(State)}") from error
    spool = open_spool(settings, must_exist=True)
    try:
        deliveries = spool.list(wanted, limit=limit)
    finally:
        spool.close()
    for each in deliveries:
        if as_json:
            print(json.dumps(_record(each)))
        else:
            doubt = "?" if each.in_doubt else " "
            who = each.sender or each.envelope.mail_from or "<>"
            about = each.subject if each.subject is not None else ""
            print(
                f"{each.id:>8} {each.state:<9}{doubt} {_when(each.accepted_at)} {_cut(who, 40):<40} {_cut(about, 50):<50} "
                f"{printable(each.reason)}".rstrip()
            )
    return 0


def show_delivery(settings: Settings, delivery_id: int, *, raw: bool) -> int:
    """All that is known of one. Raises SpoolError."""
    spool = open_spool(settings, must_exist=True)
    try:
        details = spool.details(delivery_id)
        if details is None:
            print(
                f"error: there is no mail {delivery_id} in the spool; `gateway spool ls` lists what is", file=sys.stderr
            )
            return 1
        if raw:
            sys.stdout.buffer.write(spool.raw(delivery_id))
            sys.stdout.flush()
            return 0
    finally:
        spool.close()
    for key, value in _record(details.delivery).items():
        if value not in (None, "", False, []):
            shown = ", ".join(value) if isinstance(value, list) else str(value)
            print(f"{key:<13} {printable(shown)}")
    for ticket in details.tickets:
        print(f"ticket        {printable(ticket.display_id)} ({ticket.ticket_id})")
    for attempt in details.attempts:
        end = f"{_when(attempt.ended_at)} {attempt.outcome}" if attempt.ended_at is not None else "open"
        print(
            f"attempt       step {attempt.step} {_when(attempt.started_at)} -> {end} {printable(attempt.reason)}".rstrip()
        )
    if details.decision is not None:
        print(f"\n{render(TypeAdapter(Decision).validate_json(details.decision))}")
    return 0


def act(settings: Settings, verb: str, ids: Sequence[int], *arguments: Any) -> int:
    """Do `verb` to each; 1 if it did not fit one of them. Raises SpoolError."""
    spool = open_spool(settings, must_exist=True)
    status = 0
    try:
        run: Callable[..., Future[str]] = getattr(
            spool, {"retry": "retry", "hold": "hold", "release": "release", "drop": "drop"}[verb]
        )
        for each in ids:
            try:
                said = run(each, *arguments).result()
            except WrongState as error:
                print(f"error: {error}", file=sys.stderr)
                status = 1
            else:
                print(f"{each}: {said}")
                maillog.operator_acted(verb=verb, id=each, result=said)
    finally:
        spool.close()
    return status


def _record(each: Delivery) -> dict[str, Any]:
    return {
        "id": each.id,
        "state": each.state.value,
        "in_doubt": each.in_doubt,
        "reason": each.reason,
        "accepted_at": _when(each.accepted_at),
        "due_at": _when(each.due_at),
        "changed_at": _when(each.changed_at),
        "generation": each.generation,
        "lane": each.lane,
        "waits_for": each.waits_for,
        "duplicate_of": each.duplicate_of,
        "mail_from": each.envelope.mail_from,
        "rcpt_to": list(each.envelope.rcpt_to),
        "peer": each.envelope.peer,
        "helo": each.envelope.helo,
        "tls": each.envelope.tls,
        "size": each.size,
        "message_id": each.message_id,
        "sender": each.sender,
        "subject": each.subject,
    }


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _cut(text: str, length: int) -> str:
    shown = printable(" ".join(text.split()))
    return shown if len(shown) <= length else shown[: length - 1] + "…"
