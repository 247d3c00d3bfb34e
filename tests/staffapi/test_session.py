"""One login for all who need it, and a pace that locks no account."""

import asyncio

import pytest

from gateway.staffapi.address import base_url
from gateway.staffapi.session import LoginFailed, Session, read_login


class _Clock:
    now = 1000.0

    def __call__(self):
        return self.now


async def test_many_callers_share_one_login():
    async def log_in():
        await asyncio.sleep(0)
        return "secret"

    session = Session(log_in, _Clock())
    assert set(await asyncio.gather(*(session.open() for _ in range(20)))) == {"secret"}
    assert session.logins == 1
    session.expire("an older one")
    assert session.id == "secret"
    session.expire("secret")
    await session.open()
    assert session.logins == 2


@pytest.mark.parametrize(("refused", "pause"), [(False, 30), (True, 1200)])
async def test_after_a_failure_there_is_a_pause(refused, pause):
    async def log_in():
        raise LoginFailed("no", refused=refused)

    clock = _Clock()
    session = Session(log_in, clock)
    for after in (0, 1, pause - 1):
        clock.now = 1000.0 + after
        with pytest.raises(LoginFailed, match="no") as caught:
            await session.open()
        assert caught.value.retry_after == pause - after
    assert session.logins == 1
    clock.now = 1000.0 + pause
    with pytest.raises(LoginFailed):
        await session.open()
    assert session.logins == 2


def _document(inner):
    return f"<kayako_staffapi>{inner}</kayako_staffapi>".encode()


@pytest.mark.parametrize(
    ("status", "body", "words", "refused"),
    [
        (200, _document("<status>-1</status><error>Invalid Username or Password</error>"), "Invalid Username", True),
        (
            200,
            _document("<status>-1</status><error>Login locked for 900 minutes (attempt: 4/3)</error>"),
            "locked",
            True,
        ),
        (200, _document("<status>2</status>"), "two-factor", True),
        (200, _document("<status>1</status>"), "refused the login", False),
        (200, b"Tickets App is not Registered", "no StaffAPI document", False),
        (404, b"", "GATEWAY_DESK__URL", False),
        (503, b"", "HTTP 503", False),
    ],
)
def test_each_way_a_login_fails_is_told(status, body, words, refused):
    with pytest.raises(LoginFailed, match=words) as caught:
        read_login(status, {}, body)
    assert caught.value.refused == refused


def test_the_session_id_is_read_from_the_answer():
    body = _document("<status><![CDATA[1]]></status><error /><sessionid><![CDATA[abc]]></sessionid>")
    assert read_login(200, {}, body) == "abc"


@pytest.mark.parametrize(
    "url",
    [
        "https://desk.example.com",
        "https://desk.example.com/help/",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
        "http://localhost",
        "http://desk.localhost",
    ],
)
def test_an_address_that_can_be_used_is_kept(url):
    assert base_url(url) == url.rstrip("/")


def test_plain_http_elsewhere_needs_leave():
    assert base_url("http://desk.internal", allow_plain_http=True) == "http://desk.internal"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "must begin with https://"),
        ("desk.example.com", "must begin with https://"),
        ("ftp://desk.example.com", "must begin with https://"),
        ("https://", "must begin with https://"),
        ("https://desk.example.com:70000", "cannot be read"),
        ("https://[::1", "cannot be read"),
        ("https://me:secret@desk.example.com", "GATEWAY_DESK__PASSWORD"),
        ("https://desk.example.com/staffapi/index.php?/Tickets", "and without it"),
        ("https://desk.example.com/staffapi", "and without it"),
        ("https://desk.example.com/a b", "a space"),
        ("http://desk.example.com", "plain http"),
        ("http://localhost.example.com", "plain http"),
        ("https://169.254.169.254", "no help desk can be"),
        ("https://[fe80::1]", "no help desk can be"),
        ("https://[::ffff:169.254.169.254]", "no help desk can be"),
        ("https://metadata.google.internal", "no help desk can be"),
        ("https://0.0.0.0", "no help desk can be"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_with_a_sentence(url, words):
    with pytest.raises(ValueError) as caught:
        base_url(url, allow_plain_http=False)
    assert words in str(caught.value)
    assert "secret" not in str(caught.value)
