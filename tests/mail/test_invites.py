"""What a calendar part says, in lines of text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.invites import read_invite
from gateway.mail.reader import read


def _calendar(*lines: str, method: str = "REQUEST") -> str:
    return "\r\n".join(
        ["BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VTIMEZONE", "TZID:Europe/Berlin", "BEGIN:STANDARD", "DTSTART:16010101T030000",
         "END:STANDARD", "END:VTIMEZONE", "BEGIN:VEVENT", *lines, "BEGIN:VALARM", "DESCRIPTION:REMINDER", "END:VALARM", "END:VEVENT",
         "END:VCALENDAR", ""]
    )  # fmt: skip


MEETING = (
    'ORGANIZER;CN="Smith, Ann":mailto:ann@a.example',
    "ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED;RSVP=TRUE:MAILTO:bob@b.example",
    "SUMMARY;LANGUAGE=en:Talk about\\, well\\; the ro",
    " of",
    "DTSTART;TZID=Europe/Berlin:20261124T093000",
    "DTEND;TZID=Europe/Berlin:20261124T103000",
    "LOCATION:Room 5\\n2nd floor",
    "DESCRIPTION:Bring\\nplans.",
)


@pytest.mark.parametrize(
    ("method", "first"),
    [("REQUEST", "Invitation"), ("CANCEL", "Cancelled"), ("COUNTER", "Another time is proposed"), ("PUBLISH", "Event")],
)
def test_a_calendar_says_what_it_asks(method, first):
    invite = read_invite(_calendar(*MEETING, method=method))
    assert invite is not None
    assert invite.lines() == (
        f"{first}: Talk about, well; the roof\nWhen: 2026-11-24 09:30 to 10:30 (Europe/Berlin)\nWhere: Room 5 2nd floor\n"
        "Organizer: Smith, Ann <ann@a.example>\n"
    )


def test_an_answer_names_who_answered():
    invite = read_invite(_calendar(*MEETING, "COMMENT:With pleasure", method="REPLY"))
    assert invite is not None
    assert invite.lines().startswith("Accepted: Talk about, well; the roof\nFrom: Bob <bob@b.example>\n")
    assert invite.lines().endswith("Comment: With pleasure\n")


@pytest.mark.parametrize(
    ("lines", "when"),
    [
        (("DTSTART:20261124T093000Z", "DURATION:PT1H30M"), "2026-11-24 09:30 for 1 h 30 min (UTC)"),
        (("DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20261126"), "2026-11-24 until before 2026-11-26"),
        (("DTSTART:20261124T230000", "DTEND:20261125T010000"), "2026-11-24 23:00 to 2026-11-25 01:00"),
        (("DTSTART:20261124T0900", "RRULE:FREQ=WEEKLY"), "2026-11-24 09:00, repeated: FREQ=WEEKLY"),
        (("DTSTART:tomorrow",), ""),
    ],
)
def test_times_stand_as_they_are_written(lines, when):
    invite = read_invite(_calendar("SUMMARY:x", *lines))
    assert invite is not None
    assert invite.when == when


@given(
    st.lists(
        st.sampled_from(["BEGIN:VEVENT", "END:VEVENT", "DTSTART", ";", ":", '"', "=", "\n", "\n ", "CN", "\\"])
        | st.text(max_size=5)
    ).map("".join)
)
def test_junk_is_no_event_and_no_error(text):
    invite = read_invite(text)
    assert invite is None or invite.lines()


def _mail(text: str, calendar: str, content_type: str = "text/calendar; method=REQUEST; charset=utf-8") -> bytes:
    return (
        "From: a@a.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n"
        f"--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        f"--x\r\nContent-Type: {content_type}\r\n\r\n{calendar}\r\n--x--\r\n"
    ).encode()


def test_an_invitation_stands_before_the_words_that_come_with_it():
    message = read(_mail("Please come.", _calendar(*MEETING)))
    assert message.text.startswith("Invitation: Talk about, well; the roof\nWhen: ")
    assert message.text.endswith("\n\nPlease come.")
    assert [file.content_type for file in message.attachments] == ["text/calendar"]


def test_an_invitation_without_words_gives_its_own():
    assert read(_mail("\r\n", _calendar(*MEETING))).text.endswith("\n\nBring\nplans.")


def test_a_text_that_tells_all_of_it_is_left_alone():
    told = "Talk about, well; the roof\r\nTue Nov 24, 2026 9:30am\r\nRoom 5 2nd floor"
    assert read(_mail(told, _calendar(*MEETING))).text == told.replace("\r\n", "\n")


def test_a_calendar_file_beside_a_text_is_only_a_file():
    assert read(_mail("See the file.", _calendar(*MEETING), "text/calendar")).text == "See the file."
