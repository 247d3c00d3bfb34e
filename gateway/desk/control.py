"""Requests from this machine come in -> faults to come, and the state of the desk as JSON, go out."""

import dataclasses
import ipaddress
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.desk.changes import make_change
from gateway.desk.dialect import switch_names
from gateway.desk.inspection import list_tickets
from gateway.desk.office import Office

_BODY_BYTES = 65536
_Handler = Callable[[Request], Awaitable[Response]]


def control_routes(office: Office) -> list[Route]:
    """`/control/state`, `/control/tickets?after=ID&limit=N`, `/control/faults` (GET, POST one or a list, DELETE), and
    `/control/changes/NAME` (POST an object of texts, see `changes.CHANGES`).
    """

    async def show_state(_request: Request) -> Response:
        return JSONResponse(describe_state(office))

    async def show_tickets(request: Request) -> Response:
        after, limit = (
            request.query_params.get(name, default) for name, default in (("after", "0"), ("limit", "1000"))
        )
        if not (after.isdecimal() and limit.isdecimal()):
            return JSONResponse({"error": "`after` and `limit` are numbers."}, 400)
        tickets = list_tickets(office.store, after=int(after[:18]), limit=min(int(limit[:18]), 5000))
        return JSONResponse([dataclasses.asdict(ticket) for ticket in tickets])

    async def change_faults(request: Request) -> Response:
        if request.method == "DELETE":
            office.faults.clear()
        elif request.method == "POST":
            try:
                await _add_faults(office, request)
            except (ValueError, TypeError) as error:
                return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"faults": _faults(office)})

    async def change(request: Request) -> Response:
        name = str(request.path_params["name"])
        try:
            make_change(office, name, _read_texts(await _read_json(request)))
        except (ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"changed": name})

    return [
        Route("/control/state", local_only(show_state)),
        Route("/control/tickets", local_only(show_tickets)),
        Route("/control/faults", local_only(change_faults), methods=["GET", "POST", "DELETE"]),
        Route("/control/changes/{name}", local_only(change), methods=["POST"]),
    ]


def describe_state(office: Office) -> dict[str, Any]:
    """Counts, the newest violations, and the faults to come; nothing secret."""
    store, journal = office.store, office.journal
    with store.transaction():
        counts = {
            "tickets": store.value("SELECT count(*) FROM tickets"),
            "posts": store.value("SELECT count(*) FROM posts"),
            "attachments": store.value("SELECT count(*) FROM attachments"),
            "notes": store.value("SELECT count(*) FROM notes"),
            "outgoing": store.value("SELECT count(*) FROM outgoing"),
            "sessions": store.value("SELECT count(*) FROM sessions"),
        }
    return counts | {
        "dialect": office.dialect.name,
        "switches": {name: getattr(office.dialect, name) for name in switch_names()},
        "denied": sorted(office.denied),
        "blind": sorted(office.blind),
        "skew": office.skew,
        "two_factor": bool(office.accounts.two_factor),
        "logins": len(journal.logins),
        "pushes": len(journal.pushes),
        "abandoned": journal.abandoned,
        "violations": list(journal.violations),
        "faults": _faults(office),
    }


def _faults(office: Office) -> list[dict[str, Any]]:
    return [dataclasses.asdict(fault) for fault in office.faults]


async def _add_faults(office: Office, request: Request) -> None:
    """Raises ValueError and TypeError."""
    described = await _read_json(request)
    for fault in described if isinstance(described, list) else [described]:
        office.faults.add(**fault)


async def _read_json(request: Request) -> Any:
    """Raises ValueError."""
    # A page in a browser cannot send this type to another origin without being asked first.
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise ValueError("Send it as application/json.")
    if int(request.headers.get("content-length", _BODY_BYTES + 1)) > _BODY_BYTES:
        raise ValueError(f"Send at most {_BODY_BYTES} bytes, with their Content-Length.")
    return await request.json()


def _read_texts(values: object) -> dict[str, str]:
    """JSON's true and false are yes and no. Raises TypeError."""
    if not isinstance(values, dict):
        raise TypeError("Send a change as an object of texts.")
    return {name: ("no", "yes")[value] if isinstance(value, bool) else str(value) for name, value in values.items()}


def local_only(handler: _Handler) -> _Handler:
    """Only for a peer on this machine that also calls the desk by a local name: no page of the web can rebind to it."""

    async def answer(request: Request) -> Response:
        if (
            request.client is None
            or not _is_loopback(request.client.host)
            or not _is_loopback(request.url.hostname or "")
        ):
            return JSONResponse({"error": "The control address answers to this machine only."}, 403)
        return await handler(request)

    return answer


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
