"""The header of a GGUF file: what a model says of itself. Knows the format, reads no weights.

Format: ggml's docs/gguf.md, versions 2 and 3, little endian. The file may be hostile: every length is
checked against the file's size, arrays may not nest, and the sum of array elements is bounded, so that
reading ends soon whatever it holds. Raises SetupError and nothing else.
"""

from __future__ import annotations

import mmap
import struct
from array import array
from pathlib import Path
from typing import Any

import msgspec

from thinkwell.errors import SetupError

MOST_ENTRIES = 65_536
MOST_ELEMENTS = 4_000_000  # vocabularies have up to 300 thousand tokens and as many merges
MOST_KEY = 65_535  # bytes, by the format
MOST_TEXT = 1 << 20  # bytes of a text that is kept
MOST_CONTROL_TOKENS = 8_192
MOST_CONTROL_BYTES = 128

_STRING, _ARRAY = 8, 9
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_CONTROL, _USER_DEFINED = 3, 4  # tokenizer.ggml.token_type


class GgufHeader(msgspec.Struct, frozen=True, kw_only=True):
    """``control_tokens`` are the tag-like texts that the vocabulary sets apart from plain ones.

    ``kind`` is "adapter" for what is laid over a model, then ``adapter`` says of which sort ("lora").
    """

    size_bytes: int
    kind: str = "model"
    adapter: str = ""
    architecture: str = ""
    name: str = ""
    licence: str = ""
    context: int | None = None
    chat_template: str = ""
    control_tokens: tuple[str, ...] = ()


def read_header(path: Path, what: str = "model") -> GgufHeader:
    """``what`` it should be, for what is said where it is not. Raises SetupError."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            if size < 24:
                raise _bad(path, "it is too short")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
                return _Reader(path, view, size).header()
    except FileNotFoundError:
        raise SetupError(f"There is no {what} file at {path}; check the path.") from None
    except IsADirectoryError:
        raise SetupError(f"{path} is a folder; name the .gguf file in it.") from None
    except (OSError, ValueError) as problem:
        raise SetupError(f"The {what} file {path} cannot be read: {problem}.") from None


class _Reader:
    def __init__(self, path: Path, view: mmap.mmap, size: int) -> None:
        self._path = path
        self._view = view
        self._size = size
        self._at = 0
        self._elements = 0
        self._tokens: array[int] = array("Q")  # where each token's length stands
        self._types: tuple[int, ...] = ()

    def header(self) -> GgufHeader:
        if self._view[:4] != b"GGUF":
            raise _bad(self._path, "it is no GGUF file")
        self._at = 4
        version = self._number("I")
        if version not in (2, 3):
            raise _bad(self._path, f"its version is {version}, and 2 or 3 is needed")
        self._number("Q")  # tensors
        entries = self._number("Q")
        if entries > MOST_ENTRIES:
            raise _bad(self._path, "it states too many entries")
        found: dict[str, Any] = {}
        for _ in range(entries):
            key = self._text(MOST_KEY)
            value = self._value(key)
            if value is not None:
                found[key] = value
        return self._made(found)

    def _made(self, found: dict[str, Any]) -> GgufHeader:
        def text(key: str) -> str:
            value = found.get(key)
            return value if isinstance(value, str) else ""

        architecture = text("general.architecture")
        context = found.get(f"{architecture}.context_length")
        return GgufHeader(
            size_bytes=self._size,
            kind=text("general.type") or "model",
            adapter=text("adapter.type"),
            architecture=architecture,
            name=text("general.name"),
            licence=text("general.license"),
            context=context if type(context) is int and 0 < context < 1 << 31 else None,
            chat_template=text("tokenizer.chat_template"),
            control_tokens=self._control_tokens(),
        )

    def _value(self, key: str) -> object:
        kind = self._number("I")
        if kind == _STRING:
            return self._text(MOST_TEXT, keep=not key.startswith("tokenizer.") or key.endswith("template"))
        if kind == _ARRAY:
            self._array(key)
            return None
        return self._number(self._format(kind))

    def _array(self, key: str) -> None:
        kind, count = self._number("I"), self._number("Q")
        self._elements += count
        if self._elements > MOST_ELEMENTS:
            raise _bad(self._path, "its lists are longer than any model's")
        if kind == _STRING:
            self._strings(count, keep=key == "tokenizer.ggml.tokens")
            return
        if kind == _ARRAY:
            raise _bad(self._path, "it has lists in lists")
        letter = self._format(kind)
        begin = self._move(struct.calcsize(letter) * count)
        if key == "tokenizer.ggml.token_type" and letter in "iI":
            self._types = struct.unpack_from(f"<{count}{letter}", self._view, begin)

    def _strings(self, count: int, *, keep: bool) -> None:
        at, view, size = self._at, self._view, self._size
        length_of = struct.Struct("<Q").unpack_from
        starts = array("Q")
        try:
            for _ in range(count):
                starts.append(at)
                at += 8 + length_of(view, at)[0]
                if at > size:
                    raise _bad(self._path, "it is cut off")
        except struct.error:
            raise _bad(self._path, "it is cut off") from None
        self._at = at
        if keep:
            self._tokens = starts

    def _control_tokens(self) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for start, kind in zip(self._tokens, self._types, strict=False):
            if kind not in (_CONTROL, _USER_DEFINED):
                continue
            (length,) = struct.unpack_from("<Q", self._view, start)
            if length > MOST_CONTROL_BYTES:
                continue
            token = self._view[start + 8 : start + 8 + length].decode("utf-8", "replace")
            if token[:1] + token[-1:] in ("<>", "[]") and len(token) > 2:
                found[token] = None
                if len(found) >= MOST_CONTROL_TOKENS:
                    break
        return tuple(found)

    def _format(self, kind: int) -> str:
        if kind not in _NUMBERS:
            raise _bad(self._path, f"it has a value of unknown type {kind}")
        return _NUMBERS[kind]

    def _text(self, most: int, *, keep: bool = True) -> str:
        length = self._number("Q")
        begin = self._move(length)
        if not keep:
            return ""
        if length > most:
            raise _bad(self._path, "one of its texts is too long")
        return self._view[begin : begin + length].decode("utf-8", "replace")

    def _number(self, letter: str) -> int:
        begin = self._move(struct.calcsize(letter))
        number: int = struct.unpack_from("<" + letter, self._view, begin)[0]
        return number

    def _move(self, by: int) -> int:
        begin = self._at
        if by > self._size - begin:
            raise _bad(self._path, "it is cut off")
        self._at = begin + by
        return begin


def _bad(path: Path, why: str) -> SetupError:
    return SetupError(f"{path} cannot be used: {why}; download it again, or choose another.")
