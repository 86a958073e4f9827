"""The operators' shapes of adapters: what is there, what is ordered, and what came of it. Times are
milliseconds since 1970, shares percent."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from thinkwell.engines.base import EngineState
from thinkwell.turns.serving import Served
from thinkwell.turns.smoke import Smoke, Smoked

Text = Annotated[str, Meta(max_length=4000)]
MOST_PROMPTS = 50


class AdapterNow(msgspec.Struct, frozen=True, kw_only=True):
    """``name`` is its file's in the data folder, "" for what the site began with; ``model`` is what receipts
    call it. Means are of its turns that are over, null without any; those that failed, by code."""

    name: str
    model: str
    title: str
    engine: str
    state: EngineState
    since: int
    running: int
    turns: int
    finished: int
    failed: dict[str, int]
    mean_reasoning_tokens: float | None
    mean_answer_tokens: float | None
    mean_seconds: float | None


class OperatorAdapters(msgspec.Struct, frozen=True, kw_only=True):
    """``candidate`` gets ``percent`` of the turns that begin. Those ``retiring`` end their last turns, and
    ``past`` are the last that have ended. ``available`` are the files that could be loaded."""

    current: AdapterNow
    candidate: AdapterNow | None
    percent: float
    retiring: list[AdapterNow]
    past: list[AdapterNow]
    available: list[str]


class SmokeBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    prompt: Annotated[str, Meta(min_length=1, max_length=4000)]
    contains: Annotated[list[Text], Meta(max_length=20)] = []
    thinks: bool = False
    max_tokens: Annotated[int, Meta(ge=1, le=4096)] = 512

    def as_smoke(self) -> Smoke:
        return Smoke(
            prompt=self.prompt,
            contains=tuple(self.contains),
            thinks=self.thinks,
            max_tokens=self.max_tokens,
        )


class CandidateBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``name`` "" is the model without an adapter."""

    name: Annotated[str, Meta(max_length=64)]
    smoke: Annotated[list[SmokeBody], Meta(max_length=MOST_PROMPTS)] = []


class SmokeResult(msgspec.Struct, frozen=True, kw_only=True):
    prompt: str
    thought: str
    answer: str
    passed: bool
    missing: list[str]
    first_token_ms: int | None
    took_ms: int


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """``passed`` false: it was not loaded. Milliseconds from the order on."""

    passed: bool
    smoke: list[SmokeResult]
    checked: list[str]
    ready_ms: int
    took_ms: int
    adapters: OperatorAdapters


class ShareBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    percent: Annotated[float, Meta(ge=0, le=100)]


def adapter_now(served: Served, running: int) -> AdapterNow:
    return AdapterNow(
        name=served.name,
        model=served.card.name,
        title=served.card.title,
        engine=served.engine.name,
        state=served.engine.health().state,
        since=served.since_us // 1000,
        running=running,
        turns=served.turns,
        finished=served.finished,
        failed=dict(served.failed),
        mean_reasoning_tokens=_rounded(served.mean(served.reasoning)),
        mean_answer_tokens=_rounded(served.mean(served.answer)),
        mean_seconds=_rounded(served.mean(served.seconds)),
    )


def smoke_result(one: Smoked) -> SmokeResult:
    return SmokeResult(
        prompt=one.prompt,
        thought=one.thought,
        answer=one.answer,
        passed=one.passed,
        missing=list(one.missing),
        first_token_ms=None if one.first_token_s is None else round(1000 * one.first_token_s),
        took_ms=round(1000 * one.seconds),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
