from __future__ import annotations

import shutil
from collections import namedtuple
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from small_hub import SmallHub

from thinkwell.errors import SetupError
from thinkwell.models.hub import Hub, Wanted
from thinkwell.models.weights import present

WANTED = Wanted(repo="owner/repo", file="file.gguf")


class Told:
    """Progress, and pauses between tries."""

    def __init__(self) -> None:
        self.progress: list[tuple[int, int | None]] = []
        self.pauses: list[float] = []

    def __call__(self, done: int, total: int | None) -> None:
        self.progress.append((done, total))

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


@pytest_asyncio.fixture
async def small_hub() -> AsyncIterator[SmallHub]:
    made = SmallHub()
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def hub(small_hub: SmallHub, told: Told) -> Hub:
    return Hub(small_hub.url, token="hf_secret", tries=3, silent_s=5, sleep=told.sleep)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def test_a_file_is_fetched_checked_and_kept(
    small_hub: SmallHub, hub: Hub, told: Told, tmp_path: Path
) -> None:
    path = await hub.fetch(WANTED, tmp_path, told)
    assert path == tmp_path / "owner/repo/main/file.gguf"
    assert path.read_bytes() == small_hub.content
    assert files(tmp_path) == ["owner/repo/main/file.gguf"]
    size = len(small_hub.content)
    assert told.progress[0] == (0, size) and told.progress[-1] == (size, size)


async def test_a_file_that_is_there_is_not_asked_for(
    small_hub: SmallHub, hub: Hub, told: Told, tmp_path: Path
) -> None:
    await hub.fetch(WANTED, tmp_path, told)
    small_hub.asked.clear()
    await hub.fetch(WANTED, tmp_path, told)
    assert small_hub.asked == []


async def test_the_token_goes_to_the_hub_and_not_to_its_store(
    small_hub: SmallHub, hub: Hub, told: Told, tmp_path: Path
) -> None:
    await hub.fetch(WANTED, tmp_path, told)
    tokens = {(where, token) for where, _, _, token in small_hub.asked}
    assert tokens == {("hub", "Bearer hf_secret"), ("store", None)}


async def test_a_hub_without_a_store_will_do(
    small_hub: SmallHub, hub: Hub, told: Told, tmp_path: Path
) -> None:
    small_hub.direct = True
    path = await hub.fetch(WANTED, tmp_path, told)
    assert path.read_bytes() == small_hub.content


async def test_a_cut_download_goes_on_where_it_stopped(
    small_hub: SmallHub, hub: Hub, told: Told, tmp_path: Path
) -> None:
    small_hub.cut_after = [2_000_000, 2_000_000]
    path = await hub.fetch(WANTED, tmp_path, told)
    assert path.read_bytes() == small_hub.content
    ranges = [asked for where, method, asked, _ in small_hub.asked if where == "store"]
    # What was on its way when the connection was lost may come twice, and no more than that.
    begins = [int((asked or "bytes=0-").removeprefix("bytes=").rstrip("-")) for asked in ranges]
    assert 0 == begins[0] < begins[1] <= 2_000_000 and begins[1] < begins[2] <= 4_000_000
    assert len(told.pauses) == 2


async def test_a_later_start_goes_on_too(small_hub: SmallHub, hub: Hub, told: Told, tmp_path: Path) -> None:
    small_hub.cut_after = [2_000_000, 0, 0, 0]
    with pytest.raises(SetupError, match="go on where it stopped"):
        await hub.fetch(WANTED, tmp_path, told)
    small_hub.cut_after = []
    small_hub.asked.clear()
    path = await hub.fetch(WANTED, tmp_path, told)
    assert path.read_bytes() == small_hub.content
    assert any(asked for _, _, asked, _ in small_hub.asked)


async def test_a_file_that_changed_at_the_hub_begins_anew(
    small_hub: SmallHub, hub: Hub, told: Told, tmp_path: Path
) -> None:
    small_hub.cut_after = [2_000_000, 0, 0, 0]
    with pytest.raises(SetupError):
        await hub.fetch(WANTED, tmp_path, told)
    small_hub.cut_after = []
    small_hub.content = b"another file" * 9999
    path = await hub.fetch(WANTED, tmp_path, told)
    assert path.read_bytes() == small_hub.content
    assert files(tmp_path) == ["owner/repo/main/file.gguf"]


