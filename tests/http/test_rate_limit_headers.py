"""What a client may still ask, in the headers of each dialect: of this caller, true also of a refusal; and
refusals of who asks too much, typed and with the time at every door, before anything is sent."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from tests.conftest import visitor
from tests.http.keyholders import QUESTION, make_key, new_member, signed_in, with_key
from tests.http.test_idempotency import ASKS

from thinkwell.admission.spent import Cap
from thinkwell.admission.tiers import window_at
from thinkwell.http.ratelimits import duration
from thinkwell.store.tables import entries
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site
from thinkwell.turns.run import now_us
from thinkwell.values.caller import Caller

HOURS = 8784
LONG = (f"tiers.member.window_hours={HOURS}", f"tiers.visitor.window_hours={HOURS}")
MESSAGE = QUESTION | {"max_tokens": 99}
DOORS = {"openai": ("/v1/chat/completions", QUESTION), "anthropic": ("/v1/messages", MESSAGE)}
STREAMS = {
    "chat": ("/v1/chat/completions", QUESTION),
    "chat streamed": ("/v1/chat/completions", QUESTION | {"stream": True}),
    "responses": ("/v1/responses", {"model": "scripted", "input": "x"}),
    "responses streamed": ("/v1/responses", {"model": "scripted", "input": "x", "stream": True}),
    "messages": ("/v1/messages", MESSAGE),
    "messages streamed": ("/v1/messages", MESSAGE | {"stream": True}),
}


class Told:
    """The limits in a reply's headers, in whichever dialect; None where one is not there."""

    def __init__(self, headers: Mapping[str, str], dialect: str) -> None:
        names = (
            "x-ratelimit-{part}-{what}" if dialect == "openai" else "anthropic-ratelimit-{what}-{part}"
        ).format
        found = {
            (what, part): headers.get(names(what=what, part=part))
            for what in ("requests", "tokens")
            for part in ("limit", "remaining", "reset")
        }
        self.requests, self.tokens = (
            tuple(
                None if (text := found[what, part]) is None else int(text) for part in ("limit", "remaining")
            )
            for what in ("requests", "tokens")
        )
        self.reset_s = self._seconds(found["tokens", "reset"], dialect)
        self.free_in_s = self._seconds(found["requests", "reset"], dialect)

    @staticmethod
    def _seconds(text: str | None, dialect: str) -> float | None:
        if text is None:
            return None
        if dialect == "openai":
            return seconds_of(text)
        return (datetime.fromisoformat(text) - datetime.now(UTC)).total_seconds()


def seconds_of(text: str) -> int:
    match = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(\d+)s", text)
    assert match is not None, text
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


def left_s() -> float:
    return (window_at(now_us(), HOURS)[1] - now_us()) / 1e6


async def ask(client: aiohttp.ClientSession, dialect: str, **more: Any) -> tuple[int, Told, Any]:
    path, body = DOORS[dialect]
    async with client.post(path, json=body | more) as reply:
        return reply.status, Told(reply.headers, dialect), await reply.json(content_type=None)


async def used(running: RunningSite) -> int:
    """Weighted tokens of all turns that are over."""
    await running.site.conductor.settled()
    of = entries.c
    prompt = func.sum(of.prompt_tokens - of.cached_tokens)
    whole = select(prompt + 2 * func.sum(of.reasoning_tokens + of.answer_tokens))
    return int(await running.site.database.read(lambda tx: tx.scalar(whole)) or 0)


@given(seconds=st.floats(0, 10**7))
def test_a_duration_is_no_shorter_than_it_is_and_less_than_a_second_longer(seconds: float) -> None:
    assert seconds_of(duration(seconds)) == math.ceil(seconds)


@pytest.mark.parametrize("dialect", DOORS)
async def test_of_a_caller_with_a_quota_its_tokens_are_told_and_when_they_begin_anew(
    data: Path, engine: ScriptedEngine, dialect: str
) -> None:
    settings = (*LONG, "tiers.member.tokens=5000", "tiers.member.most_live=3")
    async with running_site(data, engine, assignments=settings) as running:
        _, text = await make_key(running, await new_member(running))
        _, others = await make_key(running, await new_member(running, "max"))
        async with with_key(running, text) as client, with_key(running, others) as other:
            _, first, _ = await ask(client, dialect)
            assert first.tokens == (5000, 5000), "as it was when it was asked: nothing is set aside"
            assert first.requests == (3, 2), "it counts itself"
            spent = await used(running)
            _, second, _ = await ask(client, dialect)
            assert second.tokens == (5000, 5000 - spent)
            assert second.reset_s == pytest.approx(left_s(), abs=5)
            _, another, _ = await ask(other, dialect)
            assert another.tokens == (5000, 5000)


