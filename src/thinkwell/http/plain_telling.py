"""Tells a running turn as HTML while it runs. What was sent cannot be taken back without a script: each new
place in line is one more paragraph, and the style shows the last of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Literal

from thinkwell.http.plain_page import (
    ANSWER_ENDS,
    ANSWER_TEXT_BEGINS,
    ANSWER_TEXT_ENDS,
    THOUGHT_ENDS,
    Page,
    note,
    thought_begins,
)
from thinkwell.http.plain_receipt import ending, span
from thinkwell.http.wire.waiting import aged
from thinkwell.turns.log import TurnLog
from thinkwell.values.event import (
    AnswerDelta,
    Failed,
    Finished,
    Lengthened,
    Moved,
    Queued,
    ReasoningDelta,
    Shortened,
    Started,
    Stopped,
    ThoughtEnded,
    TurnEnd,
    TurnEvent,
)

QUIET = "<!-- -->\n"
# After a place: that it is over. Browsers look again at what hides it once an element after it is complete,
# and a thought may be open for long.
PLACE_ENDS = "<div hidden></div>\n"
MOVED: dict[Moved, str] = {
    "lighter_first": "line.lighter",
    "came_back": "line.cameBack",
    "within_quota": "line.withinQuota",
}


class Telling:
    """For one reader. ``before`` comes first, to the beginning of the answer's article; ``after`` last."""

    def __init__(self, page: Page, log: TurnLog, before: str, after: str) -> None:
        self._page = page
        self._words = page.words
        self._log = log
        self._before = before
        self._after = after
        self._within: Literal["thought", "answer"] | None = None
        self._answered = False

    def print(self, _: int, events: Sequence[TurnEvent]) -> bytes:
        return self._bytes("".join(self._told(event) for event in events))

    def quiet(self) -> bytes:
        """What is sent while nothing happens: a comment is nothing within a text."""
        return self._bytes(QUIET)

    def _bytes(self, text: str) -> bytes:
        before, self._before = self._before, ""
        return (before + text).encode("utf-8", "replace")

    def _told(self, event: TurnEvent) -> str:
        if isinstance(event, ReasoningDelta):
            return self._enter("thought") + escape(event.text)
        if isinstance(event, AnswerDelta):
            return self._enter("answer") + escape(event.text)
        if isinstance(event, Finished | Failed | Stopped):
            return self._leave() + self._end(event)
        if isinstance(event, Queued):
            if event is self._log.latest:
                event = aged(event, self._log.latest_age_s)
            return self._leave() + self._place(event)
        if isinstance(event, Started):
            return self._leave() + self._started(event)
        if isinstance(event, Shortened):
            return self._leave() + note(self._words["thought.busy"])
        if isinstance(event, Lengthened):
            return self._leave() + note(self._words["thought.lengthened"])
        if isinstance(event, ThoughtEnded) and event.by != "budget":  # of their own choosing
            how = self._words[f"receipt.ended.{event.by}"]
            return self._leave() + note(f"{self._words['receipt.row.ended']}: {how}")
        return ""

    def _enter(self, within: Literal["thought", "answer"]) -> str:
        if self._within == within:
            return ""
        left = self._leave() or PLACE_ENDS
        self._within = within
        self._answered = self._answered or within == "answer"
        return left + (thought_begins(self._page, opened=True) if within == "thought" else ANSWER_TEXT_BEGINS)

    def _leave(self) -> str:
        within, self._within = self._within, None
        if within is None:
            return ""
        return THOUGHT_ENDS if within == "thought" else ANSWER_TEXT_ENDS

    def _place(self, event: Queued) -> str:
        words = self._words
        if event.reason == "engine_starting":
            return _place(words["turn.engineStarting"])
        if event.reason == "engine_down":
            return _place(words["turn.engineDown"])
        paused = event.reason == "gave_way"
        said = words["turn.place"].format(position=event.position, waiting=event.waiting)
        more = [words["line.paused"]] if paused else []
        if event.expected_s is not None:
            starts = words["line.goesOn" if paused else "line.starts"]
            start = (
                starts.format(time=span(words, event.expected_s)) if event.expected_s else words["line.soon"]
            )
            most = event.p90_s is not None and event.p90_s > event.expected_s
            more.append(
                words["line.most"].format(start=start, time=span(words, event.p90_s or 0.0))
                if most
                else start
            )
        if event.moved is not None:
            more.append(words[MOVED[event.moved]])
        if event.behind:
            more.append(
                words["line.behind"]
                if event.resets_s is None
                else words["line.behindUntil"].format(when=moment(event.resets_s))
            )
        more.append(words["turn.placeHint"])
        return _place(said, *more)

    def _started(self, event: Started) -> str:
        left_out = note(self._words["plain.leftOut"]) if event.left_out else ""
        return left_out + _place(self._words["turn.reading"])

    def _end(self, end: TurnEnd) -> str:
        return ending(self._words, end, nothing=not self._answered) + ANSWER_ENDS + self._after


def moment(seconds: float) -> str:
    """When so many seconds have passed, to the minute. Nobody here knows the reader's own clock."""
    at = datetime.now(UTC) + timedelta(seconds=seconds + 30)
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _place(said: str, *more: str) -> str:
    lines = "".join(f"<span>{escape(line)}</span>" for line in more)
    return f'<p class="place" role="status">{escape(said)}{lines}</p>\n'
