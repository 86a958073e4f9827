"""``thinkwell bench search``, in small."""

from __future__ import annotations

from pathlib import Path

from thinkwell.cli.bench.search import ROWS, SearchPlan, measure


async def test_every_figure_of_the_search_bench_is_read(tmp_path: Path) -> None:
    report = await measure(SearchPlan(messages=400, searches=2, seed=1), tmp_path)
    assert set(report.figures) == set(ROWS)
    assert all(figure.readings for figure in report.figures.values())
