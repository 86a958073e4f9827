"""safetensors files as arrays of numpy, also in bfloat16, which numpy has not. Written in one pass.

The format: eight bytes of length, a header in JSON with each tensor's type, shape and place, the bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from math import prod
from pathlib import Path
from typing import Any

import msgspec

from thinkwell.errors import SetupError

_WIDTHS = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}


class _Place(msgspec.Struct):
    dtype: str
    shape: list[int]
    data_offsets: tuple[int, int]


class Planned(msgspec.Struct, frozen=True):
    """A tensor to be written: ``made`` gives it as float32 when its turn comes."""

    shape: tuple[int, ...]
    made: Callable[[], Any]


def read_tensors(path: Path) -> dict[str, Any]:
    """All as float32. Raises SetupError for a file that is none, or has other than floating numbers."""
    import numpy as np

    try:
        data = path.read_bytes()
        (length,) = struct.unpack_from("<Q", data)
        raw = msgspec.json.decode(data[8 : 8 + length], type=dict[str, Any])
        raw.pop("__metadata__", None)
        header = msgspec.convert(raw, dict[str, _Place])
    except OSError as problem:
        raise SetupError(f"{path} cannot be read: {problem.strerror}.") from None
    except (struct.error, msgspec.DecodeError, msgspec.ValidationError):
        raise SetupError(f"{path} is no safetensors file, or is damaged; save the adapter again.") from None
    found: dict[str, Any] = {}
    for name, place in header.items():
        begin, end = (8 + length + at for at in place.data_offsets)
        width = _WIDTHS.get(place.dtype)
        if width is None:
            raise SetupError(
                f"{path}: {name} has the type {place.dtype}; only floating numbers can be exported."
            )
        if end > len(data) or end - begin != width * prod(place.shape):
            raise SetupError(f"{path} is cut off or damaged; save the adapter again.")
        if place.dtype == "BF16":  # the upper half of a float32
            upper = np.frombuffer(data[begin:end], "<u2").astype("<u4") << 16
            found[name] = upper.view("<f4").reshape(place.shape)
        else:
            stored = np.frombuffer(data[begin:end], f"<f{width}")
            found[name] = stored.astype(np.float32).reshape(place.shape)
    return found


def write_tensors(path: Path, tensors: Mapping[str, Planned], *, half: bool = False) -> None:
    """In float32, or with ``half`` in bfloat16. In memory is one tensor at a time."""
    dtype = "BF16" if half else "F32"
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for name, planned in tensors.items():
        size = _WIDTHS[dtype] * prod(planned.shape)
        header[name] = {"dtype": dtype, "shape": planned.shape, "data_offsets": (offset, offset + size)}
        offset += size
    text = msgspec.json.encode(header)
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for piece in _bytes_of(tensors, half=half):
            file.write(piece)


def _bytes_of(tensors: Mapping[str, Planned], *, half: bool) -> Iterable[Any]:
    import numpy as np

    for name, planned in tensors.items():
        array = np.ascontiguousarray(planned.made(), "<f4")
        if array.shape != planned.shape:
            raise AssertionError(f"{name} has the shape {array.shape}, not {planned.shape}")
        if half:
            import gguf

            array = gguf.quants.quantize(array.reshape(-1), gguf.GGMLQuantizationType.BF16)
        yield array.data
