"""Nothing comes in -> the organisation the sandbox desk starts with goes out.

The ranges of ids do not overlap and none starts at 1, so that an id used in the wrong place is an error at once.
"""

from typing import Final

TRASH: Final = 0

#: id, title, parentdepartmentid
DEPARTMENTS: Final = (
    (7, "General", 0),
    (8, "Sales", 0),
    (9, "Support", 0),
    (10, "Level 2", 9),
    (11, "Billing", 0),
    (12, "Private", 0),
)
#: id, title, departmentid (0: valid in every department), markasresolved
STATUSES: Final = ((14, "Open", 0, 0), (15, "In Progress", 0, 0), (16, "Closed", 0, 1))
#: id, title, departmentid
TYPES: Final = ((21, "Issue", 0), (22, "Task", 0), (23, "Bug", 0), (24, "Lead", 0), (25, "Feedback", 0))
PRIORITIES: Final = ((31, "Low"), (32, "Normal"), (33, "High"), (34, "Urgent"))
#: What a requester's post sets (setting t_cstatusupd).
CLIENT_REPLY_STATUS: Final = 14
#: For the REST API; the key is public, the secret is as secret as the account's password.
API_KEY: Final = "gateway"
API_SECRET: Final = "sandbox-secret"  # noqa: S105 - the demo's; the desk holds nothing of worth
#: The account the gateway logs in with; its user name is a setting.
ACCOUNT: Final = 41
#: id, firstname, lastname, username, email
STAFF: Final = (
    (ACCOUNT, "Mail", "Gateway", "gateway", "gateway@example.com"),
    (42, "Jane", "Doe", "jane", "jane.doe@example.com"),
    (43, "Ravi", "Patel", "ravi", "ravi.patel@example.com"),
)
#: id of the staff user -> departments; Private is not the account's, and Ravi knows Sales only
ASSIGNMENTS: Final = ((ACCOUNT, (7, 8, 9, 10, 11)), (42, (7, 8, 9, 10, 11, 12)), (43, (8,)))
#: id, email, departmentid
QUEUES: Final = ((51, "support@example.com", 9), (52, "sales@example.com", 8), (53, "billing@example.com", 11))
#: Tables whose ids are given by the desk -> the last id already taken.
LAST_IDS: Final = (
    ("users", 200),
    ("tickets", 1000),
    ("posts", 3000),
    ("attachments", 5000),
    ("notes", 7000),
    ("billing", 8000),
)
