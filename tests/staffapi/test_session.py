"""One login for all who need it, and a pace that locks no account."""

import asyncio

import pytest

from gateway.problems import GatewayError
from gateway.staffapi.address import base_url
from gateway.staffapi.session import LoginFailed, Session, read_login


class _Clock:
    now = 1000.0

    def __call__(self):
        return self.now


class _Desk:
    """Answers logins from a list, the last one again and again; knows which sessions were ended."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.ended = []
        self.confirms = True

    async def log_in(self):
        await asyncio.sleep(0)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def log_out(self, id):
        self.ended.append(id)
        return self.confirms


class _Register:
    def __init__(self):
        self.rows = []
        self.failure = None

    async def register(self, id):
        if self.failure:
            raise self.failure
        self.rows.append(id)

        async def forget():
            self.rows.remove(id)

        return forget


class _Count:
    """Refused logins, counted where every process finds them."""

    def __init__(self, clock):
        self.clock = clock
        self.times = []
        self.failure = None

    async def ages(self):
        if self.failure:
            raise self.failure
        return [self.clock() - at for at in self.times]

    async def add(self):
        self.times.append(self.clock())


def _session(desk, clock=None, **more):
    return Session(desk.log_in, desk.log_out, clock or _Clock(), **more)


async def test_many_callers_share_one_login():
    session = _session(_Desk("secret"))
    assert set(await asyncio.gather(*(session.open() for _ in range(20)))) == {"secret"}
    assert session.logins == 1
    session.expire("an older one")
    assert session.id == "secret"
    session.expire("secret")
    await session.open()
    assert session.logins == 2


@pytest.mark.parametrize(
    ("failure", "pause"),
    [
        (LoginFailed("no", reached=False), 1),
        (LoginFailed("no"), 30),
        (LoginFailed("no", refused=True), 1200),
    ],
)
async def test_after_a_failure_there_is_a_pause(failure, pause):
    clock = _Clock()
    session = _session(_Desk(failure), clock)
    for after in (0, pause / 2, pause - 0.5):
        clock.now = 1000.0 + after
        with pytest.raises(LoginFailed, match="no") as caught:
            await session.open()
        assert caught.value.retry_after == pause - after
        assert caught.value.refused == failure.refused
    assert session.logins == 1
    clock.now = 1000.0 + pause
    with pytest.raises(LoginFailed):
        await session.open()
    assert session.logins == 2


async def test_a_refused_login_says_when_it_is_tried_again_and_stays_an_alert_until_one_succeeds():
    clock = _Clock()
    session = _session(_Desk(LoginFailed("wrong password", refused=True), LoginFailed("lost"), "secret"), clock)
    with pytest.raises(LoginFailed, match=r"wrong password; the gateway logs in again in 20 min"):
        await session.open()
    assert "wrong password" in session.refused
    clock.now += 1200
    # Its answer was lost: the desk may have counted it too.
    with pytest.raises(LoginFailed, match=r"lost; the gateway logs in again in 20 min"):
        await session.open()
    assert session.refused
    clock.now += 1200
    assert await session.open() == "secret"
    assert session.refused == ""


@pytest.mark.parametrize("uptime", [0, 1, 400, 2000])
async def test_a_gateway_that_is_started_again_and_again_does_not_lock_the_account(uptime):
    clock = _Clock()
    desk, count = _Desk(LoginFailed("wrong password", refused=True)), _Count(clock)
    tried = []
    end = clock.now + 2 * 3600
    while clock.now < end:
        session = _session(desk, clock, refusals=count)
        stops = clock.now + uptime
        while True:
            before = session.logins
            with pytest.raises(LoginFailed) as caught:
                await session.open()
            assert caught.value.refused
            tried += [clock.now] * (session.logins - before)
            if clock.now + 10 > stops:
                break
            clock.now += 10
        clock.now += 5
    # More than three failures in 900 s lock an account; one at least is left for people.
    assert max(sum(at <= each < at + 900 for each in tried) for at in tried) <= 2
    assert len(tried) >= 6


async def test_two_refused_logins_of_another_process_make_this_one_wait_with_a_reason():
    clock = _Clock()
    count, desk = _Count(clock), _Desk("secret")
    count.times = [clock.now - 2000, clock.now - 600, clock.now - 60, clock.now + 9999]
    session = _session(desk, clock, refusals=count)
    for _ in range(2):
        with pytest.raises(LoginFailed, match=r"refused 2 logins within 16 min.*GATEWAY_DESK__PASSWORD.*in 6 min"):
            await session.open()
    assert session.logins == 0
    assert session.refused
    clock.now += 360
    assert await session.open() == "secret"


async def test_where_refused_logins_cannot_be_counted_none_is_risked():
    count, desk = _Count(_Clock()), _Desk("secret")
    count.failure = GatewayError("the spool is closed")
    session = _session(desk, refusals=count)
    with pytest.raises(LoginFailed, match="the spool is closed"):
        await session.open()
    assert session.logins == 0


async def test_a_session_is_registered_before_anybody_gets_it():
    desk, register = _Desk("first", "second"), _Register()
    session = _session(desk, register=register.register)
    seen = []

    async def use():
        id = await session.open()
        seen.append(id in register.rows)

    await asyncio.gather(*(use() for _ in range(5)))
    assert seen == [True] * 5
    assert register.rows == ["first"]


async def test_a_session_that_cannot_be_registered_is_ended_and_not_used():
    desk, register = _Desk("first", "second"), _Register()
    clock = _Clock()
    session = _session(desk, clock, register=register.register)
    register.failure = GatewayError("no room is left")
    with pytest.raises(LoginFailed, match="could not be registered: no room is left") as caught:
        await session.open()
    assert not caught.value.refused
    assert desk.ended == ["first"]
    assert session.id == ""
    register.failure = None
    clock.now += 30
    assert await session.open() == "second"


async def test_a_session_given_up_is_ended_before_it_is_forgotten():
    desk, register = _Desk("first", "second", "third", "fourth"), _Register()
    session = _session(desk, register=register.register)
    await session.open()
    session.expire("first")
    # The desk may have meant the size of the request: until it confirms, the session counts as alive.
    assert register.rows == ["first"]
    desk.confirms = False
    await session.open()
    assert register.rows == ["first", "second"]
    session.expire("second")
    desk.confirms = True
    await session.open()
    assert desk.ended == ["first", "first", "second"]
    assert register.rows == ["third"]
    await session.ended("third")
    assert (session.id, register.rows) == ("", [])


def _document(inner):
    return f"<kayako_staffapi>{inner}</kayako_staffapi>".encode()


@pytest.mark.parametrize(
    ("status", "body", "words", "refused"),
    [
        (200, _document("<status>-1</status><error>Invalid Username or Password</error>"), "Invalid Username", True),
        (
            200,
            _document("<status>-1</status><error>Login locked for 900 minutes (attempt: 4/3)</error>"),
            r"has locked the account .*900 minutes.* opens by itself 15 minutes after .* administrator",
            True,
        ),
        (
            200,
            _document("<status>-1</status><error>Invalid user name or password (attempt: 2/3)</error>"),
            r"refused the login \(Invalid user name or password \(attempt: 2/3\)\); check GATEWAY_DESK__USERNAME",
            True,
        ),
        (200, _document("<status>2</status>"), "an account without two-factor", True),
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
