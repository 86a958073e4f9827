"""News of the line in a stream, alike in every dialect of the API: to whom, in which form, and what is left
of the wait. How a frame is printed is the dialect's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec

from thinkwell.http.sse import NEXT_FRAME_S
from thinkwell.http.wire.waiting import News, Told, aged, comment_of, news_of, utc_after
from thinkwell.turns.log import TurnLog
from thinkwell.values.event import Queued, Started, TurnEvent


def told_again(log: TurnLog) -> Queued | None:
    """How things stand now for a turn that waits: more than that the line is open. None: it does not wait."""
    latest = log.latest
    if not isinstance(latest, Queued):
        return None
    return msgspec.structs.replace(aged(latest, log.latest_age_s), moved=None)


def as_of_now(log: TurnLog, events: Sequence[TurnEvent]) -> Sequence[TurnEvent]:
    """For who comes in the middle of a wait: they must not be told the whole of it again."""
    last = events[-1] if events else None
    if isinstance(last, Queued) and last is log.latest:
        return [*events[:-1], aged(last, log.latest_age_s)]
    return events


def print_news(event: Told, frame: Callable[[News], bytes] | None) -> bytes:
    """``frame`` prints it as an event, for those who asked for events; None: as a comment."""
    deadline = utc_after(datetime.now(UTC), NEXT_FRAME_S)
    if frame is not None:
        return frame(news_of(event, deadline))
    return b"" if isinstance(event, Started) else comment_of(event, deadline)
