"""The tariff: what a turn costs the person, from its tokens by kind. Pure; amounts are integers.

A price is the sum over all kinds, less the discount of the moment of the turn's admission, rounded once.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from thinkwell.ledger.offpeak import OffPeak
from thinkwell.settings import Price, micros
from thinkwell.settings import Tariff as TariffSettings
from thinkwell.values.money import MICROS, divide
from thinkwell.values.receipt import Charge, Kind, PriceLine
from thinkwell.values.usage import Usage

DEFAULT = "default"
WHOLE = 100  # percent

_FREE_OF_CHARGE = Price()


class Rates(msgspec.Struct, frozen=True):
    """Millionths of the currency for a million tokens, by kind."""

    prompt: int
    cached: int
    reasoning: int
    answer: int


class Tariff:
    """Prices are found by the model's name, else under ``default``; without either a model costs nothing."""

    def __init__(
        self, prices: Mapping[str, Price] | None = None, settings: TariffSettings | None = None
    ) -> None:
        self.settings = settings = settings or TariffSettings()
        self._rates = {model: _rates(price) for model, price in (prices or {}).items()}
        self._default = self._rates.get(DEFAULT) or _rates(_FREE_OF_CHARGE)
        self._off_peak = OffPeak(settings.off_peak, settings.time_zone)
        self.currency = settings.currency

    def priced_as(self, model: str, like: str) -> None:
        """Turns of ``model`` cost what those of ``like`` do, where it has no price of its own."""
        self._rates.setdefault(model, self.rates(like))

    def rates(self, model: str) -> Rates:
        """Without discount."""
        return self._rates.get(model, self._default)

    def discount(self, at_us: int) -> int:
        """Percent, of a turn that is admitted at that moment."""
        return self._off_peak.discount(at_us)

    def charge(self, model: str, usage: Usage, at_us: int, free_left: int = 0) -> Charge:
        """Of a turn admitted at ``at_us``; ``free_left`` is what is left of the person's allowance."""
        rates = self.rates(model)
        discount = self._off_peak.discount(at_us)
        uncached = usage.prompt - usage.cached
        whole = (
            uncached * rates.prompt
            + usage.cached * rates.cached
            + usage.reasoning * rates.reasoning
            + usage.answer * rates.answer
        )
        price = divide(whole * (WHOLE - discount), WHOLE * MICROS)
        free = min(price, max(0, free_left))
        return Charge(
            currency=self.currency,
            lines=tuple(
                PriceLine(kind=kind, tokens=tokens, per_million=rate)
                for kind, tokens, rate in _kinds(uncached, usage, rates)
                if tokens
            ),
            discount=discount,
            price=price,
            free=free,
            due=price - free,
        )


def waived(charge: Charge, why: str) -> Charge:
    """The same turn, but nothing is due and nothing of the allowance is used: ``why`` is the code of what
    made it fail."""
    return msgspec.structs.replace(charge, free=0, due=0, waived=charge.price, waived_why=why)


def _kinds(uncached: int, usage: Usage, rates: Rates) -> tuple[tuple[Kind, int, int], ...]:
    return (
        ("prompt", uncached, rates.prompt),
        ("cached", usage.cached, rates.cached),
        ("reasoning", usage.reasoning, rates.reasoning),
        ("answer", usage.answer, rates.answer),
    )


def _rates(price: Price) -> Rates:
    return Rates(micros(price.prompt), micros(price.cached), micros(price.reasoning), micros(price.answer))
