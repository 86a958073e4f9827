"""What answers cost the operator, and when a site pays for itself. Pure; amounts are integers.

``cost_of`` a turn holds its share of the energy and of the time in which the engines worked. What the
machine costs while it rests is nobody's: it is what ``break_even`` is about.
"""

from __future__ import annotations

from fractions import Fraction

import msgspec

from thinkwell.settings import Tariff, micros
from thinkwell.values.money import divide
from thinkwell.values.receipt import Energy

HOUR_US = 3_600_000_000
KWH_UJ = 3_600_000_000_000  # microjoules of a kilowatt-hour


class FullHour(msgspec.Struct, frozen=True, kw_only=True):
    """Of an hour at full speed ``income``, in millionths, and microjoules; ``rest``: of an hour of rest."""

    income: int
    busy: int = 0
    rest: int = 0


def cost_of(energy: Energy | None, tariff: Tariff) -> int | None:
    """Millionths of the tariff's currency, of all that is known; None: neither part is."""
    return None if energy is None else cost(energy.microjoules, energy.machine_us, tariff)


def cost(microjoules: int | None, machine_us: int, tariff: Tariff) -> int | None:
    """The same for any time of the machine, rested or worked. Rounded once."""
    known = False
    whole = 0  # in parts of KWH_UJ
    if tariff.kwh is not None and microjoules is not None:
        known = True
        whole += microjoules * micros(tariff.kwh)
    if tariff.hardware_hour is not None:
        known = True
        whole += machine_us * micros(tariff.hardware_hour) * (KWH_UJ // HOUR_US)
    return divide(whole, KWH_UJ) if known else None


def break_even(hour: FullHour, tariff: Tariff) -> Fraction | None:
    """The share of its time that the machine must work at full speed so that income is what it costs.

    Over 1: it does not pay at these prices, however busy. None: nothing is known of the costs, or an hour
    of work earns no more than its own energy costs (all prices 0).
    """
    if tariff.kwh is None and tariff.hardware_hour is None:
        return None
    kwh = Fraction(0 if tariff.kwh is None else micros(tariff.kwh), KWH_UJ)
    hardware = 0 if tariff.hardware_hour is None else micros(tariff.hardware_hour)
    earns = hour.income - kwh * (hour.busy - hour.rest)
    if hour.income <= 0 or earns <= 0:
        return None
    return (hardware + kwh * hour.rest) / earns


def full_income(due: int, service: int, service_per_hour: int) -> int:
    """Income of an hour at full speed, where ``service`` weighted tokens have brought ``due``."""
    return divide(due * service_per_hour, service) if service > 0 else 0


def per_answer(microjoules: int, answers: int) -> int | None:
    """Microjoules; None without answers."""
    return divide(microjoules, answers) if answers > 0 else None
