"""What an answer costs, and from which use on a site pays: exact, rounded once, or not known."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.ledger.economics import FullHour, break_even, cost, cost_of, full_income, per_answer
from thinkwell.settings import Tariff
from thinkwell.values.receipt import Energy

KWH = 3_600_000_000_000
HOUR = 3_600_000_000
KNOWN = Tariff(kwh=Decimal("0.30"), hardware_hour=Decimal("1.20"))


def energy(microjoules: int | None, machine_us: int = 0) -> Energy:
    return Energy(microjoules=microjoules, measured=True, machine_us=machine_us)


def test_an_answer_costs_its_energy_and_its_part_of_the_machines_hours() -> None:
    assert cost_of(energy(KWH, HOUR), KNOWN) == 1_500_000
    assert cost_of(energy(KWH // 1000, HOUR // 3600), KNOWN) == 300 + 333  # 633.3


def test_what_is_known_counts_and_where_nothing_is_known_there_is_no_cost() -> None:
    assert cost_of(energy(KWH, HOUR), Tariff(kwh=Decimal("0.30"))) == 300_000
    assert cost_of(energy(KWH, HOUR), Tariff(hardware_hour=Decimal("1.20"))) == 1_200_000
    assert cost_of(energy(None, HOUR), KNOWN) == 1_200_000
    assert cost_of(energy(None, HOUR), Tariff(kwh=Decimal("0.30"))) is None
    assert cost_of(energy(KWH, HOUR), Tariff()) is None
    assert cost_of(None, KNOWN) is None
    assert cost_of(energy(KWH, HOUR), Tariff(kwh=Decimal(0))) == 0


def test_it_is_rounded_once_half_to_even() -> None:
    half_each = Tariff(kwh=Decimal("0.000001"), hardware_hour=Decimal("0.000001"))
    assert cost_of(energy(KWH // 2, HOUR // 2), half_each) == 1
    assert cost_of(energy(KWH // 2, 0), half_each) == 0
    assert cost_of(energy(KWH * 3 // 2, 0), half_each) == 2


@given(
    st.lists(st.tuples(st.integers(0, 10**13), st.integers(0, 10**10)), max_size=20),
    st.decimals(0, 100, places=6),
    st.decimals(0, 1000, places=6),
)
def test_turns_together_cost_what_the_machine_cost(
    parts: list[tuple[int, int]], kwh: Decimal, hardware: Decimal
) -> None:
    tariff = Tariff(kwh=kwh, hardware_hour=hardware)
    each = [cost(microjoules, micros, tariff) for microjoules, micros in parts]
    whole = cost(sum(part[0] for part in parts), sum(part[1] for part in parts), tariff)
    assert whole is not None
    assert abs(sum(one or 0 for one in each) - whole) <= (len(parts) + 1) / 2


def test_a_site_pays_from_the_use_at_which_income_is_what_it_costs() -> None:
    # At full speed 1 kWh an hour, at rest 0.2 kWh: fixed 1.20 + 0.06, each busy hour earns 3 - 0.24.
    hour = FullHour(income=3_000_000, busy=KWH, rest=KWH // 5)
    share = break_even(hour, KNOWN)
    assert share == Fraction(1_260_000, 2_760_000)
    income = share * hour.income
    spent = 1_200_000 + 300_000 * (share + (1 - share) / 5)
    assert income == spent


def test_a_site_that_pays_at_no_use_has_a_share_over_one_or_none() -> None:
    assert break_even(FullHour(income=600_000, busy=KWH, rest=0), KNOWN) == 4
    assert break_even(FullHour(income=300_000, busy=KWH, rest=0), KNOWN) is None
    assert break_even(FullHour(income=0, busy=0, rest=0), KNOWN) is None


@pytest.mark.parametrize("income", [0, 1_000_000])
def test_where_no_cost_is_known_there_is_nothing_to_break_even_with(income: int) -> None:
    assert break_even(FullHour(income=income, busy=KWH, rest=0), Tariff()) is None


def test_with_one_cost_known_that_one_counts() -> None:
    hour = FullHour(income=2_400_000, busy=KWH, rest=KWH)
    assert break_even(hour, Tariff(hardware_hour=Decimal("1.20"))) == Fraction(1, 2)
    assert break_even(hour, Tariff(kwh=Decimal("0.30"))) == Fraction(1, 8)


def test_income_at_full_speed_is_that_of_its_service() -> None:
    assert full_income(due=500, service=1000, service_per_hour=3_600_000) == 1_800_000
    assert full_income(due=0, service=0, service_per_hour=3_600_000) == 0


def test_the_energy_of_an_answer_is_the_mean_and_none_without_answers() -> None:
    assert per_answer(1000, 3) == 333
    assert per_answer(1000, 0) is None
