"""A desk and its settings in -> what an operator should know of that desk out: rows of words, warnings, problems."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.intake.addresses import Recipients
from gateway.problems import Problem
from gateway.settings import Settings, variable
from gateway.staffapi.client import Desk, DeskUnavailable
from gateway.staffapi.directory import Directory

#: No ticket has this tag: markers are longer.
_NOBODYS_TAG = "gw-check"
#: From this version on the desk mails the first post of a new ticket as if staff had written it (SWIFT-5108).
_ECHOES_FROM = (4, 90)
#: As the server spells them, and what is lost without them. It skips what is not permitted, mostly without a word.
_PERMISSIONS = {
    "staff_tcaninsertticket": "new tickets",
    "staff_tcanupateticket": "follow-ups",
    "staff_tcaninsertticketnote": "notes on new tickets",
    "staff_tcanupateticketnote": "notes on follow-ups",
    "staff_tcanviewall": "finding tickets again after a lost answer",
    "staff_tcanviewunassign": "the same for tickets without an owner",
    "staff_tcaninsertbilling, staff_tcanupatebilling": "`gateway ticket bill`",
    "staff_tcantrashticket": "`gateway ticket delete`",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the desk answered; `push` and `search` say why they do not work, "" where they do."""

    directory: Directory
    push: str
    search: str


async def look(desk: Desk) -> Seen:
    """Ask the desk all that can be asked without changing anything there. Raises DeskUnavailable if it does not answer."""
    directory = await desk.directory()
    push = search = ""
    try:
        await desk.probe_push()
    except DeskUnavailable as error:
        push = str(error)
    try:
        await desk.find_tag(_NOBODYS_TAG, directory.assigned)
    except DeskUnavailable as error:
        search = str(error)
    return Seen(directory, push, search)


def faults(settings: Settings, seen: Seen) -> Iterator[Problem]:
    """What keeps mail from becoming tickets, names in the rules aside."""
    url = settings.desk.url
    if not seen.directory.assigned:
        message = (
            f"the account {settings.desk.username!r} is assigned to no department; assign it to those that mail goes to"
        )
        yield Problem(variable(("desk", "username")), 0, 0, message)
    if seen.push:
        yield Problem(url, 0, 0, f"pushes do not get through, so no mail would become a ticket: {seen.push}")
    if seen.search:
        message = f"search does not answer, so a mail whose answer is lost would be held each time: {seen.search}"
        yield Problem(url, 0, 0, message)


def warnings(settings: Settings, seen: Seen) -> Iterator[Problem]:
    """What is allowed and may still surprise."""
    served = Recipients.parse([each for each in settings.smtp.accept if each != "*"]).serves
    for queue in seen.directory.queues:
        if served(queue.email):
            message = (
                f"{queue.email} is an email queue of the desk too; if the desk collects that mailbox itself, each mail "
                "becomes two tickets: let the queue only send"
            )
            yield Problem(variable(("smtp", "accept")), 0, 0, message)


def rows(settings: Settings, seen: Seen) -> Iterator[tuple[str, str]]:
    """A label and a text each."""
    directory = seen.directory
    product = f" ({directory.product})" if directory.product else ""
    yield "desk", f"{settings.desk.url} · version {directory.version or 'unknown'}{product}"
    yield "account", _account(settings.desk.username, directory)
    yield "assigned", _listed(directory.path(number) for number in directory.assigned)
    others = [directory.path(each.id) for each in directory.departments if not each.assigned]
    yield "not", _listed(others) if others else "none shown; a desk may hide departments the account is not assigned to"
    titles = {queue.email: directory.path(queue.department_id) or "no department shown" for queue in directory.queues}
    yield "queues", _listed(f"{email} for {title}" for email, title in titles.items())
    yield "push", "does not get through" if seen.push else "gets through"
    yield "search", "does not answer" if seen.search else "answers"
    yield "mail echo", _echo(directory.version)
    yield "follow-up", _follow_up(settings)
    yield "rights", "this API does not show them; the account needs, as the server spells them:"
    for name, use in _PERMISSIONS.items():
        yield "", f"{name}: {use}"


def echoes(version: str) -> bool | None:
    """Whether a desk of this version mails a new ticket's text to its requester; None where the version says nothing."""
    found = re.match(r"(\d{1,6})\.(\d{1,6})", version)
    return None if found is None else (int(found[1]), int(found[2])) >= _ECHOES_FROM


def _account(username: str, directory: Directory) -> str:
    person = next((each for each in directory.staff if each.username.casefold() == username.casefold()), None)
    if person is None:
        return f"{username}, which the desk's list of staff does not show"
    return f"{person.username}: {person.fullname} <{person.email}>, staff id {person.id}"


def _echo(version: str) -> str:
    match echoes(version):
        case True:
            return (
                "this version mails a new ticket's text to its requester, Cc and Bcc, as if staff had written it (SWIFT-5108), "
                "whatever the gateway asks; try it with an address of your own, and leave `autoresponder` out of the rules "
                "unless two mails are wanted"
            )
        case False:
            return "not seen in versions before 4.90: a new ticket's text is not mailed to its requester"
        case None:
            return "the version does not tell; make a ticket with an address of your own and see whether its text comes back"


def _follow_up(settings: Settings) -> str:
    mode = settings.desk.follow_up
    if mode == "client" or not settings.desk.api_key.get_secret_value():
        return f"`{mode}`"
    return (
        f"`{mode}`, and a REST key is configured: GATEWAY_DESK__FOLLOW_UP=client is better, it shows a customer's mail as "
        "the customer's own post"
    )


def _listed(texts: Iterator[str] | list[str]) -> str:
    return ", ".join(texts) or "none"
