"""``bench web``: every part drives the real page in a real Chromium, and every figure comes."""

from __future__ import annotations

from pathlib import Path

import pytest
from blockbuster import BlockBuster

from thinkwell.cli.bench.web import WebPlan, measure
from thinkwell.cli.bench.web_rows import rows

pytestmark = pytest.mark.browser

SMALL = WebPlan(
    parts=("load", "thought", "cost", "long", "cuts", "token"),
    rounds=1,
    seconds=2.0,
    messages=6,
    events=6,
    turns=2,
    lengths=(300, 900),
    window_s=0.3,
)


@pytest.mark.timeout(240)
async def test_a_small_run_reads_every_figure_and_no_cut_stream_loses_a_word(
    tmp_path: Path, no_blocking_calls: BlockBuster
) -> None:
    no_blocking_calls.deactivate()  # this is the bench's process, not the site's
    report = await measure(SMALL, tmp_path, tmp_path / "shots")
    assert report.figures.keys() == rows(SMALL.parts, SMALL.lengths).keys()
    unread = {name for name, found in report.figures.items() if found.value is None}
    # Two seconds of a busy machine may hold no whole second of frames.
    assert {name for name in unread if not name.endswith("field")} <= {"thought_fps", "thought_fps_p5"}
    assert report.figures["cuts_same"].value == SMALL.events
    assert report.figures["load_kb"].value == pytest.approx(
        report.figures["load_script_kb"].value + report.figures["load_style_kb"].value, rel=0.1
    )
