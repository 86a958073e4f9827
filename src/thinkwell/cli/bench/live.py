"""Fairness over HTTP in real time: a whole site and its engine, and beside it the engine's own queue.

The same questions of the same persons go to the site, which knows them by the header of a sign-in proxy,
and then to the engine itself, which serves whoever came first. Times are the engine's: with ``speed`` 5 a
minute of it takes 12 seconds.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, median

import aiohttp
import click
import msgspec

from thinkwell.cli.bench.report import Report, Row, figures, this_machine
from thinkwell.cli.bench.rivals import Plan, rivals
from thinkwell.cli.bench.timing import Timed, ask_streamed
from thinkwell.testing.simulation.trace import TraceRequest

PERSON_HEADER = "X-Bench-Person"
# Turns that the simulated engine runs at once: few enough that slots alone bound it, as engines tell them.
SLOTS = 16
BYTES_PER_TOKEN = 4
EMBEDDED_TOKENS = 24
# The engine, asked directly, makes no thought of its own: neither does the site.
PLAIN = {"reasoning_effort": "none"}

ROWS = {
    "live_ttft_median_person_s": Row(title="first token, median person's mean, site", unit="s", digits=2),
    "live_ttft_median_person_direct_s": Row(title="the same, engine's own queue", unit="s", digits=2),
    "live_ttft_light_s": Row(title="first token, lightest third of persons, site", unit="s", digits=2),
    "live_ttft_light_direct_s": Row(title="the same, engine's own queue", unit="s", digits=2),
    "live_tokens_per_s_ratio": Row(title="tokens/s, site against engine's own queue", unit="x", digits=3),
    "live_refused": Row(title="questions refused by the site", unit="", digits=0),
    "live_over_slots": Row(title="times that the site used the engine's queue", unit="", digits=0),
}


class Question(msgspec.Struct, frozen=True):
    """At ``at`` seconds of the engine's time ``person`` asks for ``tokens`` of answer."""

    at: float
    person: str
    prompt_tokens: int
    tokens: int


def from_trace(trace: Sequence[TraceRequest], seconds: float, pace: float) -> list[Question]:
    """The first ``seconds`` of a trace, ``pace`` times as fast. Who is not named is a person of their own."""
    return [
        Question(one.at / pace, one.person or f"nobody-{number}", one.prompt_tokens, one.output_tokens)
        for number, one in enumerate(trace)
        if one.at < seconds
    ]


def one_heavy_three_light() -> list[Question]:
    """Small enough for the embedded model: twelve questions of one person, then one each of three others."""
    heavy = [Question(0.0, "heavy", 40, EMBEDDED_TOKENS) for _ in range(12)]
    return heavy + [Question(0.5 * n, f"light-{n}", 40, EMBEDDED_TOKENS) for n in (1, 2, 3)]


async def measure(plan: Plan, questions: Sequence[Question], data: Path) -> Report:
    """Raises ClickException where a process does not start, or somebody is refused."""
    arguments = ["--set", f"people.proxy_header={PERSON_HEADER}", "--set", "people.proxy_addresses=127.0.0.1"]
    machine = await asyncio.to_thread(this_machine)
    async with rivals(plan, data, tuple(arguments)) as pair:
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=None)
        )
        async with session:
            at_site = await _play(session, pair.site, pair.model, plan, questions, PLAIN)
            over = await _over_slots(session, pair.engine) if plan.engine == "simulated" else 0.0
            # Other prompts: what the site asked is in the engine's prefix cache by now.
            anew = msgspec.structs.replace(plan, seed=plan.seed + 1)
            direct = await _play(session, pair.engine, pair.model, anew, questions)
    readings = {
        **_readings(questions, at_site, plan.speed, ""),
        **_readings(questions, direct, plan.speed, "_direct"),
        "live_tokens_per_s_ratio": [_rate(at_site) / _rate(direct)],
        "live_refused": [0.0],
        "live_over_slots": [over],
    }
    setup: dict[str, str | int | float] = {
        "engine": plan.engine,
        "speed": plan.speed,
        "questions": len(questions),
        "persons": len({question.person for question in questions}),
        "seed": plan.seed,
    }
    return Report(bench="fairness-live", machine=machine, setup=setup, figures=figures(ROWS, readings))


async def _play(
    session: aiohttp.ClientSession,
    url: str,
    model: str,
    plan: Plan,
    questions: Sequence[Question],
    more: Mapping[str, str] | None = None,
) -> list[Timed]:
    began = time.perf_counter()

    async def ask(number: int, question: Question) -> Timed:
        await asyncio.sleep(question.at / plan.speed - (time.perf_counter() - began))
        body = {**_body(plan, model, number, question), **(more or {})}
        headers = {PERSON_HEADER: question.person}
        return await ask_streamed(session, url, body, headers)

    async with asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(ask(number, question)) for number, question in enumerate(questions)]
    return [task.result() for task in asked]


def _body(plan: Plan, model: str, number: int, question: Question) -> dict[str, object]:
    """A prompt of about the wanted size, with a beginning of its own so that no cache knows it."""
    said = f"{plan.seed}-{number:06d} "
    filler = " "
    if plan.engine == "simulated":
        said += f"[[think=0 answer={question.tokens}]] "
        filler = "x"
    said = said.ljust(question.prompt_tokens * BYTES_PER_TOKEN - 20, filler)
    return {
        "model": model,
        "messages": [{"role": "user", "content": said + "Count from 1 to 100."}],
        "max_tokens": question.tokens,
        "temperature": 0,
        "stream_options": {"include_usage": True},
    }


async def _over_slots(session: aiohttp.ClientSession, engine: str) -> float:
    class Stats(msgspec.Struct):
        queued_ever: int
        refused: int

    async with session.get(f"{engine}/simulated/stats") as reply:
        stats = msgspec.json.decode(await reply.read(), type=Stats)
    return float(stats.queued_ever + stats.refused)


def _readings(
    questions: Sequence[Question], answers: Sequence[Timed], speed: float, suffix: str
) -> dict[str, list[float]]:
    waits: dict[str, list[float]] = defaultdict(list)
    work: dict[str, int] = defaultdict(int)
    for question, answer in zip(questions, answers, strict=True):
        waits[question.person].append((answer.first - answer.sent) * speed)
        work[question.person] += question.prompt_tokens + 2 * question.tokens
    means = {person: fmean(each) for person, each in waits.items()}
    lightest = sorted(means, key=lambda person: work[person])[: max(1, len(means) // 3)]
    return {
        f"live_ttft_median_person{suffix}_s": [median(means.values())],
        f"live_ttft_light{suffix}_s": [fmean(means[person] for person in lightest)],
    }


def _rate(answers: Sequence[Timed]) -> float:
    seconds = max(answer.last for answer in answers) - min(answer.sent for answer in answers)
    if seconds <= 0:
        raise click.ClickException("Nothing was measured: all answers came at once.")
    return sum(answer.tokens for answer in answers) / seconds
