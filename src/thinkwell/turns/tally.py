"""Tally: what the site metered on each replica since its start, in memory. An Observer of turns."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping

from thinkwell.ledger.reconcile import Metered
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.observer import Unmoved
from thinkwell.values.event import Finished, TurnEnd

# In which an engine has heard that nobody wants the rest: some count a stream's tokens then, and not before.
HEARD_S = 10.0


class Tally(Unmoved):
    """Belongs to the event loop. ``clock`` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._just_cut: deque[tuple[float, str, Metered]] = deque()  # until when, replica, tokens
        self._ended: defaultdict[str, Metered] = defaultdict(Metered)
        self._passes: defaultdict[str, int] = defaultdict(int)

    def asked(self, live: LiveTurn) -> None:
        self._passes[live.meter.replica] += 1

    def broke_off(self, replica: str, tokens: int) -> None:
        """The site itself asked that replica something, which is nobody's turn, and did not hear it out."""
        self._cut(replica, Metered(unheard=tokens))

    def ended(self, live: LiveTurn, end: TurnEnd) -> None:
        _add(self._ended, live, finished=isinstance(end, Finished))
        if not isinstance(end, Finished) and live.meter.by_lease:
            last = live.meter.by_lease[-1]
            self._cut(last.replica, Metered(late=last.generated))
        self._forget_heard()

    def _cut(self, replica: str, tokens: Metered) -> None:
        self._just_cut.append((self._clock() + HEARD_S, replica, tokens))

    def _forget_heard(self) -> None:
        now = self._clock()
        while self._just_cut and self._just_cut[0][0] <= now:
            self._just_cut.popleft()

    def sums(self, running: Iterable[LiveTurn] = ()) -> Mapping[str, Metered]:
        """By replica; with what those that run have taken so far."""
        sums: defaultdict[str, Metered] = defaultdict(Metered, self._ended)
        for live in running:
            if not live.log.ended:
                _add(sums, live, running=True)
        self._forget_heard()
        for _, replica, tokens in self._just_cut:
            sums[replica] = sums[replica].plus(tokens)
        for replica, passes in self._passes.items():
            sums[replica] = sums[replica].plus(Metered(passes=passes))
        return sums


def _add(
    sums: defaultdict[str, Metered], live: LiveTurn, *, finished: bool = False, running: bool = False
) -> None:
    leases = live.meter.by_lease
    for number, lease in enumerate(leases, start=1):
        last = number == len(leases)
        sums[lease.replica] = sums[lease.replica].plus(
            Metered(
                prompt=lease.prompt,
                cached=lease.cached,
                generated=lease.generated,
                leases=1,
                cut=not (last and (finished or running)),
                running=last and running,
                unfinished=lease.generated if last and running else 0,
            )
        )
