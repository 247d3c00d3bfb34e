"""Durability is read back, and mistakes in the URL are said in words."""

import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.spool.engine import open_engine
from gateway.spool.errors import SpoolError
from gateway.spool.migrate import migrate


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("mysql://x/y", "SQLite or PostgreSQL"),
        ("nonsense", "not a database URL"),
    ],
)
def test_a_spool_that_could_lose_mail_is_refused(url: str, says: str) -> None:
    with pytest.raises(SpoolError, match=says):
        open_engine(url)


def test_sqlite_keeps_what_it_has_committed(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/new/folder/gateway.db")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    assert stat.S_IMODE((tmp_path / "new/folder").stat().st_mode) == 0o700
    engine.dispose()


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (
            "SELECT id FROM deliveries WHERE state = 'queued' AND head AND due_at <= 1 ORDER BY due_at, id LIMIT 5",
            "ix_deliveries_claimable",
        ),
        ("SELECT id FROM deliveries WHERE state = 'claimed' AND lease_until < 1", "ix_deliveries_claimed"),
        ("SELECT count(*) FROM deliveries WHERE state = 'held'", "ix_deliveries_held"),
        ("SELECT count(*) FROM deliveries WHERE state = 'queued'", "ix_deliveries_queued"),
        ("SELECT id FROM deliveries WHERE lane = 5", "ix_deliveries_lane"),
        ("SELECT id FROM deliveries WHERE fingerprint = x'00'", "uq_deliveries_fingerprint"),
    ],
)
def test_the_hot_statements_never_scan_the_spool(tmp_path: Path, statement: str, index: str) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/gateway.db")
    migrate(engine)
    with engine.connect() as connection:
        plan = " ".join(row[3] for row in connection.execute(sa.text(f"EXPLAIN QUERY PLAN {statement}")))
    engine.dispose()
    assert f"USING INDEX {index}" in plan or f"USING COVERING INDEX {index}" in plan
    assert "TEMP B-TREE" not in plan
