"""The real engine and the real tiny model: a reply that was broken off goes on, and cheaply."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from thinkwell.engines.embedded.process import EmbeddedModel
from thinkwell.engines.embedded.supervisor import EmbeddedEngine
from thinkwell.engines.streams import stream
from thinkwell.models.card import ModelCard, TagsDialect
from thinkwell.models.catalogue import read_catalogue
from thinkwell.models.gguf import read_header
from thinkwell.reasoning.base import Spoken, Thinker
from thinkwell.reasoning.thinkers import thinker_for
from thinkwell.values.caller import Caller
from thinkwell.values.engine import EnginePass, Sampling
from thinkwell.values.event import ReasoningDelta
from thinkwell.values.message import Message
from thinkwell.values.turn import TurnRequest

pytestmark = pytest.mark.live

# As templates of thinking models are. It is by such a thought of an earlier message that llama.cpp learns
# how the model marks one; where it learns nothing, it drops a thought that it is to go on with.
THINKING = (
    "{%- for m in messages %}{{'<|im_start|>'+m.role+'\\n'}}{%- if m.reasoning_content %}"
    "{{'<think>\\n'+m.reasoning_content+'\\n</think>\\n\\n'}}{%- endif %}"
    "{{m.content+'<|im_end|>\\n'}}{%- endfor %}"
    "{%- if add_generation_prompt %}{{'<|im_start|>assistant\\n<think>\\n'}}{%- endif %}"
)
OTHER = EnginePass(messages=(Message("user", "List the planets. " * 6),), max_tokens=8)


class Heard:
    """``passes`` are (prompt tokens, those of them from the cache) of each pass."""

    def __init__(self) -> None:
        self.events: list[Spoken] = []
        self.passes: list[tuple[int, int]] = []

    @property
    def thought(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, ReasoningDelta))

    @property
    def answer(self) -> str:
        return "".join(event.text for event in self.events if not isinstance(event, ReasoningDelta))


@asynccontextmanager
async def serving(path: Path) -> AsyncIterator[EmbeddedEngine]:
    # One thread: several of them wait for each other by spinning, and tests share the machine.
    model = EmbeddedModel(path=path, alias="small", slots=1, context=2048, threads=1, prompt_threads=1)
    engine = EmbeddedEngine(model)
    await engine.start()
    await engine.ready()
    try:
        yield engine
    finally:
        await engine.close()


def begin(card: ModelCard, question: str) -> Thinker:
    asked = TurnRequest(
        id="t",
        caller=Caller(kind="visitor", id="v", person="v"),
        model=card.name,
        messages=(Message("user", question),),
        sampling=Sampling(temperature=0.0),
        max_tokens=80,
    )
    return thinker_for(card, asked, 1800)


Step = tuple[Callable[[Thinker], bool], bool]


async def run(engine: EmbeddedEngine, thinker: Thinker, *steps: Step) -> Heard:
    """A step is when to close the running pass, and whether somebody else has the only slot for a while."""
    heard, left = Heard(), list(steps)
    while (wanted := thinker.next_pass()) is not None:
        closed_for: Step | None = None
        async with aclosing(stream(engine, wanted)) as deltas:
            async for delta in deltas:
                counts = (delta.prompt_tokens or 0, delta.cached_tokens or 0)
                heard.events += thinker.feed(delta)
                if delta.finish is None and left and left[0][0](thinker):
                    closed_for = left.pop(0)
                    break
                if thinker.wants_cut:
                    break
        heard.passes.append(counts)
        if closed_for is not None:
            thinker.break_off()
            if closed_for[1]:
                assert [other async for other in stream(engine, OTHER)]
    assert not left
    return heard


def after(tokens: int, *, others: bool = False) -> Step:
    return lambda thinker: thinker.generated >= tokens, others


async def test_a_turn_that_gave_way_says_what_it_would_have_said(model_file: Path) -> None:
    """Greedy, so that the rest is no other draw. What was said is cut between whole tokens here."""
    card = (await asyncio.to_thread(read_catalogue)).default
    assert card.continues
    async with serving(model_file) as engine:
        for question in ("Why is the sky blue?", "Write a story about a well."):
            whole = await run(engine, begin(card, question))
            for others in (False, True):
                steps = after(11, others=others), after(60, others=others)
                broken = await run(engine, begin(card, question), *steps)
                assert (broken.thought, broken.answer) == (whole.thought, whole.answer)
                assert len(whole.passes) == 2 and len(broken.passes) == 4
                for prompt, cached in (broken.passes[1], broken.passes[3]):
                    # Where the slot was another's, llama.cpp keeps what was said in RAM, or does not.
                    assert cached > 0 if others else cached == prompt - 1


@pytest.fixture(scope="session")
def thinking_weights(model_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model, with a template that opens a thought in place of its own."""
    template = read_header(model_file).chat_template.encode()
    changed = THINKING.encode()
    changed += b"{#" + b" " * (len(template) - len(changed) - 4) + b"#}"
    assert len(changed) == len(template)
    whole = model_file.read_bytes()
    assert whole.count(template) == 1
    path = tmp_path_factory.mktemp("thinking") / "thinking.gguf"
    path.write_bytes(whole.replace(template, changed))
    return path


async def test_an_open_thought_goes_on_and_can_be_ended_in_flight(thinking_weights: Path) -> None:
    card = msgspec.structs.replace(
        (await asyncio.to_thread(read_catalogue)).default,
        dialect=TagsDialect(open="<think>", close="</think>", opened=True),
    )
    async with serving(thinking_weights) as engine:
        question = "Why is the sky blue?"
        whole = await run(engine, begin(card, question))
        assert whole.thought and not whole.answer, "this model never ends a thought by itself"

        thinker = begin(card, question)
        broken = await run(engine, thinker, after(30))
        assert broken.thought == whole.thought
        (first, _), (prompt, cached) = broken.passes
        assert prompt > first + 25 and cached == prompt - 1

        short = begin(card, question)
        cut = await run(engine, short, (lambda it: it.generated >= 20 and it.shorten(20), False))
        assert whole.thought.startswith(cut.thought) and cut.answer
        assert short.thought_tokens == 20 and short.generated <= 80
        assert "think>" not in cut.thought and not cut.answer.startswith("</")
        _, (prompt, cached) = cut.passes
        assert prompt - cached <= 6, "only the end of the thought was new"
