"""Every run's file in recipes/ can be meant, and the docs name those that there are."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from thinkwell.models.catalogue import read_catalogue
from thinkwell.models.resolve import hub_parts, resolve
from thinkwell.training.config import RunConfig, read_config
from thinkwell.training.data.gather import cells
from thinkwell.training.data.parts import TaskPart, check
from thinkwell.training.data.recipe import Built, build
from thinkwell.training.rewards import combined
from thinkwell.training.rows import Row, read_rows, write_rows
from thinkwell.training.tasks import TASKS

ROOT = Path(__file__).parents[2]
RECIPES = sorted((ROOT / "recipes").glob("*/*.toml"))  # what a run writes lies deeper
BIG = ROOT / "recipes" / "big"


def built(config: RunConfig, folder: Path) -> Built:
    """Of few rows. A token is a character here: no vocabulary counts more."""
    few = tuple(
        msgspec.structs.replace(part, count=20) if isinstance(part, TaskPart) else part
        for part in config.data.parts
    )
    recipe = msgspec.structs.replace(config.data, parts=few, evaluation=5)
    return build(recipe, folder, base=folder, count=len)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_can_be_meant(path: Path) -> None:
    config = read_config(path)
    check(config.data)
    for part in config.data.parts:
        if isinstance(part, TaskPart):
            assert cells(part, TASKS)
    combined(config.grpo.rewards, config.grpo.tokens)
    assert resolve(config.base, read_catalogue()).kind == "embedded"
    assert config.licence and config.title and config.about


def test_no_two_recipes_share_a_run() -> None:
    names = [read_config(path).name for path in RECIPES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", ["countdown", "qwen"])
def test_a_big_recipe_takes_one_file_of_a_hub_and_learns_from_all_of_its_data(name: str) -> None:
    config = read_config(BIG / f"{name}.toml")
    repo, file, _ = hub_parts(config.base)
    assert "1.5b" in file and repo.startswith("Qwen/")
    assert config.data.max_tokens <= config.sft.longest <= config.sft.batch_tokens


def test_the_docs_name_every_recipe_for_a_large_model_and_none_that_is_not_there() -> None:
    text = (ROOT / "docs" / "training.md").read_text("utf-8")
    named = set(re.findall(r"recipes/[\w/-]+\.toml", text))
    assert {f"recipes/big/{path.name}" for path in BIG.glob("*.toml")} <= named
    assert all((ROOT / path).is_file() for path in named)


def test_the_large_countdown_holds_the_hardest_games_out(tmp_path: Path) -> None:
    told = built(read_config(BIG / "countdown.toml"), tmp_path)
    held = list(read_rows(tmp_path / "data" / "eval.jsonl"))
    assert sum(row.level == 2 for row in held) == 5
    assert {row.verifier for row in held} == {"countdown"}
    assert [tally.taken for tally in told.tallies] == [20, 20]
    assert not [why for tally in told.tallies for why in tally.dropped if why.startswith("over ")]


def test_what_a_benchmark_asks_is_not_learnt_from_the_teacher(tmp_path: Path) -> None:
    asked = Row(prompt="What is the 7th prime?", answer="17", verifier="math")
    taught = [
        Row(prompt=f"How many primes are below {most}?", answer=str(most), trace="I count.", source="teacher")
        for most in range(10, 60)
    ]
    leaked = msgspec.structs.replace(asked, trace="I know it.", source="teacher")
    talk = Row(prompt="Hello!", answer="Good day.", trace="", source="chat")
    write_rows(tmp_path / "teacher.jsonl", [*taught, leaked])
    write_rows(tmp_path / "chat.jsonl", [talk])
    config = read_config(BIG / "qwen.toml")
    for name in config.data.evaluation_files:
        write_rows(tmp_path / name, [asked])
    built(config, tmp_path)
    learnt = [row.prompt for row in read_rows(tmp_path / "data" / "train.jsonl")]
    assert len(learnt) > 30 and asked.prompt not in learnt
