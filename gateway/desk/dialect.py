"""The name of a dialect -> which of the documented page and of the servers in the field this desk behaves like."""

from dataclasses import dataclass

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
    post_max=8 * MIB,  # PHP's default post_max_size
    empties_large_posts=True,
)


def dialect_named(name: str) -> Dialect:
    """Raises ValueError for anything but `page` and `classic`."""
    for dialect in (PAGE, CLASSIC):
        if dialect.name == name:
            return dialect
    raise ValueError(f"The sandbox desk speaks the dialects page and classic, not {name!r}.")
