"""Keys in the headers of a request: the same verdict at every API door, and two that differ are refused."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from thinkwell.testing.scripted_engine import ScriptedEngine

QUESTION = {"model": "scripted", "messages": [{"role": "user", "content": "Hi"}]}
DOORS: list[tuple[str, str, Any]] = [
    ("POST", "/v1/chat/completions", QUESTION),
    ("POST", "/v1/messages", QUESTION | {"max_tokens": 9}),
    ("POST", "/v1/messages/count_tokens", QUESTION),
    ("GET", "/v1/models", None),
    ("GET", "/v1/models/scripted", None),
]
REFUSED: dict[str, list[tuple[str, str]]] = {
    "ours in one": [("authorization", "Bearer tw_forged")],
    "ours in the other": [("x-api-key", "tw_forged")],
    "ours with another spelling of the scheme": [("authorization", "bearer  tw_forged")],
    "ours without a scheme": [("authorization", "tw_forged")],
    "ours twice": [("authorization", "Bearer tw_forged"), ("x-api-key", "tw_forged")],
    "ours and another's": [("authorization", "Bearer tw_forged"), ("x-api-key", "none")],
    "another's and ours": [("authorization", "Bearer none"), ("x-api-key", "tw_forged")],
    "two of others": [("authorization", "Bearer one"), ("x-api-key", "two")],
    "one header twice": [("x-api-key", "one"), ("x-api-key", "two")],
    "the other twice": [("authorization", "Bearer one"), ("authorization", "Bearer tw_forged")],
}
TAKEN: dict[str, list[tuple[str, str]]] = {
    "none": [],
    "another's": [("authorization", "Bearer sk-anything")],
    "the same twice": [("authorization", "Bearer none"), ("x-api-key", "none")],
    "the same in one header": [("x-api-key", "none"), ("x-api-key", "none")],
    "an empty one": [("authorization", "Bearer "), ("x-api-key", "one")],
    "a proxy's own sign-in": [("authorization", "Basic dHdfOnR3Xw=="), ("x-api-key", "one")],
}


@pytest.mark.parametrize("headers", REFUSED.values(), ids=REFUSED.keys())
async def test_a_key_that_does_not_hold_or_is_not_clear_is_refused_at_every_door(
    client: aiohttp.ClientSession, engine: ScriptedEngine, headers: list[tuple[str, str]]
) -> None:
    for method, path, body in DOORS:
        async with client.request(method, path, json=body, headers=headers) as reply:
            assert reply.status == 401, path
            assert (await reply.json())["error"]["type"] == "authentication_error"
    assert engine.asked == []


@pytest.mark.parametrize("headers", TAKEN.values(), ids=TAKEN.keys())
async def test_any_other_key_is_as_good_as_none_at_every_door(
    client: aiohttp.ClientSession, headers: list[tuple[str, str]]
) -> None:
    for method, path, body in DOORS:
        async with client.request(method, path, json=body, headers=headers) as reply:
            assert reply.status == 200, path
