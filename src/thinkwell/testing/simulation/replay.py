"""Replay a list of arrivals on one simulated machine, first come first served, in virtual time."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from thinkwell.testing.simulation.machine import SimulatedMachine
from thinkwell.testing.simulation.profile import Profile
from thinkwell.testing.simulation.request import Began, Ended, FirstToken, SimRequest
from thinkwell.testing.simulation.trace import TraceRequest


class Arrival(msgspec.Struct, frozen=True):
    at: float
    person: str | None
    request: SimRequest


class Span(msgspec.Struct, kw_only=True):
    """What one request lived through; times in seconds, None where it did not come to that."""

    arrived: float
    began: float | None = None
    first_token: float | None = None
    ended: float | None = None
    cached_tokens: int = 0
    tokens: int = 0


def replay(profile: Profile, arrivals: Iterable[Arrival]) -> dict[str, Span]:
    """Run all to their end with the machine's own queue. Keys are request ids."""
    machine = SimulatedMachine(profile)
    spans: dict[str, Span] = {}
    for arrival in arrivals:
        spans[arrival.request.id] = Span(arrived=arrival.at)
        machine.submit(arrival.request, arrival.at)
    for event in machine.advance(float("inf")):
        span = spans[event.id]
        match event:
            case Began(at=at, cached_tokens=cached):
                span.began, span.cached_tokens = at, cached
            case FirstToken(at=at):
                span.first_token = at
            case Ended(at=at, tokens=tokens):
                span.ended, span.tokens = at, tokens
    return spans


def as_arrivals(trace: Iterable[TraceRequest]) -> list[Arrival]:
    """Request ids are places in the trace. What is empty gets one token: no machine runs less."""
    return [
        Arrival(
            request.at,
            request.person,
            SimRequest(
                id=str(number),
                prompt_tokens=max(1, request.prompt_tokens),
                output_tokens=max(1, request.output_tokens),
                blocks=request.blocks,
            ),
        )
        for number, request in enumerate(trace)
    ]
