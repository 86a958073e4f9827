"""What a caller asks of the thought, whatever the wire called it."""

from __future__ import annotations

from typing import Literal

import msgspec

Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
# ``budget``: the caller's own; ``site``: the most that the site lets this caller think.
EndedBy = Literal["person", "budget", "load", "site"]


class Thinking(msgspec.Struct, frozen=True, kw_only=True):
    """``effort`` None: as the site does; ``none``: no thought where the model can do without.

    ``budget`` is the most tokens of thought, exactly (0 is as ``none``); where both are given the budget
    bounds and the effort is told to models that know efforts. ``show`` False: the model thinks and its
    thought is counted, but not sent.
    """

    effort: Effort | None = None
    budget: int | None = None
    show: bool = True

    @property
    def off(self) -> bool:
        """No thought is wanted."""
        return self.budget == 0 or (self.budget is None and self.effort == "none")
