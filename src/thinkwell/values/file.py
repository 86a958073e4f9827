"""What comes along with a question: text files and pictures. They are values, and never files on a disk."""

from __future__ import annotations

import msgspec

from thinkwell.values.message import Image


class TextFile(msgspec.Struct, frozen=True, tag="text"):
    """``name`` is shown and told to the model; nothing is ever opened by it."""

    name: str
    text: str

    @property
    def size(self) -> int:
        """In bytes of UTF-8."""
        return len(self.text.encode("utf-8", "replace"))


class Picture(msgspec.Struct, frozen=True, tag="picture"):
    name: str
    image: Image

    @property
    def size(self) -> int:
        """In bytes of the file that the base64 stands for."""
        return len(self.image.data) * 3 // 4 - self.image.data[-2:].count("=")


File = TextFile | Picture
