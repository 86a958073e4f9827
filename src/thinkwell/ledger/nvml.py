"""NVML: the energy counters of NVIDIA cards, by the library nvidia-ml-py (``thinkwell[nvidia]``).

Cards since Volta count. A missing library, driver or card is no error: then there is nothing to read.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from thinkwell.ledger.rapl import Found

# The library's module, or one that is like it. Raises ImportError.
LoadLibrary = Callable[[], Any]


def load_library() -> Any:
    """Raises ImportError where nvidia-ml-py is not installed."""
    return importlib.import_module("pynvml")


class CardSource:
    """A Source: one card. It counts from when its driver was loaded."""

    wraps_at = None

    def __init__(self, library: Any, handle: Any, name: str) -> None:
        self._library = library
        self._handle = handle
        self.name = name

    def read(self) -> int | None:
        try:
            return int(self._library.nvmlDeviceGetTotalEnergyConsumption(self._handle)) * 1000
        except self._library.NVMLError:  # lost, its driver unloaded, or too old to count
            return None


def find_cards(load: LoadLibrary, visible: str | None) -> Found:
    """``visible`` as CUDA_VISIBLE_DEVICES has it (numbers, or ids beginning so); None: all cards."""
    try:
        library = load()
    except ImportError:
        return Found(why="NVIDIA cards are not counted: pip install 'thinkwell[nvidia]'")
    try:
        library.nvmlInit()
        sources = [
            CardSource(library, handle, f"card {number}")
            for number in range(library.nvmlDeviceGetCount())
            if _seen(library, handle := library.nvmlDeviceGetHandleByIndex(number), number, visible)
        ]
    except library.NVMLError as problem:
        return Found(why=f"NVIDIA cards cannot be read ({problem})")
    if not sources:
        return Found(why="no NVIDIA card is to be counted")
    for source in sources:
        if source.read() is None:
            return Found(why=f"NVIDIA {source.name} does not count its energy")
    plural = "" if len(sources) == 1 else "s"
    return Found(tuple(sources), f"NVML ({len(sources)} card{plural})")


def _seen(library: Any, handle: Any, number: int, visible: str | None) -> bool:
    if visible is None:
        return True
    uuid: Any = library.nvmlDeviceGetUUID(handle)
    wanted = [part.strip() for part in visible.split(",")]
    return str(number) in wanted or any(part.startswith("GPU-") and uuid.startswith(part) for part in wanted)
