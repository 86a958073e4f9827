"""What every Line promises; and what this one promises besides. New lines join LINES."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from thinkwell.scheduling.base import Line, Ticket
from thinkwell.scheduling.replicas import ReplicaLoad, choose_replica
from thinkwell.scheduling.round_robin import RoundRobinLine

LINES: list[Callable[[], Line]] = [RoundRobinLine]


def ticket(number: int, person: str) -> Ticket:
    return Ticket(id=str(number), person=person)


@pytest.mark.parametrize("make", LINES)
def test_a_ticket_waits_once(make: Callable[[], Line]) -> None:
    line = make()
    line.join(ticket(1, "a"))
    with pytest.raises(ValueError, match="waits already"):
        line.join(ticket(1, "b"))


@pytest.mark.parametrize("make", LINES)
def test_an_empty_line_gives_nothing_and_nobody_leaves_it(make: Callable[[], Line]) -> None:
    line = make()
    assert line.next() is None
    assert not line.leave("1")
    assert list(line.in_order()) == []


def test_persons_take_turns_and_each_persons_own_questions_stay_in_order() -> None:
    line = RoundRobinLine()
    for number, person in enumerate("aaabbc"):
        line.join(ticket(number, person))
    order = [found.id for found in iter(line.next, None)]
    assert order == ["0", "3", "5", "1", "4", "2"]


class LineMachine(RuleBasedStateMachine):
    """Any schedule of joins, leaves and picks: nothing is lost or doubled, and the order shown is true."""

    tickets = Bundle("tickets")

    @initialize(make=st.sampled_from(LINES))
    def begin(self, make: Callable[[], Line]) -> None:
        self.line = make()
        self.waiting: dict[str, Ticket] = {}
        self.number = 0

    @rule(target=tickets, person=st.sampled_from("abcd"))
    def join(self, person: str) -> str:
        self.number += 1
        joined = ticket(self.number, person)
        self.line.join(joined)
        self.waiting[joined.id] = joined
        return joined.id

    @rule(ticket_id=tickets)
    def leave(self, ticket_id: str) -> None:
        assert self.line.leave(ticket_id) == (self.waiting.pop(ticket_id, None) is not None)

    @rule()
    def pick(self) -> None:
        promised = next(self.line.in_order(), None)
        taken = self.line.next()
        assert taken == promised
        assert (taken is None) == (not self.waiting)
        if taken is not None:
            del self.waiting[taken.id]

    @rule()
    def run_dry_in_the_order_shown(self) -> None:
        shown = list(self.line.in_order())
        assert [self.line.next() for _ in shown] == shown
        assert self.line.next() is None
        self.waiting.clear()

    @invariant()
    def everyone_is_counted_once(self) -> None:
        if not hasattr(self, "line"):
            return
        shown = [found.id for found in self.line.in_order()]
        assert Counter(shown) == Counter(self.waiting.keys())
        assert len(self.line) == len(self.waiting)


TestAnyScheduleOfJoinsLeavesAndPicks = LineMachine.TestCase
TestAnyScheduleOfJoinsLeavesAndPicks.settings = settings(max_examples=60, stateful_step_count=40)


@pytest.mark.parametrize(("mine", "theirs"), [(1, 5), (3, 50)])
def test_a_heavy_person_delays_a_light_one_by_one_turn_at_most(mine: int, theirs: int) -> None:
    line = RoundRobinLine()
    for number in range(theirs):
        line.join(ticket(number, "heavy"))
    for number in range(mine):
        line.join(ticket(1000 + number, "light"))
    order = [found.person for found in line.in_order()]
    for place, person in enumerate(order):
        if person == "light":
            assert place <= 2 * order[: place + 1].count("light") - 1


def test_the_replica_with_the_most_room_is_chosen() -> None:
    loads = [
        ReplicaLoad("full", True, 2, 2),
        ReplicaLoad("half", True, 1, 2),
        ReplicaLoad("quarter", True, 1, 4),
        ReplicaLoad("down", False, 0, 8),
    ]
    assert choose_replica(loads) == "quarter"
    assert choose_replica(loads[:1]) is None
    assert choose_replica([]) is None
