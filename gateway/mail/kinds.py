"""A mail's structure and headers in, what kind of mail it is and whether a machine may answer it out (RFC 3834)."""

import re

from gateway.mail import bounce_words, machine_words
from gateway.mail.bounces import reports_success_only
from gateway.mail.delivery_reports import head_of, is_report
from gateway.mail.fields import Block
from gateway.mail.message import Address, Kind
from gateway.mail.mime import Part, Structure
from gateway.mail.words import decode_words

_MAX_TEXT = 8 * 1024
_MAX_SUBJECT = 500
#: Words of a bounce in the first lines weigh more than anywhere: there people have not begun to quote.
_MAX_FIRST_WORDS = 600
_MAX_CALENDAR = 16 * 1024
_FEEDBACK_TYPES = frozenset(("feedback-report", "tlsrpt", "tls-report"))
_FEEDBACK_PARTS = frozenset(
    (
        "message/feedback-report",
        "application/tlsrpt+gzip",
        "application/tlsrpt+json",
        "application/dmarc+xml",
        "application/dmarc+xml+gzip",
    )
)
#: RFC 7489 7.2.1.1 names the file `receiver!domain!begin!end[!id].xml`, RFC 8460 5.2 `sender!domain!begin!end[!id].json`.
_AGGREGATE = re.compile(
    r"[^!\s]{1,255}![^!\s]{1,255}!\d{6,14}!\d{6,14}(?:![^!\s]{1,100})?\.(?:xml|json)(?:\.gz|\.zip)?|[^!\s]{1,255}![^!\s]{1,255}!\d{6,14}!\d{6,14}(?:![^!\s]{1,100})?\.(?:zip|gz)",
    re.IGNORECASE,
)
_REPORT_SUBJECT = re.compile(
    r"\W{0,8}report[ _-]?domain:[^\n]{1,300}?submitter:|\W{0,8}dmarc (?:aggregate )?report\b|\[?dmarc report\]?",
    re.IGNORECASE,
)
_METHOD = re.compile(rb"^METHOD[^:\n]{0,100}:[ \t]{0,8}(\w{1,20})", re.IGNORECASE | re.MULTILINE)
_CALENDAR_ANSWERS = ("reply", "counter", "declinecounter", "refresh")


def _phrases(*texts: str, without: str = "") -> str:
    phrases = {phrase for text in texts for phrase in _split(text)} - _split(without)
    return "|".join(re.escape(phrase) for phrase in sorted(phrases, key=lambda phrase: (-len(phrase), phrase)))


def _split(text: str) -> set[str]:
    return {" ".join(phrase.split()) for phrase in text.split(";")} - {""}


def _begins(phrases: str) -> re.Pattern[str]:
    """A subject that begins with one of `phrases` (joined by "|"), which a sign, its end, or "Re:" follows."""
    answers = r"(?:re|aw|sv|antw|from|von|until|bis|to|auf|für)"
    return re.compile(
        rf"(?!\s*+(?:re|aw|fwd?|wg)\s?:)[^\w]*+(?:{phrases})(?:\s*+(?:[:：;\]】)>,!.…\-–—|/_(\[]|\Z)|\s++{answers}\b)",
        re.IGNORECASE,
    )


_AUTO_FIELDS = tuple(machine_words.AUTO_FIELDS.encode().split())
_LIST_FIELDS = tuple(machine_words.LIST_FIELDS.encode().split())
_NAMING_FIELDS = tuple(machine_words.NAMING_FIELDS.encode().split())
_SILENT_FIELDS = (*_AUTO_FIELDS, *_LIST_FIELDS, *machine_words.SILENT_FIELDS.encode().split())
_AUTO_SUBJECT = _begins(_phrases(*machine_words.AUTO_SUBJECTS.values(), without=machine_words.WEAK_SUBJECTS))
_MAYBE_AUTO_SUBJECT = _begins(_phrases(machine_words.WEAK_SUBJECTS))
_AUTO_ANYWHERE = re.compile(_phrases(machine_words.AUTO_ANYWHERE), re.IGNORECASE)
_RECEIPT_SUBJECT = re.compile(
    rf"[^\w]*+(?:{_phrases(machine_words.RECEIPT_SUBJECTS)})\s*+(?:[:：\-(]|\Z)", re.IGNORECASE
)
_RECEIPT_TEXT = re.compile(_phrases(machine_words.RECEIPT_TEXT), re.IGNORECASE)
_MACHINE = re.compile(
    rf"(?:{_phrases('; '.join(machine_words.MACHINE_LOCALS.split()))})(?:[-_+.=][^@]{{0,128}})?(?:@|\Z)|[^@\s]{{0,64}}[-_.]?no[-_.]?reply(?:[-_+.=][^@]{{0,128}})?(?:@|\Z)|owner-[^@\s]{{1,128}}@|[^@\s]{{1,128}}-(?:request|owner|bounces?)@",
    re.IGNORECASE,
)


