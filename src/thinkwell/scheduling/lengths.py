"""Lengths: what a person's turns generate on average, over more turns than the predictor looks at. Pure.

A queue of many turns of one person is estimated with it: there the error of a mean of five does not average
out, since all of them are thought to be as long.
"""

from __future__ import annotations

from collections import OrderedDict

from thinkwell.scheduling.base import OUTPUT_WEIGHT, PROMPT_WEIGHT, Ticket

# Turns that a person's average is over, and everybody's.
OWN_TURNS = 50
ALL_TURNS = 500
# Everybody's average counts as so many turns of a person's own.
PRIOR_TURNS = 3.0
MOST_PERSONS = 5000


class Lengths:
    """Averages that fade with every further turn. ``first_guess`` in tokens, before anything was learnt."""

    def __init__(self, first_guess: float = 512.0) -> None:
        self._all = (0.0, first_guess)  # turns, mean
        self._own: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def learn(self, person: str, generated: int) -> None:
        self._all = _with(self._all, generated, ALL_TURNS)
        self._own[person] = _with(self._own.get(person, (0.0, 0.0)), generated, OWN_TURNS)
        self._own.move_to_end(person)
        if len(self._own) > MOST_PERSONS:
            self._own.popitem(last=False)

    def cost(self, ticket: Ticket) -> float:
        """Weighted tokens that a turn will use."""
        turns, mean = self._own.get(ticket.person, (0.0, 0.0))
        output = (turns * mean + PRIOR_TURNS * self._all[1]) / (turns + PRIOR_TURNS)
        if ticket.max_tokens is not None:
            output = min(output, ticket.max_tokens)
        return PROMPT_WEIGHT * ticket.prompt_tokens + OUTPUT_WEIGHT * output


def _with(average: tuple[float, float], value: float, most: float) -> tuple[float, float]:
    turns = min(average[0] + 1.0, most)
    return turns, average[1] + (value - average[1]) / turns
