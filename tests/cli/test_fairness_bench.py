"""``bench fairness``: what it measures is right on paper, and it reads every figure that it names."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from statistics import fmean

import msgspec
import pytest

from thinkwell.cli.bench import fairness
from thinkwell.cli.bench.fairness import answer, measure, of_ratios, poured
from thinkwell.cli.bench.fairness_rows import rows
from thinkwell.cli.bench.fairness_runs import (
    LOAD,
    PERSONS,
    jobs_of,
    machine_for,
    paced,
    with_guests,
)
from thinkwell.cli.bench.plots import Series, write_plots
from thinkwell.cli.bench.queue_runs import bytes_per_waiting, leaked, operations, refills
from thinkwell.cli.bench.report import Report, Row, figure, this_machine
from thinkwell.errors import SetupError
from thinkwell.scheduling.pool import PoolSchedule
from thinkwell.scheduling.replica import Run
from thinkwell.testing.simulation.fairness import (
    POUR_S,
    Served,
    differences,
    first_token_s,
    fluid,
    ticks_of,
    widest_drift,
)
from thinkwell.testing.simulation.pooled import Life, job
from thinkwell.testing.simulation.profile import profile
from thinkwell.testing.simulation.trace import TraceRequest, read_trace

ARENA = Path(__file__).parents[3] / "shared" / "data" / "traces" / "arena_10min.csv"
PLOTTED = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what matplotlib imports


# -- the measures ------------------------------------------------------------------------------------


def test_service_counts_within_a_window_as_far_as_it_lies_there() -> None:
    one = Served("a", 0.0, 100.0, first=10.0, ended=20.0)
    assert (one.within(0, 15), one.within(15, 60), one.within(12, 13)) == (50.0, 50.0, 10.0)
    assert msgspec.structs.replace(one, first=None, ended=None).within(0, 60) == 0.0


def test_a_difference_is_what_one_lacks_of_the_most_or_of_what_was_asked() -> None:
    """Around second 30: a is given 600 of the 900 asked, b 60 of 90, c all of its 300, d is refused 120."""
    served = [
        Served("a", 5.0, 900.0, 20.0, 110.0),
        Served("a", 1.0, 0.0, 1.0, 1.0),
        Served("b", 5.0, 90.0, 20.0, 80.0),
        Served("c", 5.0, 300.0, 10.0, 40.0),
        Served("d", 5.0, 120.0, None, None),
    ]
    # a has the most: 400 of 900; b 60 of 90 (lacks 30), d lacks 120.
    assert differences(served, [30.0]) == [pytest.approx((0 + 30 + 0 + 120) / 60)]


def test_there_are_nineteen_ticks_after_thirty_seconds_of_warm_up() -> None:
    assert ticks_of([Served("a", 600.0, 1.0, 600.0, 601.0)])[::18] == [60.0, 600.0]


def test_the_median_person_is_taken_of_the_means_of_those_who_were_served() -> None:
    served = [
        Served("a", 0.0, 1.0, 1.0, 2.0),
        Served("a", 0.0, 1.0, 3.0, 4.0),
        Served("b", 0.0, 1.0, 5.0, 6.0),
    ]
    assert first_token_s([*served, Served("c", 0.0, 1.0, None, None)]) == 3.5


def test_the_fluid_gives_all_that_is_asked_and_shares_evenly_what_is_scarce() -> None:
    asked = [Served(name, 0.0, cost, None, None) for name, cost in (("a", 600.0), ("b", 600.0), ("c", 60.0))]
    done = {one.sharer: one for one in fluid(asked, capacity=60.0)}
    # 20 a second each: c is full at 3 s; then 30 each for the 540 that a and b lack.
    assert done["c"].ended == pytest.approx(3.0, abs=2 * POUR_S)
    assert done["a"].ended == done["b"].ended == pytest.approx(21.0, abs=2 * POUR_S)
    assert all(one.first == 0.0 for one in done.values())


def test_a_request_absorbs_no_more_than_a_machine_gives_it_and_idle_time_is_leapt_over() -> None:
    (one,) = fluid([Served("a", 1e6, 660.0, None, None)], capacity=1e9)
    assert one.ended == pytest.approx(1e6 + 10, abs=3 * POUR_S)


def test_drift_is_counted_over_any_stretch_in_which_both_wait_once_they_were_level() -> None:
    """a and b take turns of ten seconds, 30 tokens each: over any stretch one is given 60 more at most."""
    lives = []
    for person, offset in (("a", 0.0), ("b", 10.0)):
        for turn in range(10):
            began = 20.0 * turn + offset
            life = Life(job=job(f"{person}{turn}", 0.0, person, (1, 30)), starts=[began])
            life.first_token, life.ended, life.generated = began, began + 10, 30
            lives.append(life)
    assert widest_drift(lives, 150.0) == pytest.approx(60.0, abs=2.0)


# -- the runs ----------------------------------------------------------------------------------------


@pytest.mark.skipif(not ARENA.exists(), reason="the arena trace lies beside the checkout, and is not there")
def test_on_the_arena_trace_the_peers_are_where_they_were_published_to_be() -> None:
    requests = read_trace(ARENA)
    machine = machine_for(requests)
    jobs, pace = paced(jobs_of(requests, machine, 1), machine)
    assert (len(jobs), machine, pace) == (1500, profile("arena"), 1.0)
    first_come, limited = answer(jobs, machine, "first_come"), answer(jobs, machine, "rate_limit_5")
    assert first_come.tokens_per_s == pytest.approx(777, rel=0.05)
    assert max(first_come.differences) == pytest.approx(760, rel=0.07)
    assert fmean(first_come.differences) == pytest.approx(434, rel=0.07)
    assert sum(not life.refused for life in limited.lives) == 581
    ideal = poured(first_come)
    assert fmean(differences(ideal, ticks_of(ideal))) == pytest.approx(153, rel=0.03)
    ours = answer(jobs, machine, "thinkwell")
    ratios = of_ratios({"thinkwell": ours, "vtc": first_come}, ideal)
    # The largest of 19 ticks goes up and down by some percent with any change; the mean does not.
    assert ratios["difference_mean_ratio"][0] < 1.05
    assert ratios["difference_max_ratio"][0] < 1.2
    assert ours.tokens_per_s > 0.995 * first_come.tokens_per_s
    assert first_token_s(ours.served) < 0.8


def asked(at: float, person: str | None, prompt: int = 100, output: int = 100) -> TraceRequest:
    return TraceRequest(at=at, person=person, prompt_tokens=prompt, answer_tokens=output)


def test_a_trace_that_leaves_the_machine_idle_is_made_faster_until_it_does_not() -> None:
    trace = [asked(10.0 * number, "a") for number in range(300)]
    machine = machine_for(trace)
    jobs, pace = paced(jobs_of(trace, machine, 1), machine)
    assert pace > 10
    lasted = answer(jobs, machine, "first_come").span_s
    assert lasted / jobs[-1].at == pytest.approx(LOAD, rel=0.15)


def test_persons_are_made_up_where_the_trace_names_none_and_the_same_for_the_same_seed() -> None:
    trace = [asked(1.0 * number, None) for number in range(500)]
    machine = machine_for(trace)
    persons = [one.ticket.person for one in jobs_of(trace, machine, 7)]
    assert persons == [one.ticket.person for one in jobs_of(trace, machine, 7)]
    assert len(set(persons)) == PERSONS


def test_a_trace_in_which_nobody_differs_has_no_ratios() -> None:
    one = answer(jobs_of([asked(0.0, "a")], profile("arena"), 1), profile("arena"), "thinkwell")
    assert of_ratios({"thinkwell": one, "vtc": one}, poured(one))["difference_max_ratio"] == []


def test_a_third_of_the_copies_people_are_guests_three_to_a_network() -> None:
    jobs = [job(str(number), 0.0, f"p{number}", (1, 1)) for number in range(9)]
    groups = [one.ticket.group for one in with_guests(jobs, 2, seed=1)]
    assert len(groups) == 18
    assert sorted(filter(None, groups)) == ["network-0"] * 3 + ["network-1"] * 3


def test_what_a_line_costs_is_measured_in_small() -> None:
    cost = operations(1, waiting=200, rounds=50)
    assert min(cost.enqueue, cost.pick, cost.charge) > 0
    assert 500 < bytes_per_waiting(1000) < 4096
    assert len(refills(1, waiting=50, rounds=20)) == 20


def test_aborts_leave_nothing_and_a_leak_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert leaked(3, 2000) == 0
    release = PoolSchedule._release

    def leaky(pool: PoolSchedule, ticket_id: str) -> Run:
        replica = pool.running[ticket_id].replica
        assert replica is not None
        replica.reserved += ticket_id.endswith("7")
        return release(pool, ticket_id)

    monkeypatch.setattr(PoolSchedule, "_release", leaky)
    assert leaked(3, 500) > 0


# -- the whole ---------------------------------------------------------------------------------------


def test_every_figure_is_read_and_written_with_its_plots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fairness, "COPIES", 1)
    monkeypatch.setattr(fairness, "OVERLOAD_S", 60.0)
    monkeypatch.setattr(fairness, "FROM_S", 20.0)
    monkeypatch.setattr("thinkwell.cli.bench.fairness_runs.OVERLOAD_S", 60.0)
    monkeypatch.setattr(fairness, "operations", partial(operations, waiting=200, rounds=50))
    monkeypatch.setattr(fairness, "bytes_per_waiting", partial(bytes_per_waiting, people=200))
    monkeypatch.setattr(fairness, "refills", partial(refills, waiting=50, rounds=20))
    trace = tmp_path / "trace.csv"
    lines = [f"{0.2 * number},{number % 3 * (number % 5)},{50 + number},200" for number in range(100)]
    trace.write_text("req_time_s,client,prompt_len,output_len\n" + "\n".join(lines))
    page = tmp_path / "plots.html"
    pytest.importorskip("matplotlib")
    report = measure(trace, 1, aborts=200, plots=page)
    assert report.figures.keys() == rows().keys()
    unread = [name for name, found in report.figures.items() if found.value is None]
    assert not unread
    assert report.figures["refused_thinkwell"].value == 0
    assert (report.figures["refused_rate_limit_5"].value or 0) > 0
    assert report.figures["leaked_counts"].value == 0
    ours, plain = (report.figures[name].value for name in ("identities_ratio", "identities_ratio_vtc"))
    assert ours is not None
    assert plain is not None
    assert ours < 1.5 < plain
    assert (report.setup["requests"], report.setup["seed"]) == (100, 1)
    written = page.read_text("utf-8")
    assert written.count("<svg") == 4
    assert "<script" not in written
    assert "currentColor" in written
    assert "difference_max_ratio" in written


def test_plots_are_pictures_or_pages_and_say_what_they_lack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = Report(
        bench="b<", machine=this_machine(), setup={}, figures={"f": figure(Row(title="<f>", unit="s"), [1.0])}
    )
    series = [Series(title="t", unit="s", x_unit="s", x=[0.0, 1.0], ys={"one": [1.0, 2.0]})]
    with pytest.raises(SetupError, match=r"\.png or \.html"):
        write_plots(report, series, tmp_path / "plots.svg")
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "matplotlib", None)
        with pytest.raises(SetupError, match=r"thinkwell\[bench\]"):
            write_plots(report, series, tmp_path / "plots.png")
    pytest.importorskip("matplotlib")
    write_plots(report, series, tmp_path / "plots.png")
    assert (tmp_path / "plots.png").read_bytes().startswith(b"\x89PNG")
    write_plots(report, series, tmp_path / "plots.html")
    assert "&lt;f&gt;" in (tmp_path / "plots.html").read_text("utf-8")
    with pytest.raises(SetupError, match="cannot be written"):
        write_plots(report, series, tmp_path / "nowhere" / "plots.png")
