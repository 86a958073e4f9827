"""The operators' door to training runs, over a whole site and run folders as training writes them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from tests.conftest import visitor
from tests.http.test_account_door import call, join, operator, refused

from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site
from thinkwell.training.config import CostConfig, RunConfig
from thinkwell.training.evaluation.scores import Line
from thinkwell.training.folder import RunFolder

HERE = "/api/operator/training"


async def begun(path: Path, *lines: dict[str, Any]) -> RunFolder:
    folder = RunFolder(path)
    cost = CostConfig(per_hour=1.8, currency="CHF")

    def write() -> None:
        folder.begin(RunConfig(name=path.name, title="Adder", base="tiny", cost=cost))
        for line in lines:
            folder.add(line)

    await asyncio.to_thread(write)
    return folder


def line(name: str, right: float) -> Line:
    return Line(
        name=name,
        count=1000,
        samples=1.0,
        strict=right,
        low=right - 0.01,
        high=right + 0.01,
        once=right,
        lenient=right,
        form=1.0,
        cut=0.0,
        tokens=48.2,
        per_solved=50.0,
    )


async def evaluated(folder: RunFolder, name: str, *lines: Line) -> None:
    kept = {
        "settings": {"way": "plain", "temperature": 0.0},
        "table": list(lines),
        "answers": [{"text": "x"}],
    }
    await asyncio.to_thread((folder.path / f"eval-{name}.json").write_bytes, msgspec.json.encode(kept))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere" / "runs"


@pytest.fixture
async def site(data: Path, engine: ScriptedEngine, elsewhere: Path) -> AsyncIterator[RunningSite]:
    async with running_site(data, engine, assignments=(f"training.runs={elsewhere}",)) as running:
        yield running


@pytest.fixture
async def boss(site: RunningSite) -> AsyncIterator[aiohttp.ClientSession]:
    async with operator(site) as client:
        yield client


async def test_nobody_but_an_operator_is_told(site: RunningSite) -> None:
    async with visitor(site.url) as client:
        for path in (HERE, f"{HERE}/adder"):
            await refused(client, "GET", path, None, 401, "not_signed_in")
        await join(client)
        for path in (HERE, f"{HERE}/adder"):
            await refused(client, "GET", path, None, 403, "forbidden")


async def test_without_runs_it_is_said_where_they_are_looked_for(
    boss: aiohttp.ClientSession, data: Path, elsewhere: Path
) -> None:
    told = await call(boss, "GET", HERE)
    assert told == {"folders": [str(elsewhere), str(data / "training" / "runs")], "items": []}


async def test_runs_of_both_folders_are_listed_the_last_written_first(
    boss: aiohttp.ClientSession, data: Path, elsewhere: Path
) -> None:
    told = {"stage": "sft", "steps": 4, "loss": 2.0, "tokens": 900, "seconds": 1.0}
    await begun(data / "training" / "runs" / "adder", *({"step": at} | told for at in range(2)))
    await begun(elsewhere / "other", {"step": 0} | told)
    first, second = (await call(boss, "GET", HERE))["items"]
    assert {first["name"], second["name"]} == {"adder", "other"}
    assert first["written_at"] >= second["written_at"] > 0
    row = first if first["name"] == "adder" else second
    stage = {"name": "sft", "done": 2, "steps": 4, "tokens": 1800, "seconds": 2.0, "tokens_per_s": 900.0}
    assert row == {
        "name": "adder",
        "title": "Adder",
        "base": "tiny",
        "stages": [stage],
        "written_at": row["written_at"],
        "tokens": 1800,
        "seconds": 2.0,
        "spend": 1000,
        "currency": "CHF",
    }


async def test_a_run_is_told_with_its_curves_and_its_tables(boss: aiohttp.ClientSession, data: Path) -> None:
    told = {"stage": "grpo", "steps": 1000, "reward_correct": 0.5}
    lines = ({"step": at, "reward": at / 1000} | told for at in range(1000))
    folder = await begun(data / "training" / "runs" / "adder", *lines)
    await evaluated(folder, "adapter-plain-0", line("all", 0.54), line("chain_sum", 0.99))
    await asyncio.to_thread((folder.path / "eval-broken.json").write_bytes, b"{")
    found = await call(boss, "GET", f"{HERE}/adder")
    [grpo] = found["stages"]
    curves = {one["name"]: one for one in grpo["curves"]}
    assert set(curves) == {"reward", "reward_correct"}
    assert len(curves["reward"]["step"]) == len(curves["reward"]["value"]) <= 400
    assert curves["reward"]["step"][-1] == 999
    [evaluation] = found["evaluations"]
    assert (evaluation["name"], evaluation["settings"]) == (
        "adapter-plain-0",
        {"way": "plain", "temperature": "0.0"},
    )
    assert [(one["name"], one["count"], one["strict"]) for one in evaluation["table"]] == [
        ("all", 1000, 0.54),
        ("chain_sum", 1000, 0.99),
    ]
    assert found["unread"] == [{"file": "eval-broken.json", "why": "damaged"}]
    assert (found["behind"], found["unread_lines"], found["data"], found["talk"]) == (False, 0, None, [])
    assert found["run"]["spend"] == 0


async def test_a_run_that_is_damaged_all_over_is_shown_as_such(
    boss: aiohttp.ClientSession, data: Path
) -> None:
    path = data / "training" / "runs" / "odd one"

    def write() -> None:
        (path / "data").mkdir(parents=True)
        for name in ("run.json", "metrics.jsonl", "data/data.json", "talk.json", "eval-x.json"):
            (path / name).write_bytes(b"\x00[{\n")

    await asyncio.to_thread(write)
    [row] = (await call(boss, "GET", HERE))["items"]
    assert (row["name"], row["base"], row["stages"]) == ("odd one", "", [])
    told = await call(boss, "GET", f"{HERE}/odd%20one")
    assert {one["file"] for one in told["unread"]} == {
        *("run.json", "data/data.json", "talk.json", "eval-x.json")
    }
    assert told["unread_lines"] == 1


@pytest.mark.parametrize(
    "name",
    ["nothing", "..", ".", "%2e%2e", "..%2F..", "adder%2F..", "adder%00", ".hidden", "%2Fetc", "a" * 300],
)
async def test_other_names_are_no_runs(boss: aiohttp.ClientSession, data: Path, name: str) -> None:
    for path in (data / "training" / "runs" / "adder", data / "training" / "runs" / ".hidden", data):
        await begun(path)
    async with boss.get(f"{HERE}/{name}") as reply:
        assert reply.status in (200, 404), await reply.text()
        assert reply.status == 404 or "folders" in await reply.json()
