"""Names as people write them become ids, and each name the desk does not know gets a good word."""

import pytest
from pydantic import TypeAdapter

from gateway.staffapi.answers import Unreadable
from gateway.staffapi.changes import changes
from gateway.staffapi.directory import Department, Directory, Staff, Status, UnknownName

_BODY = b"""<?xml version="1.0" encoding="UTF-8"?>
<kayako_staffapi>
<status><![CDATA[1]]></status><error />
<version><![CDATA[4.93.27]]></version><product><![CDATA[Fusion]]></product>
<department id="7" title="General" assigned="1" parentdepartmentid="0">
</department>
<department id="9" title="Support" assigned="1" parentdepartmentid="0">
<department id="10" title="Level 2" assigned="1" parentdepartmentid="9"></department>
<department id="13" title="Orders" assigned="1" parentdepartmentid="9"></department>
</department>
<department id="8" title="Sales" assigned="1" parentdepartmentid="0">
<department id="14" title="Orders" assigned="1" parentdepartmentid="8"></department>
</department>
<department id="12" title="Private" assigned="0" parentdepartmentid="0"></department>
<department id="15" title="2024" assigned="1" parentdepartmentid="0"></department>
<ticketstatus id="14" title="Open" departmentid="0" markasresolved="0" canchangestatus="1" new="" />
<ticketstatus id="16" title="Closed" departmentid="0" markasresolved="1" />
<ticketstatus id="17" title="Open" departmentid="9" markasresolved="0" />
<ticketstatus id="18" title="Quoted" departmentid="8" markasresolved="0" />
<tickettype id="21" title="Issue" departmentid="0" /><tickettype id="22" title="Order" departmentid="8" />
<ticketpriority id="31" title="Low" /><ticketpriority id="33" title="High" />
<staff id="42" firstname="Jane" lastname="Doe" fullname="Jane Doe" username="jane" email="Jane.Doe@example.com" departments="7,9" />
<staff id="43" fullname="Jane Doe" username="doe2" email="doe@example.com" departments="" />
<emailqueue id="51" email="support@example.com" departmentid="9" />
</kayako_staffapi>"""
_DESK = Directory.parse(_BODY)
#: Nothing but the ids tells some of its entries apart.
_TWINS = Directory(
    departments=(Department(1, "A", assigned=True, parent=0), Department(2, "A", assigned=True, parent=0)),
    statuses=(Status(3, "New", 0, mark_as_resolved=False), Status(4, "New", 0, mark_as_resolved=False)),
)


def test_the_answer_to_getinfo_is_read_and_comes_back_from_json():
    assert _DESK.departments[1:3] == (
        Department(9, "Support", assigned=True, parent=0),
        Department(10, "Level 2", assigned=True, parent=9),
    )
    assert _DESK.statuses[1] == Status(16, "Closed", 0, mark_as_resolved=True)
    assert _DESK.staff[0].departments == (7, 9)
    assert (_DESK.version, _DESK.product) == ("4.93.27", "Fusion")
    assert _DESK.assigned == (7, 9, 10, 13, 8, 14, 15)
    adapter = TypeAdapter(Directory)
    assert adapter.validate_json(adapter.dump_json(_DESK)) == _DESK


def test_an_answer_that_is_no_success_is_no_directory():
    with pytest.raises(Unreadable, match="status -1: Access"):
        Directory.parse(b"<kayako_staffapi><status>-1</status><error>Access Denied</error></kayako_staffapi>")


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("support", 9),
        (" SUPPORT ", 9),
        (9, 9),
        ("9", 9),
        ("Level  2", 10),
        ("Support › Level 2", 10),
        ("support / level 2", 10),
        ("Support > Level 2", 10),
        ("Sales › Orders", 14),
        ("2024", 15),
    ],
)
def test_a_department_goes_by_title_path_or_id(name, id):
    assert _DESK.department_id(name) == id


@pytest.mark.parametrize(
    ("find", "words"),
    [
        (lambda: _DESK.department_id("Suport"), "no department 'Suport'; did you mean 'Support'?"),
        (lambda: _DESK.department_id("xyzzy"), "there are: General, Support, Support › Level 2"),
        (lambda: _DESK.department_id("Private"), "not assigned to the department 'Private'"),
        (lambda: _DESK.department_id(12), "not assigned to the department 12"),
        (
            lambda: _DESK.department_id("Orders"),
            "means several departments; there are: Support › Orders, Sales › Orders",
        ),
        (lambda: _DESK.department_id(99), "no department 99"),
        (lambda: _DESK.status_id("Opne"), "no status 'Opne'; did you mean 'Open'?"),
        (lambda: _DESK.status_id("Open"), "means several; give the id; there are: Open (14), Open (17)"),
        (lambda: _DESK.status_id("Quoted", 9), "status 'Quoted' is not for this department; there are: Open, Closed"),
        (lambda: _DESK.check(9, type_id=22), "type 22 is not for this department"),
        (lambda: _DESK.check(9, status_id=99), "no status 99"),
        (lambda: _DESK.priority_id("Hihg"), "did you mean 'High'?"),
        (lambda: _DESK.owner_id("Jane Doe"), "means several people; give the username; there are: jane, doe2"),
        (lambda: _DESK.owner_id("bob"), "no owner 'bob'"),
        (lambda: _DESK.queue_id("suport@example.com"), "did you mean 'support@example.com'?"),
        (lambda: _DESK.flag("pink"), "no flag 'pink'"),
        (lambda: _DESK.flag(7), "no flag 7"),
        (lambda: Directory().priority_id("High"), "there are: none"),
        (lambda: _DESK.department_id("Levle 2"), "did you mean 'Support › Level 2'?"),
        (lambda: _DESK.department_id("xyzzy"), "(the desk may hide those that the account is not assigned to)"),
        (lambda: _DESK.owner_id("jnae"), "no owner 'jnae'; did you mean 'jane'?"),
        (lambda: _DESK.owner_id("jane.do@example.com"), "did you mean 'Jane.Doe@example.com'?"),
        (lambda: _TWINS.department_id("a"), "means several departments; there are: A (1), A (2)"),
        (lambda: _TWINS.status_id("New", 1), "means several; give the id; there are: New (3), New (4)"),
    ],
)
def test_a_name_that_cannot_be_used_gets_a_sentence(find, words):
    with pytest.raises(UnknownName) as caught:
        find()
    assert words in str(caught.value)


