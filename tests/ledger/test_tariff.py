"""The tariff: exact to the millionth against fractions, rounded once; nothing is ever below 0."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from thinkwell.ledger.tariff import Tariff, waived
from thinkwell.settings import Price, micros
from thinkwell.settings import Tariff as TariffSettings
from thinkwell.values.receipt import Charge
from thinkwell.values.usage import Usage

MICROS = 1_000_000
# A Monday at 00:00 UTC.
MONDAY_US = 1_764_547_200 * MICROS

Amounts = st.integers(0, 10**12).map(lambda number: Decimal(number).scaleb(-6))
Prices = st.builds(Price, prompt=Amounts, cached=Amounts, reasoning=Amounts, answer=Amounts)
Discounts = st.integers(0, 100)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    prompt = draw(st.integers(0, 10**7))
    return Usage(
        prompt=prompt,
        cached=draw(st.integers(0, prompt)),
        reasoning=draw(st.integers(0, 10**7)),
        answer=draw(st.integers(0, 10**7)),
    )


def tariff(price: Price, discount: int = 0) -> Tariff:
    off_peak = f"mon-sun 00:00-24:00 {discount}%" if discount else ""
    return Tariff({"default": price}, TariffSettings(off_peak=off_peak))


def exact(price: Price, usage: Usage, discount: int) -> Fraction:
    """Millionths, as a fraction: what the price would be if it were not rounded."""
    whole = (
        (usage.prompt - usage.cached) * Fraction(price.prompt)
        + usage.cached * Fraction(price.cached)
        + usage.reasoning * Fraction(price.reasoning)
        + usage.answer * Fraction(price.answer)
    )
    return whole * Fraction(100 - discount, 100)


@given(price=Prices, usage=usages(), discount=Discounts, free=st.integers(0, 10**15))
def test_a_price_is_the_exact_one_rounded_once_half_to_even(
    price: Price, usage: Usage, discount: int, free: int
) -> None:
    charge = tariff(price, discount).charge("m", usage, MONDAY_US, free)
    assert charge.price == round(exact(price, usage, discount))  # Fraction rounds half to even too
    assert charge.discount == discount
    assert charge.price == charge.free + charge.due
    assert 0 <= charge.free <= free
    assert charge.due >= 0


@given(price=Prices, usage=usages(), discount=Discounts)
def test_the_lines_of_a_charge_add_up_to_its_price(price: Price, usage: Usage, discount: int) -> None:
    charge = tariff(price, discount).charge("m", usage, MONDAY_US)
    by_kind = {line.kind: line for line in charge.lines}
    whole = sum(line.tokens * line.per_million for line in charge.lines)
    assert charge.price == round(Fraction(whole * (100 - discount), 100 * MICROS))
    assert len(by_kind) == len(charge.lines)
    assert sum(line.tokens for line in charge.lines) == usage.prompt + usage.generated
    assert all(line.tokens > 0 for line in charge.lines)


@given(price=Prices, usage=usages(), one=Discounts, other=Discounts)
def test_a_greater_discount_never_costs_more(price: Price, usage: Usage, one: int, other: int) -> None:
    less, more = sorted((one, other))
    assert (
        tariff(price, more).charge("m", usage, MONDAY_US).price
        <= tariff(price, less).charge("m", usage, MONDAY_US).price
    )


@given(price=Prices, usage=usages())
def test_cached_tokens_are_charged_once_and_as_cached(price: Price, usage: Usage) -> None:
    charge = tariff(price).charge("m", usage, MONDAY_US)
    tokens = {line.kind: line.tokens for line in charge.lines}
    assert tokens.get("prompt", 0) + tokens.get("cached", 0) == usage.prompt
    assert tokens.get("cached", 0) == usage.cached


@given(price=Prices, usage=usages(), discount=Discounts)
def test_what_is_waived_is_shown_and_not_asked_for(price: Price, usage: Usage, discount: int) -> None:
    charge = tariff(price, discount).charge("m", usage, MONDAY_US, 5)
    given_up = waived(charge, "engine_broken")
    assert (given_up.price, given_up.lines) == (charge.price, charge.lines)
    assert (given_up.free, given_up.due, given_up.waived) == (0, 0, charge.price)
    assert given_up.waived_why == "engine_broken"


def test_prices_are_found_by_model_then_default_then_nothing() -> None:
    usage = Usage(prompt=1_000_000)
    prices = {"default": Price(prompt=Decimal("0.5")), "big": Price(prompt=Decimal(2))}
    known = Tariff(prices, TariffSettings(currency="CHF"))
    assert known.charge("big", usage, 0).price == 2_000_000
    assert known.charge("small", usage, 0).price == 500_000
    assert known.charge("small", usage, 0).currency == "CHF"
    assert Tariff({}).charge("big", usage, 0) == Charge(
        currency="EUR", lines=Tariff({}).charge("big", usage, 0).lines
    )
    assert known.rates("big").prompt == micros(Decimal(2))


def test_half_a_millionth_goes_to_the_even_one() -> None:
    half = Tariff({"default": Price(answer=Decimal("0.5"))})
    assert [half.charge("m", Usage(answer=tokens), 0).price for tokens in (1, 3, 5)] == [0, 2, 2]
