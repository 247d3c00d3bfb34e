"""A query and its flags come in -> the tickets that fit one of them, newest activity first, go out."""

import json
import re
import sqlite3
from collections.abc import Iterator

from gateway.desk.calls import Call
from gateway.desk.modify import follow_merges
from gateway.desk.visit import Visit

#: Setting t_resultlimit: each search by text ends there, the search by tags does not.
RESULT_LIMIT = 50
_NOT_IN_TAG_QUERY = re.compile("[^a-z0-9\\-_&#;\x80-\U0010ffff ]")
_NOT_IN_SUBJECT_QUERY = re.compile(r"[#\[\]()+=,]")

#: A query is cut there: SQLite refuses patterns of more than 50,000 bytes.
_QUERY_LENGTH = 255
#: The index of words holds those of this many letters.
_WORD = re.compile(r"\w+")
_WORD_LENGTHS = range(4, 85)

#: Flag -> the ids of tickets that hold a text, as one statement over (pattern, limit). As on servers, `%` and `_` of a
#: query are wildcards.
_HOLDS = {
    "author": "SELECT DISTINCT ticketid FROM posts WHERE fullname LIKE ? ORDER BY ticketid DESC LIMIT ?",
    "email": "SELECT id FROM tickets t WHERE email LIKE ?1 OR EXISTS (SELECT 1 FROM posts p WHERE p.ticketid = t.id"
    " AND p.email LIKE ?1) ORDER BY id DESC LIMIT ?2",
    "fullname": "SELECT id FROM tickets WHERE fullname LIKE ?1 OR lastreplier LIKE ?1 ORDER BY id DESC LIMIT ?2",
    "notes": "SELECT DISTINCT ticketid FROM notes WHERE contents LIKE ? ORDER BY ticketid DESC LIMIT ?",
    "usergroup": "SELECT id FROM tickets WHERE userid <> 0 AND 'Registered' LIKE ? ORDER BY id DESC LIMIT ?",
    "userorganization": "SELECT id FROM listed WHERE userorganization LIKE ? ORDER BY id DESC LIMIT ?",
    "user": "SELECT t.id FROM tickets t JOIN users u ON u.id = t.userid WHERE u.fullname LIKE ?1 OR u.email LIKE ?1"
    " ORDER BY t.id DESC LIMIT ?2",
}
_CONTENTS = "SELECT DISTINCT ticketid FROM posts WHERE contents LIKE ? ORDER BY ticketid DESC LIMIT ?"
_SUBJECT = "SELECT id FROM tickets WHERE subject LIKE ? ORDER BY id DESC LIMIT ?"
_MASK = (
    "SELECT id FROM tickets WHERE mask LIKE ?1 OR subject LIKE ?1"
    " OR id IN (SELECT targetid FROM merges WHERE mask LIKE ?1) ORDER BY id DESC LIMIT ?2"
)


def search(visit: Visit, call: Call) -> list[sqlite3.Row]:
    """Resolved tickets are found; Trash only if `departmentid` holds 0; nothing in departments the account is blind in."""
    found = set(_find(visit, call, call.text("query")))
    return visit.store.rows(
        "SELECT * FROM listed WHERE id IN (SELECT value FROM json_each(:found))"
        " AND departmentid IN (SELECT value FROM json_each(:departments))"
        " AND (departmentid = 0 OR departmentid IN (SELECT value FROM json_each(:mine)))"
        " AND departmentid NOT IN (SELECT value FROM json_each(:blind))"
        " AND (:statuses IS NULL OR statusid IN (SELECT value FROM json_each(:statuses)))"
        " AND (:owners IS NULL OR ownerstaffid IN (SELECT value FROM json_each(:owners)))"
        " ORDER BY lastactivity DESC, id DESC LIMIT :limit OFFSET :start",
        {
            "found": json.dumps(sorted(found)),
            "departments": call.ids("departmentid") or visit.departments_json,
            "mine": visit.departments_json,
            "blind": json.dumps(sorted(visit.blind)),
            "statuses": call.ids("statusid"),
            "owners": call.ids("ownerid"),
            "limit": call.limit(100),
            "start": max(0, call.number("start")),
        },
    )


def _find(visit: Visit, call: Call, query: str) -> Iterator[int]:
    query = query[:_QUERY_LENGTH]
    if not query:
        return
    if call.flag("contents"):
        yield from _ids(visit, _CONTENTS, query) if visit.dialect.strict else _holding_words(visit, query)
    for flag, statement in _HOLDS.items():
        if call.flag(flag):
            yield from _ids(visit, statement, query)
    if call.flag("subject"):
        for phrase, word in re.findall(r'"([^"]+)"|(\S+)', _NOT_IN_SUBJECT_QUERY.sub("", query)):
            yield from _ids(visit, _SUBJECT, phrase or word)
    if call.flag("ticketid"):
        if query.isdecimal():
            number = int(query[:18])
            yield follow_merges(visit.store, number) or number
        else:
            yield from _ids(visit, _MASK, query)
    if call.flag("tags"):
        yield from _tagged(visit, query)


def _ids(visit: Visit, statement: str, needle: str) -> list[int]:
    return [row[0] for row in visit.store.rows(statement, (f"%{needle}%", RESULT_LIMIT))]


def _holding_words(visit: Visit, query: str) -> list[int]:
    """Servers look for words in an index: any whole word of the query is enough, and short ones are in none."""
    found: dict[int, None] = {}
    for word in {word for word in _WORD.findall(query.lower()) if len(word) in _WORD_LENGTHS}:
        rows = visit.store.rows(
            "SELECT ticketid, contents FROM posts WHERE instr(lower(contents), ?) ORDER BY ticketid DESC LIMIT 1000",
            (word,),
        )
        found |= {row["ticketid"]: None for row in rows if word in _WORD.findall(row["contents"].lower())}
    return sorted(found, reverse=True)[:RESULT_LIMIT]


def _tagged(visit: Visit, query: str) -> list[int]:
    """Every word must be a tag of the ticket. In the field a query loses `. : + @`: such tags are never found."""
    query = query.lower() if visit.dialect.strict else _NOT_IN_TAG_QUERY.sub("", query.lower())
    words = sorted(set(query.split()))
    rows = visit.store.rows(
        "SELECT ticketid FROM tags WHERE tag IN (SELECT value FROM json_each(?)) GROUP BY ticketid HAVING count(*) = ?",
        (json.dumps(words), len(words)),
    )
    return [row[0] for row in rows] if words else []
