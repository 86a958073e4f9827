"""The benches say what they promise, under stable names. How long anything took is not tested."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from thinkwell.cli.bench.command import bench
from thinkwell.cli.bench.overhead import SHORT_PER_ROUND
from thinkwell.cli.bench.overhead_rows import ROWS
from thinkwell.cli.bench.page import first_load, measure
from thinkwell.cli.bench.processes import PROC
from thinkwell.cli.bench.report import Report, Row, as_table, figure, this_machine
from thinkwell.cli.bench.rivals import Plan, Questions
from thinkwell.cli.bench.timing import Timed, rate, whole_rate
from thinkwell.http.pages import read_web_app

ROUNDS = 2
STREAMS = 3
TOKENS = 6


def run(*arguments: str) -> str:
    outcome = CliRunner().invoke(bench, arguments, catch_exceptions=False)
    assert outcome.exit_code == 0, outcome.output
    return outcome.stdout


def test_alone_it_lists_the_benches() -> None:
    listed = run()
    for name in ("overhead", "start", "page"):
        assert name in listed


@pytest.mark.timeout(120)
def test_overhead_reads_every_figure_it_names() -> None:
    said = run(
        "overhead",
        *("--engine", "simulated", "--profile", "instant", "--rounds", str(ROUNDS)),
        *("--tokens", str(TOKENS), "--streams", str(STREAMS), "--json"),
    )
    report: dict[str, Any] = msgspec.json.decode(said)
    figures = report["figures"]
    assert list(figures) == list(ROWS)
    assert report["bench"] == "overhead"
    assert report["machine"]["cores"] >= 1
    per_round = 2 * SHORT_PER_ROUND + 2 + 2 * STREAMS + 1 + 2 * STREAMS
    assert report["setup"]["questions"] == 2 + ROUNDS * per_round
    for name in ("first_token_direct_ms", "first_token_site_ms"):
        assert figures[name]["readings"] == ROUNDS * SHORT_PER_ROUND
        assert 0 < figures[name]["low"] <= figures[name]["value"] <= figures[name]["high"]
    for name in ("streams_tokens_per_s_direct", "streams_tokens_per_s_site", "small_requests_per_s_site"):
        assert figures[name]["readings"] == ROUNDS
        assert figures[name]["value"] > 0
    for name in ("gateway_memory_mib", "engine_memory_mib", "streams_gateway_memory_mib"):
        assert (figures[name]["value"] is not None) == PROC.is_dir()
    assert all(found["met"] is None for found in figures.values()), "an engine without time sets no goals"


def test_no_two_questions_begin_alike_and_both_sides_are_asked_the_same() -> None:
    plan = Plan()
    bodies = [Questions(plan, "m").plain(8, at_site=at_site) for at_site in (False, True)]
    assert bodies[1].pop("reasoning_effort") == "none"
    assert bodies[0] == bodies[1]
    questions = Questions(plan, "m")
    beginnings = {questions.plain(8, at_site=True)["messages"][0]["content"][:8] for _ in range(50)}
    assert len(beginnings) == 50


def timed(first: float, last: float, tokens: int, head: int) -> Timed:
    return Timed(sent=0.0, first=first, last=last, first_answer=first, tokens=tokens, head=head)


def test_tokens_of_the_first_piece_do_not_count_as_speed() -> None:
    assert rate(timed(1.0, 3.0, 12, 2)) == 5.0
    assert rate(timed(1.0, 3.0, 12, 11)) is None
    assert rate(timed(1.0, 1.0, 1, 1)) is None
    assert whole_rate([timed(1.0, 3.0, 12, 2), timed(2.0, 4.0, 12, 2)]) == 6.0


def test_what_cannot_be_read_is_said_and_not_guessed() -> None:
    row = Row(title="memory", unit="MiB", below=5)
    assert figure(row, []).met is None
    assert figure(row, [4.0, 1.0, 9.0]).met is True
    assert figure(row, [5.0]).met is False
    report = Report(bench="x", machine=this_machine(), setup={}, figures={"memory": figure(row, [])})
    assert "not readable here" in as_table(report)


PAGE = b"""<!doctype html><title>t</title>
<script src="/assets/theme.js"></script><script type="module" src="/assets/index.js"></script>
<link rel="modulepreload" href="/assets/index.js"><link rel="stylesheet" href="/assets/index.css?v=1">
<link rel="icon" href="/favicon.svg"><link rel="canonical" href="/elsewhere">"""
FILES = {
    "index.html": PAGE,
    "favicon.svg": b"<svg/>",
    "assets/theme.js": b"t" * 500,
    "assets/index.js": b"i" * 90_000,
    "assets/index.css": b"c" * 4_000,
    "assets/later.js": b"l" * 50_000,
}


def test_the_page_is_what_index_names_once_each_as_it_travels(tmp_path: Path) -> None:
    for name, body in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(body)
    web_app = read_web_app(tmp_path)
    sizes = first_load(web_app)
    assert list(sizes) == [
        "index.html",
        "assets/theme.js",
        "assets/index.js",
        "assets/index.css",
        "favicon.svg",
    ]
    assert sizes["assets/index.js"] == len(gzip.compress(FILES["assets/index.js"], 9, mtime=0))
    assert sizes["favicon.svg"] == len(FILES["favicon.svg"]), (
        "what compression does not help travels as it is"
    )
    report = measure(web_app)
    total = report.figures.pop("page_kb")
    parts = sum(found.value for found in report.figures.values() if found.value is not None)
    assert total.value == pytest.approx(parts, abs=0.001)
    assert report.setup == {"files": 5, "bytes": sum(sizes.values())}
    assert total.met is True
