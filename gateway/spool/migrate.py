"""An engine in; its tables brought to the revision this release works with."""

from pathlib import Path

import sqlalchemy as sa

from gateway.spool.errors import SpoolError

#: The revision this release works with.
HEAD = "0003"
_LOCK = 0x67617465  # any number that no other program on the database server uses for the same end


def revision(engine: sa.Engine) -> str | None:
    """The revision the tables are at, or None for an empty database."""
    if not sa.inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        number: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return number


def migrate(engine: sa.Engine) -> None:
    """Apply the missing revisions. Raises SpoolError where a newer release has written the tables."""
    present = revision(engine)
    if present == HEAD:
        return
    if present is not None and present > HEAD:
        raise SpoolError(
            f"the spool is at revision {present}, newer than this release knows ({HEAD}); install the newer release"
        )
    # Imported here because it costs most of a second, and most starts have nothing to migrate.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
