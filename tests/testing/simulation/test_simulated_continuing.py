"""What the simulated engine was broken off in, it continues as a Thinker asks it to: thought and answer."""

from __future__ import annotations

from contextlib import aclosing

import pytest

from thinkwell.engines.openai_http import OpenAIEngine
from thinkwell.engines.server import ServerAddress
from thinkwell.engines.streams import stream
from thinkwell.models.card import Dialect, FieldsDialect, ModelCard, TagsDialect
from thinkwell.reasoning.thinkers import thinker_for
from thinkwell.testing.simulation.server import Options, SimulatedServer
from thinkwell.values.caller import Caller
from thinkwell.values.event import ReasoningDelta
from thinkwell.values.message import Message
from thinkwell.values.turn import TurnRequest

FIELDS = FieldsDialect()
TAGS = TagsDialect(open="<think>", close="</think>")
TOKENS = 30 + 20


class Said:
    thought = ""
    answer = ""
    tokens = 0


async def say(
    dialect: Dialect,
    cuts: tuple[int, ...],
    *,
    shorten_at: int | None = None,
    asked: str = "think=30 answer=20",
) -> Said:
    """``cuts`` are tokens after which the first passes are broken off; ``shorten_at`` ends the thought."""
    card = ModelCard(
        name="simulated", title="S", licence="MIT", context=4096, dialect=dialect, continues=True
    )
    tags = " tags" if isinstance(dialect, TagsDialect) else ""
    question = TurnRequest(
        id="t",
        caller=Caller(kind="visitor", id="v", person="v"),
        model="simulated",
        messages=(Message("user", f"Tell me. [[{asked}{tags}]]"),),
    )
    thinker = thinker_for(card, question, None)
    said, left = Said(), iter(cuts)
    async with SimulatedServer(Options(profile="instant", slots=1)) as server:
        engine = OpenAIEngine("sim", ServerAddress(url=server.url))
        await engine.start()
        while (wanted := thinker.next_pass()) is not None:
            until = next(left, None)
            begun = thinker.generated
            async with aclosing(stream(engine, wanted)) as deltas:
                async for delta in deltas:
                    for event in thinker.feed(delta):
                        if isinstance(event, ReasoningDelta):
                            said.thought += event.text
                        else:
                            said.answer += event.text
                    if thinker.generated == shorten_at:
                        thinker.shorten(0)
                    if thinker.wants_cut:
                        break
                    if until is not None and thinker.generated - begun >= until and delta.finish is None:
                        thinker.break_off()
                        break
        await engine.close()
    said.tokens = thinker.generated
    return said


@pytest.mark.parametrize("dialect", [FIELDS, TAGS])
@pytest.mark.parametrize("cuts", [(1,), (7,), (29,), (30,), (31,), (40,), (5, 5, 5, 20, 5, 3), (0, 12)])
async def test_a_reply_broken_off_anywhere_is_continued_word_for_word(
    dialect: Dialect, cuts: tuple[int, ...]
) -> None:
    whole, broken = await say(dialect, ()), await say(dialect, cuts)
    assert whole.tokens == TOKENS
    assert (broken.thought, broken.answer) == (whole.thought, whole.answer)
    again = 1 if dialect is TAGS and cuts[0] < 2 else 0  # nothing was said but the open tag
    assert broken.tokens == TOKENS + again


@pytest.mark.parametrize("dialect", [FIELDS, TAGS])
async def test_a_thought_that_is_ended_early_leads_to_the_whole_answer(dialect: Dialect) -> None:
    whole, short = await say(dialect, ()), await say(dialect, (), shorten_at=11)
    assert whole.thought.startswith(short.thought) and len(short.thought) < len(whole.thought)
    assert short.answer == whole.answer
    assert short.tokens == 11 + 20
