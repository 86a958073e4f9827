"""Of an adapter: what is read, how strong each pair is, and what is refused in which words."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import peft
import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.training.tiny_models import HEADS, KEY_HEADS, TinyModel, adapter, paired, tiny

from thinkwell.errors import SetupError
from thinkwell.training.export.base_gguf import import_base
from thinkwell.training.export.container import digest_of
from thinkwell.training.export.lora_gguf import export_lora
from thinkwell.training.export.merged_gguf import export_merged
from thinkwell.training.export.merged_hf import export_folder
from thinkwell.training.export.provenance import Provenance

pytestmark = pytest.mark.filterwarnings(
    "ignore"
)  # peft and transformers warn of what is made wrong on purpose
MODULE = "base_model.model.model.layers.0.self_attn.q_proj"


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> TinyModel:
    return tiny("llama", tmp_path_factory.mktemp("llama"))


@pytest.fixture(scope="module")
def usual(llama: TinyModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return adapter(llama, tmp_path_factory.mktemp("usual"))


def _edited(usual: Path, folder: Path, edit: Callable[[dict[str, Any], dict[str, Any]], None]) -> Path:
    """A copy of an adapter whose config and tensors ``edit`` changed."""
    config = json.loads((usual / "adapter_config.json").read_text())
    tensors = load_file(usual / "adapter_model.safetensors")
    edit(config, tensors)
    folder.mkdir()
    (folder / "adapter_config.json").write_text(json.dumps(config))
    save_file(tensors, folder / "adapter_model.safetensors")
    return folder


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"use_rslora": True},
        {"alpha_pattern": {"q_proj": 3, "layers.1.mlp.up_proj": 5}},
        {"rank_pattern": {"k_proj": 2, "down_proj": 7}},
        {
            "rank_pattern": {"k_proj": 2},
            "alpha_pattern": {"^model.layers.0.self_attn.k_proj": 1},
            "use_rslora": True,
        },
        {"target_modules": ["q_proj"], "layers_to_transform": [1]},
        {"init_lora_weights": "gaussian"},
    ],
)
def test_each_pair_is_as_strong_as_peft_has_it(
    llama: TinyModel, tmp_path: Path, options: dict[str, Any]
) -> None:
    folder = adapter(llama, tmp_path / "lora", **options)
    export_lora(folder, llama.gguf, tmp_path / "lora.gguf", kind="f32")
    reader = gguf.GGUFReader(tmp_path / "lora.gguf")
    alpha = reader.fields["adapter.lora.alpha"].contents()
    found = {each.name: each.data for each in reader.tensors}
    wrapped = peft.PeftModel.from_pretrained(llama.load(), str(folder))
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, 2)
    changed = [(name, it) for name, it in wrapped.base_model.model.named_modules() if hasattr(it, "lora_A")]
    assert len(found) == 2 * len(changed) > 0
    for name, layer in changed:
        tensor = names.get_name(f"{name}.weight", try_suffixes=(".weight",))
        a, b = found[f"{tensor}.lora_a"], found[f"{tensor}.lora_b"]
        delta = layer.get_delta_weight("default").detach().numpy()
        if "attn_q" in tensor or "attn_k" in tensor:
            delta = paired(delta, HEADS if "attn_q" in tensor else KEY_HEADS)
        np.testing.assert_allclose(alpha / len(a) * b @ a, delta, atol=1e-5)


def test_an_adapter_saved_in_bfloat16_is_read_as_it_is(llama: TinyModel, usual: Path, tmp_path: Path) -> None:
    def halve(_: dict[str, Any], tensors: dict[str, Any]) -> None:
        for name, tensor in list(tensors.items()):
            tensors[name] = tensor.to(torch.bfloat16)

    halved = _edited(usual, tmp_path / "half", halve)
    export_lora(halved, llama.gguf, tmp_path / "lora.gguf", kind="f32")
    found = {each.name: each.data for each in gguf.GGUFReader(tmp_path / "lora.gguf").tensors}
    wanted = load_file(halved / "adapter_model.safetensors")[f"{MODULE}.lora_A.weight"].float().numpy()
    np.testing.assert_array_equal(found["blk.0.attn_q.weight.lora_a"], wanted)


def test_the_files_say_where_they_are_from(llama: TinyModel, usual: Path, tmp_path: Path) -> None:
    told = Provenance(
        name="Thinker",
        run="run-7",
        base_digest=digest_of(llama.gguf),
        data="sums",
        data_digest="cd34",
        languages=("en", "fr"),
    )
    export_lora(usual, llama.gguf, tmp_path / "lora.gguf", provenance=told)
    export_merged(usual, llama.gguf, tmp_path / "merged.gguf", provenance=told)
    base = gguf.GGUFReader(llama.gguf).fields
    for path in ("lora.gguf", "merged.gguf"):
        fields = {key: it.contents() for key, it in gguf.GGUFReader(tmp_path / path).fields.items()}
        assert fields["general.name"] == "Thinker"
        assert fields["general.license"] == "cc0-1.0"
        assert fields["general.base_model.0.name"] == "tiny llama"
        assert fields["general.base_model.count"] == fields["general.dataset.count"] == 1
        assert fields["general.dataset.0.name"] == "sums"
        assert fields["general.languages"] == ["en", "fr"]
        assert (fields["thinkwell.run"], fields["thinkwell.base.sha256"]) == ("run-7", digest_of(llama.gguf))
        if path == "merged.gguf":  # all that the base says of its build and its words
            assert {
                key: it.contents() for key, it in base.items() if key.startswith(("llama.", "tokenizer."))
            } == {key: value for key, value in fields.items() if key.startswith(("llama.", "tokenizer."))}
        else:
            assert (fields["general.type"], fields["adapter.type"]) == ("adapter", "lora")


def test_the_same_adapter_gives_the_same_bytes(llama: TinyModel, usual: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        export_lora(usual, llama.gguf, tmp_path / f"{name}.gguf", provenance=Provenance(run="run-7"))
    assert (tmp_path / "one.gguf").read_bytes() == (tmp_path / "two.gguf").read_bytes()


def test_a_base_file_that_is_not_the_one_trained_on_is_refused(
    llama: TinyModel, usual: Path, tmp_path: Path
) -> None:
    for export in (export_lora, export_merged):
        with pytest.raises(SetupError, match="not the file that was trained on"):
            export(usual, llama.gguf, tmp_path / "out.gguf", provenance=Provenance(base_digest="ab" * 32))


def test_an_adapter_is_exported_without_torch(llama: TinyModel, usual: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from thinkwell.training.export.lora_gguf import export_lora\n"
        f"export_lora(Path({str(usual)!r}), Path({str(llama.gguf)!r}), Path({str(tmp_path / 'lora.gguf')!r}))\n"
        "assert not {'torch', 'transformers', 'peft'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert [each.name for each in tmp_path.iterdir()] == ["lora.gguf"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"use_dora": True}, "use_dora = false"),
        ({"modules_to_save": ["lm_head"]}, "whole layers were trained besides"),
        ({"bias": "all"}, 'bias = "none"'),
        ({"lora_bias": True, "init_lora_weights": False}, "lora_bias = false"),
        ({"trainable_token_indices": [5]}, "embeddings of tokens"),
        ({"target_modules": ["q_proj", "embed_tokens"]}, "embeddings or the head"),
        ({"target_modules": ["q_proj", "lm_head"]}, "embeddings or the head"),
        ({"layer_replication": [[0, 2], [1, 2]]}, "repeats layers"),
    ],
)
def test_what_no_file_can_express_is_refused_with_what_to_do(
    llama: TinyModel, tmp_path: Path, options: dict[str, Any], said: str
) -> None:
    folder = adapter(llama, tmp_path / "lora", **options)
    for export in (export_lora, export_merged):
        with pytest.raises(SetupError) as refused:
            export(folder, llama.gguf, tmp_path / "out.gguf")
        assert said in refused.value.message
        assert refused.value.message.startswith("The adapter ")
        assert not list(tmp_path.glob("out.gguf*"))


def test_another_kind_of_adapter_is_refused(llama: TinyModel, tmp_path: Path) -> None:
    wrapped = peft.get_peft_model(llama.load(), peft.LoHaConfig(target_modules=["q_proj"]))
    wrapped.save_pretrained(str(tmp_path / "loha"))
    with pytest.raises(SetupError, match="of the kind LOHA, and only LORA"):
        export_lora(tmp_path / "loha", llama.gguf, tmp_path / "out.gguf")


def _set(key: str, value: Any) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    return lambda config, _: config.__setitem__(key, value)


def _renamed(new: str) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    def edit(_: dict[str, Any], tensors: dict[str, Any]) -> None:
        for side in "AB":
            name = f"{MODULE}.lora_{side}.weight"
            tensors[name.replace("model.layers.0.self_attn.q_proj", new)] = tensors.pop(name)

    return edit


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (_renamed("model.layers.0.mlp.experts.3.up_proj"), "expert of a mixture"),
        (_renamed("lm_head"), "lm_head was trained"),
        (_renamed("model.layers.7.self_attn.q_proj"), "which .* has not"),
        (_renamed("model.layers.0.mixer.in_proj"), "which .* has not"),
        (_set("target_parameters", ["mlp.experts.up"]), "bare parameters"),
        (_set("alora_invocation_tokens", [1, 2]), "aLoRA"),
        (_set("init_lora_weights", "pissa_niter_4"), "began with pissa_niter_4"),
        (_set("use_qalora", True), "use_qalora = True"),
        (_set("a_thing_of_tomorrow", {"on": 1}), "a_thing_of_tomorrow"),
        (_set("lora_alpha", 0), "lora_alpha"),
        (lambda _, tensors: tensors.pop(f"{MODULE}.lora_A.weight"), "one matrix of two"),
        (lambda _, tensors: tensors.clear(), "changes nothing"),
        (lambda _, tensors: tensors[f"{MODULE}.lora_A.weight"].fill_(torch.nan), "not finite"),
        (lambda _, tensors: tensors[f"{MODULE}.lora_A.weight"].fill_(1e5), "too large for f16"),
        (_set("peft_type", None), "of the kind None"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_refused(
    llama: TinyModel, usual: Path, tmp_path: Path, edit: Any, said: str
) -> None:
    folder = _edited(usual, tmp_path / "edited", edit)
    with pytest.raises(SetupError, match=said):
        export_lora(folder, llama.gguf, tmp_path / "out.gguf")


def test_an_adapter_for_another_base_is_refused(llama: TinyModel, usual: Path, tmp_path: Path) -> None:
    other = tiny("qwen3", tmp_path)
    with pytest.raises(SetupError, match="for another base"):
        export_lora(usual, other.gguf, tmp_path / "out.gguf")
    with pytest.raises(SetupError, match="cannot be merged"):
        export_folder(usual, import_base(other.gguf, tmp_path / "cache"), tmp_path / "merged")
    longer = adapter(tiny("llama", tmp_path), tmp_path / "longer")
    folder = _edited(longer, tmp_path / "edited", _renamed("model.layers.7.self_attn.q_proj"))
    with pytest.raises(SetupError, match="for another base"):
        export_folder(folder, import_base(llama.gguf, tmp_path / "cache"), tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


def test_folders_without_an_adapter_are_named(llama: TinyModel, usual: Path, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no adapter_config"):
        export_lora(tmp_path, llama.gguf, tmp_path / "out.gguf")
    (tmp_path / "adapter_config.json").write_text((usual / "adapter_config.json").read_text())
    with pytest.raises(SetupError, match="no adapter_model"):
        export_lora(tmp_path, llama.gguf, tmp_path / "out.gguf")
    (tmp_path / "adapter_model.safetensors").write_bytes(b"no tensors")
    with pytest.raises(SetupError, match="no safetensors file"):
        export_lora(tmp_path, llama.gguf, tmp_path / "out.gguf")
    whole = (usual / "adapter_model.safetensors").read_bytes()
    (tmp_path / "adapter_model.safetensors").write_bytes(whole[:-100])
    with pytest.raises(SetupError, match="cut off"):
        export_lora(tmp_path, llama.gguf, tmp_path / "out.gguf")
