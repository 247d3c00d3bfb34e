"""A whole gateway for each test, and what must hold after every one of them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from whole.running import Gateway, RunningDesk


@pytest.fixture
def dialect() -> str:
    return "page"


@pytest.fixture
def spool_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """SQLite, but where a test names the engine."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return f"sqlite:///{tmp_path}/spool/gateway.db"
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture
def desk(dialect: str) -> Iterator[RunningDesk]:
    """Opened by the test itself, or by the fixture `gateway`."""
    desk = RunningDesk(dialect)
    yield desk
    desk.close()
    assert desk.sandbox.violations == []


Make = Callable[..., Gateway]


@pytest.fixture
def make_gateway(tmp_path: Path, spool_url: str, desk: RunningDesk) -> Iterator[Make]:
    """A gateway that is not started yet; arguments are `rules` and settings such as `desk__max_post`."""
    made: list[Gateway] = []

    def make(**settings: str) -> Gateway:
        gateway = Gateway(tmp_path, spool_url=spool_url, desk_url=desk.url, **settings)
        made.append(gateway)
        return gateway

    yield make
    for gateway in made:
        gateway.close()
        assert gateway.events("fault") == []
        assert "Traceback" not in gateway.logged.read_text()
        assert len(gateway.events("child.ended")) == gateway.deaths


@pytest.fixture
def gateway(make_gateway: Make, desk: RunningDesk) -> Gateway:
    """Started, with its desk open."""
    desk.open()
    gateway = make_gateway()
    gateway.start()
    return gateway
