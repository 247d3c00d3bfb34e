"""A REST call comes in -> a post of the requester's own, or of a staff user, on a ticket goes out.

The one call a mail gateway needs of that API: `POST /api/index.php?/Tickets/TicketPost`. It knows keys instead of
accounts, and neither departments nor permissions.
"""

import base64
import hashlib
import hmac
import mimetypes
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.desk import demo, parts
from gateway.desk.answers import Answer, Document
from gateway.desk.calls import Call
from gateway.desk.modify import find_ticket
from gateway.desk.payload import decode_base64, is_base64, is_plain_name
from gateway.desk.visit import Visit

_FILE = re.compile("filename([0-9]?)")
#: Where posts come from: 4 is this API.
_MODE = 4


@dataclass(frozen=True, slots=True)
class ApiKey:
    key: str = demo.API_KEY
    secret: str = field(default=demo.API_SECRET, repr=False)

    def fits(self, call: Call) -> bool:
        """Whether the signature is base 64 of HMAC-SHA256 over the salt."""
        made = hmac.digest(self.secret.encode(), call.fields.get("salt", b""), hashlib.sha256)
        # The server takes spaces for plus signs that were not escaped.
        signature = call.fields.get("signature", b"").replace(b" ", b"+")
        return call.text("apikey") == self.key and hmac.compare_digest(signature, base64.b64encode(made))


def answer_rest(visit: Visit, call: Call, key: ApiKey) -> Answer:
    if _is_empty(call, "salt"):
        return Answer(b"NO SALT PROVIDED!", status=401)
    if not key.fits(call):
        return Answer(b"FAILED TO AUTHENTICATE", status=401)
    if call.method != "POST":
        return _refuse(400, "Not Implemented, Call /Tickets/TicketPost/ListAll instead.")
    for name, problem in (("ticketid", "No Ticket ID Specified"), ("contents", "No Contents Specified")):
        if _is_empty(call, name):
            return _refuse(400, problem)
    if _is_empty(call, "userid") and _is_empty(call, "staffid"):
        return _refuse(400, "Staff ID and User ID is empty")
    ticketid = _find_ticket(visit, call.text("ticketid"))
    if ticketid is None:
        return _refuse(404, "Ticket not Found")
    contents = call.fields["contents"].decode("utf-8", "replace")
    if _is_empty(call, "userid"):
        staff = visit.store.row("SELECT * FROM staff WHERE id = ?", (call.number("staffid"),))
        if staff is None:
            return _refuse(400, "Staff ID is Invalid")
        visit.staff = staff
        postid = parts.reply_as_staff(visit, ticketid, contents, mode=_MODE)
        visit.send(ticketid, "reply", _subject(visit, ticketid), contents)
    else:
        user = visit.store.row("SELECT * FROM users WHERE id = ?", (call.number("userid"),))
        if user is None:
            return _refuse(400, "User ID is Invalid")
        postid = _reply_as_user(visit, ticketid, user, contents)
    for filename, encoded in _files(call):
        filetype = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        parts.add_file(visit, ticketid, postid, filename, decode_base64(encoded), filetype)
    visit.shut_down()
    # The server lists the posts of the ticket that was named: for a merged ticket or a display id it shows none.
    return _tell(visit, postid if call.text("ticketid") == str(ticketid) else 0)


def rest_violations(call: Call, key: ApiKey) -> Iterator[str]:
    if call.text("apikey") != key.key:
        yield "the API key is not known"
    elif not key.fits(call):
        yield "the signature does not fit the salt"
    if not call.text("ticketid").isdecimal():
        yield "ticketid is not numeric"
    for name in call.fields:
        found = _FILE.fullmatch(name)
        if found and f"filecontent{found[1]}" not in call.fields:
            yield f"{name} has no filecontent{found[1]}"
    for filename, encoded in _files(call):
        if not is_plain_name(filename):
            yield f"attachment {filename[:60]!r}: filename is not a plain name of 1 to 255 characters"
        if not is_base64(encoded):
            yield f"attachment {filename[:60]!r}: the contents are not base 64"


def _is_empty(call: Call, name: str) -> bool:
    """As PHP has it: "0" is empty too."""
    return call.text(name) in {"", "0"}


def _refuse(status: int, text: str) -> Answer:
    return Answer(text.encode(), status=status, content_type="text/xml")


def _find_ticket(visit: Visit, name: str) -> int | None:
    """By number or display id, in both dialects: the documented page is not about this API."""
    if name.isdecimal():
        return find_ticket(visit, name)
    found = visit.store.value("SELECT id FROM tickets WHERE mask = ?", (name.upper(),))
    return None if found is None else int(found)


def _subject(visit: Visit, ticketid: int) -> str:
    return str(visit.store.value("SELECT subject FROM tickets WHERE id = ?", (ticketid,)))


def _reply_as_user(visit: Visit, ticketid: int, user: sqlite3.Row, contents: str) -> int:
    author = (user["id"], user["fullname"], user["email"])
    postid = parts.add_post(visit, ticketid, contents, creator=parts.USER, author=author, mode=_MODE)
    visit.store.run(
        "UPDATE tickets SET statusid = ?, replies = replies + 1, lastuserreply = ?, lastactivity = ?, lastreplier = ? WHERE id = ?",
        (demo.CLIENT_REPLY_STATUS, visit.now, visit.now, user["fullname"], ticketid),
    )
    parts.start_clock(visit, ticketid)
    visit.notify_staff(ticketid, "newclientreply")
    visit.send_to_others(ticketid, user["email"], _subject(visit, ticketid), contents)
    return postid


def _files(call: Call) -> Iterator[tuple[str, str]]:
    """Names with their base 64. A name without contents is no file; N is nothing or one digit."""
    for name, value in call.fields.items():
        found = _FILE.fullmatch(name)
        if found and f"filecontent{found[1]}" in call.fields:
            yield value.decode("utf-8", "replace"), call.fields[f"filecontent{found[1]}"].decode("latin-1")


def _tell(visit: Visit, postid: int) -> Answer:
    document = Document(zero_is_empty=visit.dialect.zero_is_empty, root="posts")
    for post in visit.store.rows("SELECT * FROM posts WHERE id = ?", (postid,)):
        files = visit.store.rows("SELECT * FROM attachments WHERE postid = ? ORDER BY id", (postid,))
        with document.node("post"):
            for name, value in _post_values(post, has_files=bool(files)):
                document.leaf(name, value)
            if files:
                with document.node("attachments"):
                    for row in files:
                        with document.node("attachment"):
                            for name in ("id", "filename", "size", "filetype"):
                                document.leaf("filesize" if name == "size" else name, str(row[name]))
                            document.leaf("dateline", str(post["creationtime"]))
                            document.leaf("contents", row["contents"])
    answer = document.finish(compress=False)
    answer.headers.clear()
    return answer


def _post_values(post: sqlite3.Row, *, has_files: bool) -> Iterator[tuple[str, str]]:
    yield "id", str(post["id"])
    yield "ticketpostid", str(post["id"])
    yield "ticketid", str(post["ticketid"])
    yield "dateline", str(post["creationtime"])
    for name in ("userid", "fullname", "email", "emailto", "ipaddress"):
        yield name, str(post[name])
    yield "hasattachments", "1" if has_files else "0"
    yield "creator", str(post["creator"])
    for name in ("isthirdparty", "ishtml", "isemailed"):
        yield name, "0"
    yield "staffid", str(post["staffid"])
    yield "issurveycomment", "0"
    yield "contents", post["contents"]
    yield "isprivate", "0"
