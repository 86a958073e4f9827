"""Shared by all tests: no blocking call in the event loop, and a site around a scripted engine."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from blockbuster import BlockBuster, blockbuster_ctx
from hypothesis import HealthCheck, settings

from thinkwell.store.database import FILE_NAME, open_database
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site

# A slow machine is no error of the code: no example has a deadline.
settings.register_profile("thinkwell", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("thinkwell")


@pytest.fixture(autouse=True)
def no_blocking_calls() -> Iterator[BlockBuster]:
    """A blocking call of ours in the event loop is an error."""
    with blockbuster_ctx("thinkwell") as blocker:
        for function in ("io.BufferedReader.read", "io.TextIOWrapper.read", "os.stat"):
            if function in blocker.functions:  # the fakes' own data file, which no site reads
                blocker.functions[function].can_block_in("thinkwell/testing/scenarios.py", {"load_scenarios"})
        yield blocker


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database, made once: migrations take longer than most tests."""
    folder = tmp_path_factory.mktemp("database")
    asyncio.run(_make_database(folder))
    return folder / FILE_NAME


async def _make_database(folder: Path) -> None:
    database = await open_database(folder)
    await database.close()


@pytest.fixture
def data(tmp_path: Path, new_database: Path) -> Path:
    """The data folder of a site that was started before."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(new_database, folder)
    return folder


@pytest.fixture
async def running(data: Path, engine: ScriptedEngine) -> AsyncIterator[RunningSite]:
    async with running_site(data, engine) as site:
        yield site


@pytest.fixture
async def client(running: RunningSite) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser's session, more or less: it keeps the visitor cookie."""
    async with visitor(running.url) as session:
        yield session


def visitor(url: str) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(url, cookie_jar=aiohttp.CookieJar(unsafe=True))
