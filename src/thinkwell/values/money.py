"""Money: integers, millionths of one currency, never a float. Prices are rounded once, half to even."""

from __future__ import annotations

MICROS = 1_000_000


def divide(numerator: int, by: int) -> int:
    """Rounded half to even. ``by`` is over 0."""
    whole, rest = divmod(numerator, by)
    if 2 * rest > by or (2 * rest == by and whole % 2):
        whole += 1
    return whole


def decimal(micros: int) -> str:
    """As a number of the currency, exact: 1500 is "0.0015"."""
    sign = "-" if micros < 0 else ""
    whole, rest = divmod(abs(micros), MICROS)
    return f"{sign}{whole}.{rest:06d}".rstrip("0").rstrip(".") if rest else f"{sign}{whole}"
