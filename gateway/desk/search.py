"""A query and its flags come in -> the tickets that fit one of them, newest activity first, go out."""

import json
import re
import sqlite3
from collections.abc import Iterator

from gateway.desk.calls import Call
from gateway.desk.visit import Visit

#: Setting t_resultlimit: each search by text ends there, the search by tags does not.
RESULT_LIMIT = 50
_NOT_IN_TAG_QUERY = re.compile("[^a-z0-9\\-_&#;\x80-\U0010ffff ]")
_NOT_IN_SUBJECT_QUERY = re.compile(r"[#\[\]()+=,]")

#: Flag -> the ids of tickets that hold a text, as one statement over (needle, limit).
_HOLDS = {
    "contents": "SELECT DISTINCT ticketid FROM posts WHERE instr(lower(contents), lower(?)) ORDER BY ticketid DESC LIMIT ?",
    "author": "SELECT DISTINCT ticketid FROM posts WHERE instr(lower(fullname), lower(?)) ORDER BY ticketid DESC LIMIT ?",
    "email": "SELECT id FROM tickets t WHERE instr(email, lower(?1)) OR EXISTS (SELECT 1 FROM posts p WHERE p.ticketid = t.id"
    " AND instr(lower(p.email), lower(?1))) ORDER BY id DESC LIMIT ?2",
    "fullname": "SELECT id FROM tickets WHERE instr(lower(fullname), lower(?)) ORDER BY id DESC LIMIT ?",
    "notes": "SELECT DISTINCT ticketid FROM notes WHERE instr(lower(contents), lower(?)) ORDER BY ticketid DESC LIMIT ?",
    "user": "SELECT t.id FROM tickets t JOIN users u ON u.id = t.userid WHERE instr(lower(u.fullname || ' ' || u.email), lower(?))"
    " ORDER BY t.id DESC LIMIT ?",
}
_SUBJECT = "SELECT id FROM tickets WHERE instr(lower(subject), lower(?)) ORDER BY id DESC LIMIT ?"
_MASK = "SELECT id FROM tickets WHERE instr(lower(mask), lower(?1)) OR instr(lower(subject), lower(?1)) ORDER BY id DESC LIMIT ?2"


def search(visit: Visit, call: Call) -> list[sqlite3.Row]:
    """Resolved tickets are found; Trash only if `departmentid` holds 0."""
    found = set(_find(visit, call, call.text("query")))
    return visit.store.rows(
        "SELECT * FROM listed WHERE id IN (SELECT value FROM json_each(:found))"
        " AND departmentid IN (SELECT value FROM json_each(:departments))"
        " AND (departmentid = 0 OR departmentid IN (SELECT value FROM json_each(:mine)))"
        " AND (:statuses IS NULL OR statusid IN (SELECT value FROM json_each(:statuses)))"
        " AND (:owners IS NULL OR ownerstaffid IN (SELECT value FROM json_each(:owners)))"
        " ORDER BY lastactivity DESC, id DESC LIMIT :limit OFFSET :start",
        {
            "found": json.dumps(sorted(found)),
            "departments": call.ids("departmentid") or visit.departments_json,
            "mine": visit.departments_json,
            "statuses": call.ids("statusid"),
            "owners": call.ids("ownerid"),
            "limit": call.limit(100),
            "start": max(0, call.number("start")),
        },
    )


def _find(visit: Visit, call: Call, query: str) -> Iterator[int]:
    if not query:
        return
    for flag, statement in _HOLDS.items():
        if call.flag(flag):
            yield from _ids(visit, statement, query)
    if call.flag("subject"):
        for phrase, word in re.findall(r'"([^"]+)"|(\S+)', _NOT_IN_SUBJECT_QUERY.sub("", query)):
            yield from _ids(visit, _SUBJECT, phrase or word)
    if call.flag("ticketid"):
        if query.isdecimal():
            yield int(query[:18])
        else:
            yield from _ids(visit, _MASK, query)
    if call.flag("tags"):
        yield from _tagged(visit, query)


def _ids(visit: Visit, statement: str, needle: str) -> list[int]:
    return [row[0] for row in visit.store.rows(statement, (needle, RESULT_LIMIT))]


def _tagged(visit: Visit, query: str) -> list[int]:
    """Every word must be a tag of the ticket. In the field a query loses `. : + @`: such tags are never found."""
    query = query.lower() if visit.dialect.strict else _NOT_IN_TAG_QUERY.sub("", query.lower())
    words = sorted(set(query.split()))
    rows = visit.store.rows(
        "SELECT ticketid FROM tags WHERE tag IN (SELECT value FROM json_each(?)) GROUP BY ticketid HAVING count(*) = ?",
        (json.dumps(words), len(words)),
    )
    return [row[0] for row in rows] if words else []
