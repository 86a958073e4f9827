"""Refusals of somebody who asks too much: sentences that say what is used up, and when to come back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import msgspec

from thinkwell.admission.purses import Purse
from thinkwell.admission.tiers import Worth, generated_for
from thinkwell.errors import BudgetSpent, OverQuota, Refused, TooManyAtOnce
from thinkwell.values.money import decimal

# A turn that could generate less is not worth starting, unless it asks for less.
LEAST_ANSWER = 64

Kind = Literal["quota", "cap", "budget"]


class Bound(msgspec.Struct, frozen=True):
    """What no turn may pass: of a purse, in weighted tokens and in money (None: without end)."""

    kind: Kind
    purse: Purse
    tokens: int | None
    money: int | None

    def room(self, worth: Worth, prompt: int) -> int | None:
        """Tokens that a turn may generate now; None: without end."""
        purse = self.purse
        return generated_for(
            worth,
            prompt,
            _less(self.tokens, purse.tokens + purse.most.tokens),
            _less(self.money, purse.money + purse.most.money),
        )

    def is_used_up(self) -> bool:
        purse = self.purse
        return (self.tokens is not None and purse.tokens >= self.tokens) or (
            self.money is not None and purse.money >= self.money
        )

    def frees_up(self, worth: Worth, prompt: int, least: int) -> bool:
        """Whether it would hold the turn if those in flight used nothing more."""
        purse = self.purse
        room = generated_for(worth, prompt, _less(self.tokens, purse.tokens), _less(self.money, purse.money))
        return room is None or room >= least


def _less(limit: int | None, used: int) -> int | None:
    return None if limit is None else limit - used


class Refusals:
    """``currency`` of the site."""

    def __init__(self, currency: str) -> None:
        self._currency = currency

    def used_up(self, bound: Bound, now_us: int) -> Refused:
        """Nothing is left, or too little for this question."""
        what = self._sum(bound)
        left = "" if bound.is_used_up() else ": what is left is too little for this question"
        if bound.kind == "budget":
            said = f"The budget of this key, {what}, is used up{left}. Ask with another key."
            return BudgetSpent(said)
        again = f"It begins anew at {at(bound.purse.ends)}."
        after_s = seconds_to(bound.purse.ends, now_us)
        if bound.kind == "cap":
            said = f"You have come to the cap that you set yourself, {what}{left}. {again} You can raise it."
            return OverQuota(said, retry_after_s=after_s)
        return OverQuota(f"Your quota, {what}, is used up{left}. {again}", retry_after_s=after_s)

    def set_aside(self, bound: Bound, after_s: float) -> Refused:
        """What is left is kept for turns in flight, and some of it may be free when one has ended."""
        names = {"quota": "your quota", "cap": "your own cap", "budget": "this key's budget"}
        turns = bound.purse.in_flight
        said = (
            f"What is left of {names[bound.kind]}, {self._sum(bound)}, is set aside for "
            f"{turns} {'answer' if turns == 1 else 'answers'} still to come. Ask again when one is complete."
        )
        kind = BudgetSpent if bound.kind == "budget" else OverQuota
        return kind(said, retry_after_s=after_s)

    def _sum(self, bound: Bound) -> str:
        parts = []
        if bound.tokens is not None:
            parts.append(f"{bound.tokens:,} tokens")
        if bound.money is not None:
            parts.append(f"{decimal(bound.money)} {self._currency}")
        return " or ".join(parts)


def too_many(most: int, after_s: float) -> TooManyAtOnce:
    return TooManyAtOnce(
        f"You have {most} {'question' if most == 1 else 'questions'} waiting or being answered, as many as "
        "one person may have here. Ask again when one is answered.",
        retry_after_s=after_s,
    )


def at(time_us: int) -> str:
    """``2026-12-01 00:00 UTC``."""
    return f"{datetime.fromtimestamp(time_us // 1_000_000, UTC):%Y-%m-%d %H:%M} UTC"


def seconds_to(time_us: int, now_us: int) -> float:
    return max(1.0, (time_us - now_us) / 1e6)
