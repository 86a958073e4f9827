"""``bench overhead``: the site against its own engine, by turns, in one run.

Differences and ratios are taken within a pair that ran one right after the other, and their median is
shown: a machine that slows down for a while slows both.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

import aiohttp
import msgspec

from thinkwell.cli.bench.overhead_rows import ROWS
from thinkwell.cli.bench.processes import Reading, read_process
from thinkwell.cli.bench.report import Report, figures, this_machine
from thinkwell.cli.bench.rivals import Plan, Questions, Rivals, rivals
from thinkwell.cli.bench.timing import Timed, ask_streamed, ask_whole, rate, whole_rate

# A first token costs little to ask for and varies much: it is asked for so many times as often.
SHORT_PER_ROUND = 4
SHORT_TOKENS = 2


async def measure(plan: Plan, data: Path) -> Report:
    """``data`` is an empty folder for the site. Raises ClickException."""
    machine = await asyncio.to_thread(this_machine)
    async with rivals(plan, data) as both:
        # A connection for each question: one kept open may be closed by either side at any moment.
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        timeout = aiohttp.ClientTimeout(total=None, sock_read=300)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            match = _Match(plan, both, session)
            await match.play()
    rows = ROWS
    if plan.engine == "simulated" and plan.profile == "instant":
        # No time passes in that engine: the figures are the gateway's limits, not shares of an answer.
        rows = {name: msgspec.structs.replace(row, below=None) for name, row in ROWS.items()}
    setup: dict[str, str | int | float] = {**msgspec.structs.asdict(plan), "model": both.model}
    if plan.engine == "embedded":
        del setup["profile"], setup["speed"]
    setup |= {"questions": match.questions_asked, "tokens_read": match.tokens_read}
    return Report(bench="overhead", machine=machine, setup=setup, figures=figures(rows, match.readings))


class _Match:
    """The rounds, and what was read in them by name of row."""

    def __init__(self, plan: Plan, both: Rivals, session: aiohttp.ClientSession) -> None:
        self._plan = plan
        self._both = both
        self._session = session
        self._questions = Questions(plan, both.model)
        self.readings: dict[str, list[float]] = defaultdict(list)
        self.questions_asked = 0
        self.tokens_read = 0

    async def play(self) -> None:
        plan = self._plan
        for at_site in (False, True):  # the first one of each opens connections and is not counted
            await self._ask(SHORT_TOKENS, at_site)
        await self._note_memory("")
        for turn in range(plan.rounds * SHORT_PER_ROUND):
            direct, site = await self._pair(turn, SHORT_TOKENS, 1)
            self._note_first("", direct, site)
        for turn in range(plan.rounds):
            direct, site = await self._pair(turn, plan.tokens, 1)
            self._note_rate("", rate(direct[0]), rate(site[0]))
        for turn in range(plan.rounds):
            direct, site = await self._pair(turn, plan.tokens, plan.streams, "streams_")
            self._note_first("streams_", direct, site)
            self._note_rate("streams_", whole_rate(direct), whole_rate(site))
            await self._note_memory("streams_")
        for _ in range(plan.rounds):
            await self._think()
        for turn in range(plan.rounds):
            for at_site in _order(turn):
                await self._small(at_site)

    async def _pair(
        self, turn: int, tokens: int, streams: int, prefix: str = ""
    ) -> tuple[list[Timed], list[Timed]]:
        """Both asked, one after the other, the order changing every turn: (engine's, site's)."""
        answers: dict[bool, list[Timed]] = {}
        for at_site in _order(turn):
            before = await read_process(self._both.gateway_pid) if at_site else None
            answers[at_site] = await self._at_once(tokens, streams, at_site)
            after = await read_process(self._both.gateway_pid) if at_site else None
            if tokens > SHORT_TOKENS:
                self._note_cpu(prefix, before, after, answers[at_site])
        return answers[False], answers[True]

    async def _at_once(self, tokens: int, streams: int, at_site: bool) -> list[Timed]:
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(self._ask(tokens, at_site)) for _ in range(streams)]
        return [task.result() for task in asked]

    async def _ask(self, tokens: int, at_site: bool) -> Timed:
        body = self._questions.plain(tokens, at_site=at_site)
        return self._counted(await ask_streamed(self._session, self._url(at_site), _with_usage(body)))

    def _counted(self, answer: Timed) -> Timed:
        self.questions_asked += 1
        self.tokens_read += answer.tokens
        return answer

    async def _think(self) -> None:
        body = self._questions.with_thought(self._plan.tokens)
        answer = self._counted(await ask_streamed(self._session, self._both.site, _with_usage(body)))
        self.readings["thought_first_ms"].append(answer.first_ms)
        if answer.first_answer is not None:
            self.readings["thought_answer_ms"].append(1000 * (answer.first_answer - answer.sent))

    async def _small(self, at_site: bool) -> None:
        bodies = [self._questions.plain(SHORT_TOKENS, at_site=at_site) for _ in range(self._plan.streams)]
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for body in bodies:
                group.create_task(ask_whole(self._session, self._url(at_site), body))
        seconds = time.perf_counter() - began
        self.questions_asked += len(bodies)
        name = "small_requests_per_s_site" if at_site else "small_requests_per_s_direct"
        self.readings[name].append(len(bodies) / seconds)

    def _url(self, at_site: bool) -> str:
        return self._both.site if at_site else self._both.engine

    def _note_first(self, prefix: str, direct: list[Timed], site: list[Timed]) -> None:
        of_direct, of_site = (median(answer.first_ms for answer in side) for side in (direct, site))
        self.readings[f"{prefix}first_token_direct_ms"].append(of_direct)
        self.readings[f"{prefix}first_token_site_ms"].append(of_site)
        self.readings[f"{prefix}first_token_added_ms"].append(of_site - of_direct)

    def _note_rate(self, prefix: str, of_direct: float | None, of_site: float | None) -> None:
        if of_direct is None or of_site is None:
            return
        self.readings[f"{prefix}tokens_per_s_direct"].append(of_direct)
        self.readings[f"{prefix}tokens_per_s_site"].append(of_site)
        self.readings[f"{prefix}tokens_per_s_lost_percent"].append(100 * (1 - of_site / of_direct))

    def _note_cpu(
        self, prefix: str, before: Reading | None, after: Reading | None, answers: list[Timed]
    ) -> None:
        if before is None or after is None:
            return
        tokens = sum(answer.tokens for answer in answers)
        used = after.cpu_ms - before.cpu_ms
        self.readings[f"{prefix}gateway_cpu_ms_per_1000_tokens"].append(1000 * used / tokens)

    async def _note_memory(self, prefix: str) -> None:
        for name, pid in (("gateway", self._both.gateway_pid), ("engine", self._both.engine_pid)):
            reading = await read_process(pid)
            if reading is not None:
                self.readings[f"{prefix}{name}_memory_mib"].append(reading.memory_mib)


def _order(turn: int) -> tuple[bool, bool]:
    """Who is asked first, changing every turn: False for the engine, True for the site."""
    return (False, True) if turn % 2 == 0 else (True, False)


def _with_usage(body: dict[str, object]) -> dict[str, object]:
    return {**body, "stream_options": {"include_usage": True}}
