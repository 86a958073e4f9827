"""The model that is trained: a frozen base with an adapter, as fast as this machine computes it.

Knows transformers' models from outside: hidden states of tokens in, log-probabilities of chosen tokens out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AttentionInterface, AutoModelForCausalLM, AutoTokenizer
from transformers.utils.logging import disable_progress_bar

from thinkwell.errors import SetupError
from thinkwell.training.config import LoraShape
from thinkwell.training.torch.logprobs import chosen_logprobs
from thinkwell.training.torch.lora import LoraLinear, attach, load_adapter, save_adapter

ATTENTION = "thinkwell"


def attention(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **given: Any
) -> tuple[Tensor, None]:
    """Causal attention. Sequences that are trained on are padded at their end, which needs no mask; the
    sampler, which pads at the beginning, gives ``seen_keys`` (batch x keys); its tables of keys and values
    may have room beyond.

    On a CPU by two matrix products, all heads that share their keys in one: a fraction of the time of torch's
    own for a few hundred tokens. Shapes: batch, heads, tokens, width; out: batch, tokens, heads, width.
    """
    batch, heads, queries, width = query.shape
    sharing, keys = heads // key.shape[1], key.shape[2]
    known = given.get("seen_keys")
    end = keys if known is None else known.shape[1]
    seen = torch.ones(queries, keys, dtype=torch.bool, device=query.device).tril(end - queries)
    window = given.get("sliding_window")
    if window is not None and window < end:
        seen = seen & ~seen.tril(end - queries - int(window))
    if known is not None:
        seen = seen & functional.pad(known, (0, keys - end))[:, None, None, :]
    scaling = given.get("scaling") or query.shape[-1] ** -0.5
    if query.device.type != "cpu":
        out = functional.scaled_dot_product_attention(
            query, key, value, attn_mask=seen, scale=scaling, enable_gqa=sharing > 1
        )
        return out.transpose(1, 2).contiguous(), None
    together = (query * scaling).reshape(batch, -1, sharing * queries, width)
    hidden = ~seen.repeat(*[1] * (seen.dim() - 2), sharing, 1)
    scores = torch.matmul(together, key.transpose(-1, -2)).masked_fill(hidden, torch.finfo(query.dtype).min)
    weights = torch.softmax(scores, -1, dtype=torch.float32).to(query.dtype)
    out = torch.matmul(weights, value).view(batch, heads, queries, width)
    return out.transpose(1, 2).contiguous(), None


AttentionInterface.register(ATTENTION, attention)


class Learner:
    """``tokenizer`` is the model's own. ``layers``: the adapter, by the names of its sites."""

    def __init__(self, model: Any, tokenizer: Any, shape: LoraShape, base: str) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.shape = shape
        self.base = base
        self.layers: dict[str, LoraLinear] = attach(model, shape)
        self.body = getattr(model, model.base_model_prefix)
        self.head: Tensor = model.get_output_embeddings().weight
        if getattr(model.config, "final_logit_softcapping", None):
            raise SetupError("Models that cap their logits (Gemma 2) cannot be trained here; take Gemma 3.")

    @property
    def device(self) -> torch.device:
        return self.head.device

    def parameters(self) -> list[nn.Parameter]:
        return [part for layer in self.layers.values() for part in (layer.a, layer.b)]

    def logprobs(
        self, ids: Tensor, chosen: Tensor, *, temperature: float = 1.0, spread: bool = False
    ) -> tuple[Tensor, Tensor]:
        """Of the tokens at ``chosen`` (a mask of the shape of ``ids``, never at a first token), given those
        before them: log-probabilities, and with ``spread`` entropies without gradient (else nothing), both
        flat and in reading order."""
        hidden = self.body(input_ids=ids, use_cache=False).last_hidden_state
        before = hidden[:, :-1][chosen[:, 1:]]
        targets = ids[:, 1:][chosen[:, 1:]]
        return chosen_logprobs(before, self.head, targets, temperature=temperature, spread=spread)

    def save(self, folder: Path) -> None:
        save_adapter(self.layers, self.shape, self.base, folder)

    def load(self, folder: Path) -> None:
        load_adapter(self.layers, folder)


def precision(wanted: str, device: torch.device) -> torch.dtype:
    """``auto``: 16 bits where the machine computes with them, else 32."""
    if wanted != "auto":
        return {"bf16": torch.bfloat16, "fp32": torch.float32}[wanted]
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    has = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if has else torch.float32


def open_learner(folder: Path, shape: LoraShape, *, base: str, seed: int, wanted: str = "auto") -> Learner:
    """``folder``: a model as transformers keeps it. The adapter's start follows from ``seed``."""
    disable_progress_bar()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=precision(wanted, device), attn_implementation=ATTENTION
        )
        tokenizer = AutoTokenizer.from_pretrained(folder)
    except (OSError, ValueError) as problem:
        raise SetupError(f"The base model in {folder} cannot be loaded: {problem}") from None
    torch.manual_seed(seed)
    return Learner(model.to(device).eval(), tokenizer, shape, base)
