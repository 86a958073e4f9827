"""The commands of the benches that play traces: what they take, what they write, what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from thinkwell.cli.main import group
from thinkwell.testing.simulation.trace import BadTrace


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace.csv"
    rows = [f"{n / 2},{n % 3},{50 + n},{40 + n}" for n in range(40)]
    path.write_text("\n".join(["req_time_s,client,prompt_len,output_len", *rows]))
    return path


def run(*arguments: object) -> str:
    result = CliRunner().invoke(group, ["bench", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_routing_prints_every_figure_under_its_name_and_draws_them(trace: Path, tmp_path: Path) -> None:
    page = tmp_path / "plots.html"
    found = json.loads(run("routing", "--trace", trace, "--replicas", 2, "--json", "--plot", page))
    assert found["setup"]["replicas"] == 2
    assert {"hits_thinkwell", "imbalance_thinkwell", "ttft_thinkwell_s"} <= found["figures"].keys()
    drawn = page.read_text("utf-8")
    assert drawn.count("<svg") >= 2
    assert "<script" not in drawn


@pytest.mark.parametrize("name", ["eta", "budgets"])
def test_a_bench_prints_a_table_with_its_goals(name: str, trace: Path) -> None:
    said = run(name, "--trace", trace)
    assert f"bench {name}: trace trace.csv" in said
    assert "goal" in said


@pytest.mark.parametrize("name", ["fairness", "eta", "budgets", "routing"])
def test_a_file_that_is_no_trace_is_refused_with_what_is_expected(name: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n")
    with pytest.raises(BadTrace, match=r"bad\.csv"):
        run(name, "--trace", bad)


def test_fairness_asks_for_a_trace_unless_the_embedded_engine_is_asked() -> None:
    result = CliRunner().invoke(group, ["bench", "fairness"])
    assert result.exit_code == 2
    assert "--trace FILE" in result.output


def test_the_same_questions_go_over_http_to_a_site_and_to_its_engine(trace: Path) -> None:
    said = run("fairness", "--on", "simulated", "--trace", trace, "--seconds", 6, "--pace", 20, "--json")
    figures = json.loads(said)["figures"]
    assert figures["live_refused"]["value"] == 0
    assert figures["live_over_slots"]["value"] == 0
    assert figures["live_ttft_median_person_s"]["value"] > 0
    assert figures["live_tokens_per_s_ratio"]["value"] > 0
