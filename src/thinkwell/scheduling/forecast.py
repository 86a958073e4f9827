"""Forecast: a raw estimate of the seconds until a waiting turn starts, from the line as it stands. Pure.

The line is looked at as a whole now and then, which makes an outlook for each tier; a ticket that joined
since stands behind its group's others. Knows no quantiles, and not how good its estimates are.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import msgspec

from thinkwell.scheduling.base import Ticket
from thinkwell.scheduling.demand import Demand, Rates, Throughput
from thinkwell.scheduling.fair import group_of
from thinkwell.scheduling.lengths import Lengths
from thinkwell.scheduling.outlook import Entrant, Outlook
from thinkwell.scheduling.pool import PoolSchedule
from thinkwell.scheduling.survey import BEHIND, Spot, TierView, spot_of, survey, tier_of

# An outlook serves for so long, and longer where it takes longer to make: so much per waiting turn.
OUTLOOK_S = 0.5
OUTLOOK_S_PER_TURN = 2e-4
# It is made anew when so many have joined since, and one for each so many that waited then.
MOST_JOINED = 64
JOINED_PER_TURN = 0.25
# Entrants that are looked at one by one.
MOST_ENTRANTS = 32
# Weight of the newest in the averages of a turn's cost and of the gap between two starts.
NEWEST = 0.05
FIRST_GAP_S = 0.5
# A longer gap is no sign of how long gaps are.
MOST_GAP_S = 60.0
# Of what the pool does, those behind must be left so much for anything to be said of when they start.
LEAST_LEFT = 0.2


class Forecast:
    """``now`` never goes back here, and its differences are seconds that passed."""

    def __init__(self, schedule: PoolSchedule) -> None:
        self._schedule = schedule
        self._demand = Demand()
        self._demand_behind = Demand()
        self._cleared_s: float | None = None  # until all who go before those behind have started
        self._throughput = Throughput()
        self._lengths = Lengths()
        self._views: dict[str, TierView] = {}
        self._outlooks: dict[str, Outlook] = {}
        self._spots: dict[str, Spot] = {}
        self._looked_at = float("-inf")
        self._good_for_s = 0.0
        self._good_for_turns = 0.0
        self._cost = 0.0
        self._gap_s = FIRST_GAP_S
        self._started_at: float | None = None

    # -- what happens ----------------------------------------------------------------------------

    def asked(self, ticket: Ticket, now: float) -> None:
        cost = self._lengths.cost(ticket)
        self._cost += (cost - self._cost) * (NEWEST if self._cost else 1.0)
        demand = self._demand_behind if ticket.behind else self._demand
        demand.asked((tier_of(ticket), group_of(ticket)), cost, now)

    def served(self, service: float, seconds: float) -> None:
        """Weighted tokens, and the seconds that they took, while somebody waited."""
        self._throughput.add(service, seconds)

    def ended(self, person: str, generated: int) -> None:
        self._lengths.learn(person, generated)

    def gone(self, ticket_id: str) -> None:
        """It waits no longer."""
        self._spots.pop(ticket_id, None)

    def started(self, now: float) -> None:
        """A turn that had waited starts."""
        if self._started_at is not None:
            self._gap_s += (min(now - self._started_at, MOST_GAP_S) - self._gap_s) * NEWEST
        self._started_at = now if self._schedule.waiting else None

    # -- estimates -------------------------------------------------------------------------------

    def one(self, ticket: Ticket, now: float) -> float | None:
        """None where it is not known yet how fast the pool is, or what it leaves to those behind.

        O(1) but for a look at the line now and then.
        """
        if now - self._looked_at > self._good_for_s or self._good_for_turns <= 0:
            self._look(now)
        if self._throughput.per_s is None:
            return None
        spot = self._spots.get(ticket.id)
        if spot is None and self._outlooks:
            spot = self._join(ticket)
        if ticket.behind and (spot is None or spot.tier not in self._outlooks):
            return None if self._cleared_s is None else self._cleared_s + self._gap_s
        return self._seconds(spot, now)

    def again(self, ticket_id: str, now: float) -> float | None:
        """Of a turn that ran and waits again; None where it does not."""
        if now - self._looked_at > self._good_for_s:
            self._look(now)
        spot = self._spots.get(ticket_id)
        return None if spot is None or self._unknown(spot) else self._seconds(spot, now)

    def all(self, now: float) -> Iterator[tuple[str, float]]:
        """(ticket id, seconds) of all who wait and of whom something is known, tier by tier in order.
        O(waiting log waiting)."""
        self._look(now)
        if self._throughput.per_s is None:
            return
        schedule = self._schedule
        for ticket in islice(schedule.in_order(), schedule.waiting - len(schedule.line)):
            yield ticket.id, self._gap_s  # those that lost their replica: before everybody else
        for ticket_id, spot in self._spots.items():
            if not self._unknown(spot):
                yield ticket_id, self._seconds(spot, now)

    def _unknown(self, spot: Spot) -> bool:
        return spot.tier.startswith(BEHIND) and spot.tier not in self._outlooks

    def _join(self, ticket: Ticket) -> Spot | None:
        """Place a ticket that is not in the outlook, and let those who join later wait for it."""
        found = spot_of(self._schedule, self._views, ticket, self._lengths.cost)
        if found is None:
            return None
        spot, mark = found
        outlook, view = self._outlooks.get(spot.tier), self._views.get(spot.tier)
        if outlook is None or view is None:
            return spot
        outlook.level = view.level
        cost = self._lengths.cost(ticket)
        spot = msgspec.structs.replace(spot, ahead=outlook.ahead(spot.mark))
        outlook.joined(spot.mark, cost)
        view.tails[spot.group] = mark + cost
        self._spots[ticket.id] = spot
        self._good_for_turns -= 1
        return spot

    def _seconds(self, spot: Spot | None, now: float) -> float:
        """A turn that the line does not hold lost its replica: it is the next."""
        outlook = None if spot is None else self._outlooks.get(spot.tier)
        if spot is None or outlook is None:
            return self._gap_s
        ahead = outlook.before + (outlook.ahead(spot.mark) if spot.ahead is None else spot.ahead)
        seconds = outlook.seconds(spot.mark, ahead, spot.group) - (now - self._looked_at)
        return max(0.0, seconds) + self._gap_s

    # -- looking at the line ---------------------------------------------------------------------

    def _look(self, now: float) -> None:
        waiting = self._schedule.waiting
        self._looked_at = now
        self._good_for_s = OUTLOOK_S + OUTLOOK_S_PER_TURN * waiting
        self._good_for_turns = MOST_JOINED + JOINED_PER_TURN * waiting
        self._views, self._spots, self._outlooks = {}, {}, {}
        self._cleared_s = None
        rates = self._throughput.per_s
        if rates is None or not waiting:
            return
        self._views, self._spots = survey(self._schedule, self._lengths.cost)
        first = [view for tier, view in self._views.items() if not tier.startswith(BEHIND)]
        second = [view for tier, view in self._views.items() if tier.startswith(BEHIND)]
        asked = self._plan(first, self._demand, rates, 0.0, now)
        if min(rates) <= 0.0:
            return
        left = [max(0.0, rate - part) for rate, part in zip(rates, asked, strict=True)]
        if min(has / rate for has, rate in zip(left, rates, strict=True)) >= LEAST_LEFT:
            before = sum(view.works[-1] for view in first)
            self._cleared_s = before / min(left)
            self._plan(second, self._demand_behind, left, before, now)

    def _plan(self, views: list[TierView], demand: Demand, rates: Rates, before: float, now: float) -> Rates:
        """Outlooks of tiers that share ``rates`` once work ``before`` them is done. Returns what is asked."""
        asked, own = demand.rates(now)
        most = sorted(own.items(), key=lambda share: -share[1][0])[:MOST_ENTRANTS]
        known = [sum(own) for own in zip(*(found for _, found in most), strict=True)]
        rest = [max(0.0, rate - part) for rate, part in zip(asked, known, strict=True)] if known else asked
        weights = sum(view.weight for view in views)
        for view in views:
            part = view.weight / weights
            tier = view.tier
            self._outlooks[tier] = Outlook(
                rates=[rate * part for rate in rates],
                marks=view.marks,
                works=view.works,
                level=view.level,
                entrants=[
                    Entrant(name, found, max(view.level, view.tails.get(name, view.level)))
                    for (of, name), found in most
                    if of == tier
                ],
                rest=[rate * part for rate in rest],
                step=self._cost / 2,
                before=before * part,
            )
        return asked
