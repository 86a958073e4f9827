"""LoadBudgets: thoughts shorter the more is asked than a pool can do, and never otherwise. Pure.

From the load that is measured (load.py) and the line comes the share of their tokens that thoughts may
keep; from that share and the lengths of thoughts (thoughts.py) a budget in tokens. One budget for all
cuts the longest thoughts only: most people notice nothing. It knows no engine and cuts nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import exp

import msgspec

from thinkwell.scheduling.base import OUTPUT_WEIGHT, Ticket
from thinkwell.scheduling.load import LoadMeter
from thinkwell.scheduling.predict import Predictor
from thinkwell.scheduling.thoughts import ThoughtLengths

# A line that is worked off in so many seconds is no reason to cut.
SHORT_LINE_S = 10.0
# What is longer than that shall be gone after so many seconds, if nothing changes.
WORK_OFF_S = 90.0
# The share follows what is wanted with this time constant: less than a quarter of WORK_OFF_S, so that the
# loop of share and line does not swing.
FOLLOW_S = 20.0
# Load by which the share may fall from 1 to nothing: it leaves 1 smoothly as load passes one.
STEEPNESS = 5.0
# After so many seconds without news of the pool nothing is known of its load, so nothing is cut.
NEWS_S = 30.0
# A share above this is 1: a budget that nearly no thought comes to is not worth telling anybody of.
UNTOUCHED = 0.97
# A running thought is cut again only below this part of the budget that it has.
WORTH_CUTTING = 0.8
# Turns over which is counted how many think at all.
TURNS = 1000


class TierBudget(msgspec.Struct, frozen=True):
    """Thoughts keep ``floor_share`` of their tokens, and may take ``floor_tokens``, however long the line is.

    Of a heavier ``weight`` they are cut later: they keep the root of that degree of the pool's share.
    """

    floor_share: float = 0.2
    floor_tokens: int = 128
    weight: float = 1.0


class LoadBudgets:
    """For one pool. ``arrived`` for each newcomer, ``ended`` for each turn that is over, ``served`` about
    once a second while anything runs or waits. Service in weighted tokens, times in seconds of one clock.
    """

    def __init__(self, tiers: Mapping[str, TierBudget]) -> None:
        self._tiers = tiers
        self._floor = min((tier.floor_share for tier in tiers.values()), default=1.0)
        self._meter = LoadMeter()
        self._thoughts = ThoughtLengths()
        self._unshortened = Predictor()  # another one than the pool's, which learns what was really used
        self._thinking = 1.0  # part of the turns that have a thought
        self._share = 1.0
        self._cutting = False
        self._free_s = 0.0  # seconds of capacity that nobody used, less those in which somebody waited
        self._at = 0.0

    @property
    def load(self) -> float:
        """Asked for, unshortened, over what the pool can do; 0 while nobody ever had to wait."""
        return self._meter.load

    @property
    def capacity(self) -> float | None:
        """Weighted tokens a second, as delivered while somebody waited."""
        return self._meter.capacity

    # -- what it is told -------------------------------------------------------------------------

    def expected(self, ticket: Ticket) -> float:
        """Weighted tokens that a newcomer would use if no thought were cut."""
        return self._unshortened.cost(ticket)

    def arrived(self, cost: float, now: float) -> None:
        self._meter.arrived(cost, now)

    def ended(self, person: str, generated: int, thought: int | None, *, cut: bool) -> None:
        """A turn is over that generated so much, ``thought`` of it thinking (None: it had no thought).

        ``cut`` where the thought would have gone on: by a budget, a stop, or a failure within it. What is
        missing is put in as the mean of what thoughts that came so far go on for.
        """
        self._thinking += ((thought is not None) - self._thinking) / TURNS
        if thought is not None:
            self._thoughts.seen(thought, cut=cut)
            if cut:
                generated += round(self._thoughts.left(thought))
        self._unshortened.learn(person, generated)

    def served(self, service: float, waiting: int, now: float) -> None:
        """``service`` was delivered since the last call; ``waiting`` wait because no replica has room.

        Who waits for another reason (an own limit of turns at once) is not to be counted.
        """
        passed = self._meter.served(service, waiting, now)
        self._at = now
        used_s = passed if waiting or not self.capacity else service / self.capacity
        self._free_s = max(0.0, self._free_s - passed if waiting else self._free_s + passed - used_s)
        wanted = self._wanted(waiting)
        self._share += (wanted - self._share) * (1 - exp(-passed / FOLLOW_S))
        if self.load < 1:
            self._share = 1.0  # at once: the promise is to never cut then

    # -- what it says ----------------------------------------------------------------------------

    def share(self, tier: str, now: float) -> float:
        """Of their tokens, uncut, that thoughts of a tier keep; 1.0 is untouched."""
        rules = self._tiers.get(tier)
        if rules is None or self._share > UNTOUCHED or now - self._at > NEWS_S:
            return 1.0
        return max(rules.floor_share, float(self._share ** (1 / rules.weight)))

    def budget(self, tier: str, full: int, now: float) -> int | None:
        """Tokens for a thought that may take ``full``; None where it is not shortened."""
        share = self.share(tier, now)
        if share >= 1:
            return None
        tokens = max(self._tiers[tier].floor_tokens, round(self._thoughts.budget_for(share)))
        return tokens if tokens < full else None

    def cut(self, tier: str, has: int, said: int, now: float) -> int | None:
        """What is left of the budget ``has`` of a thought that runs and ``said`` so much; None: all of it.

        It ends at once, or stays as it is: who is told of a budget in flight has come to it. Budgets go
        up and down; one that was lowered early could have been spared. And not for the last part of it.
        """
        tokens = self.budget(tier, has, now)
        return said if tokens is not None and tokens <= min(said, WORTH_CUTTING * has) else None

    # -- the law ---------------------------------------------------------------------------------

    def _wanted(self, waiting: int) -> float:
        """The share at which what is asked for, and the line worked off in WORK_OFF_S, meet the capacity.

        Capacity that nobody used counts as a line below nothing: the share rises while there is some,
        and is back at 1 a minute or two after people are gone, however large the load was.
        """
        meter = self._meter
        capacity = meter.capacity
        if not capacity or meter.load <= 1:
            self._cutting = False
            return 1.0
        part = self._thought_part()
        line_s = waiting * meter.mean_cost * (1 - part * (1 - self._share)) / capacity
        if line_s > SHORT_LINE_S and meter.overloaded:
            self._cutting = True
        if not self._cutting or part <= 0:
            return 1.0
        room = capacity * (1 + (SHORT_LINE_S + self._free_s - line_s) / WORK_OFF_S)
        share = 1 - (meter.asked - room) / (part * meter.asked)
        share = max(share, 1 - STEEPNESS * (meter.load - 1), self._floor)
        if share >= 1:
            self._cutting = False
            return 1.0
        return share

    def _thought_part(self) -> float:
        """Of what newcomers ask for, the part that is thought."""
        cost = self._meter.mean_cost
        return min(0.98, OUTPUT_WEIGHT * self._thinking * self._thoughts.mean / cost) if cost > 0 else 0.0
