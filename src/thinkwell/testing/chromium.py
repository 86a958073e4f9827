"""Finds a Chromium on this machine: named, installed, or Playwright's own. Knows no page."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run", "--disable-quic"),
    # Whatever a page may try: no name is looked up, nothing is reached but this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


def find_chromium() -> str | None:
    """A path to run, or None."""
    named = os.environ.get("THINKWELL_CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    installed = next((path for name in NAMES if (path := shutil.which(name))), None)
    return installed or _playwrights_own()


def _playwrights_own() -> str | None:
    root = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    names = ("chrome-headless-shell", "headless_shell", "chrome")
    return next((str(path) for name in names for path in sorted(root.glob(f"chromium*/*/{name}"))), None)
