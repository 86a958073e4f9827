"""The stopwatch of a turn: from events and the clock to a receipt. Pure; the clock is given."""

from __future__ import annotations

from collections.abc import Callable

from thinkwell.values.event import AnswerDelta, ReasoningDelta
from thinkwell.values.receipt import Ending, Receipt
from thinkwell.values.usage import Usage

# A rate over less than this says more about the clock than about the engine.
LEAST_SPAN_S = 0.05


class Meter:
    """Counts one turn while it runs. ``clock`` is monotonic, in seconds."""

    def __init__(self, turn_id: str, model: str, clock: Callable[[], float]) -> None:
        self._turn_id = turn_id
        self._model = model
        self._clock = clock
        self._admitted = clock()
        self._queued: float | None = None
        self._started: float | None = None
        self._first: float | None = None
        self._last: float | None = None
        self._thought_from: float | None = None
        self._thought_to: float | None = None
        # Plain integers: this is the path of every token.
        self._prompt = self._cached = self._reasoning = self._answer = 0

    @property
    def usage(self) -> Usage:
        return Usage(prompt=self._prompt, cached=self._cached, reasoning=self._reasoning, answer=self._answer)

    @property
    def silent(self) -> bool:
        """Nothing was said yet."""
        return self._first is None

    def queued(self) -> None:
        """The turn joined the line."""
        self._queued = self._clock()

    def started(self) -> float:
        """The lease was given; returns seconds waited in line."""
        self._started = self._clock()
        return self._waited(self._started)

    def _waited(self, until: float) -> float:
        return 0.0 if self._queued is None else until - self._queued

    def prompt(self, tokens: int, cached: int) -> None:
        self._prompt, self._cached = tokens, min(cached, tokens)

    def said(self, event: ReasoningDelta | AnswerDelta) -> None:
        now = self._clock()
        self._first = self._first or now
        self._last = now
        if isinstance(event, ReasoningDelta):
            self._thought_from = self._thought_from or now
            self._thought_to = now
            self._reasoning += event.tokens
        else:
            self._answer += event.tokens

    def receipt(self, ending: Ending) -> Receipt:
        now = self._clock()
        # The thought lasts until the answer begins, not until its last token.
        thought = 0.0
        if self._thought_from is not None and self._thought_to is not None:
            thought = self._thought_to - self._thought_from
        span = (self._last - self._first) if self._first is not None and self._last is not None else 0.0
        usage = self.usage
        generated = usage.generated
        return Receipt(
            turn_id=self._turn_id,
            model=self._model,
            usage=usage,
            ending=ending,
            waited_s=_ms(self._waited(now if self._started is None else self._started)),
            first_token_s=None if self._first is None else _ms(self._first - self._admitted),
            thinking_s=_ms(thought),
            seconds=_ms(now - self._admitted),
            tokens_per_s=round((generated - 1) / span, 1) if generated > 1 and span >= LEAST_SPAN_S else None,
        )


def _ms(seconds: float) -> float:
    return round(seconds, 3)
