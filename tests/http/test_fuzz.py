"""Any request that the OpenAPI document allows, and many that it does not: no 5xx, and replies of the told shape."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import integers

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
    schemathesis.checks.content_type_conformance,
    schemathesis.checks.response_headers_conformance,
]
# As many where a turn is asked for; the other routes, of which there are many, get fewer.
EXAMPLES, FEWER = 12, 5
# Made-up bodies rarely ask what this site can answer. These do, at each door, and are made worse by the rest.
MESSAGES = [{"role": "user", "content": "x"}]
ASKS: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"model": "scripted", "messages": MESSAGES},
    "/v1/responses": {"model": "scripted", "input": "x"},
    "/v1/messages": {"model": "scripted", "messages": MESSAGES, "max_tokens": 9},
    "/v1/messages/count_tokens": {"model": "scripted", "messages": MESSAGES},
    "/v1/embeddings": {"model": "scripted", "input": "x"},
    "/api/turns": {"content": "x"},
}
STREAMS = {"/v1/chat/completions", "/v1/responses", "/v1/messages"}


Ask = Callable[[schemathesis.Case], None]


@pytest.mark.timeout(600)
def test_no_request_makes_the_site_stumble(url: str) -> None:
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    assert {operation.path for operation in operations} >= set(ASKS)
    statuses: Counter[int] = Counter()
    answered: Counter[str] = Counter()

    def ask(case: schemathesis.Case) -> None:
        response = case.call(timeout=20)
        statuses[response.status_code] += 1
        answered[case.operation.path] += response.status_code in (200, 201)
        case.validate_response(response, checks=CHECKS)

    for operation in operations:
        for mode in schemathesis.GenerationMode:
            ask_anything(operation, mode, ask)
        if operation.method.upper() == "POST" and (good := ASKS.get(operation.path)) is not None:
            ask(operation.Case(body=good, media_type="application/json"))
            if operation.path in STREAMS:
                ask(operation.Case(body=good | {"stream": True}, media_type="application/json"))
    assert {200, 201, 400, 404} <= set(statuses), statuses
    assert min(answered[path] for path in ASKS) >= 1, answered


def ask_anything(operation: Any, mode: schemathesis.GenerationMode, ask: Ask) -> None:
    """Bodies as the document allows them or as it does not, whole or one field of them in a good one."""
    good = ASKS.get(operation.path)

    @given(case=operation.as_strategy(generation_mode=mode), which=integers(0, 60))
    @settings(
        max_examples=FEWER if good is None else EXAMPLES,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    def ask_one(case: schemathesis.Case, which: int) -> None:
        if good is not None and isinstance(case.body, dict) and case.body:
            names = sorted(case.body.keys() - {"model"}) or ["model"]
            one = names[which % len(names)]
            case.body = case.body if which > 45 or one not in case.body else good | {one: case.body[one]}
        ask(case)

    try:
        ask_one()
    except Unsatisfiable:
        assert mode is schemathesis.GenerationMode.NEGATIVE  # nothing about it can be wrong
