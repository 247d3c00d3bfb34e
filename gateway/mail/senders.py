"""What a mail says of its author in several places in, whom it claims to come from out.

Lists and forwarders put themselves into From so that DMARC passes (Google Groups, Mailman, Exchange contacts); the author
then stands in Reply-To, in a field of theirs, or in RFC 9057's Author. Anybody may write any of these: the answer is a claim.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import replace

from gateway.mail.addresses import find_addr_specs, is_addr_spec, parse_addresses
from gateway.mail.fields import Block
from gateway.mail.message import Address, MailingList

#: Where rewriters keep the author, the surest first. X-Original-Sender is Google's, and may be a bounce address.
_AUTHOR_FIELDS = (
    b"author",
    b"x-original-from",
    b"x-mailman-original-from",
    b"x-google-original-from",
    b"original-from",
    b"x-original-sender",
)
#: "Ann via Support" as Mailman's translations have it.
_VIA = re.compile(r"(.*\S)\s(?:via|vía|über|tramite|через|prostřednictvím|za pośrednictwem|genom)\s\S", re.IGNORECASE)
#: Letters of these look alike.
_ALPHABETS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")
_MAX_LABEL = 63


def sender_of(
    from_: Address | None,
    reply_to: tuple[Address, ...],
    to: Collection[Address],
    block: Block,
    mailing_list: MailingList | None,
) -> Address | None:
    """Reply-To where there is one, else From.

    Not counted is a Reply-To that leads back to the list or to the recipients. Where From was rewritten, the author's own
    fields count, but only if Reply-To agrees; a bare Reply-To is believed there only of a mailing list.
    """
    lists = mailing_list.addresses if mailing_list else ()
    others = {*lists, *(each.address.lower() for each in to)}
    answers = [each for each in reply_to if is_addr_spec(each.address) and each.address.lower() not in others]
    if from_ is None:
        return answers[0] if answers else None
    authors = [each for each in _authors(block) if each.address.lower() != from_.address.lower()]
    via = _VIA.match(from_.name)
    if not (via or authors or from_.address.lower() in lists):
        return answers[0] if answers else from_
    wanted = {each.address.lower() for each in answers}
    if authors:
        agreed = next((each for each in authors if each.address.lower() in wanted), None)
        author = agreed or (from_ if answers else authors[0])
    else:
        author = answers[0] if answers and mailing_list else from_
    if author is from_ or author.name:
        return author
    named = next((each.name for each in (*answers, *authors) if each.name and each.address == author.address), "")
    return replace(author, name=named or (via[1].strip("'\" ") if via else ""))


def doubts_about(from_: Address | None, known: Collection[Address | None]) -> Iterator[str]:
    """Sentences on what makes a person take `from_` for somebody else; `known` are others the mail may rightly name."""
    if from_ is None:
        return
    named = {each.address.lower() for each in (from_, *known) if each}
    shown = next((spec for spec in find_addr_specs(from_.name[:998]) if spec.lower() not in named), None)
    if shown:
        yield f"The name in From shows an address that is not the sender's: {shown[:320]}"
    domain = from_.address.rpartition("@")[2]
    if any(_mixes_alphabets(label) for label in domain.split(".")[:20]):
        yield "The domain in From mixes letters of several alphabets."


def _authors(block: Block) -> Iterator[Address]:
    for name in _AUTHOR_FIELDS:
        value = block.first(name)
        if value:
            yield from (each for each in parse_addresses(value[:2000]).addresses[:1] if is_addr_spec(each.address))


def _mixes_alphabets(label: str) -> bool:
    label = label[:_MAX_LABEL]
    if label[:4].lower() == "xn--":
        try:
            label = label[4:].encode("ascii").decode("punycode")
        except ValueError:  # UnicodeError is one
            return False
    elif label.isascii():
        return False
    names = (unicodedata.name(letter, "") for letter in label if letter.isalpha())
    return len({alphabet for name in names for alphabet in _ALPHABETS if name.startswith(alphabet)}) > 1