@pytest.mark.parametrize("dialect", DOORS)
async def test_where_the_tier_refuses_what_turns_in_flight_may_use_is_not_left(
    data: Path, engine: ScriptedEngine, dialect: str
) -> None:
    settings = (*LONG, "tiers.member.tokens=5000", "tiers.member.when_over=refuse")
    async with running_site(data, engine, assignments=settings) as running:
        _, text = await make_key(running, await new_member(running))
        async with with_key(running, text) as client:
            _, first, _ = await ask(client, dialect, max_tokens=100)
            assert first.tokens[1] is not None
            assert 5000 - 200 - 120 < first.tokens[1] < 5000 - 200


@pytest.mark.parametrize("dialect", DOORS)
async def test_of_a_visitor_without_one_no_tokens_are_told(
    running: RunningSite, client: aiohttp.ClientSession, dialect: str
) -> None:
    _, told, _ = await ask(client, dialect)
    places = running.site.settings.turns.max_live
    assert (told.requests, told.tokens, told.reset_s) == ((places, places - 1), (None, None), None)
    assert told.free_in_s is not None
    assert told.free_in_s <= 1


@pytest.mark.parametrize("dialect", DOORS)
async def test_of_several_bounds_the_one_with_least_left_is_told(
    data: Path, engine: ScriptedEngine, dialect: str
) -> None:
    async with running_site(data, engine, assignments=(*LONG, "tiers.member.tokens=5000")) as running:
        zoe = await new_member(running)
        _, plain = await make_key(running, zoe)
        _, small = await make_key(running, zoe, budget_tokens=2000)
        async with with_key(running, small) as client:
            _, told, _ = await ask(client, dialect, max_tokens=100)
            assert told.tokens[0] == 2000
            assert told.reset_s is None, "a key's budget never begins anew"
        async with (
            await signed_in(running, zoe) as browser,
            browser.put("/api/me/cap", json={"tokens": 1000}) as reply,
        ):
            assert reply.status == 200
        for text in (plain, small):
            async with with_key(running, text) as client:
                _, told, _ = await ask(client, dialect, max_tokens=100)
                assert told.tokens[0] == 1000
                assert told.reset_s == pytest.approx(left_s(), abs=5)


@pytest.mark.parametrize("dialect", DOORS)
async def test_before_the_book_was_asked_a_refusal_tells_no_tokens(
    data: Path, engine: ScriptedEngine, dialect: str
) -> None:
    """After a restart, nobody knows yet what was used: to say that all is left would not be true."""
    settings = (*LONG, "tiers.member.tokens=5000")
    async with running_site(data, engine, assignments=settings) as running:
        _, text = await make_key(running, await new_member(running))
        async with with_key(running, text) as client:
            assert (await ask(client, dialect))[0] == 200
        spent = await used(running)
    again = ScriptedEngine()
    async with running_site(data, again, assignments=settings) as running, with_key(running, text) as client:
        status, told, _ = await ask(client, dialect, model="another")
        assert (status, told.tokens) == (404, (None, None))
        assert told.requests[0] is not None
        _, told, _ = await ask(client, dialect)
        assert told.tokens == (5000, 5000 - spent)
        status, told, _ = await ask(client, dialect, model="another")
        assert (status, told.tokens[0]) == (404, 5000)


# -- refusals ----------------------------------------------------------------------------------------

REFUSES = (*LONG, "tiers.member.when_over=refuse", "tiers.member.tokens=2000")


