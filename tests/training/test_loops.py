"""The two loops: they learn, and what a kill took away is done again to the same figures."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from itertools import combinations, pairwise
from pathlib import Path
from random import Random
from statistics import pvariance
from typing import Any

import msgspec
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.training import run_stage
from tests.training.learners import tiny_learner, tiny_model

from thinkwell.errors import SetupError
from thinkwell.training.batches import MULTIPLE, Encoded, batches_from, epoch_of, padded
from thinkwell.training.config import GrpoConfig, RunConfig, SftConfig
from thinkwell.training.folder import RunFolder
from thinkwell.training.rewards import RewardSettings, combined
from thinkwell.training.rows import Row
from thinkwell.training.samples import Asked, Drawn
from thinkwell.training.torch.grpo import Answer, gather, learn, look_back
from thinkwell.training.torch.policy import advantages, alike, correction, most_apart, policy_loss
from thinkwell.training.torch.sft import fine_tune, optimizer_of, rate_at

CORRECT = RewardSettings(weights={"correct": 1.0})

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


def untimed(folder: Path) -> list[dict[str, Any]]:
    lines = list(RunFolder(folder).metrics())
    return [{name: line[name] for name in line if name not in ("seconds", "sample_s")} for line in lines]


def start(model: Path, folder: Path) -> subprocess.Popen[str]:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.training.run_stage", str(model), str(folder)]
    return subprocess.Popen(
        command, cwd=root, env=os.environ | {"PYTHONPATH": "src"}, stdout=subprocess.PIPE, text=True
    )


def test_a_run_that_was_killed_goes_on_to_the_same_figures(model: Path, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    with start(model, whole) as undisturbed:
        for stage in ("sft", "grpo"):
            with start(model, broken) as run:
                assert run.stdout is not None
                for line in run.stdout:
                    if line.strip() == f"{stage} 4":
                        run.send_signal(signal.SIGKILL)
                        break
        with start(model, broken) as again:
            # What was told before its checkpoint was whole is told again; what was whole is not.
            told = again.communicate()[0].split("\n")[:-1]
            assert told[0] in ("grpo 4", "grpo 5", "grpo 6")
            assert told[-1] == f"grpo {run_stage.STEPS - 1}"
        undisturbed.communicate()
    lines = untimed(whole)
    assert [line["step"] for line in lines] == [*range(run_stage.STEPS)] * 2
    assert untimed(broken) == lines
    for stage in ("sft", "grpo"):
        saved = [RunFolder(folder).latest(stage) for folder in (whole, broken)]
        assert saved[0] and saved[1]
        weights = [(path / "adapter_model.safetensors").read_bytes() for _, path in saved]
        assert weights[0] == weights[1]


def test_fine_tuning_learns_its_rows(model: Path, tmp_path: Path) -> None:
    rows = [Encoded([*range(10, 16), *range(30, 40), 0], 6), Encoded([*range(16, 22), *range(50, 57), 0], 6)]
    folder = RunFolder(tmp_path)
    plan = RunConfig(name="t", sft=SftConfig(batch_tokens=64, steps=60, rate=0.05))
    folder.begin(plan)
    fine_tune(plan, folder, tiny_learner(model), rows, lambda line: None)
    losses = [line["loss"] for line in folder.metrics()]
    assert losses[0] > 3
    assert losses[-1] < losses[0] / 4


def test_rows_that_are_too_long_are_left_out_and_none_left_is_said(model: Path, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    plan = RunConfig(name="t", sft=SftConfig(longest=3))
    with pytest.raises(SetupError, match=r"sft\.longest"):
        fine_tune(plan, folder, tiny_learner(model), [Encoded([1, 2, 3, 4], 2)], lambda line: None)


@pytest.mark.parametrize("epochs", [1, 2])
def test_what_was_better_than_its_group_becomes_likelier_and_the_rest_less(model: Path, epochs: int) -> None:
    learner = tiny_learner(model)
    prompt = [4, 5, 6]
    said = [[30, 31, 32, 0], [40, 41, 42, 0]]
    plan = GrpoConfig(epochs=epochs)

    def logprob(ids: list[int]) -> float:
        table = torch.tensor([[*prompt, *ids]])
        written = torch.ones_like(table, dtype=torch.bool)
        written[0, :3] = False
        return float(learner.logprobs(table, written)[0].detach().sum())

    before = [logprob(ids) for ids in said]
    optimizer = optimizer_of(learner, 0.02)
    for _ in range(5):
        answers = [
            Answer(Encoded([*prompt, *ids], 3), Drawn(ids, [-4.0] * 4, "", True), advantage)
            for ids, advantage in zip(said, (0.5, -0.5), strict=True)
        ]
        look_back(learner, answers, plan, None)
        line = learn(learner, answers, optimizer, plan, Random(1))
    assert logprob(said[0]) > before[0] + 1
    assert logprob(said[1]) < before[1] - 1
    assert line["learned"] == 8


# -- the parts of it ---------------------------------------------------------------------------------

lengths = st.lists(st.integers(1, 90), min_size=1, max_size=60)


@given(lengths, st.integers(16, 400), st.integers(0, 5))
def test_an_epoch_has_every_row_once_in_batches_of_bounded_size(
    some: list[int], tokens: int, seed: int
) -> None:
    batches = epoch_of(some, tokens, seed, 0)
    assert sorted(row for batch in batches for row in batch) == list(range(len(some)))
    for batch in batches:
        size = len(batch) * padded(max(some[row] for row in batch))
        assert size <= tokens or len(batch) == 1
        assert size % MULTIPLE == 0


@given(lengths, st.integers(0, 30), st.integers(0, 5))
def test_batches_from_a_step_are_those_that_follow_it(some: list[int], step: int, seed: int) -> None:
    every, later = batches_from(0, some, 200, seed), batches_from(step, some, 200, seed)
    for _ in range(step):
        next(every)
    assert [next(every) for _ in range(5)] == [next(later) for _ in range(5)]


@given(st.lists(st.floats(-2, 2), min_size=2, max_size=9))
def test_advantages_sum_to_nothing_and_keep_the_order(rewards: list[float]) -> None:
    found = advantages(rewards)
    assert sum(found) == pytest.approx(0, abs=1e-9)
    assert alike(rewards) == (max(found) - min(found) < 1e-9)
    for one, two in pairwise(sorted(zip(rewards, found, strict=True))):
        assert one[1] <= two[1] + 1e-9


@given(st.lists(st.integers(0, 4), min_size=2, max_size=8), st.data())
def test_those_that_are_learned_from_are_the_furthest_apart(rewards: list[int], data: st.DataObject) -> None:
    most = data.draw(st.integers(2, len(rewards)))
    chosen = most_apart(rewards, most)
    assert len(set(chosen)) == most
    spread = [pvariance(some) for some in combinations(rewards, most)]
    assert pvariance([rewards[at] for at in chosen]) == pytest.approx(max(spread))


class Scripted:
    """A sampler whose answers are given beforehand, alike for every prompt."""

    def __init__(self, *answers: Drawn) -> None:
        self.answers = answers

    def sample(self, prompts: Sequence[list[int]], asked: Asked) -> list[list[Drawn]]:
        return [list(self.answers) for _ in prompts]


def test_of_a_group_only_what_is_furthest_apart_is_learned_from_and_nothing_that_was_cut(model: Path) -> None:
    right, wrong = Drawn([30, 0], [], "4", True), Drawn([31, 0], [], "5", True)
    cut = Drawn([32], [], "", False)
    row = Row(prompt="2+2", answer="4", verifier="int")

    def answers(learn_from: int | None, *group: Drawn) -> list[tuple[list[int], float]]:
        plan = GrpoConfig(prompts=1, group=len(group), learn_from=learn_from, rewards=CORRECT)
        config = RunConfig(name="t", grpo=plan)
        rewards = combined(plan.rewards, plan.tokens)
        found = gather(config, tiny_learner(model), [row], rewards, Scripted(*group), 0)
        assert found.taught == 1
        return [(answer.drawn.ids, answer.advantage) for answer in found.answers]

    group = right, wrong, wrong, wrong, right, wrong
    assert len(answers(None, *group)) == 6
    assert sorted(answers(4, *group)) == [([30, 0], 0.5), ([30, 0], 0.5), ([31, 0], -0.5), ([31, 0], -0.5)]
    assert answers(2, right, cut) == [([30, 0], 0.5)]
    with pytest.raises(msgspec.ValidationError, match="learn_from"):
        msgspec.convert({"learn_from": 1}, GrpoConfig)  # nothing is better than itself


def test_gains_are_held_where_the_ratio_left_its_range_and_losses_are_not() -> None:
    plan = GrpoConfig(clip_low=0.2, clip_high=0.28)
    now = torch.tensor([1.5, 1.5, 0.5, 0.5]).log().requires_grad_()
    better = torch.tensor([1.0, -1.0, 1.0, -1.0])
    terms = policy_loss(now, torch.zeros(4), better, torch.ones(4), None, plan)
    terms.loss.backward()
    assert float(terms.loss.detach()) == pytest.approx(-(1.28 - 1.5 + 0.5 - 0.8))
    # A token that already moved as far as it may, in the direction that its reward asks for, moves no further.
    assert [bool(slope) for slope in now.grad] == [False, True, True, False]
    assert terms.clipped == 0.5


def test_a_token_that_the_sampler_thought_unlikely_weighs_no_more_than_the_bound() -> None:
    weights = correction(torch.tensor([-1.0, -1.0, -1.0]), torch.tensor([-1.0, -5.0, -0.5]), 2.0)
    assert weights.tolist() == pytest.approx([1.0, 2.0, 0.6065], abs=1e-3)


def test_the_distance_from_the_start_is_weighed_by_beta() -> None:
    now, start = torch.tensor([-1.0, -2.0]), torch.tensor([-1.0, -1.0])
    plan = GrpoConfig(beta=0.5)
    terms = policy_loss(now, now, torch.zeros(2), torch.ones(2), start, plan)
    apart = 2.718281828 - 1 - 1
    assert float(terms.loss) == pytest.approx(0.5 * apart, abs=1e-5)
    assert terms.distance == pytest.approx(apart / 2, abs=1e-5)


def test_the_rate_rises_falls_and_ends_at_a_tenth() -> None:
    plan = SftConfig(rate=1.0, warmup=0.1)
    rates = [rate_at(step, 100, plan) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == pytest.approx(1.0)
    assert rates.index(max(rates)) in (9, 10)
    assert rates[-1] == pytest.approx(0.1, abs=0.01)


# -- the folder --------------------------------------------------------------------------------------


def test_a_run_is_not_gone_on_with_under_another_plan(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.begin(RunConfig(name="t"))
    folder.begin(RunConfig(name="t"))
    with pytest.raises(SetupError, match="another seed"):
        folder.begin(RunConfig(name="t", seed=2))


def test_a_checkpoint_counts_when_it_is_whole_and_the_last_two_are_kept(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)

    def fails(at: Path) -> None:
        (at / "half").write_text("x")
        raise OSError("no room")

    for step in (3, 6, 9):
        folder.checkpoint("sft", step, lambda at: (at / "it").write_text("x") and None)
    with pytest.raises(OSError, match="no room"):
        folder.checkpoint("sft", 12, fails)
    assert [path.name for path in folder.checkpoints("sft")] == ["step-000006", "step-000009"]
    assert folder.latest("grpo") is None


def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for step in range(3):
        folder.add({"stage": "sft", "step": step})
    folder.add({"stage": "grpo", "step": 0})
    with (tmp_path / "metrics.jsonl").open("ab") as file:
        file.write(b'{"stage": "sf')
    assert len(list(folder.metrics())) == 4
    folder.forget_after("sft", 1)
    assert [(line["stage"], line["step"]) for line in folder.metrics()] == [("sft", 0), ("grpo", 0)]
