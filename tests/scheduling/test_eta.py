"""Expected starts: true where the future is, learnt from what came of them where it is not, and always told
as a finite time, however the clock jumps."""

from __future__ import annotations

import random
import tracemalloc
from math import exp, inf, isfinite

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thinkwell.scheduling import forecast, survey
from thinkwell.scheduling.base import Ticket
from thinkwell.scheduling.calibration import ALLOWED, MOST_OPEN, Calibrator, Quote
from thinkwell.scheduling.eta import Eta
from thinkwell.scheduling.fair import FairLine
from thinkwell.scheduling.giveway import Rules
from thinkwell.scheduling.pool import PoolSchedule
from thinkwell.scheduling.replica import Replica
from thinkwell.scheduling.replicas import Router

TOKENS = 100
# Weighted tokens of one turn, and the seconds that it runs.
COST = 10 + 2 * TOKENS
TURN_S = 1.0


class Site:
    """One slot; every turn has a prompt of 10 tokens, generates TOKENS and takes TURN_S."""

    def __init__(self, slots: int = 1, rules: Rules | None = None) -> None:
        router = Router(["r"], cache_blocks=0, block_tokens=16)
        self.schedule = PoolSchedule(FairLine, [Replica("r", slots)], router, rules=rules)
        self.eta = Eta(self.schedule)
        self.now = 0.0
        self.ends: list[tuple[float, str]] = []
        self.started_at: dict[str, float] = {}
        self._numbers = iter(range(1 << 30))
        self._told = 0.0

    def join(self, person: str, **more: object) -> str:
        ticket = Ticket(id=f"{person}{next(self._numbers)}", person=person, prompt_tokens=10, **more)  # type: ignore[arg-type]
        self.schedule.join(ticket, self.now)
        self.eta.arrived(ticket, self.now)
        return ticket.id

    def pump(self) -> None:
        for grant in self.schedule.grants(self.now):
            id = grant.ticket.id
            self.ends.append((self.now + TURN_S, id))
            self.started_at.setdefault(id, self.now)
            self.eta.started(id, self.now)

    def pass_time(self, seconds: float) -> None:
        until = self.now + seconds
        while self.ends and min(self.ends)[0] <= until:
            self.now, id = min(self.ends)
            self.ends.remove((self.now, id))
            self.schedule.progressed(id, TOKENS)
            person = self.schedule.running[id].ticket.person
            self.schedule.ended(id)
            self.eta.ended(person, TOKENS)
            self._tell()
            self.pump()
        self.now = until
        self._tell()

    def _tell(self) -> None:
        self.eta.served(self.now, self.schedule.delivered - self._told)
        self._told = self.schedule.delivered


def warmed(persons: int = 2) -> Site:
    """A site that has been busy for a minute: the lengths and the speed are known."""
    site = Site()
    for number in range(70):
        site.join(f"p{number % persons}")
    site.pump()
    site.pass_time(60.5)
    return site


def test_nothing_is_said_while_nothing_is_known() -> None:
    site = Site()
    first, second = site.join("a"), site.join("b")
    site.pump()
    assert site.eta.quote(second, site.now) is None
    assert list(site.eta.quotes(site.now)) == []
    site.pass_time(0.4)
    assert site.eta.quote(second, site.now) is None
    assert site.eta.quote(first, site.now) is None  # runs
    assert site.eta.quote("nobody", site.now) is None


def test_a_steady_line_starts_when_it_was_told() -> None:
    site = warmed()
    while site.schedule.waiting > 1:
        site.pass_time(1.0)
    told: dict[str, tuple[float, Quote]] = {}
    for number in range(30):
        id = site.join(f"q{number}")
        quote = site.eta.quote(id, site.now)
        assert quote is not None
        told[id] = (site.now, quote)
    site.pump()
    site.pass_time(40.0)
    for id, (at, quote) in told.items():
        real = site.started_at[id] - at
        assert abs(quote.expected_s - real) <= max(1.5, 0.15 * real)
        assert quote.p90_s > real


def test_a_light_person_is_told_to_overtake_a_heavy_one() -> None:
    site = Site()
    for _ in range(200):
        site.join("heavy")
    site.pump()
    site.pass_time(30.0)
    heavy = site.join("heavy")
    light = site.join("light")
    told_heavy = site.eta.quote(heavy, site.now)
    told_light = site.eta.quote(light, site.now)
    assert told_heavy is not None and told_light is not None
    assert told_light.p90_s < 15.0 < 100.0 < told_heavy.expected_s


