"""The thought of a stored answer: read when it is wanted; and how much of it may be chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.http.test_web_door import ask, follow, read

from thinkwell.models.card import PlainDialect
from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import running_site, scripted_card

THOUGHT = "First, look.\n\nSo \u202e it is.\n"


async def get(client: aiohttp.ClientSession, path: str, status: int = 200) -> Any:
    async with client.get(path) as reply:
        assert reply.status == status, await reply.text()
        return await reply.json()


async def test_a_thought_is_sent_to_who_opens_it_and_not_with_the_conversation(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.play(saying("Four.", reasoning=(THOUGHT,)))
    asked = await ask(client)
    path = f"/api/conversations/{asked['conversation_id']}/messages"
    await follow(client, asked["turn_id"])
    assert await get(client, f"{path}/{asked['answer_id']}/thought") == {"thought": THOUGHT}
    assert (await get(client, f"{path}/{asked['question_id']}/thought", 404))["error"]["code"] == "not_found"
    [_, answer] = (await read(client, asked["conversation_id"]))["messages"]
    assert answer["has_thought"] and "reasoning" not in answer


async def test_an_answer_without_a_thought_says_so(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.play(saying("Four."))
    asked = await ask(client)
    await follow(client, asked["turn_id"])
    [_, answer] = (await read(client, asked["conversation_id"]))["messages"]
    assert not answer["has_thought"]
    path = f"/api/conversations/{asked['conversation_id']}/messages/{asked['answer_id']}/thought"
    await get(client, path, 404)


async def test_a_budget_in_tokens_bounds_the_thought_of_one_question(
    client: aiohttp.ClientSession, engine: ScriptedEngine
) -> None:
    engine.play(saying("Four.", reasoning=tuple("a long thought")))
    for body in ({}, {"temporary": True}):
        asked = await ask(client, budget=300, **body)
        *_, (_, end) = await follow(client, asked["turn_id"])
        assert end["receipt"]["thinking_budget"] == 300
        assert engine.asked[-1].thinking_budget == 300


@pytest.mark.parametrize("budget", [-1, 1_000_001, "many", 2.5])
async def test_a_budget_that_is_none_is_refused(client: aiohttp.ClientSession, budget: Any) -> None:
    async with client.post("/api/turns", json={"content": "?", "budget": budget}) as reply:
        assert reply.status == 400
        error = (await reply.json())["error"]
    assert (error["code"], error["param"]) == ("bad_request", "budget")


async def test_the_budgets_on_offer_end_at_what_the_tier_allows(data: Path, engine: ScriptedEngine) -> None:
    card = scripted_card(answer_tokens=2048, thought_tokens=512)
    for rules, offered in (
        ((), [256, 512, 1024, 2048]),
        (("tiers.visitor.most_thought=700",), [256, 512, 700]),
    ):
        async with (
            running_site(data, engine, card, rules) as running,
            aiohttp.ClientSession(running.url) as client,
        ):
            assert (await get(client, "/api/site"))["model"]["budgets"] == offered


async def test_no_budget_is_offered_where_the_model_does_not_think(
    data: Path, engine: ScriptedEngine
) -> None:
    async with (
        running_site(data, engine, scripted_card(dialect=PlainDialect())) as running,
        aiohttp.ClientSession(running.url) as client,
    ):
        assert (await get(client, "/api/site"))["model"]["budgets"] == []
