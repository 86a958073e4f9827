"""A whole site over the real engine, with a model whose template opens a thought: budgets, answer now, think on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from thinking_template import thinking_template

from thinkwell.engines.base import RunningPass
from thinkwell.engines.embedded.process import EmbeddedModel
from thinkwell.engines.embedded.supervisor import EmbeddedEngine
from thinkwell.models.card import ModelCard, Switches, TagsDialect
from thinkwell.models.catalogue import read_catalogue
from thinkwell.testing.site import RunningSite, running_site
from thinkwell.turns.live import LiveTurn
from thinkwell.values.caller import Caller
from thinkwell.values.engine import EnginePass, Sampling
from thinkwell.values.event import AnswerDelta, Finished, Lengthened, ReasoningDelta, ThoughtEnded
from thinkwell.values.message import Message
from thinkwell.values.thinking import Thinking
from thinkwell.values.turn import TurnRequest

pytestmark = pytest.mark.live

CARD = msgspec.structs.replace(
    read_catalogue().default,
    dialect=TagsDialect(open="<think>", close="</think>", opened=True),
    switches=Switches(on={"enable_thinking": True}, off={"enable_thinking": False}),
    thought_tokens=200,
    answer_tokens=40,
    temperature=0.0,
    continues=True,
)


class Site:
    """``asked`` are the passes that the engine ran."""

    def __init__(self, running: RunningSite, asked: list[EnginePass]) -> None:
        self.asked = asked
        self._site = running.site

    async def begin(self, number: int = 0, **more: object) -> LiveTurn:
        request = TurnRequest(
            id=f"turn_{number}",
            caller=Caller(kind="visitor", id="v", person="v"),
            model=CARD.name,
            messages=(Message("user", "Write a long story about a well."),),
            sampling=Sampling(temperature=0.0),
            **more,
        )
        return await self._site.conductor.begin(self._site.tasks, request)

    async def answer_now(self, live: LiveTurn) -> None:
        await self._site.conductor.answer_now(live)

    def think_on(self, live: LiveTurn) -> None:
        self._site.conductor.think_on(live)


@asynccontextmanager
async def site(
    model_file: Path, data: Path, card: ModelCard = CARD, *, checked: bool = True
) -> AsyncIterator[Site]:
    model = EmbeddedModel(
        path=model_file,
        alias="small",
        slots=1,
        context=2048,
        threads=1,
        prompt_threads=1,
        template=thinking_template(opens=True),
    )
    engine = EmbeddedEngine(model)
    asked: list[EnginePass] = []
    begin = engine.begin

    def noted(wanted: EnginePass) -> RunningPass:
        asked.append(wanted)
        return begin(wanted)

    engine.begin = noted  # type: ignore[method-assign]
    async with running_site(data, engine, card) as running, asyncio.timeout(100):
        await engine.ready()
        engine.found(limits_thought=True, least_budget=int(checked))
        yield Site(running, asked)


async def told(live: LiveTurn) -> tuple[Finished, str, str]:
    end = await live.over()
    assert isinstance(end, Finished), end
    events = live.log.since(0)
    thought = "".join(event.text for event in events if isinstance(event, ReasoningDelta))
    answer = "".join(event.text for event in events if isinstance(event, AnswerDelta))
    return end, thought, answer


async def until(live: LiveTurn, condition: Callable[[LiveTurn], bool]) -> None:
    changed = asyncio.Event()
    live.log.follow(changed.set)
    while not condition(live):
        changed.clear()
        await changed.wait()


def thinking_tokens(live: LiveTurn) -> int:
    return sum(event.tokens for event in live.log.since(0) if isinstance(event, ReasoningDelta))


async def test_a_budget_is_exact_and_held_by_the_engine_in_one_pass(model_file: Path, data: Path) -> None:
    async with site(model_file, data) as it:
        for number, budget in enumerate((1, 8, 50, 100)):
            it.asked.clear()
            live = await it.begin(number, thinking=Thinking(budget=budget), max_tokens=budget + 40)
            end, thought, answer = await told(live)
            usage = end.receipt.usage
            assert budget - 2 <= usage.reasoning <= budget + budget // 100
            assert usage.generated <= budget + 40
            assert len(it.asked) == 1, "the engine held it"
            assert answer and not answer.lstrip().startswith(("<", "think", ">"))
            assert "think>" not in thought
            assert end.receipt.thinking_budget == budget
            if budget > 1:
                assert end.receipt.thought_ended == "budget"


async def test_no_thought_is_none(model_file: Path, data: Path) -> None:
    """By the switch; and by the budget alone where a model has none."""
    without = msgspec.structs.replace(CARD, switches=Switches())
    for card in (CARD, without):
        async with site(model_file, data, card) as it:
            end, thought, answer = await told(await it.begin(thinking=Thinking(budget=0), max_tokens=30))
        assert (end.receipt.usage.reasoning, thought) == (0, "")
        assert answer and "think>" not in answer


async def test_answer_now_ends_the_thought_within_the_pass(model_file: Path, data: Path) -> None:
    async with site(model_file, data) as it:
        live = await it.begin(max_tokens=160)
        await until(live, lambda live: thinking_tokens(live) >= 12)
        at = thinking_tokens(live)
        await it.answer_now(live)
        end, thought, answer = await told(live)
        assert len(it.asked) == 1, "the engine ended it"
        assert end.receipt.usage.reasoning <= at + 20
        assert end.receipt.thought_ended == "person"
        assert ThoughtEnded("person") in live.log.since(0)
        assert thought and answer and "think>" not in thought


async def test_think_on_asks_anew_and_goes_on(model_file: Path, data: Path) -> None:
    async with site(model_file, data) as it:
        live = await it.begin(thinking=Thinking(effort="low"), max_tokens=170)
        await until(live, lambda live: thinking_tokens(live) >= 20)
        it.think_on(live)
        end, thought, _ = await told(live)
        events = live.log.since(0)
        assert any(isinstance(event, Lengthened) for event in events)
        assert end.receipt.usage.reasoning > 60, "over what the effort allows"
        assert [one.continue_last for one in it.asked[:2]] == [False, True]
        assert "think>" not in thought
        assert end.receipt.usage.generated <= 170


async def test_a_turn_that_thinks_on_stays_within_the_budget_that_was_asked_for(
    model_file: Path, data: Path
) -> None:
    """Also where the engine cannot be told, for it counts what was begun differently."""
    async with site(model_file, data) as it:
        live = await it.begin(thinking=Thinking(budget=60), max_tokens=100)
        await until(live, lambda live: thinking_tokens(live) >= 20)
        assert live.running is not None
        live.running.close()  # as if its machine had been lost
        end, thought, answer = await told(live)
        assert 58 <= end.receipt.usage.reasoning <= 60
        assert answer and "think>" not in thought
