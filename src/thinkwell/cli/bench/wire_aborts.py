"""What happens when readers leave: how soon the engine knows, and what it makes for nobody.

Readers leave at random moments between two tokens, not just after one: a person closes a tab when they do.
"""

from __future__ import annotations

import random

import msgspec

from thinkwell.cli.bench.wire_field import Field, Rival
from thinkwell.cli.bench.wire_load import Broken, Door, Seen, connect, together
from thinkwell.cli.bench.wire_speed import SPREAD_PHASES, Figures, percentile
from thinkwell.testing.wire_engine import Ended
from thinkwell.testing.wire_text import Direction

MOST_READ = 40
# A gateway that never tells the engine is found out after so many more tokens.
MORE = 100


class Left(msgspec.Struct, frozen=True):
    wait_ms: float
    tokens_after: int


async def aborts(here: Field, rival: Rival) -> Figures:
    await here.all_ended()
    drawn = random.Random(here.plan.seed)
    left: list[Left] = []
    for start in range(0, here.plan.aborts, here.plan.streams):
        numbers = range(start, min(start + here.plan.streams, here.plan.aborts))
        seen = dict(
            zip(numbers, await together(_leave(here, rival.at, n, drawn) for n in numbers), strict=True)
        )
        ended = {one.id: one for one in (await here.all_ended()).ended}
        if ended.keys() != seen.keys():
            raise Broken(f"{rival.name} lost {len(seen.keys() - ended.keys())} questions.")
        left += [left_of(seen[number], ended[number]) for number in numbers]
    waits = sorted(one.wait_ms for one in left)
    return {
        "abort_p50_ms": percentile(waits, 0.5),
        "abort_p99_ms": percentile(waits, 0.99),
        "abort_tokens_after": max(one.tokens_after for one in left),
    }


async def _leave(here: Field, door: Door, number: int, drawn: random.Random) -> Seen:
    rate = here.plan.rate
    said = Direction(
        think=MOST_READ // 2,
        answer=MOST_READ // 2 + MORE,
        rate=rate,
        id=number,
        watch=1,
        phases=SPREAD_PHASES,
    )
    read, linger = drawn.randint(1, MOST_READ), drawn.uniform(0.0, 1 / rate)
    reader = await connect(door)
    return await reader.ask(door.question(said, person=number), read, linger)


def left_of(seen: Seen, ended: Ended) -> Left:
    """From what the reader saw and what the engine told, by one clock. One that was not told in time ended
    by itself: before the reader left, where the gateway was far behind."""
    return Left(
        wait_ms=1000 * max(0.0, ended.at - seen.ended),
        tokens_after=sum(time > seen.ended for time in ended.times),
    )
