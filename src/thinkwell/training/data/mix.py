"""Reasoning and general talk in one order. Pure: the same seed gives the same order."""

from __future__ import annotations

from random import Random
from typing import Literal

from thinkwell.training.data.parts import Order
from thinkwell.training.data.sizes import Sized


def share_of(chat: list[Sized], others: list[Sized], by: Literal["tokens", "rows"]) -> float:
    said, rest = _amount(chat, by), _amount(others, by)
    return said / (said + rest) if said + rest else 0.0


def chosen_chat(
    chat: list[Sized], others: list[Sized], *, share: float, by: Literal["tokens", "rows"], repeats: int
) -> list[Sized]:
    """The first rows of ``chat`` that make up ``share`` of the whole, over and over up to ``repeats`` times.

    The row that would carry it over the share is left out: what is asked for is a bound too.
    """
    most = _amount(others, by) * share / (1 - share)
    chosen: list[Sized] = []
    total = 0
    for sized in (sized for _ in range(repeats) for sized in chat):
        size = 1 if by == "rows" else sized.whole
        if total + size <= most:
            chosen.append(sized)
            total += size
    return chosen


def _amount(rows: list[Sized], by: Literal["tokens", "rows"]) -> int:
    return len(rows) if by == "rows" else sum(sized.whole for sized in rows)


def mixed(chat: list[Sized], others: list[Sized], order: Order, seed: int) -> list[Sized]:
    """Shuffled, with talk spread evenly over the whole. ``easy_first``: others by their level, as a share of
    the highest level of their task, so that tasks with many levels do not come last."""
    random = Random(f"{seed}/order")
    chat, others = list(chat), list(others)
    random.shuffle(chat)
    random.shuffle(others)
    if order == "easy_first":
        highest: dict[str, int] = {}
        for sized in others:
            highest[sized.row.task] = max(highest.get(sized.row.task, 0), sized.row.level)
        others.sort(key=lambda sized: sized.row.level / (highest[sized.row.task] or 1))
    placed = [
        ((place + random.random()) / len(rows), sized)
        for rows in (others, chat)
        for place, sized in enumerate(rows)
    ]
    placed.sort(key=lambda it: it[0])
    return [sized for _, sized in placed]
