"""What people do at the desk outside the StaffAPI comes in -> a changed desk goes out.

Staff merge tickets, an administrator renames a department or takes the account out of it: what a gateway must notice.
"""

from typing import Final

from gateway.desk import demo
from gateway.desk.dialect import switch
from gateway.desk.office import Office

_TABLES: Final = {"department": "departments", "status": "statuses", "type": "types", "priority": "priorities"}
#: A merged ticket's rows become the other's; of what both have, the other's stays.
_MOVES: Final = (
    "UPDATE posts SET ticketid = :into WHERE ticketid = :old",
    "UPDATE attachments SET ticketid = :into WHERE ticketid = :old",
    "UPDATE notes SET ticketid = :into WHERE ticketid = :old",
    "UPDATE billing SET ticketid = :into WHERE ticketid = :old",
    "UPDATE OR IGNORE recipients SET ticketid = :into WHERE ticketid = :old",
    "DELETE FROM recipients WHERE ticketid = :old",
    "UPDATE outgoing SET ticketid = :into WHERE ticketid = :old",
    "UPDATE notifications SET ticketid = :into WHERE ticketid = :old",
    "DELETE FROM tags WHERE ticketid = :old",
    "DELETE FROM watchers WHERE ticketid = :old",
    "INSERT INTO merges (ticketid, mask, targetid) SELECT id, mask, :into FROM tickets WHERE id = :old",
    # What was merged into the old ticket before leads to the new one too.
    "UPDATE merges SET targetid = :into WHERE targetid = :old",
    "DELETE FROM tickets WHERE id = :old",
    "UPDATE tickets SET lastactivity = :now, replies = (SELECT count(*) - 1 FROM posts WHERE ticketid = :into) WHERE id = :into",
)


def merge_tickets(office: Office, old: int, into: int) -> None:
    """The old ticket is gone; its number and display id lead to the other. Raises ValueError."""
    store = office.store
    if old == into:
        raise ValueError(f"Ticket {old} cannot be merged into itself.")
    with store.transaction():
        for ticketid in (old, into):
            if store.row("SELECT 1 FROM tickets WHERE id = ?", (ticketid,)) is None:
                raise ValueError(f"There is no ticket {ticketid}.")
        for statement in _MOVES:
            store.run(statement, {"old": old, "into": into, "now": int(office.now())})


def find_id(office: Office, kind: str, name: int | str) -> int:
    """Of a department, status, type or priority, by id or title in any case. Raises ValueError."""
    if kind not in _TABLES:
        raise ValueError(f"There are {', '.join(_TABLES)}, not {kind!r}.")
    with office.store.transaction():
        rows = office.store.rows(f"SELECT id, title FROM {_TABLES[kind]} ORDER BY id")  # noqa: S608 - a name of ours
    for row in rows:
        if str(name).strip().lower() in {str(row["id"]), row["title"].lower()}:
            return int(row["id"])
    raise ValueError(f"There is no {kind} {name!r}; there are: {', '.join(row['title'] for row in rows)}.")


def assign_department(office: Office, department: int | str, *, assigned: bool) -> None:
    row = {"staff": demo.ACCOUNT, "department": find_id(office, "department", department)}
    with office.store.transaction():
        if assigned:
            office.store.run("INSERT OR IGNORE INTO assignments VALUES (:staff, :department)", row)
        else:
            office.store.run("DELETE FROM assignments WHERE staffid = :staff AND departmentid = :department", row)


def rename(office: Office, kind: str, name: int | str, title: str) -> None:
    id = find_id(office, kind, name)
    if not title.strip():
        raise ValueError(f"A {kind} needs a title.")
    with office.store.transaction():
        office.store.run(f"UPDATE {_TABLES[kind]} SET title = ? WHERE id = ?", (title.strip(), id))  # noqa: S608 - a name of ours


def blind_department(office: Office, department: int | str, *, blind: bool) -> None:
    id = find_id(office, "department", department)
    office.blind = office.blind | {id} if blind else office.blind - {id}


def deny_permission(office: Office, permission: str, *, denied: bool) -> None:
    office.denied = office.denied | {permission.strip()} if denied else office.denied - {permission.strip()}


def found_organization(office: Office, domain: str, title: str) -> None:
    """Raises ValueError for what is no domain."""
    domain, title = domain.strip().lower(), title.strip()
    if "." not in domain or "@" in domain:
        raise ValueError(f"{domain!r} is no domain; write example.org.")
    with office.store.transaction():
        if title:
            office.store.run(
                "INSERT INTO organizations (title, domain) VALUES (?, ?) ON CONFLICT (domain) DO UPDATE SET title = excluded.title",
                (title, domain),
            )
        else:
            office.store.run("DELETE FROM organizations WHERE domain = ?", (domain,))


def set_clock(office: Office, seconds: float) -> None:
    office.skew = seconds


def want_key(office: Office, key: str) -> None:
    office.accounts.two_factor = key.strip()


def expire_sessions(office: Office) -> None:
    with office.store.transaction():
        office.store.run("DELETE FROM sessions")


def limit_idleness(office: Office, seconds: int) -> None:
    """A session ends after so much idleness; 0 is never."""
    office.accounts.session_seconds = seconds


def turn_switch(office: Office, name: str, value: str) -> None:
    office.dialect = switch(office.dialect, name, value)
