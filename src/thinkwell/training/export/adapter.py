"""An adapter that peft saved, read and checked: which modules it changes, by what, and how strongly.

Here is refused what neither a LoRA file of llama.cpp nor a sum of weights can express. Knows no GGUF.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import sqrt
from pathlib import Path
from typing import Any

import msgspec

from thinkwell.errors import SetupError
from thinkwell.training.export.tensors import read_tensors

_PREFIX = "base_model.model."
_PART = re.compile(r"(?P<module>.+)\.lora_(?P<side>[AB])(?:\.default)?\.weight")
# What may be set without any bearing on the weights' meaning.
_HARMLESS = {
    "task_type", "auto_mapping", "peft_version", "base_model_name_or_path", "revision", "inference_mode",
    "target_modules", "exclude_modules", "lora_dropout", "layers_to_transform", "layers_pattern",
    "megatron_core", "qalora_group_size", "runtime_config", "eva_config", "ensure_weight_tying",
    "peft_type", "r", "lora_alpha", "rank_pattern", "alpha_pattern", "use_rslora", "init_lora_weights",
}  # fmt: skip
# Ways of beginning that leave the base as it was; others (pissa, olora, loftq, corda ...) change its weights.
_HONEST_STARTS = (True, False, None, "gaussian", "eva", "orthogonal")
_WHOLE = "train without it: only the attention and feed-forward layers can be exported"
_INSTEAD = {
    "use_dora": "DoRA scales each row by a magnitude; train with use_dora = false",
    "modules_to_save": f"whole layers were trained besides; {_WHOLE}",
    "trainable_token_indices": f"embeddings of tokens were trained; {_WHOLE}",
    "bias": 'biases were trained; train with bias = "none"',
    "lora_bias": "its second matrices have biases; train with lora_bias = false",
    "target_parameters": "it changes bare parameters (experts of a mixture); target linear layers only",
    "layer_replication": "it repeats layers of the base; make that model a base of its own first",
    "alora_invocation_tokens": "it begins to work in the middle of a text (aLoRA); train a plain LoRA",
    "fan_in_fan_out": "its layers are transposed; only models with plain linear layers can be exported",
}


class LoraPair(msgspec.Struct, frozen=True):
    """To the weight of ``module`` is added ``scale * b @ a``; float32, (out, r) and (r, in)."""

    module: str
    a: Any
    b: Any
    scale: float

    @property
    def rank(self) -> int:
        return int(self.a.shape[0])


class Adapter(msgspec.Struct, frozen=True):
    """``alpha`` is what, divided by a pair's rank, gives most pairs' scale (rank-stabilised or not)."""

    pairs: tuple[LoraPair, ...]
    alpha: float


def read_adapter(folder: Path) -> Adapter:
    """Raises SetupError for a folder that has no adapter, or one that cannot be exported."""
    try:
        config = msgspec.json.decode((folder / "adapter_config.json").read_bytes(), type=dict[str, Any])
    except FileNotFoundError:
        raise SetupError(
            f"{folder} has no adapter_config.json; name the folder where peft saved it."
        ) from None
    except (OSError, msgspec.DecodeError) as problem:
        raise SetupError(f"{folder / 'adapter_config.json'} cannot be read: {problem}.") from None
    _check(folder, config)
    weights = folder / "adapter_model.safetensors"
    if not weights.is_file():
        raise SetupError(f"{folder} has no adapter_model.safetensors; save the adapter as safetensors.")
    sides = _sides(folder, read_tensors(weights))
    pairs = tuple(_pair(folder, config, module, found) for module, found in sides.items())
    if not pairs:
        raise SetupError(f"{weights} is empty: it changes nothing.")
    return Adapter(pairs, _alpha(config) * (sqrt(config["r"]) if config.get("use_rslora") else 1.0))


def _check(folder: Path, config: Mapping[str, Any]) -> None:
    kind = config.get("peft_type")
    if kind != "LORA":
        raise _refused(folder, f"it is of the kind {kind}, and only LORA can be exported; train a LoRA")
    start = config.get("init_lora_weights")
    if start not in _HONEST_STARTS:
        raise _refused(
            folder,
            f"it began with {start}, which changes the weights of the base as well; save it with "
            "path_initial_model_for_weight_conversion, or train with init_lora_weights = true",
        )
    for key, value in config.items():
        if key in _HARMLESS or value in (None, False, "none") or value in ([], {}):
            continue
        why = _INSTEAD.get(
            key, f"it was made with {key} = {value}, which cannot be expressed; train without it"
        )
        raise _refused(folder, why)
    if not _alpha(config) or not isinstance(config.get("r"), int):
        raise _refused(folder, "its lora_alpha or its rank r is missing or zero; train with both above zero")


def _alpha(config: Mapping[str, Any]) -> float:
    alpha = config.get("lora_alpha")
    return float(alpha) if isinstance(alpha, (int, float)) else 0.0


def _sides(folder: Path, tensors: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    import numpy as np

    sides: dict[str, dict[str, Any]] = {}
    for name, tensor in tensors.items():
        part = _PART.fullmatch(name.removeprefix(_PREFIX))
        if part is None:
            raise _refused(folder, _unknown(name))
        module = part["module"]
        if "experts" in module:
            raise _refused(folder, f"{module} is an expert of a mixture; target the attention layers only")
        if module.rpartition(".")[2] in ("lm_head", "embed_tokens"):
            raise _refused(folder, f"{module} was trained; {_WHOLE}")
        if not np.isfinite(tensor).all():
            raise _refused(
                folder, f"{name} has numbers that are not finite; go back to an earlier checkpoint"
            )
        sides.setdefault(module, {})[part["side"]] = tensor
    return sides


def _unknown(name: str) -> str:
    if "lora_magnitude_vector" in name:
        return _INSTEAD["use_dora"]
    if "embed" in name or "lm_head" in name or "token_adapter" in name:
        return f"{name} is of the embeddings or the head, which were trained or resized; {_WHOLE}"
    if name.endswith(".bias"):
        return _INSTEAD["bias"]
    return f"it has {name}, which is no part of a LoRA; {_WHOLE}"


def _pair(folder: Path, config: Mapping[str, Any], module: str, found: Mapping[str, Any]) -> LoraPair:
    a, b = found.get("A"), found.get("B")
    if a is None or b is None:
        raise _refused(folder, f"{module} has one matrix of two; save the adapter again")
    if a.ndim != 2 or b.ndim != 2 or a.shape[0] != b.shape[1]:
        raise _refused(folder, f"{module} is no linear layer, or its two matrices do not fit; {_WHOLE}")
    alpha = float(_matching(config.get("alpha_pattern") or {}, module, _alpha(config)))
    rank = a.shape[0]
    return LoraPair(module, a, b, alpha / (sqrt(rank) if config.get("use_rslora") else rank))


def _matching(patterns: Mapping[str, Any], module: str, otherwise: float) -> float:
    """As peft does: the first pattern that the end of the module's name matches."""
    for pattern, value in patterns.items():
        if re.match(rf"(.*\.)?({pattern})$", module):
            return float(value)
    return otherwise


def _refused(folder: Path, why: str) -> SetupError:
    return SetupError(f"The adapter {folder} cannot be exported: {why}.")
