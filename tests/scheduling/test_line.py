"""What every Line promises: the fair one, its peers, and the one that is none. New lines join LINES."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from thinkwell.scheduling.base import Line, Ticket
from thinkwell.scheduling.behind import BehindLine
from thinkwell.scheduling.fair import FairLine
from thinkwell.scheduling.null import UnlimitedLine
from thinkwell.scheduling.peers.deficit import DeficitRoundRobinLine
from thinkwell.scheduling.peers.first_come import FirstComeLine
from thinkwell.scheduling.peers.rate_limit import WINDOW_S, OverLimit, RateLimitLine
from thinkwell.scheduling.peers.vtc import PlainVtcLine


def cost(ticket: Ticket) -> float:
    return float(ticket.prompt_tokens)


LINES: dict[str, Callable[[], Line]] = {
    "fair": lambda: FairLine(cost),
    "behind": lambda: BehindLine(cost),
    "unlimited": UnlimitedLine,
    "first come": FirstComeLine,
    "rate limit": lambda: RateLimitLine(3),
    "plain VTC": PlainVtcLine,
    "deficit": lambda: DeficitRoundRobinLine(cost, 100.0),
}
every_line = pytest.mark.parametrize("make", LINES.values(), ids=LINES)


def ticket(number: int, person: str, tokens: int = 10) -> Ticket:
    """Of four persons the last two are out of quota, which most lines know nothing of."""
    return Ticket(id=str(number), person=person, prompt_tokens=tokens, behind=person in "cd")


@every_line
def test_a_ticket_waits_or_runs_once(make: Callable[[], Line]) -> None:
    line = make()
    line.join(ticket(1, "a"), 0.0)
    with pytest.raises(ValueError, match="waits or runs already"):
        line.join(ticket(1, "b"), 0.0)
    assert line.next(0.0) == ticket(1, "a")
    with pytest.raises(ValueError, match="waits or runs already"):
        line.join(ticket(1, "a"), 0.0)
    line.ended("1")
    line.join(ticket(1, "a"), 0.0)
    assert len(line) == 1


@every_line
def test_an_empty_line_gives_nothing_and_nobody_leaves_it(make: Callable[[], Line]) -> None:
    line = make()
    assert line.next(0.0) is None
    assert not line.leave("1")
    assert list(line.in_order()) == []


@every_line
def test_who_ran_before_and_came_back_goes_before_the_persons_other_tickets(make: Callable[[], Line]) -> None:
    line = make()
    for number in range(2):
        line.join(ticket(number, "a"), 0.0)
    line.join(ticket(9, "a"), 0.0, front=True)
    assert [found.id for found in line.in_order()] == ["9", "0", "1"]
    assert [found.id for found in iter(lambda: line.next(0.0), None)] == ["9", "0", "1"]


@every_line
def test_what_does_not_fit_is_not_taken(make: Callable[[], Line]) -> None:
    line = make()
    line.join(ticket(1, "a"), 0.0)
    assert line.next(0.0, lambda _: False) is None
    assert len(line) == 1
    assert line.next(0.0) == ticket(1, "a")


class LineMachine(RuleBasedStateMachine):
    """Any schedule of joins, leaves, picks and endings: nothing is lost or doubled, the order shown is true."""

    waiting_ids = Bundle("waiting_ids")

    @initialize(name=st.sampled_from(sorted(LINES)))
    def begin(self, name: str) -> None:
        self.line = LINES[name]()
        self.queues: dict[str, deque[Ticket]] = {}
        self.running: dict[str, Ticket] = {}
        self.number = 0
        self.refused = 0
        self.now = 0.0

    @rule(target=waiting_ids, person=st.sampled_from("abcd"), tokens=st.integers(1, 400), front=st.booleans())
    def join(self, person: str, tokens: int, front: bool) -> object:
        self.number += 1
        joined = ticket(self.number, person, tokens)
        try:
            self.line.join(joined, self.now, front=front)
        except OverLimit as over:
            assert 0 < over.retry_after_s <= WINDOW_S
            self.refused += 1
            assert isinstance(self.line, RateLimitLine)
            assert self.line.refused == self.refused
            return multiple()
        queue = self.queues.setdefault(person, deque())
        (queue.appendleft if front else queue.append)(joined)
        return joined.id

    @rule(ticket_id=waiting_ids)
    def leave(self, ticket_id: str) -> None:
        queue = next((q for q in self.queues.values() if any(one.id == ticket_id for one in q)), None)
        assert self.line.leave(ticket_id) == (queue is not None)
        if queue is not None:
            queue.remove(next(one for one in queue if one.id == ticket_id))

    @rule()
    def pick(self) -> None:
        promised = next(self.line.in_order(), None)
        taken = self.line.next(self.now)
        assert taken == promised
        assert (taken is None) == (not any(self.queues.values()))
        if taken is not None:
            assert self.queues[taken.person].popleft() == taken, "first come, first served in each person"
            self._runs(taken)

    @rule(most=st.integers(1, 400))
    def pick_what_fits(self, most: int) -> None:
        taken = self.line.next(self.now, lambda one: one.prompt_tokens <= most)
        if taken is not None:
            assert taken.prompt_tokens <= most
            self.queues[taken.person].remove(taken)
            self._runs(taken)

    def _runs(self, taken: Ticket) -> None:
        assert taken.id not in self.running
        self.running[taken.id] = taken

    @rule(data=st.data(), charged=st.integers(-50, 200), delivered=st.integers(0, 200), over=st.booleans())
    def go_on(self, data: st.DataObject, charged: int, delivered: int, over: bool) -> None:
        if self.running:
            id = data.draw(st.sampled_from(sorted(self.running)))
            self.line.charge(id, charged)
            self.line.deliver(id, delivered)
            if over:
                self.line.ended(id)
                del self.running[id]

    @rule(seconds=st.floats(0, 30))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def run_dry_in_the_order_shown(self) -> None:
        shown = list(self.line.in_order())
        assert [self.line.next(self.now) for _ in shown] == shown
        assert self.line.next(self.now) is None
        for taken in shown:
            self._runs(taken)
        self.queues.clear()

    @invariant()
    def everyone_is_counted_once(self) -> None:
        if not hasattr(self, "line"):
            return
        waiting = Counter(one.id for queue in self.queues.values() for one in queue)
        assert Counter(found.id for found in self.line.in_order()) == waiting
        assert len(self.line) == waiting.total()


TestAnyScheduleOfJoinsLeavesAndPicks = LineMachine.TestCase
TestAnyScheduleOfJoinsLeavesAndPicks.settings = settings(max_examples=150, stateful_step_count=40)


# -- what the peers promise besides ------------------------------------------------------------------


def test_first_come_lets_the_head_hold_up_everybody_and_unlimited_does_not() -> None:
    for line, expected in ((FirstComeLine(), None), (UnlimitedLine(), ticket(2, "b", 1))):
        line.join(ticket(1, "a", 100), 0.0)
        line.join(ticket(2, "b", 1), 0.0)
        assert line.next(0.0, lambda one: one.prompt_tokens < 50) == expected


def test_a_rate_limit_refuses_within_any_minute_and_tells_when_to_come_back() -> None:
    line = RateLimitLine(2)
    for number, at in enumerate((0.0, 50.0)):
        line.join(ticket(number, "a"), at)
    line.join(ticket(8, "b"), 55.0)
    with pytest.raises(OverLimit) as refused:
        line.join(ticket(9, "a"), 55.0)
    assert refused.value.retry_after_s == pytest.approx(5.0)
    assert len(line) == 3
    line.join(ticket(9, "a"), 60.0)
    assert line.refused == 1


def test_plain_vtc_counts_the_prompt_once_at_the_start_and_output_as_it_comes() -> None:
    line = PlainVtcLine()
    line.join(ticket(1, "a", 100), 0.0)
    line.join(ticket(2, "b", 10), 0.0)
    line.next(0.0)
    assert line.served == {"a": 100.0, "b": 0.0}
    line.charge("1", 1000.0)
    line.deliver("1", 102.0)  # the prompt, and the first token of output
    line.deliver("1", 2.0)
    assert line.served["a"] == 104.0
    line.ended("1")
    assert line.served["a"] == 104.0


def test_plain_vtc_lifts_a_newcomer_to_the_least_of_the_others_that_wait() -> None:
    line = PlainVtcLine()
    for number, person in enumerate("aab"):
        line.join(ticket(number, person, 100), 0.0)
    assert [one.person for one in (line.next(0.0), line.next(0.0)) if one] == ["a", "b"]
    line.join(ticket(7, "c"), 0.0)
    assert line.served["c"] == 100.0
    assert line.leave("7")
    assert line.leave("1")
    line.join(ticket(8, "d"), 0.0)
    assert line.served["d"] == 0.0, "nobody else waits: no lift"


def test_plain_vtc_starts_nobody_while_its_head_does_not_fit() -> None:
    line = PlainVtcLine()
    line.join(ticket(1, "a", 100), 0.0)
    line.join(ticket(2, "b", 10), 0.0)
    assert line.next(0.0, lambda one: one.prompt_tokens < 50) is None


def test_deficit_round_robin_gives_equal_service_and_not_equal_turns() -> None:
    line = DeficitRoundRobinLine(cost, 100.0)
    for number in range(300):
        line.join(ticket(number, "big", 200), 0.0)
        line.join(ticket(1000 + number, "small", 10), 0.0)
    used = Counter[str]()
    for _ in range(220):
        taken = line.next(0.0)
        assert taken is not None
        used[taken.person] += taken.prompt_tokens
        assert abs(used["big"] - used["small"]) <= 200 + 100
    line = DeficitRoundRobinLine(cost, 1.0)
    line.join(ticket(1, "a", 10_000_000), 0.0)
    assert line.next(0.0) is not None, "rounds are leapt over, not walked"
