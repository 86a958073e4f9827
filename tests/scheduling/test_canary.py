"""Adapters swapped under a pool at any moment: every turn ends once, on the adapter that it began on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from thinkwell.scheduling.base import Cost, Line, Ticket
from thinkwell.scheduling.behind import BehindLine
from thinkwell.scheduling.canary import Canary
from thinkwell.scheduling.fair import FairLine
from thinkwell.scheduling.giveway import Rules
from thinkwell.scheduling.null import UnlimitedLine
from thinkwell.scheduling.pool import PoolSchedule
from thinkwell.scheduling.replica import Replica
from thinkwell.scheduling.replicas import Router

PLACES = st.floats(0, 1)


RULES = Rules(quantum_tokens=4, least_lead=8, most_again_tokens=5000)
MakeLine = Callable[[Cost], Line]


def unlimited(cost: Cost) -> Line:
    return UnlimitedLine()


def pool(*replicas: Replica, line: MakeLine = BehindLine) -> PoolSchedule:
    names = [replica.name for replica in replicas]
    return PoolSchedule(line, replicas, Router(names, cache_blocks=4, block_tokens=16), rules=RULES)


@given(place=PLACES, less=PLACES, more=PLACES)
def test_a_larger_share_takes_the_turns_of_the_smaller_one_and_others(
    place: float, less: float, more: float
) -> None:
    less, more = sorted((less, more))
    canary = Canary("a", "b", less)
    if canary.label(place, lambda label: True) == "b":
        assert Canary("a", "b", more).label(place, lambda label: True) == "b"
    assert Canary("a", "b", 0.0).label(place, lambda label: True) == "a"
    assert canary.label(place, lambda label: False) == "a"
    assert canary.label(1.0, lambda label: True) == "a"


def start(schedule: PoolSchedule, *tickets: Ticket) -> dict[str, str]:
    for ticket in tickets:
        schedule.join(ticket, 0.0)
    return {grant.ticket.id: grant.replica for grant in schedule.grants(0.0)}


def test_a_turn_that_lost_its_engine_waits_for_its_own_adapter_and_holds_up_nobody_of_another() -> None:
    schedule = pool(Replica("old", 1, label="a"), Replica("new", 1, label="b"))
    schedule.canary = Canary("a", "b", 0.5)
    assert start(schedule, Ticket(id="1", person="p", place=0.1)) == {"1": "new"}
    schedule.progressed("1", 5)
    schedule.back("1")
    schedule.replicas["new"].ready = False
    assert start(schedule, Ticket(id="2", person="q", place=0.1)) == {"2": "old"}
    schedule.ended("2")
    schedule.replicas["new"].ready = True
    assert start(schedule) == {"1": "new"}


def test_a_turn_that_lost_its_engine_before_it_said_anything_begins_on_another() -> None:
    schedule = pool(Replica("old", 1, label="a"), Replica("new", 1, label="b"))
    schedule.canary = Canary("a", "b", 1.0)
    assert start(schedule, Ticket(id="1", person="p", place=0.1)) == {"1": "new"}
    schedule.back("1", anew=True)
    schedule.replicas["new"].ready = False
    assert start(schedule) == {"1": "old"}


def test_nobody_gives_way_for_a_turn_of_another_adapter() -> None:
    schedule = pool(Replica("old", 1, label="a"), Replica("new", 1, label="b"))
    schedule.canary = Canary("a", "b", 0.5)
    assert start(schedule, Ticket(id="1", person="p", place=0.9)) == {"1": "old"}
    assert start(schedule, Ticket(id="2", person="p", place=0.1)) == {"2": "new"}
    schedule.progressed("1", 900)
    schedule.progressed("2", 900)
    assert start(schedule, Ticket(id="3", person="q", place=0.2)) == {}
    assert schedule.who_gives_way() == "2"


def test_a_replica_on_which_turns_are_to_go_on_is_not_removed() -> None:
    schedule = pool(Replica("old", 1, label="a"), Replica("new", 1, label="b"))
    schedule.canary = Canary("a")
    start(schedule, Ticket(id="1", person="p"))
    with pytest.raises(ValueError, match="go on on replica old"):
        schedule.remove("old")
    schedule.progressed("1", 5)
    schedule.paused("1", 0.0)
    with pytest.raises(ValueError, match="go on on replica old"):
        schedule.remove("old")
    schedule.remove("new")
    assert start(schedule) == {"1": "old"}
    schedule.ended("1")
    schedule.remove("old")


class SwapMachine(RuleBasedStateMachine):
    """Loads, canaries, completions, roll-backs, deaths, pauses and endings, in any order."""

    @initialize(slots=st.integers(1, 2), line=st.sampled_from([FairLine, BehindLine, unlimited]))
    def begin(self, slots: int, line: MakeLine) -> None:
        self.slots = slots
        self.pool = pool(Replica("r0", slots, label="r0"), line=line)
        self.pool.canary = Canary("r0")
        self.loaded = 1
        self.number = 0
        self.retired: set[str] = set()
        self.waiting: set[str] = set()
        self.began_on: dict[str, str] = {}
        self.said: dict[str, int] = {}
        self.load()
        self.change_the_share(0.5)

    @rule(person=st.sampled_from("abc"), place=PLACES, behind=st.booleans())
    def join(self, person: str, place: float, behind: bool) -> None:
        self.number += 1
        id = str(self.number)
        self.pool.join(Ticket(id=id, person=person, place=place, behind=behind), 0.0)
        self.waiting.add(id)

    @precondition(lambda self: self.pool.canary.candidate is None)
    @rule()
    def load(self) -> None:
        name = f"r{self.loaded}"
        self.loaded += 1
        self.pool.add(Replica(name, self.slots, label=name))
        self.pool.canary = Canary(self.pool.canary.current, name, 0.0)

    @rule(share=PLACES)
    def change_the_share(self, share: float) -> None:
        canary = self.pool.canary
        self.pool.canary = Canary(canary.current, canary.candidate, share)

    @rule(complete=st.booleans())
    def complete_or_roll_back(self, complete: bool) -> None:
        canary = self.pool.canary
        if canary.candidate is not None:
            kept, gone = canary.current, canary.candidate
            if complete:
                kept, gone = gone, kept
            self.pool.canary = Canary(kept)
            self.retired.add(gone)

    @rule(data=st.data(), ready=st.booleans())
    def an_engine_dies_or_comes_back(self, data: st.DataObject, ready: bool) -> None:
        name = data.draw(st.sampled_from(sorted(self.pool.replicas)))
        replica = self.pool.replicas[name]
        if not ready:
            self.pool.went_away(name)
            for id in list(replica.running):
                self.pool.back(id, anew=not self.said.get(id))
                self.waiting.add(id)
                if not self.said.get(id):
                    del self.began_on[id]
        replica.ready = ready

    @invariant()
    def pump(self) -> None:
        """As the dispatcher does after whatever happens."""
        if not hasattr(self, "pool"):
            return
        for grant in self.pool.grants(0.0):
            id, label = grant.ticket.id, self.pool.replicas[grant.replica].label
            self.waiting.remove(id)
            assert self.began_on.setdefault(id, label) == label, "two adapters in one turn"
            if not self.said.get(id):
                assert label not in self.retired or id in self.said, "a new turn on a retired adapter"
            self.said.setdefault(id, 0)
        for id in self.waiting:
            ticket = next(one for one in self.pool.in_order() if one.id == id)
            label = self.pool.label_of(ticket)
            assert label in {replica.label for replica in self.pool.replicas.values()}
        assert self.pool.waiting == len(self.waiting)
        assert not self.waiting & self.pool.running.keys()

    @precondition(lambda self: self.pool.running)
    @rule(data=st.data(), tokens=st.integers(1, 40))
    def speak(self, data: st.DataObject, tokens: int) -> None:
        for id in data.draw(st.sets(st.sampled_from(sorted(self.pool.running)), min_size=1)):
            self.said[id] += tokens
            self.pool.progressed(id, self.said[id])

    @precondition(lambda self: self.pool.running)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        id = data.draw(st.sampled_from(sorted(self.pool.running)))
        self.pool.ended(id)
        del self.began_on[id]

    @precondition(lambda self: self.waiting)
    @rule()
    def give_way(self) -> None:
        id = self.pool.who_gives_way()
        if id is not None:
            self.pool.paused(id, 0.0)
            self.waiting.add(id)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        id = data.draw(st.sampled_from(sorted(self.waiting)))
        assert self.pool.leave(id)
        self.waiting.remove(id)
        self.began_on.pop(id, None)

    @precondition(lambda self: self.retired)
    @rule()
    def close_what_is_free(self) -> None:
        for name in sorted(self.retired):
            if not self.pool.bound(name):
                assert name not in self.began_on.values()
                self.pool.remove(name)
                self.retired.remove(name)

    def teardown(self) -> None:
        """In the end, with all engines back, everybody is served and every retired engine closed."""
        if not hasattr(self, "pool"):
            return
        for replica in self.pool.replicas.values():
            replica.ready = True
        for _ in range(2 * self.number + 2):
            self.pump()
            for id in list(self.pool.running):
                self.pool.ended(id)
        assert not self.pool.waiting
        self.began_on.clear()
        self.close_what_is_free()
        assert not self.retired


TestSwaps = SwapMachine.TestCase
TestSwaps.settings = settings(max_examples=200, stateful_step_count=60, deadline=None)
