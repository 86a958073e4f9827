"""The operator's own shapes, and what they have in common with the public page's. Made to be plotted: times
are milliseconds since 1970, amounts of money whole millionths of the currency, and what was sampled stands in
columns of equal length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from thinkwell.engines.base import EngineState
from thinkwell.ledger.histogram import Histogram
from thinkwell.ledger.hours import Sums
from thinkwell.ledger.spans import By
from thinkwell.turns.watch import Crowd, Sample

MS_US = 1000
JOULE = 1_000_000


class Percentiles(msgspec.Struct, frozen=True, kw_only=True):
    """Of ``count`` turns, to within a fifth; null without any."""

    count: int
    p50_ms: int | None
    p90_ms: int | None
    p99_ms: int | None


class CrowdNow(msgspec.Struct, frozen=True, kw_only=True):
    """Turns, and the people whose they are; who has several and any of them runs is running."""

    running: int
    waiting: int
    people_running: int
    people_waiting: int


class Slots(msgspec.Struct, frozen=True, kw_only=True):
    """``all`` is what the engines run at once. ``utilisation`` is the part used in the last five minutes."""

    all: int
    used: int
    utilisation: float


class Speed(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens a second."""

    generated: float
    prompt: float


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """Of the turns that ended in the last five minutes, all and by tier."""

    all: Percentiles
    tiers: dict[str, Percentiles]


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """By code. ``failed`` are turns, ``refused`` all requests that were answered with an error."""

    failed: dict[str, int]
    refused: dict[str, int]


