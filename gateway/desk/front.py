"""An HTTP request for the StaffAPI or the REST API comes in -> the desk's answer, or the fault asked for, goes out."""

import asyncio
import gzip

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from gateway.desk.answers import Answer, plain_crash
from gateway.desk.calls import Call, Interface, form_violations, read_form, read_route, request_violations
from gateway.desk.connection import cut, pause
from gateway.desk.faults import Fault
from gateway.desk.office import COOKIE, Office

_GARBAGE = b"\nNotice: Undefined offset: 1 in /srv/desk/__swift/library/Mail/class.SWIFT_Mail.php:311\n"
_DENIED = "Access Denied ({interface}): IP not allowed ({peer}), please add the IP in the allowed list under /config/config.php"


class _Gone(Response):
    """An answer that is not sent: the connection is closed already."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        pass


class _Truncated(Response):
    """Announces the whole body and sends half of it."""

    def __init__(self, whole: Response, request: Request) -> None:
        super().__init__()
        self._whole = whole
        self._request = request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_half(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": message["body"][: len(message["body"]) // 2], "more_body": True}
            await send(message)

        await self._whole(scope, receive, send_half)
        await cut(self._request, flush=True)


async def answer_call(office: Office, request: Request, interface: Interface) -> Response:
    query = request.scope["query_string"].decode("latin-1")
    route, kind, arguments = read_route(query, interface)
    journal, dialect = office.journal, office.dialect
    journal.complain(kind, request_violations(request.method, dict(request.headers), arguments))
    try:
        body = await _read_body(request, dialect.post_max * 4)
    except ClientDisconnect:
        journal.abandoned += 1
        return _Gone()
    if body is None or (len(body) > dialect.post_max and not dialect.empties_large_posts):
        return PlainTextResponse(f"Request Entity Too Large: at most {dialect.post_max} bytes\n", 413)
    is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    if len(body) > dialect.post_max or not is_form:
        # PHP's $_POST stays empty.
        body = b""
    fields = await asyncio.to_thread(read_form, body)
    journal.complain(kind, form_violations(kind, fields))
    call = Call(
        route=route,
        kind=kind,
        method=request.method,
        peer=request.client.host if request.client else "",
        fields=dict(fields),
        other_sessions=tuple(filter(None, (arguments.get("sessionid"), request.cookies.get(COOKIE)))),
        user_agent=request.headers.get("user-agent", ""),
        interface=interface,
    )
    if kind == "push" and "payload" in call.fields:
        journal.keep_push(call.fields["payload"])
    fault = office.faults.take(call)
    if fault is None:
        return _render(await asyncio.to_thread(office.answer, call))
    return await _answer_with(fault, office, call, request)


async def _read_body(request: Request, most: int) -> bytes | None:
    """None where it is longer. Raises ClientDisconnect: nothing of a request that did not end is carried out."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            return None
    return bytes(body)


async def _answer_with(fault: Fault, office: Office, call: Call, request: Request) -> Response:
    match fault.kind:
        case "cut_before":
            await cut(request)
            return _Gone()
        case "status":
            return _proxy_error(fault.status)
        case "plain_crash_before":
            return _render(plain_crash(call.route, "Database error", call.interface))
        case "redirect":
            location = f"/elsewhere/{call.interface}/index.php?{call.route}"
            return Response(status_code=302, headers={"Location": location})
        case "ip_denied":
            return HTMLResponse(_DENIED.format(interface=call.interface, peer=call.peer))
        case "api_off":
            return HTMLResponse("", 403)
        case "late":
            await cut(request)
            if await pause(request, fault.seconds):
                await asyncio.to_thread(office.answer, call)
            return _Gone()
        case "slow" if not await pause(request, fault.seconds):
            return _Gone()
    answer = await asyncio.to_thread(office.answer, call, fault.kind)
    match fault.kind:
        case "cut_after":
            await cut(request)
            return _Gone()
        case "slow_after":
            await pause(request, fault.seconds)
        case "status_after":
            return _proxy_error(fault.status)
        case "plain_crash_after":
            return _render(plain_crash(call.route, "Database error", call.interface))
        case "truncated":
            return _Truncated(_render(answer), request)
        case "half_xml":
            answer.body = answer.body[: len(answer.body) // 2]
        case "illegal_character":
            before, end, after = answer.body.rpartition(b"]]>")
            answer.body = before + b"\x0b" + end + after
        case "garbage":
            answer.body += _GARBAGE
        case "garbage_before":
            answer.body = _GARBAGE.lstrip() + answer.body
    return _render(answer)


def _render(answer: Answer) -> Response:
    body, headers = answer.body, dict(answer.headers)
    if answer.compress:
        body = gzip.compress(body, compresslevel=1, mtime=0)
        headers["Content-Encoding"] = "gzip"
    # Given as a header, so that Starlette adds no charset: the server names none.
    return Response(body, answer.status, headers=headers | {"Content-Type": answer.content_type})


def _proxy_error(status: int) -> Response:
    return HTMLResponse(
        f"<html><head><title>{status}</title></head><body><h1>{status}</h1><hr>nginx</body></html>\r\n", status
    )
