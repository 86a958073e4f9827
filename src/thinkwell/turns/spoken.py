"""What was said, as text: the fold of a turn's events. Used alike for a live ending and after a crash."""

from __future__ import annotations

from collections.abc import Iterable

from thinkwell.values.event import AnswerDelta, ReasoningDelta, ToolCallDelta, TurnEvent
from thinkwell.values.tool import ToolCall


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


def called(events: Iterable[TurnEvent]) -> list[ToolCall]:
    """The tool calls, whole, in the order of their index."""
    calls: dict[int, tuple[str, str, list[str]]] = {}
    for event in events:
        if isinstance(event, ToolCallDelta):
            id, name, arguments = calls.get(event.index, ("", "", []))
            calls[event.index] = (event.id or id, event.name or name, arguments)
            arguments.append(event.arguments)
    return [ToolCall(id, name, "".join(parts)) for _, (id, name, parts) in sorted(calls.items())]
