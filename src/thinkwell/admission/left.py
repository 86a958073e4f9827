"""Left: what a caller may still use, for pages and headers."""

from __future__ import annotations

import msgspec


class AmountLeft(msgspec.Struct, frozen=True, kw_only=True):
    """Weighted tokens, or millionths. ``held`` is set aside for turns in flight; ``left`` is without it."""

    limit: int
    used: int
    held: int
    left: int


class KeyLeft(msgspec.Struct, frozen=True, kw_only=True):
    tokens: AmountLeft | None
    money: AmountLeft | None


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """Times in microseconds. None where there is no such bound. ``one_ends_s``: about when the next of the
    ``live`` turns ends; ``most_live`` 0 is no bound. ``known`` False: the book was not read yet, so that more
    may have been used."""

    tier: str
    begins_at: int
    resets_at: int
    used_tokens: int
    used_money: int
    tokens: AmountLeft | None
    money: AmountLeft | None
    free: AmountLeft | None
    cap_tokens: AmountLeft | None
    cap_money: AmountLeft | None
    key: KeyLeft | None
    refuse: bool
    most_live: int
    live: int
    one_ends_s: float
    known: bool


def amount_left(limit: int | None, used: int, held: int) -> AmountLeft | None:
    if limit is None:
        return None
    return AmountLeft(limit=limit, used=used, held=held, left=max(0, limit - used - held))
