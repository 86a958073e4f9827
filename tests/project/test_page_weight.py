"""What a first look at the page and a plain conversation weigh: over its budget is a failure, not a note."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_is_within_its_budgets() -> None:
    """Of the page as it was built last. The budgets: web/scripts/size.mjs."""
    command = [sys.executable, "hatch_build.py", "run", "size"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the first look" in done.stdout
    assert "script of a plain conversation" in done.stdout
