"""Failed sign-ins are slowed, by name and by network; the owner of a name is never kept out for long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.errors import TooManyTries
from thinkwell.people.attempts import (
    FORGET_S,
    FREE_OF_NAME,
    FREE_OF_NETWORK,
    LONGEST_S,
    MOST_REMEMBERED,
    Attempts,
)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def attempts(clock: Clock) -> Attempts:
    return Attempts(clock)


def held_s(attempts: Attempts, name: str, network: str, *, known: bool = False) -> float:
    """For how long the next try is refused; 0: it was let through."""
    try:
        attempts.begin(name, network, known=known)
    except TooManyTries as problem:
        assert problem.retry_after_s is not None
        return problem.retry_after_s
    return 0.0


def test_holds_on_a_name_double_up_to_a_minute(attempts: Attempts, clock: Clock) -> None:
    holds = []
    for number in range(FREE_OF_NAME + 10):
        held = held_s(attempts, "zoe", f"network {number}")
        if held:
            holds.append(held)
            clock.now += held
            assert held_s(attempts, "zoe", f"{number} again") == 0
    assert holds == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60][: len(holds)]
    assert max(holds) == LONGEST_S


def test_one_network_that_tries_many_names_is_held(attempts: Attempts) -> None:
    for number in range(FREE_OF_NETWORK + 1):
        assert held_s(attempts, f"name {number}", "198.51.100.0/24") == 0
    assert held_s(attempts, "another", "198.51.100.0/24") > 0
    assert held_s(attempts, "another", "203.0.113.0/24") == 0


def test_tries_during_a_hold_lengthen_nothing_but_their_own_networks(
    attempts: Attempts, clock: Clock
) -> None:
    for number in range(FREE_OF_NAME + 1):
        attempts.begin("zoe", f"network {number}")
    first = held_s(attempts, "zoe", "attacker")
    for _ in range(500):
        assert held_s(attempts, "zoe", "attacker") >= first
    assert held_s(attempts, "zoe", "owner") == first
    clock.now += first
    assert held_s(attempts, "zoe", "attacker") > 0  # by their own eagerness
    assert held_s(attempts, "zoe", "owner") == 0


def test_what_others_try_holds_up_neither_a_signed_in_browser_nor_a_network_that_was_right(
    attempts: Attempts,
) -> None:
    attempts.begin("zoe", "home")
    attempts.good("zoe", "home")
    for number in range(FREE_OF_NAME + 5):
        held_s(attempts, "zoe", f"network {number}")
    assert held_s(attempts, "zoe", "elsewhere") > 0
    assert held_s(attempts, "zoe", "home") == 0
    assert held_s(attempts, "zoe", "new network", known=True) == 0


def test_a_right_try_clears_the_name_and_takes_itself_from_the_network(attempts: Attempts) -> None:
    for _ in range(200):
        attempts.begin("zoe", "campus")
        attempts.good("zoe", "campus")
    assert held_s(attempts, "max", "campus") == 0


def test_an_account_of_ones_own_does_not_clear_the_way_of_a_network(attempts: Attempts) -> None:
    """Right for one's own name between wrong for another's: the wrong ones add up."""
    for number in range(FREE_OF_NETWORK + 1):
        held_s(attempts, f"victim {number}", "attacker")
        if not held_s(attempts, "mine", "attacker"):
            attempts.good("mine", "attacker")
    assert held_s(attempts, "victim", "attacker") > 0


def test_many_at_once_win_nothing(attempts: Attempts) -> None:
    """A try counts before it is known to be wrong."""
    through = [held_s(attempts, "zoe", f"network {number}") == 0 for number in range(100)]
    assert sum(through) == FREE_OF_NAME + 1


def test_failures_are_forgotten_after_a_while(attempts: Attempts, clock: Clock) -> None:
    for _ in range(FREE_OF_NETWORK * 2):
        held_s(attempts, "zoe", "home")
    assert held_s(attempts, "zoe", "home") > 0
    clock.now += FORGET_S + 1
    assert held_s(attempts, "zoe", "home") == 0


def test_memory_is_bounded(attempts: Attempts) -> None:
    for number in range(MOST_REMEMBERED + 50):
        attempts.begin(f"name {number}", f"network {number}")
        attempts.good(f"name {number}", f"network {number}")
        attempts.begin(f"name {number}", f"other {number}")
    for known in (attempts._names, attempts._networks, attempts._homes):
        assert len(known) == MOST_REMEMBERED


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.floats(0, 100)), max_size=200))
def test_nobody_ever_waits_for_longer_than_a_minute(tries: list[tuple[str, str, float]]) -> None:
    clock = Clock()
    attempts = Attempts(clock)
    for name, network, after in tries:
        clock.now += after
        assert held_s(attempts, name, network) <= LONGEST_S
