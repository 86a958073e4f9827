"""What a tier's people may use: windows of time, limits in weighted tokens and in money. Pure integers."""

from __future__ import annotations

import msgspec

from thinkwell.settings import Price, Tier, micros
from thinkwell.values.usage import weighted

HOUR_US = 3_600_000_000
MILLION = 1_000_000


class TierRules(msgspec.Struct, frozen=True, kw_only=True):
    """Of one person of the tier; 0: no limit. ``tokens`` are weighted; ``money`` and ``free`` (what of the
    price is not charged) are millionths of the site's currency. All three are of a window.

    ``refuse``: who is out of quota is refused, in place of going behind the others. ``behind`` False: there
    is no line to go behind in, so a quota that does not refuse only counts. ``most_live`` turns may run and
    wait; a thought takes at most ``most_thought`` tokens.
    """

    window_hours: int = 24
    tokens: int = 0
    money: int = 0
    free: int = 0
    refuse: bool = False
    behind: bool = True
    most_live: int = 0
    most_thought: int = 0

    @property
    def quota(self) -> bool:
        return bool(self.tokens or self.money)


def rules_of(tier: Tier, *, behind: bool = True) -> TierRules:
    """``behind`` as in ``TierRules``."""
    return TierRules(
        window_hours=tier.window_hours,
        tokens=tier.tokens,
        money=micros(tier.money),
        free=micros(tier.free),
        refuse=tier.when_over == "refuse",
        behind=behind,
        most_live=tier.most_live,
        most_thought=tier.most_thought,
    )


def window_at(now_us: int, hours: int) -> tuple[int, int]:
    """Begin and end of the window that ``now_us`` is in; the first one began in 1970 (UTC)."""
    begins = now_us - now_us % (hours * HOUR_US)
    return begins, begins + hours * HOUR_US


class Worth(msgspec.Struct, frozen=True):
    """The most that tokens of a model cost, cached or not, thought or said: millionths for a million."""

    prompt: int = 0
    generated: int = 0


def worth_of(price: Price) -> Worth:
    return Worth(micros(max(price.prompt, price.cached)), micros(max(price.reasoning, price.answer)))


class Need(msgspec.Struct, frozen=True):
    """What a turn may use at most, in tokens. ``likely`` is what it is thought to generate, ``likely_prompt``
    how long its prompt is thought to be; None: as long as it may be."""

    prompt: int
    generated: int
    likely: int
    likely_prompt: int | None = None


class Amount(msgspec.Struct, frozen=True):
    """Weighted tokens and money (millionths)."""

    tokens: int = 0
    money: int = 0

    def plus(self, more: Amount) -> Amount:
        return Amount(self.tokens + more.tokens, self.money + more.money)

    def less(self, gone: Amount) -> Amount:
        return Amount(self.tokens - gone.tokens, self.money - gone.money)


NOTHING = Amount()


def most_of(worth: Worth, prompt: int, generated: int) -> Amount:
    """The most that so many tokens count and cost: a price that is rounded once is not above it."""
    cost = prompt * worth.prompt + generated * worth.generated
    return Amount(weighted(prompt, generated), -(-cost // MILLION))


def generated_for(worth: Worth, prompt: int, tokens: int | None, money: int | None) -> int | None:
    """How many tokens may be generated after so long a prompt, within ``tokens`` and ``money`` (None: without
    end). Below 0 where not even the prompt is within them."""
    most: list[int] = []
    if tokens is not None:
        most.append((tokens - weighted(prompt, 0)) // weighted(0, 1))
    if money is not None:
        rest = money * MILLION - prompt * worth.prompt
        if rest < 0:
            most.append(-1)
        elif worth.generated:
            most.append(rest // worth.generated)
    return min(most, default=None)
