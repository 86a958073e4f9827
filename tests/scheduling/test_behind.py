"""Behind the others: strictly after all who are within their quota, first to give way to them, and told no
time that is not true."""

from __future__ import annotations

import random
from collections import Counter

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from thinkwell.scheduling.base import Ticket
from thinkwell.scheduling.behind import BehindLine
from thinkwell.scheduling.eta import Eta
from thinkwell.scheduling.giveway import Rules
from thinkwell.scheduling.pool import PoolSchedule
from thinkwell.scheduling.predict import Predictor
from thinkwell.scheduling.replica import Replica
from thinkwell.scheduling.replicas import Router


def cost(ticket: Ticket) -> float:
    return float(ticket.prompt_tokens)


def ticket(name: str, person: str | None = None, *, behind: bool = False, tokens: int = 10) -> Ticket:
    return Ticket(id=name, person=person or name, prompt_tokens=tokens, behind=behind)


def joined(*tickets: Ticket, at_once: int = 0) -> BehindLine:
    line = BehindLine(cost, at_once={"visitor": at_once})
    for one in tickets:
        line.join(one, 0.0)
    return line


def taken(line: BehindLine) -> list[str]:
    return [one.id for one in iter(lambda: line.next(0.0), None)]


def test_whoever_is_out_of_quota_goes_after_all_others_however_little_they_had() -> None:
    line = joined(ticket("late", behind=True))
    for number in range(5):
        line.join(ticket(f"heavy{number}", "heavy", tokens=1000), 0.0)
    assert [one.id for one in line.in_order()] == [*(f"heavy{number}" for number in range(5)), "late"]
    assert (len(line), line.waiting_behind) == (6, 1)
    assert taken(line) == [*(f"heavy{number}" for number in range(5)), "late"]


def test_among_themselves_those_behind_are_served_by_who_had_least() -> None:
    line = joined(*(ticket(f"a{number}", "a", behind=True, tokens=100) for number in range(3)))
    for number in range(3):
        line.join(ticket(f"b{number}", "b", behind=True), 0.0)
    assert taken(line) == ["a0", "b0", "b1", "b2", "a1", "a2"]


def test_room_is_kept_for_who_waits_within_a_quota_and_does_not_fit_yet() -> None:
    line = joined(ticket("large", tokens=500), ticket("small", behind=True))
    assert line.next(0.0, lambda one: one.prompt_tokens < 100) is None
    assert taken(line) == ["large", "small"]


def test_where_all_within_their_quota_wait_for_turns_of_their_own_the_next_behind_starts() -> None:
    line = joined(ticket("a1", "a"), ticket("a2", "a"), ticket("b", behind=True), at_once=1)
    assert taken(line) == ["a1", "b"]
    line.ended("a1")
    assert taken(line) == ["a2"]


def test_a_person_in_both_lines_runs_no_more_at_once_than_in_one() -> None:
    line = joined(ticket("a1", "a"), ticket("a2", "a", behind=True), at_once=1)
    assert taken(line) == ["a1"]
    line.ended("a1")
    assert taken(line) == ["a2"]
    line.join(ticket("a3", "a"), 0.0)
    assert (taken(line), line.head()) == ([], None)
    line.ended("a2")
    assert taken(line) == ["a3"]


def test_when_the_quota_begins_anew_a_ticket_stands_among_the_others() -> None:
    line = joined(ticket("a", behind=True), ticket("b", behind=True), ticket("c", tokens=100))
    line.next(0.0)
    line.join(ticket("c2", "c", tokens=100), 0.0)
    assert line.forgive("b", 0.0)
    assert not line.forgive("b", 0.0)
    assert not line.forgive("c2", 0.0)
    assert not line.forgive("nobody", 0.0)
    assert taken(line) == ["b", "c2", "a"]


