"""The pool under any schedule: counts are conserved, room is used, nobody starves, and who waits differs
by a bound, also where what turns will use was thought wrong a hundred times either way."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from thinkwell.scheduling.base import OUTPUT_WEIGHT, PROMPT_WEIGHT, Line, Ticket
from thinkwell.scheduling.behind import BehindLine
from thinkwell.scheduling.fair import FairLine
from thinkwell.scheduling.giveway import Rules
from thinkwell.scheduling.pool import SURCHARGE, PoolSchedule
from thinkwell.scheduling.predict import Predictor
from thinkwell.scheduling.replica import Replica
from thinkwell.scheduling.replicas import Router


class Guess(Predictor):
    """Knows what every turn will generate, and says so many times as much."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor
        self.real: dict[str, int] = {}

    def output(self, ticket: Ticket) -> float:
        return self.factor * self.real[ticket.id]


def pool(
    guess: Predictor,
    slots: list[int],
    kv_tokens: int | None = None,
    rules: Rules | None = None,
    line: type[FairLine | BehindLine] = FairLine,
) -> PoolSchedule:
    names = [f"r{number}" for number in range(len(slots))]
    replicas = [Replica(name, room, kv_tokens) for name, room in zip(names, slots, strict=True)]
    router = Router(names, cache_blocks=0, block_tokens=16)
    return PoolSchedule(lambda cost: line(cost, {"member": 2.0}), replicas, router, guess, rules)


def fair_lines(line: Line) -> list[FairLine]:
    if isinstance(line, BehindLine):
        return [line.first, line.second]
    assert isinstance(line, FairLine)
    return [line]


