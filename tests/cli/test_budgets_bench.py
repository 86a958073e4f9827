"""``bench budgets``: the runs count what they say, and the goals hold on a small slice."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path
from statistics import fmean, stdev

import msgspec
import pytest

from thinkwell.cli.bench.budget_runs import (
    BudgetRun,
    FollowingRun,
    SaturatedRun,
    jobs_of,
    shuffled,
    work_of,
)
from thinkwell.cli.bench.budgets import _fixed_budget, measure, rows
from thinkwell.testing.simulation.profile import Profile
from thinkwell.testing.simulation.trace import BadTrace, TraceRequest

HEADER = "arrival_s,client,prompt_tokens,reasoning_tokens,answer_tokens\n"
# One step a second, two at once: what comes out can be counted by hand.
SLOW = Profile(name="slow", a=1.0, slots=2, context=2048)


def asked(at: float, thought: int, answer: int = 10) -> TraceRequest:
    return TraceRequest(at=at, person="c", prompt_tokens=1, reasoning_tokens=thought, answer_tokens=answer)


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,600 turns of eight clients with thoughts of about 2,000 tokens, as in the R1 trace, made anew."""
    rng = random.Random(7)
    at, lines = 0.0, [HEADER]
    for _ in range(1600):
        at += rng.expovariate(10)
        thought, answer = round(rng.lognormvariate(7.2, 0.9)), round(rng.expovariate(1 / 500)) + 1
        lines.append(f"{at:.3f},{rng.randrange(8)},{rng.randrange(20, 1500)},{thought},{answer}\n")
    path = tmp_path_factory.mktemp("traces") / "thoughts.csv"
    path.write_text("".join(lines), "utf-8")
    return path


def test_a_run_counts_who_is_answered_in_time_and_who_waits() -> None:
    """Two run from the start and take 110 s each; the third starts then, the fourth never does."""
    jobs = jobs_of([asked(0, 100), asked(0, 100), asked(0, 100), asked(0, 0), asked(115, 100)])
    found = BudgetRun(SLOW, 115.0).found(jobs)
    assert found.answered == 2
    assert found.waiting == 1
    assert found.told == 0
    assert found.kept == 1
    assert found.per_hour == pytest.approx(2 * 3600 / 115)


def test_a_fixed_budget_cuts_the_long_thoughts_and_leaves_answers_whole() -> None:
    run = BudgetRun(SLOW, 200.0, fixed=30)
    found = run.found(jobs_of([asked(0, 100), asked(0, 20), asked(200, 5)]))
    assert [life.generated for life in run.lives.values()][:2] == [30 + 10, 20 + 10]
    assert found.answered == 2
    assert found.kept == pytest.approx(50 / 120)
    assert found.told == 1.0, "the budget holds for everybody"


def test_no_thinking_is_a_budget_of_nothing() -> None:
    run = BudgetRun(SLOW, 200.0, fixed=0)
    run.found(jobs_of([asked(0, 100), asked(200, 5)]))
    assert run.lives["0"].generated == 10


def test_capacity_is_what_a_full_machine_delivers() -> None:
    """Two tokens a second, which count twice; a prompt of one token for each turn of 20."""
    run = SaturatedRun(SLOW)
    run.play([msgspec.structs.replace(job, at=0.0) for job in jobs_of([asked(0, 10) for _ in range(80)])])
    assert run.capacity == pytest.approx(4 * 20 / 20 + 2 / 20, rel=0.06)


def test_following_budgets_end_thoughts_in_flight() -> None:
    """All have begun, under no budget, when it becomes clear that there are too many."""
    profile = msgspec.structs.replace(SLOW, a=0.05, slots=20)
    trace = [asked(0.5 * number, 900, 50) for number in range(1200)]
    run = FollowingRun(profile, trace[-1].at)
    found = run.found(jobs_of(trace))
    plain = BudgetRun(profile, trace[-1].at).found(jobs_of(trace))
    in_flight = [
        life
        for life in run.lives.values()
        if life.ended and life.thought_budget and life.starts[0] < 100 and life.thought_budget < 900
    ]
    assert len(in_flight) > 10
    assert all(life.generated == (life.thought_budget or 0) + 50 for life in in_flight)
    assert found.answered > 1.5 * plain.answered
    assert found.told < 1 and found.kept is not None and found.kept < 0.7


def test_the_fixed_budget_of_the_peer_keeps_half_of_all_thought() -> None:
    trace = [asked(0, thought) for thought in (10, 100, 400, 1000)]
    budget = _fixed_budget(trace)
    assert sum(min(budget, request.reasoning_tokens) for request in trace) == pytest.approx(755, abs=2)


def test_made_up_gaps_have_their_mean_and_variation_and_come_from_the_seed() -> None:
    drawn = shuffled([asked(0, 10), asked(1, 20)], 20_000, 3.0, seed=1)
    gaps = [after.at - before.at for before, after in pairwise(drawn)]
    assert fmean(gaps) == pytest.approx(1, rel=0.1)
    assert stdev(gaps) / fmean(gaps) == pytest.approx(3, rel=0.15)
    assert drawn[:50] == shuffled([asked(0, 10), asked(1, 20)], 20_000, 3.0, seed=1)[:50]
    assert drawn[:50] != shuffled([asked(0, 10), asked(1, 20)], 20_000, 3.0, seed=2)[:50]
    assert work_of(drawn[:1]) in {1 + 2 * 20, 1 + 2 * 30}


def test_the_goals_hold_on_a_small_slice(trace: Path) -> None:
    report = measure(trace, seed=1, load=2.0)
    assert list(report.figures) == list(rows())
    value = {name: figure.value for name, figure in report.figures.items()}
    assert value["cut_share_at_load_0_8"] == 0
    assert value["cut_share_at_load_0_8_poisson"] == 0
    assert value["cut_share_at_load_0_8_bursty"] == 0
    ratio, ceiling = value["answered_ratio"], value["answered_ratio_ceiling"]
    assert ratio is not None and ceiling is not None
    assert 1.6 < ratio <= ceiling
    assert value["waiting_end_thinkwell"] < (value["waiting_end_none"] or 0) / 5  # type: ignore[operator]


def test_a_trace_without_thoughts_says_so(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("req_time_s,client,prompt_len,output_len\n0,a,10,10\n1,b,10,10\n", "utf-8")
    report = measure(path, seed=1, load=2.0)
    assert report.figures["answered_ratio"].value is None
    assert "no thoughts" in report.figures["answered_ratio"].missing
    with pytest.raises(BadTrace):
        measure(tmp_path / "nowhere.csv", seed=1, load=2.0)
