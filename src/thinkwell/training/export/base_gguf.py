"""A base model's GGUF file as a folder of transformers, so that what is trained is what is served.

The weights are those of the quantised file, as float32. They are read here and not by transformers, whose
loader (5.24) leaves out without a word what it does not know, such as factors of rotary frequencies. Each
parameter of torch must have its tensor here, and each tensor its parameter; else the file is refused.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Literal

from thinkwell.errors import SetupError
from thinkwell.training.export.container import Gguf, StoredTensor, digest_of
from thinkwell.training.export.folders import whole_folder
from thinkwell.training.export.hf_config import config_of
from thinkwell.training.export.layout import Layout
from thinkwell.training.export.tensors import Planned, write_tensors

# How a vocabulary of bytes cuts texts before it looks for tokens. transformers (5.24) cuts as GPT-2 did where
# it does not know better; llama.cpp (src/llama-vocab.cpp) sets each digit apart for these.
_DIGITS_APART = ("smollm", "starcoder", "refact", "command-r", "codeshell")
_AS_GPT2 = ("gpt-2", "phi-2", "mpt", "olmo")
_EDITION = 1  # to be raised when the same file would give another folder
_PREFIXED, _SPACE = "tokenizer.ggml.add_space_prefix", "\u2581"
_FREQUENCIES = "rope_freqs.weight"  # told in the config


def import_base(gguf: Path, folder: Path, *, dtype: Literal["float32", "bfloat16"] = "float32") -> Path:
    """The model's folder below ``folder``, made at the first call, found again later by the file's digest.

    Raises SetupError for a file that cannot be read or expressed in transformers.
    """
    target = folder / f"{digest_of(gguf)[:16]}-{dtype}-{_EDITION}"
    if not target.exists():
        with whole_folder(target) as made:
            base = Gguf(gguf)
            config = config_of(base)
            config.dtype = dtype
            planned = _planned(base, Layout(base), config)
            tokenizer = tokenizer_of(base)
            config.save_pretrained(made)
            tokenizer.save_pretrained(made)
            _generation(config, tokenizer).save_pretrained(made)
            write_tensors(made / "model.safetensors", planned, half=dtype == "bfloat16")
    return target


def _planned(base: Gguf, layout: Layout, config: Any) -> dict[str, Planned]:
    import torch
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    planned: dict[str, Planned] = {}
    left = set(base.tensors) - {_FREQUENCIES}
    for name, parameter in model.named_parameters():  # tied ones once
        stored = base.tensors.get(layout.tensor_of(name) or "")
        if stored is None:
            raise SetupError(f"{base.path} has no tensor for {name}; it cannot be trained here.")
        if stored.shape != tuple(parameter.shape):
            raise SetupError(
                f"{base.path}: {stored.name} is of {stored.shape}, where {tuple(parameter.shape)} was "
                "expected; it cannot be trained here."
            )
        left.discard(stored.name)
        planned[name] = Planned(stored.shape, partial(_weights, base, layout, stored))
    if left:
        raise SetupError(
            f"{base.path} has {min(left)} and {len(left) - 1} tensors more that transformers has no place "
            "for; it cannot be trained here."
        )
    return planned


def _weights(base: Gguf, layout: Layout, stored: StoredTensor) -> Any:
    return layout.to_torch(stored.name, base.weights_of(stored))


def tokenizer_of(base: Gguf) -> Any:
    """One that cuts texts as llama.cpp does. Raises SetupError where that is not known."""
    from tokenizers import normalizers, pre_tokenizers
    from transformers import PreTrainedTokenizerFast
    from transformers.integrations.gguf.gguf_tokenizer_mapping import GGUF_PRE_TOKENIZER_SPLITS

    cut = base.values.get("tokenizer.ggml.pre", "unknown")
    if base.values.get("tokenizer.ggml.model") == "gpt2" and cut not in (
        *_DIGITS_APART,
        *_AS_GPT2,
        *GGUF_PRE_TOKENIZER_SPLITS,
    ):
        raise SetupError(
            f"{base.path} cuts texts in a way ({cut}) that is not known here; choose another base."
        )
    # Not the model's own class: those build their own way of cutting, whatever the file says.
    tokenizer = PreTrainedTokenizerFast.from_pretrained(base.path.parent, gguf_file=base.path.name)
    if base.values.get("tokenizer.ggml.model") == "llama" and base.architecture != "gemma3":
        # llama.cpp writes a space before each text, also after a special token or another space.
        space = normalizers.Replace(" ", _SPACE)
        before = [normalizers.Prepend(_SPACE)] if base.values.get(_PREFIXED, True) else []
        tokenizer.backend_tokenizer.normalizer = normalizers.Sequence([*before, space])
        tokenizer.backend_tokenizer.pre_tokenizer = None
    if cut in _DIGITS_APART:
        tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
        )
    return tokenizer


def _generation(config: Any, tokenizer: Any) -> Any:
    from transformers import GenerationConfig

    return GenerationConfig(
        bos_token_id=config.bos_token_id,
        eos_token_id=config.eos_token_id,
        pad_token_id=config.pad_token_id if config.pad_token_id is not None else tokenizer.pad_token_id,
    )
