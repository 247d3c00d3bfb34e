"""A browser comes in -> pages that show the tickets go out. Text is escaped, attachments are only ever downloads."""

from datetime import UTC, datetime
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from gateway.desk.inspection import list_tickets
from gateway.desk.office import Office

_PER_PAGE = 100
_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action {forms}; frame-ancestors 'none'"
_HEADERS = {
    "Content-Security-Policy": _POLICY.format(forms="'none'"),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
#: For the one page that has forms.
FORM_HEADERS = _HEADERS | {"Content-Security-Policy": _POLICY.format(forms="'self'")}
_FLAGS = ("none", "purple", "orange", "green", "yellow", "red", "blue")


def _show_time(seconds: int) -> str:
    if not seconds:
        return "–"
    # Due times are whatever a caller sent.
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return str(seconds)


def _read_id(request: Request) -> int:
    """0, which is nothing's id, for what is none."""
    text = str(request.path_params["id"])
    return int(text) if text.isdecimal() and len(text) <= 18 else 0


def load_templates() -> jinja2.Environment:
    """Whatever stands in them is escaped; a name that is missing is an error."""
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("gateway.desk"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["time"] = _show_time
    templates.globals["flags"] = _FLAGS
    return templates


def page_routes(office: Office, templates: jinja2.Environment) -> list[Route]:
    """`/`, `/tickets/{id}`, `/attachments/{id}` and the style sheet."""
    style = files("gateway.desk").joinpath("desk.css").read_text("utf-8")

    def render(name: str, status: int = 200, **values: Any) -> Response:
        return HTMLResponse(
            templates.get_template(name).render(dialect=office.dialect.name, **values), status, headers=_HEADERS
        )

    async def list_page(request: Request) -> Response:
        asked = request.query_params.get("page", "1")
        page = int(asked) if asked.isdecimal() and 0 < int(asked[:9]) < 10**6 else 1
        with office.store.transaction():
            total = office.store.value("SELECT count(*) FROM tickets")
            rows = office.store.rows(
                "SELECT * FROM listed ORDER BY lastactivity DESC, id DESC LIMIT ? OFFSET ?",
                (_PER_PAGE, (page - 1) * _PER_PAGE),
            )
        return render("tickets.html", rows=rows, total=total, page=page, pages=max(1, -(-total // _PER_PAGE)))

    async def ticket_page(request: Request) -> Response:
        id = _read_id(request)
        found = list_tickets(office.store, after=id - 1, limit=1)
        if not found or found[0].id != id:
            return render("missing.html", 404)
        return render("ticket.html", ticket=found[0])

    async def download(request: Request) -> Response:
        id = _read_id(request)
        with office.store.transaction():
            row = office.store.row("SELECT filename, contents FROM attachments WHERE id = ?", (id,))
        if row is None:
            return render("missing.html", 404)
        # RFC 6266 4.3: the name only ever in its encoded form.
        name = quote(row["filename"].encode("utf-8", "replace"), safe="")
        disposition = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(row["contents"], media_type="application/octet-stream", headers=_HEADERS | disposition)

    async def style_sheet(_request: Request) -> Response:
        return Response(style, media_type="text/css", headers=_HEADERS | {"Cache-Control": "max-age=300"})

    return [
        Route("/", list_page),
        Route("/tickets/{id}", ticket_page),
        Route("/attachments/{id}", download),
        Route("/desk.css", style_sheet),
    ]
