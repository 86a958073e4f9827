"""What was said, as text: the fold of a turn's events. Used alike for a live ending and after a crash."""

from __future__ import annotations

from collections.abc import Iterable

from thinkwell.values.event import AnswerDelta, ReasoningDelta, TurnEvent


def spoken_text(events: Iterable[TurnEvent]) -> tuple[str, str | None]:
    """Answer and thought; the thought is None where there was none."""
    answer: list[str] = []
    thought: list[str] = []
    for event in events:
        if isinstance(event, AnswerDelta):
            answer.append(event.text)
        elif isinstance(event, ReasoningDelta):
            thought.append(event.text)
    return "".join(answer), "".join(thought) or None
