"""The name of a dialect -> which of the documented page and of the servers in the field this desk behaves like."""

from dataclasses import dataclass, fields, replace
from typing import Any

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Dialect:
    """Every switch between the documented page and servers in the field; `dataclasses.replace` mixes them."""

    name: str
    #: Answers are compressed whatever Accept-Encoding said.
    gzip: bool
    #: PHP before 8 writes the integer 0 as an empty element: a failed push says `<status />`.
    zero_is_empty: bool
    #: Required elements, ids, md5 and permissions are checked before a node is applied, and the answer names what is wrong.
    #: Otherwise the server skips in silence, stops half way, or dies in plain text, as it does in the field.
    strict: bool
    #: Of several `tags` or `reply` elements only the first is read.
    first_only: bool
    #: `tags` in a modify are the new set; otherwise they are added.
    tags_replace: bool
    #: A create mails the requester their own text (SWIFT-5108).
    echo_on_create: bool
    #: The answer to a push holds posts, notes and billing; the page knows the basic elements only.
    full_answers: bool
    #: GetInfo leaves out departments the account is not assigned to (SWIFT-2064).
    assigned_only: bool
    #: PHP takes the session from URL or cookie where the form has none.
    session_anywhere: bool
    #: Failed logins lock the account for a while.
    lockout: bool
    #: Appended to the stored text of a reply.
    signature: str
    #: Posts hold characters beyond U+FFFF in another form.
    encodes_emoji: bool
    #: MySQL's utf8 of three bytes: a text ends before its first character beyond U+FFFF.
    utf8mb3: bool
    #: Display ids are the tickets' numbers (setting t_eticketid: seq).
    sequential_ids: bool
    #: Seconds until a reply and a resolution are due, by the SLA plan of a new installation; 0: there is none.
    reply_due: int
    resolution_due: int
    #: Bytes of a POST.
    post_max: int
    #: A longer POST empties the form, as PHP's post_max_size does; otherwise it gets 413.
    empties_large_posts: bool


PAGE = Dialect(
    name="page",
    gzip=False,
    zero_is_empty=False,
    strict=True,
    first_only=False,
    tags_replace=False,
    echo_on_create=False,
    full_answers=False,
    assigned_only=False,
    session_anywhere=False,
    lockout=False,
    signature="",
    encodes_emoji=False,
    utf8mb3=False,
    sequential_ids=False,
    reply_due=0,
    resolution_due=0,
    post_max=64 * MIB,
    empties_large_posts=False,
)
CLASSIC = Dialect(
    name="classic",
    gzip=True,
    zero_is_empty=True,
    strict=False,
    first_only=True,
    tags_replace=True,
    echo_on_create=True,
    full_answers=True,
    assigned_only=True,
    session_anywhere=True,
    lockout=True,
    signature="\n\n--\nSandbox Help Desk",
    encodes_emoji=True,
    utf8mb3=False,
    sequential_ids=False,
    reply_due=24 * 3600,
    resolution_due=72 * 3600,
    post_max=8 * MIB,  # PHP's default post_max_size
    empties_large_posts=True,
)


def dialect_named(name: str) -> Dialect:
    """Raises ValueError for anything but `page` and `classic`."""
    for dialect in (PAGE, CLASSIC):
        if dialect.name == name:
            return dialect
    raise ValueError(f"The sandbox desk speaks the dialects page and classic, not {name!r}.")


def switch_names() -> tuple[str, ...]:
    return tuple(field.name for field in fields(Dialect) if field.name != "name")


def switch(dialect: Dialect, name: str, value: str) -> Dialect:
    """The same dialect with one switch set from a text: yes or no, a number, or words. Raises ValueError."""
    if name not in switch_names():
        raise ValueError(f"A dialect has no switch {name!r}; there are: {', '.join(switch_names())}.")
    present = getattr(dialect, name)
    read: Any = value
    if isinstance(present, bool):
        read = read_yes(value)
    elif isinstance(present, int):
        if not value.isascii() or not value.isdecimal():
            raise ValueError(f"{name} is a number, not {value!r}.")
        read = int(value[:18])
    return replace(dialect, **{name: read})


def read_yes(text: str) -> bool:
    """Raises ValueError for what is neither yes nor no."""
    word = text.strip().lower()
    if word in {"yes", "on", "true", "1"}:
        return True
    if word in {"no", "off", "false", "0"}:
        return False
    raise ValueError(f"Write yes or no, not {text!r}.")
