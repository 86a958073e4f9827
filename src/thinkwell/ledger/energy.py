"""Attribution: shares energy and the engines' time among turns, in integers, so that the sums are exact.

At each tick, what was spent since the last one goes to the turns that worked, by the service that each was
given in between (weighted tokens). What nobody's work explains is idle. Always, for energy and time alike:

    all that was spent  =  idle + what turns have had - debt

A turn that ends between two ticks is given its part in advance, at the rate of the last interval; that is
the debt, which the next tick pays first. Pure: no clock, no meter.

While an engine reads a prompt it tells nothing. Then a turn counts as if it were given what others' reading
was worth in such a time; when its prompt becomes known, what was counted already is taken off.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from thinkwell.ledger.meters import Assumed
from thinkwell.values.receipt import Energy

# Weighted tokens a second that reading counts as before any was seen: it is faster than writing one stream.
FIRST_GUESS = 500
SECOND_US = 1_000_000
# Of what was learnt of reading so much stays at each prompt: 7 of 8.
KEPT, OF = 7, 8


class Work(NamedTuple):
    """A turn at a moment: ``service`` so far, the part of it that is ``uncached`` prompt (0 until the engine
    tells), and for how long it has worked since the last tick."""

    turn_id: str
    service: int
    uncached: int
    worked_us: int


class Interval(NamedTuple):
    """The time since the last tick, in which the engines worked and rested. ``spent`` in microjoules; None:
    not measured."""

    busy_us: int
    rest_us: int
    spent: int | None


class Ticked(NamedTuple):
    """What a tick added: energy (None: not known), whether measured, and of it what was idle."""

    spent: int | None
    measured: bool
    idle: int


class _Open:
    """A turn that was seen at a tick and has not ended."""

    __slots__ = ("advance", "known", "machine_us", "measured", "microjoules", "read_us", "seen", "uncached")

    def __init__(self) -> None:
        self.seen = self.uncached = 0  # service that was counted, and the prompt in it
        self.advance = self.read_us = 0  # counted for a prompt before it was known; time of reading it
        self.microjoules = self.machine_us = 0
        self.known = self.measured = True


class Attribution:
    """``assumed`` is the power where none was measured yet; None: the energy of such times is not known."""

    def __init__(self, assumed: Assumed | None) -> None:
        self._assumed = assumed
        self._energy = _Account()
        self._time = _Account()
        self._open: dict[str, _Open] = {}
        self._measured = False  # in the last interval
        # Microjoules in microseconds, measured: while the engines worked, and while they rested.
        self._busy_power: tuple[int, int] | None = None
        self._rest_power: tuple[int, int] | None = None
        self._read = (0, 0)  # weighted tokens of prompts, and the microseconds that reading them took
        self.served = 0  # service of all turns, ever

    @property
    def idle(self) -> int:
        """Microjoules that no turn was given, ever."""
        return self._energy.idle

    @property
    def idle_us(self) -> int:
        return self._time.idle

    @property
    def debts(self) -> tuple[int, int]:
        """Microjoules and microseconds that turns were given in advance of a tick."""
        return self._energy.debt, self._time.debt

    @property
    def running(self) -> tuple[int, int]:
        """Microjoules and microseconds that turns have had which have not ended."""
        turns = self._open.values()
        return sum(turn.microjoules for turn in turns), sum(turn.machine_us for turn in turns)

    def __len__(self) -> int:
        return len(self._open)

    def tick(self, interval: Interval, works: Sequence[Work]) -> Ticked:
        """``works``: all turns that hold a lease, and those seen before that lost it since the last tick."""
        opened = self._open
        turns = [opened.get(work.turn_id) or opened.setdefault(work.turn_id, _Open()) for work in works]
        weights = [self._weigh(turn, work) for turn, work in zip(turns, works, strict=True)]
        parts = self._time.divide(interval.busy_us, interval.rest_us, weights)
        for turn, part in zip(turns, parts, strict=True):
            turn.machine_us += part
        spent, measured = interval.spent, interval.spent is not None
        if spent is None:
            spent = self._expected(interval.busy_us, interval.rest_us)
        self._measured = measured
        idle = self._energy.idle
        if spent is None:
            for turn in turns:
                turn.known = False
        else:
            busy, rest = self._split(spent, interval, measured=measured)
            parts = self._energy.divide(busy, rest, weights)
            for turn, part in zip(turns, parts, strict=True):
                turn.microjoules += part
                turn.measured = turn.measured and measured
        return Ticked(spent, measured, self._energy.idle - idle)

    def end(self, work: Work, busy_us: int, beside: int) -> Energy:
        """What a turn has had in all. Once a turn.

        ``busy_us``: for how long the engines have worked since the last tick; ``beside``: how many turns
        may have worked then, itself included.
        """
        turn = self._open.pop(work.turn_id, None) or _Open()
        weight = self._weigh(turn, work)
        machine_us = turn.machine_us + self._time.advance(weight, busy_us, beside)
        expected = self._expected(busy_us, 0)
        if expected is None or not turn.known:
            return Energy(microjoules=None, measured=False, machine_us=machine_us)
        return Energy(
            microjoules=turn.microjoules + self._energy.advance(weight, expected, beside),
            measured=turn.measured and self._measured and self._busy_power is not None,
            machine_us=machine_us,
        )

    def forget_all_but(self, turn_ids: Collection[str]) -> int:
        """Turns that never ended here: what they had was for nobody. Returns the energy of it."""
        idle = self._energy.idle
        for turn_id in self._open.keys() - set(turn_ids):
            turn = self._open.pop(turn_id)
            self._energy.idle += turn.microjoules
            self._time.idle += turn.machine_us
        return self._energy.idle - idle

    # -- what each counts ------------------------------------------------------------------------

    def _weigh(self, turn: _Open, work: Work) -> int:
        """Service that counts for this interval."""
        gain = max(0, work.service - turn.seen)
        turn.seen += gain
        self.served += gain
        if work.uncached > turn.uncached:
            read = work.uncached - turn.uncached
            turn.uncached = work.uncached
            if turn.read_us:
                # The last of it came in this interval: in its middle, for all that is known.
                self._learn(read, turn.read_us + work.worked_us // 2)
            gain -= min(turn.advance, read, gain)
            turn.advance = turn.read_us = 0
        if gain:
            return gain
        guess = self._guess(work.worked_us)
        if work.service == work.uncached:  # nothing is generated: it reads
            turn.advance += guess
            turn.read_us += work.worked_us
        return guess

    def _guess(self, worked_us: int) -> int:
        if worked_us <= 0:
            return 0
        tokens, micros = self._read
        return max(1, tokens * worked_us // micros if micros else FIRST_GUESS * worked_us // SECOND_US)

    def _learn(self, tokens: int, micros: int) -> None:
        old_tokens, old_micros = self._read
        self._read = old_tokens * KEPT // OF + tokens, old_micros * KEPT // OF + micros

    # -- how much it is --------------------------------------------------------------------------

    def _split(self, spent: int, interval: Interval, *, measured: bool) -> tuple[int, int]:
        """Of the energy of an interval: while the engines worked, and while they rested."""
        busy_us, rest_us, _ = interval
        if busy_us <= 0:
            if measured and rest_us > 0:
                self._rest_power = spent, rest_us
            return 0, spent
        rest = spent * rest_us // (busy_us + rest_us)  # resting takes no more than working
        if not measured and self._busy_power is None and self._assumed is not None:
            rest = min(spent, self._assumed.rest * rest_us // SECOND_US)
        elif self._rest_power is not None:
            microjoules, micros = self._rest_power
            rest = min(rest, microjoules * rest_us // micros)
        if measured:
            self._busy_power = spent - rest, busy_us
        return spent - rest, rest

    def _expected(self, busy_us: int, rest_us: int) -> int | None:
        """By the power that was measured last, else by the one that is assumed."""
        assumed = self._assumed
        if self._busy_power is not None:
            microjoules, micros = self._busy_power
            busy = microjoules * busy_us // micros
        elif assumed is not None:
            busy = assumed.busy * busy_us // SECOND_US
        else:
            return None
        if self._rest_power is not None:
            microjoules, micros = self._rest_power
            return busy + microjoules * rest_us // micros
        return busy + (0 if assumed is None else assumed.rest * rest_us // SECOND_US)


class _Account:
    """One quantity: what is idle of it, and what was given in advance of the next tick."""

    def __init__(self) -> None:
        self.idle = self.debt = 0
        self._advanced = 0  # the weights it was given for
        self._rate: tuple[int, int] | None = None  # so much for such a weight, in the last busy interval

    def divide(self, busy: int, rest: int, weights: Sequence[int]) -> list[int]:
        """The parts of those who worked, after what was given in advance is paid. ``rest`` is idle."""
        whole = sum(weights)
        if busy > 0 and whole + self._advanced > 0:
            self._rate = busy, whole + self._advanced
        self._advanced = 0
        paid = min(self.debt, busy)
        more = min(self.debt - paid, rest)
        self.debt -= paid + more
        busy, rest = busy - paid, rest - more
        if not whole:
            busy, rest = 0, rest + busy
        self.idle += rest
        return shares(busy, weights) if whole else [0] * len(weights)

    def advance(self, weight: int, most: int, beside: int) -> int:
        """A part in advance, no more than is left of ``most``, all that was probably spent so far."""
        most = max(0, most - self.debt)
        if self._rate is None:
            part = most // max(1, beside) if weight else 0
        else:
            amount, whole = self._rate
            part = min(most, amount * weight // whole)
        self.debt += part
        self._advanced += weight
        return part


def shares(amount: int, weights: Sequence[int]) -> list[int]:
    """``amount`` by ``weights``, one of them over 0, in whole parts of exact sum (largest remainder)."""
    whole = sum(weights)
    parts, remainders = [], []
    for weight in weights:
        part, remainder = divmod(amount * weight, whole)
        parts.append(part)
        remainders.append(remainder)
    left = amount - sum(parts)
    if left:
        largest = sorted(range(len(parts)), key=remainders.__getitem__, reverse=True)
        for place in largest[:left]:
            parts[place] += 1
    return parts
