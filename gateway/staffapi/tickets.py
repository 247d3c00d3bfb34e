"""`<ticket>` element of an answer in -> Ticket, posts or Conversation out. What is missing or no number is None."""

import re
from collections.abc import Sequence

from lxml.etree import _Element as Element

from gateway.staffapi.outcome import Conversation, Post, StoredFile, Ticket


def read_ticket(node: Element) -> Ticket:
    value = {str(child.tag): read_text(child) for child in node if isinstance(child.tag, str) and not len(child)}
    posts = read_posts(node)

    def number(name: str) -> int | None:
        return read_int(value.get(name)) if name in value else None

    def truth(name: str) -> bool | None:
        return value[name] not in {"", "0"} if name in value else None

    return Ticket(
        id=read_int(node.get("id")) or 0,
        staffapiid=read_int(node.get("staffapiid")),
        display_id=value.get("displayid"),
        department_id=number("departmentid"),
        department_title=value.get("departmenttitle"),
        status_id=number("statusid"),
        status_title=value.get("statustitle"),
        priority_id=number("priorityid"),
        priority_title=value.get("prioritytitle"),
        flag=number("flagtype"),
        type_id=number("typeid"),
        type_title=value.get("typetitle"),
        user_id=number("userid"),
        user_organization=value.get("userorganization"),
        user_organization_id=number("userorganizationid"),
        owner_id=number("ownerstaffid"),
        owner_name=value.get("ownerstaffname"),
        fullname=value.get("fullname"),
        email=value.get("email"),
        last_replier=value.get("lastreplier"),
        subject=value.get("subject"),
        creation_time=number("creationtime"),
        last_activity=number("lastactivity"),
        last_staff_reply=number("laststaffreply"),
        last_user_reply=number("lastuserreply"),
        sla_plan_id=number("slaplanid"),
        next_reply_due=number("nextreplydue"),
        resolution_due=number("resolutiondue"),
        replies=number("replies"),
        ip_address=value.get("ipaddress"),
        creator=number("creator"),
        creation_mode=number("creationmode"),
        creation_type=number("creationtype"),
        is_escalated=truth("isescalated"),
        escalation_rule_id=number("escalationruleid"),
        has_attachments=truth("hasattachments"),
        has_notes=truth("hasnotes"),
        has_billing=truth("hasbilling"),
        has_follow_up=truth("hasfollowup"),
        has_draft=truth("hasdraft"),
        tags=tuple(tag for tags in node.iterfind("tags") for tag in read_text(tags).split()),
        attachments=tuple(file for post in posts for file in post.attachments),
        text=posts[0].contents if posts else None,
        notes=sum(1 for _ in node.iterfind("note")),
    )


def _read_post(node: Element) -> Post:
    value = {str(child.tag): read_text(child) for child in node if isinstance(child.tag, str)}
    return Post(
        id=read_int(node.get("id")) or 0,
        contents=node.findtext("contents") or "",
        fullname=value.get("fullname", ""),
        email=value.get("email", ""),
        creator=read_int(value.get("creator")),
        creation_time=read_int(value.get("creationtime")),
        creation_mode=read_int(value.get("creationmode")),
        attachments=tuple(
            StoredFile(read_int(file.get("id")) or 0, file.get("filename") or "", read_int(file.get("filesize")))
            for file in node.iterfind("attachment")
        ),
    )


def read_posts(node: Element) -> tuple[Post, ...]:
    """The posts of a ticket, in the order of the answer."""
    return tuple(map(_read_post, node.iterfind("post")))


def are_oldest_first(posts: Sequence[Post]) -> bool:
    """Whether both ids and times grow. After a merge only one of them falls where the newest stand first."""
    if not posts:
        return False
    first, last = posts[0], posts[-1]
    return first.id < last.id and (first.creation_time or 0) < (last.creation_time or 0)


def read_conversation(node: Element) -> Conversation:
    """A ticket as Retrieve/Data shows it."""
    return Conversation(
        ticket=read_ticket(node),
        posts=read_posts(node),
        notes=tuple(map(read_text, node.iterfind("note"))),
        billing=tuple(map(read_text, node.iterfind("billing"))),
    )


def pick_ticket(found: Sequence[Ticket], name: str) -> Ticket | None:
    """The ticket meant by a number or display id, among those that Search shows for it with the flag `ticketid`.

    It has that name, or had it before it was merged. A ticket that merely names another in its subject, where desks look
    too, is not meant.
    """
    wanted = name.casefold()
    named = [ticket for ticket in found if wanted in {str(ticket.id), (ticket.display_id or "").casefold()}]
    if named:
        return named[0]
    return found[0] if len(found) == 1 and not _names(found[0], wanted) else None


def _names(ticket: Ticket, wanted: str) -> bool:
    subject, display_id = (ticket.subject or "").casefold(), (ticket.display_id or "").casefold()
    if wanted.isdecimal():
        return re.search(rf"(?<!\d){wanted}(?!\d)", subject) is not None
    return wanted in subject or wanted in display_id


def read_text(node: Element) -> str:
    return (node.text or "").strip()


def read_int(text: str | None) -> int | None:
    """Up to 18 digits, so that it fits every database; None for anything else."""
    return int(text) if text and re.fullmatch("-?[0-9]{1,18}", text, re.ASCII) else None
