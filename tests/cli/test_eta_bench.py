"""``bench eta`` tells and then looks what came of it; the same seed gives the same figures."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path
from statistics import mean, pstdev

import pytest

from thinkwell.cli.bench.eta import CV, measure, rows
from thinkwell.cli.bench.eta_runs import EtaRun, Told, bunched, jobs_of, score
from thinkwell.testing.simulation.profile import profile
from thinkwell.testing.simulation.trace import BadTrace, TraceRequest, read_trace


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """450 requests in 100 s: two persons who ask a lot, and some who ask now and then."""
    drawn = random.Random(5)
    path = tmp_path / "trace.csv"
    lines = ["req_time_s,client,prompt_len,output_len"]
    for at in sorted(drawn.uniform(0, 100) for _ in range(450)):
        person = drawn.choice("aaaabbbcdefgh")
        lines.append(f"{at:.3f},{person},{drawn.randrange(5, 300)},{drawn.randrange(5, 400)}")
    path.write_text("\n".join(lines))
    return path


def test_errors_are_counted_as_on_paper() -> None:
    told = [Told(10.0, 20.0, 10.5), Told(1.0, 2.0, 0.2), Told(10.0, 12.0, 20.0), Told(50.0, 60.0, 40.0)]
    found = score(told)
    assert found is not None
    assert found.error_share == pytest.approx((0.25 + 0.5) / 2)
    assert found.error_s == pytest.approx((0.8 + 10.0) / 2)
    assert found.within_goal == 0.5
    assert found.covered == 0.75
    assert found.later == 0.5
    assert score([]) is None
    naive = score([Told(1.0, None, 2.0)])
    assert naive is not None and naive.covered is None


def test_bunched_requests_are_the_same_ones_in_the_same_time() -> None:
    trace = [
        TraceRequest(at=float(number), person=None, prompt_tokens=number, answer_tokens=1)
        for number in range(20_000)
    ]
    found = bunched(trace, 3, CV)
    assert [request.prompt_tokens for request in found] == list(range(20_000))
    assert found[-1].at == pytest.approx(trace[-1].at)
    gaps = [later.at - earlier.at for earlier, later in pairwise(found)]
    assert pstdev(gaps) / mean(gaps) == pytest.approx(CV, rel=0.25)
    assert bunched(trace, 3, CV) == found != bunched(trace, 4, CV)


def test_every_turn_that_waited_was_told_and_ours_is_better_than_the_naive(trace: Path) -> None:
    run = EtaRun(profile("arena")).measured(jobs_of(read_trace(trace), 1.0, declared=True))
    waited = sum(life.starts[0] > life.job.at for life in run.lives.values())
    assert waited - 10 <= len(run.told) <= waited
    assert len(run.naive) == len(run.told) and len(run.again) > len(run.told) / 2
    ours, naive = score(run.told), score(run.naive)
    assert ours is not None and naive is not None
    assert ours.error_s < naive.error_s
    assert ours.covered is not None and ours.covered > 0.75


def test_the_report_has_every_figure_and_is_reproducible(trace: Path) -> None:
    found, again = measure(trace, 7), measure(trace, 7)
    assert found.figures.keys() == rows().keys()
    assert found.figures == again.figures
    assert found.setup["profile"] == "arena" and found.setup["pace"] == 1.0
    assert {name for name, one in found.figures.items() if one.readings == 0} == {
        "naive_eta_p90_coverage",
        "bursty_naive_eta_p90_coverage",
    }
    assert found.figures["eta_p90_coverage"].met in (True, False)
    assert found.figures["bursty_eta_p90_coverage"].readings == 3


def test_another_load_is_played_on_the_larger_machine_at_its_pace(trace: Path) -> None:
    found = measure(trace, 7, load=2.0)
    assert found.setup["profile"] == "h100-8b"
    assert found.setup["load"] == 2.0
    pace = found.setup["pace"]
    assert isinstance(pace, float) and pace > 2.0


def test_a_file_that_is_no_trace_is_told(tmp_path: Path) -> None:
    path = tmp_path / "trace.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(BadTrace):
        measure(path, 1)
