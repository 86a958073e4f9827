"""Budgets follow the load: never cut below one, meet the capacity above it, come back when people go."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from itertools import pairwise
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thinkwell.scheduling.base import Ticket
from thinkwell.scheduling.budgets import LoadBudgets, TierBudget
from thinkwell.scheduling.load import LoadMeter

FULL = 32_768
TIER = "visitor"
FLOOR = 0.2

SLOTS = 20
SPEED = 40  # tokens a second in a slot
ANSWER = 300
PROMPT = 100
THOUGHT = 1100.0  # mean
CAPACITY = SLOTS * SPEED / (THOUGHT + ANSWER)  # turns a second, about, nothing cut


class Turn:
    def __init__(self, number: int, thought: int) -> None:
        self.ticket = Ticket(id=str(number), person=str(number), prompt_tokens=PROMPT)
        self.thought = thought
        self.budget: int | None = None
        self.made = 0

    @property
    def cut_thought(self) -> int:
        return self.thought if self.budget is None else min(self.thought, self.budget)


class Site:
    """A pool of SLOTS in steps of a second, first come first served, with budgets (None: without)."""

    def __init__(self, budgets: LoadBudgets | None, seed: int = 1) -> None:
        self.budgets = budgets
        self.rng = random.Random(seed)
        self.now = 0.0
        self.line: deque[Turn] = deque()
        self.running: list[Turn] = []
        self.answered = self.told = self.came = 0
        self.shares: list[float] = []
        self.loads: list[float] = []
        self.lines: list[int] = []

    def arrive(self, at: float) -> None:
        self.came += 1
        turn = Turn(self.came, max(1, round(self.rng.lognormvariate(6.6, 0.9))))
        if self.budgets:
            self.budgets.arrived(self.budgets.expected(turn.ticket), at)
        self.line.append(turn)

    def second(self, arrivals: Iterator[float], at: float) -> float:
        """One second, in which those come whose time (``at`` the next of them) it is; returns the next."""
        self.now += 1
        while at <= self.now:
            self.arrive(at)
            at = next(arrivals)
        service = 0.0
        while self.line and len(self.running) < SLOTS:
            turn = self.line.popleft()
            turn.budget = self.budgets.budget(TIER, FULL, self.now) if self.budgets else None
            self.told += turn.budget is not None
            service += PROMPT
            self.running.append(turn)
        for turn in list(self.running):
            made = min(SPEED, turn.cut_thought + ANSWER - turn.made)
            turn.made += made
            service += 2.0 * made
            if turn.made >= turn.cut_thought + ANSWER:
                self.finish(turn)
            elif self.budgets and turn.made < turn.cut_thought:
                self.look(self.budgets, turn)
        if self.budgets:
            self.budgets.served(service, len(self.line), self.now)
            self.shares.append(self.budgets.share(TIER, self.now))
            self.loads.append(self.budgets.load)
        self.lines.append(len(self.line))
        return at

    def look(self, budgets: LoadBudgets, turn: Turn) -> None:
        has = FULL if turn.budget is None else turn.budget
        rest = budgets.cut(TIER, has, turn.made, self.now)
        if rest is not None:
            self.told += turn.budget is None
            turn.budget = rest

    def finish(self, turn: Turn) -> None:
        self.running.remove(turn)
        self.answered += 1
        if self.budgets:
            cut = turn.cut_thought < turn.thought
            self.budgets.ended(turn.ticket.person, turn.made, turn.cut_thought, cut=cut)

    def play(self, load: float, seconds: int, cv: float = 1.0) -> Site:
        """Independent gaps (gamma) with that variation."""
        times = self.gaps(load * CAPACITY, cv)
        at = next(times)
        for _ in range(seconds):
            at = self.second(times, at)
        return self

    def gaps(self, rate: float, cv: float) -> Iterator[float]:
        if rate == 0:
            yield float("inf")
        at, shape = self.now, 1 / cv**2
        while True:
            at += self.rng.gammavariate(shape, 1 / (rate * shape))
            yield at


def budgets(**tiers: TierBudget) -> LoadBudgets:
    return LoadBudgets(tiers or {TIER: TierBudget(floor_share=FLOOR)})


# -- below one ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("cv", [1.0, 4.0, 13.0])
@pytest.mark.parametrize("seed", range(6))
def test_nobody_is_cut_at_a_load_of_0_8_however_bunched_people_come(cv: float, seed: int) -> None:
    site = Site(budgets(), seed).play(0.8, 3600, cv)
    assert site.told == 0
    assert set(site.shares) == {1.0}
    if cv == 13.0 and seed == 0:
        assert max(site.lines) > 4 * SLOTS, "the bursts are there"


def test_a_sudden_crowd_is_no_load() -> None:
    site = Site(budgets()).play(0.6, 1200)
    for _ in range(5 * SLOTS):
        site.arrive(site.now)
    site.play(0.6, 900)
    assert max(site.lines) > 3 * SLOTS
    assert site.told == 0


def test_an_engine_that_starts_or_hangs_is_no_load() -> None:
    """Nothing is delivered, and the line grows: nothing is known of what the pool can do."""
    following = budgets()
    for second in range(1200):
        following.arrived(3000.0, float(second))
        following.served(0.0, second, float(second))
    assert following.load == 0
    assert following.share(TIER, 1200.0) == 1.0


def test_a_pool_that_was_never_full_has_no_load_to_speak_of() -> None:
    following = budgets()
    for second in range(600):
        following.arrived(5000.0, float(second))
        following.served(4000.0, 0, float(second))
    assert following.capacity is None
    assert following.load == 0


# -- above one ---------------------------------------------------------------------------------------


def test_at_twice_the_capacity_demand_is_made_to_meet_it() -> None:
    cut, uncut = Site(budgets()).play(2.0, 3600), Site(None).play(2.0, 3600)
    assert cut.answered > 1.8 * uncut.answered
    assert len(uncut.line) > 1000
    late = cut.shares[1800:]
    assert max(cut.lines[1800:]) / (2 * CAPACITY) < 120, "seconds of arrivals that wait"
    # Thought is four fifths of what is asked for, so that half of the whole leaves three eighths of it.
    assert 0.25 < fmean(late) < 0.6


def test_the_share_does_not_swing() -> None:
    """Under an even load it stays near its mean; from one second to the next it hardly moves."""
    site = Site(budgets()).play(2.0, 7200)
    late = site.shares[3600:]
    middle = fmean(late)
    assert fmean(abs(share - middle) for share in late) < 0.12
    assert max(abs(after - before) for before, after in pairwise(site.shares)) < 0.06


def test_hours_of_cut_thoughts_do_not_make_the_load_forgotten() -> None:
    site = Site(budgets()).play(2.0, 2 * 3600)
    hours = [fmean(site.loads[3600 * hour + 1200 : 3600 * (hour + 1)]) for hour in range(2)]
    assert hours == pytest.approx([2.0] * 2, rel=0.25)


def test_the_share_comes_back_to_one_when_people_are_gone() -> None:
    site = Site(budgets()).play(2.0, 1800)
    assert site.shares[-1] < 0.8
    site.play(0.0, 240)
    assert site.shares[-1] == 1.0


def test_the_share_comes_back_to_one_when_load_falls_below_it() -> None:
    site = Site(budgets()).play(2.5, 1800)
    assert site.shares[-1] < 0.7
    site.play(0.6, 2400)
    assert set(site.shares[-1200:]) == {1.0}


def test_a_pool_that_is_not_heard_of_cuts_nobody() -> None:
    site = Site(budgets()).play(2.5, 1800)
    following = site.budgets
    assert following is not None
    assert following.share(TIER, site.now + 5) < 0.9
    assert following.share(TIER, site.now + 60) == 1.0
    assert following.budget(TIER, FULL, site.now + 60) is None


# -- tiers, and turns that run -----------------------------------------------------------------------


def overloaded(**tiers: TierBudget) -> tuple[LoadBudgets, float]:
    site = Site(budgets(visitor=TierBudget(), **tiers)).play(2.5, 1800)
    assert site.budgets is not None
    return site.budgets, site.now


def test_a_heavier_tier_is_cut_later_and_floors_hold() -> None:
    following, now = overloaded(
        member=TierBudget(weight=4.0), half=TierBudget(floor_share=0.9), whole=TierBudget(floor_share=1.0)
    )
    visitor, member = following.share("visitor", now), following.share("member", now)
    assert visitor < member < 1
    assert member == pytest.approx(visitor**0.25)
    assert following.share("half", now) == 0.9
    assert following.budget("whole", FULL, now) is None
    assert following.budget("a tier without budgets", FULL, now) is None


def test_a_budget_is_never_more_than_the_full_one_nor_less_than_the_least() -> None:
    following, now = overloaded(wordy=TierBudget(floor_tokens=5000))
    budget = following.budget("visitor", FULL, now)
    assert budget is not None
    assert 128 <= budget < 5000
    assert following.budget("visitor", budget, now) is None
    assert following.budget("wordy", FULL, now) == 5000


def test_a_running_thought_is_cut_when_it_has_said_enough_and_not_by_a_hair() -> None:
    following, now = overloaded()
    budget = following.budget("visitor", FULL, now)
    assert budget is not None
    assert following.cut("visitor", FULL, budget - 1, now) is None, "it may yet end by itself"
    assert following.cut("visitor", FULL, budget, now) == budget
    assert following.cut("visitor", FULL, budget + 500, now) == budget + 500, "what is said is said"
    nearly = round(1.1 * budget)
    assert following.cut("visitor", nearly, nearly - 1, now) is None, "nearly all of it was had"


# -- always ------------------------------------------------------------------------------------------

FEED = st.lists(
    st.tuples(
        st.floats(-100, 2000) | st.floats(0.5, 2),  # seconds that pass; the clock may jump either way
        st.integers(0, 40),  # newcomers
        st.floats(0, 1e6),  # what each is thought to need
        st.floats(0, 1e6),  # what is delivered
        st.integers(0, 5000),  # who wait
        st.integers(0, 40_000),  # a thought that ends
        st.booleans(),
    ),
    min_size=1,
    max_size=80,
)


@given(FEED, st.floats(0.0, 1.0), st.floats(0.1, 10.0))
def test_whatever_happens_the_share_is_between_floor_and_one_and_one_below_a_load_of_one(
    feed: list[tuple[float, int, float, float, int, int, bool]], floor: float, weight: float
) -> None:
    following = budgets(visitor=TierBudget(floor_share=floor, weight=weight))
    now = 0.0
    for passed, newcomers, cost, service, waiting, thought, cut in feed:
        now += passed
        for _ in range(newcomers):
            following.arrived(cost, now)
        following.ended("p", thought + 10, thought, cut=cut)
        following.served(service, waiting, now)
        share = following.share(TIER, now)
        assert floor <= share <= 1
        budget = following.budget(TIER, FULL, now)
        assert budget is None or 128 <= budget < FULL
        if following.load < 1:
            assert share == 1
            assert budget is None


@settings(max_examples=30)
@given(st.floats(0.3, 4.0), st.floats(1.0, 4.0), st.integers(0, 3000))
def test_the_more_is_asked_the_less_is_thought(rate: float, times: float, waiting: int) -> None:
    """The same line and the same delivery, and newcomers that need so many times as much."""

    def share(cost: float) -> float:
        following = budgets()
        for _ in range(300):
            following.ended("p", 1100, 1000, cut=False)
        for second in range(600):
            for _ in range(4):
                following.arrived(cost, float(second))
            following.served(4 * 2500.0, waiting, float(second))
        return following.share(TIER, 600.0)

    assert share(2500.0 * rate * times) <= share(2500.0 * rate) + 1e-9


def test_load_is_above_one_only_when_that_is_no_accident() -> None:
    """The same load of people who come evenly, of a few, and of a few crowds."""

    def meter(every_s: int, crowd: int) -> LoadMeter:
        found, rng = LoadMeter(), random.Random(4)
        for second in range(3000):
            if rng.random() < 1 / every_s:
                for _ in range(crowd):
                    found.arrived(100.0, float(second))
            found.served(70.0 * crowd / every_s, 1, float(second))
        return found

    many, few, crowds = meter(1, 5), meter(40, 5), meter(40, 200)
    assert [found.load for found in (many, few, crowds)] == pytest.approx([1.4] * 3, rel=0.2)
    assert many.overloaded
    assert not few.overloaded
    assert not crowds.overloaded
