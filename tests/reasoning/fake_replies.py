"""A fake engine that knows one thought and one answer, and goes on from whatever of them it is given."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice

import msgspec

from thinkwell.models.card import (
    Dialect,
    FieldsDialect,
    HarmonyDialect,
    ModelCard,
    PlainDialect,
    PromptedDialect,
    Switches,
    TagsDialect,
)
from thinkwell.reasoning.base import Spoken, Thinker
from thinkwell.reasoning.literals import WORD_JOINER
from thinkwell.reasoning.thinkers import thinker_for
from thinkwell.values.caller import Caller
from thinkwell.values.engine import EngineDelta, EnginePass
from thinkwell.values.event import AnswerDelta, ReasoningDelta
from thinkwell.values.message import Message
from thinkwell.values.turn import TurnRequest

DIALECTS: dict[str, Dialect] = {
    "plain": PlainDialect(),
    "fields": FieldsDialect(),
    "tags": TagsDialect(open="<think>", close="</think>"),
    "opened": TagsDialect(open="<think>", close="</think>", opened=True),
    "prompted": PromptedDialect(prefill="Let me see: ", ask="So: {question}", budget=2000),
    "harmony": HarmonyDialect(),
}
# llama.cpp goes on with a reply of these; one in channels is never gone on with.
CONTINUED = [name for name in DIALECTS if name != "harmony"]
THINKING = [name for name in DIALECTS if name != "plain"]
# Engines that go on with a reply, and any other chat server.
EVERYWHERE = [
    (name, goes_on) for name in THINKING for goes_on in (True, False) if name in CONTINUED or not goes_on
]
OFF = Switches(on={"enable_thinking": True}, off={"enable_thinking": False})


def card(dialect: Dialect, **changes: object) -> ModelCard:
    made = ModelCard(
        name="m",
        title="M",
        licence="MIT",
        context=1 << 16,
        dialect=dialect,
        answer_tokens=6000,
        thought_tokens=2000,
        continues=not isinstance(dialect, HarmonyDialect),
    )
    return msgspec.structs.replace(made, **changes)


def request(*messages: Message, **changes: object) -> TurnRequest:
    caller = Caller(kind="visitor", id="v", person="v")
    made = TurnRequest(id="t", caller=caller, model="m", messages=messages or (Message("user", "Why?"),))
    return msgspec.structs.replace(made, **changes)


def begin(of: ModelCard, **changes: object) -> Thinker:
    return thinker_for(of, request(**changes), None)


def next_pass(thinker: Thinker) -> EnginePass:
    wanted = thinker.next_pass()
    assert wanted is not None
    return wanted


class FakeEngine:
    """Writes pieces of the given sizes, a token each, so many tokens a delta; a tag that is ``whole`` is one
    token. ``leaks``: told that the thought is over it goes on with the rest of it, as llama.cpp #28182 did.

    ``made`` counts the tokens that were fetched from it.
    """

    def __init__(
        self,
        card: ModelCard,
        thought: str,
        answer: str,
        sizes: list[int],
        *,
        whole: bool = False,
        per_delta: list[int] | None = None,
        leaks: bool = False,
    ) -> None:
        self.card = card
        self.thought = thought
        self.answer = answer
        self.sizes = sizes
        self.whole = whole
        self.per_delta = per_delta or [1]
        self.leaks = leaks
        self.made = 0
        self.asked: list[EnginePass] = []

    def reply(self, wanted: EnginePass) -> Iterator[EngineDelta]:
        self.asked.append(wanted)
        pieces = list(self._pieces(wanted))
        fit = len(pieces) if wanted.max_tokens is None else wanted.max_tokens
        left = pieces[:fit]
        for count in cycle(self.per_delta):
            if not left:
                break
            now, left = left[:count], left[count:]
            self.made += len(now)
            reasoning, text = ("".join(piece[side] for piece in now) for side in (0, 1))
            yield EngineDelta(reasoning=reasoning, text=text, tokens=len(now))
        yield EngineDelta(finish="stop" if fit >= len(pieces) else "length")

    def _pieces(self, wanted: EnginePass) -> Iterator[tuple[str, str]]:
        """(reasoning, text) a token."""
        dialect = self.card.dialect
        thought, answer = self._left(wanted)
        leaks = self.leaks and thought is None and answer == self.answer
        if leaks and not isinstance(dialect, PlainDialect | PromptedDialect):
            told = wanted.messages[-1].reasoning or ""
            yield from (("", piece) for piece in self._cut(self.thought.removeprefix(told)))
            yield "", "</think>"
            yield from (("", piece) for piece in self._cut(f"\n\n{answer}"))
        elif isinstance(dialect, FieldsDialect):
            yield from ((piece, "") for piece in self._cut(thought or ""))
            yield from (("", piece) for piece in self._cut(answer))
        elif isinstance(dialect, PromptedDialect) and thought is not None:
            yield from (("", piece) for piece in self._cut(thought))
        elif isinstance(dialect, HarmonyDialect):
            yield from (("", piece) for piece in self._channels(thought, answer))
        elif isinstance(dialect, TagsDialect) and thought is not None:
            anew = not wanted.continue_last and not dialect.opened
            parts = [dialect.open if anew else "", thought, f"{dialect.close}", f"\n\n{answer}"]
            if not self.whole:
                parts = ["".join(parts)]
            for part in parts:
                known_tag = self.whole and part in (dialect.open, dialect.close)
                yield from (("", piece) for piece in ([part] if known_tag else self._cut(part)))
        else:
            if isinstance(dialect, TagsDialect) and dialect.opened and not wanted.continue_last:
                yield (
                    "",
                    dialect.close,
                )  # the engine was told of no budget, and its template opens the thought
            yield from (("", piece) for piece in self._cut(answer))

    def _channels(self, thought: str | None, answer: str) -> Iterator[str]:
        if thought is not None:
            yield from ("<|channel|>", "analysis", "<|message|>")
            yield from self._cut(thought)
            yield from ("<|end|>", "<|start|>", "assistant")
        yield from ("<|channel|>", "final", "<|message|>")
        yield from self._cut(answer)

    def _left(self, wanted: EnginePass) -> tuple[str | None, str]:
        """What is still to be thought (None: the thought is over) and still to be said."""
        last = wanted.messages[-1]
        begun = last.content.replace(WORD_JOINER, "")
        if isinstance(self.card.dialect, PromptedDialect):
            prefill = self.card.dialect.prefill
            if wanted.continue_last and begun.startswith(prefill):
                return self._after(self.thought, begun.removeprefix(prefill)), ""
            return None, self._after(self.answer, begun if wanted.continue_last else "")
        if isinstance(self.card.dialect, PlainDialect):
            return None, self._after(self.answer, begun if wanted.continue_last else "")
        if not wanted.continue_last:
            return (None if wanted.thinking_budget == 0 else self.thought), self.answer
        if begun or wanted.thought_over:
            return None, self._after(self.answer, begun)
        return self._after(self.thought, (last.reasoning or "").replace(WORD_JOINER, "")), self.answer

    @staticmethod
    def _after(whole: str, begun: str) -> str:
        assert whole.startswith(begun), (whole, begun)
        return whole[len(begun) :]

    def _cut(self, text: str) -> Iterator[str]:
        at = 0
        for size in islice(cycle(self.sizes), len(text)):
            if at < len(text):
                yield text[at : at + size]
            at += size


class Heard:
    """What came of a turn: ``drive`` runs all its passes, broken off after so many tokens of each."""

    def __init__(self) -> None:
        self.events: list[Spoken] = []

    def drive(self, thinker: Thinker, engine: FakeEngine, cuts: list[int]) -> None:
        left = iter(cuts)
        while (wanted := thinker.next_pass()) is not None:
            until = next(left, None)
            for number, delta in enumerate(engine.reply(wanted)):
                if number == until and delta.finish is None:
                    # The last delta before was taken; this one is not.
                    engine.made -= delta.tokens
                    thinker.break_off()
                    break
                self.events += thinker.feed(delta)
                if thinker.wants_cut:
                    break
        self.events += thinker.close()

    @property
    def thought(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, ReasoningDelta))

    @property
    def answer(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, AnswerDelta))

    @property
    def tokens(self) -> int:
        return sum(event.tokens for event in self.events)
