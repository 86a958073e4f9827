"""What a turn cost, beside the usage of every dialect: numbers, printed exactly from integers.

``cost`` is what the caller is charged, as OpenRouter's clients know it; ``cost_details`` says how it came to
be. Both are left out where the site has no tariff for the turn. Knows no dialect.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from thinkwell.values.money import decimal
from thinkwell.values.receipt import Receipt

# JSON's numbers have no size; Python's floats have, so none is in between.
Amount = Annotated[
    msgspec.Raw,
    Meta(extra_json_schema={"description": "An amount of the currency", "extra": {"type": "number"}}),
]


class CostDetails(msgspec.Struct, frozen=True, kw_only=True):
    """``price`` by the tariff, less ``discount`` percent; of it ``free`` was within the allowance, ``waived``
    is of an answer that failed, and ``due`` is what is left: the ``cost``."""

    currency: str
    price: Amount
    free: Amount
    waived: Amount
    due: Amount
    discount: int = 0


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """As ``usage`` carries it."""

    cost: Amount | UnsetType = UNSET
    cost_details: CostDetails | UnsetType = UNSET


NO_COST = Cost()


def cost_of(receipt: Receipt) -> Cost:
    charge = receipt.charge
    if charge is None:
        return NO_COST
    due = amount(charge.due)
    details = CostDetails(
        currency=charge.currency,
        price=amount(charge.price),
        free=amount(charge.free),
        waived=amount(charge.waived),
        due=due,
        discount=charge.discount,
    )
    return Cost(cost=due, cost_details=details)


def amount(micros: int) -> msgspec.Raw:
    """Of millionths: 1500 is the number 0.0015."""
    return msgspec.Raw(decimal(micros).encode())
