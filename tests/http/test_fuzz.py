"""Any request that the OpenAPI document allows, and many that it does not: no 5xx, and replies of the told shape."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable

from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import running_site


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site in a thread of its own, since schemathesis asks from a blocking one."""
    folder: Path = tmp_path_factory.mktemp("fuzz")
    found: list[str] = []
    up = threading.Event()

    async def serve(stop: asyncio.Event) -> None:
        async with running_site(folder / "data", ScriptedEngine(slots=8)) as running:
            found.append(running.url)
            up.set()
            await stop.wait()

    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(stop),))
    thread.start()
    assert up.wait(30)
    yield found[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(30)
    loop.close()


CHECKS = [
    schemathesis.checks.not_a_server_error,
    schemathesis.checks.response_schema_conformance,
    schemathesis.checks.status_code_conformance,
]


def test_no_request_makes_the_site_stumble(url: str) -> None:
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 10
    asked: Counter[int] = Counter()
    for operation, mode in product(operations, schemathesis.GenerationMode):

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(max_examples=15, derandomize=True, suppress_health_check=list(HealthCheck))
        def ask(case: schemathesis.Case) -> None:
            response = case.call(timeout=20)
            asked[response.status_code] += 1
            case.validate_response(response, checks=CHECKS)

        try:
            ask()
        except Unsatisfiable:
            assert mode is schemathesis.GenerationMode.NEGATIVE  # nothing about it can be wrong
    assert {200, 400, 404} <= set(asked), asked
