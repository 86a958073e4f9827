"""A fake engine that knows one thought and one answer, and goes on from whatever of them it is given."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice

from thinkwell.models.card import FieldsDialect, ModelCard, PlainDialect, PromptedDialect, TagsDialect
from thinkwell.reasoning.base import Spoken, Thinker
from thinkwell.reasoning.literals import WORD_JOINER
from thinkwell.values.engine import EngineDelta, EnginePass
from thinkwell.values.event import AnswerDelta, ReasoningDelta


class FakeEngine:
    """Writes pieces of the given sizes, a token each; a tag that is ``whole`` is one token.

    ``made`` counts the tokens that were fetched from it.
    """

    def __init__(
        self, card: ModelCard, thought: str, answer: str, sizes: list[int], *, whole: bool = False
    ) -> None:
        self.card = card
        self.thought = thought
        self.answer = answer
        self.sizes = sizes
        self.whole = whole
        self.made = 0
        self.asked: list[EnginePass] = []

    def reply(self, wanted: EnginePass) -> Iterator[EngineDelta]:
        self.asked.append(wanted)
        pieces = list(self._pieces(wanted))
        fit = len(pieces) if wanted.max_tokens is None else wanted.max_tokens
        for reasoning, text in pieces[:fit]:
            self.made += 1
            yield EngineDelta(reasoning=reasoning, text=text, tokens=1)
        yield EngineDelta(finish="stop" if fit >= len(pieces) else "length")

    def _pieces(self, wanted: EnginePass) -> Iterator[tuple[str, str]]:
        """(reasoning, text) a token."""
        dialect = self.card.dialect
        thought, answer = self._left(wanted)
        if isinstance(dialect, FieldsDialect):
            yield from ((piece, "") for piece in self._cut(thought or ""))
        elif isinstance(dialect, PromptedDialect):
            if thought is not None:
                yield from (("", piece) for piece in self._cut(thought))
                return
        elif isinstance(dialect, TagsDialect) and thought is not None:
            anew = not wanted.continue_last and not dialect.opened
            parts = [dialect.open if anew else "", thought, f"{dialect.close}", f"\n\n{answer}"]
            if not self.whole:
                parts = ["".join(parts)]
            for part in parts:
                known_tag = self.whole and part in (dialect.open, dialect.close)
                yield from (("", piece) for piece in ([part] if known_tag else self._cut(part)))
            return
        yield from (("", piece) for piece in self._cut(answer))

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
            return self.thought, self.answer
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
                    engine.made -= 1
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
