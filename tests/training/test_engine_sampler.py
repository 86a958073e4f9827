"""The serving engine as the sampler: its probabilities are the learner's, with the adapter as it is now."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tests.training.learners import tiny_learner
from tests.training.tiny_models import tiny

from thinkwell.training.samples import Asked
from thinkwell.training.torch.engine_sampler import EngineSampler

pytestmark = [
    pytest.mark.live,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]
PROMPTS = [[14, 15, 16, 17], [30, 31, 32, 33, 34, 35], [50, 51]]


def test_the_engine_draws_with_the_probabilities_of_the_learner_and_follows_its_adapter(
    tmp_path: Path,
) -> None:
    model = tiny("llama", tmp_path)
    learner = tiny_learner(model.folder)
    engine = EngineSampler(learner, model.gguf, tmp_path / "run", slots=4, context=128)
    said = []
    try:
        for spread in (0.0, 0.5):
            for layer in learner.layers.values():
                torch.nn.init.normal_(layer.b, std=spread)
            drawn = engine.refresh().sample(PROMPTS, Asked(count=4, tokens=9, seed=5))
            assert [len(group) for group in drawn] == [4, 4, 4]
            assert all(one.whole or len(one.ids) == 9 for group in drawn for one in group)
            known = [(prompt, one) for prompt, group in zip(PROMPTS, drawn, strict=True) for one in group]
            # Of a random model some tokens end in the middle of a letter.
            known = [(prompt, one) for prompt, one in known if one.logprobs]
            assert known
            for prompt, one in known:
                ids = torch.tensor([[*prompt, *one.ids]])
                written = torch.ones_like(ids, dtype=torch.bool)
                written[0, : len(prompt)] = False
                with torch.no_grad():
                    chosen, _ = learner.logprobs(ids, written)
                # The adapter is served in 16 bits.
                torch.testing.assert_close(chosen, torch.tensor(one.logprobs), atol=2e-2, rtol=2e-2)
            said.append(drawn)
    finally:
        engine.close()
    assert said[0] != said[1]
