"""A whole small run from the command line: data, fine-tuning, reinforcement, export; and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.training.learners import tiny_model

from thinkwell.cli.main import group
from thinkwell.errors import SetupError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
RUN = """
name = "small"
base = "{base}"
precision = "fp32"
threads = 1

[data]
parts = [{{ kind = "task", names = ["arithmetic"], count = 30, languages = ["en"], levels = [0] }}]
evaluation = 4

[sft]
steps = 2
batch_tokens = 400

[grpo]
steps = 2
prompts = 2
group = 2
tokens = 8
refills = 0

[cost]
per_hour = 3600.0
"""


@pytest.fixture
def run(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(RUN.format(base=tiny_model(tmp_path / "model")))
    return path


def thinkwell(*words: str | Path) -> str:
    done = CliRunner().invoke(group, ["train", *map(str, words)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_run_goes_from_its_file_to_a_model_to_serve(run: Path, tmp_path: Path) -> None:
    said = thinkwell("data", run, "--data", tmp_path)
    assert "arithmetic" in said
    folder = tmp_path / "runs" / "small"
    assert (folder / "data" / "train.jsonl").exists()
    said = thinkwell("sft", run, "--data", tmp_path)
    assert "sft 2/2" in said
    assert "tokens/s" in said
    assert "EUR" in said
    assert str(folder / "sft" / "step-000002") in said
    said = thinkwell("grpo", run, "--data", tmp_path, "--explain")
    assert "20 of 20" in said
    assert "reward" in said
    assert "grpo 2/2" in said
    stages = [json.loads(line)["stage"] for line in (folder / "metrics.jsonl").read_text().splitlines()]
    assert stages == ["sft", "sft", "grpo", "grpo"]
    said = thinkwell("report", run, "--data", tmp_path)
    assert "2 of 2 steps" in said
    assert "rows of" in said
    assert "EUR at 3600 an hour" in said
    assert (folder / "curves.svg").read_text().count("<svg") == 1
    thinkwell("export", run, "--data", tmp_path, "--as", "folder", "--to", tmp_path / "merged")
    assert (tmp_path / "merged" / "model.safetensors").exists()


def test_reinforcement_begins_again_from_one_fine_tuning_with_other_seeds(run: Path, tmp_path: Path) -> None:
    thinkwell("data", run, "--data", tmp_path)
    thinkwell("sft", run, "--data", tmp_path)
    first, second = tmp_path / "runs" / "small", tmp_path / "runs" / "second"
    with pytest.raises(SetupError, match="no data and no sft to go on from"):
        thinkwell("grpo", run, "--data", tmp_path, "--out", second, "--from", tmp_path)
    for _ in range(2):  # and goes on where it was
        thinkwell("grpo", run, "--data", tmp_path, "--out", second, "--from", first, "--seed", "2")
    assert json.loads((second / "run.json").read_text())["seed"] == 2
    stages = [json.loads(line)["stage"] for line in (second / "metrics.jsonl").read_text().splitlines()]
    assert stages == ["grpo", "grpo"]
    name = "step-000002/adapter_model.safetensors"
    assert (second / "sft" / name).read_bytes() == (first / "sft" / name).read_bytes()
    # No answer of so small a model scores, so nothing was learned: it is what it began with.
    assert (second / "grpo" / name).read_bytes() == (first / "sft" / name).read_bytes()
    assert not (first / "grpo").exists()
    assert (second / "data" / "eval.jsonl").exists()


def test_reinforcement_asks_the_tasks_that_are_named(run: Path, tmp_path: Path) -> None:
    run.write_text(run.read_text().replace("[grpo]", '[grpo]\nonly = ["arithmetic:2"]'))
    thinkwell("data", run, "--data", tmp_path)
    with pytest.raises(SetupError, match="no rows of arithmetic:2"):
        thinkwell("grpo", run, "--data", tmp_path)
    (tmp_path / "runs" / "small" / "run.json").unlink()
    run.write_text(run.read_text().replace("arithmetic:2", "arithmetic:0"))
    assert "grpo 2/2" in thinkwell("grpo", run, "--data", tmp_path)


def test_the_doctor_says_what_the_machine_can_do(run: Path, tmp_path: Path) -> None:
    said = thinkwell("doctor", run, "--data", tmp_path)
    for word in ("Model", "Machine", "Precision", "Disk", "Training", "Sampling"):
        assert f"\n{word} " in f"\n{said}"
    assert "tokens/s (best" in said
    assert not (tmp_path / "runs").exists()


def test_what_cannot_be_done_is_said(run: Path, tmp_path: Path) -> None:
    def refused(*words: str | Path) -> str:
        with pytest.raises(SetupError) as problem:
            thinkwell(*words, "--data", tmp_path)
        return problem.value.message

    assert "train data" in refused("sft", run)
    assert "no adapter yet" in refused("export", run, "--to", tmp_path / "x.gguf")
    assert "cannot be read" in refused("sft", tmp_path / "none.toml")
    assert "--from-site" in refused("data")
    strange = tmp_path / "strange.toml"
    strange.write_text('name = "x"\nlearning_rate = 1\n')
    assert "learning_rate" in refused("sft", strange)
    remote = tmp_path / "remote.toml"
    remote.write_text('name = "x"\nbase = "http://127.0.0.1:1/v1"\n')
    assert "behind a server" in refused("sft", remote)
