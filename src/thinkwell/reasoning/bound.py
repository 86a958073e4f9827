"""Bound: how many tokens a thought may take by now, and who says so. Pure, and counts nothing itself."""

from __future__ import annotations

from thinkwell.reasoning.budgets import Plan
from thinkwell.values.thinking import EndedBy

# An engine that was told to end the thought does so within so many tokens, or we do.
GRACE = 64
UNBOUNDED = 1 << 62


class Bound:
    """``holds`` is the bound as of now, None: only the limit of the turn. ``told`` is the one that the engine
    of the running pass knows. ``answer_wanted``: a person asked for the answer, and the thought is to be
    cut; ``asked_natively``: the engine was asked to end it."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.holds = plan.holds
        self._by: EndedBy = self._who(plan.holds)
        self._free = False
        self.told: int | None = None
        self._told_by = self._by
        self.answer_wanted = False
        self.asked_natively = False
        self._grace = UNBOUNDED

    @property
    def allowed(self) -> int:
        """One hundredth over it is let pass: an engine that holds the budget itself spares us the cut."""
        return min(self._grace, UNBOUNDED if self.holds is None else self.holds + self.holds // 100)

    @property
    def cuts(self) -> EndedBy:
        """Who ends a thought that is cut now."""
        if self.answer_wanted or self.asked_natively:
            return "person"
        return self._by

    def _who(self, holds: int | None) -> EndedBy:
        """Whose bound it is that holds where the load shortens nothing."""
        asked, site = self._plan.asked, self._plan.site
        return "site" if holds is not None and holds == site and asked != site else "budget"

    def ended(self, thought_tokens: int) -> EndedBy | None:
        """Who ended a thought that ended within its pass; None: the model itself."""
        if self.asked_natively:
            return "person"
        return self._told_by if thought_tokens >= self.engine_ends_at else None

    @property
    def engine_ends_at(self) -> int:
        """From so many tokens on it is the engine that ends the thought, counting a little differently."""
        return UNBOUNDED if self.told is None else self.told - max(2, self.told // 50)

    def tell(self) -> int | None:
        """What the engine of the next pass of thought is told."""
        self.told, self._told_by = self.holds, self._by
        return self.told

    def shorten(self, budget: int) -> bool:
        now = self._plan.full if self.holds is None else self.holds
        if self._free or self.cuts == "person" or now is None or budget >= now:
            return False
        self.holds, self._by = max(0, budget), "load"
        return True

    def want_answer(self, thought_tokens: int, *, natively: bool) -> None:
        if natively:
            self.asked_natively = True
            self._grace = min(self._grace, thought_tokens + GRACE)
        else:
            self.answer_wanted = True

    def lift(self, *, told_holds: bool) -> int | None:
        """A person lets it think on: from now on nothing shortens it. Returns what it may take now, None
        where that is no more than before. ``told_holds``: the engine cannot be told another bound."""
        self._free = True
        plan, had = self._plan, self.holds
        bound = plan.asked if plan.exact else None
        if told_holds and self.told is not None:
            bound = self.told if bound is None else min(bound, self.told)
        may = plan.lifted if bound is None else bound
        if (site := plan.site) is not None:
            may = min(may, site)
            bound = site if bound is None else min(bound, site)
        if had is None or may <= had:
            return None
        self.holds, self._by = bound, self._who(bound)
        return may