def test_the_department_chooses_between_equal_titles():
    assert _DESK.status_id("open", 7) == 14
    assert _DESK.status_id("open", 9) == 17
    assert _DESK.status_id("open", 10) == 17
    assert _DESK.status_id(14, 10) == 14
    assert _DESK.type_id("order", 14) == 22
    _DESK.check(14, status_id=18, type_id=22)


def test_owner_queue_and_flag_have_their_own_spellings_of_nothing():
    assert [_DESK.owner_id(name) for name in (0, "0", "Unassigned", "jane", "JANE.DOE@example.com", 43)] == [
        0,
        0,
        0,
        42,
        42,
        43,
    ]
    assert [_DESK.queue_id(name) for name in (0, "Support@Example.com", 51)] == [0, 51, 51]
    assert [Directory.flag(name) for name in ("none", "Red", 6, "0")] == [0, 5, 6, 0]


def test_who_keeps_a_ticket_is_told():
    assert _DESK.serves(42, 9)
    assert not _DESK.serves(42, 8)
    assert _DESK.serves(43, 8)
    assert not _DESK.serves(99, 8)


def test_departments_that_are_each_others_parents_end_the_search():
    odd = Directory(
        departments=(Department(1, "A", assigned=True, parent=2), Department(2, "B", assigned=True, parent=1))
    )
    assert odd.department_id("B › A") == 1


def test_a_staff_member_is_found_by_exactly_this_address_in_any_case():
    assert _DESK.staff_by_email("JANE.doe@Example.com") is _DESK.staff[0]
    for other in ("jane.doe@example.co", "ane.doe@example.com", " jane.doe@example.com", "", "Jane Doe"):
        assert _DESK.staff_by_email(other) is None
    # Whoever has no address is nobody's sender.
    assert Directory(staff=(Staff(1, "A B", "", "ab", ()),)).staff_by_email("") is None


def test_a_follow_up_opens_its_ticket_with_the_status_that_its_department_calls_open_or_shows_first():
    assert [_DESK.open_status(department) for department in (7, 9, 10, 14)] == [14, 17, 17, 14]
    body = _BODY.replace(b'title="Open"', b'title="Neu"')
    unnamed = Directory.parse(
        body.replace(b'id="18" title="Quoted"', b'id="18" title="Quoted" displayorder="1"')
        .replace(b'id="14" title="Neu"', b'id="14" title="Neu" displayorder="2"')
        .replace(b'id="17" title="Neu"', b'id="17" title="Neu" displayorder="3"')
    )
    assert [unnamed.open_status(department) for department in (7, 9, 8)] == [14, 14, 18]
    assert Directory.parse(_BODY.replace(b'markasresolved="0"', b'markasresolved="1"')).open_status(7) is None


def test_each_change_of_a_desk_is_a_sentence_and_what_people_do_not_see_is_none():
    assert changes(_DESK, _DESK) == []
    after = Directory.parse(
        _BODY.replace(b'title="General"', b'title="Office"')
        .replace(b'title="Private" assigned="0"', b'title="Private" assigned="1"')
        .replace(b'id="15" title="2024"', b'id="19" title="2025"')
        .replace(
            b'id="8" title="Sales" assigned="1" parentdepartmentid="0"',
            b'id="8" title="Sales" assigned="1" parentdepartmentid="7"',
        )
        .replace(
            b'id="16" title="Closed" departmentid="0" markasresolved="1"',
            b'id="16" title="Closed" departmentid="7" markasresolved="0"',
        )
        .replace(b'id="22" title="Order" departmentid="8"', b'id="22" title="Order" departmentid="0" displayorder="4"')
        .replace(b'departments="7,9"', b'departments="9"')
        .replace(b'username="doe2"', b'username="doe3"')
        .replace(b'<emailqueue id="51" email="support@example.com" departmentid="9" />', b"")
        .replace(b"4.93.27", b"4.98.1")
    )
    assert changes(_DESK, after) == [
        "the department 'General' (7) is now called 'Office'",
        "the department '2024' (15) is gone, or the account is not assigned to it any more",
        "the department 'Sales' (8) stands elsewhere among the departments",
        "the account is now assigned to the department 'Private' (12)",
        "the department '2025' (19) is new",
        "the status 'Closed' (16) is for department 7 now, it was for every department",
        "the status 'Closed' (16) no longer marks tickets as resolved",
        "the type 'Order' (22) is for every department now, it was for department 8",
        "the staff member 'Jane Doe' (42) is in other departments now",
        "the staff member 'Jane Doe' (43) has another address or user name",
        "the email queue 'support@example.com' (51) is gone",
        "the desk's version is 4.98.1, it was 4.93.27",
    ]
    assert changes(after, _DESK)
    turned = Directory.parse(_BODY.replace(b'markasresolved="0"', b'markasresolved="0" displayorder="9"'))
    assert turned != _DESK
    assert changes(_DESK, turned) == []
