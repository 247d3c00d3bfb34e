"""Who wrote a follow-up, and the ticket as it is now in; in whose name and by which way it is posted out. Pure.

A reply through the StaffAPI is always the post of the gateway's own staff account, whoever wrote it; only the desk's
REST API lets a post be the customer's.
"""

from typing import Literal

from gateway.delivery.fitting import form_size
from gateway.delivery.policy import Policy
from gateway.delivery.words import reply_to_customer
from gateway.mail.authentication import authenticated
from gateway.mail.envelope import Envelope
from gateway.mail.message import Message
from gateway.routing.decision import Decision
from gateway.staffapi.directory import Directory
from gateway.staffapi.outcome import Ticket

#: "staff": a staff member's address, proven by the relay; "unproven": such an address without the proof.
Standing = Literal["outsider", "unproven", "staff"]
#: "reply", "note" and "client" are a customer's mail; the others are mail of staff, for the customer or for colleagues.
Way = Literal["reply", "note", "client", "staff_reply", "staff_note"]


def author_address(message: Message) -> str:
    """The address in From, "" where it cannot be named for certain. Only From counts: anybody may write any Reply-To."""
    return message.from_.address if message.from_ is not None and not message.ambiguous_sender else ""


def standing_of(envelope: Envelope, message: Message, raw: bytes, directory: Directory, policy: Policy) -> Standing:
    """Whether the writer is of the desk's staff. Anybody may write a staff address into From, so it takes two to prove it:
    a relay that is trusted, and its word that the domain in From was authenticated.
    """
    address = author_address(message)
    if directory.staff_by_email(address) is None:
        return "outsider"
    if not policy.relays(envelope.peer):
        return "unproven"
    proof = authenticated(raw, address, authserv_ids=policy.authserv_ids)
    return "staff" if proof == "pass" else "unproven"


def way_of(
    decision: Decision, message: Message, standing: Standing, current: Ticket | None, policy: Policy
) -> tuple[Way, tuple[str, ...]]:
    """The way of a decision to follow up, and sentences that say why where it is not the one that was asked for.

    `current` is None where nobody has asked the desk.
    """
    wanted = decision.fields.follow_up or policy.follow_up
    if standing == "staff":
        return _way_of_staff(decision, message, policy)
    if wanted == "client" and (why := _not_as_client(message, current, policy)):
        return "reply", (f"It is posted as the gateway's account, not as the customer: {why}.",)
    return wanted if wanted != "create" else "reply", ()


def _way_of_staff(decision: Decision, message: Message, policy: Policy) -> tuple[Way, tuple[str, ...]]:
    if policy.staff_mail == "note":
        return "staff_note", ("A staff member's mail: a note.",)
    text = reply_to_customer(message)
    if message.kind != "ordinary":
        why = "it is not an ordinary mail"
    elif decision.fields.follow_up == "note":
        why = "a rule says so"
    elif not text:
        why = "it has no text of its own"
    elif form_size(text) > policy.max_post // 2:
        why = "its text is too long for a reply"
    else:
        return "staff_reply", ("A staff member's mail: a reply to the customer.",)
    return "staff_note", (f"A staff member's mail: a note, because {why}.",)


def _not_as_client(message: Message, current: Ticket | None, policy: Policy) -> str:
    """Why a post cannot be the customer's own; "" where it can."""
    if not policy.client:
        return "GATEWAY_DESK__API_KEY and GATEWAY_DESK__API_SECRET are not set"
    if current is None:
        return "the desk was not asked whose ticket it is"
    if (current.user_id or 0) < 1:
        return "the ticket has no user"
    writer = author_address(message).casefold()
    if not writer or writer != (current.email or "").casefold():
        return "its writer is not the ticket's requester"
    return ""
