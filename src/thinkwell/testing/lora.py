"""Writes small LoRA files in GGUF, for tests and benches: real ones to the engine, made of seeded numbers.

One pair a layer, on the attention's output, whose shape follows from the model's width alone. Format: ggml's
docs/gguf.md, version 3.
"""

from __future__ import annotations

import random
import struct
from array import array
from pathlib import Path

_TEXT, _FLOAT, _F32, _ALIGN = 8, 6, 0, 32


# Of SmolLM2 135M.
ARCHITECTURE, LAYERS, WIDTH = "llama", 30, 576
RANK = 4


def write_lora(
    path: Path, *, name: str = "", width: int = WIDTH, strength: float = 0.0, seed: int = 0
) -> Path:
    """``strength`` 0 changes nothing of what the model says; any but SmolLM2's ``width`` does not fit it."""
    noise = random.Random(seed)
    tensors: list[tuple[str, tuple[int, int], array[float]]] = []
    for layer in range(LAYERS):
        for side, shape in (("a", (width, RANK)), ("b", (RANK, width))):
            # b alone is 0 where nothing is to change, as in a LoRA that was not trained yet.
            spread = strength if side == "b" else 1 / width
            values = array("f", (noise.gauss(0, 1) * spread for _ in range(width * RANK)))
            tensors.append((f"blk.{layer}.attn_output.weight.lora_{side}", shape, values))
    entries = [
        _entry("general.type", _TEXT, _text("adapter")),
        _entry("general.architecture", _TEXT, _text(ARCHITECTURE)),
        _entry("adapter.type", _TEXT, _text("lora")),
        _entry("adapter.lora.alpha", _FLOAT, struct.pack("<f", float(RANK))),
    ]
    if name:
        entries.append(_entry("general.name", _TEXT, _text(name)))
    at = 0
    infos, data = bytearray(), bytearray()
    for tensor, shape, values in tensors:
        infos += _text(tensor) + struct.pack("<IQQIQ", 2, *shape, _F32, at)
        data += _padded(values.tobytes())
        at = len(data)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(entries)) + b"".join(entries) + infos
    path.write_bytes(_padded(head) + data)
    return path


def _text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def _entry(key: str, kind: int, value: bytes) -> bytes:
    return _text(key) + struct.pack("<I", kind) + value


def _padded(content: bytes | bytearray) -> bytes:
    return bytes(content) + b"\0" * (-len(content) % _ALIGN)
