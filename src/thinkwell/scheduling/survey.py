"""Survey: the waiting line as an estimate needs it: at which level of service each ticket's turn comes. Pure.

Reads the line's tree and changes nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import msgspec

from thinkwell.scheduling.base import Cost, Ticket
from thinkwell.scheduling.behind import BehindLine
from thinkwell.scheduling.fair import MOST_OWN, FairLine, group_of
from thinkwell.scheduling.pool import PoolSchedule

# Where memory is what turns wait for, one that needs less than its person's others passes them: it does not
# wait for so much of their work, within the line's window of MOST_OWN tickets and before it. The best of a
# search on the arena trace (docs/log.md).
PASSED_IN_WINDOW = 0.7
PASSED_BEFORE = 0.35

# The one tier of a line that knows none.
NO_TIER = ""
# Before the name of a tier: those of it that wait behind all others. No tier is called so.
BEHIND = "\0"


class Spot(msgspec.Struct, frozen=True):
    """Where a ticket stands: its turn comes at the level ``mark`` of service to its tier's groups.

    ``ahead``: work that goes before it (None: of all whose mark is lower).
    """

    tier: str
    group: str
    mark: float
    ahead: float | None = None


class TierView(msgspec.Struct):
    """``marks`` of its tickets in ascending order and ``works``, the sum of their costs up to each.

    ``tails``: the mark at which the next ticket of each group that is remembered would have its turn.
    ``level``: a newcomer's.
    """

    tier: str
    weight: float
    level: float
    marks: list[float]
    works: list[float]
    tails: dict[str, float]


class _Row(msgspec.Struct):
    mark: float
    seat: int
    cost: float
    ticket: Ticket
    group: str
    passes: float = 0.0


def survey(schedule: PoolSchedule, cost: Cost) -> tuple[dict[str, TierView], dict[str, Spot]]:
    """Tiers where somebody waits, by name (``tier_of``), and spots, by ticket."""
    line = schedule.line
    if isinstance(line, FairLine):
        return _survey_fair(line, cost, bound_by_memory(schedule))
    spots: dict[str, Spot] = {}
    if isinstance(line, BehindLine):
        views, spots = _survey_fair(line.first, cost, bound_by_memory(schedule))
        behind, their_spots = _survey_fair(line.second, cost, bound_by_memory(schedule), BEHIND)
        return views | behind, spots | their_spots
    rows = [
        _Row(0.0, place, cost(ticket), ticket, group_of(ticket))
        for place, ticket in enumerate(line.in_order())
    ]
    return ({NO_TIER: _view(NO_TIER, 1.0, 0.0, rows, {}, spots)} if rows else {}), spots


def tier_of(ticket: Ticket) -> str:
    """By which its tier is known here: those behind make tiers of their own."""
    return BEHIND + ticket.tier if ticket.behind else ticket.tier


def _survey_fair(
    line: FairLine, cost: Cost, tight: bool, prefix: str = ""
) -> tuple[dict[str, TierView], dict[str, Spot]]:
    views: dict[str, TierView] = {}
    spots: dict[str, Spot] = {}
    for tier, groups in line.tiers():
        rows: list[_Row] = []
        tails: dict[str, float] = {}
        for group, tickets in groups:
            mark = tails[group.name] = group.charged
            own: dict[str, deque[tuple[float, float]]] = {}
            for _, ticket in tickets:
                needs = cost(ticket)
                row = _Row(mark, group.seat, needs, ticket, group.name)
                if tight:
                    before = own.setdefault(ticket.person, deque(maxlen=MOST_OWN - 1))
                    passes = passing(ticket, before, mark - group.charged)
                    row.passes = min(passes, mark - group.charged)
                    before.append((need(ticket), needs))
                rows.append(row)
                mark = tails[group.name] = mark + needs
        if rows:
            name = prefix + tier.name
            views[name] = _view(name, tier.weight, tier.floor(), rows, tails, spots)
    return views, spots


def _view(
    name: str, weight: float, level: float, rows: list[_Row], tails: dict[str, float], spots: dict[str, Spot]
) -> TierView:
    rows.sort(key=lambda row: (row.mark, row.seat))
    work = 0.0
    works: list[float] = []
    for row in rows:
        if row.passes:
            spot = Spot(name, row.group, row.mark - row.passes)
        else:
            spot = Spot(name, row.group, row.mark, work)
        spots[row.ticket.id] = spot
        work += row.cost
        works.append(work)
    return TierView(name, weight, level, [row.mark for row in rows], works, tails)


def spot_of(
    schedule: PoolSchedule, views: dict[str, TierView], ticket: Ticket, cost: Cost
) -> tuple[Spot, float] | None:
    """Of a ticket that joined after the survey, behind its group's others, and the mark it would have if it
    passed none of them. None: not in the line."""
    line = schedule.line
    group = group_of(ticket)
    if isinstance(line, BehindLine):
        line = line.second if ticket.behind else line.first
    if not isinstance(line, FairLine):
        return Spot(NO_TIER, group, 0.0), 0.0
    person = line.person_of(ticket.id)
    if person is None or person.parent is None:
        return None
    start = person.parent.charged
    tier = tier_of(ticket)
    view = views.get(tier)
    if view is not None and person.parent.parent is not None:
        view.level = max(view.level, person.parent.parent.floor())
    mark = start if view is None else max(start, view.tails.get(group, start))
    passes = 0.0
    if len(person.queue) > 1 and bound_by_memory(schedule):
        before = [(need(own), cost(own)) for own in _last(person.queue, ticket)]
        passes = passing(ticket, before, mark - start)
    return Spot(tier, group, max(start, mark - passes)), mark


def _last(queue: Sequence[Ticket], ticket: Ticket) -> Iterator[Ticket]:
    """Up to a window of the person's tickets before one near the end."""
    return (own for own in islice(reversed(queue), MOST_OWN) if own.id != ticket.id)


def bound_by_memory(schedule: PoolSchedule) -> bool:
    return any(replica.kv_tokens is not None for replica in schedule.replicas.values())


def need(ticket: Ticket) -> float:
    """Tokens of memory, as far as they were told."""
    return max(1, ticket.prompt_tokens if ticket.reserve_tokens is None else ticket.reserve_tokens)


def passing(ticket: Ticket, window: Iterable[tuple[float, float]], before: float) -> float:
    """Work of its person's that it need not wait for, from (need, cost) of those just before it.

    ``before`` is the work of all of its person's that joined earlier.
    """
    mine = need(ticket)
    number, work, larger, larger_work = 0, 0.0, 0, 0.0
    for theirs, cost in window:
        number += 1
        work += cost
        if theirs > mine:
            larger += 1
            larger_work += cost
    if not larger:
        return 0.0
    older = max(0.0, before - work) * larger / number
    return PASSED_IN_WINDOW * larger_work + PASSED_BEFORE * older