def test_who_will_be_overtaken_is_told_so() -> None:
    """Behind 20 turns of its own, a heavy person's waits longer the more others ask meanwhile."""

    def told(every_s: float) -> float:
        site = Site()
        for number in range(25):
            site.join("heavy")
            site.join(f"first{number}")
        site.pump()
        while site.now < 45.0:
            site.join(f"light{site.now}" if every_s < 10 else "heavy")
            site.pump()
            site.pass_time(every_s)
        waiting = [ticket.id for ticket in site.schedule.in_order() if ticket.person == "heavy"]
        for _ in range(20 - len(waiting)):
            waiting.append(site.join("heavy"))
        quote = site.eta.quote(waiting[19], site.now)
        assert quote is not None
        return quote.expected_s

    assert told(every_s=1.25) > 1.5 * told(every_s=1000.0)


def test_all_quotes_come_in_the_order_of_the_line() -> None:
    site = warmed(persons=3)
    for number in range(40):
        site.join(f"p{number % 7}")
    quotes = dict(site.eta.quotes(site.now))
    assert list(quotes) == [ticket.id for ticket in site.schedule.in_order()]
    expected = [quote.expected_s for quote in quotes.values()]
    assert expected == sorted(expected)
    for id, quote in quotes.items():
        single = site.eta.quote(id, site.now)
        assert single is not None and single.expected_s == pytest.approx(quote.expected_s, rel=0.2, abs=0.5)


def test_many_quotes_look_at_the_line_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    site = warmed()
    looks = 0
    real = survey.survey

    def counted(*given: object) -> object:
        nonlocal looks
        looks += 1
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(forecast, "survey", counted)
    for number in range(1000):
        site.now += 0.0005
        assert site.eta.quote(site.join(f"q{number}"), site.now) is not None
    assert 1 <= looks <= 12


def test_a_paused_turn_and_one_that_lost_its_replica_are_told_a_time_too() -> None:
    site = warmed()
    running = next(iter(site.schedule.running))
    site.schedule.paused(running, site.now)
    site.ends.clear()
    assert site.eta.quote(running, site.now + 1.0) is not None
    site.pump()
    lost = next(iter(site.schedule.running))
    site.schedule.back(lost)
    assert next(iter(site.eta.quotes(site.now)))[0] == lost


def test_who_leaves_is_forgotten() -> None:
    site = warmed()
    ids = [site.join(f"q{number}") for number in range(100)]
    for id in ids:
        assert site.eta.quote(id, site.now) is not None
        site.schedule.leave(id)
        site.eta.left(id, site.now)
    assert all(site.eta.quote(id, site.now) is None for id in ids)
    assert set(ids).isdisjoint(id for id, _ in site.eta.quotes(site.now))


def test_a_waiting_turn_takes_less_than_a_kilobyte() -> None:
    site = warmed()
    tickets = [Ticket(id=f"q{number}", person=f"q{number}", prompt_tokens=10) for number in range(5000)]
    for ticket in tickets:
        site.schedule.join(ticket, site.now)
    tracemalloc.start()
    for ticket in tickets:
        site.eta.arrived(ticket, site.now)
        site.eta.quote(ticket.id, site.now)
    assert sum(1 for _ in site.eta.quotes(site.now)) >= len(tickets)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken / len(tickets) < 1000


