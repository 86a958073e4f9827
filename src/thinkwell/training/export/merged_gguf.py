"""The base file with an adapter's change added to its weights: one file, for any llama.cpp.

Every entry and every tensor that is not touched is copied as it is. Small changes drown in the steps of a
coarse type: of a weak adapter on SmolLM2-135M in Q4_1 (KL from the base 0.015) the sum was 0.023 off when it
was rounded to Q4_1 anew, 0.004 in Q8_0, as near as the adapter beside its base.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from math import gcd
from pathlib import Path
from typing import Any

import msgspec

from thinkwell.errors import SetupError
from thinkwell.training.export.adapter import LoraPair, read_adapter
from thinkwell.training.export.container import (
    RUN,
    Buffer,
    Gguf,
    NewTensor,
    StoredTensor,
    byte_size,
    entries_of,
    write_gguf,
)
from thinkwell.training.export.lora_gguf import fitted
from thinkwell.training.export.provenance import Provenance

# Types that gguf writes; of the others (K-quants, IQ) it only reads most.
WRITABLE = ("F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1")
_INSTEAD = "Q8_0"  # finer than all that cannot be written, and its blocks of 32 divide theirs
_COARSE = ("Q4_0", "Q4_1", "Q5_0", "Q5_1")
_ONE_THREAD = 1 << 18  # multiplications
_AT_ONCE = 1 << 20  # elements in memory at a time
# Of another model, or of many that were merged before.
_STALE = re.compile(r"general\.(base_model|dataset)\..*|general\.(uuid|finetune|version|description|name)")


class Merged(msgspec.Struct, frozen=True):
    """``told``: what the operator should know of the file, in sentences."""

    size: int
    touched: int
    told: tuple[str, ...]


def export_merged(
    adapter: Path,
    base: Path,
    target: Path,
    *,
    kind: str = "",
    provenance: Provenance | None = None,
) -> Merged:
    """``kind`` is the type of the tensors that change, one of WRITABLE, or "own": each keeps its own, where
    that can be written. Empty: each keeps its own if that has eight bits or more, and else becomes Q8_0.

    Raises SetupError for an adapter that cannot be added, or is another base's.
    """
    import gguf

    if kind not in ("", "own", *WRITABLE):
        raise SetupError(f"{kind} cannot be written here; choose own or one of {', '.join(WRITABLE)}.")
    model = Gguf(base)
    changes = {name: (pair, b) for name, pair, b in fitted(adapter, model, read_adapter(adapter).pairs)}
    origin = (provenance or Provenance()).entries(model)
    tensors: list[NewTensor] = []
    replaced: Counter[str] = Counter()
    coarse = 0
    for stored in model.tensors.values():
        if stored.name not in changes:
            tensors.append(_copied(model, stored))
            continue
        own = gguf.GGMLQuantizationType(stored.kind).name
        asked = kind if kind in WRITABLE else own
        wanted = _written(_INSTEAD if not kind and own in _COARSE else asked, stored.shape)
        coarse += wanted in _COARSE
        if wanted != asked:
            replaced[f"{asked} were written as {wanted}"] += 1
        pair, b = changes[stored.name]
        tensors.append(_changed(model, stored, pair, b, gguf.GGMLQuantizationType[wanted]))
    entries = {key: raw for key, raw in model.raw.items() if not _STALE.fullmatch(key)}
    entries |= origin | entries_of({"general.file_type": _file_type(tensors)})
    size = write_gguf(target, entries, tensors)
    told = [
        f"{count} tensors of type {what}, which is larger and no worse." for what, count in replaced.items()
    ]
    if coarse:
        told.append(
            f"{coarse} tensors were rounded anew to four or five bits, where little that was learned may be "
            "left; ask for Q8_0, or serve the adapter beside its base."
        )
    return Merged(size, len(changes), tuple(told))


def _written(kind: str, shape: tuple[int, ...]) -> str:
    """The type itself, or what stands for it."""
    if kind not in WRITABLE:
        kind = _INSTEAD
    return "F16" if kind.startswith("Q") and shape[-1] % 32 else kind


def _copied(model: Gguf, stored: StoredTensor) -> NewTensor:
    return NewTensor(stored.name, stored.shape, stored.kind, stored.size, lambda: [model.bytes_of(stored)])


def _changed(model: Gguf, stored: StoredTensor, pair: LoraPair, b: Any, kind: Any) -> NewTensor:
    import gguf
    import numpy as np

    height, width = stored.shape

    def pieces() -> Iterator[Buffer]:
        step = max(1, _AT_ONCE // width)
        for at in range(0, height, step):
            rows = slice(at, at + step)
            weights = model.weights_of(stored, rows)
            _add(weights, b[rows] * np.float32(pair.scale), pair.a)
            long = weights.reshape(len(weights) // gcd(len(weights), RUN), -1)
            yield np.ascontiguousarray(gguf.quants.quantize(long, kind)).data

    return NewTensor(stored.name, stored.shape, int(kind), byte_size(stored.shape, int(kind)), pieces)


def _add(weights: Any, b: Any, a: Any) -> None:
    """In pieces so small that OpenBLAS keeps to one thread: for products this thin its threads only wait for
    each other, which took twice as long as all the rest."""
    step = max(8, _ONE_THREAD // a.size)
    for at in range(0, len(b), step):
        weights[at : at + step] += b[at : at + step] @ a


def _file_type(tensors: list[NewTensor]) -> int:
    """llama.cpp's number for the type that most of the bytes of the matrices have."""
    import gguf

    sizes: Counter[str] = Counter()
    for tensor in tensors:
        if len(tensor.shape) > 1 and "token_embd" not in tensor.name:
            sizes[gguf.GGMLQuantizationType(tensor.kind).name] += tensor.size
    most = max(sizes, key=sizes.__getitem__)
    named = {each.name: int(each) for each in gguf.LlamaFileType}
    of_k = {"Q4_K": "MOSTLY_Q4_K_M", "Q5_K": "MOSTLY_Q5_K_M", "Q3_K": "MOSTLY_Q3_K_M", "Q2_K": "MOSTLY_Q2_K"}
    return named.get("ALL_F32" if most == "F32" else of_k.get(most, f"MOSTLY_{most}"), named["GUESSED"])
