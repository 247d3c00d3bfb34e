"""URL in, engine out: durable settings are set, read back, and refused where they do not hold."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from gateway.spool.errors import SpoolError, SpoolFull, SpoolUnavailable

#: How long a writer waits for another process's transaction, in seconds.
_BUSY_SECONDS = 10


def sqlite_file(url: str) -> Path | None:
    """The database file of a SQLite URL, or None for another engine."""
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError:
        return None
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def open_engine(url: str, *, look: bool = False) -> sa.Engine:
    """An engine whose every connection keeps what it has committed through a power cut; `look` makes no folder.

    Raises SpoolError where the URL names another engine or no file, SpoolUnavailable where the database refuses.
    """
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError as error:
        raise SpoolError(
            "GATEWAY_SPOOL__URL is not a database URL; write sqlite:///spool/gateway.db or postgresql+psycopg://…"
        ) from error
    match parsed.get_backend_name():
        case "sqlite":
            return _open_sqlite(parsed, look=look)
        case "postgresql":
            return _open_postgresql(parsed)
        case other:
            raise SpoolError(f"GATEWAY_SPOOL__URL names {other}; the spool lives in SQLite or PostgreSQL")


def _open_sqlite(url: URL, *, look: bool) -> sa.Engine:
    if not url.database or url.database == ":memory:":
        raise SpoolError("GATEWAY_SPOOL__URL names no file; mail kept in memory would be lost with the process")
    folder = Path(url.database).absolute().parent
    if not look and not folder.exists():
        try:
            folder.mkdir(mode=0o700, parents=True)
        except OSError as error:
            raise SpoolUnavailable(f"the folder {folder} cannot be made: {error.strerror}") from error
    engine = sa.create_engine(
        url, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False}, pool_size=8, max_overflow=8
    )

    @sa.event.listens_for(engine, "connect")
    def set_durable(connection: Any, _record: object) -> None:
        # The driver must not begin transactions by itself: ours begin IMMEDIATE, below.
        connection.isolation_level = None
        cursor = connection.cursor()
        journal = cursor.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        cursor.execute("PRAGMA synchronous=FULL")
        synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
        # Without it raw mail that was purged would stay readable in free pages.
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()
        # Builds differ in their defaults (SQLITE_DEFAULT_WAL_SYNCHRONOUS): only what is read back counts.
        if journal != "wal" or synchronous != 2:
            raise SpoolError(
                f"{url.database}: SQLite answers journal_mode={journal} synchronous={synchronous} where wal and 2 were "
                "asked for; move the spool to a local disk"
            )

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A transaction that reads first and writes later would fail at once where another has written meanwhile.
        connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("reading") else "BEGIN IMMEDIATE")

    return engine


def _open_postgresql(url: URL) -> sa.Engine:
    engine = sa.create_engine(
        url, pool_size=8, max_overflow=8, pool_pre_ping=True, connect_args={"connect_timeout": 10}
    )

    @sa.event.listens_for(engine, "connect")
    def read_back(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = 'on'")
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                cursor.execute(f"SHOW {setting}")
                value = cursor.fetchone()[0]
                if value == "off":
                    raise SpoolError(
                        f"PostgreSQL runs with {setting} = off and would lose mail in a power cut; switch it on"
                    )
        connection.commit()

    return engine


def failure(error: BaseException) -> SpoolUnavailable | SpoolFull:
    """What a database error means for whoever wanted to use the spool."""
    text = str(error.orig).strip() if isinstance(error, sa.exc.DBAPIError) else type(error).__name__
    if full(error):
        return SpoolFull(f"no room is left for the spool: {text}; make room on its disk")
    return SpoolUnavailable(f"the spool cannot be used: {text}")


def full(error: BaseException) -> bool:
    """Whether there is no room left on the disk: nothing was written, and what was there is unharmed."""
    if not isinstance(error, sa.exc.DBAPIError):
        return False
    # PostgreSQL's SQLSTATE 53100 is disk_full.
    return (
        getattr(error.orig, "sqlite_errorname", "") == "SQLITE_FULL" or getattr(error.orig, "sqlstate", "") == "53100"
    )
