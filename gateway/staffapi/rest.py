"""A ClientPost in -> the form of one call to the desk's REST API out; its answer in -> what became of the post. Pure.

`POST /api/index.php?/Tickets/TicketPost`, the one call of that API that a gateway needs. It knows a key instead of a
session: the last field is the signature, without which the desk does nothing.
"""

import base64
import hashlib
import hmac
import zlib
from collections.abc import Mapping
from contextlib import suppress

from lxml import etree
from lxml.etree import _Element as Element

from gateway.staffapi.answers import LARGEST_ANSWER, judge_http
from gateway.staffapi.documents import ClientPost
from gateway.staffapi.form import Body, OpenFile, Part, encoded, form_body
from gateway.staffapi.outcome import Accepted, Deferred, InDoubt, Outcome, Receipt, Refused, Ticket
from gateway.staffapi.tickets import read_int
from gateway.staffapi.wire import cut_filename, text_or_mark, xml_safe

PATH = "/api/index.php?/Tickets/TicketPost"

#: What the desk says before it has made anything.
_REFUSALS = ("Ticket not Found", "User ID is Invalid", "No Contents Specified")
#: What it says when fields are missing that are always sent: PHP throws a form away that is larger than its limit.
_FORM_LOST = ("NO SALT PROVIDED", "No Ticket ID Specified", "Staff ID and User ID is empty")
_NOT_AUTHENTICATED = "FAILED TO AUTHENTICATE"
_KEYS = "GATEWAY_DESK__API_KEY and GATEWAY_DESK__API_SECRET"


def post_body(push: ClientPost, open_file: OpenFile, *, api_key: str, api_secret: str, salt: str) -> Body:
    """The form of one post. `salt` is fresh and random for each; the signature is HMAC-SHA256 over it, in base64.

    Every file is read once now and once more while it is sent. Raises ValueError for one that is not what the plan says.
    """
    contents = text_or_mark(xml_safe(push.contents))
    values: list[tuple[str, tuple[Part, ...]]] = [
        ("ticketid", (b"%d" % push.ticket,)),
        ("userid", (b"%d" % push.user_id,)),
        ("contents", (contents.encode(),)),
    ]
    for n, file in enumerate(push.files):
        number = str(n or "")
        values.append((f"filename{number}", (cut_filename(file.filename).encode(),)))
        values.append((f"filecontent{number}", (encoded(file, open_file),)))
    values += [("apikey", (api_key.encode(),)), ("salt", (salt.encode(),))]
    signature = hmac.digest(api_secret.encode(), salt.encode(), hashlib.sha256)
    return form_body(values, {"signature": base64.b64encode(signature).decode()})


def judge_post(push: ClientPost, status_code: int, headers: Mapping[str, str], body: bytes) -> Outcome:
    """What became of `push`. Only the post itself in the answer is a success, and only words that the desk says before it
    makes one are a refusal; a 404 may come after the post was made.
    """
    answer = _gunzip(body)
    posts = _posts(answer)
    said = " ".join(answer[:300].decode("utf-8", "replace").split()) if posts is None else ""
    if any(words in said for words in _FORM_LOST):
        return Refused(
            f"the desk said {_shown(said)!r}: the form did not arrive, for it is too large (PHP's post_max_size); raise that "
            "limit, or send less at once"
        )
    if _NOT_AUTHENTICATED in said:
        return Deferred(f"the desk's REST API does not take the key: check {_KEYS}", desk=True)
    if status_code == 401:
        return Deferred(
            f"the desk answered HTTP 401: check {_KEYS}, and whether a web server before it wants a password of its own",
            desk=True,
        )
    if status_code == 403:
        return Deferred(
            f"the desk answered HTTP 403: its REST API is switched off, or a filter before it said no; switch it on in the "
            f"desk's settings, and check {_KEYS}",
            desk=True,
        )
    if status_code in (400, 404) and any(words in said for words in _REFUSALS):
        return Refused(f"the desk said: {_shown(said)}")
    if 300 <= status_code < 400 or status_code in (405, 413, 429):
        return judge_http(status_code, headers)
    if status_code != 200:
        return InDoubt(f"the desk's REST API answered HTTP {status_code}: {_shown(said) or 'no words'}")
    if posts is None:
        return InDoubt(f"the desk's answer shows no posts; it begins {_shown(said)!r}")
    if len(posts) == 1 and read_int(posts[0].get("id")) and read_int(posts[0].get("ticketid")) == push.ticket:
        return Accepted(Receipt(push.ticket, "", Ticket(push.ticket)))
    return InDoubt(f"the desk's answer shows {len(posts)} posts where one on ticket {push.ticket} was asked for")


def _posts(answer: bytes) -> list[dict[str, str]] | None:
    """The elements of each post up to where the answer ends or breaks, None without `<posts>`.

    The answer holds the whole of each file of a post, behind what counts here, so it may be cut off.
    """
    start = answer.find(b"<posts")
    if start < 0:
        return None
    parser = etree.XMLPullParser(
        ("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    # What came before the break is told all the same.
    with suppress(etree.XMLSyntaxError):
        parser.feed(answer[start:])
    posts: list[dict[str, str]] = []
    for event, node in parser.read_events():
        if not isinstance(node, Element):
            continue
        parent = node.getparent()
        if event == "start" and node.tag == "post":
            posts.append({})
        elif event == "end" and parent is not None and parent.tag == "post" and not len(node):
            posts[-1].setdefault(str(node.tag), (node.text or "").strip())
    return posts


def _gunzip(body: bytes) -> bytes:
    """As much as can be had."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        return zlib.decompressobj(wbits=31).decompress(body, LARGEST_ANSWER)
    except zlib.error:
        return b""


def _shown(text: str) -> str:
    return xml_safe(text)[:200]
