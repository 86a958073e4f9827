"""The simulated machine: conservation, bounds and time, over random schedules."""

import math
from dataclasses import dataclass, field

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thinkwell.testing.simulation.machine import SimulatedMachine
from thinkwell.testing.simulation.profile import Profile, profile, profiles
from thinkwell.testing.simulation.request import Began, Ended, FirstToken, SimEvent, SimRequest

# Odd numbers, so that no two things happen at exactly the same moment by accident.
ODD = Profile(name="odd", a=0.02550137, b=0.000211, prefill_s=0.000230071, slots=4, kv_tokens=300)

PROFILES = st.builds(
    msgspec.structs.replace,
    st.just(ODD),
    c=st.sampled_from([0.0, 1.3e-6, 1.7e-4]),
    prefill=st.sampled_from(["blocking", "chunked"]),
    chunk=st.sampled_from([7, 64]),
    reservation=st.sampled_from(["declared", "peak"]),
    slots=st.sampled_from([1, 3, None]),
    cache_tokens=st.sampled_from([0, 64, 1024]),
)


@st.composite
def schedules(draw: st.DrawFn) -> list[tuple[float, SimRequest]]:
    gaps = draw(st.lists(st.floats(0.0, 3.0), min_size=1, max_size=14))
    at, made = 0.0, []
    for number, gap in enumerate(gaps):
        at += gap * 1.0000173
        prompt, output = draw(st.integers(1, 120)), draw(st.integers(1, 90))
        declared = draw(st.none() | st.integers(1, 150))
        branch = draw(st.integers(0, 3))
        blocks = tuple(hash((branch, i)) for i in range(-(-(prompt + output) // 16)))
        made.append(
            (
                at,
                SimRequest(
                    id=str(number),
                    prompt_tokens=prompt,
                    output_tokens=output,
                    max_tokens=declared,
                    blocks=blocks,
                ),
            )
        )
    return made


@dataclass
class Run:
    events: list[SimEvent] = field(default_factory=list)

    def ends(self) -> dict[str, Ended]:
        return {event.id: event for event in self.events if isinstance(event, Ended)}


def check_bounds(machine: SimulatedMachine) -> None:
    limits = machine.profile
    assert machine.running <= (limits.slots or math.inf)
    assert machine.kv_in_use <= (limits.kv_tokens or math.inf)


def run_in_parts(machine_profile: Profile, schedule: list[tuple[float, SimRequest]], parts: int) -> Run:
    """Submit everything in its time, looking at the machine ``parts`` times between two arrivals."""
    machine, run = SimulatedMachine(machine_profile), Run()

    def advance(to: float) -> None:
        before = machine.now
        events = machine.advance(to)
        for event in events:
            # What happens at a boundary is reported by the next advance that reaches or passes it.
            assert event.at <= to
        assert machine.now == to >= before
        check_bounds(machine)
        run.events += events

    for at, request in schedule:
        start = machine.now
        for part in range(1, parts + 1):
            advance(start + (at - start) * part / parts if part < parts else at)
        machine.submit(request, at)
    for _ in range(200):
        advance(machine.now + 1.000031)
        if not machine.running and not machine.waiting:
            break
    assert machine.kv_in_use == 0
    assert machine.tokens_made == sum(end.tokens for end in run.ends().values())
    return run


@settings(deadline=None)
@given(PROFILES, schedules(), st.integers(1, 5))
def test_every_request_makes_exactly_its_tokens_in_order_of_time(machine_profile, schedule, parts):
    run = run_in_parts(machine_profile, schedule, parts)
    wanted = {request.id: request.output_tokens for _, request in schedule}
    assert {id: end.tokens for id, end in run.ends().items()} == wanted
    assert [event.at for event in run.events] == sorted(event.at for event in run.events)
    for at, request in schedule:
        mine = [event for event in run.events if event.id == request.id]
        assert [type(event) for event in mine] == [Began, FirstToken, Ended]
        assert at <= mine[0].at <= mine[1].at <= mine[2].at


@settings(deadline=None)
@given(PROFILES, schedules(), st.integers(2, 7))
def test_looking_more_often_changes_nothing(machine_profile, schedule, parts):
    machine_profile = msgspec.structs.replace(machine_profile, reservation="declared")
    once, often = (run_in_parts(machine_profile, schedule, n).events for n in (1, parts))
    assert [(type(event), event.id) for event in once] == [(type(event), event.id) for event in often]
    assert [event.at for event in once] == pytest.approx([event.at for event in often], abs=1e-6)


@settings(deadline=None)
@given(PROFILES, schedules())
def test_the_same_schedule_gives_the_same_run(machine_profile, schedule):
    assert run_in_parts(machine_profile, schedule, 2) == run_in_parts(machine_profile, schedule, 2)


@settings(deadline=None)
@given(PROFILES, schedules(), st.data())
def test_aborts_at_any_moment_leave_no_counts_behind(machine_profile, schedule, data):
    machine = SimulatedMachine(machine_profile)
    live: set[str] = set()
    made_before_abort = made = 0

    def take(events: list[SimEvent]) -> None:
        nonlocal made
        for event in events:
            if isinstance(event, Ended):
                live.discard(event.id)
                made += event.tokens

    for at, request in schedule:
        take(machine.advance(at))
        machine.submit(request, at)
        live.add(request.id)
        if live and data.draw(st.booleans()):
            victim = data.draw(st.sampled_from(sorted(live)))
            assert machine.made(victim) <= 90
            made_before_abort += machine.abort(victim)
            live.discard(victim)
            with pytest.raises(KeyError):
                machine.made(victim)
        check_bounds(machine)
    take(machine.advance(machine.now + 1000))
    assert (live, machine.running, machine.waiting, machine.kv_in_use) == (set(), 0, 0, 0)
    assert machine.tokens_made == made + made_before_abort


@settings(deadline=None)
@given(PROFILES, schedules())
def test_what_fits_begins_at_the_next_boundary(machine_profile, schedule):
    """A caller that asks first never uses the machine's own queue."""
    machine = SimulatedMachine(machine_profile)
    for at, request in schedule:
        machine.advance(max(at, machine.now))
        if not machine.fits(request):
            continue
        machine.submit(request, machine.now)
        boundary = machine.busy_until
        began = [event for event in machine.advance(boundary) if isinstance(event, Began)]
        assert request.id in [event.id for event in began]


@settings(deadline=None)
@given(PROFILES, schedules())
def test_until_end_stops_at_each_ending_and_loses_none(machine_profile, schedule):
    machine = SimulatedMachine(machine_profile)
    for at, request in schedule:
        machine.submit(request, at)
    ended: list[str] = []
    while machine.running or machine.waiting:
        now = machine.now
        endings = [event for event in machine.advance(now + 1000, until_end=True) if isinstance(event, Ended)]
        assert endings
        assert {event.at for event in endings} == {machine.now}
        ended += [event.id for event in endings]
    assert sorted(ended) == sorted(request.id for _, request in schedule)


@settings(deadline=None)
@given(st.integers(0, 200), st.integers(1, 200), st.floats(0.0, 4.0))
def test_a_shortened_request_ends_at_its_new_length_or_at_once(new, output, after):
    machine = SimulatedMachine(msgspec.structs.replace(ODD, kv_tokens=None))
    machine.submit(SimRequest(id="a", prompt_tokens=10, output_tokens=output), 0.0)
    events = machine.advance(after)
    if any(isinstance(event, Ended) for event in events):
        return
    made = machine.made("a")
    machine.shorten("a", new)
    (end,) = [event for event in machine.advance(after + 100) if isinstance(event, Ended)]
    assert end.tokens in {max(1, min(new, output)), made, min(made + 1, output)}
    assert end.tokens <= output


def test_a_step_lasts_a_plus_b_for_each_running_plus_c_for_each_token_held():
    machine = SimulatedMachine(Profile(name="p", a=1.0, b=0.1, c=0.01, prefill_s=0.5))
    for id in "xy":
        machine.submit(SimRequest(id=id, prompt_tokens=2, output_tokens=3), 0.0)
    events = machine.advance(100.0)
    # Prefill of 4 tokens; then steps that hold 2 x 3 and 2 x 4 tokens.
    assert [event.at for event in events if isinstance(event, FirstToken)] == [2.0, 2.0]
    assert events[-1].at == pytest.approx(2.0 + 1.26 + 1.28)
    assert machine.busy_s == pytest.approx(events[-1].at)


def test_peak_reservation_admits_what_declared_reservation_keeps_waiting():
    short = SimRequest(id="short", prompt_tokens=10, output_tokens=50)
    long = SimRequest(id="long", prompt_tokens=10, output_tokens=60)
    admitted = {}
    for policy in ("declared", "peak"):
        machine = SimulatedMachine(msgspec.structs.replace(ODD, kv_tokens=125, reservation=policy))
        machine.submit(long, 0.0)
        machine.advance(0.5)
        admitted[policy] = machine.fits(short)
    assert admitted == {"declared": False, "peak": True}


def test_what_can_never_run_is_refused_when_submitted():
    machine = SimulatedMachine(ODD)
    with pytest.raises(ValueError, match="never fit"):
        machine.submit(SimRequest(id="a", prompt_tokens=200, output_tokens=101), 0.0)
    with pytest.raises(ValueError, match="at least one"):
        machine.submit(SimRequest(id="a", prompt_tokens=1, output_tokens=0), 0.0)
    machine.advance(5.0)
    with pytest.raises(ValueError, match="before"):
        machine.submit(SimRequest(id="a", prompt_tokens=1, output_tokens=1), 4.0)
    with pytest.raises(ValueError, match="goes back"):
        machine.advance(4.0)


def test_every_profile_is_known_by_its_name():
    for name, found in profiles().items():
        assert profile(name) == found
    with pytest.raises(KeyError, match="arena"):
        profile("abacus")


def test_a_deepseek_node_makes_what_deepseek_published():
    node = profile("deepseek-node")
    step = node.a + node.b * 705 + node.c * 705 * 4989
    assert step == pytest.approx(0.0476, rel=0.01)
    assert 705 / step == pytest.approx(14_800, rel=0.01)


def test_a_conversation_that_goes_on_computes_only_what_is_new():
    machine = SimulatedMachine(Profile(name="p", a=0.01, prefill_s=0.001, cache_tokens=1000, block=10))
    blocks = tuple(range(20))
    machine.submit(SimRequest(id="1", prompt_tokens=50, output_tokens=30, blocks=blocks[:8]), 0.0)
    machine.submit(SimRequest(id="2", prompt_tokens=100, output_tokens=5, blocks=blocks[:10]), 10.0)
    began = {event.id: event for event in machine.advance(20.0) if isinstance(event, Began)}
    assert (began["1"].cached_tokens, began["2"].cached_tokens) == (0, 80)
    assert (machine.prompt_tokens_computed, machine.prompt_tokens_cached) == (70, 80)
