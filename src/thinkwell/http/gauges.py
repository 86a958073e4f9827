"""What metrics read at the moment when somebody scrapes: people, slots, engines, the event loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from thinkwell import __version__
from thinkwell.http.metrics import SiteMetrics
from thinkwell.ledger.histogram import merged
from thinkwell.turns.watch import Crowd, Watch


def read_from(metrics: SiteMetrics, watch: Watch, model: Callable[[], str]) -> None:
    """Let ``metrics`` tell what ``watch`` sees. ``model`` is the name of the site's."""
    parts = watch.parts
    engines = parts.engines
    started = time.time()
    readings: dict[str, tuple[str, Callable[[], float]]] = {
        "turns_running": ("Turns that hold a lease", lambda: parts.dispatcher.running),
        "turns_waiting": ("Turns waiting in line", lambda: parts.dispatcher.waiting),
        "load": ("What is asked for over what the engines can do, once somebody waited", parts.load),
        "engine_ready": ("Engines that are ready", lambda: sum(e.health().state == "ready" for e in engines)),
        "engine_slots": ("Turns the engines run at once", lambda: sum(e.slots for e in engines)),
        "engine_restarts": ("Restarts of the engines", lambda: sum(e.health().restarts for e in engines)),
        "utilisation": ("Part of the slots that were used in the last five minutes", watch.utilisation),
        "loop_lag_seconds": ("How late the event loop was when it last looked", lambda: _lag(watch)),
        "tokens_per_second": ("Tokens generated, in the last two seconds", lambda: _rate(watch)),
        "start_time_seconds": ("When the site was started, since 1970", lambda: started),
    }
    for name, (about, read) in readings.items():
        metrics.gauge(name, about, read)
    metrics.registry.register(Now(watch, metrics.tiers, model))


def _lag(watch: Watch) -> float:
    return watch.samples[-1].lag_s if watch.samples else 0.0


def _rate(watch: Watch) -> float:
    return watch.samples[-1].generated_per_s if watch.samples else 0.0


class Now(Collector):
    """Gauges with labels."""

    def __init__(self, watch: Watch, tiers: Collection[str], model: Callable[[], str]) -> None:
        self._watch = watch
        self._tiers = sorted(tiers)
        self._model = model

    def collect(self) -> Iterator[Metric]:
        site = InfoMetricFamily("thinkwell_site", "Version and model", labels=())
        site.add_metric((), {"version": __version__, "model": self._model()})
        yield site
        yield from self._people()
        yield from self._engines()
        yield self._recent()

    def _people(self) -> Iterator[Metric]:
        people = GaugeMetricFamily("thinkwell_people", "People who are there", labels=("tier", "state"))
        turns = GaugeMetricFamily("thinkwell_turns_now", "Turns that are there", labels=("tier", "state"))
        nobody, crowds = Crowd(), self._watch.crowds()
        for tier in self._tiers:
            crowd = crowds.get(tier, nobody)
            people.add_metric((tier, "running"), crowd.people_running)
            people.add_metric((tier, "waiting"), crowd.people_waiting)
            turns.add_metric((tier, "running"), crowd.running)
            turns.add_metric((tier, "waiting"), crowd.waiting)
        yield people
        yield turns

    def _engines(self) -> Iterator[Metric]:
        parts = self._watch.parts
        by_name: dict[str, GaugeMetricFamily | CounterMetricFamily] = {
            "ready": GaugeMetricFamily("thinkwell_replica_ready", "1: it is ready", labels=("engine",)),
            "slots": GaugeMetricFamily(
                "thinkwell_replica_slots", "Turns it runs at once", labels=("engine",)
            ),
            "running": GaugeMetricFamily("thinkwell_replica_running", "Turns it runs", labels=("engine",)),
            "draining": GaugeMetricFamily(
                "thinkwell_replica_draining", "1: it is given no more turns", labels=("engine",)
            ),
            "restarts": CounterMetricFamily("thinkwell_replica_restarts", "Restarts", labels=("engine",)),
        }
        for engine in parts.engines:
            health, replica = engine.health(), parts.replicas[engine.name]
            values: dict[str, float] = {
                "ready": health.state == "ready",
                "slots": engine.slots,
                "running": len(replica.running),
                "draining": replica.draining,
                "restarts": health.restarts,
            }
            for name, value in values.items():
                by_name[name].add_metric((engine.name,), value)
        yield from by_name.values()

    def _recent(self) -> Metric:
        """What the pages show, for those who have no Prometheus to work it out from the histograms."""
        family = GaugeMetricFamily(
            "thinkwell_recent_seconds", "Of turns that ended in five minutes", labels=("of", "quantile")
        )
        for of, by_tier in (("wait", self._watch.waits()), ("first_token", self._watch.first_tokens())):
            histogram = merged(by_tier.values())
            for percent in (50, 90, 99):
                found = histogram.percentile(percent)
                if found is not None:
                    family.add_metric((of, f"{percent / 100:g}"), found / 1000)
        return family
