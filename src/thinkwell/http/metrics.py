"""Prometheus metrics. An Observer of turns; the gauges are read when somebody scrapes."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from thinkwell.values.receipt import Receipt

SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)


class SiteMetrics:
    """One registry a site: two sites in one process do not share counts."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._turns = Counter(
            "thinkwell_turns", "Turns by how they ended", ["ending", "code"], registry=self._registry
        )
        self._tokens = Counter("thinkwell_tokens", "Tokens by kind", ["kind"], registry=self._registry)
        kinds = ("prompt_uncached", "prompt_cached", "reasoning", "answer")
        self._tokens_of = [self._tokens.labels(kind) for kind in kinds]
        self._ended: dict[tuple[str, str], Counter] = {}  # looking a label up costs more than counting
        self._first_token = Histogram(
            "thinkwell_first_token_seconds",
            "Admission to first token",
            buckets=SECONDS,
            registry=self._registry,
        )
        self._waited = Histogram(
            "thinkwell_wait_seconds", "Time in line", buckets=SECONDS, registry=self._registry
        )

    def gauge(self, name: str, about: str, read: Callable[[], float]) -> None:
        Gauge(f"thinkwell_{name}", about, registry=self._registry).set_function(read)

    def ended(self, receipt: Receipt, code: str | None) -> None:
        how = (receipt.ending, code or "")
        ended = self._ended.get(how)
        if ended is None:
            ended = self._ended[how] = self._turns.labels(*how)
        ended.inc()
        usage = receipt.usage
        counts = (usage.prompt - usage.cached, usage.cached, usage.reasoning, usage.answer)
        for counter, tokens in zip(self._tokens_of, counts, strict=True):
            if tokens:
                counter.inc(tokens)
        self._waited.observe(receipt.waited_s)
        if receipt.first_token_s is not None:
            self._first_token.observe(receipt.first_token_s)

    def exposition(self) -> bytes:
        return generate_latest(self._registry)