class LimitMachine(RuleBasedStateMachine):
    """Any schedule of two lines with a limit of turns at once: nobody passes it, and nobody is forgotten."""

    @initialize(at_once=st.integers(1, 2))
    def begin(self, at_once: int) -> None:
        self.at_once = at_once
        self.line = BehindLine(cost, at_once={"visitor": at_once})
        self.waiting: dict[str, Ticket] = {}
        self.running: dict[str, Ticket] = {}
        self.number = 0

    @rule(person=st.sampled_from("abc"), behind=st.booleans(), network=st.booleans())
    def join(self, person: str, behind: bool, network: bool) -> None:
        self.number += 1
        group = "network" if network else None
        one = Ticket(id=str(self.number), person=person, group=group, behind=behind)
        self.line.join(one, 0.0)
        self.waiting[one.id] = one

    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        if self.waiting:
            id = data.draw(st.sampled_from(sorted(self.waiting)))
            assert self.line.leave(id)
            del self.waiting[id]

    @rule(data=st.data())
    def forgive(self, data: st.DataObject) -> None:
        if self.waiting:
            id = data.draw(st.sampled_from(sorted(self.waiting)))
            assert self.line.forgive(id, 0.0) == self.waiting[id].behind
            self.waiting[id] = msgspec.structs.replace(self.waiting[id], behind=False)

    @rule()
    def next(self) -> None:
        runs = self.runs
        free = [one for one in self.waiting.values() if runs[one.person, one.group] < self.at_once]
        one = self.line.next(0.0)
        assert (one is None) == (not free)
        if one is not None:
            assert one == self.waiting.pop(one.id)
            assert not one.behind or all(other.behind for other in free), "strictly behind"
            self.running[one.id] = one

    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        if self.running:
            id = data.draw(st.sampled_from(sorted(self.running)))
            self.line.deliver(id, 5.0)
            self.line.ended(id)
            del self.running[id]

    @property
    def runs(self) -> Counter[tuple[str, str | None]]:
        """A person in two groups has a part in each, and a limit in each."""
        return Counter((one.person, one.group) for one in self.running.values())

    @invariant()
    def nobody_runs_more_than_they_may(self) -> None:
        if hasattr(self, "line"):
            assert max(self.runs.values(), default=0) <= self.at_once
            assert {one.id for one in self.line.in_order()} == self.waiting.keys()

    def teardown(self) -> None:
        if not hasattr(self, "line"):
            return
        for id in self.waiting:
            self.line.leave(id)
        for id in self.running:
            self.line.ended(id)
        for line in (self.line.first, self.line.second):
            for tier in line._root.children.values():
                for group in tier.children.values():
                    assert group.elsewhere == 0
        assert not self.line._of_person


TestAnyScheduleOfTwoLines = LimitMachine.TestCase
TestAnyScheduleOfTwoLines.settings = settings(max_examples=200, stateful_step_count=40)


# -- in the pool -------------------------------------------------------------------------------------


def pool(slots: int = 1, rules: Rules | None = None) -> PoolSchedule:
    router = Router(["r"], cache_blocks=0, block_tokens=16)
    return PoolSchedule(BehindLine, [Replica("r", slots)], router, Predictor(), rules)


def run(schedule: PoolSchedule, one: Ticket, generated: int = 0) -> None:
    schedule.join(one, 0.0)
    assert [grant.ticket for grant in schedule.grants(0.0)] == [one]
    schedule.progressed(one.id, generated)


def test_a_turn_behind_is_the_first_to_pause_for_others() -> None:
    schedule = pool(2, Rules())
    run(schedule, ticket("heavy"), 200)
    run(schedule, ticket("over", behind=True), 60)
    schedule.join(ticket("new"), 0.0)
    assert schedule.who_gives_way() == "over"
    schedule.paused("over", 0.0)
    assert [grant.ticket.id for grant in schedule.grants(0.0)] == ["new"]
    assert [one.id for one in schedule.in_order()] == ["over"]


def test_it_pauses_also_for_somebody_who_has_another_turn_running() -> None:
    schedule = pool(2, Rules())
    run(schedule, ticket("a1", "a"), 100)
    run(schedule, ticket("over", behind=True), 20)
    schedule.join(ticket("a2", "a"), 0.0)
    assert schedule.who_gives_way() == "over"


@pytest.mark.parametrize("mine", ["over", "other"])
def test_nobody_within_a_quota_pauses_for_who_is_behind(mine: str) -> None:
    schedule = pool(1, Rules())
    run(schedule, ticket("heavy", "heavy" if mine == "other" else mine), 300)
    schedule.join(ticket("late", mine, behind=True), 0.0)
    assert schedule.who_gives_way() is None


