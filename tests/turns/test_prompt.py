"""Fitting a conversation into the context: the longest that fits, and few questions to the tokenizer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.admission.limits import LEAST_ROOM_TO_ANSWER
from thinkwell.errors import PromptTooLong
from thinkwell.scheduling.null import UnlimitedLine
from thinkwell.scheduling.pool import PoolSchedule
from thinkwell.scheduling.predict import Predictor
from thinkwell.scheduling.replica import Replica
from thinkwell.scheduling.replicas import Router
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import scripted_card
from thinkwell.turns.dispatcher import Dispatcher
from thinkwell.turns.pool import Pool
from thinkwell.turns.prompt import PLENTY_OF_ROOM, Fitted, fit
from thinkwell.values.caller import Caller
from thinkwell.values.engine import EnginePass
from thinkwell.values.message import Message
from thinkwell.values.turn import TurnRequest

CALLER = Caller(kind="visitor", id="v", person="v")


class Counting(ScriptedEngine):
    """Counts how often it is asked to count; ``tells`` False: it cannot."""

    def __init__(self, context: int, *, tells: bool = True) -> None:
        super().__init__(context=context)
        self.counted = 0
        self.tells = tells

    async def count_prompt(self, wanted: EnginePass) -> int | None:
        self.counted += 1
        return await super().count_prompt(wanted) if self.tells else None


def pool_of(engine: ScriptedEngine) -> Pool:
    schedule = PoolSchedule(
        lambda cost: UnlimitedLine(),
        [Replica(engine.name, 1, None)],
        Router([engine.name], cache_blocks=1, block_tokens=1),
        Predictor(first_guess=1),
        None,
    )
    return Pool(scripted_card(), (engine,), Dispatcher(schedule, [engine], 1.0))


def conversation(*lengths: int) -> tuple[Message, ...]:
    """A system message, exchanges of so many bytes each, a question."""
    said = [Message("system", "s")]
    for length in lengths:
        said += [Message("user", "q" * length), Message("assistant", "a" * length)]
    return (*said, Message("user", "and now?"))


async def fitted(
    messages: tuple[Message, ...], engine: ScriptedEngine, *, may_leave_out: bool = True
) -> Fitted:
    request = TurnRequest(id="t", caller=CALLER, model="m", messages=messages, may_leave_out=may_leave_out)
    return await fit(request, pool_of(engine))


async def test_a_short_conversation_needs_no_tokenizer() -> None:
    engine = Counting(4096)
    messages = conversation(100, 100)
    found = await fitted(messages, engine)
    assert found.messages == messages and found.left_out == 0
    assert engine.counted == 0


async def test_of_a_thousand_exchanges_the_oldest_go_and_few_questions_are_asked() -> None:
    engine = Counting(4096)
    messages = conversation(*[40] * 1000)
    found = await fitted(messages, engine)
    assert engine.counted <= 12
    assert found.messages[0].role == "system"
    assert found.messages[1:] == messages[found.left_out + 1 :]
    left = await engine.count_prompt(EnginePass(messages=found.messages))
    more = await engine.count_prompt(EnginePass(messages=messages[found.left_out - 1 :]))
    assert left is not None and 4096 - left >= PLENTY_OF_ROOM
    assert more is not None and 4096 - more < PLENTY_OF_ROOM  # one exchange more would not fit
    assert found.room == 4096 - left


async def test_without_a_tokenizer_the_engine_decides() -> None:
    engine = Counting(1024, tells=False)
    messages = conversation(*[40] * 50)
    found = await fitted(messages, engine)
    assert found.room is None
    assert engine.counted == 1


async def test_who_may_leave_out_nothing_is_told_that_it_is_too_long() -> None:
    engine = Counting(512)
    with pytest.raises(PromptTooLong):
        await fitted(conversation(*[100] * 10), engine, may_leave_out=False)


async def test_a_last_question_that_is_itself_too_long_is_told_without_asking() -> None:
    engine = Counting(256)
    with pytest.raises(PromptTooLong, match="bytes"):
        await fitted((*conversation(10), Message("assistant", "a"), Message("user", "x" * 100_000)), engine)
    assert engine.counted == 0


@given(lengths=st.lists(st.integers(0, 400), max_size=30), context=st.integers(128, 2048))
def test_what_is_kept_fits_and_nothing_that_would_fit_is_left_out(lengths: list[int], context: int) -> None:
    import asyncio

    async def check() -> None:
        engine = Counting(context)
        messages = conversation(*lengths)
        try:
            found = await fitted(messages, engine)
        except PromptTooLong:
            least = await engine.count_prompt(EnginePass(messages=conversation()))
            assert least is not None and context - least < LEAST_ROOM_TO_ANSWER
            return
        tokens = await engine.count_prompt(EnginePass(messages=found.messages))
        assert tokens is not None and context - tokens >= LEAST_ROOM_TO_ANSWER
        if found.left_out:
            longer = (messages[0], *messages[found.left_out - 1 :])
            more = await engine.count_prompt(EnginePass(messages=longer))
            assert more is not None and context - more < min(context // 2, PLENTY_OF_ROOM)

    asyncio.run(check())