class PoolMachine(RuleBasedStateMachine):
    """All that can happen to a pool, in any order."""

    @initialize(
        factor=st.sampled_from([0.01, 1.0, 100.0]),
        slots=st.lists(st.integers(1, 3), min_size=1, max_size=3),
        kv_tokens=st.sampled_from([None, None, 800]),
        quantum=st.integers(0, 20),
        line=st.sampled_from([FairLine, BehindLine]),
    )
    def begin(
        self,
        factor: float,
        slots: list[int],
        kv_tokens: int | None,
        quantum: int,
        line: type[FairLine | BehindLine],
    ) -> None:
        self.guess = Guess(factor)
        rules = Rules(quantum_tokens=quantum, least_lead=50, most_again_tokens=500)
        self.pool = pool(self.guess, slots, kv_tokens, rules, line)
        self.line = self.pool.line
        self.memory_bound = kv_tokens is not None
        self.number = 0
        self.waiting: dict[str, Ticket] = {}
        self.running: dict[str, Ticket] = {}
        self.said: dict[str, int] = {}

    @rule(
        person=st.sampled_from("abcd"),
        prompt=st.integers(1, 300),
        output=st.integers(1, 300),
        member=st.booleans(),
        behind=st.booleans(),
    )
    def join(self, person: str, prompt: int, output: int, member: bool, behind: bool) -> None:
        self.number += 1
        ticket = Ticket(
            id=str(self.number),
            person=person,
            tier="member" if member else "visitor",
            prompt_tokens=prompt,
            reserve_tokens=prompt + output,
            behind=behind,
        )
        self.guess.real[ticket.id] = output
        self.said[ticket.id] = 0
        self.pool.join(ticket, 0.0)
        self.waiting[ticket.id] = ticket

    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        if self.waiting:
            id = data.draw(st.sampled_from(sorted(self.waiting)))
            assert self.pool.leave(id)
            assert not self.pool.leave(id)
            del self.waiting[id]

    @rule(data=st.data())
    def a_quota_begins_anew(self, data: st.DataObject) -> None:
        if self.waiting and isinstance(self.line, BehindLine):
            id = data.draw(st.sampled_from(sorted(self.waiting)))
            if self.pool.forgive(id, 0.0):
                assert not self.pool.forgive(id, 0.0)
                first = [ticket.id for ticket in self.line.first.in_order()]
                assert id in first

    @rule()
    def pump(self) -> None:
        for grant in self.pool.grants(0.0):
            assert self.pool.replicas[grant.replica].ready
            assert not self.pool.replicas[grant.replica].draining
            self.running[grant.ticket.id] = self.waiting.pop(grant.ticket.id)
        if not self.memory_bound:
            has_room = any(replica.open for replica in self.pool.replicas.values())
            assert not (self.waiting and has_room), "somebody waits, and there is room"
        elif self.waiting:
            idle = [
                replica for replica in self.pool.replicas.values() if replica.open and not replica.running
            ]
            assert not idle, "somebody waits, and a replica is empty"

    @rule(data=st.data(), tokens=st.integers(1, 100), over=st.booleans())
    def go_on(self, data: st.DataObject, tokens: int, over: bool) -> None:
        if self.running:
            id = data.draw(st.sampled_from(sorted(self.running)))
            self.said[id] = min(self.guess.real[id], self.said[id] + tokens)
            self.pool.progressed(id, self.said[id])
            if over or self.said[id] == self.guess.real[id]:
                self.pool.ended(id, learn=not over)
                del self.running[id]

    @rule(data=st.data())
    def abort_before_its_first_token(self, data: st.DataObject) -> None:
        fresh = sorted(id for id in self.running if not self.said[id])
        if fresh:
            id = data.draw(st.sampled_from(fresh))
            self.pool.ended(id, learn=False)
            del self.running[id]

    @rule(lets_go=st.booleans())
    def give_way(self, lets_go: bool) -> None:
        chosen = self.pool.who_gives_way()
        if chosen is not None:
            assert self.pool.who_gives_way() is None, "one at a time"
            if lets_go:
                self.pool.paused(chosen, 0.0)
                self.waiting[chosen] = self.running.pop(chosen)

    @rule(data=st.data())
    def lose_a_replica(self, data: st.DataObject) -> None:
        replica = self.pool.replicas[data.draw(st.sampled_from(sorted(self.pool.replicas)))]
        replica.ready = False
        self.pool.went_away(replica.name)
        lost = list(replica.running)
        for id in lost:
            self.pool.back(id)
            self.waiting[id] = self.running.pop(id)
        assert not replica.running
        shown = [ticket.id for ticket in self.pool.in_order()]
        assert set(lost) <= set(shown[: len(self.pool._back)]), "they wait before everybody else"

    @rule(data=st.data(), ready=st.booleans(), draining=st.booleans())
    def a_replica_comes_or_drains(self, data: st.DataObject, ready: bool, draining: bool) -> None:
        replica = self.pool.replicas[data.draw(st.sampled_from(sorted(self.pool.replicas)))]
        replica.ready = replica.ready or ready
        replica.draining = draining

    @rule()
    @precondition(lambda self: hasattr(self, "pool") and not self.pool._back)
    def they_start_in_the_order_shown(self) -> None:
        if self.memory_bound:
            return
        shown = [ticket.id for ticket in self.pool.in_order()]
        started = [grant.ticket.id for grant in self.pool.grants(0.0)]
        assert started == shown[: len(started)]
        for id in started:
            self.running[id] = self.waiting.pop(id)

    @invariant()
    def counts_are_conserved(self) -> None:
        if not hasattr(self, "pool"):
            return
        assert self.pool.waiting == len(self.waiting)
        assert Counter(ticket.id for ticket in self.pool.in_order()) == Counter(self.waiting.keys())
        assert self.pool.running.keys() == self.running.keys()
        held = Counter(id for replica in self.pool.replicas.values() for id in replica.running)
        assert held == Counter(self.running.keys())
        for replica in self.pool.replicas.values():
            assert len(replica.running) <= replica.slots
            assert replica.reserved == sum(run.reserve for run in replica.running.values())
            if replica.kv_tokens is not None and len(replica.running) > 1:
                assert replica.reserved <= replica.kv_tokens

    @invariant()
    def what_is_charged_ahead_is_what_runs_may_use_yet(self) -> None:
        """And never less than what was delivered: refunds and surcharges are neither lost nor doubled."""
        if not hasattr(self, "pool"):
            return
        ahead = Counter[tuple[str, str]]()
        for run in [*self.pool.running.values(), *self.pool._back]:
            assert run.charged >= run.delivered
            ahead[run.ticket.tier, run.ticket.person] += run.charged - run.delivered
        counted = Counter[tuple[str, str]]()
        for line in fair_lines(self.line):
            for tier, share in line._root.children.items():
                for group in share.children.values():
                    for person in group.children.values():
                        counted[tier, person.name] += person.charged - person.delivered
        for who in counted.keys() | ahead.keys():
            assert counted[who] == pytest.approx(ahead[who], abs=1e-6)

    def teardown(self) -> None:
        if not hasattr(self, "pool"):
            return
        for id in self.waiting:
            assert self.pool.leave(id)
        for id in self.running:
            self.pool.ended(id, learn=False)
        for replica in self.pool.replicas.values():
            replica.ready, replica.draining = True, False
            assert (len(replica.running), replica.reserved) == (0, 0)
        assert (self.pool.waiting, len(self.pool.running)) == (0, 0)
        assert (len(self.pool._begun), len(self.line)) == (0, 0)
        # Those who come after them pass what they used; then they are forgotten.
        for tier, behind in product(("visitor", "member"), (False, True)):
            for number in range(12):
                last = Ticket(
                    id=f"last{number}{tier}{behind}",
                    person="last",
                    tier=tier,
                    prompt_tokens=100_000,
                    behind=behind,
                )
                self.guess.real[last.id] = 1
                self.pool.join(last, 0.0)
                for grant in self.pool.grants(0.0):
                    self.pool.progressed(grant.ticket.id, 1)
                    self.pool.ended(grant.ticket.id)
        for line in fair_lines(self.line):
            assert line.shares <= 6, "two tiers, and who came last"


