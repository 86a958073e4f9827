"""A transformers config from what a GGUF file states. Guesses nothing: what it cannot say is refused."""

from __future__ import annotations

import math
from typing import Any

from thinkwell.errors import SetupError
from thinkwell.training.export.container import Gguf

# Of the frequencies in files of Llama 3: how config.json states what they were made from, all but the factor.
_LLAMA3 = {"low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}
_GEMMA_LARGEST = 62  # layers of gemma3 27B, the one model whose attention is scaled by another width
_GEMMA_PERIOD = 6  # of its layers each sixth sees everything


def config_of(base: Gguf) -> Any:
    """Raises SetupError for a file whose entries it cannot express."""
    from transformers import CONFIG_MAPPING, MODEL_FOR_CAUSAL_LM_MAPPING

    architecture = base.architecture
    heads = _whole(base, "attention.head_count")
    width = _whole(base, "embedding_length")
    head = base.number("attention.key_length") or base.number("rope.dimension_count") or width // heads
    tokens = base.lengths.get("tokenizer.ggml.tokens")
    if not tokens:
        raise SetupError(f"{base.path} has no vocabulary; choose a whole model.")
    said: dict[str, Any] = {
        "hidden_size": width,
        "intermediate_size": _whole(base, "feed_forward_length"),
        "num_hidden_layers": _whole(base, "block_count"),
        "num_attention_heads": heads,
        "num_key_value_heads": int(base.number("attention.head_count_kv") or heads),
        "head_dim": int(head),
        "max_position_embeddings": _whole(base, "context_length"),
        "rms_norm_eps": base.number("attention.layer_norm_rms_epsilon"),
        "vocab_size": tokens,
        "tie_word_embeddings": "output.weight" not in base.tensors,
        "rope_parameters": _rotation(base),
        "attention_dropout": 0.0,
    }
    for key in ("bos", "eos", "padding"):
        name = {"padding": "pad"}.get(key, key)
        said[f"{name}_token_id"] = base.values.get(f"tokenizer.ggml.{key}_token_id")
    if architecture == "gemma3":
        said |= _gemma3(base, said)
    if architecture == "llama":
        said["attention_bias"] = "blk.0.attn_q.bias" in base.tensors
        said["mlp_bias"] = "blk.0.ffn_up.bias" in base.tensors
    if architecture in ("qwen2", "smollm3"):  # their heads are as wide as the model allows
        del said["head_dim"]
    kind = CONFIG_MAPPING["gemma3_text" if architecture == "gemma3" else architecture]
    config = kind(**said)
    config.architectures = [MODEL_FOR_CAUSAL_LM_MAPPING[type(config)].__name__]
    return config


def _whole(base: Gguf, name: str) -> int:
    number = base.number(name)
    if number is None:
        raise SetupError(f"{base.path} does not state one {name} for all layers; it cannot be trained here.")
    return int(number)


def _rotation(base: Gguf) -> dict[str, Any]:
    theta = base.number("rope.freq_base") or 10_000.0
    kind = base.values.get(f"{base.architecture}.rope.scaling.type", "none")
    if "rope_freqs.weight" in base.tensors:
        return {"rope_type": "llama3", "rope_theta": theta, **_LLAMA3, "factor": _llama3_factor(base, theta)}
    if kind == "linear":
        return {"rope_type": "linear", "rope_theta": theta, "factor": base.number("rope.scaling.factor")}
    if kind != "none":
        raise SetupError(f"{base.path} stretches its context by {kind}, which cannot be trained here.")
    return {"rope_type": "default", "rope_theta": theta}


def _llama3_factor(base: Gguf, theta: float) -> float:
    """Raises SetupError unless the file's frequencies are those that Llama 3 makes from its factor."""
    import numpy as np

    stored = np.frombuffer(base.bytes_of(base.tensors["rope_freqs.weight"]), "<f4")
    factor = float(stored.max())
    context = _LLAMA3["original_max_position_embeddings"]
    for index, found in enumerate(stored):
        length = 2 * math.pi * theta ** (index / len(stored))
        smooth = (context / length - _LLAMA3["low_freq_factor"]) / 3.0  # from low to high
        expected = 1 / ((1 - smooth) / factor + smooth) if 0 <= smooth <= 1 else factor if smooth < 0 else 1.0
        if abs(found - expected) > 1e-3 * expected:
            raise SetupError(f"{base.path} rotates by frequencies of its own; it cannot be trained here.")
    return factor


def _gemma3(base: Gguf, said: dict[str, Any]) -> dict[str, Any]:
    """llama.cpp knows by heart what is stated nowhere in the file (src/models/gemma3.cpp)."""
    if base.number("final_logit_softcapping") or base.number("attn_logit_softcapping"):
        raise SetupError(f"{base.path} caps its logits, which cannot be trained here.")
    layers = said["num_hidden_layers"]
    near = {"rope_type": "default", "rope_theta": base.number("rope.freq_base_swa") or 10_000.0}
    return {
        "sliding_window": _whole(base, "attention.sliding_window"),
        "layer_types": [
            "sliding_attention" if (index + 1) % _GEMMA_PERIOD else "full_attention"
            for index in range(layers)
        ],
        "rope_parameters": {"full_attention": said["rope_parameters"], "sliding_attention": near},
        "query_pre_attn_scalar": said["hidden_size"] / said["num_attention_heads"]
        if layers == _GEMMA_LARGEST
        else said["head_dim"],
    }
