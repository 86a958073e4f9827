"""The announcer: tells those who wait their place, why, and when they start. Rarely enough to be read.

Who starts soon is told often, who waits for long seldom, so that a line of thousands costs little.
A place that rose is told with the reason.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msgspec

from thinkwell.scheduling.eta import Quote
from thinkwell.turns.forecast import Forecast
from thinkwell.turns.standing import Standing
from thinkwell.values.event import Moved, Queued, WaitReason

# People read a changing number; more often than this is noise.
LEAST_PAUSE_S = 0.5
MOST_PAUSE_S = 30.0
# News come after this part of the expected wait, or sooner to the first in line: so much later a place.
PART_OF_WAIT = 20
S_A_PLACE = 0.1
# An expected start is news when it has moved by so much of itself.
NEWS = 0.2
# The work of a round of news may take this part of the time.
MOST_OF_THE_TIME = 1 / 25


class Announcer:
    """``standings`` are the dispatcher's, by ticket."""

    def __init__(self, standings: Mapping[str, Standing], forecast: Forecast) -> None:
        self._standings = standings
        self._forecast = forecast
        self._reason: WaitReason = "busy"
        self._came_back_at = float("-inf")
        self._not_before = float("-inf")
        self._next: asyncio.TimerHandle | None = None

    def changed(self, reason: WaitReason, *, urgent: bool = False) -> None:
        """The line may have moved: tell at once, unless there was a round of news a moment ago.

        ``urgent``: somebody who ran waits again, or all wait for something else now; then only the cost
        of the last round stands against telling it at once.
        """
        urgent = urgent or reason != self._reason
        self._reason = reason
        if self._next is not None and urgent:
            self._next.cancel()
            loop = asyncio.get_running_loop()
            soon = self._not_before > loop.time()
            self._next = loop.call_at(self._not_before, self._round) if soon else None
        if self._next is None:
            self._round()

    def somebody_came_back(self) -> None:
        """A turn whose replica was lost now stands before the others."""
        self._came_back_at = asyncio.get_running_loop().time()

    def _round(self) -> None:
        self._next = None
        loop = asyncio.get_running_loop()
        now = loop.time()
        waiting = [
            (standing, quote)
            for ticket_id, quote in self._forecast.quotes(now)
            if (standing := self._standings.get(ticket_id)) is not None and standing.waits
        ]
        if not waiting:
            return
        within = sum(not standing.behind for standing, _ in waiting)
        for position, (standing, quote) in enumerate(waiting, start=1):
            event = self._as_it_is(standing, position, len(waiting), quote, now)
            self._consider(standing, event, within, now)
        took = loop.time() - now
        self._not_before = loop.time() + took / MOST_OF_THE_TIME
        self._next = loop.call_later(max(LEAST_PAUSE_S, took / MOST_OF_THE_TIME), self._round)

    def _as_it_is(
        self, standing: Standing, position: int, waiting: int, quote: Quote | None, now: float
    ) -> Queued:
        reason = "gave_way" if standing.paused and self._reason == "busy" else self._reason
        behind, resets_s = standing.behind, None
        if behind and standing.resets_at is not None:
            resets_s = round(max(0.0, standing.resets_at - now), 1)
            if quote is not None and quote.p90_s > resets_s:
                quote = None  # by then it stands elsewhere
        return Queued(
            position,
            waiting,
            reason,
            None if quote is None else round(quote.expected_s, 1),
            None if quote is None else round(quote.p90_s, 1),
            None,
            behind,
            resets_s,
        )

    def _consider(self, standing: Standing, event: Queued, within: int, now: float) -> None:
        """Tell it, where it is news. ``within``: how many wait within their quota."""
        told = standing.told
        if told is not None and (told.reason, told.behind) == (event.reason, event.behind):
            since = now - standing.told_at
            moved_on = (told.position, told.waiting) != (event.position, event.waiting)
            if since < _pause(told) or not (moved_on or _is_news(told, event, since)):
                return
        if told is not None and event.position > told.position:
            moved: Moved = "lighter_first"
            if self._came_back_at >= standing.told_at:
                moved = "came_back"
            elif event.behind and within > standing.told_within:
                moved = "within_quota"
            event = msgspec.structs.replace(event, moved=moved)
        standing.told_at, standing.told_within = now, within
        standing.told = event
        standing.tell(event)


def _pause(told: Queued) -> float:
    """Seconds before the next news for somebody who was told this."""
    far = S_A_PLACE * told.position
    wait = far if told.expected_s is None else min(far, told.expected_s / PART_OF_WAIT)
    return min(MOST_PAUSE_S, max(LEAST_PAUSE_S, wait))


def _is_news(told: Queued, event: Queued, since: float) -> bool:
    """Whether the start that is expected now differs from the one that was told ``since`` seconds ago."""
    if event.expected_s is None or told.expected_s is None:
        return event.expected_s != told.expected_s
    left = max(0.0, told.expected_s - since)
    return abs(event.expected_s - left) > max(1.0, NEWS * left)
