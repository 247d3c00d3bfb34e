"""A full disk refuses mail for now, harms nothing, and needs no restart."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.mail.envelope import Envelope
from gateway.mail.ids import ThreadIds
from gateway.spool.errors import SpoolFull
from gateway.spool.spool import Spool

ENVELOPE = Envelope("ann@customer.example", ("support@desk.example",), "127.0.0.1", "", "", datetime.now(UTC))


def test_a_full_disk_is_no_broken_one(tmp_path: Path) -> None:
    spool = Spool(f"sqlite:///{tmp_path}/gateway.db", node="one")
    spool.migrate()

    def limit(pages: int) -> None:
        # SQLite then says what it says of a full disk (SQLITE_FULL), and the next commit uses the same connection.
        spool._writer.submit(lambda connection: connection.execute(sa.text(f"PRAGMA max_page_count={pages}"))).result(
            10
        )

    spool.accept(ENVELOPE, b"before", ThreadIds("a@x", (), ())).result(10)
    limit(1)
    with pytest.raises(SpoolFull, match="make room"):
        spool.accept(ENVELOPE, b"x" * 2_000_000, ThreadIds("b@x", (), ())).result(10)
    assert not spool.suspect.done()
    limit(1_000_000)
    spool.accept(ENVELOPE, b"x" * 2_000_000, ThreadIds("b@x", (), ())).result(10)
    assert [each.message_id for each in spool.list()] == ["b@x", "a@x"]
    spool.close()
