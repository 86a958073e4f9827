"""What the fair line promises beyond every line: its order, its memory, its bounds."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from thinkwell.scheduling.base import Ticket
from thinkwell.scheduling.fair import FairLine
from thinkwell.scheduling.share import Share


def cost(ticket: Ticket) -> float:
    return float(ticket.prompt_tokens)


def ticket(
    id: object, person: str, tokens: int = 100, tier: str = "visitor", group: str | None = None
) -> Ticket:
    return Ticket(id=str(id), person=person, prompt_tokens=tokens, tier=tier, group=group)


def use(line: FairLine, taken: Ticket | None) -> Ticket:
    """It runs and ends, having used what was thought."""
    assert taken is not None
    line.deliver(taken.id, cost(taken))
    line.ended(taken.id)
    return taken


def serve(line: FairLine, turns: int) -> Counter[str]:
    """Service by person, one turn after the other."""
    used = Counter[str]()
    for _ in range(turns):
        taken = use(line, line.next(0.0))
        used[taken.person] += taken.prompt_tokens
    return used


# -- shares ------------------------------------------------------------------------------------------


def test_tiers_share_by_weight_whatever_their_turns_cost() -> None:
    line = FairLine(cost, weights={"member": 3.0})
    for number in range(800):
        line.join(ticket(f"m{number}", "m", 70, tier="member"), 0.0)
        line.join(ticket(f"v{number}", "v", 110), 0.0)
    used = serve(line, 800)
    assert abs(used["m"] / 3 - used["v"]) <= 110


def test_a_hundred_identities_of_one_network_win_as_much_as_one_person_outside() -> None:
    line = FairLine(cost)
    for number in range(10):
        for identity in range(100):
            line.join(ticket(f"{identity}.{number}", f"i{identity}", group="2001:db8::/48"), 0.0)
        for again in range(100):
            line.join(ticket(f"one{number}.{again}", "one"), 0.0)
    used = serve(line, 1000)
    assert abs(used["one"] - (used.total() - used["one"])) <= 100
    inside = [used[f"i{identity}"] for identity in range(100)]
    assert max(inside) - min(inside) <= 100


def test_a_person_and_a_network_of_the_same_name_have_a_part_each() -> None:
    line = FairLine(cost)
    for number in range(20):
        line.join(ticket(f"alone{number}", "same"), 0.0)
        line.join(ticket(f"a{number}", "a", group="same"), 0.0)
        line.join(ticket(f"b{number}", "b", group="same"), 0.0)
    assert serve(line, 40) == {"same": 2000, "a": 1000, "b": 1000}


def test_a_person_runs_as_many_turns_at_once_as_the_tier_allows() -> None:
    line = FairLine(cost, at_once={"visitor": 2})
    for number in range(4):
        line.join(ticket(number, "a"), 0.0)
    line.join(ticket(9, "b", 5000), 0.0)
    taken = [line.next(0.0) for _ in range(4)]
    assert [one.id for one in taken if one is not None] == ["0", "9", "1"]
    assert [one.id for one in line.in_order()] == ["2", "3"], "they wait, and are shown"
    line.deliver("0", 100.0)
    line.ended("0")
    assert line.next(0.0) == ticket(2, "a")
    assert line.next(0.0) is None


def test_who_waits_for_a_turn_of_their_own_is_not_forgotten_when_it_ends() -> None:
    """Others had more by then, so that coming back would gain them nothing: but they are there."""
    line = FairLine(cost, at_once={"visitor": 1})
    for name in "ab":
        line.join(ticket(f"{name}1", name), 0.0)
        assert line.next(0.0) == ticket(f"{name}1", name)
    line.deliver("a1", 1000.0)
    line.ended("a1")
    for name in ("a2", "a3"):
        line.join(ticket(name, "a"), 0.0)
    assert line.next(0.0) == ticket("a2", "a")
    line.deliver("b1", 5000.0)
    line.ended("a2")
    assert [one.id for one in line.in_order()] == ["a3"]
    assert line.next(0.0) == ticket("a3", "a")
    line.join(ticket("a4", "a"), 0.0)
    assert line.next(0.0) is None, "the limit is of the same person"


# -- newcomers, and memory ---------------------------------------------------------------------------


def test_who_was_away_gets_no_credit_for_it() -> None:
    line = FairLine(cost)
    for number in range(300):
        line.join(ticket(f"a{number}", "a"), 0.0)
    line.join(ticket("b", "b"), 0.0)
    serve(line, 100)
    for number in range(100):
        line.join(ticket(f"b{number}", "b"), 0.0)
    used = serve(line, 100)
    assert abs(used["a"] - used["b"]) <= 100


def test_nor_does_who_was_forgotten_while_somebody_who_had_more_was_there() -> None:
    tier = Share.level("visitor", Share.level("", None))
    more, forgotten = Share.person("more", tier, 0), Share.person("forgotten", tier, 0)
    tier.children |= {"more": more, "forgotten": forgotten}
    more.delivered = more.charged = 500.0
    forgotten.delivered = forgotten.charged = 400.0
    more.activate()
    forgotten.rest()
    assert list(tier.children) == ["more"], "who comes now starts with no less"
    more.deactivate()
    back = tier.children["forgotten"] = Share.person("forgotten", tier, 0)
    back.activate()
    assert (back.charged, back.delivered) == (400.0, 400.0)


def test_visitors_who_do_not_come_back_are_forgotten_also_where_nobody_ever_waits() -> None:
    for group in (None, "network"):
        line = FairLine(cost)
        for number in range(500):
            line.join(ticket(number, f"p{number}", group=group), 0.0)
            use(line, line.next(0.0))
        assert line.shares <= 3


def test_of_persons_who_ran_side_by_side_none_is_remembered_for_long() -> None:
    line = FairLine(cost)
    for number in range(2000):
        line.join(ticket(number, f"p{number}", 50 + number % 100, group=f"g{number // 3}"), 0.0)
        assert line.next(0.0) is not None
        if number >= 8:  # the one that came eight before
            use(line, ticket(number - 8, f"p{number - 8}", 50 + (number - 8) % 100))
    assert line.shares < 100


def test_who_is_passed_by_while_running_again_is_forgotten_at_the_end_of_it() -> None:
    line = FairLine(cost)
    for id, person in enumerate("ab"):
        line.join(ticket(id, person, 1000), 0.0)
        assert line.next(0.0) is not None
    use(line, ticket(0, "a", 1000))
    assert line.shares == 4, "a is ahead of virtual time: at least the network is remembered"
    line.join(ticket(2, "a", 1), 0.0)
    again = line.next(0.0)
    line.deliver("1", 100_000.0)
    use(line, again)
    assert line.shares == 3, "b is there"


def test_a_heavy_person_stays_remembered_once_however_often_they_come() -> None:
    root = Share.level("", None)
    tier = Share.level("visitor", root)
    heavy = Share.person("heavy", tier, 0)
    root.children["visitor"], tier.children["heavy"] = tier, heavy
    heavy.delivered = 1000.0
    for _ in range(100):
        heavy.rest()
    assert len(tier.idle) == 1
    assert tier.children == {"heavy": heavy}


# -- what does not fit -------------------------------------------------------------------------------


def test_others_may_pass_a_head_that_does_not_fit_by_what_it_costs_itself() -> None:
    line = FairLine(cost)
    line.join(ticket("big", "a", 1000), 0.0)
    for number in range(100):
        line.join(ticket(number, f"p{number}", 90), 0.0)
    passing = list(iter(lambda: line.next(0.0, lambda one: one.prompt_tokens < 500), None))
    assert 900 <= sum(cost(one) for one in passing) <= 1000
    assert line.next(0.0) == ticket("big", "a", 1000)


def test_two_heads_with_equal_counters_do_not_renew_each_others_allowance() -> None:
    line = FairLine(cost)
    line.join(ticket("big", "a", 1000), 0.0)
    line.join(ticket("large", "b", 1000), 0.0)
    for number in range(500):
        line.join(ticket(number, f"p{number}", 90), 0.0)
    passed = 0.0
    while (taken := line.next(0.0, lambda one: one.prompt_tokens < 500)) is not None:
        passed += cost(use(line, taken))
    assert passed <= 2000


def test_a_newcomer_who_does_not_fit_either_does_not_renew_it() -> None:
    line = FairLine(cost)
    line.join(ticket("big", "a", 1000), 0.0)
    passed = 0.0
    for number in range(100):
        line.join(ticket(number, f"p{number}", 90), 0.0)
        line.join(ticket(f"n{number}", f"n{number}", 600), 0.0)
        while (taken := line.next(0.0, lambda one: one.prompt_tokens < 500)) is not None:
            passed += cost(use(line, taken))
        line.leave(f"n{number}")
    assert passed <= 1000


def test_a_persons_own_later_tickets_pass_their_head_within_bounds() -> None:
    line = FairLine(cost)
    line.join(ticket("big", "a", 100), 0.0)
    for number in range(500):
        line.join(ticket(number, "a", 10), 0.0)
    passing = list(iter(lambda: line.next(0.0, lambda one: one.prompt_tokens < 50), None))
    assert 800 <= sum(cost(one) for one in passing) <= 810


# -- any schedule ------------------------------------------------------------------------------------


class FairMachine(RuleBasedStateMachine):
    """Tiers, groups and persons that come, go and use other than was thought."""

    @initialize(limit=st.sampled_from([0, 0, 2]))
    def begin(self, limit: int) -> None:
        self.limit = limit
        self.line = FairLine(cost, {"member": 3.0}, {"visitor": limit})
        self.running: dict[str, Ticket] = {}
        self.left: dict[str, float] = {}  # charged to running tickets and not delivered yet
        self.number = 0
        # By ticket that a newcomer waits with: those who may go before it, once each.
        self.before: dict[str, set[str]] = {}
        self.waiting: dict[str, Ticket] = {}

    @rule(
        person=st.sampled_from("abcdef"),
        tokens=st.integers(1, 400),
        tier=st.sampled_from(["visitor", "member"]),
        group=st.sampled_from([None, None, "g", "h"]),
    )
    def join(self, person: str, tokens: int, tier: str, group: str | None) -> None:
        self.number += 1
        joined = ticket(self.number, f"{person}{group}", tokens, tier, group)
        self.line.join(joined, 0.0)
        self.waiting[joined.id] = joined

    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        if self.waiting:
            id = data.draw(st.sampled_from(sorted(self.waiting)))
            assert self.line.leave(id)
            del self.waiting[id]

    @rule()
    def pick(self) -> None:
        taken = self.line.next(0.0)
        running = Counter((one.tier, one.person) for one in self.running.values())
        held = [
            one
            for one in self.waiting.values()
            if not (self.limit and one.tier == "visitor" and running[one.tier, one.person] >= self.limit)
        ]
        if taken is None:
            assert not held, "somebody waits whom nothing holds back"
            return
        assert taken in held
        del self.waiting[taken.id]
        self.running[taken.id] = taken
        self.left[taken.id] = cost(taken)

    @rule(data=st.data(), used=st.integers(0, 1000), over=st.booleans())
    def use_some(self, data: st.DataObject, used: int, over: bool) -> None:
        """As the pool does: what it uses beyond what was thought is charged, what it does not is refunded."""
        if not self.running:
            return
        id = data.draw(st.sampled_from(sorted(self.running)))
        self.line.deliver(id, used)
        self.left[id] -= used
        if over or self.left[id] < 0:
            self.line.charge(id, -self.left[id])
            self.left[id] = 0.0
        if over:
            self.line.ended(id)
            del self.running[id], self.left[id]

    @rule()
    def run_dry_in_the_order_shown(self) -> None:
        if self.limit:
            return
        shown = list(self.line.in_order())
        assert [self.line.next(0.0) for _ in shown] == shown
        assert {one.id for one in shown} == self.waiting.keys()
        assert self.line.next(0.0) is None
        for one in shown:
            self.running[one.id] = one
            self.left[one.id] = cost(one)
        self.waiting.clear()

    @rule()
    def a_newcomer_is_passed_once_by_those_before_and_by_nobody_after(self) -> None:
        """Those who had less may go more often. Whatever came later goes later."""
        self.number += 1
        new = ticket(self.number, f"new{self.number}", 10, "visitor")
        before = {one.group or one.person for one in self.waiting.values() if one.tier == "visitor"}
        self.line.join(new, 0.0)
        self.waiting[new.id] = new
        shares = self.line._root.children["visitor"].children
        start = shares[f"={new.person}"].charged
        less = {name.strip("=") for name, share in shares.items() if share.charged < start}
        for later in range(3):
            self.number += 1
            other = ticket(self.number, f"later{self.number}.{later}", 10, "visitor")
            self.line.join(other, 0.0)
            self.waiting[other.id] = other
        passing = Counter[str]()
        while self.waiting.get(new.id) is not None:
            taken = self.line.next(0.0)
            assert taken is not None
            if taken.tier == "visitor" and taken != new:
                passing[taken.group or taken.person] += 1
            del self.waiting[taken.id]
            self.running[taken.id] = taken
            self.left[taken.id] = cost(taken)
        assert passing.keys() <= before
        assert all(times == 1 for name, times in passing.items() if name not in less)

    def teardown(self) -> None:
        """When all have ended, who passes them makes them forgotten: nothing is left of anybody."""
        if not hasattr(self, "line"):
            return
        for id in self.waiting:
            assert self.line.leave(id)
        for id in self.running:
            self.line.charge(id, -self.left[id])
            self.line.ended(id)
        for tier in ("visitor", "member"):
            for number in range(12):
                last = ticket(f"last{number}{tier}", "last", 100_000, tier)
                self.line.join(last, 0.0)
                use(self.line, self.line.next(0.0))
        assert len(self.line) == 0
        assert self.line.shares <= 6, "two tiers, and who came last"


TestAnyScheduleOfTheFairLine = FairMachine.TestCase
TestAnyScheduleOfTheFairLine.settings = settings(max_examples=200, stateful_step_count=40)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 500)), min_size=20, max_size=60))
def test_two_who_wait_all_the_time_never_differ_by_more_than_one_turn(turns: list[tuple[str, int]]) -> None:
    line = FairLine(cost)
    for number, (person, tokens) in enumerate(turns):
        line.join(ticket(number, person, tokens), 0.0)
    left = Counter(person for person, _ in turns)
    used = Counter[str]()
    while min(left["a"], left["b"]) > 0:
        taken = use(line, line.next(0.0))
        left[taken.person] -= 1
        used[taken.person] += taken.prompt_tokens
        assert abs(used["a"] - used["b"]) <= max(tokens for _, tokens in turns)


@pytest.mark.parametrize("tier", ["visitor", "member"])
def test_lead_is_counted_in_service_where_two_part(tier: str) -> None:
    line = FairLine(cost, {"member": 2.0})
    line.join(ticket(1, "a", 300, tier, "g"), 0.0)
    line.next(0.0)
    same, other = ticket(2, "a", 5, tier, "g"), ticket(3, "b", 5, tier, "g")
    outside = ticket(4, "c", 5, tier)
    for waiting in (same, other, outside):
        line.join(waiting, 0.0)
    assert line.lead("1", same) == 0.0
    assert line.lead("1", other) == 300.0
    assert line.lead("1", outside) == 300.0
    assert line.running_of(same) == 1
    assert line.running_of(other) == 0
