"""What a proof of work costs: nothing where it is quiet, never more than the cap, and more with each reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.people.price import EASIEST, HASHES, MOST, SETTLED_S, USUAL, YOUNG_S, tries

LOADS = st.floats(0, 1e9, allow_nan=False)
AGES = st.floats(0, 1e8)
COUNTS = st.lists(st.integers(0, 10**7), min_size=1, max_size=3)


@given(load=LOADS, begins=st.floats(0, 100), age=AGES, counts=COUNTS)
def test_the_price_is_none_or_between_the_easiest_and_the_cap(
    load: float, begins: float, age: float, counts: list[int]
) -> None:
    price = tries(load, begins, age, counts)
    if begins == 0 or load < begins:
        assert price == 0
    else:
        assert EASIEST <= price <= MOST


@given(
    load=LOADS,
    more=LOADS,
    age=AGES,
    less=AGES,
    counts=COUNTS,
    extra=st.integers(0, 1000),
    at=st.integers(0, 2),
)
def test_the_price_never_falls_with_load_youth_or_newcomers(
    load: float, more: float, age: float, less: float, counts: list[int], extra: int, at: int
) -> None:
    price = tries(load, 1.0, age, counts)
    assert tries(load + more, 1.0, age, counts) >= price
    assert tries(load, 1.0, min(age, less), counts) >= price
    crowded = [count + extra * (place == at) for place, count in enumerate(counts)]
    assert tries(load, 1.0, age, crowded) >= price


@pytest.mark.parametrize("prefixes", sorted(USUAL))
def test_each_prefix_alone_can_raise_the_price(prefixes: int) -> None:
    quiet = tries(1.0, 1.0, SETTLED_S, [0] * prefixes)
    assert quiet == EASIEST
    for place in range(prefixes):
        counts = [0] * prefixes
        counts[place] = USUAL[prefixes][place]
        assert tries(1.0, 1.0, SETTLED_S, counts) == quiet
        counts[place] *= 3
        assert tries(1.0, 1.0, SETTLED_S, counts) == 3 * quiet


def test_the_young_pay_more() -> None:
    prices = [tries(1.0, 1.0, age, [0, 0]) for age in (0.0, YOUNG_S, SETTLED_S)]
    assert prices == [4 * EASIEST, 2 * EASIEST, EASIEST]


def test_the_cap_is_what_an_old_phone_does_in_some_seconds() -> None:
    """At 95 hashes a millisecond, a tenth of what Node did where this was measured (docs/visitors.md)."""
    assert MOST * HASHES == 600_000
    assert MOST * HASHES / 95 <= 6_500
    assert tries(1e9, 1.0, 0.0, [10**9, 10**9]) == MOST