@pytest.mark.parametrize("name", ASKS)
async def test_a_used_up_quota_is_refused_at_every_door_before_a_word_with_the_time(
    data: Path, engine: ScriptedEngine, name: str
) -> None:
    path, body = ASKS[name]
    async with running_site(data, engine, assignments=REFUSES) as running:
        zoe = await new_member(running)
        _, text = await make_key(running, zoe)
        async with await signed_in(running, zoe) as browser, with_key(running, text) as api:
            client = browser if name == "page" else api
            # As if all had been used: what it takes to get there is tested elsewhere.
            await running.site.quotas.left(_caller(zoe.id))
            running.site.quotas.used(_caller(zoe.id), 2000, 0, 0)
            async with client.post(path, json=body) as reply:
                assert reply.status == 429
                assert reply.content_type == "application/json"
                problem, headers = await reply.json(), reply.headers
    told = problem.get("thinkwell") or problem["error"]
    assert told["code"] == "over_quota"
    assert re.search(
        r"Your quota, 2,000 tokens, is used up\. It begins anew at \d{4}-\d\d-\d\d \d\d:00 UTC\.",
        problem["error"]["message"],
    )
    assert int(headers["retry-after"]) == pytest.approx(left_s(), abs=5)
    if path == "/v1/messages":
        assert problem["error"]["type"] == "rate_limit_error"
        assert Told(headers, "anthropic").tokens == (2000, 0)
    elif path.startswith("/v1/"):
        assert problem["error"]["type"] == "rate_limit_error"
        assert Told(headers, "openai").tokens == (2000, 0)
    assert engine.asked == []


def _caller(account_id: str) -> Caller:
    return Caller(kind="member", id=account_id, person=account_id, tier="member")


@pytest.mark.parametrize("name", STREAMS)
async def test_what_was_asked_before_is_told_again_when_the_quota_is_used_up(
    data: Path, engine: ScriptedEngine, name: str
) -> None:
    """Under its idempotency key; and what was refused is not remembered under its own."""
    path, body = STREAMS[name]
    async with running_site(data, engine, assignments=REFUSES) as running:
        zoe = await new_member(running)
        _, text = await make_key(running, zoe)
        async with with_key(running, text) as client:

            async def send(key: str) -> tuple[int, bytes]:
                async with client.post(path, json=body, headers={"Idempotency-Key": key}) as reply:
                    return reply.status, await reply.read()

            first = await send("a")
            assert first[0] == 200
            await running.site.conductor.settled()
            running.site.quotas.used(_caller(zoe.id), 2000, 0, 0)
            assert (await send("b"))[0] == 429
            assert await send("a") == first
            running.site.quotas.used(_caller(zoe.id), -2000, 0, 0)
            assert (await send("b"))[0] == 200
    assert len(engine.asked) == 2


@pytest.mark.parametrize("name", STREAMS)
async def test_a_keys_budget_that_is_spent_is_refused_without_a_time(
    running: RunningSite, engine: ScriptedEngine, name: str
) -> None:
    path, body = STREAMS[name]
    _, text = await make_key(running, await new_member(running), budget_tokens=0)
    async with with_key(running, text) as client, client.post(path, json=body) as reply:
        problem = await reply.json()
        assert reply.status == 429
        assert "retry-after" not in reply.headers
    assert (problem.get("thinkwell") or problem["error"])["code"] == "budget_spent"
    assert engine.asked == []


@pytest.mark.parametrize("name", STREAMS)
async def test_who_has_as_many_questions_as_one_may_is_told_when_a_place_may_be_free(
    data: Path, engine: ScriptedEngine, name: str
) -> None:
    path, body = STREAMS[name]
    async with running_site(data, engine, assignments=("tiers.member.most_live=1",)) as running:
        _, text = await make_key(running, await new_member(running))
        async with with_key(running, text) as client, visitor(running.url) as other:
            engine.gates.hold("0")
            first = asyncio.ensure_future(ask(client, "openai"))
            await engine.gates.reached("0")
            async with client.post(path, json=body) as reply:
                problem = await reply.json()
                assert reply.status == 429
                after_s = int(reply.headers["retry-after"])
                told = Told(reply.headers, "anthropic" if path == "/v1/messages" else "openai")
            assert (problem.get("thinkwell") or problem["error"])["code"] == "too_many_at_once"
            assert told.requests == (1, 0)
            assert told.free_in_s == pytest.approx(after_s, abs=2)
            engine.gates.release("0")
            assert (await first)[0] == 200
            assert (await ask(other, "openai"))[0] == 200


async def test_an_answer_is_cut_to_what_a_cap_leaves_and_says_that_it_was(
    running: RunningSite, engine: ScriptedEngine
) -> None:
    zoe = await new_member(running)
    _, text = await make_key(running, zoe)
    await running.site.quotas.left(_caller(zoe.id))
    running.site.quotas.capped(zoe.id, Cap(tokens=200))
    async with with_key(running, text) as client:
        assert (await ask(client, "openai"))[0] == 200
    [asked] = engine.asked
    assert asked.max_tokens is not None
    assert 64 <= asked.max_tokens < 100
