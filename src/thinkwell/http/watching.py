"""All that watches a site's turns: figures of now, metrics, traces, the log. Put together here, told by the
conductor."""

from __future__ import annotations

import asyncio

import msgspec

from thinkwell.http.gauges import read_from
from thinkwell.http.metrics import SiteMetrics
from thinkwell.http.traces import Traces, open_traces
from thinkwell.http.week import Week
from thinkwell.settings import Settings
from thinkwell.store.database import Database
from thinkwell.turns.observer import Observers
from thinkwell.turns.pool import Pool
from thinkwell.turns.run import now_us
from thinkwell.turns.turnlines import TurnLines
from thinkwell.turns.watch import Parts, Watch


class Watching(msgspec.Struct, frozen=True):
    watch: Watch
    metrics: SiteMetrics
    traces: Traces | None
    observers: Observers
    week: Week

    def turned_away(self, code: str) -> None:
        """A request was answered with an error of that code."""
        self.watch.turned_away(code)
        self.metrics.turned_away(code)

    async def close(self) -> None:
        """When all turns have ended."""
        if self.traces is not None:
            await asyncio.to_thread(self.traces.close)


async def open_watching(settings: Settings, parts: Parts, pool: Pool, database: Database) -> Watching:
    """Raises SetupError."""
    traces = await asyncio.to_thread(open_traces, settings.logs.traces_url)
    watch = Watch(parts, now_us)
    metrics = SiteMetrics(settings.tiers, settings.tariff.currency)
    read_from(metrics, watch, lambda: pool.card.name)
    observers = Observers([metrics, watch, TurnLines(), *([traces] if traces else [])])
    return Watching(watch, metrics, traces, observers, Week(database))
