"""The learner: its log-probabilities, its adapter in peft's form, and a sampler that draws what it says."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.training.learners import tiny_learner, tiny_model
from tests.training.tiny_models import tiny
from torch.nn import functional

from thinkwell.errors import SetupError
from thinkwell.training.config import LoraShape
from thinkwell.training.samples import Asked
from thinkwell.training.torch.logprobs import ROWS, chosen_logprobs
from thinkwell.training.torch.lora import load_adapter, switched_off
from thinkwell.training.torch.model import Learner, open_learner
from thinkwell.training.torch.sampler import ROOM, TorchSampler, draw, nucleus

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def learner(folder: Path) -> Learner:
    """With an adapter that adds something."""
    made = tiny_learner(folder)
    for layer in made.layers.values():
        torch.nn.init.normal_(layer.b, std=0.3)
    return made


@pytest.mark.parametrize("temperature", [1.0, 0.6])
@pytest.mark.parametrize("rows", [0, 1, ROWS, ROWS + 5])
def test_logprobs_and_their_gradient_are_those_of_the_whole_table(rows: int, temperature: float) -> None:
    torch.manual_seed(0)
    hidden = torch.randn(rows, 6, dtype=torch.float64).float().requires_grad_()
    head, targets, weights = torch.randn(11, 6), torch.randint(11, (rows,)), torch.randn(rows)
    chosen, entropy = chosen_logprobs(hidden, head, targets, temperature=temperature, spread=True)
    (chosen * weights).sum().backward()
    gradient, hidden.grad = hidden.grad, None
    table = functional.log_softmax(hidden @ head.T / temperature, -1)
    (table.gather(1, targets[:, None])[:, 0] * weights).sum().backward()
    torch.testing.assert_close(chosen, table.gather(1, targets[:, None])[:, 0])
    torch.testing.assert_close(entropy, -(table.exp() * table).sum(-1))
    torch.testing.assert_close(gradient, hidden.grad)


def test_padding_and_neighbours_change_nothing(learner: Learner) -> None:
    one, other = torch.tensor([[5, 6, 7, 8]]), torch.tensor([[9, 10, 11, 12, 13, 14]])
    both = torch.zeros(2, 6, dtype=torch.long)
    both[0, :4], both[1] = one, other
    written = torch.zeros(2, 6, dtype=torch.bool)
    written[0, 2:4] = written[1, 2:] = True
    together, _ = learner.logprobs(both, written)
    alone, _ = learner.logprobs(one, written[:1, :4])
    torch.testing.assert_close(together[:2], alone, atol=1e-5, rtol=1e-5)


def test_its_attention_is_that_of_transformers(folder: Path, learner: Learner) -> None:
    from transformers import LlamaForCausalLM

    ids = torch.randint(1, 90, (3, 40))
    theirs = LlamaForCausalLM.from_pretrained(folder, attn_implementation="eager")
    with torch.no_grad(), switched_off(learner.layers):
        ours = learner.body(input_ids=ids).last_hidden_state
        torch.testing.assert_close(ours, theirs.model(input_ids=ids).last_hidden_state, atol=1e-4, rtol=1e-4)


def test_the_adapter_is_one_that_peft_reads(learner: Learner, folder: Path, tmp_path: Path) -> None:
    from peft import PeftModel
    from transformers import LlamaForCausalLM

    learner.save(tmp_path)
    theirs = PeftModel.from_pretrained(LlamaForCausalLM.from_pretrained(folder), tmp_path)
    ids = torch.randint(1, 90, (2, 20))
    with torch.no_grad():
        ours = learner.body(input_ids=ids).last_hidden_state @ learner.head.T
        torch.testing.assert_close(ours, theirs(input_ids=ids).logits, atol=1e-4, rtol=1e-4)


def test_an_adapter_is_loaded_as_it_was_saved_and_one_of_another_rank_is_refused(
    learner: Learner, folder: Path, tmp_path: Path
) -> None:
    learner.save(tmp_path)
    again = tiny_learner(folder)
    again.load(tmp_path)
    for one, two in zip(learner.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, two)
    with pytest.raises(SetupError, match="another model or rank"):
        load_adapter(tiny_learner(folder, rank=2).layers, tmp_path)
    with pytest.raises(SetupError, match="no adapter"):
        learner.load(tmp_path / "elsewhere")


def test_a_model_without_the_named_layers_is_refused(folder: Path) -> None:
    with pytest.raises(SetupError, match=r"lora\.sites"):
        open_learner(folder, LoraShape(sites=("c_attn",)), base="tiny", seed=1, wanted="fp32")


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be loaded"):
        open_learner(tmp_path, LoraShape(), base="tiny", seed=1)


PROMPTS = [[4, 5, 6], [7, 8, 9, 10, 11, 12], [13], [20, 21, 22, 23]]


def same_probabilities(learner: Learner, tokens: int) -> None:
    sampled = TorchSampler(learner, wave=6).sample(PROMPTS, Asked(count=3, tokens=tokens, seed=1))
    for group, prompt in zip(sampled, PROMPTS, strict=True):
        assert len(group) == 3
        for drawn in group:
            ids = torch.tensor([[*prompt, *drawn.ids]])
            written = torch.ones_like(ids, dtype=torch.bool)
            written[0, : len(prompt)] = False
            own, _ = learner.logprobs(ids, written)
            torch.testing.assert_close(own, torch.tensor(drawn.logprobs), atol=2e-4, rtol=1e-3)
            assert drawn.whole == (drawn.ids[-1] == learner.tokenizer.eos_token_id)
            assert drawn.whole or len(drawn.ids) == tokens


def test_what_is_sampled_has_the_probability_that_the_learner_gives_it(learner: Learner) -> None:
    before = [layer.base.weight.clone() for layer in learner.layers.values()]
    same_probabilities(learner, ROOM + 20)  # more than the first tables hold
    assert all(
        torch.equal(was, layer.base.weight) and layer.on
        for was, layer in zip(before, learner.layers.values(), strict=True)
    )


def test_a_model_that_looks_back_through_a_window_is_sampled_as_it_is_trained(tmp_path: Path) -> None:
    model = tiny("gemma3", tmp_path)
    learner = open_learner(model.folder, LoraShape(rank=4), base="tiny", seed=1, wanted="fp32")
    same_probabilities(learner, 40)


def test_a_greedy_sample_is_the_one_of_transformers(folder: Path) -> None:
    from transformers import LlamaForCausalLM

    theirs = LlamaForCausalLM.from_pretrained(folder)
    ours = TorchSampler(tiny_learner(folder)).sample(PROMPTS, Asked(tokens=25, temperature=0))
    for (drawn,), prompt in zip(ours, PROMPTS, strict=True):
        out = theirs.generate(torch.tensor([prompt]), max_new_tokens=25, do_sample=False, pad_token_id=0)
        assert drawn.ids == out[0, len(prompt) :].tolist()


def test_the_same_seed_draws_the_same(learner: Learner) -> None:
    sampler = TorchSampler(learner)
    first, second, other = (
        sampler.sample(PROMPTS, Asked(count=2, tokens=9, seed=seed)) for seed in (5, 5, 6)
    )
    assert first == second != other


@given(st.lists(st.floats(-4, 4), min_size=2, max_size=9), st.floats(0.05, 1))
@settings(max_examples=60, deadline=None)
def test_a_nucleus_holds_its_share_and_no_token_more(logits: list[float], top_p: float) -> None:
    likely = torch.softmax(torch.tensor([logits]), -1)
    cut = nucleus(likely, top_p)
    kept = cut[0] > 0
    assert float(cut.sum()) == pytest.approx(1, abs=1e-5)
    assert float(likely[0][kept].sum()) >= top_p - 1e-5
    least = likely[0][kept].min()
    assert float(likely[0][kept].sum() - least) < top_p + 1e-5


def test_draws_come_as_often_as_they_are_likely() -> None:
    likely = torch.tensor([0.5, 0.3, 0.15, 0.05])
    drawn, sure = draw(likely.log().repeat(20_000, 1), Asked(), torch.Generator().manual_seed(1))
    shares = torch.bincount(drawn, minlength=4) / len(drawn)
    torch.testing.assert_close(shares, likely, atol=0.012, rtol=0)
    torch.testing.assert_close(sure, likely.log()[drawn], atol=1e-4, rtol=1e-4)
