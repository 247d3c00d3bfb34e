"""A property change of the plan and the ticket as it is now in -> what is left of it to send out; None: nothing.

A plan may be carried on hours after it was made. What staff have done meanwhile stays.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gateway.delivery.plan import Plan
from gateway.spool.records import Claimed
from gateway.staffapi.client import Desk, TooLong
from gateway.staffapi.documents import Modify
from gateway.staffapi.wire import clean_tag

#: `Post.creator` of staff.
_BY_STAFF = 1
#: Newest posts of a ticket that are looked at for what staff have done.
_NEWEST = 5


async def leave_to_staff(desk: Desk, claimed: Claimed, plan: Plan, push: Modify) -> Modify:
    """Without status and deadline where staff have written since the plan was begun. Raises DeskUnavailable."""
    if push.status_id is None and not push.reply_due:
        return push
    try:
        posts = await desk.posts(int(push.ticket), start=0, limit=_NEWEST)
    except TooLong:
        posts = await desk.posts(int(push.ticket), start=0, limit=1)
    began = min((attempt.started_at for attempt in claimed.attempts), default=0.0) + (desk.clock_skew or 0.0)
    markers = [step.marker for step in plan.steps if step.marker]
    acted = any(
        post.creator == _BY_STAFF
        and (post.creation_time or 0) >= began
        and not any(marker in post.contents for marker in markers)
        for post in posts or ()
    )
    return replace(push, status_id=None, reply_due=None) if acted else push


async def with_tags(desk: Desk, departments: Sequence[int], push: Modify, wanted: Iterable[str]) -> Modify | None:
    """With the ticket's present tags beside those to be added, since a desk replaces the whole set.

    None where nothing is left to change. Raises DeskUnavailable.
    """
    tags = dict.fromkeys(tag for tag in map(clean_tag, wanted) if tag)
    now = await desk.ticket(push.ticket, departments) if tags else None
    # A ticket whose tags cannot be seen keeps them.
    if now is not None and now.subject is not None and not tags.keys() <= set(now.tags):
        return replace(push, tags=tuple(dict.fromkeys((*now.tags, *tags))))
    return push if push != Modify(push.ticket) else None
