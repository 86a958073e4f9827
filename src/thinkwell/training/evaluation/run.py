"""An evaluation: the served model asked over its chat door, as a visitor's question reaches it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from thinkwell.training.engine import client_of, drawing, post
from thinkwell.training.evaluation.asking import Way, messages
from thinkwell.training.evaluation.scores import Answered
from thinkwell.training.rows import Row


class EvalSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``samples`` of each question. DeepSeek-R1's own evaluation is at a temperature of 0.6 and a top_p of
    0.95 (arXiv 2501.12948, 3); at temperature 0 one, the likeliest, is enough."""

    samples: int = 1
    temperature: float = 0.0
    top_p: float = 0.95
    tokens: int = 512
    way: Way = "plain"
    seed: int = 1


async def ask_all(
    url: str,
    rows: Sequence[Row],
    settings: EvalSettings,
    *,
    examples: Sequence[Row] = (),
    at_once: int = 16,
    told: Callable[[int], None] = lambda _: None,
) -> list[Answered]:
    """In the order of rows, all samples of one together. ``told`` gets how many are answered. Raises
    EngineBroken where the engine fails."""
    room, done = asyncio.Semaphore(at_once), 0
    top_p = settings.top_p if settings.temperature else 1.0
    async with await client_of(url) as client:

        async def one(at: int, copy: int) -> Answered:
            nonlocal done
            row = rows[at]
            body: dict[str, Any] = {
                "messages": messages(settings.way, row, examples, settings.seed),
                "max_tokens": settings.tokens,
                **drawing(settings.temperature, top_p, settings.seed + at * 1000 + copy),
            }
            async with room:
                found = await post(client, "/v1/chat/completions", body)
            choice = found["choices"][0]
            done += 1
            told(done)
            return Answered(
                row,
                choice["message"]["content"] or "",
                found["usage"]["completion_tokens"],
                choice["finish_reason"] == "stop",
            )

        jobs = [one(at, copy) for at in range(len(rows)) for copy in range(settings.samples)]
        return list(await asyncio.gather(*jobs))
