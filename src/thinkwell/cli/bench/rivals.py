"""The two that are compared: a site in a process of its own, and its engine, asked directly.

Knows what is asked of each, so that both do the same work; measures nothing.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click
import msgspec

from thinkwell.cli.bench.processes import only_child

LEAST_SLOTS = 4


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What ``bench overhead`` was told to do."""

    engine: str = "embedded"
    profile: str = "h100-8b"
    speed: float = 1.0
    rounds: int = 9
    tokens: int = 96
    streams: int = 4
    seed: int = 1
    over: str = "refuse"

    @property
    def slots(self) -> int:
        """Nobody waits in line: what is measured is the way, not the wait."""
        return max(LEAST_SLOTS, self.streams)


class Rivals(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses and process ids; ``engine_pid`` is None where it cannot be found out."""

    site: str
    engine: str
    model: str
    gateway_pid: int
    engine_pid: int | None


class Questions:
    """Bodies of requests. Each begins with a number of its own, so that no prefix cache knows it.

    The numbers have as many digits each, and so as many tokens.
    """

    def __init__(self, plan: Plan, model: str) -> None:
        self._numbers = random.Random(plan.seed)
        self._simulated = plan.engine == "simulated"
        self._model = model

    def plain(self, tokens: int, *, at_site: bool) -> dict[str, Any]:
        """A question without a thought: one plain pass of the engine, at the site too."""
        body = self._body(tokens, f"[[think=0 answer={tokens}]]")
        return {**body, "reasoning_effort": "none"} if at_site else body

    def with_thought(self, tokens: int) -> dict[str, Any]:
        """A question as a person asks it."""
        half = max(1, tokens // 2)
        return self._body(tokens, f"[[think={half} answer={max(1, tokens - half)}]]")

    def _body(self, tokens: int, direction: str) -> dict[str, Any]:
        number = f"{self._numbers.randrange(10**8):08d}"
        wish = "Count from 1 to 500 in words."
        return {
            "model": self._model,
            "messages": [
                {"role": "system", "content": f"{number} You answer in plain text."},
                {"role": "user", "content": f"{wish} {direction}" if self._simulated else wish},
            ],
            "max_tokens": tokens,
            "temperature": 0,
        }


@asynccontextmanager
async def rivals(plan: Plan, data: Path, more: tuple[str, ...] = ()) -> AsyncIterator[Rivals]:
    """Both running; ``more`` are arguments of the site. Raises ClickException where one does not start."""
    if plan.engine == "embedded":
        # The model as it is: its answers are of the length that is asked for, with thought or without.
        async with _site(data, plan, ("--set", "engine.adapter=none", *more)) as site:
            yield site
        return
    async with (
        _simulated_engine(plan) as (url, pid),
        _site(data, plan, ("--model", f"{url}/v1", *more)) as site,
    ):
        yield msgspec.structs.replace(site, engine_pid=pid)


@asynccontextmanager
async def _site(data: Path, plan: Plan, more: tuple[str, ...]) -> AsyncIterator[Rivals]:
    from thinkwell.testing.process import DidNotStart, site_process

    try:
        async with site_process(data, "--slots", str(plan.slots), *more) as site:
            ready = site.ready
            assert ready.engine_url is not None
            yield Rivals(
                site=ready.url,
                engine=ready.engine_url,
                model=ready.model,
                gateway_pid=ready.pid,
                engine_pid=await only_child(ready.pid),
            )
            await site.end()
    except DidNotStart as problem:
        raise click.ClickException(f"The site did not start: {problem.said.strip()[-500:]}") from None


@asynccontextmanager
async def _simulated_engine(plan: Plan) -> AsyncIterator[tuple[str, int]]:
    """Its address and process id; it ends when its standard input does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "thinkwell.testing.simulation.server", "--die-with-parent"),
        *("--profile", plan.profile, "--speed", str(plan.speed), "--slots", str(plan.slots)),
        *("--over", plan.over),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        line = await process.stdout.readline()
        if not line:
            raise click.ClickException("The simulated engine did not start; is there such a profile?")
        yield msgspec.json.decode(line, type=dict[str, str])["url"], process.pid
    finally:
        process.stdin.close()
        await process.communicate()
