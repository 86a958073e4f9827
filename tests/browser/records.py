"""What a site that has been open for weeks has written down: hours with turns, looks, failures, refusals."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

from sqlalchemy import insert
from tests.ledger.test_hours import entry

from thinkwell.http.site import Site
from thinkwell.ledger.hours import HOUR_US, hour_of
from thinkwell.store import tables
from thinkwell.turns.run import now_us
from thinkwell.turns.watch import Crowd, Failure, Sample

MODELS = ("smollm2-135m-instruct", "qwen3-8b", "deepseek-r1-distill-32b")
TIERS = ("visitor", "member", "staff")
CODES = ("engine_stalled", "engine_unavailable", "interrupted")
LOOK_US = 2_000_000
DAY_HOURS = 24


async def write_hours(site: Site, days: int = 9) -> None:
    """Entries of the last days, fewer by night; always the same of them."""
    chance, hour = random.Random(5), hour_of(now_us())
    rows = [
        row
        for ago in range(1, days * DAY_HOURS)
        for row in _hour(hour - ago * HOUR_US, chance, round(9 + 9 * math.sin(ago / DAY_HOURS * math.tau)))
    ]
    await site.database.write(lambda tx: tx.execute(insert(tables.entries), rows))


def _hour(hour: int, chance: random.Random, usual: int) -> Iterator[dict[str, object]]:
    for _ in range(usual + chance.randrange(4)):
        prompt, thought, answer = (chance.randrange(20, most) for most in (900, 2500, 600))
        price = (prompt + 3 * (thought + answer)) // 7
        failed = chance.random() < 0.02
        yield entry(
            hour + chance.randrange(HOUR_US),
            model=chance.choice(MODELS),
            tier=chance.choice(TIERS),
            ending="failed" if failed else "finished",
            code=chance.choice(CODES) if failed else None,
            prompt_tokens=prompt,
            cached_tokens=prompt // 3,
            reasoning_tokens=thought,
            answer_tokens=answer,
            price=0 if failed else price,
            due=0 if failed else price // 2,
            cost=price // 3,
            energy=(thought + answer) * 45_000,
            waited_ms=int(chance.expovariate(1 / 900)),
            first_token_ms=150 + int(chance.expovariate(1 / 1400)),
        )


def write_looks(site: Site, minutes: int = 25) -> None:
    """Looks of the minutes before now, and what failed in them."""
    watch, chance, end = site.watching.watch, random.Random(7), now_us()
    count = minutes * 60_000_000 // LOOK_US
    watch.samples.extend(
        _look(end - (count - index) * LOOK_US, index / count, chance) for index in range(count)
    )
    for index in range(12):
        at = end - (12 - index) * 100_000_000
        code = chance.choice(CODES)
        failure = Failure(
            at=at, code=code, model=MODELS[index % 3], tier=TIERS[index % 3], engine=site.pool.engines[0].name
        )
        watch.failures.append(failure)


def _look(at: int, part: float, chance: random.Random) -> Sample:
    people = 9 + 7 * math.sin(part * 7) + chance.random() * 2
    running, waiting = min(8, round(people)), max(0, round(people) - 8)
    return Sample(
        at=at,
        crowd=Crowd(running, waiting, running, waiting),
        tiers={
            "visitor": Crowd(running // 2, waiting, running // 2, waiting),
            "member": Crowd(running // 3, 0, running // 3, 0),
            "staff": Crowd(1, 0, 2, 0),
        },
        slots=8,
        load=people / 12,
        generated_per_s=38.0 * running + 20 * chance.random(),
        prompt_per_s=90.0 * chance.random() * people,
        first_p50=300 + 60 * round(people),
        first_p90=900 + 250 * round(people),
        wait_p50=40 * waiting * waiting,
        wait_p90=300 * waiting,
        failed=0,
        refused=0,
        lag_s=0.001,
    )
