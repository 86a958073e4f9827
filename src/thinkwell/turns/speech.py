"""Speech: what happens with every delta of a running pass, in one call from the engine's socket.

The path of each token, so it is short: the thinker names it, the meter counts it, the log takes it, the
journal writes it down and lets readers see it, the line is told. Nothing here waits. Steps are called in
the order in which DESIGN.md draws them; which pass runs, and when, is the conductor's (run.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from thinkwell.reasoning.base import Thinker
from thinkwell.scheduling.base import PROMPT_WEIGHT
from thinkwell.turns.journal import Journal
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.standing import Standing
from thinkwell.values.engine import EngineDelta
from thinkwell.values.event import ReasoningDelta, Spoken

# The line is told of so many tokens at once: what it decides does not turn on a few.
TOLD_EVERY = 8
# How often a running thought is held against the load.
LOOK_AT_LOAD_S = 1.0


class Speech:
    """Of one lease. ``gives_way`` says, after a pass, that it was closed for others' sake.

    ``hold`` holds the thought against the load; ``tell_end`` tells who ended it, where the model did not.
    """

    __slots__ = (
        "_hold",
        "_journal",
        "_live",
        "_look_at",
        "_standing",
        "_tell_end",
        "_thinker",
        "_thinking",
        "_time",
        "_told",
        "gives_way",
    )

    def __init__(
        self,
        live: LiveTurn,
        thinker: Thinker,
        standing: Standing,
        journal: Journal,
        hold: Callable[[], None],
        tell_end: Callable[[], None],
    ) -> None:
        self._live = live
        self._thinker = thinker
        self._standing = standing
        self._journal = journal
        self._hold = hold
        self._tell_end = tell_end
        self._thinking = thinker.thinking
        self._time = asyncio.get_running_loop().time
        self._look_at = self._time() + LOOK_AT_LOAD_S
        self._told = thinker.generated
        self.gives_way = False

    def take(self, deltas: Sequence[EngineDelta]) -> bool:
        """As ``engines.base.Take``. Raises StoreError."""
        live, thinker, standing = self._live, self._thinker, self._standing
        meter = live.meter
        prompt = None if meter.knows_prompt else self._read_prompt(deltas)
        events: list[Spoken] = []
        for delta in deltas:
            events += thinker.feed(delta)
            if thinker.wants_cut:
                break
        if self._thinking and not thinker.thinking:
            events = self._thought_over(events)
        if events:
            self._say(live, events)
        if prompt is not None or thinker.generated >= self._told + TOLD_EVERY:
            self.tell_line(prompt)
        if self._time() >= self._look_at:
            self._look_at = self._time() + LOOK_AT_LOAD_S
            if thinker.thinking:
                self._hold()
        if thinker.wants_cut:
            return False
        if standing.asked_to_pause and deltas[-1].finish is None and thinker.may_pause:
            self.gives_way = True
            return False
        return True

    def _say(self, live: LiveTurn, events: list[Spoken]) -> None:
        meter = live.meter
        now = meter.now()
        for event in events:
            meter.said(event, now)
        live.log.extend(events)
        self._journal.said(live)

    def tell_line(self, prompt: float | None = None) -> None:
        """What the turn has taken by now."""
        self._told = self._thinker.generated
        self._standing.progressed(self._told, prompt)

    def _thought_over(self, events: list[Spoken]) -> list[Spoken]:
        """Who ended it is told after the thought and before the answer. Returns what follows."""
        self._thinking = False
        thought = sum(isinstance(event, ReasoningDelta) for event in events)  # they come first
        self._say(self._live, events[:thought])
        self._tell_end()
        return events[thought:]

    def _read_prompt(self, deltas: Sequence[EngineDelta]) -> float | None:
        """The first that the engine tells of the prompt counts: later passes of a turn read it again."""
        meter = self._live.meter
        for delta in deltas:
            if delta.prompt_tokens is not None:
                meter.prompt(delta.prompt_tokens, delta.cached_tokens or 0)
                if meter.knows_prompt:
                    return PROMPT_WEIGHT * meter.uncached
        return None
