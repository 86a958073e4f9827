"""Predictor: how much a turn will generate, from what the same person's last turns did. Pure.

The mean of a person's last few outputs, with the mean of everybody's as one more: VTC's own predictor
(arXiv 2401.00588, section 4.4), made safe for persons of whom little is known. Wrong predictions cost
order, never counts: the pool puts charges right while a turn runs.
"""

from __future__ import annotations

from collections import OrderedDict, deque

from thinkwell.scheduling.base import OUTPUT_WEIGHT, PROMPT_WEIGHT, Ticket

OWN_TURNS = 5
ALL_TURNS = 256
# Persons remembered; who asked longest ago is forgotten first. About 300 bytes each.
MOST_PERSONS = 20_000


class Predictor:
    """``first_guess`` in tokens of output, before anything was learnt."""

    def __init__(self, first_guess: float = 512.0, most_persons: int = MOST_PERSONS) -> None:
        self._most_persons = most_persons
        self._own: OrderedDict[str, deque[int]] = OrderedDict()
        self._all: deque[int] = deque(maxlen=ALL_TURNS)
        self._sum = 0
        self._guess = first_guess

    def output(self, ticket: Ticket) -> float:
        """Tokens that the turn will generate; never more than it may."""
        guess = self._guess
        own = self._own.get(ticket.person)
        if own:
            guess = (sum(own) + guess) / (len(own) + 1)
        return guess if ticket.max_tokens is None else min(guess, ticket.max_tokens)

    def cost(self, ticket: Ticket) -> float:
        """Weighted tokens that the turn will use."""
        return PROMPT_WEIGHT * ticket.prompt_tokens + OUTPUT_WEIGHT * self.output(ticket)

    def learn(self, person: str, generated: int) -> None:
        """A turn of ``person`` came to its own end after ``generated`` tokens."""
        own = self._own.get(person)
        if own is None:
            own = self._own[person] = deque(maxlen=OWN_TURNS)
            if len(self._own) > self._most_persons:
                self._own.popitem(last=False)
        own.append(generated)
        self._own.move_to_end(person)
        if len(self._all) == ALL_TURNS:
            self._sum -= self._all[0]
        self._all.append(generated)
        self._sum += generated
        self._guess = self._sum / len(self._all)
