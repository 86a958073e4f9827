"""Prometheus metrics. An Observer of turns; gauges (gauges.py) are read when somebody scrapes.

Labels have few values: tiers that the settings name, models of the site, codes of errors.py. What is added up
is added up in plain numbers of our own, and becomes the library's shapes when somebody scrapes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from thinkwell.turns.live import LiveTurn
from thinkwell.turns.observer import Unmoved
from thinkwell.values.event import Failed, TurnEnd

SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
KINDS = ("prompt_uncached", "prompt_cached", "reasoning", "answer")
# A site serves a few models in its life; what comes after so many of them goes under one name.
MOST_MODELS = 50
OTHER = "other"
JOULE = 1_000_000


class Seconds:
    """A histogram in the making."""

    def __init__(self) -> None:
        self.counts = [0] * (len(SECONDS) + 1)
        self.sum = 0.0

    def observe(self, seconds: float) -> None:
        self.counts[bisect_left(SECONDS, seconds)] += 1
        self.sum += seconds

    def add_to(self, family: HistogramMetricFamily, labels: Sequence[str]) -> None:
        bounds = [*(repr(float(bound)) for bound in SECONDS), "+Inf"]
        buckets = list(zip(bounds, accumulate(self.counts), strict=True))
        family.add_metric(labels, buckets, self.sum)


class Totals:
    """Of a tier and a model."""

    def __init__(self) -> None:
        self.endings: Counter[str] = Counter()
        self.tokens = [0] * len(KINDS)
        self.price = self.due = self.cost = 0
        self.energy: Counter[bool] = Counter()  # microjoules, by whether they were measured
        self.shortened = self.behind = 0
        self.waited, self.first_token, self.seconds = Seconds(), Seconds(), Seconds()


class SiteMetrics(Unmoved, Collector):
    """One registry a site: two sites in one process do not share counts. ``tiers`` are those there are."""

    def __init__(self, tiers: Collection[str], currency: str) -> None:
        self.tiers = frozenset(tiers)
        self._currency = currency
        self._models: set[str] = set()
        self._turns: Counter[tuple[str, str]] = Counter()
        self._totals: dict[tuple[str, str], Totals] = {}
        self._refused: Counter[str] = Counter()
        self.registry = CollectorRegistry(auto_describe=False)
        self.registry.register(self)

    def gauge(self, name: str, about: str, read: Callable[[], float]) -> None:
        Gauge(f"thinkwell_{name}", about, registry=self.registry).set_function(read)

    def turned_away(self, code: str) -> None:
        """A request was answered with an error of that code."""
        self._refused[code] += 1

    def ended(self, live: LiveTurn, end: TurnEnd) -> None:
        receipt = end.receipt
        self._turns[receipt.ending, end.code if isinstance(end, Failed) else ""] += 1
        totals = self._totals_of(live.request.caller.tier, receipt.model)
        totals.endings[receipt.ending] += 1
        usage = receipt.usage
        counts = (usage.prompt - usage.cached, usage.cached, usage.reasoning, usage.answer)
        for kind, tokens in enumerate(counts):
            totals.tokens[kind] += tokens
        charge, energy = receipt.charge, receipt.energy
        if charge is not None:
            totals.price += charge.price
            totals.due += charge.due
        totals.cost += receipt.cost or 0
        if energy is not None:
            totals.energy[energy.measured] += energy.microjoules or 0
        totals.shortened += receipt.shortened is not None
        totals.behind += receipt.behind
        totals.waited.observe(receipt.waited_s)
        totals.seconds.observe(receipt.seconds)
        if receipt.first_token_s is not None:
            totals.first_token.observe(receipt.first_token_s)

    def exposition(self) -> bytes:
        return generate_latest(self.registry)

    def tier(self, name: str) -> str:
        """As a label has it."""
        return name if name in self.tiers else OTHER

    def _totals_of(self, tier: str, model: str) -> Totals:
        if model not in self._models and len(self._models) < MOST_MODELS:
            self._models.add(model)
        labels = self.tier(tier), model if model in self._models else OTHER
        found = self._totals.get(labels)
        if found is None:
            found = self._totals[labels] = Totals()
        return found

    # -- a Collector -----------------------------------------------------------------------------

    def collect(self) -> Iterator[Metric]:
        yield _counter("turns", "Turns by how they ended", ("ending", "code"), self._turns.items())
        tokens = [sum(totals.tokens[kind] for totals in self._totals.values()) for kind in range(len(KINDS))]
        by_kind = [((kind,), number) for kind, number in zip(KINDS, tokens, strict=True)]
        yield _counter("tokens", "Tokens of turns that are over, by kind", ("kind",), by_kind)
        refused = [((code,), number) for code, number in self._refused.items()]
        yield _counter("refused", "Requests answered with an error, by its code", ("code",), refused)
        yield from self._by_tier()
        yield self._seconds("wait_seconds", "Time in line", lambda totals: totals.waited)
        yield self._seconds(
            "first_token_seconds", "Admission to first token", lambda totals: totals.first_token
        )
        yield self._seconds("turn_seconds", "Admission to end", lambda totals: totals.seconds)

    def _by_tier(self) -> Iterator[Metric]:
        labels = ("tier", "model")
        each = self._totals.items()
        endings = [((*key, ending), n) for key, one in each for ending, n in one.endings.items()]
        yield _counter("tier_turns", "Turns by tier and model", (*labels, "ending"), endings)
        tokens = [((*key, kind), n) for key, one in each for kind, n in zip(KINDS, one.tokens, strict=True)]
        yield _counter("tier_tokens", "Tokens by tier and model", (*labels, "kind"), tokens)
        amounts: dict[str, tuple[str, Callable[[Totals], int]]] = {
            "price": ("What turns cost by the tariff", lambda one: one.price),
            "due": ("The price less what was free", lambda one: one.due),
            "cost": ("What turns cost the operator, as far as known", lambda one: one.cost),
        }
        for name, (about, read) in amounts.items():
            found = [((*key, self._currency), read(one)) for key, one in each]
            yield _counter(f"{name}_micros", f"{about}; millionths", (*labels, "currency"), found)
        energy = [
            ((*key, "true" if measured else "false"), microjoules / JOULE)
            for key, one in each
            for measured, microjoules in one.energy.items()
        ]
        yield _counter("energy_joules", "Energy of the engines", (*labels, "measured"), energy)
        shortened = [(key, one.shortened) for key, one in each]
        yield _counter("thoughts_shortened", "Thoughts cut since others waited", labels, shortened)
        behind = [(key, one.behind) for key, one in each]
        yield _counter("turns_behind", "Turns that went behind, their quota used up", labels, behind)

    def _seconds(self, name: str, about: str, read: Callable[[Totals], Seconds]) -> Metric:
        family = HistogramMetricFamily(f"thinkwell_{name}", about, labels=("tier", "model"))
        for key, totals in self._totals.items():
            read(totals).add_to(family, key)
        return family


def _counter(
    name: str, about: str, labels: Sequence[str], found: Iterable[tuple[Sequence[str], float]]
) -> CounterMetricFamily:
    family = CounterMetricFamily(f"thinkwell_{name}", about, labels=labels)
    for values, number in found:
        family.add_metric(values, number)
    return family
