"""Runs read from their folders: what grows, what is damaged, what leads elsewhere, what is far too long."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.errors import NotFound
from thinkwell.models import metrics, runs
from thinkwell.models.metrics import CHUNK, MOST_CURVES, MOST_POINTS, MOST_STAGES, Curve, Metrics
from thinkwell.models.runs import Run, Runs
from thinkwell.training.config import CostConfig, RunConfig
from thinkwell.training.folder import RunFolder

CONFIG = RunConfig(name="adder", title="Adder", base="tiny", cost=CostConfig(per_hour=3.6, currency="CHF"))


def name_of(run: Run) -> str:
    return run.name


def step(at: int, stage: str = "sft", **more: Any) -> dict[str, Any]:
    return {"stage": stage, "step": at, "steps": 10, "loss": 1.0, "tokens": 100, "seconds": 0.5} | more


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    found = RunFolder(tmp_path / "runs" / "adder")
    found.begin(CONFIG)
    return found


@pytest.fixture
def there(folder: RunFolder) -> Runs:
    return Runs([folder.path.parent])


def adder(there: Runs) -> Run:
    return there.one("adder", lambda run: run)


# -- what a run tells ----------------------------------------------------------------------------


def test_a_run_tells_how_far_it_is_and_goes_on_telling(folder: RunFolder, there: Runs) -> None:
    assert adder(there).stages == []
    for at in range(3):
        folder.add(step(at))
    folder.add(step(0, "grpo", steps=4, reward=0.5, reward_correct=0.4, length=12.0))
    run = adder(there)
    sft, grpo = run.stages
    assert (sft.name, sft.done, sft.steps, sft.tokens, sft.seconds, sft.speed) == (
        *("sft", 3, 10, 300, 1.5),
        200,
    )
    assert sft.curves["loss"].at == [0, 1, 2] and sft.curves["tokens_per_s"].values == [200, 200, 200]
    assert {"reward", "reward_correct", "length"} <= set(grpo.curves)
    assert (run.told.base, run.told.cost.currency, run.data, run.evaluations) == ("tiny", "CHF", None, {})
    folder.add(step(3, loss=0.25))
    assert adder(there).stages[0].curves["loss"].values == [1, 1, 1, 0.25]
    assert there.all(name_of) == ["adder"]


def test_a_line_that_is_half_written_waits_until_it_is_whole(folder: RunFolder, there: Runs) -> None:
    folder.add(step(0))
    text = msgspec.json.encode(step(1)) + b"\n"
    with (folder.path / "metrics.jsonl").open("ab") as file:
        for part in (text[:7], text[7:-1]):
            file.write(part)
            file.flush()
            run = adder(there)
            assert (run.stages[0].done, run.metrics.unread, run.metrics.behind) == (1, 0, False)
        file.write(text[-1:])
    assert adder(there).stages[0].done == 2


def test_steps_that_are_taken_again_are_told_as_they_were_taken_last(folder: RunFolder, there: Runs) -> None:
    for at in range(5):
        folder.add(step(at, loss=1.0))
    assert adder(there).stages[0].done == 5
    folder.forget_after("sft", 3)
    folder.add(step(3, loss=9.0))
    [sft] = adder(there).stages
    assert (sft.done, sft.tokens, sft.curves["loss"].values) == (4, 400, [1, 1, 1, 9])


def test_a_long_run_is_read_in_pieces_and_shown_as_few_points(
    folder: RunFolder, there: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 12_000
    lines = b"".join(msgspec.json.encode(step(at, loss=float(at))) + b"\n" for at in range(count))
    (folder.path / "metrics.jsonl").write_bytes(lines)
    monkeypatch.setattr(runs, "BUDGET", CHUNK)
    looks = 0
    while not (run := adder(there)).stages or run.metrics.behind:
        looks += 1
    assert looks == len(lines) // CHUNK
    [sft] = run.stages
    loss = sft.curves["loss"]
    assert sft.done == count and sft.tokens == 100 * count
    assert MOST_POINTS / 2 <= len(loss.at) <= MOST_POINTS
    assert loss.at[-1] == count - 1 and sorted(set(loss.at)) == loss.at


@given(st.lists(st.floats(-1e6, 1e6), max_size=3000))
def test_a_curve_has_few_points_and_the_mean_of_all(values: list[float]) -> None:
    curve = Curve()
    for at, value in enumerate(values):
        curve.add(2 * at, value)
    assert len(curve.at) == len(curve.values) <= MOST_POINTS
    assert curve.at == sorted(set(curve.at)) and curve.at[-1:] == [2 * (len(values) - 1)][: len(values)]
    if len(values) <= MOST_POINTS:
        assert curve.values == values
    assert all(min(values) - 1e-6 <= value <= max(values) + 1e-6 for value in curve.values)


# -- what is damaged -----------------------------------------------------------------------------

JUNK = st.one_of(
    st.binary(max_size=60).map(lambda text: text.replace(b"\n", b"")),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["stage", "step", "steps", "loss", "tokens", "seconds", "reward_x"]), inner
            )
        ),
        max_leaves=8,
    ).map(msgspec.json.encode),
)


@given(st.lists(JUNK, max_size=20))
def test_lines_that_are_none_of_a_step_are_counted_and_the_others_read(lines: list[bytes]) -> None:
    found = Metrics()
    for line in [msgspec.json.encode(step(2**40)), *lines]:
        found._take(line + b"\n")
    assert found.stages["sft"].done > 2**40 and found.stages["sft"].curves["loss"].at[0] == 2**40
    assert found.unread <= len(lines)


def test_names_are_bounded_and_deep_or_endless_lines_left_out(folder: RunFolder, there: Runs) -> None:
    many = [step(at, f"stage{at}", **{f"reward_{part}": 1.0 for part in range(99)}) for at in range(50)]
    odd = [b"[" * 100_000, b"x" * (2 * CHUNK), b'{"stage":"sft","step":-1}', b'{"stage":"../x","step":1}']
    last = step(7, "stage0", loss=None, reward=10**400, tokens="many", seconds=-4.0)
    with (folder.path / "metrics.jsonl").open("wb") as file:
        for line in (*map(msgspec.json.encode, many), *odd, msgspec.json.encode(last)):
            file.write(line + b"\n")
    run = adder(there)
    assert len(run.stages) == MOST_STAGES
    assert all(len(stage.curves) <= MOST_CURVES for stage in run.stages)
    assert run.metrics.unread == len(odd)
    first = run.stages[0]
    assert (first.done, first.tokens, len(first.curves["loss"].at)) == (8, 100, 1)


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"{", b"[]", b'{"table": 3}', b'{"table": [{"name": "all"}]}', b"\xff\xfe", b"[" * 100_000),
        b'{"table":[{"name":"all","count":1e999,"strict":0.5,"low":0,"high":1}]}',
    ],
)
def test_files_that_cannot_be_read_are_named_and_the_others_shown(
    folder: RunFolder, there: Runs, text: bytes
) -> None:
    folder.add(step(0))
    table = b'{"settings": {}, "table": [{"name":"all","count":9,"strict":0.5,"low":0.2,"high":0.8}]}'
    (folder.path / "eval-base-plain-0.json").write_bytes(table)
    (folder.path / "eval-adapter-plain-0.json").write_bytes(text)
    (folder.path / "data").mkdir()
    (folder.path / "data" / "data.json").write_bytes(text)
    run = adder(there)
    assert list(run.evaluations) == ["base-plain-0"]
    assert run.problems["eval-adapter-plain-0.json"] == "damaged"
    (folder.path / "eval-adapter-plain-0.json").write_bytes(table + b" ")
    assert list(adder(there).evaluations) == ["adapter-plain-0", "base-plain-0"]
    assert run.problems.keys() <= {"data/data.json"}


def test_files_that_are_far_too_large_are_not_read(
    folder: RunFolder, there: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "ANSWERS_BYTES", 100)
    (folder.path / "talk.json").write_bytes(b" " * 101)
    run = adder(there)
    assert run.talk == [] and run.problems == {"talk.json": "too_large"}


# -- what leads elsewhere ------------------------------------------------------------------------


@given(
    st.one_of(st.text(max_size=20), st.sampled_from(["..", ".", "", "../adder", "adder/..", "a\0b", "/etc"]))
)
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    with pytest.raises(NotFound):
        Runs([Path("/proc/self/fd/none"), Path("/etc")]).one(name, name_of)


def test_links_and_pipes_are_not_followed(folder: RunFolder, there: Runs, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    RunFolder(secret).begin(CONFIG)
    RunFolder(secret).add(step(0))
    (folder.path.parent / "linked").symlink_to(secret)
    (folder.path / "metrics.jsonl").symlink_to(secret / "metrics.jsonl")
    (folder.path / "data").symlink_to(secret)
    os.mkfifo(folder.path / "talk.json")
    assert there.all(name_of) == ["adder"]
    with pytest.raises(NotFound):
        there.one("linked", name_of)
    run = adder(there)
    assert (run.stages, run.data, run.talk) == ([], None, [])
    assert run.problems == dict.fromkeys(("metrics.jsonl", "data/data.json", "talk.json"), "unreadable")


def test_the_folder_of_runs_itself_may_be_a_link_and_may_not_be_there(
    folder: RunFolder, tmp_path: Path
) -> None:
    (tmp_path / "here").symlink_to(folder.path.parent)
    assert Runs([tmp_path / "nothing", tmp_path / "here"]).all(name_of) == ["adder"]


def test_of_two_runs_with_one_name_the_first_folders_is_shown(folder: RunFolder, tmp_path: Path) -> None:
    other = RunFolder(tmp_path / "other" / "adder")
    other.begin(msgspec.structs.replace(CONFIG, base="another"))
    RunFolder(tmp_path / "other" / "second").begin(CONFIG)
    (tmp_path / "other" / "no-run").mkdir()
    both = Runs([tmp_path / "other", folder.path.parent])
    assert sorted(both.all(name_of)) == ["adder", "second"]
    assert adder(both).told.base == "another"
    (other.path / "run.json").unlink()
    assert dict(both.all(lambda run: (run.name, run.told.base)))["adder"] == "tiny"


def test_curves_are_of_names_that_are_known(folder: RunFolder, there: Runs) -> None:
    folder.add(step(0) | {"secret": 1.0, "reward_../x": 1.0})
    assert set(adder(there).stages[0].curves) <= metrics.CURVES | {metrics.SPEED}