class EngineNow(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    state: EngineState
    reason: str | None
    restarts: int
    slots: int
    running: int
    draining: bool


class PowerNow(msgspec.Struct, frozen=True, kw_only=True):
    """``watts`` null: nothing is known of them. ``utilisation`` is the part of this hour in which an engine
    worked."""

    watts: float | None
    measured: bool | None
    about: str
    utilisation: float | None


class Crowds(msgspec.Struct, frozen=True, kw_only=True):
    """Columns."""

    running: list[int]
    waiting: list[int]
    people_running: list[int]
    people_waiting: list[int]


class Samples(msgspec.Struct, frozen=True, kw_only=True):
    """Columns: a look every ``every_s`` seconds, half an hour at most. Percentiles are in milliseconds, of
    the five minutes before; ``failed`` and ``refused`` since the look before."""

    every_s: float
    at: list[int]
    all: Crowds
    tiers: dict[str, Crowds]
    slots: list[int]
    load: list[float]
    generated_per_s: list[float]
    prompt_per_s: list[float]
    first_p50: list[int | None]
    first_p90: list[int | None]
    wait_p50: list[int | None]
    wait_p90: list[int | None]
    failed: list[int]
    refused: list[int]


class OperatorNow(msgspec.Struct, frozen=True, kw_only=True):
    at: int
    started_at: int
    model: str
    all: CrowdNow
    tiers: dict[str, CrowdNow]
    slots: Slots
    load: float
    tokens_per_s: Speed
    first_token: Times
    wait: Times
    last_5_minutes: Counts
    last_hour: Counts
    engines: list[EngineNow]
    power: PowerNow
    samples: Samples


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    uncached: int
    cached: int
    reasoning: int
    answer: int


class SumsRow(msgspec.Struct, frozen=True, kw_only=True):
    """``at`` is when the day or hour began, ``name`` its date, or the model or tier. ``price`` is by the
    tariff, ``due`` what of it was not free, ``cost`` the operator's, as far as known."""

    at: int | None
    name: str
    turns: int
    failed: int
    stopped: int
    tokens: Tokens
    price: int
    due: int
    cost: int
    energy_j: int
    wait: Percentiles
    first_token: Percentiles


class OperatorDays(msgspec.Struct, frozen=True, kw_only=True):
    """``break_even`` is the part of its time that the machine must work at full speed so that what is due for
    it is what it costs, at what was due in these days; over 1: it does not pay. Null: not known."""

    by: By
    zone: str
    currency: str
    items: list[SumsRow]
    total: SumsRow
    break_even: float | None


class FailureRow(msgspec.Struct, frozen=True, kw_only=True):
    at: int
    code: str
    model: str
    tier: str
    engine: str | None


class OperatorErrors(msgspec.Struct, frozen=True, kw_only=True):
    """The last turns that failed since the site was started, newest first."""

    items: list[FailureRow]
    last_5_minutes: Counts
    last_hour: Counts


class BlockedMember(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str | None
    why: str
    at: int


class BlockRow(msgspec.Struct, frozen=True, kw_only=True):
    """``until`` null: for ever."""

    subject: str
    why: str
    at: int
    until: int | None


class TurnedRow(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who was refused for a quota in the last hour. ``person`` and ``network`` may be blocked as
    they stand here; ``network`` is a hash that lasts a day."""

    person: str
    network: str | None
    tier: str
    code: str
    times: int
    at: int


class OperatorBlocked(msgspec.Struct, frozen=True, kw_only=True):
    members: list[BlockedMember]
    blocks: list[BlockRow]
    refused: list[TurnedRow]


class BlockBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``subject`` is a visitor, a network, a member, or a ``person:…`` of the list of those refused. ``why``
    is shown to them."""

    subject: Annotated[str, Meta(min_length=1, max_length=100)]
    why: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
    hours: Annotated[int, Meta(ge=1, le=8784)] | None = None


class SettingShown(msgspec.Struct, frozen=True, kw_only=True):
    """``value`` as text, empty when unset; secrets are hidden."""

    name: str
    value: str
    default: str
    source: str
    about: str


class OperatorSettings(msgspec.Struct, frozen=True, kw_only=True):
    items: list[SettingShown]


class DrainBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    on: bool


def percentiles(histogram: Histogram) -> Percentiles:
    return Percentiles(
        count=histogram.total,
        p50_ms=histogram.percentile(50),
        p90_ms=histogram.percentile(90),
        p99_ms=histogram.percentile(99),
    )


def crowd_now(crowd: Crowd) -> CrowdNow:
    return CrowdNow(
        running=crowd.running,
        waiting=crowd.waiting,
        people_running=crowd.people_running,
        people_waiting=crowd.people_waiting,
    )


def samples_of(samples: Sequence[Sample], every_s: float) -> Samples:
    tiers = sorted({tier for sample in samples for tier in sample.tiers})
    nobody = Crowd()
    return Samples(
        every_s=every_s,
        at=[sample.at // MS_US for sample in samples],
        all=_crowds([sample.crowd for sample in samples]),
        tiers={tier: _crowds([sample.tiers.get(tier, nobody) for sample in samples]) for tier in tiers},
        slots=[sample.slots for sample in samples],
        load=[round(sample.load, 3) for sample in samples],
        generated_per_s=[round(sample.generated_per_s, 1) for sample in samples],
        prompt_per_s=[round(sample.prompt_per_s, 1) for sample in samples],
        first_p50=[sample.first_p50 for sample in samples],
        first_p90=[sample.first_p90 for sample in samples],
        wait_p50=[sample.wait_p50 for sample in samples],
        wait_p90=[sample.wait_p90 for sample in samples],
        failed=[sample.failed for sample in samples],
        refused=[sample.refused for sample in samples],
    )


def _crowds(crowds: Sequence[Crowd]) -> Crowds:
    return Crowds(
        running=[crowd.running for crowd in crowds],
        waiting=[crowd.waiting for crowd in crowds],
        people_running=[crowd.people_running for crowd in crowds],
        people_waiting=[crowd.people_waiting for crowd in crowds],
    )


def sums_row(name: str, sums: Sums, at_us: int | None = None) -> SumsRow:
    return SumsRow(
        at=None if at_us is None else at_us // MS_US,
        name=name,
        turns=sums.turns,
        failed=sums.failed,
        stopped=sums.stopped,
        tokens=Tokens(
            uncached=sums.uncached_tokens,
            cached=sums.cached_tokens,
            reasoning=sums.reasoning_tokens,
            answer=sums.answer_tokens,
        ),
        price=sums.price,
        due=sums.due,
        cost=sums.cost,
        energy_j=sums.energy // JOULE,
        wait=percentiles(sums.waits),
        first_token=percentiles(sums.first_tokens),
    )


def times(by_tier: Mapping[str, Histogram], whole: Histogram) -> Times:
    return Times(
        all=percentiles(whole), tiers={tier: percentiles(histogram) for tier, histogram in by_tier.items()}
    )
