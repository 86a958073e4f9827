"""Files of a folder that another program writes: by name, never through a link, and up to a bound.

Knows no JSON and no runs. Blocks: to be called in a thread.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# A pipe that nobody writes would else be waited for.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@contextmanager
def opened(root: Path, *names: str) -> Iterator[BinaryIO]:
    """The plain file of the last name, below the folders of the names before it. ``root`` itself may be a
    link: the operator named it. Raises OSError."""
    at = os.open(root, _FOLDER)
    try:
        for name in names[:-1]:
            below = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = below
        file = os.open(names[-1], _FILE, dir_fd=at)
    finally:
        os.close(at)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(errno.EINVAL, "no plain file")
        with os.fdopen(file, "rb", closefd=False) as found:
            yield found
    finally:
        os.close(file)


def whole(file: BinaryIO, most: int) -> bytes:
    """Raises OSError, EFBIG where it has more than ``most`` bytes."""
    found = file.read(most + 1)
    if len(found) > most:
        raise OSError(errno.EFBIG, "too large")
    return found


def folders_in(root: Path, most: int) -> list[tuple[str, int]]:
    """Name and time of change (nanoseconds) of the folders in ``root``, links left out, those that changed
    last first; of ``most`` entries at most. Empty where it cannot be listed."""
    found = []
    try:
        with os.scandir(root) as entries:
            for count, entry in enumerate(entries):
                if count >= most:
                    break
                if entry.is_dir(follow_symlinks=False):
                    found.append((entry.name, entry.stat(follow_symlinks=False).st_mtime_ns))
    except OSError:
        return []
    return sorted(found, key=lambda one: -one[1])
