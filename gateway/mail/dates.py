"""The text of a Date field in, an aware datetime out (RFC 5322 3.3 and 4.3, asctime, ISO 8601), or None."""

import re
from datetime import UTC, datetime, timedelta, timezone

_MAX_LENGTH = 200
#: Years of mail. Within them a date can be put into any other zone without leaving what datetime can hold.
_YEARS = range(1900, 9999)
# RFC 5322 knows English only; some programs ask their system's language for the names all the same. First letters, folded
# to lower case; where two languages disagree about one, English has it.
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan ene gen sty led янв 1月",
            "feb fév fev fevr févr lut úno фев 2月",
            "mar mär mrz maa mrt már мар 3月",
            "apr avr abr kwi dub ápr апр 4月",
            "may mai mei mag maj kvě máj май мая 5月",
            "jun juin giu cze čer jún июн 6月",
            "jul juil lug lip červenec júl июл 7月",
            "aug aoû aou ago sie srp авг 8月",
            "sep set wrz zář szept сен 9月",
            "oct okt out ott paź říj окт 10月",
            "nov lis ноя 11月",
            "dec dez déc dic des gru pro дек 12月",
        ),
        1,
    )
    for name in names.split()
}
#: RFC 5322 4.3, and the zones that mail of today still names; minutes. One letter says nothing that can be relied on.
_ZONES = {
    name: minutes
    for minutes, names in (
        (0, "ut utc gmt z wet"), (60, "bst ist-ie west cet met mez wat"), (120, "cest mest mesz eet sast cat"),
        (180, "eest msk trt eat"), (210, "irst"), (240, "msd gst"), (300, "pkt uzt"), (330, "ist"), (345, "npt"),
        (420, "wib ict"), (480, "hkt sgt awst pht myt wita"), (540, "jst kst wit"), (570, "acst"), (600, "aest"),
        (630, "acdt"), (660, "aedt"), (720, "nzst"), (780, "nzdt"), (-150, "ndt"), (-210, "nst"), (-180, "adt brt art"),
        (-240, "edt ast clt"), (-300, "est cdt pet cot"), (-360, "cst mdt"), (-420, "mst pdt"), (-480, "pst akdt"),
        (-540, "akst"), (-600, "hst"),
    )
    for name in names.split()
}  # fmt: skip
_CLOCK = (
    r"(?P<hour>\d{1,2})\s?[:.h]\s?(?P<minute>\d{1,2})(?:\s?[:.]\s?(?P<second>\d{1,2}))?(?:[.,]\d{1,9})?"
    r"(?:\s{0,3}(?P<half>[AaPp])\.?[Mm]\b\.?)?"
)
_ZONE = (
    r"(?:\s{0,9}\(?(?:GMT|UTC?)?\s?(?P<sign>[+-])\s?(?P<offset>\d{1,2}:\d{2}|\d{1,6})(?![\d:])"
    r"|\s{0,9}\(?(?P<name>[A-Za-z]{1,5})\b)?"
)
_MONTH = r"(?P<month>[^\W\d_]{3,10})\.?"
_DAY_FIRST = (
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.|º)?(?:\s(?:de|of))?[\s.,/-]{{0,9}}{_MONTH}(?:\sde)?[\s.,'/-]{{0,9}}"
    rf"(?P<year>\d{{2,5}})(?:[\s,]{{1,9}}(?:(?:at|um|à|às|a las|o|om)\s)?|T){_CLOCK}{_ZONE}"
)
_ASCTIME = (
    rf"{_MONTH}\s{{1,9}}(?P<day>\d{{1,2}})\s{{1,9}}{_CLOCK}{_ZONE}\s{{1,9}}(?P<year>\d{{4}})"
    r"(?:\s{1,9}(?P<sign2>[+-])(?P<offset2>\d{4})\b)?"
)
_ISO = (
    r"(?<!\d)(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})[Tt\s,]{1,9}" + _CLOCK + _ZONE,
    r"(?<!\d)(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})[Tt](?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})"
    r"(?:[.,]\d{1,9})?" + _ZONE,
)
_MONTH_FIRST = (
    rf"{_MONTH}\s{{1,9}}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s{{1,9}}(?P<year>\d{{4}})[\s,]{{1,9}}(?:at\s)?"
    + _CLOCK
    + _ZONE
)
_DAY_ALONE = (
    rf"(?<!\d)(?P<day>\d{{1,2}})[\s.-]{{1,9}}{_MONTH}[\s.,-]{{1,9}}(?P<year>\d{{4}})(?!\d)",
    r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?!\d)",
)
_FORMS = tuple(re.compile(form) for form in (_DAY_FIRST, _ASCTIME, *_ISO, _MONTH_FIRST, *_DAY_ALONE))


def parse_date(value: str) -> datetime | None:
    """Aware, with the zone of the mail; UTC where it names none that we know. None where it is no date."""
    value = value[:_MAX_LENGTH]
    found = next((match for form in _FORMS if (match := form.search(value))), None)
    if not found:
        return None
    parts = found.groupdict()
    year, hour = _year(parts["year"]), int(parts.get("hour") or 0)
    if half := parts.get("half"):
        hour = hour % 12 + (12 if half in "pP" else 0)
    if year not in _YEARS:
        return None
    try:
        return datetime(
            year,
            _month(parts["month"]),
            int(parts["day"]),
            hour,
            int(parts.get("minute") or 0),
            # RFC 5322 3.3 allows a leap second, datetime does not.
            min(int(parts.get("second") or 0), 59),
            tzinfo=_zone(parts),
        )
    except (ValueError, OverflowError):
        return None


def _month(name: str) -> int:
    if name.isdigit():
        return int(name)
    name = name.lower()
    # Some differ from their neighbours in the fourth letter only.
    return next((_MONTHS[name[:length]] for length in (len(name), 5, 4, 3) if name[:length] in _MONTHS), 0)


def _year(digits: str) -> int:
    # RFC 5322 4.3: two digits below 50 are this century's, and three digits count from 1900.
    year = int(digits)
    return year + (2000 if year < 50 else 1900) if len(digits) < 4 else year


def _zone(parts: dict[str, str | None]) -> timezone:
    """UTC for a zone that cannot be on this Earth: the clock beside it is then all that is known."""
    sign = parts.get("sign") or parts.get("sign2")
    if sign:
        digits = (parts.get("offset") or parts.get("offset2") or "").replace(":", "")
        # "+2" and "+02" are hours; "+200" and "+0200" have their minutes.
        hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
        # The line of the date runs where clocks are 14 hours ahead and 12 behind.
        away = timedelta(hours=hours, minutes=minutes)
        if minutes < 60 and away <= timedelta(hours=14):
            return timezone(away if sign == "+" else -away) if away else UTC
        return UTC
    minutes = _ZONES.get((parts.get("name") or "").lower(), 0)
    return timezone(timedelta(minutes=minutes)) if minutes else UTC
