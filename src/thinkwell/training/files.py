"""Files of a run: there whole, or as they were before."""

from __future__ import annotations

from pathlib import Path


def put(path: Path, body: bytes) -> None:
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(body)
    beside.replace(path)
