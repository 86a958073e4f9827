"""What the machine spent and did, hour by hour, and how fast it goes at its fastest. Pure; for the operator.

It knows nothing of turns: those have their shares from energy.py.
"""

from __future__ import annotations

from collections import deque

import msgspec

from thinkwell.ledger.energy import Interval, Ticked

HOUR_US = 3_600_000_000
HOURS_KEPT = 48
# Full speed is the best of so long a time, without a rest.
FULL_US = 60_000_000


class MachineHour(msgspec.Struct, kw_only=True):
    """What was spent in an hour, or in what has passed of it: microjoules, microseconds, weighted tokens.

    ``idle`` is the part of ``measured`` and ``estimated`` that no turn was given. ``turns_us`` is the working
    time of all turns together, of ``slots_us`` that there was room for. Where nothing is known of the
    power, the energies are 0.
    """

    began_us: int
    measured: int = 0
    estimated: int = 0
    idle: int = 0
    busy_us: int = 0
    rest_us: int = 0
    turns_us: int = 0
    slots_us: int = 0
    service: int = 0

    @property
    def utilisation(self) -> float:
        """The share of time in which an engine worked."""
        whole = self.busy_us + self.rest_us
        return self.busy_us / whole if whole else 0.0

    @property
    def slot_utilisation(self) -> float:
        """The share of the engines' slots that were in use."""
        return min(1.0, self.turns_us / self.slots_us) if self.slots_us else 0.0


class FullSpeed(msgspec.Struct, frozen=True):
    """The most that was done in a minute: weighted tokens and microjoules of an hour at that speed, and
    microjoules of an hour of rest."""

    service: int
    busy: int
    rest: int


class Done(msgspec.Struct, frozen=True):
    """In an interval: the working time of all turns together, the slots there were, service."""

    turns_us: int
    slots: int
    service: int


class MachineHours:
    def __init__(self) -> None:
        self._hours: deque[MachineHour] = deque(maxlen=HOURS_KEPT)
        self._minute = _NOTHING
        self._fastest = _NOTHING
        self._rest = _NOTHING
        self.watts: float | None = None  # in the last interval; None: not known

    def note(self, interval: Interval, ticked: Ticked, done: Done, now_us: int) -> None:
        """``now_us`` of 1970: an interval counts for the hour in which it ended."""
        elapsed = interval.busy_us + interval.rest_us
        spent = ticked.spent or 0
        hour = self._hour(now_us)
        hour.busy_us += interval.busy_us
        hour.rest_us += interval.rest_us
        hour.turns_us += done.turns_us
        hour.slots_us += done.slots * elapsed
        hour.service += done.service
        hour.idle += ticked.idle
        if ticked.measured:
            hour.measured += spent
        else:
            hour.estimated += spent
        if elapsed:
            self.watts = None if ticked.spent is None else spent / elapsed
            self._note_speed(_Span(done.service, spent, elapsed), rested=interval.busy_us == 0)

    @property
    def hours(self) -> list[MachineHour]:
        """Those since the start of which something is known, the present one last; two days at most."""
        return list(self._hours)

    @property
    def full_speed(self) -> FullSpeed | None:
        """None until the engines worked for a minute."""
        if not self._fastest.micros:
            return None
        return FullSpeed(self._fastest.service_hour, self._fastest.energy_hour, self._rest.energy_hour)

    def _hour(self, now_us: int) -> MachineHour:
        began = now_us - now_us % HOUR_US
        if not self._hours or self._hours[-1].began_us != began:
            self._hours.append(MachineHour(began_us=began))
        return self._hours[-1]

    def _note_speed(self, span: _Span, *, rested: bool) -> None:
        if rested:
            self._rest, self._minute = span, _NOTHING
            return
        minute = self._minute
        minute = _Span(
            minute.service + span.service, minute.energy + span.energy, minute.micros + span.micros
        )
        if minute.micros >= FULL_US:
            if minute.service_hour > self._fastest.service_hour:
                self._fastest = minute
            minute = _NOTHING
        self._minute = minute


class _Span(msgspec.Struct, frozen=True):
    service: int
    energy: int
    micros: int

    @property
    def service_hour(self) -> int:
        return self.service * HOUR_US // self.micros if self.micros else 0

    @property
    def energy_hour(self) -> int:
        return self.energy * HOUR_US // self.micros if self.micros else 0


_NOTHING = _Span(0, 0, 0)
