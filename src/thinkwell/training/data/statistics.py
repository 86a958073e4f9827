"""A data set in numbers. Pure."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from thinkwell.training.data.sizes import Sized


class Amount(msgspec.Struct, frozen=True):
    rows: int
    tokens: int


class Lengths(msgspec.Struct, frozen=True):
    """In tokens."""

    p50: int
    p95: int
    longest: int


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    rows: int
    tokens: int
    tasks: dict[str, Amount]
    languages: dict[str, Amount]
    sources: dict[str, Amount]
    lengths: dict[str, Lengths]  # of question, thought, answer, whole
    chat_rows: float  # shares of the whole
    chat_tokens: float
    repeated: int  # rows that stand there more than once, their first time not counted


def counted(rows: list[Sized]) -> Statistics:
    chat = [sized for sized in rows if sized.row.source == "chat"]
    tokens = sum(sized.whole for sized in rows)
    return Statistics(
        rows=len(rows),
        tokens=tokens,
        tasks=_by(rows, lambda sized: sized.row.task),
        languages=_by(rows, lambda sized: sized.row.language),
        sources=_by(rows, lambda sized: sized.row.source),
        lengths={
            "question": lengths([sized.prompt for sized in rows]),
            "thought": lengths([sized.thought for sized in rows if sized.thought]),
            "answer": lengths([sized.answer for sized in rows]),
            "whole": lengths([sized.whole for sized in rows]),
        },
        chat_rows=len(chat) / len(rows) if rows else 0.0,
        chat_tokens=sum(sized.whole for sized in chat) / tokens if tokens else 0.0,
        repeated=len(rows) - len({sized.row.digest for sized in rows}),
    )


def _by(rows: list[Sized], key: Callable[[Sized], str]) -> dict[str, Amount]:
    found: dict[str, list[int]] = {}
    for sized in rows:
        found.setdefault(key(sized), []).append(sized.whole)
    return {name: Amount(len(found[name]), sum(found[name])) for name in sorted(found)}


def lengths(sizes: list[int]) -> Lengths:
    """By the nearest rank: each figure is the length of a row that is there."""
    if not sizes:
        return Lengths(0, 0, 0)
    ordered = sorted(sizes)
    ranked = [ordered[-(-len(ordered) * percent // 100) - 1] for percent in (50, 95)]
    return Lengths(ranked[0], ranked[1], ordered[-1])
