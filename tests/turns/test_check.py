"""A card held against the engine that is to run it: what is found, what is corrected, what is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from thinkwell.engines import checks
from thinkwell.engines.openai_http import OpenAIEngine
from thinkwell.engines.server import EngineTimeouts, ServerAddress
from thinkwell.errors import SetupError
from thinkwell.models.card import (
    Dialect,
    FieldsDialect,
    HarmonyDialect,
    PlainDialect,
    Switches,
    TagsDialect,
)
from thinkwell.models.catalogue import read_catalogue
from thinkwell.testing.scenario import STALLED_GATE, Scenario, Step, end, fault, say, think
from thinkwell.testing.site import scripted_card
from thinkwell.testing.upstream import Heeds, Kind, ScriptedUpstream
from thinkwell.turns.check import Checked, check_card

THINK = TagsDialect(open="<think>", close="</think>")
OPENED = msgspec.structs.replace(THINK, opened=True)
SEED = TagsDialect(open="<seed:think>", close="</seed:think>")
SWITCHES = Switches(on={"enable_thinking": True}, off={"enable_thinking": False})


def words(count: int) -> list[str]:
    return [f"step {n}, " for n in range(count)]


def scenario(*steps: Step) -> Scenario:
    return Scenario(name="made", about="Made by a test", steps=steps)


def field(thought: int = 60) -> Scenario:
    return scenario(*map(think, words(thought)), say("42"), end())


def tagged(open_tag: str, close_tag: str, thought: int = 60) -> Scenario:
    return scenario(say(open_tag), *map(say, words(thought)), say(close_tag), say("\n\n42"), end())


def channels(thought: int = 60) -> Scenario:
    first = "<|channel|>analysis<|message|>"
    last = "<|end|><|start|>assistant<|channel|>final<|message|>"
    return scenario(say(first), *map(say, words(thought)), say(last), say("42"), say("<|return|>"), end())


PLAIN = scenario(say("42"), end())


@asynccontextmanager
async def serving(
    play: Scenario | str, kind: Kind = "generic", *heeds: Heeds
) -> AsyncIterator[tuple[ScriptedUpstream, OpenAIEngine]]:
    upstream = ScriptedUpstream(play, kind=kind)
    upstream.heeds = frozenset(heeds)
    async with upstream:
        engine = OpenAIEngine("there", ServerAddress(url=upstream.url), EngineTimeouts(silent_s=0.5))
        await engine.start()
        try:
            yield upstream, engine
        finally:
            await engine.close()


async def check(engine: OpenAIEngine, dialect: Dialect, **card: object) -> Checked:
    catalogue = await asyncio.to_thread(read_catalogue)
    async with asyncio.timeout(20):
        return await check_card(scripted_card(dialect=dialect, **card), (engine,), catalogue)


@pytest.mark.parametrize(
    ("play", "dialect"),
    [
        (field(), FieldsDialect()),
        (tagged("<think>", "</think>"), THINK),
        (tagged("", "</think>"), OPENED),
        (tagged("<seed:think>", "</seed:think>"), SEED),
        (channels(), HarmonyDialect()),
        (PLAIN, PlainDialect()),
        (PLAIN, FieldsDialect()),
    ],
)
async def test_a_right_card_stays_as_it_is(play: Scenario, dialect: Dialect) -> None:
    async with serving(play) as (_, engine):
        checked = await check(engine, dialect)
    assert checked.card == scripted_card(dialect=dialect)
    assert "corrected" not in " ".join(checked.said)


@pytest.mark.parametrize("card", [FieldsDialect(), PlainDialect(), THINK, OPENED, SEED, HarmonyDialect()])
@pytest.mark.parametrize(
    ("play", "found"),
    [
        (field(), FieldsDialect()),
        (tagged("<think>", "</think>"), THINK),
        (tagged("", "</think>"), OPENED),
        (tagged("[THINK]", "[/THINK]"), TagsDialect(open="[THINK]", close="[/THINK]")),
        (channels(), HarmonyDialect()),
    ],
)
async def test_a_wrong_card_is_corrected(play: Scenario, found: Dialect, card: Dialect) -> None:
    async with serving(play) as (_, engine):
        checked = await check(engine, card)
    assert checked.card.dialect == found
    assert ("corrected" in checked.said[0]) == (found != card)


@pytest.mark.parametrize("card", [THINK, OPENED, HarmonyDialect()])
async def test_a_card_whose_thought_does_not_come_is_kept_with_a_warning(card: Dialect) -> None:
    async with serving(PLAIN) as (_, engine):
        checked = await check(engine, card)
    assert checked.card.dialect == card
    assert checked.said[0] == "No thought was seen, although the model card promises one; the card was kept."


async def test_an_answer_about_tags_is_no_thought() -> None:
    quoting = scenario(*map(say, ["In ", "HTML, ", "`<think>` ", "and `</think>` ", "are tags."]), end())
    async with serving(quoting) as (_, engine):
        checked = await check(engine, PlainDialect())
    assert checked.card.dialect == PlainDialect()


@pytest.mark.parametrize("kind", ["llama.cpp", "vllm", "sglang"])
async def test_a_budget_that_is_held_is_found_and_one_that_is_not_is_not_believed(kind: Kind) -> None:
    async with serving(field(), kind, "budget") as (upstream, engine):
        checked = await check(engine, FieldsDialect())
        assert engine.limits_thought
        assert "The engine ends a thought at its budget." in checked.said
        upstream.heeds = frozenset()
        checked = await check(engine, FieldsDialect())
        assert not engine.limits_thought
        assert "The engine does not hold a budget of thought; the site does." in checked.said


async def test_a_thought_too_short_to_tell_changes_nothing() -> None:
    async with serving(field(3), "vllm") as (_, engine):
        checked = await check(engine, FieldsDialect())
        assert engine.limits_thought
    assert not any("budget" in sentence for sentence in checked.said)


@pytest.mark.parametrize("heeds", [True, False])
async def test_a_switch_is_believed_where_it_works(heeds: bool) -> None:
    async with serving(field(), "vllm", *(("switch",) if heeds else ())) as (upstream, engine):
        checked = await check(engine, FieldsDialect(), switches=SWITCHES)
    assert checked.card.switches == (SWITCHES if heeds else msgspec.structs.replace(SWITCHES, off={}))
    assert upstream.asked[-1]["chat_template_kwargs"] == {"enable_thinking": False}
    assert len(upstream.asked) == 2


async def test_a_switch_of_a_model_with_tags_is_seen_by_the_tag_that_still_comes() -> None:
    async with serving(tagged("", "</think>"), "vllm") as (_, engine):
        checked = await check(engine, OPENED, switches=SWITCHES)
    assert not checked.card.switches.off


async def test_what_one_engine_cannot_do_is_not_believed_of_its_replicas() -> None:
    async with serving(field(), "vllm") as (_, first), serving(field(), "vllm", "budget") as (other, second):
        catalogue = await asyncio.to_thread(read_catalogue)
        await check_card(scripted_card(), (first, second), catalogue)
        assert (first.limits_thought, second.limits_thought) == (False, False)
        assert not other.asked, "only the first one is asked"


async def test_a_model_that_the_site_makes_think_is_asked_nothing() -> None:
    catalogue = await asyncio.to_thread(read_catalogue)
    async with serving(PLAIN) as (upstream, engine):
        checked = await check(engine, catalogue.default.dialect)
    assert not upstream.asked
    assert checked.said == ["This model has no thought of its own; the site makes it think."]


# ---- engines that mean ill, or are ill


@pytest.mark.parametrize(
    ("play", "told"),
    [
        ("garbage", "could not be read"),
        ("refuses", "the scripted upstream refuses"),
        ("too_long", "longer than the model can hold"),
        (scenario(say("a"), fault("garbage")), "could not be read"),
    ],
)
async def test_an_engine_that_answers_nothing_readable_is_the_operators_to_mend(
    play: Scenario | str, told: str
) -> None:
    async with serving(play) as (_, engine):
        with pytest.raises(SetupError, match=rf"does not answer a first question\. .*{told}") as caught:
            await check(engine, FieldsDialect())
    assert engine.url is not None and engine.url in caught.value.message


async def test_an_engine_that_stalls_or_dies_leaves_the_card_unchecked() -> None:
    for play in ("stalls_at_once", "dies_at_once"):
        async with serving(play) as (upstream, engine):
            checked = await check(engine, THINK)
            upstream.gates.release(STALLED_GATE)
        assert checked.card == scripted_card(dialect=THINK)
        assert checked.said[0].startswith("The model card was not checked: ")


async def test_an_endless_answer_is_left_after_some_tokens() -> None:
    async with serving(scenario(*map(say, words(3000)), end())) as (upstream, engine):
        checked = await check(engine, FieldsDialect())
        await upstream.gates.until(lambda: upstream.open == 0)
    assert upstream.asked[0]["max_tokens"] == 512
    assert checked.said == [
        "No thought was seen.",
        "The engine counts its tokens at the end only; until then pieces are counted.",
    ]


async def test_a_slow_engine_holds_nobody_up_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = scenario(*(think(word) for word in words(4)), Step(pause_s=60), say("42"), end())
    async with serving(slow, "vllm") as (_, engine):
        put = checks.put
        monkeypatch.setattr("thinkwell.turns.check.put", lambda e, q: put(e, q, within_s=0.3))
        checked = await check(engine, THINK)
    assert checked.card.dialect == FieldsDialect(), "what was heard by then was heard"
