"""RAPL: the energy counters of processors, as files of the Linux kernel. Knows their folders and names.

Counted are the packages and the memory (``dram``) beside them. Cores and graphics are parts of a package,
``psys`` is the whole board with the packages in it, and ``intel-rapl-mmio`` counts the same packages again.
AMD's processors are there too, since Linux 5.8; older kernels had a driver of their own for them (hwmon).
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from thinkwell.ledger.meters import Source

ZONE = re.compile(r"intel-rapl:(\d+)(?::(\d+))?")


class Found(msgspec.Struct, frozen=True):
    """``sources`` to read, named together ``about``; or none, and ``why``."""

    sources: tuple[Source, ...] = ()
    about: str = ""
    why: str = ""


class FileSource:
    """A Source: a file with a number of microjoules."""

    def __init__(self, path: Path, name: str, wraps_at: int | None = None) -> None:
        self.path = path
        self.name = name
        self.wraps_at = wraps_at

    def read(self) -> int | None:
        return _number(self.path)


def find_rapl(sys: Path) -> Found:
    """``sys`` is where sysfs is mounted. All of a machine's packages, or none."""
    folder = sys / "class" / "powercap"
    sources = _zones(folder) or _amd_energy(sys / "class" / "hwmon")
    if not sources:
        return Found(why=f"{folder} has no meters")
    for source in sources:
        problem = _problem(source.path)
        if problem is not None:
            return Found(why=f"{source.path} cannot be read ({problem})")
    return Found(tuple(sources), f"RAPL ({', '.join(source.name for source in sources)})")


def _zones(folder: Path) -> list[FileSource]:
    zones: dict[tuple[int, int], tuple[Path, str]] = {}
    for path in _children(folder):
        match = ZONE.fullmatch(path.name)
        if match is not None:
            zones[int(match[1]), int(match[2] or -1)] = path, _text(path / "name")
    packages = {number for (number, part), (_, name) in zones.items() if part < 0 and name[:7] == "package"}
    return [
        FileSource(path / "energy_uj", name, _number(path / "max_energy_range_uj"))
        for (number, part), (path, name) in sorted(zones.items())
        if number in packages and (part < 0 or name == "dram")
    ]


def _amd_energy(folder: Path) -> list[FileSource]:
    """Sockets of the amd_energy driver; its other counters are of their cores."""
    return [
        FileSource(label.with_name(label.name.replace("_label", "_input")), _text(label)[1:])
        for chip in _children(folder)
        if _text(chip / "name") == "amd_energy"
        for label in _children(chip)
        if re.fullmatch(r"energy\d+_label", label.name) and _text(label).startswith("Esocket")
    ]


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _problem(path: Path) -> str | None:
    """Why a counter cannot be read: most often only root may."""
    try:
        text = path.read_text("utf-8", "replace").strip()
    except PermissionError as problem:
        return f"{problem.strerror}: docs/energy.md says how to allow it"
    except OSError as problem:
        return problem.strerror
    return None if _as_number(text) is not None else "it holds no number"


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def _number(path: Path) -> int | None:
    return _as_number(_text(path))


def _as_number(text: str) -> int | None:
    """Counters are of 64 bits: what is longer is none, and is not turned into a number at all."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else None
