"""Files that are there whole, or as they were before, also when the machine dies meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import msgspec


@contextmanager
def replacing(path: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Yields a new file to fill, which takes the place of ``path`` when the block ends well.

    ``mode`` as of open(2). Raises OSError.
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with os.fdopen(os.open(beside, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, mode), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def put(path: Path, body: bytes, mode: int = 0o666) -> None:
    """Likewise; raises OSError."""
    with replacing(path, mode) as file:
        file.write(body)


def put_json(path: Path, value: Any) -> None:
    """For people too: a member a line. Likewise."""
    put(path, msgspec.json.format(msgspec.json.encode(value), indent=1))
