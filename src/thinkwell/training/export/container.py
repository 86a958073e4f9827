"""GGUF files as containers: entries and tensors, read in place and written in one pass.

Knows the format (ggml's docs/gguf.md, versions 2 and 3, little endian), not what an entry means. gguf's own
reader makes an array of every token of a vocabulary: 2.2 s for one of 49 thousand, against 0.04 s here, where
what is only copied stays bytes.
"""

from __future__ import annotations

import hashlib
import mmap
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import gcd, prod
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import msgspec

from thinkwell.errors import SetupError
from thinkwell.files import replacing

Buffer = Any  # bytes, or a contiguous array of numpy
Value = str | int | float | bool | Sequence[str] | None

_STRING, _ARRAY, _BOOL = 8, 9, 7
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_ALIGNMENT = 32  # where general.alignment says nothing
RUN = 16  # rows that gguf is given as one, where their number allows: a row is a run of blocks
_MOST_DIMENSIONS = 4  # ggml's own bound


class StoredTensor(msgspec.Struct, frozen=True):
    """``shape`` in numpy's order, in elements. ``kind`` is ggml's number of the type."""

    name: str
    shape: tuple[int, ...]
    kind: int
    offset: int
    size: int


class NewTensor(msgspec.Struct, frozen=True):
    """``pieces`` gives the bytes, ``size`` of them in all, when the tensor is written."""

    name: str
    shape: tuple[int, ...]
    kind: int
    size: int
    pieces: Callable[[], Iterable[Buffer]]


