"""An adapter of peft as the LoRA file that llama.cpp loads beside its base. Needs no torch.

llama.cpp adds, to a tensor's product, ``alpha / rank * b @ a @ x`` with one alpha for the whole file, and the
rank of each pair. What differs from that (patterns of alpha, rank-stabilised scaling) goes into ``b``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from thinkwell.errors import SetupError
from thinkwell.training.export.adapter import LoraPair, read_adapter
from thinkwell.training.export.container import Gguf, NewTensor, entries_of, write_gguf
from thinkwell.training.export.layout import Layout
from thinkwell.training.export.provenance import Provenance

_KINDS = {"f32": (0, "<f4"), "f16": (1, "<f2")}  # ggml's numbers of the types
_MOST_F16 = 65_504.0


def export_lora(
    adapter: Path,
    base: Path,
    target: Path,
    *,
    kind: Literal["f16", "f32"] = "f16",
    provenance: Provenance | None = None,
) -> int:
    """Write ``target`` for the base file; returns its size in bytes.

    Raises SetupError for an adapter that cannot be expressed, or is another base's.
    """
    model, read = Gguf(base), read_adapter(adapter)
    origin = (provenance or Provenance()).entries(model)
    tensors: list[NewTensor] = []
    for name, pair, b in fitted(adapter, model, read.pairs):
        strength = pair.scale * pair.rank / read.alpha
        for side, array in (("a", pair.a), ("b", b if strength == 1 else b * strength)):
            tensors.append(_tensor(f"{name}.lora_{side}", array, kind))
    entries = entries_of(
        {
            "general.architecture": model.architecture,
            "general.type": "adapter",
            "general.file_type": _KINDS[kind][0],
            "adapter.type": "lora",
            "adapter.lora.alpha": float(read.alpha),
        }
    )
    return write_gguf(target, entries | origin, tensors)


def fitted(folder: Path, base: Gguf, pairs: Sequence[LoraPair]) -> list[tuple[str, LoraPair, Any]]:
    """Of each pair the base's tensor, and ``b`` with its rows in the file's order; in the order of the file.

    Raises SetupError for a pair that no tensor of the base fits.
    """
    layout = Layout(base)
    found: dict[str, tuple[str, LoraPair, Any]] = {}
    for pair in pairs:
        name = layout.tensor_of(f"{pair.module}.weight")
        tensor = base.tensors.get(name or "")
        if name is None or tensor is None:
            raise SetupError(
                f"The adapter {folder} changes {pair.module}, which {base.path} has not: it is another "
                "model's, or that layer cannot be exported; name the base that it was trained on."
            )
        if tensor.shape != (pair.b.shape[0], pair.a.shape[1]):
            raise SetupError(
                f"The adapter {folder} is for another base than {base.path}: {pair.module} is of "
                f"{pair.b.shape[0]} x {pair.a.shape[1]} in the one and {' x '.join(map(str, tensor.shape))} "
                "in the other; name the base that it was trained on."
            )
        found[name] = name, pair, layout.to_file(name, pair.b)
    return [found[name] for name in base.tensors if name in found]


def _tensor(name: str, array: Any, kind: Literal["f16", "f32"]) -> NewTensor:
    import numpy as np

    number, dtype = _KINDS[kind]
    if kind == "f16" and abs(array).max(initial=0) > _MOST_F16:
        raise SetupError(f"{name} has numbers too large for f16; export as f32.")
    stored = np.ascontiguousarray(array, dtype)
    return NewTensor(name, stored.shape, number, stored.nbytes, lambda: [stored.data])
