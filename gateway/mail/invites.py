"""An iCalendar object (RFC 5545, RFC 5546) in, a few lines about it out: what, when, where, who asks, who answered.

Nothing is calculated: times stand as the calendar gives them, with the name of their zone. Linear; never raises.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

_MAX_TEXT = 256 * 1024
_MAX_LINES = 4000
_MAX_LINE = 16 * 1024
_MAX_VALUE = 300
_MAX_DESCRIPTION = 20_000
_FOLD = re.compile(r"\r?\n[ \t]")
_PROPERTY = re.compile(r"""([A-Za-z0-9-]{1,60})((?:;[^:;="]{1,60}=(?:"[^"]*+"|[^":;])*+)*+):(.*)""", re.DOTALL)
_PARAMETER = re.compile(r""";([^:;="]{1,60})=((?:"[^"]*+"|[^":;])*+)""")
_ESCAPE = re.compile(r"\\(.)")
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(?:\d\d)?(Z)?)?")
_DURATION = re.compile(r"\+?P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,4})M)?(?:\d{1,4}S)?)?")
_NUMBER = re.compile(r"\d++")
_COMPONENTS = ("VEVENT", "VTODO", "VJOURNAL")
#: RFC 5546 1.4; a calendar without a method is a file and asks nothing.
_METHODS = {
    "REQUEST": "Invitation",
    "ADD": "Invitation",
    "PUBLISH": "Event",
    "CANCEL": "Cancelled",
    "REFRESH": "Asks for the event again",
    "COUNTER": "Another time is proposed",
    "DECLINECOUNTER": "The other time is declined",
}
#: PARTSTAT of who answers, RFC 5545 3.2.12.
_ANSWERS = {
    "ACCEPTED": "Accepted",
    "DECLINED": "Declined",
    "TENTATIVE": "Tentatively accepted",
    "DELEGATED": "Delegated",
}
#: Where a meeting is held on line, as Outlook and Google write it.
_JOIN = ("X-MICROSOFT-SKYPETEAMSMEETINGURL", "X-GOOGLE-CONFERENCE", "X-MICROSOFT-ONLINEMEETINGCONFLINK")


class _Property(NamedTuple):
    parameters: dict[str, str]
    value: str


@dataclass(frozen=True, slots=True)
class Invite:
    """The first event or task of a calendar; every text may be ""."""

    #: "Invitation", "Accepted" ….
    what: str
    title: str
    when: str
    where: str
    organizer: str
    #: Who answered, where it is an answer.
    attendee: str
    comment: str
    join: str
    description: str
    #: Day and hour as numbers, to see whether a text names them.
    _clock: tuple[str, ...] = ()

    def lines(self) -> str:
        """One fact a line, ended by LF."""
        facts = (
            (self.what, self.title or "(without a title)"),
            ("From", self.attendee),
            ("When", self.when),
            ("Where", self.where),
            ("Join", self.join),
            ("Organizer", self.organizer),
            ("Comment", self.comment),
        )
        return "".join(f"{name}: {value}\n" for name, value in facts if value)

    def is_told_by(self, text: str) -> bool:
        """Whether `text` gives title, place, day and hour already."""
        folded = "".join(text[:_MAX_TEXT].split()).lower()
        named = all("".join(fact.split()).lower() in folded for fact in (self.title, self.where, self.comment))
        numbers = {number.lstrip("0") or "0" for number in _NUMBER.findall(text[:_MAX_TEXT])}
        return bool(self.title) and named and all(not numbers.isdisjoint(clock.split("|")) for clock in self._clock)


def read_invite(text: str) -> Invite | None:
    """The first event or task of the calendar `text`, or None where there is none."""
    properties = _properties(text)
    if properties is None:
        return None
    method, event = properties

    def value(name: str) -> str:
        return _one_line(event[name].value) if name in event else ""

    attendee = event.get("ATTENDEE")
    is_answer = method == "REPLY" and attendee is not None
    what = _METHODS.get(method, "Event")
    if is_answer and attendee:
        what = _ANSWERS.get(attendee.parameters.get("PARTSTAT", "").upper(), "Answer")
    elif event.get("STATUS", _Property({}, "")).value.strip().upper() == "CANCELLED":
        what = "Cancelled"
    return Invite(
        what=what,
        title=value("SUMMARY"),
        when=_when(event),
        where=value("LOCATION"),
        organizer=_person(event.get("ORGANIZER")),
        attendee=_person(attendee) if is_answer else "",
        comment=value("COMMENT"),
        join=next((value(name) for name in _JOIN if value(name)), ""),
        description=_unescaped(event["DESCRIPTION"].value)[:_MAX_DESCRIPTION].strip() if "DESCRIPTION" in event else "",
        _clock=_clock(event.get("DTSTART")),
    )


def _properties(text: str) -> tuple[str, dict[str, _Property]] | None:
    """The method, and the first property of each name in the first event."""
    method = ""
    event: dict[str, _Property] = {}
    open_: list[str] = []
    for line in _FOLD.sub("", text[:_MAX_TEXT]).splitlines()[:_MAX_LINES]:
        found = _PROPERTY.match(line[:_MAX_LINE])
        if not found:
            continue
        name, value = found[1].upper(), found[3]
        kind = value.strip().upper()
        if name == "BEGIN":
            open_.append(kind)
        elif name == "END":
            if kind in _COMPONENTS and event:
                break
            if open_:
                open_.pop()
        elif name == "METHOD" and not method:
            method = kind
        elif open_ and open_[-1] in _COMPONENTS and name not in event:
            parameters = {key.upper(): inner.strip('"') for key, inner in _PARAMETER.findall(found[2])}
            event[name] = _Property(parameters, value)
    return (method, event) if event else None


def _when(event: dict[str, _Property]) -> str:
    start = event.get("DTSTART") or event.get("DUE")
    if start is None or not (begin := _moment(start)):
        return ""
    end = _moment(event["DTEND"]) if "DTEND" in event else ""
    zone = "UTC" if start.value.strip().endswith("Z") else start.parameters.get("TZID", "")
    day, _, hour = begin.partition(" ")
    last_day, _, last_hour = end.partition(" ")
    text = begin
    if hour and last_hour:
        text += f" to {last_hour}" if day == last_day else f" to {end}"
    elif not hour and last_day and "DTEND" in event:
        # The end of a whole day is the day behind the last (RFC 5545 3.6.1); nothing is calculated here.
        text += f" until before {last_day}"
    elif not end and "DURATION" in event:
        text += _duration(event["DURATION"].value)
    if zone and hour:
        text += f" ({_one_line(zone)})"
    if "RRULE" in event:
        text += f", repeated: {_one_line(event['RRULE'].value)}"
    return text


def _moment(time: _Property) -> str:
    found = _TIME.match(time.value.strip())
    if not found:
        return ""
    year, month, day, hour, minute, _ = found.groups()
    return f"{year}-{month}-{day}" + (f" {hour}:{minute}" if hour else "")


def _clock(start: _Property | None) -> tuple[str, ...]:
    """Day and hour as a text may write them, alternatives divided by "|"."""
    found = _TIME.match(start.value.strip()) if start else None
    if not found:
        return ()
    day = str(int(found[3]))
    return (day,) if not found[4] else (day, f"{int(found[4])}|{int(found[4]) % 12 or 12}")


def _duration(value: str) -> str:
    found = _DURATION.fullmatch(value.strip())
    units = zip(found.groups() if found else (), ("weeks", "days", "h", "min"), strict=False)
    words = " ".join(f"{int(count)} {unit}" for count, unit in units if count)
    return f" for {words}" if words else ""


def _person(person: _Property | None) -> str:
    if person is None:
        return ""
    name = _one_line(person.parameters.get("CN", ""))
    scheme, colon, address = person.value.strip().partition(":")
    address = _one_line(address if colon and scheme.lower() == "mailto" else person.parameters.get("EMAIL", ""))
    if not address or name.lower() == address.lower():
        return name or address
    return f"{name} <{address}>" if name else address


def _unescaped(value: str) -> str:
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def _one_line(value: str) -> str:
    return " ".join(_unescaped(value).split())[:_MAX_VALUE]