class Gguf:
    """An open file. ``raw`` has every entry's bytes (type and value) in the file's order, ``values`` those
    entries that are a number or a text, ``lengths`` those of lists."""

    def __init__(self, path: Path) -> None:
        """Raises SetupError for a file that cannot be read as GGUF."""
        self.path = path
        self.raw: dict[str, bytes] = {}
        self.values: dict[str, str | int | float | bool] = {}
        self.lengths: dict[str, int] = {}
        self.tensors: dict[str, StoredTensor] = {}
        self._at = 4
        try:
            with path.open("rb") as file:
                self._view = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except FileNotFoundError:
            raise SetupError(f"There is no model file at {path}; check the path.") from None
        except (OSError, ValueError) as problem:  # a folder, no right to read, an empty file
            raise SetupError(f"The model file {path} cannot be read: {problem}.") from None
        if self._view[:4] != b"GGUF":
            self._refuse("it is no GGUF file")
        try:
            self._read()
        except (struct.error, OverflowError, KeyError, ValueError):
            self._refuse("it is cut off or damaged")

    @property
    def architecture(self) -> str:
        return str(self.values.get("general.architecture", ""))

    def number(self, name: str) -> float | None:
        """An entry of the architecture's own, such as ``block_count``; None where there is none."""
        value = self.values.get(f"{self.architecture}.{name}")
        return value if isinstance(value, (int, float)) else None

    def bytes_of(self, tensor: StoredTensor) -> memoryview:
        return memoryview(self._view)[tensor.offset : tensor.offset + tensor.size]

    def weights_of(self, tensor: StoredTensor, rows: slice = slice(None)) -> Any:
        """As float32. Raises SetupError for a type that gguf does not read."""
        import gguf
        import numpy as np

        kind = gguf.GGMLQuantizationType(tensor.kind)
        data = np.frombuffer(self.bytes_of(tensor), np.uint8).reshape(tensor.shape[0], -1)[rows]
        long = data.reshape(len(data) // gcd(len(data), RUN), -1)
        try:
            weights = gguf.quants.dequantize(long, kind).reshape(-1, *tensor.shape[1:])
            return weights if weights.flags.writeable else weights.copy()
        except NotImplementedError:
            raise SetupError(
                f"{self.path} has tensors of type {kind.name}, which cannot be read here; "
                "choose a base file of another type."
            ) from None

    def _read(self) -> None:
        version = self._number("I")
        if version not in (2, 3):
            self._refuse(f"its version is {version}, and 2 or 3 is needed")
        tensors, entries = self._number("Q"), self._number("Q")
        for _ in range(entries):
            key, begin = self._text(), self._at
            self._skip_entry(key)
            self.raw[key] = self._view[begin : self._at]
        if int(self.values.get("split.count", 0)) > 1:
            self._refuse("it is one part of several; join them with llama-gguf-split --merge first")
        infos = [self._info() for _ in range(tensors)]
        alignment = int(self.values.get("general.alignment", _ALIGNMENT))
        if alignment <= 0:
            self._refuse("its alignment is zero")
        base = -(-self._at // alignment) * alignment
        for name, shape, kind, offset in infos:
            try:
                size = byte_size(shape, kind)
            except KeyError:
                self._refuse(f"{name} is of a type that is not known here; a newer gguf may know it")
            if base + offset + size > len(self._view):
                self._refuse("it is cut off")
            self.tensors[name] = StoredTensor(name, shape, kind, base + offset, size)

    def _info(self) -> tuple[str, tuple[int, ...], int, int]:
        name, rank = self._text(), self._number("I")
        if rank > _MOST_DIMENSIONS:
            self._refuse(f"{name} has {rank} dimensions")
        shape = tuple(self._number("Q") for _ in range(rank))[::-1]
        return name, shape, self._number("I"), self._number("Q")

    def _skip_entry(self, key: str) -> None:
        kind = self._number("I")
        if kind == _STRING:
            self.values[key] = self._text()
        elif kind == _ARRAY:
            self.lengths[key] = self._skip_list()
        else:
            self.values[key] = self._number(_NUMBERS[kind])

    def _skip_list(self) -> int:
        kind, count = self._number("I"), self._number("Q")
        if kind == _STRING:
            length_of, view, at = struct.Struct("<Q").unpack_from, self._view, self._at
            for _ in range(count):
                at += 8 + length_of(view, at)[0]
            self._at = at
        else:  # lists in lists are nobody's: an unknown type
            self._at += count * struct.calcsize(_NUMBERS[kind])
        return int(count)

    def _text(self) -> str:
        length = self._number("Q")
        begin, self._at = self._at, self._at + length
        if self._at > len(self._view):
            self._refuse("it is cut off")
        return self._view[begin : self._at].decode()

    def _number(self, letter: str) -> Any:
        (number,) = struct.unpack_from("<" + letter, self._view, self._at)
        self._at += struct.calcsize(letter)
        return number

    def _refuse(self, why: str) -> NoReturn:
        raise SetupError(f"{self.path} cannot be used as a model: {why}.")


def digest_of(path: Path) -> str:
    """The file's sha256. Raises SetupError for one that cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise SetupError(f"The model file {path} cannot be read: {problem.strerror}.") from None


def byte_size(shape: Sequence[int], kind: int) -> int:
    """Raises KeyError for a type that gguf does not know."""
    import gguf

    block, size = gguf.GGML_QUANT_SIZES[kind]  # its keys are whole numbers too
    return int(prod(shape)) // int(block) * int(size)


def entries_of(values: Mapping[str, Value]) -> dict[str, bytes]:
    """Entries as the file has them; those that are None or empty are left out. Whole numbers are stored as
    uint32, others as float32: the types that llama.cpp asks for."""
    return {
        key: _packed(value) for key, value in values.items() if value is not None and value not in ("", ())
    }


def _packed(value: Value) -> bytes:
    match value:
        case bool():
            return struct.pack("<I?", _BOOL, value)
        case int():
            return struct.pack("<II", 4, value)
        case float():
            return struct.pack("<If", 6, value)
        case str():
            return struct.pack("<I", _STRING) + _text(value)
        case _:
            texts = list(value or ())
            return struct.pack("<IIQ", _ARRAY, _STRING, len(texts)) + b"".join(map(_text, texts))


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def write_gguf(path: Path, entries: Mapping[str, bytes], tensors: Sequence[NewTensor]) -> int:
    """Whole or not at all; returns the file's size. A tensor is in memory only while it is written.

    Raises SetupError when the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as file:
            for piece in _parts(entries, tensors, file):
                file.write(piece)
            size = file.tell()
    except OSError as problem:
        raise SetupError(f"{path} cannot be written: {problem.strerror}.") from None
    return size


def _parts(entries: Mapping[str, bytes], tensors: Sequence[NewTensor], file: BinaryIO) -> Iterator[Buffer]:
    alignment = _ALIGNMENT
    if (stated := entries.get("general.alignment")) is not None:
        (alignment,) = struct.unpack_from("<I", stated, 4)
    yield b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(entries))
    for key, raw in entries.items():
        yield _text(key) + raw
    offset = 0
    for tensor in tensors:
        shape = tensor.shape[::-1]
        yield _text(tensor.name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, tensor.kind, offset)
        offset += -(-tensor.size // alignment) * alignment
    for tensor in tensors:
        yield bytes(-file.tell() % alignment)
        begin = file.tell()
        yield from tensor.pieces()
        if file.tell() - begin != tensor.size:
            raise AssertionError(f"{tensor.name} has {file.tell() - begin} bytes, not {tensor.size}")
    yield bytes(-file.tell() % alignment)