TestAnyScheduleOfThePool = PoolMachine.TestCase
TestAnyScheduleOfThePool.settings = settings(max_examples=200, stateful_step_count=50)


# -- bounded difference ------------------------------------------------------------------------------

TURNS = st.lists(st.tuples(st.integers(1, 100), st.integers(1, 100)), min_size=30, max_size=30)


class TwoWaiting:
    """Two persons who both wait all the time; at any moment, service that each was given."""

    def __init__(self, factor: float, slots: int, turns: list[tuple[int, int]]) -> None:
        self.guess = Guess(factor)
        self.pool = pool(self.guess, [slots])
        self.given = Counter[str]()
        self.used: dict[str, float] = {}
        self.said: dict[str, int] = {}
        self.left = Counter[str]()
        self.largest = 0.0  # real
        self.largest_guess = 0.0
        for number, (prompt, output) in enumerate(turns):
            for person in "ab":
                mine = (prompt, output) if person == "a" else (output, prompt)
                ticket = Ticket(id=f"{person}{number}", person=person, prompt_tokens=mine[0])
                self.guess.real[ticket.id] = mine[1]
                self.pool.join(ticket, 0.0)
                self.left[person] += 1
                real = PROMPT_WEIGHT * mine[0] + OUTPUT_WEIGHT * mine[1]
                self.largest = max(self.largest, real)
                self.largest_guess = max(self.largest_guess, real, self.pool.cost(ticket))

    @property
    def both_wait(self) -> bool:
        return min(self.left["a"], self.left["b"]) > 0

    @property
    def difference(self) -> float:
        return abs(self.given["a"] - self.given["b"])

    def start(self) -> None:
        for grant in self.pool.grants(0.0):
            self.left[grant.ticket.person] -= 1
            self.said[grant.ticket.id] = 0
            self.used[grant.ticket.id] = 0.0

    def go_on(self, id: str, tokens: int) -> None:
        run = self.pool.running[id]
        self.said[id] = min(self.guess.real[id], self.said[id] + tokens)
        self.pool.progressed(id, self.said[id])
        used = PROMPT_WEIGHT * run.ticket.prompt_tokens + OUTPUT_WEIGHT * self.said[id]
        self.given[run.ticket.person] += used - self.used[id]
        self.used[id] = used
        if self.said[id] == self.guess.real[id]:
            self.pool.ended(id)
            del self.said[id], self.used[id]


@settings(max_examples=100)
@given(turns=TURNS, slots=st.integers(1, 4), factor=st.sampled_from([0.01, 1.0, 100.0]), data=st.data())
def test_two_who_wait_differ_by_a_bound_however_fast_each_turn_is_and_however_wrong_the_guess(
    turns: list[tuple[int, int]], slots: int, factor: float, data: st.DataObject
) -> None:
    """True guesses: who has had more is ahead by one turn and what the other's running turns will use yet.

    A hundred times too low, the order follows what is delivered, as in plain VTC: the bound is what may
    run at once. A hundred times too high, a running turn weighs that much until it ends: so does the bound.
    """
    two = TwoWaiting(factor, slots, turns)
    two.start()
    while two.both_wait:
        two.go_on(data.draw(st.sampled_from(sorted(two.said))), data.draw(st.integers(1, 60)))
        if factor < 1.0:
            assert two.difference <= slots * (two.largest + SURCHARGE)
        elif factor > 1.0:
            assert two.difference <= (slots + 1) * two.largest_guess
        else:
            to_come = Counter[str]()
            for id, run in two.pool.running.items():
                to_come[run.ticket.person] += two.pool.cost(run.ticket) - two.used[id]
            for one, other in ("ab", "ba"):
                assert two.given[one] - two.given[other] <= two.largest + to_come[other] + 1e-6
        two.start()


