"""Rejection sampling: a teacher answers each question some times, thoughts that led to right answers stay.

As DeepSeek-R1's distillation set was made (arXiv:2501.12948, section 2.3.3): wrong answers, chaotic thoughts
and mixed languages are left out. Knows no wire.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from thinkwell.errors import SetupError
from thinkwell.training.data.asker import Asker, Draw, Endpoint, Reply
from thinkwell.training.data.journal import Done, work_off
from thinkwell.training.languages import foreign_script, share_in
from thinkwell.training.loops import loops
from thinkwell.training.rows import Row
from thinkwell.training.verifiers import verify

Verify = Callable[[str, str, str, dict[str, Any]], float]
# A teacher says its answer in a sentence; the row's own, in its bare form, is what is kept.
in_a_sentence: Verify = partial(verify, lenient=True)
# Less than this share of a thought's telling words in the question's language: it is mixed.
ONE_LANGUAGE = 0.7


class Teaching(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``samples`` are drawn of each question, the ``keep`` shortest right ones are kept. At most ``at_once``
    requests are open. ``spend``: once so much money is spent, no further question is begun; 0: no bound."""

    endpoint: Endpoint
    samples: int = 4
    keep: int = 1
    at_once: int = 8
    draw: Draw = msgspec.field(default_factory=lambda: Draw(temperature=0.6, top_p=0.95, max_tokens=4096))
    spend: float = 0.0


class Taught(msgspec.Struct, kw_only=True):
    """What all of it came to, earlier runs included."""

    questions: int = 0
    solved: int = 0
    rows: int = 0
    samples: int = 0
    dropped: Counter[str] = msgspec.field(default_factory=Counter)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    money: float = 0.0
    stopped: str = ""

    def text(self) -> str:
        reasons = "".join(f"\n  {number:>6} {why}" for why, number in self.dropped.most_common())
        return (
            f"{self.questions} questions asked, {self.solved} solved; {self.rows} rows kept "
            f"of {self.samples} samples.{reasons}\n"
            f"{self.prompt_tokens:,} tokens read, {self.completion_tokens:,} written, "
            f"money {self.money:.4f}. {self.stopped}"
        ).rstrip()


def check(teaching: Teaching) -> None:
    """Raises SetupError with the first thing that cannot be meant."""
    if min(teaching.samples, teaching.keep, teaching.at_once, teaching.endpoint.tries) < 1:
        raise SetupError("samples, keep, at_once and tries of a teacher have to be at least 1.")
    if teaching.spend and not (teaching.endpoint.price_in or teaching.endpoint.price_out):
        raise SetupError("A bound on what a teacher may cost needs its prices: price_in and price_out.")


async def teach(
    teaching: Teaching,
    rows: Sequence[Row],
    ask: Asker,
    *,
    out: Path,
    check_answer: Verify = in_a_sentence,
    told: Callable[[Taught], None] = lambda _: None,
) -> Taught:
    """Writes the rows to ``out``; its journal lies beside it. ``told`` after each question.

    Raises SetupError where the teacher cannot be reached or refuses; what was done until then is kept.
    """
    check(teaching)
    total = Taught()
    open_requests = asyncio.Semaphore(teaching.at_once)

    async def solve(row: Row) -> Done:
        return await _one(teaching, row, ask, open_requests, check_answer)

    def count(done: Done) -> None:
        _add(total, done, teaching.endpoint)
        told(total)

    def goes_on() -> bool:
        if teaching.spend and total.money >= teaching.spend:
            total.stopped = f"Stopped: the bound of {teaching.spend:g} is reached."
        return not total.stopped

    await work_off(rows, solve, out=out, at_once=teaching.at_once, count=count, goes_on=goes_on)
    return total


async def _one(
    teaching: Teaching, row: Row, ask: Asker, open_requests: asyncio.Semaphore, check_answer: Verify
) -> Done:
    async def sample(number: int) -> Reply:
        seed = teaching.draw.seed
        draw = msgspec.structs.replace(teaching.draw, seed=None if seed is None else seed + number)
        async with open_requests:
            return await ask(row.prompt, draw)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(sample(number)) for number in range(teaching.samples)]
    replies = [task.result() for task in tasks]
    dropped: Counter[str] = Counter()
    right: list[Reply] = []
    for reply in replies:
        why = why_not(row, reply, check_answer)
        if why is None and any(reply.thought == other.thought for other in right):
            why = "the same thought twice"
        if why is None:
            right.append(reply)
        else:
            dropped[why] += 1
    right.sort(key=lambda reply: len(reply.thought))  # stable: of two alike long ones the first
    if len(right) > teaching.keep:
        dropped["right, but longer than those kept"] += len(right) - teaching.keep
    return Done(
        digest=row.digest,
        rows=[_taught(row, reply) for reply in right[: teaching.keep]],
        dropped=dict(dropped),
        samples=len(replies),
        prompt_tokens=sum(reply.prompt_tokens for reply in replies),
        completion_tokens=sum(reply.completion_tokens for reply in replies),
    )


def _taught(row: Row, reply: Reply) -> Row:
    """The answer stays the row's own: it is the same, and in the form that the verifier knows."""
    return msgspec.structs.replace(row, trace=reply.thought, source="teacher")


def why_not(row: Row, reply: Reply, check_answer: Verify) -> str | None:
    """Why a reply teaches nothing."""
    if reply.finish == "length":
        return "cut off at its length"
    if not reply.answer:
        return "no answer"
    if not reply.thought:
        return "no thought"
    if check_answer(row.verifier, row.answer, reply.answer, row.entry) < 1:
        return "wrong answer"
    if loops(reply.thought):
        return "goes round in circles"
    if foreign_script(row.prompt, reply.thought) is not None:
        return "mixed languages"
    share = share_in(reply.thought, row.language)
    return "mixed languages" if share is not None and share < ONE_LANGUAGE else None


def _add(total: Taught, done: Done, endpoint: Endpoint) -> None:
    total.questions += 1
    total.solved += bool(done.rows)
    total.rows += len(done.rows)
    total.samples += done.samples
    total.dropped.update(done.dropped)
    total.prompt_tokens += done.prompt_tokens
    total.completion_tokens += done.completion_tokens
    cost = total.prompt_tokens * endpoint.price_in + total.completion_tokens * endpoint.price_out
    total.money = cost / 1_000_000