def kind_of(raw: bytes, structure: Structure, from_: Address | None, subject: str, text: str) -> Kind:
    """The most telling sign counts: a report's type, then who sends it, then what its fields say.

    Looks at no more than the head of the text. Never raises.
    """
    top = structure.parts[0].block
    subject = subject[:_MAX_SUBJECT]
    types = {part.content_type for part in structure.parts}
    report_type = structure.parts[0].parameters.get("report-type", "").lower()
    if report_type in _FEEDBACK_TYPES or types & _FEEDBACK_PARTS or _is_feedback(structure, subject):
        return "feedback"
    if report_type == "disposition-notification" or "message/disposition-notification" in types:
        return "auto_reply"
    if report_type in ("delivery-status", "global-delivery-status") or any(is_report(part) for part in structure.parts):
        return "auto_reply" if reports_success_only(raw, structure) else "bounce"
    if top.first(b"x-failed-recipients") or _is_daemon(structure.parts[0], from_, subject, text[:_MAX_TEXT]):
        return "bounce"
    if _is_automatic(top, subject, text[:_MAX_TEXT]) or _answers_invitation(raw, structure):
        return "auto_reply"
    return "list" if _is_list(top) else "ordinary"


def may_autorespond(structure: Structure, kind: Kind, from_: Address | None) -> bool:
    """Whether a machine may answer, as far as the mail itself shows; R56 asks for more than that."""
    root = structure.parts[0]
    top = root.block
    if kind != "ordinary" or from_ is None or "@" not in from_.address or _MACHINE.match(from_.address):
        return False
    if len(top.all(b"from")) != 1 or root.content_type == "multipart/report" or _has_null_path(top):
        return False
    if (
        any(top.first(name) is not None for name in _SILENT_FIELDS)
        or _word(top, b"precedence") in machine_words.BULK_PRECEDENCES
    ):
        return False
    suppressed = re.split(r"[\s,;]+", decode_words(top.first(b"x-auto-response-suppress") or b"")[:200].lower())
    return not machine_words.SUPPRESSED & set(suppressed)


def _word(top: Block, name: bytes) -> str:
    return re.split(r"[\s;,(]", decode_words(top.first(name) or b"").strip().lower(), maxsplit=1)[0]


def _has_null_path(top: Block) -> bool:
    return b"".join((top.first(b"return-path") or b"-").split()) == b"<>"


def _is_feedback(structure: Structure, subject: str) -> bool:
    """Reports that are known by their fields, their subject or the name of their file (RFC 8460 5.3, X-ARF, DMARC)."""
    top = structure.parts[0].block
    if any(
        top.first(name) is not None for name in (b"tls-report-domain", b"tls-report-submitter", b"x-arf", b"x-xarf")
    ):
        return True
    names = [part.filename for part in structure.parts[:50] if part.filename]
    named = any(_AGGREGATE.fullmatch(name.strip()) for name in names)
    return named or (bool(names) and bool(_REPORT_SUBJECT.match(subject)))


