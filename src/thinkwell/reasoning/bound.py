"""Bound: how many tokens a thought may take by now, and who says so. Pure, and counts nothing itself."""

from __future__ import annotations

from thinkwell.reasoning.budgets import Plan
from thinkwell.values.thinking import EndedBy


class Bound:
    """``holds`` is the bound as of now; None: only the limit of the turn."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.holds = plan.asked
        self._by_load = False
        self._free = False

    @property
    def says(self) -> EndedBy:
        """Who ended a thought that came to the bound."""
        return "load" if self._by_load else "budget"

    @property
    def allowed(self) -> int | None:
        """One hundredth over it is let pass: an engine that holds the budget itself spares us the cut."""
        return None if self.holds is None else self.holds + self.holds // 100

    def shorten(self, budget: int) -> bool:
        now = self._plan.full if self.holds is None else self.holds
        if self._free or now is None or budget >= now:
            return False
        self.holds, self._by_load = max(0, budget), True
        return True

    def lift(self, at_most: int | None = None) -> int | None:
        """A person lets it think on: from now on nothing shortens it. Returns what it may take now, None
        where that is no more than before. ``at_most`` is what a running engine will let it have."""
        self._free = True
        plan, had = self._plan, self.holds
        bound = plan.asked if plan.exact else None
        if at_most is not None and (bound is None or at_most < bound):
            bound = at_most
        if had is None or bound == had:
            return None
        self.holds, self._by_load = bound, False
        return plan.lifted if bound is None else bound
