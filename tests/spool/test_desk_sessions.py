"""Sessions on the desk are kept by node, on every engine, and an older spool gets the room for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import gateway.spool.migrate
from gateway.spool.engine import open_engine
from gateway.spool.migrate import migrate, revision
from gateway.spool.spool import Spool


@pytest.fixture
def spool(spool_url: str) -> Iterator[Spool]:
    spool = Spool(spool_url, node="one", clock=lambda: 1_800_000_000.5)
    spool.migrate()
    yield spool
    spool.close()


def test_a_session_is_kept_for_its_node_until_it_is_forgotten(spool: Spool) -> None:
    first = spool.keep_session("one", b"\x00\xffsealed").result(10)
    second = spool.keep_session("one", b"more").result(10)
    other = spool.keep_session("two", b"theirs").result(10)
    assert [(kept.id, kept.sealed, kept.opened_at) for kept in spool.sessions_of("one")] == [
        (first, b"\x00\xffsealed", 1_800_000_000.5),
        (second, b"more", 1_800_000_000.5),
    ]
    assert [kept.id for kept in spool.sessions_of("two")] == [other]
    for _ in range(2):
        spool.forget_session(first).result(10)
    assert [kept.id for kept in spool.sessions_of("one")] == [second]
    assert spool.sessions_of("three") == []


def test_a_row_s_number_is_never_given_again(spool: Spool) -> None:
    # Whoever forgets late must not forget the session of somebody else.
    first = spool.keep_session("one", b"x").result(10)
    spool.forget_session(first).result(10)
    assert spool.keep_session("one", b"y").result(10) > first


def test_a_session_is_not_shown_when_printed(spool: Spool) -> None:
    spool.keep_session("one", b"canary").result(10)
    assert "canary" not in repr(spool.sessions_of("one"))


def test_a_spool_of_the_first_release_is_brought_up_and_keeps_what_it_holds(spool_url: str) -> None:
    engine = open_engine(spool_url)
    config = Config()
    config.set_main_option("script_location", str(Path(gateway.spool.migrate.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(sa.text("INSERT INTO memory (key, value, changed_at) VALUES ('a', 'b', 1)"))
    assert revision(engine) == "0001"
    assert not sa.inspect(engine).has_table("desk_sessions")
    migrate(engine)
    engine.dispose()
    spool = Spool(spool_url, node="one")
    assert spool.recall("a") == "b"
    assert spool.keep_session("one", b"x").result(10) == 1
    spool.close()
