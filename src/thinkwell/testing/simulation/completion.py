"""One completion of the simulated engine: planned from a request, then written token by token."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator

import msgspec

from thinkwell.scheduling.prefix_index import prefix_blocks
from thinkwell.testing.simulation.driver import Driver, Stream
from thinkwell.testing.simulation.profile import Profile
from thinkwell.testing.simulation.request import SimRequest
from thinkwell.testing.simulation.text import (
    CALL_BEGINS,
    CALL_ENDS,
    CLOSE_TAG,
    OPEN_TAG,
    TOKEN_BYTES,
    Begun,
    Directives,
    Saying,
    count_tokens,
    directives_in,
    draw,
    render,
    still_to_say,
    words,
)
from thinkwell.testing.simulation.wire import ChunkWriter, Counts, WireMessage, WireRequest

# Chunks that are joined into one write where tokens come faster than they can be sent.
BURST = 64


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """What the simulated model does where a request does not say: median lengths, and the seed."""

    think: float = 200
    answer: float = 100
    seed: int = 0
    tags: bool = False


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All that is settled before the first token.

    ``told`` and ``answered`` are the tokens of thought and answer in the message that it goes on with.
    """

    request: SimRequest
    think: int
    told: int = 0
    answered: int = 0
    finish: str
    tags: bool
    directives: Directives


class PromptOverContext(Exception):
    def __init__(self, prompt: int, context: int) -> None:
        super().__init__(f"the request exceeds the available context size ({prompt} tokens of {context})")
        self.prompt = prompt
        self.context = context


def rendered(messages: list[WireMessage]) -> str:
    return render(
        [(message.role, message.reasoning_content or "", message.text) for message in messages],
        go_on=bool(messages) and messages[-1].role == "assistant",
    )


def plan(id: str, wanted: WireRequest, profile: Profile, habits: Habits) -> Plan:
    """Raises ValueError for an unknown directive and PromptOverContext. The same request, the same plan."""
    prompt = rendered(wanted.messages)
    prompt_tokens = count_tokens(prompt)
    context = min(profile.context, profile.kv_tokens or profile.context)
    if prompt_tokens >= context:
        raise PromptOverContext(prompt_tokens, context)
    asked = next((message.text for message in reversed(wanted.messages) if message.role == "user"), "")
    directives = directives_in(asked)
    call = directives.call
    if call is not None and call not in [tool.function.name for tool in wanted.tools]:
        raise ValueError(f"no tool {call!r} is offered")
    seed = habits.seed if wanted.seed is None else wanted.seed
    drawn = draw(random.Random(f"{seed} {asked}"), think=habits.think, answer=habits.answer)
    think = drawn.think if directives.think is None else directives.think
    answer = drawn.answer if directives.answer is None else directives.answer
    if wanted.budget is not None:
        think = min(think, wanted.budget)
    if call is not None:
        answer = max(answer, 2)
    whole_saying = saying = Saying(think, max(answer, 1 - think, 0))
    tags = directives.tags or habits.tags or wanted.reasoning_format == "none"
    last = wanted.messages[-1]
    if last.role == "assistant":
        begun = Begun(
            reasoning=last.reasoning_content or "",
            content=last.text,
            over=wanted.continue_final_message == "content",
            tags=tags,
        )
        saying = still_to_say(saying, begun)
    answered = whole_saying.answer - saying.answer
    limit = min(wanted.limit or context, context - prompt_tokens)
    whole = max(1, saying.think + saying.answer)
    output = min(whole, limit)
    whole_text = prompt if saying.think else prompt + "".join(words(answered, output))
    request = SimRequest(
        id=id,
        prompt_tokens=prompt_tokens,
        output_tokens=output,
        max_tokens=limit if wanted.limit is not None else None,
        blocks=prefix_blocks([whole_text], block_bytes=profile.block * TOKEN_BYTES)
        if profile.cache_tokens
        else (),
    )
    return Plan(
        request=request,
        think=saying.think,
        told=whole_saying.think - saying.think,
        answered=answered,
        finish="length" if output < whole else "tool_calls" if call is not None else "stop",
        tags=tags,
        directives=directives,
    )


