"""The interval of a share (Wilson, 1927), which holds near 0 and 1 and for small numbers."""

from __future__ import annotations

import math

Z = 1.959964  # 95 %


def wilson(right: float, count: int) -> tuple[float, float]:
    """Lower and upper end. ``right`` may be a sum of parts; nothing counted: 0 to 1."""
    if count == 0:
        return 0.0, 1.0
    share = right / count
    middle = share + Z * Z / (2 * count)
    half = Z * math.sqrt(share * (1 - share) / count + Z * Z / (4 * count * count))
    below = 1 + Z * Z / count
    return max(0.0, (middle - half) / below), min(1.0, (middle + half) / below)
