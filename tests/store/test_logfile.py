"""The journal's files: what was appended is there, whatever became of the process."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.errors import StoreFull, StoreUnavailable
from thinkwell.store.logfile import LogFile, open_log, read_log

SMALL = 4096


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def records_of(folder: Path) -> list[bytes]:
    return list(read_log(folder))


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def test_records_come_back_in_order(folder: Path) -> None:
    file = open_log(folder, SMALL)
    wanted = [b"one", b"", b"two" * 100, bytes(range(256))]
    for record in wanted:
        if record:
            file.append(record)
    file.close()
    assert records_of(folder) == [record for record in wanted if record]


def test_a_full_file_is_followed_by_the_next_one(folder: Path) -> None:
    file = open_log(folder, SMALL)
    first = file.number
    wanted = [b"x" * 1000 + bytes([n]) for n in range(6)]
    for record in wanted:
        file.append(record)
    assert file.number == first + 1
    assert file.wants_spare
    assert records_of(folder) == wanted


async def test_files_that_nobody_needs_are_dropped(folder: Path) -> None:
    file = await asyncio.to_thread(open_log, folder, SMALL)
    for n in range(6):
        file.append(b"x" * 1000 + bytes([n]))
    await file.make_spare()
    assert not file.wants_spare
    await file.drop_before(file.number)
    records = await asyncio.to_thread(records_of, folder)
    assert [record[-1] for record in records] == [4, 5]
    assert await asyncio.to_thread(size_of, folder) == 2 * SMALL


def test_without_a_next_file_an_append_says_that_the_disk_is_full_and_harms_nothing(folder: Path) -> None:
    file = open_log(folder, SMALL)
    for n in range(6):
        file.append(b"x" * 1000 + bytes([n]))
    with pytest.raises(StoreFull, match="no room left on the disk"):
        for _ in range(6):
            file.append(b"y" * 1000)
    before = records_of(folder)
    assert [record[-1] for record in before[:6]] == [0, 1, 2, 3, 4, 5]
    with pytest.raises(StoreFull):
        file.append(b"y" * 1000)
    assert records_of(folder) == before


def test_a_record_larger_than_a_file_is_refused(folder: Path) -> None:
    file = open_log(folder, SMALL)
    with pytest.raises(StoreUnavailable, match="larger"):
        file.append(b"x" * SMALL)
    file.append(b"small")
    assert records_of(folder) == [b"small"]


def test_a_new_process_goes_on_in_a_file_of_its_own(folder: Path) -> None:
    first = open_log(folder, SMALL)
    first.append(b"before")
    first.close()
    second = open_log(folder, SMALL)
    assert second.number > first.number
    second.append(b"after")
    assert records_of(folder) == [b"before", b"after"]


def test_files_are_the_operators_alone_and_take_their_room_at_once(folder: Path) -> None:
    open_log(folder, SMALL)
    assert folder.stat().st_mode & 0o077 == 0
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o077 == 0
        assert path.stat().st_blocks * 512 >= SMALL


def test_a_folder_that_cannot_be_had_is_said(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="journal"):
        open_log(tmp_path / "journal", SMALL)


@given(st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=12), st.data())
def test_a_torn_record_ends_the_reading_and_nothing_before_it_is_lost(
    tmp_path_factory: pytest.TempPathFactory, records: list[bytes], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("log") / "journal"
    file = open_log(folder, SMALL)
    ends = [0]
    for record in records:
        file.append(record)
        ends.append(ends[-1] + 8 + len(record))
    file.close()
    path = min(folder.iterdir())
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, ends[-1] - 1))
    content[at] ^= 0xFF
    path.write_bytes(content)
    whole = sum(end <= at for end in ends[1:])
    assert records_of(folder)[:whole] == records[:whole]
    assert len(records_of(folder)) <= len(records)
    assert set(records_of(folder)) <= set(records)


@given(st.binary(max_size=2000))
def test_any_bytes_are_read_without_harm(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("log")
    (folder / "00000001.log").write_bytes(content)
    assert all(record for record in records_of(folder))


CHILD = """
import sys
from pathlib import Path
from thinkwell.store.logfile import open_log
file = open_log(Path(sys.argv[1]), 1 << 20)
n = 0
while True:
    file.append(b"%d" % n)
    n += 1
    if n % 500 == 0:
        print(n, flush=True)
"""


def test_what_was_appended_before_kill_9_is_there(folder: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(folder)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    for _ in range(3):
        told = int(child.stdout.readline())
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    found = records_of(folder)
    assert len(found) >= told
    assert found == [b"%d" % n for n in range(len(found))]


def test_an_append_keeps_the_record_and_not_the_buffer(folder: Path) -> None:
    file: LogFile = open_log(folder, SMALL)
    record = bytearray(b"first")
    file.append(bytes(record))
    record[:] = b"other"
    assert records_of(folder) == [b"first"]
