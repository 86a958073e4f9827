"""Energy and time are shared by service, and to the last microjoule: nothing is lost, nothing is made up."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from thinkwell.ledger.energy import Attribution, Interval, Work, shares
from thinkwell.ledger.meters import Assumed
from thinkwell.values.receipt import Energy

SECOND = 1_000_000
JOULE = 1_000_000


def busy(spent: int | None, seconds: float = 1.0) -> Interval:
    return Interval(round(seconds * SECOND), 0, spent)


def writing(name: str, tokens: int, prompt: int = 0, worked_s: float = 1.0) -> Work:
    """A turn that has generated so many tokens."""
    return Work(name, prompt + 2 * tokens, prompt, round(worked_s * SECOND))


def joules(energy: Energy) -> float:
    assert energy.microjoules is not None
    return energy.microjoules / JOULE


def end(attribution: Attribution, work: Work) -> Energy:
    """At the very moment of a tick."""
    return attribution.end(work._replace(worked_us=0), 0, 1)


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**9), min_size=1, max_size=50))
def test_shares_are_whole_and_exact_and_never_a_whole_unit_off(amount: int, weights: list[int]) -> None:
    weights[0] += 1
    parts = shares(amount, weights)
    assert sum(parts) == amount
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * whole - amount * weight) < whole


class Sharing(RuleBasedStateMachine):
    """Turns come, are served, wait, end at and between ticks; the meter is read, is lost and comes back."""

    def __init__(self) -> None:
        super().__init__()
        self.attribution = Attribution(Assumed.watts(20, 3))
        self.turns: dict[str, list[int]] = {}  # service, prompt, working since the last tick
        self.count = 0
        self.spent = self.time = 0
        self.ended_energy = self.ended_time = 0
        self.since = 0  # microseconds since the last tick

    @rule()
    def begins(self) -> None:
        self.count += 1
        self.turns[f"turn-{self.count}"] = [0, 0, 0]

    @rule(us=st.integers(1, 2 * SECOND), data=st.data())
    def time_passes(self, us: int, data: st.DataObject) -> None:
        self.since += us
        for turn in self.turns.values():
            if data.draw(st.booleans()):
                turn[2] = min(self.since, turn[2] + us)
                if turn[0] or data.draw(st.booleans()):
                    if not turn[0] and data.draw(st.booleans()):
                        turn[1] = data.draw(st.integers(1, 5000))
                        turn[0] = turn[1]
                    turn[0] += 2 * data.draw(st.integers(0, 100))

    def works(self) -> list[Work]:
        return [Work(name, turn[0], turn[1], turn[2]) for name, turn in self.turns.items()]

    @rule(spent=st.none() | st.integers(0, 10**9), rested=st.floats(0, 1))
    def the_meter_is_read(self, spent: int | None, rested: float) -> None:
        busy_us = round(self.since * (1 - rested))
        interval = Interval(busy_us, self.since - busy_us, spent)
        ticked = self.attribution.tick(interval, self.works())
        assert ticked.measured == (spent is not None)
        assert ticked.spent is not None
        self.spent += ticked.spent
        self.time += self.since
        self.since = 0
        for turn in self.turns.values():
            turn[2] = 0

    @rule(data=st.data())
    def one_ends(self, data: st.DataObject) -> None:
        if not self.turns:
            return
        name = data.draw(st.sampled_from(sorted(self.turns)))
        service, prompt, worked = self.turns.pop(name)
        energy = self.attribution.end(Work(name, service, prompt, worked), self.since, len(self.turns) + 1)
        assert energy.microjoules is not None and energy.microjoules >= 0 and energy.machine_us >= 0
        self.ended_energy += energy.microjoules
        self.ended_time += energy.machine_us

    @rule()
    def one_is_lost_sight_of(self) -> None:
        if self.turns:
            self.turns.popitem()
        self.attribution.forget_all_but(self.turns)

    @invariant()
    def what_was_spent_is_idle_or_somebodys(self) -> None:
        attribution = self.attribution
        energy_debt, time_debt = attribution.debts
        energy, time = attribution.running
        assert min(energy_debt, time_debt, attribution.idle, attribution.idle_us, energy, time) >= 0
        assert self.spent == attribution.idle + self.ended_energy + energy - energy_debt
        assert self.time == attribution.idle_us + self.ended_time + time - time_debt

    def teardown(self) -> None:
        """Once the meter was read often enough, nothing is owed, and the sums are exact as they are."""
        for name, (service, prompt, worked) in self.turns.items():
            energy = self.attribution.end(Work(name, service, prompt, worked), self.since, 1)
            self.ended_energy += energy.microjoules or 0
            self.ended_time += energy.machine_us
        energy_debt, time_debt = self.attribution.debts
        self.attribution.tick(Interval(0, time_debt, energy_debt), [])
        assert self.attribution.debts == (0, 0)
        assert self.spent + energy_debt == self.attribution.idle + self.ended_energy
        assert self.time + time_debt == self.attribution.idle_us + self.ended_time


TestSharing = Sharing.TestCase
TestSharing.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def test_turns_have_the_energy_of_what_they_were_given() -> None:
    attribution = Attribution(None)
    attribution.tick(busy(10 * JOULE), [writing("a", 30), writing("b", 10)])
    a, b = end(attribution, writing("a", 30)), end(attribution, writing("b", 10))
    assert (joules(a), joules(b)) == (7.5, 2.5)
    assert (a.machine_us, b.machine_us) == (750_000, 250_000)
    assert a.measured and b.measured


def test_who_waits_has_no_part_and_who_gave_way_has_what_it_was_given_before() -> None:
    attribution = Attribution(None)
    attribution.tick(busy(10 * JOULE), [writing("a", 10), writing("b", 10)])
    paused = writing("b", 20, worked_s=0)  # it wrote ten more and let go
    attribution.tick(busy(10 * JOULE), [writing("a", 20), paused])
    attribution.tick(busy(10 * JOULE), [writing("a", 30), paused])
    assert joules(end(attribution, writing("a", 30))) == 20
    assert joules(end(attribution, paused)) == 10


def test_reading_a_prompt_is_work_before_a_first_token_tells_of_it() -> None:
    attribution = Attribution(None)
    attribution.tick(busy(10 * JOULE), [Work("a", 0, 0, SECOND)])
    assert joules(end(attribution, Work("a", 0, 0, 0))) == 10


def test_a_long_prompt_is_paid_by_its_own_turn_and_not_by_those_who_write_meanwhile() -> None:
    attribution = Attribution(None)
    for number in range(1, 4):  # how fast this machine reads is learnt: 2,000 tokens a second or so
        name = f"earlier-{number}"
        attribution.tick(busy(JOULE), [Work(name, 0, 0, SECOND)])
        attribution.tick(busy(JOULE), [Work(name, 3000, 3000, SECOND)])
        end(attribution, Work(name, 3000, 3000, 0))
    for second in range(1, 5):
        attribution.tick(busy(100 * JOULE), [writing("writes", 10 * second), Work("reads", 0, 0, SECOND)])
    attribution.tick(busy(100 * JOULE), [writing("writes", 50), Work("reads", 10_000, 10_000, SECOND)])
    writes, reads = (
        end(attribution, writing("writes", 50)),
        end(attribution, Work("reads", 10_000, 10_000, 0)),
    )
    assert joules(writes) + joules(reads) == 500
    assert joules(writes) == pytest.approx(500 * 100 / 10_100, rel=0.25)


def test_what_was_counted_for_a_prompt_in_advance_is_not_counted_again() -> None:
    attribution = Attribution(None)
    attribution.tick(busy(10 * JOULE), [Work("reads", 0, 0, SECOND)])  # counts as 500
    works = [Work("reads", 600, 600, SECOND), writing("writes", 50)]
    attribution.tick(busy(10 * JOULE), works)  # 100 of the prompt are left, and 100 were written
    assert joules(end(attribution, works[0])) == 15
    assert joules(end(attribution, works[1])) == 5


def test_a_prompt_that_is_told_of_at_the_very_end_counts_once() -> None:
    """Some servers say so in their last chunk."""
    attribution = Attribution(None)
    attribution.tick(busy(10 * JOULE), [Work("a", 0, 0, SECOND), writing("b", 250)])
    attribution.tick(busy(10 * JOULE), [Work("a", 200, 0, SECOND), writing("b", 350)])
    attribution.tick(busy(10 * JOULE), [Work("a", 900, 500, SECOND), writing("b", 450)])
    assert joules(end(attribution, Work("a", 900, 500, 0))) == 15
    assert joules(end(attribution, writing("b", 450))) == 15


def test_what_nobody_asked_for_is_idle() -> None:
    attribution = Attribution(None)
    attribution.tick(Interval(0, SECOND, 3 * JOULE), [])
    assert (attribution.idle, attribution.idle_us) == (3 * JOULE, SECOND)


def test_a_turn_that_began_in_the_middle_does_not_have_the_energy_of_the_rest_before_it() -> None:
    attribution = Attribution(None)
    attribution.tick(Interval(0, SECOND, 2 * JOULE), [])
    ticked = attribution.tick(Interval(SECOND, 3 * SECOND, 16 * JOULE), [writing("a", 10)])
    assert ticked.idle == 6 * JOULE
    energy = end(attribution, writing("a", 10))
    assert (joules(energy), energy.machine_us) == (10, SECOND)


def test_a_turn_that_ends_between_ticks_has_its_part_at_the_rate_of_the_last_interval() -> None:
    attribution = Attribution(None)
    attribution.tick(busy(20 * JOULE), [writing("a", 100)])
    half = attribution.end(writing("b", 50, worked_s=0.5), SECOND // 2, 2)
    assert (joules(half), half.machine_us, half.measured) == (10, 500_000, True)
    ticked = attribution.tick(busy(20 * JOULE), [writing("a", 150)])
    assert ticked.idle == 0
    assert joules(end(attribution, writing("a", 150))) == 30
    assert attribution.debts == (0, 0)


def test_no_turn_is_given_more_in_advance_than_all_can_have_spent_by_then() -> None:
    """A slow turn's rate says little of a hundred quick ones."""
    attribution = Attribution(None)
    attribution.tick(busy(20 * JOULE), [writing("slow", 1)])
    parts = [attribution.end(writing(f"quick-{n}", 10, worked_s=0.1), SECOND // 10, 3) for n in range(100)]
    assert sum(map(joules, parts)) <= 2
    assert sum(part.machine_us for part in parts) <= SECOND // 10


def test_of_short_turns_alone_a_rate_is_learnt_too() -> None:
    attribution = Attribution(Assumed.watts(1))
    first = attribution.end(writing("a", 50, worked_s=0.5), SECOND // 2, 1)
    assert (joules(first), first.measured) == (0.5, False)
    attribution.tick(busy(20 * JOULE, 0.5), [])
    second = attribution.end(writing("b", 50, worked_s=0.5), SECOND // 2, 1)
    assert (joules(second), second.measured) == (20, True)


def test_while_the_meter_is_lost_the_power_that_was_measured_last_is_assumed_and_said_to_be_so() -> None:
    attribution = Attribution(Assumed.watts(5))
    attribution.tick(busy(20 * JOULE), [writing("a", 10)])
    ticked = attribution.tick(busy(None, 2), [writing("a", 20)])
    assert (ticked.spent, ticked.measured) == (40 * JOULE, False)
    attribution.tick(busy(20 * JOULE), [writing("a", 30), writing("b", 10)])
    a, b = end(attribution, writing("a", 30)), end(attribution, writing("b", 10))
    assert (joules(a), a.measured) == (70, False)
    assert (joules(b), b.measured) == (10, True)


def test_an_assumed_power_is_that_of_work_and_that_of_rest() -> None:
    attribution = Attribution(Assumed.watts(20, 5))
    ticked = attribution.tick(Interval(SECOND, 3 * SECOND, None), [writing("a", 10)])
    assert (ticked.spent, ticked.idle) == (35 * JOULE, 15 * JOULE)
    assert joules(end(attribution, writing("a", 10))) == 20


def test_where_nothing_is_known_of_the_power_the_time_is_still_shared() -> None:
    attribution = Attribution(None)
    ticked = attribution.tick(busy(None), [writing("a", 30), writing("b", 10)])
    assert (ticked.spent, ticked.idle) == (None, 0)
    energy = end(attribution, writing("a", 30))
    assert energy == Energy(microjoules=None, measured=False, machine_us=750_000)


def test_a_turn_that_never_worked_has_had_nothing() -> None:
    attribution = Attribution(Assumed.watts(20))
    attribution.tick(busy(None), [writing("a", 10)])
    energy = attribution.end(Work("waited", 0, 0, 0), SECOND, 2)
    assert (energy.microjoules, energy.machine_us) == (0, 0)
