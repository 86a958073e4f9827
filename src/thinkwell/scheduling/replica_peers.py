"""Peers of the router's cost, for the bench: what a plain balancer does, and the shortest cost line."""

from __future__ import annotations

from thinkwell.scheduling.replicas import ReplicaState, Seat


def round_robin(seat: Seat, state: ReplicaState, prompt: int, uncached: int) -> float:
    """Who was sent a turn longest ago."""
    return seat.last


def least_work(seat: Seat, state: ReplicaState, prompt: int, uncached: int) -> float:
    """Who has computed least for prompts since the beginning."""
    return seat.total


def cost_line(seat: Seat, state: ReplicaState, prompt: int, uncached: int) -> float:
    """What is to compute now, and a tenth of what was."""
    return uncached + 0.1 * seat.total
