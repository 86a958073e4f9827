"""LoRA layers of our own: weights in 32 bits over a base in any precision, in files as peft writes them.

Source: Hu et al., LoRA, arXiv 2106.09685. peft's layer computes the low-rank path in 32 bits, which costs a
third of the speed on a CPU; here it is computed as the base is, from master weights in 32 bits.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from thinkwell.errors import SetupError
from thinkwell.training.config import LoraShape

WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"


class LoraLinear(nn.Module):
    """``base(x) + scale * x A' B'``. ``a``: rank x in, random; ``b``: out x rank, zero at first."""

    def __init__(self, base: nn.Linear, shape: LoraShape) -> None:
        super().__init__()
        self.base = base
        self.scale = shape.alpha / shape.rank
        at = base.weight.device
        self.a = nn.Parameter(torch.empty(shape.rank, base.in_features, device=at))
        self.b = nn.Parameter(torch.zeros(base.out_features, shape.rank, device=at))
        nn.init.kaiming_uniform_(self.a, a=math.sqrt(5))
        self.on = True

    def forward(self, x: Tensor) -> Tensor:
        y = self.base(x)
        if not self.on:
            return y
        low = functional.linear(x, self.a.to(x.dtype))
        return y + functional.linear(low, (self.b * self.scale).to(x.dtype))


def attach(model: nn.Module, shape: LoraShape) -> dict[str, LoraLinear]:
    """Freezes the model and puts an adapter at each site. Raises SetupError where there is none."""
    model.requires_grad_(False)
    found = {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) and name.rpartition(".")[2] in shape.sites
    }
    if not found:
        raise SetupError(f"This model has no linear layer named {', '.join(shape.sites)}; set lora.sites.")
    layers = {}
    for name, module in found.items():
        parent, _, own = name.rpartition(".")
        layers[name] = LoraLinear(module, shape)
        setattr(model.get_submodule(parent), own, layers[name])
    return layers


@contextmanager
def switched_off(layers: dict[str, LoraLinear]) -> Iterator[None]:
    """The base alone."""
    for layer in layers.values():
        layer.on = False
    try:
        yield
    finally:
        for layer in layers.values():
            layer.on = True


@contextmanager
def merged(layers: dict[str, LoraLinear]) -> Iterator[None]:
    """The adapter within the weights of the base: as quick as the base alone, but rounded once more where
    those have 16 bits. Not for training."""
    apart = {name: layer.base.weight.data for name, layer in layers.items()}
    try:
        for layer in layers.values():
            weight = layer.base.weight
            whole = torch.addmm(weight.float(), layer.b.detach(), layer.a.detach(), alpha=layer.scale)
            weight.data = whole.to(weight.dtype)
        with switched_off(layers):
            yield
    finally:
        for name, layer in layers.items():
            layer.base.weight.data = apart[name]


def save_adapter(layers: dict[str, LoraLinear], shape: LoraShape, base: str, folder: Path) -> None:
    """As peft reads it. ``base`` names the model below, not a path of this machine."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {}
    for name, layer in layers.items():
        tensors[f"base_model.model.{name}.lora_A.weight"] = layer.a.detach().cpu().contiguous()
        tensors[f"base_model.model.{name}.lora_B.weight"] = layer.b.detach().cpu().contiguous()
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base,
        "r": shape.rank,
        "lora_alpha": shape.alpha,
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": sorted({name.rpartition(".")[2] for name in layers}),
        "inference_mode": True,
    }
    (folder / CONFIG).write_text(json.dumps(config, indent=1))


def load_adapter(layers: dict[str, LoraLinear], folder: Path) -> None:
    """Raises SetupError for a folder without one, or with one for another model or rank."""
    try:
        tensors = load_file(folder / WEIGHTS)
    except OSError as problem:
        raise SetupError(f"There is no adapter in {folder}: {problem}.") from None
    for name, layer in layers.items():
        for part, letter in ((layer.a, "A"), (layer.b, "B")):
            key = f"base_model.model.{name}.lora_{letter}.weight"
            if key not in tensors or tensors[key].shape != part.shape:
                raise SetupError(f"The adapter in {folder} is for another model or rank: {key} does not fit.")
            part.data.copy_(tensors[key])
