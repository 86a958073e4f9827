"""The stopwatch of a turn: from events and the clock to a receipt. Pure; the clock is given."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

from thinkwell.values.event import ReasoningDelta, Spoken
from thinkwell.values.receipt import Ending, Receipt, Shortening
from thinkwell.values.thinking import EndedBy
from thinkwell.values.usage import Usage, weighted

# A rate over less than this says more about the clock than about the engine.
LEAST_SPAN_S = 0.05


class Made(NamedTuple):
    """Tokens on one replica."""

    replica: str
    prompt: int
    cached: int
    generated: int


class Meter:
    """Counts one turn while it runs. ``clock`` is monotonic, in seconds."""

    def __init__(self, turn_id: str, model: str, clock: Callable[[], float]) -> None:
        self._turn_id = turn_id
        self.model = model  # that answers; before the first lease, the one that was asked
        self._clock = clock
        self._admitted = clock()
        self._queued: float | None = None
        self._waited = self._gave_way = 0.0
        self._started = False
        self._first: float | None = None
        self._last: float | None = None
        self._thought_from: float | None = None
        self._thought_to: float | None = None
        self.shortened: Shortening | None = None
        self.thinking_budget: int | None = None
        self.thought_ended: EndedBy | None = None
        # When the present lease was given; None while the turn waits.
        self.leased_at: float | None = None
        # For each lease: what there was when it was given.
        self._leases: list[Made] = []
        # Plain integers: this is the path of every token.
        self._prompt = self._cached = self._reasoning = self._answer = 0

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Tokens of the prompt, cached ones of them, of the thought and of the answer."""
        return self._prompt, self._cached, self._reasoning, self._answer

    @property
    def usage(self) -> Usage:
        return Usage(prompt=self._prompt, cached=self._cached, reasoning=self._reasoning, answer=self._answer)

    @property
    def silent(self) -> bool:
        """Nothing was said yet."""
        return self._first is None

    @property
    def knows_prompt(self) -> bool:
        return self._prompt > 0

    @property
    def uncached(self) -> int:
        """Tokens of the prompt that the engine had to read."""
        return self._prompt - self._cached

    @property
    def service(self) -> int:
        """As ``Usage.service``, so far."""
        return weighted(self._prompt - self._cached, self._reasoning + self._answer)

    @property
    def replica(self) -> str:
        """Of the newest lease; "" before the first."""
        return self._leases[-1].replica if self._leases else ""

    @property
    def by_lease(self) -> list[Made]:
        """What each replica made, lease by lease; the prompt is that of the first that told of it."""
        now = Made("", self._prompt, self._cached, self._reasoning + self._answer)
        return [
            Made(
                lease.replica,
                later.prompt - lease.prompt,
                later.cached - lease.cached,
                later.generated - lease.generated,
            )
            for lease, later in pairwise([*self._leases, now])
        ]

    def queued(self) -> None:
        """The turn joined the line, at first or again."""
        self._queued = self._clock()
        self.leased_at = None

    def started(self, replica: str = "") -> float:
        """A lease was given, on ``replica``; returns seconds waited in line so far."""
        self._leases.append(Made(replica, self._prompt, self._cached, self._reasoning + self._answer))
        waited = self._waits_now()
        self._waited += waited
        if self._started:
            self._gave_way += waited
        self._started = True
        self._queued = None
        self.leased_at = self._clock()
        return self._waited

    def _waits_now(self) -> float:
        return 0.0 if self._queued is None else self._clock() - self._queued

    def prompt(self, tokens: int, cached: int) -> None:
        self._prompt, self._cached = tokens, min(cached, tokens)

    def shorten(self, budget: int, full: int, waiting: int) -> None:
        """The thought was cut to ``budget`` tokens."""
        self.shortened = Shortening(budget=budget, full=full, waiting=waiting)

    def said(self, event: Spoken, now: float) -> None:
        """``now`` of the meter's clock: what comes at once has one time."""
        self._first = self._first or now
        self._last = now
        if isinstance(event, ReasoningDelta):
            # On a clock that stands still while the turn waits again.
            self._thought_to = now - self._gave_way
            self._thought_from = self._thought_from or self._thought_to
            self._reasoning += event.tokens
        else:
            self._answer += event.tokens

    def now(self) -> float:
        return self._clock()

    def receipt(self, ending: Ending) -> Receipt:
        now = self._clock()
        # The thought lasts until the answer begins, not until its last token.
        thought = 0.0
        if self._thought_from is not None and self._thought_to is not None:
            thought = self._thought_to - self._thought_from
        waits = self._waits_now()
        # What was waited in between says nothing about the engine.
        span = 0.0
        if self._first is not None and self._last is not None:
            span = self._last - self._first - self._gave_way
        usage = self.usage
        generated = usage.generated
        return Receipt(
            turn_id=self._turn_id,
            model=self.model,
            usage=usage,
            ending=ending,
            waited_s=_ms(self._waited + waits),
            first_token_s=None if self._first is None else _ms(self._first - self._admitted),
            thinking_s=_ms(thought),
            seconds=_ms(now - self._admitted),
            tokens_per_s=round((generated - 1) / span, 1) if generated > 1 and span >= LEAST_SPAN_S else None,
            gave_way_s=_ms(self._gave_way + (waits if self._started else 0.0)),
            shortened=self.shortened,
            thinking_budget=self.thinking_budget,
            thought_ended=self.thought_ended,
        )


def _ms(seconds: float) -> float:
    return round(seconds, 3)
