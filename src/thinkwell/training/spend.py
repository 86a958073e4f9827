"""What a run costs: hours, money, energy. Knows a clock and the operator's prices."""

from __future__ import annotations

import msgspec

from thinkwell.training.config import CostConfig


class Spend(msgspec.Struct, frozen=True):
    """``kwh`` by the declared watts; 0 where none were declared."""

    hours: float
    money: float
    currency: str
    kwh: float


def spend_of(seconds: float, cost: CostConfig) -> Spend:
    hours = seconds / 3600
    return Spend(hours, hours * cost.per_hour, cost.currency, hours * cost.watts / 1000)