def test_it_is_spared_where_going_on_would_cost_the_machine_too_much() -> None:
    schedule = pool(1, Rules())
    run(schedule, ticket("over", behind=True), 15)
    schedule.join(ticket("new"), 0.0)
    assert schedule.who_gives_way() is None, "it has hardly begun"
    schedule.progressed("over", 400)
    assert schedule.who_gives_way() is None, "too much would have to be read again"


def test_those_behind_shorten_nobodys_thoughts_and_hold_up_nobodys_start() -> None:
    schedule = pool(1)
    run(schedule, ticket("runs"))
    for number in range(3):
        schedule.join(ticket(f"late{number}", behind=True), 0.0)
    assert (schedule.waiting, schedule.waiting_for_room) == (3, 0)
    schedule.join(ticket("new"), 0.0)
    assert (schedule.waiting, schedule.waiting_for_room) == (4, 1)
    assert not schedule.would_start(ticket("new"))
    schedule.ended("runs")
    assert schedule.would_start(ticket("new"))
    assert not schedule.would_start(ticket("late0", behind=True))


# -- when they start ---------------------------------------------------------------------------------


class Busy:
    """A pool of one slot, in which turns take a second; in quota so many a second come as ``load`` says."""

    def __init__(self, load: float, behind: float, seconds: int, seed: int = 1) -> None:
        self.schedule = pool()
        self.eta = Eta(self.schedule)
        self.told: list[tuple[bool, float, float, str]] = []
        self.started: dict[str, float] = {}
        drawn = random.Random(seed)
        due = [(drawn.uniform(0, seconds), False) for _ in range(round(load * seconds))]
        due += [(drawn.uniform(0, seconds), True) for _ in range(round(behind * seconds))]
        delivered, ends, runs = 0.0, 0.0, ""
        for number, (now, is_behind) in enumerate(sorted(due)):
            while self.schedule.running and ends <= now:
                self.schedule.progressed(runs, 100)
                self.schedule.ended(runs)
                self.eta.ended(runs, 100)
                self.eta.served(ends, self.schedule.delivered - delivered)
                delivered = self.schedule.delivered
                runs, ends = self._start(ends) or (runs, ends)
            one = ticket(f"{number}", f"p{number % 20}", behind=is_behind)
            self.schedule.join(one, now)
            self.eta.arrived(one, now)
            if not self.schedule.running:
                runs, ends = self._start(now) or (runs, ends)
            elif (quote := self.eta.quote(one.id, now)) is not None:
                self.told.append((is_behind, now, quote.p90_s, one.id))
        self.now = now

    def _start(self, now: float) -> tuple[str, float] | None:
        for grant in self.schedule.grants(now):
            self.started[grant.ticket.id] = now
            self.eta.started(grant.ticket.id, now)
            return grant.ticket.id, now + 1.0
        return None


@pytest.mark.parametrize(("load", "behind"), [(0.3, 0.3), (0.5, 0.4), (0.2, 1.0)])
def test_what_those_behind_are_told_holds_in_nine_of_ten_cases(load: float, behind: float) -> None:
    busy = Busy(load, behind, 2000)
    kept = {True: [0, 0], False: [0, 0]}
    for is_behind, at, p90_s, id in busy.told:
        started = busy.started.get(id)
        if started is None and at + p90_s > busy.now:
            continue  # nobody knows yet
        kept[is_behind][0] += 1
        kept[is_behind][1] += started is not None and started - at <= p90_s
    for is_behind, (told, held) in kept.items():
        assert told > (200 if is_behind else 50)
        assert held / told >= 0.87


def test_nothing_is_said_of_a_start_while_those_within_their_quota_leave_no_room() -> None:
    busy = Busy(1.1, 0.0, 400)
    late = ticket("late", behind=True)
    busy.schedule.join(late, busy.now)
    busy.eta.arrived(late, busy.now)
    new = ticket("new")
    busy.schedule.join(new, busy.now)
    busy.eta.arrived(new, busy.now)
    assert busy.eta.quote("late", busy.now) is None
    assert busy.eta.quote("new", busy.now) is not None
    known = dict(busy.eta.quotes(busy.now))
    assert "new" in known
    assert "late" not in known
