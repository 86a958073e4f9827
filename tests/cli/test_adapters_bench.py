"""``bench adapters`` says what it promises, over scripted engines and over the real one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from thinkwell.cli.bench.adapters import ROWS, Plan, measure
from thinkwell.cli.main import group


def test_swaps_under_load_drop_and_mix_nothing_and_every_figure_has_its_name() -> None:
    outcome = CliRunner().invoke(
        group, ["bench", "adapters", "--swaps", "8", "--people", "4", "--json"], catch_exceptions=False
    )
    found = json.loads(outcome.output)["figures"]
    assert found.keys() == ROWS.keys()
    assert (found["swaps"]["value"], found["dropped"]["value"], found["mixed"]["value"]) == (8, 0, 0)
    assert found["ran_over_a_swap"]["value"] > 0


@pytest.mark.live
async def test_the_real_engine_changes_its_adapter_under_people_who_ask(tmp_path: Path) -> None:
    report = await measure(Plan(engine="embedded", swaps=2, people=2, seed=1, threads=1), tmp_path)
    found = report.figures
    assert (found["dropped"].value, found["mixed"].value) == (0, 0)
    assert found["turns"].value and found["turns"].value >= 4
    assert found["first_token_s"].readings == 2
