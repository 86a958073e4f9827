"""Long thoughts give way: which running turn pauses so that a lighter person's can start. Pure.

A pause costs the engine what its prefix cache has lost when the turn goes on: at worst its prompt and
what it said so far, as prompt tokens. Bounded by rules, so that it stays worth it and nobody thrashes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf

import msgspec


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """``quantum_tokens`` are generated in a lease before it may be asked for. ``least_lead``: weighted
    tokens by which the person who pauses must be ahead of the one who starts; where that one had begun
    and gave way itself, also the turn, or the two would take turns for ever. ``most_again_tokens`` of
    prompt and text may have to be read again, of which the engine's prefix cache still has the part
    ``kept``. ``most_pauses`` of one turn. ``most_running`` of the person who starts run already: a light
    person is one who has nothing.

    The defaults are the best of a search on the arena trace (docs/log.md, 2026-11-21).
    """

    quantum_tokens: int = 16
    least_lead: float = 700.0
    most_again_tokens: int = 250
    kept: float = 0.0
    most_pauses: int = 2
    most_running: int = 0


class Candidate(msgspec.Struct, frozen=True):
    """A running turn: tokens generated in this lease, tokens it would go on from, weighted tokens used in
    all, pauses so far."""

    ticket_id: str
    generated: int
    tokens: int
    service: float
    pauses: int


def who_pauses(
    rules: Rules, candidates: Iterable[Candidate], lead: Callable[[str], float], begun: float = 0.0
) -> Candidate | None:
    """The one that costs least to read again for each token that its person is ahead.

    ``lead`` is by ticket, in weighted tokens; ``begun`` what the waiting turn has used itself. Of infinite
    lead is a turn that runs behind the others: it pauses before any other, for whoever it is.
    """
    best: Candidate | None = None
    least = (True, 0.0)
    for one in candidates:
        again = (1.0 - rules.kept) * one.tokens
        if (
            one.generated < rules.quantum_tokens
            or again > rules.most_again_tokens
            or one.pauses >= rules.most_pauses
        ):
            continue
        ahead = lead(one.ticket_id)
        behind = ahead == inf
        if not behind and (ahead < rules.least_lead or (begun and one.service - begun < rules.least_lead)):
            continue
        price = (not behind, again if behind else again / (ahead + 1.0))
        if best is None or price < least:
            best, least = one, price
    return best