async def test_a_store_that_knows_no_ranges_sends_the_whole_again(
    small_hub: SmallHub, hub: Hub, told: Told, tmp_path: Path
) -> None:
    small_hub.cut_after = [2_000_000]
    small_hub.ignore_ranges = True
    assert (await hub.fetch(WANTED, tmp_path, told)).read_bytes() == small_hub.content


async def test_a_store_that_sends_another_part_is_not_believed(
    small_hub: SmallHub, hub: Hub, told: Told, tmp_path: Path
) -> None:
    small_hub.cut_after = [2_000_000]
    small_hub.shift_ranges = 7
    assert (await hub.fetch(WANTED, tmp_path, told)).read_bytes() == small_hub.content


async def test_a_refused_range_begins_anew(small_hub: SmallHub, hub: Hub, told: Told, tmp_path: Path) -> None:
    small_hub.cut_after = [2_000_000]
    small_hub.shift_ranges = 1 << 40
    assert (await hub.fetch(WANTED, tmp_path, told)).read_bytes() == small_hub.content


async def test_wrong_bytes_are_thrown_away(small_hub: SmallHub, hub: Hub, told: Told, tmp_path: Path) -> None:
    small_hub.wrong_bytes = True
    with pytest.raises(SetupError, match="does not match its checksum"):
        await hub.fetch(WANTED, tmp_path, told)
    assert files(tmp_path) == []


async def test_the_cards_checksum_weighs_more_than_the_hubs(hub: Hub, told: Told, tmp_path: Path) -> None:
    wanted = Wanted(repo="owner/repo", file="file.gguf", sha256="0" * 64)
    with pytest.raises(SetupError, match="checksum"):
        await hub.fetch(wanted, tmp_path, told)


async def test_a_file_of_unknown_size_and_plain_tag_is_fetched(
    small_hub: SmallHub, hub: Hub, told: Told, tmp_path: Path
) -> None:
    small_hub.tag, small_hub.tells_size = "W/../../x", False
    assert (await hub.fetch(WANTED, tmp_path, told)).read_bytes() == small_hub.content
    assert told.progress[-1] == (len(small_hub.content), None)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "set a token of the hub"),
        (403, "accept the model's terms"),
        (404, "check the name"),
        (410, "status 410"),
        (500, "cannot be reached .it answers with status 500"),
        (429, "status 429"),
    ],
)
async def test_a_refusal_says_what_to_do(
    small_hub: SmallHub, hub: Hub, told: Told, tmp_path: Path, status: int, sentence: str
) -> None:
    small_hub.status = status
    with pytest.raises(SetupError, match=sentence) as caught:
        await hub.fetch(WANTED, tmp_path, told)
    assert "hf_secret" not in caught.value.message


async def test_a_store_out_of_order_is_tried_again_and_then_told(
    small_hub: SmallHub, hub: Hub, told: Told, tmp_path: Path
) -> None:
    small_hub.store_status = 503
    with pytest.raises(SetupError, match="status 503"):
        await hub.fetch(WANTED, tmp_path, told)
    assert told.pauses == [1.0, 2.0]


async def test_a_hub_that_is_not_there_is_told(told: Told, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="check the network"):
        await Hub("http://127.0.0.1:9", tries=2, sleep=told.sleep).fetch(WANTED, tmp_path, told)


async def test_a_full_disk_is_told_before_a_byte_comes(
    small_hub: SmallHub, hub: Hub, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10, 10, 1000))
    with pytest.raises(SetupError, match=r"5\.1 MB more .* 1\.0 kB are free; make room"):
        await hub.fetch(WANTED, tmp_path, told)
    assert "store" not in [where for where, *_ in small_hub.asked]


async def test_a_folder_that_cannot_be_written_is_told(hub: Hub, told: Told, tmp_path: Path) -> None:
    (tmp_path / "owner").write_text("a file in the way")
    with pytest.raises(SetupError, match="cannot be written"):
        await hub.fetch(WANTED, tmp_path, told)


async def test_a_hub_source_goes_to_the_hub(small_hub: SmallHub, hub: Hub, tmp_path: Path) -> None:
    path = await present("hf:owner/repo/file.gguf", folder=tmp_path, hub=hub)
    assert path.read_bytes() == small_hub.content
