"""An append-only log of records in mapped files: what was appended survives the death of the process.

An append is a copy into memory that the kernel keeps as a file: no call to the system, no thread, no wait,
and the record is on the disk whatever becomes of this process (a loss of power may cost the last seconds;
so may it with the database, store/database.py). Room on the disk is taken when a segment is made, so that
an append cannot fail for want of it. Knows bytes; not what the records say.

A segment is a file of ``size`` bytes: records one after the other, each with its length and a checksum, and
zeros behind the last one. A record that was torn by the death of the process ends the reading of a segment.
"""

from __future__ import annotations

import asyncio
import errno
import mmap
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from thinkwell.errors import StoreError, StoreFull, StoreUnavailable

SEGMENT_BYTES = 4 << 20  # what is written of it counts as memory of this process
_HEAD = struct.Struct("<II")


class LogFile:
    """Open with ``open_log``. ``append`` belongs to one thread, the event loop's."""

    def __init__(self, folder: Path, size: int, first: _Segment, spare: _Segment) -> None:
        self._folder = folder
        self._size = size
        self._segment = first
        self._spare: _Segment | None = spare
        self._at = 0

    @property
    def number(self) -> int:
        """Of the segment that is being written."""
        return self._segment.number

    @property
    def wants_spare(self) -> bool:
        """The next segment is not there yet: ``make_spare`` soon."""
        return self._spare is None

    def append(self, record: bytes) -> None:
        """Raises StoreFull where the next segment could not be made in time."""
        end = self._at + _HEAD.size + len(record)
        if end > self._size:
            end = self._next_segment(len(record))
        view = self._segment.view
        begin = self._at + _HEAD.size
        view[begin:end] = record
        # The head last: a record whose copying was broken off was never there.
        _HEAD.pack_into(view, self._at, len(record), zlib.crc32(record))
        self._at = end

    def _next_segment(self, length: int) -> int:
        if _HEAD.size + length > self._size:
            raise StoreUnavailable("One record is larger than the journal's files.")
        if self._spare is None:
            raise StoreFull(
                f"There is no room left on the disk that holds {self._folder.parent}. Free some there."
            )
        self._segment, self._spare, self._at = self._spare, None, 0
        return _HEAD.size + length

    def begin_next(self) -> None:
        """Go on in the next segment, though there is room in this one. Raises StoreFull as ``append``."""
        self._next_segment(0)

    async def make_spare(self) -> None:
        """Have the next segment ready before it is needed. Raises StoreError."""
        number = self._segment.number + 1
        self._spare = await asyncio.to_thread(_make, self._folder, number, self._size)

    async def drop_before(self, number: int) -> None:
        """Delete the segments below ``number``: nobody needs them any more."""
        await asyncio.to_thread(_drop, self._folder, number)

    def close(self) -> None:
        """The files stay."""
        for segment in (self._segment, self._spare):
            if segment is not None:
                segment.view.close()


class _Segment:
    def __init__(self, number: int, view: mmap.mmap) -> None:
        self.number = number
        self.view = view


def open_log(folder: Path, size: int = SEGMENT_BYTES) -> LogFile:
    """Goes on after the segments that are there, in one of its own. Blocks. Raises StoreError."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as problem:
        raise _store_error(problem, folder) from problem
    number = max(_numbers(folder), default=0) + 1
    return LogFile(folder, size, _make(folder, number, size), _make(folder, number + 1, size))


def read_log(folder: Path) -> Iterator[bytes]:
    """All records of all segments, in order. Blocks. Raises StoreError."""
    for number in _numbers(folder):
        try:
            content = _path(folder, number).read_bytes()
        except OSError as problem:
            raise _store_error(problem, folder) from problem
        yield from _records(content)


def _records(content: bytes) -> Iterator[bytes]:
    at = 0
    while at + _HEAD.size <= len(content):
        length, checksum = _HEAD.unpack_from(content, at)
        begin = at + _HEAD.size
        record = content[begin : begin + length]
        if length == 0 or len(record) < length or zlib.crc32(record) != checksum:
            return
        yield record
        at = begin + length


def _make(folder: Path, number: int, size: int) -> _Segment:
    path = _path(folder, number)
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            _take_room(handle, size)
            view = mmap.mmap(handle, size)
        finally:
            os.close(handle)
    except OSError as problem:
        path.unlink(missing_ok=True)
        raise _store_error(problem, folder) from problem
    return _Segment(number, view)


def _take_room(handle: int, size: int) -> None:
    """True room, not a hole: writing into a mapped hole on a full disk would kill the process."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, size)
        return
    block = bytes(1 << 20)
    for begin in range(0, size, len(block)):
        os.write(handle, block[: size - begin])


def _drop(folder: Path, number: int) -> None:
    for found in _numbers(folder):
        if found < number:
            _path(folder, found).unlink(missing_ok=True)


def _numbers(folder: Path) -> list[int]:
    names = (path.stem for path in folder.glob("*.log"))
    return sorted(int(name) for name in names if name.isdecimal())


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number:08d}.log"


def _store_error(problem: OSError, folder: Path) -> StoreError:
    if problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StoreFull(f"There is no room left on the disk that holds {folder.parent}. Free some there.")
    return StoreUnavailable(f"The journal in {folder} cannot be used: {problem.strerror or problem}.")
