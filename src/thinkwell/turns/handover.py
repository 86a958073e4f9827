"""A visitor becomes a member: turns that run, and those that are just being asked, go along with the rows.

One transaction, and no lock. The database writes in the order in which it is asked to (store/database.py), so
what was asked before the moment of the handover is written before the rows change owner, and moves with them;
what is asked after it is written as the member's.
"""

from __future__ import annotations

from thinkwell.admission.quotas import Quotas
from thinkwell.people.adoption import adopt
from thinkwell.store.database import Database
from thinkwell.turns.journal import Journal
from thinkwell.turns.live import LiveTurns


class Handover:
    def __init__(
        self, database: Database, turns: LiveTurns, journal: Journal, quotas: Quotas | None = None
    ) -> None:
        self._database = database
        self._turns = turns
        self._journal = journal
        self._quotas = quotas

    async def hand_over(self, visitor: str, member: str) -> int:
        """How many conversations changed owner. Raises StoreError; then what was the visitor's still is, but
        for what was asked in that moment, which the member has."""
        with self._turns.handed_over(visitor, member):
            self._journal.handed_over(visitor, member)
            moved = await self._database.write(lambda tx: adopt(tx, visitor, member))
        if self._quotas is not None:
            self._quotas.joined(visitor, member)
        return moved
