"""The text of a Date field in, an aware datetime out (RFC 5322 3.3 and 4.3, asctime, ISO 8601), or None."""

import re
from datetime import UTC, datetime, timedelta, timezone

_MAX_LENGTH = 200
_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
#: RFC 5322 4.3, and the zones that mail of today still names; hours.
_ZONES = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "bst": 1, "west": 1, "cet": 1, "met": 1, "mez": 1, "cest": 2,
    "mest": 2, "mesz": 2, "eet": 2, "eest": 3, "msk": 3, "jst": 9, "kst": 9, "hkt": 8, "sgt": 8, "aest": 10, "aedt": 11,
    "nzst": 12, "nzdt": 13, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip
_CLOCK = r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?(?:[.,]\d{1,9})?(?:\s{0,3}(?P<half>[AaPp])\.?[Mm]\.?)?"
_ZONE = r"(?:\s{0,9}(?:GMT|UTC)?(?P<sign>[+-])(?P<offset>\d{1,2}:?\d{2})\b|\s{0,9}(?P<name>[A-Za-z]{1,5})\b)?"
_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s.-]{{1,9}}(?P<month>[A-Za-z]{{3}})[A-Za-z]{{0,6}}[\s.,-]{{1,9}}(?P<year>\d{{2,4}})[\s,]{{1,9}}{_CLOCK}{_ZONE}",
        rf"(?P<month>[A-Za-z]{{3}})[A-Za-z]{{0,6}}\s{{1,9}}(?P<day>\d{{1,2}})\s{{1,9}}{_CLOCK}{_ZONE}\s{{1,9}}(?P<year>\d{{4}})",
        rf"(?P<year>\d{{4}})-(?P<month>\d{{2}})-(?P<day>\d{{2}})[Tt\s]{{1,9}}{_CLOCK}{_ZONE}",
        rf"(?P<month>[A-Za-z]{{3}})[A-Za-z]{{0,6}}\s{{1,9}}(?P<day>\d{{1,2}}),\s{{1,9}}(?P<year>\d{{4}})[\s,]{{1,9}}{_CLOCK}{_ZONE}",
    )
)


def parse_date(value: str) -> datetime | None:
    """Aware, with the zone of the mail; UTC where it names none that we know. None where it is no date."""
    value = value[:_MAX_LENGTH]
    found = next((match for form in _FORMS if (match := form.search(value))), None)
    if not found:
        return None
    month = _MONTHS.get(found["month"].lower(), 0) if found["month"].isalpha() else int(found["month"])
    hour = int(found["hour"])
    if found["half"]:
        hour = hour % 12 + (12 if found["half"] in "pP" else 0)
    try:
        return datetime(
            _year(found["year"]),
            month,
            int(found["day"]),
            hour,
            int(found["minute"]),
            # RFC 5322 3.3 allows a leap second, datetime does not.
            min(int(found["second"] or 0), 59),
            tzinfo=_zone(found),
        )
    except (ValueError, OverflowError):
        return None


def _year(digits: str) -> int:
    # RFC 5322 4.3: two digits below 50 are this century's, and three digits count from 1900.
    year = int(digits)
    return year + (2000 if year < 50 else 1900) if len(digits) < 4 else year


def _zone(found: re.Match[str]) -> timezone:
    if found["sign"]:
        digits = found["offset"].replace(":", "").zfill(4)
        away = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        if away < timedelta(hours=24):
            return timezone(away if found["sign"] == "+" else -away)
        return UTC
    hours = _ZONES.get((found["name"] or "").lower(), 0)
    return timezone(timedelta(hours=hours)) if hours else UTC
