"""What passing tokens costs: processor time, tokens and requests per second, the wait for the first token.

One measurement of one rival a call, as figures without the rival's name; who comes when is wire.py's to say.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from math import ceil

import msgspec

from thinkwell.cli.bench.wire_cores import cpu_s, waited_s
from thinkwell.cli.bench.wire_field import Field, Rival
from thinkwell.cli.bench.wire_load import Door, Reader, connect, repeat, together
from thinkwell.testing.wire_text import Direction

SPREAD_PHASES = 16
UNPACED_TOKENS = 512
FIRST_STREAMS = 4
FIRST_TIMES = 2  # as long as other measurements: one of a hundred is to be told
# Some 40 ms each: a hundred questions per second, which leave any gateway idle most of the time.
FIRST = Direction(think=4, answer=4, rate=200.0)
SHORT = Direction(think=8, answer=8)

Figures = dict[str, float]


class Work(msgspec.Struct, frozen=True):
    """``cpu_s``, ``waited_s``: what the rival's process took and was kept from, None where nobody can say."""

    done: int
    wall_s: float
    cpu_s: float | None
    waited_s: float | None

    def rates(self, what: str) -> Figures:
        """What was done a second, and how much of the time the core was somebody else's."""
        found = {f"{what}_per_s": self.done / self.wall_s}
        if self.cpu_s:
            found[f"{what}_per_cpu_s"] = self.done / self.cpu_s
        if self.waited_s is not None:
            found[f"{what}_core_lost_percent"] = 100 * self.waited_s / self.wall_s
        return found


class Watch:
    """Begins when it is made; ``work`` says what was done since."""

    def __init__(self, pid: int | None, cpu: float | None, waited: float | None) -> None:
        self._pid = pid
        self._cpu = cpu
        self._waited = waited
        self.began = time.monotonic()

    async def work(self, done: int) -> Work:
        wall = time.monotonic() - self.began
        cpu, waited = await cpu_s(self._pid), await waited_s(self._pid)
        return Work(done, wall, _since(self._cpu, cpu), _since(self._waited, waited))


async def watch(pid: int | None) -> Watch:
    waited = await waited_s(pid)
    return Watch(pid, await cpu_s(pid), waited)


async def cpu(here: Field, rival: Rival) -> Figures:
    """All streams at once, each once, at the pace of an engine: in step, and then in groups that are not."""
    half = here.plan.tokens // 2
    said = Direction(think=half, answer=here.plan.tokens - half, rate=here.plan.rate)
    together_ms = await cpu_ms_per_1000_tokens(here, rival, said)
    spread = msgspec.structs.replace(said, phases=SPREAD_PHASES)
    spread_ms = await cpu_ms_per_1000_tokens(here, rival, spread)
    found = {"cpu_ms_per_1000_tokens": together_ms, "cpu_spread_ms_per_1000_tokens": spread_ms}
    return {name: value for name, value in found.items() if value is not None}


async def cpu_ms_per_1000_tokens(here: Field, rival: Rival, said: Direction) -> float | None:
    work = await _streams(here, rival, said, 0.0)
    return None if work.cpu_s is None else 1e6 * work.cpu_s / work.done


async def unpaced(here: Field, rival: Rival) -> Figures:
    """All streams as fast as they go, again and again until the time is over."""
    half = UNPACED_TOKENS // 2
    said = Direction(think=half, answer=half)
    return (await _streams(here, rival, said, here.plan.seconds)).rates("tokens")


async def whole(here: Field, rival: Rival) -> Figures:
    """Short answers in one piece, over connections that are kept."""
    door = rival.at
    clock = await watch(rival.pid)
    until = clock.began + here.plan.seconds
    answered = await together(
        repeat(door, door.question(SHORT, stream=False, person=person), until)
        for person in range(here.plan.connections)
    )
    return (await clock.work(sum(answered))).rates("requests")


async def first(here: Field, rival: Rival) -> Figures:
    """Four streams at a time, a new one as soon as one has ended."""
    until = time.monotonic() + FIRST_TIMES * here.plan.seconds
    found = await together(_firsts(rival.at, person, until) for person in range(FIRST_STREAMS))
    waits = sorted(wait for one in found for wait in one)
    return {"first_token_p50_ms": percentile(waits, 0.5), "first_token_p99_ms": percentile(waits, 0.99)}


async def _firsts(door: Door, person: int, until: float) -> list[float]:
    reader = await connect(door)
    question = door.question(FIRST, person=person)
    waits: list[float] = []
    while not waits or time.monotonic() < until:
        seen = await reader.ask(question)
        waits.append(1000 * (seen.first - seen.sent))
    reader.close()
    return waits


async def _streams(here: Field, rival: Rival, said: Direction, seconds: float) -> Work:
    door = rival.at
    readers = [await connect(door) for _ in range(here.plan.streams)]
    clock = await watch(rival.pid)
    tokens = await together(
        _again(door, reader, door.question(said, person=person), clock.began + seconds)
        for person, reader in enumerate(readers)
    )
    work = await clock.work(sum(tokens))
    for reader in readers:
        reader.close()
    return work


async def _again(door: Door, reader: Reader, question: bytes, until: float) -> int:
    tokens = 0
    while True:
        seen = await reader.ask(question)
        tokens += seen.tokens(door)
        if seen.ended >= until:
            return tokens


def _since(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before


def over_nginx(found: Mapping[str, Figures]) -> Figures:
    """The site's processor time over nginx's, where both were measured in a round."""
    ours, theirs = found.get("thinkwell", {}), found.get("nginx", {})
    pairs = {"cpu_over_nginx": "cpu_ms_per_1000_tokens"}
    pairs["cpu_spread_over_nginx"] = "cpu_spread_ms_per_1000_tokens"
    return {
        name: ours[each] / theirs[each] for name, each in pairs.items() if each in ours and each in theirs
    }


def added(found: Mapping[str, Figures]) -> Figures:
    """What everybody adds to the engine's own first token."""
    direct = found.get("direct", {})
    return {
        f"first_token_added_{share}_ms_{name}": figures[f"first_token_{share}_ms"] - alone
        for share in ("p50", "p99")
        if (alone := direct.get(f"first_token_{share}_ms")) is not None
        for name, figures in found.items()
        if name != "direct"
    }


def percentile(ordered: Iterable[float], share: float) -> float:
    """The least value that ``share`` of them do not exceed; ``ordered`` rises and is not empty."""
    values = list(ordered)
    return values[max(0, ceil(share * len(values)) - 1)]
