"""One site to a data folder: a second one would take the first one's running turns for dead ones."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from thinkwell.errors import SetupError


@contextlib.contextmanager
def only_site(data: Path) -> Iterator[None]:
    """Holds the folder for the block; the kernel lets go when the process dies. Raises SetupError."""
    try:
        import fcntl
    except ImportError:  # no such lock on this system
        yield
        return
    path = data / "lock"
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            owner = file.read(20).strip() or "unknown"
            raise SetupError(
                f"Another site (process {owner}) runs on {data}. Stop it, or name another folder with --data."
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
