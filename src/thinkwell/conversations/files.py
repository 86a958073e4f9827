"""Files that come with a question: their names made harmless, how they are kept with it, and how a model
reads them. Pure; knows no request.

A text file is told as a fenced block with its name over it, before the question. The fence is longer than
any in the text, so that no file can end its own block. Control literals of the model are made plain later,
with all other text (reasoning/literals.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

import msgspec

from thinkwell.values.file import File, Picture, TextFile
from thinkwell.values.message import Image, Message

MOST_NAME = 100
UNNAMED = "file"
# What no text has, and what is not text therefore has soon: control characters but for tabs, ends of lines
# and of pages.
_BINARY = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_FENCES = re.compile("`{3,}")
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(tuple[File, ...])


def plain_name(name: str) -> str:
    """The last part of a path, on one line, without signs that are not seen or that turn the direction of
    writing; of what is too long the beginning and the end, where the kind stands."""
    base = re.split(r"[/\\]", name)[-1]
    # C: control and format characters (bidi marks, zero width) and lone surrogates; Z: spaces of all kinds.
    kept = "".join(
        " " if (kind := unicodedata.category(char))[0] == "Z" else "" if kind[0] == "C" else char
        for char in base[-1000:]
    )
    plain = " ".join(kept.replace("`", "'").split()).strip(". ") or UNNAMED
    return plain if len(plain) <= MOST_NAME else plain[: MOST_NAME - 21] + "…" + plain[-20:]


def is_text(text: str) -> bool:
    return _BINARY.search(text) is None


def fence_for(text: str) -> str:
    """Backticks that the text has nowhere as many of in a row."""
    return "`" * (1 + max([2, *map(len, _FENCES.findall(text))]))


def block(file: TextFile) -> str:
    fence = fence_for(file.text)
    text = file.text if file.text.endswith("\n") else f"{file.text}\n"
    return f"File `{file.name}`:\n{fence}\n{text}{fence}\n"


def question_with(content: str, files: Sequence[File]) -> Message:
    """A question as the model reads it, its files first."""
    blocks = [block(file) for file in files if isinstance(file, TextFile)]
    text = "\n".join([*blocks, content] if content else blocks)
    images = [file.image for file in files if isinstance(file, Picture)]
    return Message("user", text, parts=(*images, text) if images else ())


def without_pictures(messages: Iterable[Message]) -> tuple[Message, ...]:
    """For a model that does not see: where a picture was, it is told that there was one."""
    return tuple(_told_of(message) if message.parts else message for message in messages)


def _told_of(message: Message) -> Message:
    count = sum(isinstance(part, Image) for part in message.parts)
    told = f"({count} pictures, not shown to you)" if count > 1 else "(A picture, not shown to you)"
    return Message(message.role, f"{told}\n\n{message.content}")


def as_kept(files: Sequence[File]) -> str | None:
    """JSON for the message's column; None for no files."""
    return _encoder.encode(files).decode("utf-8") if files else None


def from_kept(kept: str | None) -> tuple[File, ...]:
    return () if kept is None else _decoder.decode(kept)
