"""Room on the disk for what is about to be fetched, and how its fetching is told."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from thinkwell.errors import SetupError

Progress = Callable[[int, int | None], None]
"""Called with the bytes so far and the bytes in all, None where nobody knows."""

_LEFT_FREE = 64 << 20  # bytes that stay free for the database and logs


def need_room(folder: Path, needed: int) -> None:
    """Raises SetupError when ``needed`` bytes more would fill the disk of ``folder``."""
    free = shutil.disk_usage(folder).free
    if free < needed + _LEFT_FREE:
        raise SetupError(
            f"The model needs {in_words(needed)} more in {folder} and {in_words(free)} are free; "
            "make room, or choose another folder with --data."
        )


def in_words(size: int) -> str:
    for unit, width in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= width:
            return f"{size / width:.1f} {unit}"
    return f"{size} bytes"
