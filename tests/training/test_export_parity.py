"""What is exported says, in llama.cpp, what peft says in torch; and a wrong order of rows would be noticed."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

import aiohttp
import gguf
import numpy as np
import peft
import pytest
import torch
from tests.training.llama_cpp import Prompts, Said, ask, bodies, cut, said_in
from tests.training.tiny_models import ARCHITECTURES, TinyModel, adapter, tiny
from transformers import AutoModelForCausalLM, AutoTokenizer

from thinkwell.engines.embedded.process import ChildProcess, EmbeddedModel
from thinkwell.training.export.base_gguf import import_base
from thinkwell.training.export.layout import Layout
from thinkwell.training.export.lora_gguf import export_lora
from thinkwell.training.export.merged_gguf import export_merged
from thinkwell.training.export.merged_hf import export_folder

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning:transformers")
TEXTS = [
    "Hello  5 apples, 57+87 - 70 = 74\n\n  12:45pm  ",
    "Ünïcode: «été» 3½ 😀 don't we'll",
    "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n<think>\n57 + 87 = 144\n</think>\n64",
    "  x=1\ty = 22\r\n  def f(a,b):\n\treturn a**2   # 1,000.50 ²³ ٣٤ Ⅷ  ",
]


@dataclass(frozen=True)
class Case:
    """A random model with a random adapter, and what both say in torch."""

    model: TinyModel
    adapter: Path
    prompts: Prompts

    @cached_property
    def base(self) -> Any:
        return self.model.load()

    @cached_property
    def adapted(self) -> Any:
        return peft.PeftModel.from_pretrained(self.model.load(), str(self.adapter))

    def parity(self, in_torch: Any, said: list[Said]) -> tuple[float, float]:
        """The largest difference of a log-probability, and the share of prompts with the same greedy text."""
        never, worst, same = torch.tensor(self.prompts.never), 0.0, 0
        pairs = sorted(zip(self.prompts.tokens, said, strict=True), key=lambda pair: len(pair[0]))
        for length, group in groupby(pairs, lambda pair: len(pair[0])):
            asked, heard = zip(*group, strict=True)
            whole = [[*prompt, *each.tokens] for prompt, each in zip(asked, heard, strict=True)]
            with torch.no_grad():
                logits = in_torch(torch.tensor(whole)).logits[:, length - 1 : -1]
            greedy = logits.index_fill(2, never, -torch.inf).argmax(2).tolist()
            same += sum(one == each.tokens for one, each in zip(greedy, heard, strict=True))
            for rows, each in zip(torch.log_softmax(logits, 2), heard, strict=True):
                for row, probs in zip(rows, each.logprobs, strict=False):
                    other = torch.tensor([probs[token] for token in range(len(row))])
                    worst = max(worst, float((row - other).abs().max()))
        return worst, same / len(said)


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("tiny")
    made: dict[str, Case] = {}
    for architecture in ARCHITECTURES:
        model = tiny(architecture, folder)
        chance, size = random.Random(3), len(model.tokenizer)
        never = [each for each in range(size) if each < 3 or "\ufffd" in model.tokenizer.decode([each])]
        prompts = [[chance.randrange(3, size) for _ in range(chance.randrange(4, 14))] for _ in range(200)]
        probed = Prompts(prompts, size, never, probed=10)
        made[architecture] = Case(model, adapter(model, folder / f"{architecture}-lora"), probed)
    return made


@pytest.fixture(params=ARCHITECTURES)
def case(request: pytest.FixtureRequest, cases: dict[str, Case]) -> Case:
    return cases[request.param]


def test_an_exported_adapter_says_in_llama_cpp_what_peft_says(case: Case, tmp_path: Path) -> None:
    lora = tmp_path / "lora.gguf"
    export_lora(case.adapter, case.model.gguf, lora, kind="f32")
    worst, same = case.parity(case.adapted, ask(case.model.gguf, case.prompts, lora))
    assert worst < 1e-2
    assert same == 1.0
    ids = torch.tensor([case.prompts.tokens[0]])
    with torch.no_grad():  # and the adapter changes much
        assert (case.adapted(ids).logits - case.base(ids).logits).abs().max() > 1


@pytest.mark.parametrize("case", ["llama"], indirect=True)
def test_an_exported_adapter_in_half_precision_says_it_nearly(case: Case, tmp_path: Path) -> None:
    lora = tmp_path / "lora.gguf"
    export_lora(case.adapter, case.model.gguf, lora)
    worst, same = case.parity(case.adapted, ask(case.model.gguf, case.prompts, lora))
    assert worst < 5e-2
    assert same > 0.97


def test_a_merged_file_says_in_llama_cpp_what_peft_says(case: Case, tmp_path: Path) -> None:
    merged = tmp_path / "merged.gguf"
    assert export_merged(case.adapter, case.model.gguf, merged).told == ()
    worst, same = case.parity(case.adapted, ask(merged, case.prompts))
    assert worst < 1e-2
    assert same == 1.0


@pytest.mark.parametrize("case", ["llama", "qwen2"], indirect=True)
def test_parity_would_notice_a_wrong_order_of_rows(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = Layout._paired
    wrong = {"llama": lambda *_: None, "qwen2": lambda it, name: it._heads.get(name.split(".")[-2])}
    monkeypatch.setattr(Layout, "_paired", wrong[case.model.architecture])
    export_lora(case.adapter, case.model.gguf, tmp_path / "lora.gguf", kind="f32")
    monkeypatch.setattr(Layout, "_paired", right)
    worst, same = case.parity(case.adapted, ask(case.model.gguf, case.prompts, tmp_path / "lora.gguf"))
    assert worst > 1
    assert same < 0.5


def test_an_imported_base_is_the_model_itself(case: Case, tmp_path: Path) -> None:
    folder = import_base(case.model.gguf, tmp_path)
    assert import_base(case.model.gguf, tmp_path) == folder
    assert [each.name for each in tmp_path.iterdir()] == [folder.name]
    imported = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    ids = torch.tensor([list(case.prompts.tokens[0]) * 5])  # longer than gemma3's window
    with torch.no_grad():
        torch.testing.assert_close(imported(ids).logits, case.base(ids).logits, atol=1e-5, rtol=0)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert [tokenizer(text)["input_ids"] for text in TEXTS] == cut(case.model.gguf, TEXTS)
    assert tokenizer.chat_template == case.model.tokenizer.chat_template
    assert (tokenizer.bos_token_id, tokenizer.eos_token_id) == (0, 2)


@pytest.mark.parametrize("case", ["llama", "gemma3"], indirect=True)
def test_a_merged_folder_is_peft_s_own_sum(case: Case, tmp_path: Path) -> None:
    base = import_base(case.model.gguf, tmp_path / "cache")
    export_folder(case.adapter, base, tmp_path / "merged", dtype="float32", card="# Made here\n")
    merged = AutoModelForCausalLM.from_pretrained(tmp_path / "merged", dtype=torch.float32)
    ids = torch.tensor([case.prompts.tokens[0]])
    with torch.no_grad():
        torch.testing.assert_close(merged(ids).logits, case.adapted(ids).logits, atol=1e-4, rtol=0)
    assert AutoTokenizer.from_pretrained(tmp_path / "merged").chat_template
    assert not hasattr(merged.config, "quantization_config")
    assert (tmp_path / "merged" / "README.md").read_text() == "# Made here\n"
    assert (tmp_path / "merged" / "generation_config.json").is_file()


async def test_an_exported_adapter_loads_in_the_site_s_own_engine(
    cases: dict[str, Case], tmp_path: Path
) -> None:
    case, lora = cases["llama"], tmp_path / "lora.gguf"
    await asyncio.to_thread(export_lora, case.adapter, case.model.gguf, lora)
    child = await ChildProcess.spawn(
        EmbeddedModel(path=case.model.gguf, alias="tiny", context=128, slots=1, threads=1, adapters=(lora,))
    )
    try:
        await child.announced(60)
        said = []
        async with aiohttp.ClientSession(child.url) as session:
            for body in bodies(case.prompts)[:20]:
                async with session.post("/completion", json=body) as reply:
                    said.append(said_in(await reply.json()))
    finally:
        await child.end()
    few = Case(case.model, case.adapter, replace(case.prompts, tokens=case.prompts.tokens[:20]))
    worst, same = few.parity(case.adapted, said)
    assert worst < 0.1  # its attention is in half precision
    assert same > 0.9


@pytest.mark.parametrize("kind", ["F16", "BF16", "Q8_0", "Q5_1", "Q5_0", "Q4_1", "Q4_0"])
def test_a_merged_file_in_another_type_is_the_sum_within_its_steps(
    cases: dict[str, Case], tmp_path: Path, kind: str
) -> None:
    case, merged = cases["llama"], tmp_path / "merged.gguf"
    told = export_merged(case.adapter, case.model.gguf, merged, kind=kind).told
    assert any("ask for Q8_0" in each for each in told) == (kind[:2] in ("Q4", "Q5"))
    exact = tmp_path / "exact.gguf"
    export_merged(case.adapter, case.model.gguf, exact)
    wanted = {each.name: each for each in gguf.GGUFReader(exact).tensors}
    step = {"F16": 1e-3, "BF16": 1e-2, "Q8_0": 1e-2}.get(kind, 0.1 if kind.startswith("Q5") else 0.2)
    for each in gguf.GGUFReader(merged).tensors:
        if ".attn_q.weight" in each.name or ".ffn_down.weight" in each.name:
            assert each.tensor_type.name == kind
        found = gguf.quants.dequantize(each.data, each.tensor_type)
        assert np.abs(found - wanted[each.name].data).max() < step * np.abs(wanted[each.name].data).max()
    if kind == "Q4_1":  # as a base: what is learned is kept by eight bits, unless four are asked for
        again, own = tmp_path / "again.gguf", tmp_path / "own.gguf"
        assert "were written as Q8_0" in export_merged(case.adapter, merged, again).told[0]
        assert "ask for Q8_0" in export_merged(case.adapter, merged, own, kind="own").told[0]
        kinds = [{it.tensor_type.name for it in gguf.GGUFReader(path).tensors} for path in (again, own)]
        assert kinds == [{"F32", "Q8_0"}, {"F32", "Q4_1"}]
    if kind == "Q8_0":
        assert case.parity(case.adapted, ask(merged, case.prompts))[1] > 0.7
