"""What decides whether visitors are asked for a proof of work: a line that has formed, before a load is sure."""

from __future__ import annotations

from thinkwell.scheduling.base import Ticket
from thinkwell.scheduling.behind import BehindLine
from thinkwell.scheduling.budgets import LoadBudgets
from thinkwell.scheduling.pool import PoolSchedule
from thinkwell.scheduling.predict import Predictor
from thinkwell.scheduling.replica import Replica
from thinkwell.scheduling.replicas import Router
from thinkwell.turns.forecast import LoadForecast


def test_there_is_pressure_as_soon_as_one_waits_for_every_four_that_run() -> None:
    router = Router(["r"], cache_blocks=0, block_tokens=16)
    schedule = PoolSchedule(BehindLine, [Replica("r", 8, None)], router, Predictor())
    schedule.replicas["r"].ready = True
    forecast = LoadForecast(schedule, LoadBudgets({}))

    def come(number: int, *, behind: bool = False) -> float:
        schedule.join(Ticket(id=str(number), person=str(number), behind=behind), 0.0)
        list(schedule.grants(0.0))
        return forecast.pressure

    assert [come(number) for number in range(8)] == [0.0] * 8
    assert come(8, behind=True) == 0.0  # who is out of quota waits whenever anybody does
    assert [come(number) for number in (9, 10)] == [0.0, 1.0]
    schedule.leave("10")
    assert forecast.pressure == forecast.load == 0.0
