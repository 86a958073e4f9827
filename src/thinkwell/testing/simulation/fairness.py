"""How evenly people were served: the VTC artifact's measure, and the fluid that it is held against. Pure.

The measure is the one of Ying1123/VTC-artifact (OSDI'24, arXiv 2401.00588), with which its published
figures were made; ../shared/data/README.md describes both. Service is in weighted tokens, times in seconds.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from statistics import fmean, median

import msgspec

from thinkwell.scheduling.base import OUTPUT_WEIGHT, PROMPT_WEIGHT
from thinkwell.testing.simulation.pooled import Life

WINDOW_S = 60.0
WARM_UP_S = 30.0
TICKS = 19
# The fluid is poured in steps of so many seconds. 66 weighted tokens a second are 33 generated ones, what a
# request gets on the ``arena`` machine.
POUR_S = 0.05
ABSORBS = 66.0


class Served(msgspec.Struct, frozen=True):
    """One request of one ``sharer`` (a person, or a network that shares one part). ``first`` and ``ended``
    are None where it was refused."""

    sharer: str
    at: float
    cost: float
    first: float | None
    ended: float | None

    def within(self, start: float, end: float) -> float:
        """Its service in that time: spread evenly from its first token to its last."""
        if self.first is None or self.ended is None:
            return 0.0
        if self.ended <= self.first:
            return self.cost if start <= self.first < end else 0.0
        overlap = min(self.ended, end) - max(self.first, start)
        return self.cost * max(0.0, overlap) / (self.ended - self.first)


def cost_of(prompt_tokens: int, output_tokens: int) -> float:
    return PROMPT_WEIGHT * prompt_tokens + OUTPUT_WEIGHT * output_tokens


def served_of(lives: Iterable[Life]) -> list[Served]:
    """What was refused has the cost that it would have had."""
    return [
        Served(
            life.job.ticket.group or life.job.ticket.person,
            life.job.at,
            cost_of(
                life.job.request.prompt_tokens,
                life.job.request.output_tokens if life.refused else life.generated,
            ),
            None if life.refused else life.first_token,
            None if life.refused else life.ended,
        )
        for life in lives
    ]


def ticks_of(served: Sequence[Served]) -> list[float]:
    last = max(one.at for one in served)
    return [WARM_UP_S + last / (TICKS + 1) * tick for tick in range(1, TICKS + 1)]


def differences(served: Sequence[Served], ticks: Iterable[float]) -> list[float]:
    """At each tick the sum over all of min(largest service - own, |requested - own|), a second."""
    sharers = {one.sharer for one in served}
    found = []
    for tick in ticks:
        start, end = tick - WINDOW_S / 2, tick + WINDOW_S / 2
        had: dict[str, float] = defaultdict(float)
        asked: dict[str, float] = defaultdict(float)
        for one in served:
            had[one.sharer] += one.within(start, end)
            if start <= one.at < end:
                asked[one.sharer] += one.cost
        most = max(had.values())
        found.append(sum(min(most - had[s], abs(asked[s] - had[s])) for s in sharers) / WINDOW_S)
    return found


def first_token_s(served: Iterable[Served]) -> float:
    """Mean time to the first token of the median sharer; of those whom anything was served."""
    waits: dict[str, list[float]] = defaultdict(list)
    for one in served:
        if one.first is not None:
            waits[one.sharer].append(one.first - one.at)
    return median(fmean(own) for own in waits.values())


def fluid(asked: Iterable[Served], capacity: float) -> list[Served]:
    """The same requests as a fluid: ``capacity`` weighted tokens a second, max-min fair over the sharers
    that have work, in each first come first served, each request absorbing ABSORBS at most.

    No scheduler can do this; it bounds what one could.
    """
    arrivals = deque(sorted(asked, key=lambda one: one.at))
    vessels: dict[str, _Vessel] = {}
    done: list[Served] = []
    step = 0
    while arrivals or vessels:
        if not vessels:  # nothing to pour into until somebody comes
            step = max(step, int(arrivals[0].at / POUR_S))
        now = step * POUR_S
        while arrivals and arrivals[0].at <= now:
            one = arrivals.popleft()
            vessels.setdefault(one.sharer, _Vessel()).add(one)
        left = capacity * POUR_S
        for place, sharer in enumerate(sorted(vessels, key=lambda name: vessels[name].takes)):
            vessel = vessels[sharer]
            part = min(vessel.takes, left / (len(vessels) - place))
            left -= part
            vessel.pour(part, now, done)
        vessels = {sharer: vessel for sharer, vessel in vessels.items() if vessel.rests}
        step += 1
    return done


class _Vessel:
    """Requests of one sharer, with what each is yet to be given and when it was first given any."""

    def __init__(self) -> None:
        self.rests: list[tuple[Served, float, float | None]] = []
        self.takes = 0.0  # in one step

    def add(self, one: Served) -> None:
        self.rests.append((one, one.cost, None))
        self._measure()

    def pour(self, amount: float, now: float, done: list[Served]) -> None:
        rests = self.rests
        place = 0
        while amount > 1e-12 and place < len(rests):
            one, rest, first = rests[place]
            part = min(ABSORBS * POUR_S, rest, amount)
            amount -= part
            rests[place] = one, rest - part, now if first is None else first
            place += 1
        for one, rest, first in rests[:place]:
            if rest <= 1e-9:
                done.append(msgspec.structs.replace(one, first=first, ended=now + POUR_S))
        rests[:place] = [row for row in rests[:place] if row[1] > 1e-9]
        self._measure()

    def _measure(self) -> None:
        self.takes = sum(min(rest, ABSORBS * POUR_S) for _, rest, _ in self.rests)


# -- two who wait ------------------------------------------------------------------------------------


def widest_drift(lives: Iterable[Life], until: float, every_s: float = 1.0) -> float:
    """The most by which one of two persons was given more than the other over any stretch of time in which
    both wait (VTC's theorem is about this), after they were first level again since both began to.

    The prompt counts when its turn starts, output evenly from the first token to the last.
    """
    by_person: dict[str, list[Life]] = defaultdict(list)
    for life in lives:
        by_person[life.job.ticket.person].append(life)
    one, other = by_person.values()
    ahead: list[float] = []
    now = 0.0
    while now < until:
        if _waits(one, now) and _waits(other, now):
            ahead.append(_given(one, now) - _given(other, now))
        elif ahead:
            break  # the stretch is over
        now += every_s
    level = next(
        (
            place
            for place in range(2, len(ahead))
            if (ahead[place] - ahead[0]) * (ahead[place - 1] - ahead[0]) <= 0
        ),
        0,
    )
    return max(ahead[level:]) - min(ahead[level:]) if ahead else 0.0


def _waits(lives: Iterable[Life], now: float) -> bool:
    return any(life.job.at <= now and (not life.starts or life.starts[0] > now) for life in lives)


def _given(lives: Iterable[Life], now: float) -> float:
    given = 0.0
    for life in lives:
        if not life.starts or life.starts[0] > now:
            continue
        given += PROMPT_WEIGHT * life.job.request.prompt_tokens
        if life.first_token is not None and life.ended is not None and life.first_token <= now:
            lasts = max(life.ended - life.first_token, 1e-9)
            given += OUTPUT_WEIGHT * life.generated * min(1.0, (now - life.first_token) / lasts)
    return given
