"""Tally: what the site metered on each replica since its start, in memory. An Observer of turns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from thinkwell.ledger.reconcile import Metered
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.observer import Unmoved
from thinkwell.values.event import Finished, TurnEnd


class Tally(Unmoved):
    """Belongs to the event loop."""

    def __init__(self) -> None:
        self._ended: defaultdict[str, Metered] = defaultdict(Metered)
        self._passes: defaultdict[str, int] = defaultdict(int)

    def asked(self, live: LiveTurn) -> None:
        self._passes[live.meter.replica] += 1

    def ended(self, live: LiveTurn, end: TurnEnd) -> None:
        _add(self._ended, live, finished=isinstance(end, Finished))

    def sums(self, running: Iterable[LiveTurn] = ()) -> Mapping[str, Metered]:
        """By replica; with what those that run have taken so far."""
        sums: defaultdict[str, Metered] = defaultdict(Metered, self._ended)
        for live in running:
            if not live.log.ended:
                _add(sums, live, running=True)
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
