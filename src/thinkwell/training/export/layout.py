"""How a model of torch lies in a GGUF file: names of tensors, order of rows, offsets of norms.

One line an architecture that is known, each held by a parity test against llama.cpp; others are refused.
"""

from __future__ import annotations

from typing import Any

import msgspec

from thinkwell.errors import SetupError
from thinkwell.training.export.container import Gguf


class Architecture(msgspec.Struct, frozen=True):
    """``pairs_rows``: llama.cpp rotates neighbouring rows of q and k, where torch rotates the two halves of a
    head, so that rows change place. ``norm_offset`` is added to the weights of norms: torch has ``1 + w``."""

    name: str
    pairs_rows: bool = False
    norm_offset: float = 0.0


# Mistral's files call themselves llama as well.
ARCHITECTURES = {
    each.name: each
    for each in (
        Architecture("llama", pairs_rows=True),
        Architecture("smollm3", pairs_rows=True),
        Architecture("qwen2"),
        Architecture("qwen3"),
        Architecture("gemma3", norm_offset=1.0),
    )
}


class Layout:
    """Of one base file. Raises SetupError for an architecture that is not known."""

    def __init__(self, base: Gguf) -> None:
        import gguf

        known = ARCHITECTURES.get(base.architecture)
        if known is None:
            names = ", ".join(ARCHITECTURES)
            raise SetupError(
                f"{base.path} is of the architecture {base.architecture or 'nobody knows which'}, which "
                f"cannot be exported; choose a base model of {names}."
            )
        self.architecture = known
        self._base = base
        self._heads = {"attn_q": self._count("attention.head_count")}
        self._heads["attn_k"] = self._count("attention.head_count_kv", self._heads["attn_q"])
        arch = next(key for key, name in gguf.MODEL_ARCH_NAMES.items() if name == known.name)
        self._names = gguf.get_tensor_name_map(arch, self._count("block_count"))

    def _count(self, name: str, otherwise: int | None = None) -> int:
        number = self._base.number(name)
        if number is None and otherwise is None:
            raise SetupError(
                f"{self._base.path} does not state one {name} for all layers; such models cannot be exported."
            )
        return int(number if number is not None else otherwise or 0)

    def tensor_of(self, parameter: str) -> str | None:
        """The tensor of a parameter of torch, such as ``model.layers.0.mlp.up_proj.weight``."""
        # Of models that also see, the part that speaks.
        found = self._names.get_name(
            parameter.replace("language_model.", ""), try_suffixes=(".weight", ".bias")
        )
        return None if found is None else str(found)

    def to_file(self, tensor: str, rows: Any) -> Any:
        """An array of torch, or the rows of one, in the file's order."""
        if (heads := self._paired(tensor)) is not None:
            return _regrouped(rows, heads, 2)
        return rows + self._offset(tensor) if self._offset(tensor) else rows

    def to_torch(self, tensor: str, rows: Any) -> Any:
        """The way back."""
        if (heads := self._paired(tensor)) is not None:
            return _regrouped(rows, heads, len(rows) // heads // 2)
        return rows - self._offset(tensor) if self._offset(tensor) else rows

    def _paired(self, tensor: str) -> int | None:
        return self._heads.get(tensor.split(".")[-2]) if self.architecture.pairs_rows else None

    def _offset(self, tensor: str) -> float:
        return self.architecture.norm_offset if tensor.endswith("norm.weight") else 0.0


def _regrouped(rows: Any, heads: int, groups: int) -> Any:
    """Within each head, ``groups`` runs of rows are laid between one another."""
    return rows.reshape(heads, groups, -1, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)
