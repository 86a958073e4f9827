"""Reconciliation: what the site metered on each engine, held against what the engine counted itself. Pure.

The two never come from one source: the site counts what it was sent, the engine what it made. They are equal
but for what this page can name and bound; what is left over is said to be unexplained.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from thinkwell.values.engine import EngineCounters

# An engine makes tokens while the news that nobody wants them is on its way: twice the most that was seen
# of a fast one (docs/log.md, bench wire churn: 32).
MADE_MEANWHILE = 64

Verdict = Literal["equal", "explained", "unexplained", "untold"]
Why = Literal["cut", "just_cut", "cut_before", "running", "restarts", "more_passes"]


class Metered(msgspec.Struct, frozen=True):
    """On one replica. Of ``leases``, ``cut`` were ended before the model had ended, and ``running`` run, with
    ``unfinished`` tokens so far. ``passes`` were asked of the engine, and each reads a prompt.

    ``late`` tokens are of what was cut a moment ago, and ``unheard`` of what the site itself asked and cut a
    moment ago: some engines have yet to count them. ``before`` were so when it was begun to meter."""

    prompt: int = 0
    cached: int = 0
    generated: int = 0
    leases: int = 0
    cut: int = 0
    running: int = 0
    passes: int = 0
    unfinished: int = 0
    late: int = 0
    unheard: int = 0
    before: int = 0

    def plus(self, other: Metered) -> Metered:
        return Metered(
            self.prompt + other.prompt,
            self.cached + other.cached,
            self.generated + other.generated,
            self.leases + other.leases,
            self.cut + other.cut,
            self.running + other.running,
            self.passes + other.passes,
            self.unfinished + other.unfinished,
            self.late + other.late,
            self.unheard + other.unheard,
            self.before + other.before,
        )

    def since(self, start: Metered) -> Metered:
        """``running`` and ``unfinished`` are those at either end."""
        return Metered(
            self.prompt - start.prompt,
            self.cached - start.cached,
            self.generated - start.generated,
            self.leases - start.leases,
            self.cut - start.cut,
            self.running + start.running,
            self.passes - start.passes,
            self.unfinished + start.unfinished,
            self.late,
            self.unheard,
            start.late + start.unheard,
        )


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Something that makes the two differ, by ``at_most`` so many tokens (None: nothing bounds it)."""

    why: Why
    count: int
    at_most: int | None


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of one kind. ``difference`` is the engine's count less the site's; None where it tells none."""

    metered: int
    counted: int | None
    difference: int | None
    verdict: Verdict


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One engine. ``whole``: its count of prompts has cached tokens in it, and the metered one here too."""

    engine: str
    generated: Kind
    prompt: Kind
    whole: bool
    reasons: tuple[Reason, ...]


class Booked(msgspec.Struct, frozen=True, kw_only=True):
    """The same tokens as the ledger has them, of turns that were closed; ``waiting`` turns are to be booked
    yet, or may be in this moment."""

    metered: int
    booked: int
    difference: int
    waiting: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Times in microseconds since 1970."""

    since: int
    at: int
    engines: tuple[Account, ...]
    ledger: Booked | None = None

    @property
    def clean(self) -> bool:
        """Nothing is unexplained."""
        verdicts = [kind.verdict for one in self.engines for kind in (one.generated, one.prompt)]
        booked = self.ledger is None or self.ledger.difference == 0 or self.ledger.waiting > 0
        return booked and "unexplained" not in verdicts


class Span(msgspec.Struct, kw_only=True):
    """What one engine counted over a time, put together from looks at it. It counts anew when it was
    restarted: what it had counted since the last look is lost then."""

    prompt: int = 0
    generated: int = 0
    whole: bool = False
    restarts: int = 0
    last: EngineCounters | None = None

    def look(self, now: EngineCounters) -> None:
        last = self.last
        if last is not None:
            if now.generated < last.generated or now.prompt < last.prompt:
                self.restarts += 1
                last = EngineCounters(prompt=0, generated=0)
            self.prompt += now.prompt - last.prompt
            self.generated += now.generated - last.generated
        self.last, self.whole = now, now.whole


def account_of(engine: str, metered: Metered, span: Span) -> Account:
    told = span.last is not None
    reasons = _reasons(metered, span)
    read = metered.prompt if span.whole else metered.prompt - metered.cached
    return Account(
        engine=engine,
        generated=_kind(metered.generated, span.generated if told else None, reasons, prompts=False),
        prompt=_kind(read, span.prompt if told else None, reasons, prompts=True),
        whole=span.whole,
        reasons=reasons,
    )


def _reasons(metered: Metered, span: Span) -> tuple[Reason, ...]:
    found: list[Reason] = []
    if metered.cut:
        found.append(Reason(why="cut", count=metered.cut, at_most=metered.cut * MADE_MEANWHILE))
    if metered.late:
        found.append(Reason(why="just_cut", count=metered.cut, at_most=metered.late))
    if metered.before:
        most = metered.before + MADE_MEANWHILE
        found.append(Reason(why="cut_before", count=1, at_most=most))
    if metered.running:
        most = metered.unfinished + metered.running * MADE_MEANWHILE  # some engines count at the end only
        found.append(Reason(why="running", count=metered.running, at_most=most))
    if span.restarts:
        found.append(Reason(why="restarts", count=span.restarts, at_most=None))
    more = metered.passes - metered.leases
    if more > 0:
        found.append(Reason(why="more_passes", count=more, at_most=None))
    return tuple(found)


def _kind(metered: int, counted: int | None, reasons: tuple[Reason, ...], *, prompts: bool) -> Kind:
    if counted is None:
        return Kind(metered=metered, counted=None, difference=None, verdict="untold")
    difference = counted - metered
    verdict: Verdict = "equal"
    if difference:
        verdict = "explained" if _explains(difference, reasons, prompts=prompts) else "unexplained"
    return Kind(metered=metered, counted=counted, difference=difference, verdict=verdict)


def _explains(difference: int, reasons: tuple[Reason, ...], *, prompts: bool) -> bool:
    """A restart loses counts of the engine's. What was just cut is counted when the engine hears of it. Of
    the prompt of a pass that was cut, or runs, one of the two may know nothing; each further pass of a turn
    reads a prompt that the site does not meter."""
    most = {reason.why: reason.at_most or 0 for reason in reasons}
    if prompts:
        return bool(most)
    if difference < 0:
        return "restarts" in most or -difference <= most.get("running", 0) + most.get("just_cut", 0)
    return difference <= sum(most.values()) - most.get("just_cut", 0)


def sums_of(metered: Mapping[str, Metered]) -> Metered:
    whole = Metered()
    for one in metered.values():
        whole = whole.plus(one)
    return whole