Step = tuple[str, float, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(["join", "join", "pump", "pass", "quote", "quotes", "leave", "jump"]),
        st.one_of(st.floats(0.0, 5.0), st.sampled_from([1e9, -1e9, -3.0, 0.0])),
        st.integers(0, 5),
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(steps)
def test_quotes_are_finite_whatever_happens_and_however_the_clock_jumps(plan: list[Step]) -> None:
    site = Site(slots=2)
    for person in range(6):
        site.join(f"p{person}")
    site.pump()
    site.pass_time(1.5)
    for what, seconds, number in plan:
        waiting = [ticket.id for ticket in site.schedule.in_order()]
        quotes: list[Quote | None] = []
        match what:
            case "join":
                id = site.join(f"p{number}", group=None if number < 3 else "net", tier=("a", "b")[number % 2])
                quotes.append(site.eta.quote(id, site.now))
            case "pump":
                site.pump()
            case "pass":
                site.pass_time(min(5.0, abs(seconds)))
            case "quote":
                quotes += [site.eta.quote(id, site.now + seconds) for id in waiting]
            case "quotes":
                told = dict(site.eta.quotes(site.now + seconds))
                assert not told or set(told) == set(waiting)
                quotes += told.values()
            case "leave" if waiting:
                site.schedule.leave(waiting[0])
                site.eta.left(waiting[0], site.now)
            case "jump":
                site.eta.served(site.now + seconds, 0.0)
        for quote in quotes:
            assert quote is None or (isfinite(quote.p90_s) and 0.0 <= quote.expected_s <= quote.p90_s)


def test_a_jump_of_the_clock_does_not_teach_that_all_were_late() -> None:
    calm, jumped = warmed(), warmed()
    for site in (calm, jumped):
        for number in range(30):
            assert site.eta.quote(site.join(f"q{number}"), site.now) is not None
    jumped.eta.served(jumped.now + 1e7, 0.0)
    for site in (calm, jumped):
        site.now += 0.1
        site.eta.served(site.now, 0.0)
    before = calm.eta.quote(calm.join("new"), calm.now)
    after = jumped.eta.quote(jumped.join("new"), jumped.now)
    assert before is not None and after is not None
    assert after.expected_s < 1.6 * before.expected_s


# -- what is learnt from outcomes ----------------------------------------------------------------------


EVERY_S = 4.0


def outcomes(
    calibrator: Calibrator, bias: float, turns: int, seed: int = 1
) -> list[tuple[float, float, float]]:
    """(expected, P90, real) of turns that join every EVERY_S and really wait ``bias`` times an estimate that
    goes up and down, times e to a normal error of 0.4."""
    drawn = random.Random(seed)
    told: list[tuple[float, float, float]] = []
    ends: list[tuple[float, int]] = []
    for turn in range(turns):
        now = EVERY_S * turn
        for end, number in sorted(ends):
            if end <= now:
                ends.remove((end, number))
                calibrator.pass_time(end)
                calibrator.started(number, end)
        calibrator.pass_time(now)
        estimate = drawn.choice([2.0, 8.0, 40.0])
        quote = calibrator.quote(estimate, now)
        real = bias * estimate * exp(drawn.gauss(0.0, 0.4))
        followed = calibrator.follow(estimate, quote, now)
        assert followed is not None
        ends.append((now + real, followed))
        told.append((quote.expected_s, quote.p90_s, real))
    return told


@pytest.mark.parametrize("bias", [0.5, 3.0])
def test_quotes_hold_as_often_as_they_say_however_wrong_the_estimate(bias: float) -> None:
    told = outcomes(Calibrator(), bias, 2500)[1000:]
    later = sum(real > expected for expected, _, real in told) / len(told)
    covered = sum(real <= p90 for _, p90, real in told) / len(told)
    assert later == pytest.approx(0.5, abs=0.05)
    assert covered == pytest.approx(1.0 - ALLOWED, abs=0.02)


def test_who_still_waits_teaches_already() -> None:
    """Of 300 that were told a minute, none has come through after ten."""
    calibrator = Calibrator()
    for second in range(300):
        quote = calibrator.quote(60.0, second / 10)
        calibrator.follow(60.0, quote, second / 10)
    calibrator.pass_time(600.0)
    told = calibrator.quote(60.0, 600.0)
    assert told.expected_s > 80.0 and told.p90_s > 200.0
    other = calibrator.quote(1.0, 600.0)  # nothing is known of short waits
    assert other.expected_s == pytest.approx(1.0, rel=0.2)


def test_no_more_quotes_are_followed_than_are_worth_it() -> None:
    calibrator = Calibrator()
    followed = [calibrator.follow(9.0, Quote(9.0, 20.0), 0.0) for _ in range(2 * MOST_OPEN)]
    assert sum(number is not None for number in followed) == MOST_OPEN
    for number in followed:
        if number is not None:
            calibrator.left(number)
    assert calibrator.follow(9.0, Quote(9.0, 20.0), 0.0) is not None


@given(st.floats(0.0, 1e7), st.lists(st.tuples(st.floats(0.0, 1e6), st.floats(0.0, 1e6)), max_size=40))
def test_any_history_gives_finite_quotes(estimate: float, seen: list[tuple[float, float]]) -> None:
    calibrator = Calibrator()
    now = 0.0
    for guess, real in seen:
        quote = calibrator.quote(guess, now)
        number = calibrator.follow(guess, quote, now)
        assert number is not None
        now += real
        calibrator.pass_time(now)
        calibrator.started(number, now)
    told = calibrator.quote(estimate, now + 1.0)
    assert 0.0 <= told.expected_s <= told.p90_s < inf
