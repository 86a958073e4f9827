"""The fluid behind expected starts: who asks less than an equal part overtakes, who asks more does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.scheduling.base import Ticket
from thinkwell.scheduling.demand import LEAST_OBSERVED_S, WINDOWS_S, Demand, Throughput
from thinkwell.scheduling.lengths import Lengths
from thinkwell.scheduling.outlook import Entrant, Outlook, windows_for
from thinkwell.scheduling.survey import PASSED_IN_WINDOW, passing

EVEN = [1.0] * len(WINDOWS_S)


def outlook(rate: float, entrants: list[Entrant], rest: float = 0.0, level: float = 0.0) -> Outlook:
    return Outlook(
        rates=[rate * part for part in EVEN],
        marks=[0.0, 100.0, 100.0, 300.0],
        works=[50.0, 100.0, 150.0, 200.0],
        level=level,
        entrants=entrants,
        rest=[rest * part for part in EVEN],
        step=0.0,
    )


def asking(name: str, rate: float, at: float = 0.0) -> Entrant:
    return Entrant(name, [rate * part for part in EVEN], at)


def test_without_others_it_is_work_over_speed() -> None:
    assert outlook(10.0, []).seconds(500.0, 200.0, "me") == pytest.approx(20.0)


def test_a_light_share_takes_what_it_asks_and_a_heavy_one_up_to_the_mark() -> None:
    """Light: 200 + 2t = 10t. Heavy: 200 + (500 - 100) = 10t."""
    assert outlook(10.0, [asking("light", 2.0)]).seconds(500.0, 200.0, "me") == pytest.approx(25.0)
    assert outlook(10.0, [asking("heavy", 50.0, at=100.0)]).seconds(500.0, 200.0, "me") == pytest.approx(60.0)


def test_a_persons_own_later_turns_do_not_go_before() -> None:
    assert outlook(10.0, [asking("me", 50.0)]).seconds(500.0, 200.0, "me") == pytest.approx(20.0)


def test_at_the_level_of_newcomers_nobody_overtakes() -> None:
    many = outlook(10.0, [asking("light", 2.0)], rest=5.0, level=500.0)
    assert many.seconds(500.0, 200.0, "me") == pytest.approx(20.0)


def test_work_of_those_who_joined_since_is_ahead_of_higher_marks_only() -> None:
    seen = outlook(10.0, [])
    assert [seen.ahead(mark) for mark in (-1.0, 0.0, 100.0, 400.0)] == [0.0, 50.0, 150.0, 200.0]
    seen.joined(200.0, 7.0)
    assert [seen.ahead(mark) for mark in (0.0, 250.0, 400.0)] == [50.0, 157.0, 207.0]


@given(
    st.floats(1.0, 1e4),
    st.floats(0.0, 1e6),
    st.floats(1.0, 1e6),
    st.lists(st.tuples(st.floats(0.0, 1e4), st.floats(0.0, 1e6)), max_size=20),
)
def test_the_pool_has_done_in_time_what_goes_before(
    rate: float, ahead: float, mark: float, others: list[tuple[float, float]]
) -> None:
    entrants = [asking(str(number), asked, at) for number, (asked, at) in enumerate(others)]
    seconds = outlook(rate, entrants).seconds(mark, ahead, "me")
    before = ahead + sum(min(asked * seconds, mark - at) for asked, at in others if at < mark)
    assert seconds >= 0.0
    assert rate * seconds == pytest.approx(before, rel=1e-3, abs=1e-3 * (ahead + mark * (1 + len(others))))


@given(st.floats(0.0, 1e9))
def test_the_windows_of_a_time_share_it_out(seconds: float) -> None:
    found = windows_for(seconds)
    assert sum(part for _, part in found) == pytest.approx(1.0)
    assert all(0.0 <= part <= 1.0 and 0 <= window < len(WINDOWS_S) for window, part in found)


def test_demand_is_averaged_over_what_was_seen_and_forgotten_after() -> None:
    demand = Demand()
    for second in range(100):
        demand.asked(("tier", "a" if second % 4 else "b"), 30.0, float(second))
    every, own = demand.rates(100.0)
    assert every == pytest.approx([30.0] * 3, rel=0.03)
    assert own["tier", "b"] == pytest.approx([7.5] * 3, rel=0.15)
    assert own["tier", "a"][0] + own["tier", "b"][0] == pytest.approx(every[0])
    assert demand.rates(1e6)[0] == pytest.approx([0.0] * 3, abs=1e-6)


def test_the_least_recent_shares_are_remembered_as_a_sum_only() -> None:
    demand = Demand(most_shares=3)
    for number in range(10):
        demand.asked(("tier", str(number)), 1.0, 0.0)
    every, own = demand.rates(0.0)
    assert sorted(share for _, share in own) == ["7", "8", "9"]
    assert every[0] == pytest.approx(10 * own["tier", "9"][0])


def test_speed_is_known_after_a_while_and_as_it_was_while_somebody_waited() -> None:
    throughput = Throughput()
    throughput.add(5.0, LEAST_OBSERVED_S / 2)
    assert throughput.per_s is None
    for _ in range(100):
        throughput.add(20.0, 2.0)
    assert throughput.per_s == pytest.approx([10.0] * 3, rel=0.05)


def test_a_persons_length_is_learnt_over_many_turns() -> None:
    lengths = Lengths()
    for _ in range(200):
        lengths.learn("long", 1000)
        lengths.learn("short", 100)
    assert lengths.cost(Ticket(id="1", person="long", prompt_tokens=50)) == pytest.approx(2050, rel=0.05)
    assert lengths.cost(Ticket(id="2", person="new", prompt_tokens=50)) == pytest.approx(1150, rel=0.05)
    assert lengths.cost(Ticket(id="3", person="long", prompt_tokens=50, max_tokens=10)) == 70


def test_a_small_turn_passes_its_persons_larger_ones() -> None:
    small = Ticket(id="1", person="a", prompt_tokens=10, reserve_tokens=10)
    large = Ticket(id="2", person="a", prompt_tokens=10, reserve_tokens=900)
    window = [(500.0, 100.0), (500.0, 100.0), (5.0, 100.0)]
    assert passing(small, window, before=300.0) == PASSED_IN_WINDOW * 200.0
    assert passing(small, window, before=900.0) > PASSED_IN_WINDOW * 200.0
    assert passing(large, window, before=300.0) == 0.0
    assert passing(small, [], before=0.0) == 0.0
