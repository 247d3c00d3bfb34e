"""The revisions make the tables this release works with, and refuse what a newer one has made."""

import warnings

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gateway.spool.engine import open_engine
from gateway.spool.errors import SpoolError
from gateway.spool.migrate import HEAD, migrate, revision
from gateway.spool.tables import metadata


def test_the_revisions_make_exactly_the_tables_of_this_release(spool_url: str) -> None:
    engine = open_engine(spool_url)
    assert revision(engine) is None
    migrate(engine)
    migrate(engine)
    assert revision(engine) == HEAD
    with engine.connect() as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_tables_of_a_newer_release_are_refused(spool_url: str) -> None:
    engine = open_engine(spool_url)
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SpoolError, match="newer"):
        migrate(engine)
    engine.dispose()
