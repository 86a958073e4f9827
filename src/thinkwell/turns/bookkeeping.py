"""Bookkeeping: from what the meter counted to the whole receipt, at every door, live or after a death.

Tier and charge, energy and the operator's cost, and last of all the site's mark, under which nothing may
change. A turn that failed is not charged, whoever's fault it was: what was made is shown with its prices, and
waived. One that was stopped is charged for what was made until then. Knows steps by what they do for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from thinkwell.ledger.book import OpenEntry
from thinkwell.ledger.economics import cost_of
from thinkwell.ledger.lines import Accounts
from thinkwell.ledger.tariff import Tariff, waived
from thinkwell.turns.live import Booked, LiveTurn
from thinkwell.turns.spoken import spoken_text
from thinkwell.values.caller import Caller
from thinkwell.values.event import TurnEvent
from thinkwell.values.receipt import Charge, Energy, Receipt

SECOND_US = 1_000_000
FAULT_CODE = "error"


class Allowance(Protocol):
    """What persons may use free of charge, told of all that they use."""

    def free_left(self, caller: Caller) -> int: ...

    def used(
        self, caller: Caller, service: int, price: int, due: int, turn_id: str | None = None
    ) -> None: ...


class Shares(Protocol):
    """Gives a turn its part of the energy, once."""

    def settle(self, live: LiveTurn) -> Energy | None: ...


class Marks(Protocol):
    """Signs a receipt that is complete but for its mark."""

    def mark(self, receipt: Receipt, answer_sha256: str, at: int) -> Receipt: ...


class Bookkeeping:
    """Belongs to the event loop. ``accounts`` is for who writes the ledger's lines."""

    def __init__(
        self,
        accounts: Accounts,
        now_us: Callable[[], int],
        tariff: Tariff | None = None,
        *,
        allowance: Allowance | None = None,
        shares: Shares | None = None,
        marks: Marks | None = None,
    ) -> None:
        self.accounts = accounts
        self.now_us = now_us
        self._tariff = tariff or Tariff()
        self._allowance = allowance
        self._shares = shares
        self._marks = marks

    def priced_as(self, model: str, like: str) -> None:
        """As ``Tariff.priced_as``."""
        self._tariff.priced_as(model, like)

    def complete(self, live: LiveTurn, receipt: Receipt, code: str | None = None) -> Receipt:
        """The receipt of a turn that is being closed; ``code`` is the error's where it failed.

        May be called again where the closing failed: then only the last one counts.
        """
        caller = live.request.caller
        free = 0
        if self._allowance is not None:
            self._take_back(live, caller)
            free = self._allowance.free_left(caller)
        charge = self._charge(receipt, live.opened_at, free, code)
        if self._allowance is not None:
            told = live.booked = Booked(receipt.usage.service, charge.price - charge.waived, charge.due)
            self._allowance.used(caller, told.service, told.price, told.due, live.request.id)
        energy = None if self._shares is None else self._shares.settle(live)
        whole = msgspec.structs.replace(
            receipt,
            tier=caller.tier,
            behind=live.behind,
            charge=charge,
            energy=energy,
            cost=cost_of(energy, self._tariff.settings),
        )
        return self._marked(whole, live.log.since(0))

    def of_dead(
        self, entry: OpenEntry, receipt: Receipt, code: str, said: Iterable[TurnEvent] | None
    ) -> Receipt:
        """The same for a failed turn that no live one stands for any more. Its energy is not known; ``said``
        is what was written of its words, None where that may not be: then the site cannot sign for them."""
        charge = self._charge(receipt, entry.opened_at, 0, code)
        whole = msgspec.structs.replace(receipt, tier=entry.whose.tier, charge=charge)
        return self._marked(whole, said)

    def _charge(self, receipt: Receipt, opened_at: int, free: int, code: str | None) -> Charge:
        charge = self._tariff.charge(receipt.model, receipt.usage, opened_at, free)
        return waived(charge, code or FAULT_CODE) if receipt.ending == "failed" else charge

    def _take_back(self, live: LiveTurn, caller: Caller) -> None:
        told = live.booked
        if told is not None and self._allowance is not None:
            self._allowance.used(caller, -told.service, -told.price, -told.due)
            live.booked = None

    def _marked(self, receipt: Receipt, said: Iterable[TurnEvent] | None) -> Receipt:
        if self._marks is None or said is None:
            return receipt
        from thinkwell.ledger.signing import answer_digest

        answer, _ = spoken_text(said)
        return self._marks.mark(receipt, answer_digest(answer), self.now_us() // SECOND_US)
