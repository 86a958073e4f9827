"""Files of a run: there whole, or as they were before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec


def put(path: Path, body: bytes) -> None:
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(body)
    beside.replace(path)


def put_json(path: Path, value: Any) -> None:
    """For people too: a member a line. Likewise whole or not at all."""
    put(path, msgspec.json.format(msgspec.json.encode(value), indent=1))
