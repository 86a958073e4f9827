"""A folder that is there whole or not at all. Knows nothing of what is in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from thinkwell.errors import SetupError


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Yields a folder to fill, which becomes ``target`` when the block ends well.

    Raises SetupError when ``target`` is there already, or cannot be made.
    """
    beside = target.with_name(f"{target.name}.{os.getpid()}.new")
    if target.exists():
        raise SetupError(f"{target} is there already; remove it, or name another folder.")
    try:
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        yield beside
        beside.replace(target)
    except OSError as problem:
        if target.exists():  # somebody else was quicker with the same
            return
        raise SetupError(f"{target} cannot be made: {problem.strerror or problem}.") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
