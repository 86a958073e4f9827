"""No line: for a household, or a machine that is never full. Whoever fits starts, by order of arrival."""

from __future__ import annotations

from thinkwell.scheduling.base import Fits, Ticket, anything_fits
from thinkwell.scheduling.peers.first_come import FirstComeLine


class UnlimitedLine(FirstComeLine):
    """Keeps no accounts, and holds nobody back for anybody else."""

    def next(self, now: float, fits: Fits = anything_fits) -> Ticket | None:
        for ticket in self._waiting.values():
            if fits(ticket):
                return self._take(ticket)
        return None
