"""Shapes of what a person may still use. Money is in millionths of the site's currency, tokens are weighted:
1 for a token of the question that was not cached, 2 for one of thought or answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from thinkwell.admission.left import AmountLeft, Left
from thinkwell.admission.tiers import TierRules
from thinkwell.http.wire.web import iso
from thinkwell.people.keys import Key, Spent

Amount = Annotated[int, Meta(ge=0, le=2**53)]


class CapBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One's own bounds for a window of one's tier. What is left out, or null, is without one."""

    tokens: Amount | None = None
    money: Amount | None = None


class WireAmount(msgspec.Struct, frozen=True, kw_only=True):
    """``held`` is set aside for answers still to come, and not in ``left``."""

    limit: int
    used: int
    held: int
    left: int


class WireKeyBudget(msgspec.Struct, frozen=True, kw_only=True):
    """Of one's own key, for all its life."""

    id: str
    name: str
    tokens: WireAmount | None
    money: WireAmount | None


class QuotaInfo(msgspec.Struct, frozen=True, kw_only=True):
    """In the window that is now, which began at ``begins_at``; null where there is no such bound.

    ``tokens`` and ``money`` are the tier's quota, ``free`` what of the price is not charged, ``cap_tokens``
    and ``cap_money`` one's own bounds. ``most_live`` turns may run and wait at once, of which there are
    ``live``; a thought takes at most ``most_thought`` tokens.
    """

    tier: str
    when_over: Literal["behind", "refuse"]
    window_hours: int
    begins_at: str
    resets_at: str
    currency: str
    used_tokens: int
    used_money: int
    tokens: WireAmount | None
    money: WireAmount | None
    free: WireAmount | None
    cap_tokens: WireAmount | None
    cap_money: WireAmount | None
    most_live: int | None
    live: int
    most_thought: int | None
    keys: list[WireKeyBudget]


def quota_info(left: Left, rules: TierRules, currency: str, keys: list[WireKeyBudget]) -> QuotaInfo:
    return QuotaInfo(
        tier=left.tier,
        when_over="refuse" if left.refuse else "behind",
        window_hours=rules.window_hours,
        begins_at=iso(left.begins_at),
        resets_at=iso(left.resets_at),
        currency=currency,
        used_tokens=left.used_tokens,
        used_money=left.used_money,
        tokens=_amount(left.tokens),
        money=_amount(left.money),
        free=_amount(left.free),
        cap_tokens=_amount(left.cap_tokens),
        cap_money=_amount(left.cap_money),
        most_live=left.most_live or None,
        live=left.live,
        most_thought=rules.most_thought or None,
        keys=keys,
    )


def key_budgets(found: list[Key], spent: Mapping[str, Spent]) -> list[WireKeyBudget]:
    """Of those that can still be used and have a budget."""
    budgets: list[WireKeyBudget] = []
    for key in found:
        wish, used = key.wish, spent.get(key.id, Spent())
        if key.revoked_at is None and (wish.budget_tokens, wish.budget_money) != (None, None):
            tokens, money = _of(wish.budget_tokens, used.tokens), _of(wish.budget_money, used.money)
            budgets.append(WireKeyBudget(id=key.id, name=wish.name, tokens=tokens, money=money))
    return budgets


def _of(limit: int | None, used: int) -> WireAmount | None:
    if limit is None:
        return None
    return WireAmount(limit=limit, used=used, held=0, left=max(0, limit - used))


def _amount(amount: AmountLeft | None) -> WireAmount | None:
    return None if amount is None else WireAmount(**msgspec.structs.asdict(amount))