class Completion:
    """A plan that runs. ``end_thought`` cuts the thought short while it is being written."""

    def __init__(self, plan: Plan, driver: Driver, stream: Stream) -> None:
        self.plan = plan
        self._driver = driver
        self._stream = stream
        self.think = plan.think
        self._answer = plan.request.output_tokens - plan.think
        self.sent = 0

    def end_thought(self) -> bool:
        """Whether there was a thought to end."""
        if self.sent >= self.think or self._answer < 1:
            return False
        self.think = max(self.sent + 1, min(self.think, self._stream.made))
        self._driver.shorten(self._stream, self.think + self._answer)
        return True

    def counts(self) -> Counts:
        stream = self._stream
        thought = min(self.sent, self.think)
        return Counts(
            prompt=self.plan.request.prompt_tokens,
            cached=stream.cached,
            reasoning=thought,
            answer=self.sent - thought,
            prompt_ms=(stream.first_at - stream.submitted_at) * 1000,
            predicted_ms=max(0.0, stream.now - stream.first_at) * 1000,
        )

    async def pieces(self) -> AsyncGenerator[tuple[bool, list[str]], None]:
        """(is thought, words) as they are made, a word a token; ``sent`` counts what was taken before.

        Ends after the last token, or when ``die`` says so; with ``stall`` it waits until it is closed.
        """
        directives = self.plan.directives
        while True:
            until = await self._stream.more_than(self.sent)
            for fault in (directives.die, directives.stall):
                until = until if fault is None else min(until, fault)
            while self.sent < until:
                thought = self.sent < self.think
                stop = min(until, self.sent + BURST, self.think if thought else until)
                yield thought and not self.plan.tags, self._words(self.sent, stop)
                self._driver.stats.tokens_made += stop - self.sent
                self.sent = stop
                if self.sent < until:
                    await asyncio.sleep(0)  # others have their turn between bursts
            if directives.stall is not None and self.sent >= directives.stall:
                self._driver.stall(self._stream)
                await asyncio.get_running_loop().create_future()
            if self.dead or (self._stream.ended and self.sent >= self._stream.made):
                return

    @property
    def dead(self) -> bool:
        return self.plan.directives.die is not None and self.sent >= self.plan.directives.die

    def _words(self, start: int, stop: int) -> list[str]:
        """Thought and answer each tell the tale from its beginning; a tag takes the place of a word."""
        plan = self.plan
        if start >= self.think:
            said = words(plan.answered + start - self.think, stop - start)
            if plan.directives.call is not None:
                if start == self.think:
                    said[0] = CALL_BEGINS
                if stop == plan.request.output_tokens - plan.think + self.think and plan.finish != "length":
                    said[-1] = CALL_ENDS
            return said
        said = words(plan.told + start, stop - start)
        if plan.tags:
            if plan.told + start == 0:
                said[0] = OPEN_TAG
            if stop == self.think:
                said[-1] = CLOSE_TAG
        return said


def _escaped(completion: Completion, said: list[str]) -> list[bytes]:
    """Words as they stand in a JSON string; those of the tale do so as they are."""
    if completion.plan.directives.call is None:
        return [word.encode() for word in said]
    return [word.replace('"', '\\"').encode() for word in said]


def writes(writer: ChunkWriter, completion: Completion, thought: bool, said: list[str]) -> bytes:
    """The chunks of a piece, with running totals where they were asked for."""
    if not writer.extras:
        return writer.tokens(_escaped(completion, said), thought=thought)
    counts = completion.counts()
    parts: list[bytes] = []
    for word in _escaped(completion, said):
        if completion.sent + len(parts) < completion.think:
            counts.reasoning += 1
        else:
            counts.answer += 1
        parts.append(writer.token(word, counts, thought=thought))
    return b"".join(parts)