class Crowd:
    """Two slots, ten tokens a step each. Keeps the steps at which turns began."""

    def __init__(self, factor: float) -> None:
        self.guess = Guess(factor)
        self.pool = pool(self.guess, [2])
        self.began: dict[str, int] = {}
        self.steps = 0
        self.said = Counter[str]()

    def ask(self, person: str, tokens: int) -> str:
        ticket = Ticket(id=f"{person}.{len(self.guess.real)}", person=person, prompt_tokens=10)
        self.guess.real[ticket.id] = tokens
        self.pool.join(ticket, 0.0)
        return ticket.id

    def step(self) -> None:
        self.steps += 1
        for grant in self.pool.grants(0.0):
            self.began[grant.ticket.id] = self.steps
        for id in list(self.pool.running):
            self.said[id] += 10
            self.pool.progressed(id, self.said[id])
            if self.said[id] >= self.guess.real[id]:
                self.pool.ended(id)


@pytest.mark.parametrize("factor", [0.01, 1.0, 100.0])
def test_a_newcomer_waits_for_a_turn_of_each_who_is_there_and_not_for_those_who_come_later(
    factor: float,
) -> None:
    crowd = Crowd(factor)
    for person in "hijk":
        for _ in range(50):
            crowd.ask(person, 200)
    for _ in range(200):
        crowd.step()
    mine = crowd.ask("me", 10)
    for number in range(100):
        crowd.ask(f"new{number}", 200)
        crowd.step()
    # A turn of each of the four, and those that run: 200 tokens each, two at a time, ten a step.
    assert crowd.began[mine] <= 200 + (4 + 2) * 200 / 10 / 2 + 2


@pytest.mark.parametrize("factor", [0.01, 1.0, 100.0])
def test_newcomers_at_every_moment_do_not_keep_the_others_from_their_second_turn(factor: float) -> None:
    """Half as many again come as can be served, each for the first time, and none of them leaves."""
    crowd = Crowd(factor)
    first = crowd.ask("me", 200)
    for number in range(300):
        crowd.ask(f"early{number}", 200)
        for _ in range(7):
            crowd.step()
    assert first in crowd.began
    second = crowd.ask("me", 200)
    late = 0
    while second not in crowd.began:
        late += 1
        assert late < 1500, "everybody new goes first, for ever"
        crowd.ask(f"late{late}", 200)
        for _ in range(7):
            crowd.step()


def test_turns_that_end_before_their_first_token_have_used_their_prompt() -> None:
    """An engine that tells nothing, or a client that always aborts in prefill, wins nothing by it."""
    guess = Guess(1.0)
    schedule = pool(guess, [1])
    for number in range(40):
        for person, tokens in (("a", 100), ("b", 50)):
            ticket = Ticket(id=f"{person}{number}", person=person, prompt_tokens=tokens)
            guess.real[ticket.id] = 1000
            schedule.join(ticket, 0.0)
    prompts = Counter[str]()
    for _ in range(30):
        for grant in schedule.grants(0.0):
            prompts[grant.ticket.person] += grant.ticket.prompt_tokens
        schedule.ended(next(iter(schedule.running)), learn=False)
    assert abs(prompts["a"] - prompts["b"]) <= 100


def test_a_lost_replicas_turns_go_before_everybody_and_are_not_charged_twice() -> None:
    guess = Guess(1.0)
    schedule = pool(guess, [1, 1])
    for number, person in enumerate("abc"):
        ticket = Ticket(id=str(number), person=person, prompt_tokens=100)
        guess.real[ticket.id] = 50
        schedule.join(ticket, 0.0)
    started = {grant.ticket.id: grant.replica for grant in schedule.grants(0.0)}
    assert started.keys() == {"0", "1"}
    schedule.progressed("0", 10)
    lost = schedule.replicas[started["0"]]
    lost.ready = False
    schedule.went_away(lost.name)
    schedule.back("0")
    assert [ticket.id for ticket in schedule.in_order()] == ["0", "2"]
    assert list(schedule.grants(0.0)) == []
    schedule.ended("1", learn=False)
    assert [grant.ticket.id for grant in schedule.grants(0.0)] == ["0"]
    assert schedule.running["0"].charged == 200.0
    assert schedule.running["0"].delivered == 120.0


def test_what_is_larger_than_any_replica_is_let_in_alone() -> None:
    guess = Guess(1.0)
    schedule = pool(guess, [4], kv_tokens=100)
    for id, tokens in (("small", 10), ("giant", 500)):
        guess.real[id] = 1
        schedule.join(Ticket(id=id, person=id, prompt_tokens=1, reserve_tokens=tokens), 0.0)
    assert [grant.ticket.id for grant in schedule.grants(0.0)] == ["small"]
    schedule.ended("small")
    assert [grant.ticket.id for grant in schedule.grants(0.0)] == ["giant"]
