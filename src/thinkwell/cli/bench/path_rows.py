"""The figures of ``bench path``: their stable names, what they mean, their goals."""

from __future__ import annotations

from collections.abc import Sequence

from thinkwell.cli.bench.path_asking import WHO, Who
from thinkwell.cli.bench.report import Row

MOST_ADDED_MS = 1.0
MOST_LOST_PERCENT = 5.0
NAMES = {
    "visitor": "visitor at the page",
    "member": "member at the page",
    "key": "API key",
    "keyless": "API, no key",
}


def rows(asked: Sequence[Who] = WHO) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for who in asked:
        name = NAMES[who]
        found |= {
            f"path_off_ms_{who}": Row(title=f"{name}: a turn, all switched off", unit="ms", digits=2),
            f"path_on_ms_{who}": Row(title=f"{name}: a turn", unit="ms", digits=2),
            f"path_added_ms_{who}": Row(
                title=f"{name}: added to a turn, median", unit="ms", digits=2, below=MOST_ADDED_MS
            ),
            f"path_off_per_s_{who}": Row(title=f"{name}: turns, all off", unit="/processor s"),
            f"path_on_per_s_{who}": Row(title=f"{name}: turns", unit="/processor s"),
            f"path_lost_percent_{who}": Row(title=f"{name}: turns lost", unit="%", below=MOST_LOST_PERCENT),
            f"path_cpu_added_ms_{who}": Row(title=f"{name}: processor time added", unit="ms", digits=2),
            f"path_short_off_per_s_{who}": Row(title=f"{name}: shortest turns, all off", unit="/processor s"),
            f"path_short_on_per_s_{who}": Row(title=f"{name}: shortest turns", unit="/processor s"),
            f"path_short_lost_percent_{who}": Row(title=f"{name}: shortest turns lost", unit="%"),
            f"path_short_cpu_added_ms_{who}": Row(
                title=f"{name}: processor time added to a shortest turn", unit="ms", digits=2
            ),
        }
    return found
