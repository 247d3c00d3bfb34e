"""A rig for each test, once for each dialect of the desk."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.desk.server import SandboxDesk
from gateway.spool.spool import Spool
from support.rig import Clock, Rig


@pytest.fixture(params=["page", "classic"])
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    clock = Clock()
    sandbox = SandboxDesk(dialect=request.param, clock=clock)
    spool = Spool(f"sqlite:///{tmp_path}/gateway.db", node="one", clock=clock)
    spool.migrate()
    async with sandbox.running() as url:
        rig = Rig(spool, sandbox, url, clock)
        rig.start()
        yield rig
        await rig.aclose()
    assert sandbox.violations == []
    sandbox.close()