def _is_daemon(root: Part, from_: Address | None, subject: str, text: str) -> bool:
    """Whether a server reports in prose: two signs of its sender, subject, text and null path must agree.

    Subject and text alone need a server's way to write, since people ask about bounces, answer them and pass them on.
    """
    top = root.block
    address, name = (from_.address, from_.name) if from_ else ("", "")
    sender = address or name
    answered = bool(bounce_words.ANSWERED.match(subject))
    by_sender = bool(bounce_words.DAEMON.match(sender)) or (not sender and top.first(b"from") is not None)
    by_name = bool(bounce_words.DAEMON_NAME.search(name[:100])) or bool(bounce_words.MAYBE_DAEMON.match(sender))
    by_path = _has_null_path(top) or _is_daemon_path(top) or root.content_type == "multipart/report"
    by_subject = not answered and bool(bounce_words.SUBJECT.search(subject))

    def by_text() -> bool:
        # It costs more than all else here, and most mail never gets so far.
        return bool(bounce_words.TEXT.search(text))

    if sender.lower().startswith(("mailer-daemon", "mailerdaemon")):
        return by_subject or by_path or not answered or by_text()
    if not (by_subject or by_path or by_sender):
        return False
    if answered:
        return (by_sender or by_path) and _begins_as_server(text)
    if _is_automatic(top, subject, "") and not by_subject:
        return by_sender and by_path and by_text()
    if by_path:
        return by_sender or by_subject or by_text()
    if by_sender:
        return by_subject or (by_text() and _is_servers(text))
    if by_name:
        return by_subject and by_text()
    return by_subject and top.first(b"in-reply-to") is None and _begins_as_server(text) and not _is_persons(text)


def _begins_as_server(text: str) -> bool:
    return bool(bounce_words.TEXT.search(text[:_MAX_FIRST_WORDS])) and _is_servers(text)


def _is_servers(text: str) -> bool:
    return bool(bounce_words.SERVER_TEXT.search(text[: 4 * _MAX_FIRST_WORDS]))


def _is_persons(text: str) -> bool:
    """Whether somebody asks or tells about an error, in the first words."""
    return bool(bounce_words.PERSON.search(text[:_MAX_FIRST_WORDS]))


def _is_daemon_path(top: Block) -> bool:
    path = b"".join((top.first(b"return-path") or b"").split()).strip(b"<>").lower()
    return path.startswith((b"mailer-daemon", b"double-bounce", b"mailerdaemon"))


def _is_automatic(top: Block, subject: str, text: str) -> bool:
    submitted = _word(top, b"auto-submitted")
    if submitted and submitted != "no":
        return True
    if _word(top, b"precedence") in machine_words.AUTO_PRECEDENCES:
        return True
    if any(
        (value := top.first(name)) is not None and _said(value) not in machine_words.NEGATIVE for name in _AUTO_FIELDS
    ):
        return True
    if any(_said(value) in machine_words.NAMES for name in _NAMING_FIELDS for value in top.all(name)[:5]):
        return True
    if _AUTO_SUBJECT.match(subject) or (_MAYBE_AUTO_SUBJECT.match(subject) and _is_answer_of_machine(top)):
        return True
    if _AUTO_ANYWHERE.search(subject) and not bounce_words.ANSWERED.match(subject):
        return True
    return bool(text) and bool(_RECEIPT_SUBJECT.match(subject)) and bool(_RECEIPT_TEXT.search(text[:_MAX_FIRST_WORDS]))


def _said(value: bytes) -> str:
    return value.strip().lower().decode("latin-1")


def _is_answer_of_machine(top: Block) -> bool:
    return (
        _has_null_path(top)
        or top.first(b"in-reply-to") is not None
        or top.first(b"references") is not None
        or top.first(b"x-auto-response-suppress") is not None
        or _word(top, b"precedence") in machine_words.BULK_PRECEDENCES
    )


def _answers_invitation(raw: bytes, structure: Structure) -> bool:
    """Whether it says yes or no to an invitation (RFC 5546 3.2.3, RFC 6047 2.4): calendars send that at a click."""
    return any(
        _method(raw, part) in _CALENDAR_ANSWERS for part in structure.parts if part.content_type == "text/calendar"
    )


def _method(raw: bytes, part: Part) -> str:
    named = part.parameters.get("method", "").strip().lower()
    if named:
        return named
    found = _METHOD.search(head_of(raw, part, _MAX_CALENDAR))
    return found[1].decode("ascii").lower() if found else ""


def _is_list(top: Block) -> bool:
    return (
        any(top.first(name) is not None for name in _LIST_FIELDS)
        or _word(top, b"precedence") in machine_words.BULK_PRECEDENCES
    )
