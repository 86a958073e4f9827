"""A download's progress on the terminal: one line that is rewritten, or nothing when nobody looks."""

from __future__ import annotations

import sys
from collections.abc import Callable


def terminal_progress(name: str) -> Callable[[int, int | None], None]:
    """``(done, total)`` in bytes, on standard error; plain lines every tenth when it is not a terminal."""
    live = sys.stderr.isatty()
    told = -1

    def show(done: int, total: int | None) -> None:
        nonlocal told
        percent = 100 * done // total if total else 0
        megabytes = f"{done / 1e6:.0f} of {total / 1e6:.0f} MB" if total else f"{done / 1e6:.0f} MB"
        step = percent if live else percent // 10
        if step == told and done != total:
            return
        told = step
        if live:
            bar = ("#" * (percent // 4)).ljust(25, ".")
            end = "\n" if done == total else ""
            sys.stderr.write(f"\rFetching {name}  [{bar}] {percent:3d} %  {megabytes} {end}")
        else:
            sys.stderr.write(f"Fetching {name}: {percent} %, {megabytes}\n")
        sys.stderr.flush()

    return show
