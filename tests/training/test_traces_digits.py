"""What is worked out by columns is true in every step, and ends in the result."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.training.tasks.traces.claims import claims, value_of, wrong_claims
from thinkwell.training.tasks.traces.digits import (
    Number,
    add,
    divide,
    divide_out,
    multiply,
    places_of,
    show,
    subtract,
)

whole = st.integers(-99_999, 99_999) | st.integers(-20, 20)
decimals = st.builds(lambda digits, places: Decimal(digits).scaleb(-places), whole, st.integers(0, 4))
numbers: st.SearchStrategy[Number] = whole | decimals


def ends_in(lines: list[str], value: Number) -> bool:
    said = value_of(lines[-1].rpartition(" ")[2])
    return said == value_of(f"{value:f}" if isinstance(value, Decimal) else str(value))


@pytest.mark.parametrize("work", [add, subtract, multiply])
@given(a=numbers, b=numbers)
def test_every_step_is_true_and_the_last_ends_in_the_result(
    work: Callable[[Number, Number], list[str]], a: Number, b: Number
) -> None:
    lines = work(a, b)
    x, y = Decimal(a), Decimal(b)
    result = {add: x + y, subtract: x - y, multiply: x * y}[work]
    assert not wrong_claims("\n".join(lines))
    assert len(claims("\n".join(lines))) >= len(lines)
    assert ends_in(lines, result)


@given(a=st.integers(0, 999_999), b=st.integers(1, 9_999))
def test_a_division_ends_in_quotient_and_remainder(a: int, b: int) -> None:
    lines = divide(a, b)
    assert not wrong_claims("\n".join(lines))
    quotient, rest = divmod(a, b)
    assert lines[-1].endswith(f" {quotient} r {rest}" if rest else f" {quotient}")


@given(quotient=numbers, b=numbers.filter(bool))
def test_a_division_without_remainder_may_have_any_sign_and_places(quotient: Number, b: Number) -> None:
    a = Decimal(quotient) * Decimal(b)
    lines = divide_out(a, b)
    assert not wrong_claims("\n".join(lines))
    assert ends_in(lines, quotient)


def test_a_remainder_of_negative_numbers_and_an_endless_quotient_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        divide(-7, 2)
    with pytest.raises(ValueError, match="end"):
        divide_out(1, 3)


@pytest.mark.parametrize(
    ("lines", "written"),
    [
        (add(4, 9), ["4 + 9 = 13"]),
        (add(57, 87), ["57 + 87 = [7+7=14 5+8+1=14] 144"]),
        (add(1234, 5), ["1234 + 5 = [4+5=9 3 2 1] 1239"]),
        (subtract(4, 7), ["4 - 7 = -3"]),
        (subtract(57, 87), ["57 - 87 = -(87 - 57) = [7-7=0 8-5=3] -30"]),
        (subtract(1000, 98), ["1000 - 98 = [10-8=2 10-9-1=0 10-1=9 1-1=0] 902"]),
        (add(Decimal("12.5"), 3), ["12.5 + 3 = 12.5 + 3.0 = [5+0=5 2+3=5 1] 15.5"]),
        (multiply(6, 34), ["6 * 34 = 34 * 6 = [4*6=24 3*6+2=20] 204"]),
        (
            multiply(1234, 56),
            [
                "1234 * 6 = [4*6=24 3*6+2=20 2*6+2=14 1*6+1=7] 7404",
                "740 + 1234 * 5 = [4*5+0=20 3*5+4+2=21 2*5+7+2=19 1*5+1=6] 6910",
                "1234 * 56 = 69104",
            ],
        ),
        (divide(1234, 7), ["1234 / 7 = [12=1*7+5 53=7*7+4 44=6*7+2] 176 r 2"]),
        (divide_out(7, 4), ["700 / 4 = [7=1*4+3 30=7*4+2 20=5*4+0] 175", "7 / 4 = 1.75"]),
    ],
)
def test_the_form_is_the_one_that_adapters_have_learned(lines: list[str], written: list[str]) -> None:
    assert lines == written


@pytest.mark.parametrize(
    "line",
    [
        "57 + 87 = 145",
        "57 + 87 = [7+7=14 5+8+1=15] 144",
        "1234 / 7 = 176 r 3",
        "2 = 2 = 3",
        "1 / 0 = 1",
        "1 / 0 = 1 r 1",
        "2 ** 3 = 8",
    ],
)
def test_a_wrong_step_is_found(line: str) -> None:
    assert wrong_claims(f"First:\n{line}\n2 + 2 = 4")


def test_what_is_no_equation_claims_nothing() -> None:
    assert claims("x = 3\nthe sum\n[1 2]") == []
    assert places_of(Decimal("1.50")) == 2 and show(Decimal("1E+2")) == "100" and show(3, 2) == "3.00"
    for text in ("import os", "f(2)", "1 ** 2", "1 +", "~3"):
        with pytest.raises(ValueError, match=r"arithmetic|expression"):
            value_of(text)
