"""What comes out of a splitter, with adjacent pieces of one kind put together: how it was chunked is gone."""

from __future__ import annotations

from hypothesis import strategies as st

from thinkwell.reasoning.splitter import Splitter
from thinkwell.values.engine import EngineDelta
from thinkwell.values.event import AnswerDelta, ReasoningDelta, Spoken, ToolCallDelta

CUTS = st.lists(st.integers(0, 400), max_size=12)


def chunked(text: str, cuts: list[int]) -> list[str]:
    ends = sorted({min(cut, len(text)) for cut in cuts} | {len(text)})
    return [text[begin:end] for begin, end in zip([0, *ends[:-1]], ends, strict=True)]


def split(splitter: Splitter, chunks: list[str], *, ended: bool = False) -> tuple[list[tuple[str, str]], int]:
    """Named pieces in order, and tokens counted, one token a chunk. Plain deltas pass it by, as they may."""
    events: list[Spoken] = []
    for chunk in chunks:
        quick = splitter.quick
        if chunk and quick in ("thought", "answer") and splitter.marks.isdisjoint(chunk):
            events.append(ReasoningDelta(chunk, 1) if quick == "thought" else AnswerDelta(chunk, 1))
            if splitter.passed is not None:
                splitter.passed.append(chunk)
        else:
            events += splitter.feed(EngineDelta(text=chunk, tokens=1))
    events += splitter.close(ended=ended)
    assert splitter.close() == []
    assert splitter.held_tokens == 0
    return merged(events), sum(event.tokens for event in events)


def merged(events: list[Spoken]) -> list[tuple[str, str]]:
    pieces: list[tuple[str, str]] = []
    for event in events:
        if isinstance(event, ToolCallDelta):
            kind, text = f"call {event.index}", event.arguments
            if event.name is not None:
                pieces.append((f"{event.index} is {event.name} {event.id}", ""))
        else:
            kind, text = ("thought" if isinstance(event, ReasoningDelta) else "answer"), event.text
        if text and pieces and pieces[-1][0] == kind:
            pieces[-1] = (kind, pieces[-1][1] + text)
        elif text:
            pieces.append((kind, text))
    return pieces


def of(kind: str, pieces: list[tuple[str, str]]) -> str:
    return "".join(text for name, text in pieces if name == kind)
