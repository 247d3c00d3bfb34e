"""What header fields say of mailing lists and of urgency."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.fields import read_block
from gateway.mail.importance import importance_of
from gateway.mail.lists import mailing_list_of
from gateway.mail.message import MailingList


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        (b"Subject: x", None),
        (
            (
                b'List-Id: "Dev, all" <dev.Lists.example>\nList-Post: <mailto:dev@lists.example>\n'
                b"List-Unsubscribe: <https://lists.example/u?x=1>,\n <mailto:dev-request@lists.example?subject=off>\n"
                b"List-Unsubscribe-Post: List-Unsubscribe=One-Click"
            ),
            MailingList(
                "dev.lists.example",
                "Dev, all",
                ("dev@lists.example",),
                ("https://lists.example/u?x=1", "mailto:dev-request@lists.example?subject=off"),
                one_click=True,
            ),
        ),
        (b"List-ID: dev.lists.example", MailingList("dev.lists.example", "", (), (), one_click=False)),
        (
            b"List-Id: <dev@lists.example>",
            MailingList("dev@lists.example", "", ("dev@lists.example",), (), one_click=False),
        ),
        (b"List-Post: NO", MailingList("", "", (), (), one_click=False)),
        (
            b"Mailing-List: list dev@l.example; contact dev+owners@l.example",
            MailingList("", "", ("dev@l.example",), (), one_click=False),
        ),
        (
            b"X-Mailing-List: <dev@l.example> archive/latest/12",
            MailingList("", "", ("dev@l.example",), (), one_click=False),
        ),
        (b"List-Unsubscribe: <javascript:alert(1)>, bare", MailingList("", "", (), (), one_click=False)),
        (
            b"List-Id: =?utf-8?q?Gr=C3=BC=C3=9Fe?= <g.l.example>",
            MailingList("g.l.example", "Grüße", (), (), one_click=False),
        ),
    ],
)
def test_list_fields_are_read(fields, wanted):
    assert mailing_list_of(read_block(fields + b"\n\n")) == wanted


@given(st.binary(max_size=200))
def test_any_list_fields_are_read(value):
    found = mailing_list_of(read_block(b"List-Id: " + value + b"\nList-Unsubscribe: " + value + b"\n\n"))
    assert found
    assert all(uri.lower().startswith(("http:", "https:", "mailto:")) for uri in found.unsubscribe)


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        (b"Subject: x", "normal"),
        (b"Importance: High", "high"),
        (b"Importance: low", "low"),
        (b"X-Priority: 1 (Highest)", "high"),
        (b"X-Priority: 2", "high"),
        (b"X-Priority: 3 (Normal)", "normal"),
        (b"X-Priority: 4", "low"),
        (b"X-Priority: 5 (Lowest)", "low"),
        (b"X-Priority: 10", "normal"),
        (b"X-Priority: (Hoch)", "high"),
        (b"X-MSMail-Priority: Highest", "high"),
        (b"Priority: urgent", "high"),
        (b"Priority: non-urgent", "low"),
        (b"Priority: normal", "normal"),
        (b"X-Priority: 3\nX-MSMail-Priority: High", "high"),
        (b"Importance: normal\nX-Priority: 1", "high"),
        (b"Importance: High\nX-Priority: 5", "high"),
        (b"Importance: \xff\xfe", "normal"),
        (b"Importance:", "normal"),
    ],
)
def test_importance_is_what_the_first_telling_field_says(fields, wanted):
    assert importance_of(read_block(fields + b"\n\n")) == wanted
