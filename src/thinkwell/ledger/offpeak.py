"""When prices are lower: by the wall clock of the tariff's time zone. Pure.

The clock of the wall decides, as it does for electricity: the hour that comes twice in autumn is twice in the
window, and the one that is left out in spring is missing from it.
"""

from __future__ import annotations

from datetime import datetime

from thinkwell.settings.offpeak import Window, windows_of, zone_of

SECOND_US = 1_000_000


class OffPeak:
    """Raises ValueError for what cannot be read; settings refuse it before."""

    def __init__(self, text: str = "", time_zone: str = "UTC") -> None:
        self._windows = windows_of(text)
        self._zone = zone_of(time_zone)

    def discount(self, at_us: int) -> int:
        """Percent at a moment (microseconds since 1970): the greatest of the windows that hold then."""
        if not self._windows:
            return 0
        then = datetime.fromtimestamp(at_us // SECOND_US, self._zone)
        day, minute = then.weekday(), 60 * then.hour + then.minute
        return max((one.percent for one in self._windows if _holds(one, day, minute)), default=0)


def _holds(window: Window, day: int, minute: int) -> bool:
    if not window.over_midnight:
        return day in window.days and window.begin <= minute < window.end
    yesterday = (day - 1) % 7
    return (day in window.days and minute >= window.begin) or (
        yesterday in window.days and minute < window.end
    )
