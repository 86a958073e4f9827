"""Newcomers of a network: counted for an hour, in bounded memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.people.newcomers import Newcomers


class Clock:
    def __init__(self) -> None:
        self.now = 4_000_000_000.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.tuples(st.integers(0, 5000), st.sampled_from(["a", "b"])), max_size=40))
def test_newcomers_are_counted_for_about_an_hour(coming: list[tuple[int, str]]) -> None:
    clock = Clock()
    counted = Newcomers(clock)
    seen: list[tuple[float, str]] = []
    for after, network in coming:
        clock.now += after
        counted.note((network,))
        seen.append((clock.now, network))
    for network in ("a", "b"):
        [count] = counted.counts((network,))
        surely = sum(name == network and at > clock.now - 3_000 for at, name in seen)
        perhaps = sum(name == network and at > clock.now - 3_600 for at, name in seen)
        assert surely <= count <= perhaps


def test_networks_that_are_counted_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thinkwell.people.newcomers.MOST_NETWORKS", 10)
    counted = Newcomers(Clock())
    for number in range(100):
        counted.note((str(number),))
    counted.note(("3",))
    assert counted.counts(("3", "99")) == (2, 0)
