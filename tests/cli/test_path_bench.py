"""``bench path``: both sites answer whole turns to everybody, the one without books, and every figure comes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from blockbuster import BlockBuster

from thinkwell.cli.bench.path import SHORTS, PathPlan, measure
from thinkwell.cli.bench.path_rows import rows
from thinkwell.store.database import FILE_NAME


@pytest.mark.timeout(240)
async def test_a_small_run_reads_every_figure_and_the_site_that_is_off_keeps_no_books(
    tmp_path: Path, no_blocking_calls: BlockBuster
) -> None:
    no_blocking_calls.deactivate()  # this is the bench's process, not the site's
    plan = PathPlan(rounds=1, tokens=8, at_once=4, each=2)
    report = await measure(plan, tmp_path)
    assert report.figures.keys() == rows().keys()
    unread = {name for name, found in report.figures.items() if found.value is None}
    assert not any(
        f"_{kind}_ms" in name for name in unread for kind in ("on", "off", "added")
    )  # not every system tells it
    assert report.setup["tokens"] == 8
    assert count(tmp_path / "off", "entries") == count(tmp_path / "off", "ledger_lines") == 0
    turns = count(tmp_path / "on", "entries")
    assert turns == 4 * (4 + 4 + 2 + 4 + 4 * SHORTS)
    assert count(tmp_path / "on", "ledger_lines") == 2 * turns
    # What is no part of it is stored by both: at the page a question and its answer.
    for side in ("on", "off"):
        stored = count(tmp_path / side, "messages WHERE status = 'complete'")
        assert stored == 2 * count(tmp_path / side, "conversations") > 0


def count(data: Path, what: str) -> int:
    connection = sqlite3.connect(data / FILE_NAME)
    try:
        found: int = connection.execute(f"SELECT count(*) FROM {what}").fetchone()[0]
    finally:
        connection.close()
    return found
