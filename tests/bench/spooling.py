"""The spool: group commit beside a commit each, and claims with many waiting beside claims with few."""

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from gateway.mail.envelope import Envelope
from gateway.mail.ids import ThreadIds
from gateway.spool.spool import Spool
from gateway.spool.states import Delivered

ENVELOPE = Envelope("a@b.example", ("support@desk.example",), "127.0.0.1", "", "", datetime.now(UTC))
_number = itertools.count()
RAW = b"x" * 5000


def _accept(spool: Spool, count: int, *, together: bool) -> None:
    futures = []
    for _ in range(count):
        number = next(_number)
        future = spool.accept(ENVELOPE, RAW + str(number).encode(), ThreadIds(f"{number}@x", (), ()))
        if together:
            futures.append(future)
        else:
            future.result()
    for future in futures:
        future.result()


def _claim(spool: Spool, count: int) -> None:
    for _ in range(count // 10):
        last = [spool.settle(claimed, Delivered()) for claimed in spool.claim(10, lease_seconds=600)][-1]
        last.result()


def rows() -> Iterator[tuple[str, str, Callable[[], object], Callable[[], object], float, str]]:
    folder = Path(tempfile.mkdtemp(prefix="gateway-bench-"))
    spools = {}
    for name, waiting in (("few", 2_000), ("many", 100_000)):
        spools[name] = Spool(f"sqlite:///{folder}/{name}.db", node="bench")
        spools[name].migrate()
        _accept(spools[name], waiting, together=True)
    few, many = spools["few"], spools["many"]
    try:
        yield (
            "accept 5 KB, group commit",
            "one commit each",
            lambda: _accept(few, 500, together=True),
            lambda: _accept(few, 500, together=False),
            500,
            "mails/s",
        )
        yield (
            "accept 5 KB, 100,000 waiting",
            "2,000 waiting",
            lambda: _accept(many, 500, together=True),
            lambda: _accept(few, 500, together=True),
            500,
            "mails/s",
        )
        yield (
            "claim and settle, 100,000 waiting",
            "2,000 waiting",
            lambda: _claim(many, 200),
            lambda: _claim(few, 200),
            200,
            "mails/s",
        )
    finally:
        for spool in spools.values():
            spool.close()
        shutil.rmtree(folder, ignore_errors=True)
