"""A browser on this machine comes in -> a page with forms for faults and changes goes out, and what they ask for is done."""

import hmac
import secrets
from typing import Any

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from gateway.desk import demo
from gateway.desk.calls import read_form
from gateway.desk.changes import CHANGES, make_change
from gateway.desk.control import local_only
from gateway.desk.dialect import switch_names
from gateway.desk.faults import CALLS, KINDS, describe_fault
from gateway.desk.office import Office
from gateway.desk.pages import FORM_HEADERS

_FORM_BYTES = 65536
_TITLED = {"department": "departments", "status": "statuses", "type": "types", "priority": "priorities"}


def control_page_routes(office: Office, templates: jinja2.Environment) -> list[Route]:
    """`/control`, and `/control/forms/NAME` for each change, `fault` and `clear`.

    A page of the web may send a form here; the token that only our own page holds keeps it out.
    """
    token = secrets.token_urlsafe()

    def render(status: int = 200, problem: str = "") -> Response:
        page = templates.get_template("control.html").render(
            dialect=office.dialect.name, token=token, problem=problem, **_describe(office)
        )
        return HTMLResponse(page, status, headers=FORM_HEADERS)

    async def show(_request: Request) -> Response:
        return render()

    async def act(request: Request) -> Response:
        if int(request.headers.get("content-length", _FORM_BYTES + 1)) > _FORM_BYTES:
            return render(413, f"Send at most {_FORM_BYTES} bytes, with their Content-Length.")
        texts = {name: value.decode("utf-8", "replace") for name, value in read_form(await request.body())}
        if not hmac.compare_digest(texts.pop("token", "").encode(), token.encode()):
            return render(403, "This form is out of date; here is the page as it is now. Please fill it in again.")
        try:
            _do(office, str(request.path_params["name"]), texts)
        except ValueError as error:
            return render(400, str(error))
        return RedirectResponse("/control", 303)

    return [
        Route("/control", local_only(show)),
        Route("/control/forms/{name}", local_only(act), methods=["POST"]),
    ]


def _do(office: Office, name: str, texts: dict[str, str]) -> None:
    """Raises ValueError."""
    if name == "fault":
        kind = texts.pop("kind", "")
        office.faults.put(describe_fault(kind, texts))
    elif name == "clear":
        office.faults.clear()
    else:
        make_change(office, name, texts)


def _describe(office: Office) -> dict[str, Any]:
    with office.store.transaction():
        departments = office.store.rows(
            "SELECT d.*, EXISTS (SELECT 1 FROM assignments a WHERE a.departmentid = d.id AND a.staffid = ?) AS assigned"
            " FROM departments d ORDER BY id",
            (demo.ACCOUNT,),
        )
        titles = {
            kind: office.store.rows(f"SELECT id, title FROM {table} ORDER BY id")  # noqa: S608 - names of ours
            for kind, table in _TITLED.items()
        }
        organizations = office.store.rows("SELECT * FROM organizations ORDER BY domain")
    return {
        "kinds": KINDS,
        "calls": CALLS,
        "faults": list(office.faults),
        "departments": departments,
        "titles": titles,
        "organizations": organizations,
        "blind": office.blind,
        "denied": sorted(office.denied),
        "skew": office.skew,
        "session_seconds": office.accounts.session_seconds,
        "two_factor": bool(office.accounts.two_factor),
        "switches": {name: getattr(office.dialect, name) for name in switch_names()},
        "says": {name: change.says for name, change in CHANGES.items()},
        "violations": list(office.journal.violations)[-50:],
    }
