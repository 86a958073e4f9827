"""Watch: the site as it is now and was in the last half hour, in memory. An Observer of turns.

What the operator's page and the public one show live, and what the gauges of the metrics read. It counts
people but does not name them: only who was refused for a quota is remembered for an hour, for the operator's
page to show by a hash.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from thinkwell.engines.base import Engine
from thinkwell.errors import BudgetSpent, OverQuota, Refused, TooManyAtOnce
from thinkwell.ledger.histogram import Histogram, bucket_of, merged
from thinkwell.scheduling.replica import Replica
from thinkwell.turns.dispatcher import Dispatcher
from thinkwell.turns.live import LiveTurn, LiveTurns
from thinkwell.turns.observer import Unmoved
from thinkwell.turns.rolling import Rolling
from thinkwell.values.caller import Caller
from thinkwell.values.event import Failed, TurnEnd

EVERY_S = 2.0
KEPT = 900  # samples: half an hour
RECENT_S = 300.0
HOUR_S = 3600.0
MOST_FAILURES = 200
MOST_REFUSED = 1000
SECOND_US = 1_000_000
FOR_QUOTA = frozenset({OverQuota.code, BudgetSpent.code, TooManyAtOnce.code})


class Parts(msgspec.Struct, frozen=True):
    """What is watched. ``load`` is as scheduling/load.py defines it."""

    turns: LiveTurns
    dispatcher: Dispatcher
    engines: Sequence[Engine]
    replicas: Mapping[str, Replica]
    load: Callable[[], float]


class Crowd(msgspec.Struct, frozen=True):
    """People and their turns: a person with several turns is one, and runs if any of them does."""

    people_running: int = 0
    people_waiting: int = 0
    running: int = 0
    waiting: int = 0


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One look at the site, ``at`` microseconds since 1970. Tokens are a second's since the look before;
    percentiles are of the turns that ended in the last five minutes, in milliseconds, None without any;
    ``failed`` and ``refused`` happened since the look before; ``lag_s`` is how late the event loop was."""

    at: int
    crowd: Crowd
    tiers: dict[str, Crowd]
    slots: int
    load: float
    generated_per_s: float
    prompt_per_s: float
    first_p50: int | None
    first_p90: int | None
    wait_p50: int | None
    wait_p90: int | None
    failed: int
    refused: int
    lag_s: float


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A turn that failed: no text, and no person."""

    at: int
    code: str
    model: str
    tier: str
    engine: str | None


class Turned(msgspec.Struct, kw_only=True):
    """Somebody who was refused for a quota, in memory only. ``last_at`` seconds of the monotonic clock."""

    person: str
    network: str | None
    tier: str
    code: str
    times: int
    at: int
    last_at: float


class Recent:
    """What ended in a slot of time, by tier."""

    def __init__(self) -> None:
        self.waits: dict[str, Histogram] = {}
        self.first_tokens: dict[str, Histogram] = {}


class Watch(Unmoved):
    """``clock`` is monotonic, in seconds; ``now_us`` tells the time of day."""

    def __init__(
        self,
        parts: Parts,
        now_us: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.parts = parts
        self._now_us = now_us
        self._clock = clock
        self.samples: deque[Sample] = deque(maxlen=KEPT)
        self.failures: deque[Failure] = deque(maxlen=MOST_FAILURES)
        self._recent = Rolling(Recent, 30, RECENT_S / 30)
        self._codes: Rolling[Counter[str]] = Rolling(Counter, 60, HOUR_S / 60)
        self._refusals: Rolling[Counter[str]] = Rolling(Counter, 60, HOUR_S / 60)
        self._turned: OrderedDict[tuple[str, str], Turned] = OrderedDict()
        # Totals since the start, of turns that are over: generated tokens, and those read of prompts.
        self._generated = self._prompt = 0
        self._failed = self._refused = 0
        self._before = (clock(), 0, 0, 0, 0)

    # -- an Observer -----------------------------------------------------------------------------

    def ended(self, live: LiveTurn, end: TurnEnd) -> None:
        receipt, tier, now = end.receipt, live.request.caller.tier, self._clock()
        usage = receipt.usage
        self._generated += usage.generated
        self._prompt += usage.prompt - usage.cached
        recent = self._recent.current(now)
        _note(recent.waits, tier, receipt.waited_s)
        if receipt.first_token_s is not None:
            _note(recent.first_tokens, tier, receipt.first_token_s)
        if isinstance(end, Failed):
            self._failed += 1
            self._codes.current(now)[end.code] += 1
            leases = live.meter.by_lease
            self.failures.append(
                Failure(
                    at=self._now_us(),
                    code=end.code,
                    model=receipt.model,
                    tier=tier,
                    engine=leases[-1].replica if leases else None,
                )
            )

    def refused(self, caller: Caller, why: Refused) -> None:
        """Only for a quota: all refusals, of whatever kind, are counted by ``turned_away``."""
        if why.code not in FOR_QUOTA:
            return
        key = caller.person, why.code
        known = self._turned.pop(key, None)
        self._turned[key] = Turned(
            person=caller.person,
            network=caller.group,
            tier=caller.tier,
            code=why.code,
            times=1 + (known.times if known else 0),
            at=self._now_us(),
            last_at=self._clock(),
        )
        while len(self._turned) > MOST_REFUSED:
            self._turned.popitem(last=False)

    def forget(self, person: str) -> None:
        """They were erased."""
        for key in [key for key in self._turned if key[0] == person]:
            del self._turned[key]

    def turned_away(self, code: str) -> None:
        """A request was answered with an error."""
        self._refused += 1
        self._refusals.current(self._clock())[code] += 1

    # -- what is read ----------------------------------------------------------------------------

    def crowds(self) -> dict[str, Crowd]:
        """Who is there now, by tier."""
        return self._crowds()[0]

    def waits(self) -> dict[str, Histogram]:
        """Of the turns that ended in the last five minutes, by tier."""
        return _by_tier(recent.waits for recent in self._recent.within(self._clock()))

    def first_tokens(self) -> dict[str, Histogram]:
        """As ``waits``, from admission to the first token."""
        return _by_tier(recent.first_tokens for recent in self._recent.within(self._clock()))

    def codes(self, seconds: float) -> Counter[str]:
        """Turns that failed in that time, an hour at most, by code."""
        return sum(self._codes.within(self._clock(), seconds), Counter())

    def refusals(self, seconds: float) -> Counter[str]:
        """Requests that were answered with an error in that time, an hour at most, by code."""
        return sum(self._refusals.within(self._clock(), seconds), Counter())

    def turned(self) -> list[Turned]:
        """Who was refused for a quota in the last hour; the last one first."""
        since = self._clock() - HOUR_S
        while self._turned and next(iter(self._turned.values())).last_at < since:
            self._turned.popitem(last=False)
        return list(reversed(self._turned.values()))

    def since(self, at: int) -> list[Sample]:
        """Samples taken after then, in microseconds since 1970."""
        return [sample for sample in self.samples if sample.at > at]

    def utilisation(self) -> float:
        """Of the engines' slots, over the last five minutes as far as they were looked at."""
        looked = list(self.samples)[-round(RECENT_S / EVERY_S) :]
        slots = sum(sample.slots for sample in looked)
        return sum(sample.crowd.running for sample in looked) / slots if slots else 0.0

    # -- looking ---------------------------------------------------------------------------------

    async def run(self) -> None:
        """Look, again and again; ends by cancellation only."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + EVERY_S
            await asyncio.sleep(EVERY_S)
            self.look(lag_s=max(0.0, loop.time() - due))

    def look(self, lag_s: float = 0.0) -> Sample:
        tiers, generated, prompt = self._crowds()
        before, generated_before, prompt_before, failed, refused = self._before
        now = self._clock()
        elapsed = max(now - before, 1e-3)
        first = merged(self.first_tokens().values())
        waits = merged(self.waits().values())
        sample = Sample(
            at=self._now_us(),
            crowd=all_of(tiers.values()),
            tiers=tiers,
            slots=sum(engine.slots for engine in self.parts.engines),
            load=self.parts.load(),
            generated_per_s=max(0, generated - generated_before) / elapsed,
            prompt_per_s=max(0, prompt - prompt_before) / elapsed,
            first_p50=first.percentile(50),
            first_p90=first.percentile(90),
            wait_p50=waits.percentile(50),
            wait_p90=waits.percentile(90),
            failed=self._failed - failed,
            refused=self._refused - refused,
            lag_s=lag_s,
        )
        self._before = now, generated, prompt, self._failed, self._refused
        self.samples.append(sample)
        return sample

    def _crowds(self) -> tuple[dict[str, Crowd], int, int]:
        """By tier, and tokens in all since the start, generated and read. One pass over the live turns: of
        twenty thousand it takes ten milliseconds, so that those who only wait are passed over quickly."""
        generated, read = self._generated, self._prompt
        running: defaultdict[str, list[str]] = defaultdict(list)
        waiting: defaultdict[str, list[str]] = defaultdict(list)
        for live in self.parts.turns.running:
            caller, meter = live.request.caller, live.meter
            if meter.leased_at is not None:
                running[caller.tier].append(caller.person)
            else:
                waiting[caller.tier].append(caller.person)
                if meter.silent and not meter.knows_prompt:
                    continue
            prompt, cached, thought, answer = meter.counts
            generated += thought + answer
            read += prompt - cached
        tiers = {tier: _crowd(running[tier], waiting[tier]) for tier in sorted({*running, *waiting})}
        return tiers, generated, read


def _crowd(running: list[str], waiting: list[str]) -> Crowd:
    """Of the persons of all turns that run, and that wait."""
    at_work = set(running)
    return Crowd(
        people_running=len(at_work),
        people_waiting=len(set(waiting) - at_work),
        running=len(running),
        waiting=len(waiting),
    )


def _note(by_tier: dict[str, Histogram], tier: str, seconds: float) -> None:
    by_tier.setdefault(tier, Histogram()).add(bucket_of(round(seconds * 1000)))


def _by_tier(slots: Iterable[dict[str, Histogram]]) -> dict[str, Histogram]:
    found: dict[str, list[Histogram]] = {}
    for slot in slots:
        for tier, histogram in slot.items():
            found.setdefault(tier, []).append(histogram)
    return {tier: merged(histograms) for tier, histograms in sorted(found.items())}


def all_of(crowds: Iterable[Crowd]) -> Crowd:
    """Tiers share nobody."""
    several = list(crowds)
    return Crowd(
        people_running=sum(one.people_running for one in several),
        people_waiting=sum(one.people_waiting for one in several),
        running=sum(one.running for one in several),
        waiting=sum(one.waiting for one in several),
    )
