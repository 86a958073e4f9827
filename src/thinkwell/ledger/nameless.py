"""Takes the name off what a person used: amounts, times, model and tier stay, and add up as before.

An entry gets an owner that nobody is, and loses its message, its key and the site's mark (which holds a
digest of the answer). The ledger's account gets a name that leads nowhere: the one it had can be made again
from the owner's id by who has the site's secret, and would be the same if that person came again.
"""

from __future__ import annotations

import secrets

from sqlalchemy import LargeBinary, Text, cast, delete, func, or_, select, update
from sqlalchemy.engine import Connection

from thinkwell.ledger.lines import PERSON, REFUND
from thinkwell.store.tables import entries, ledger_holders, ledger_lines

# Who owns what lost its owner. No caller's id is like it.
NOBODY = "erased"
AT_ONCE = 500


def take_off(tx: Connection, turn_ids: list[str]) -> None:
    """The names, of the entries and the lines of these turns."""
    account = _leads_nowhere()
    for begin in range(0, len(turn_ids), AT_ONCE):
        some = turn_ids[begin : begin + AT_ONCE]
        unmarked = cast(func.json_remove(cast(entries.c.receipt, Text), "$.mark"), LargeBinary)
        tx.execute(
            update(entries)
            .where(entries.c.turn_id.in_(some))
            .values(owner=NOBODY, person=NOBODY, message_id=None, key_id=None, receipt=unmarked)
        )
        booked = [*some, *(f"{REFUND}:{turn_id}" for turn_id in some)]
        theirs = ledger_lines.c.account.startswith(PERSON, autoescape=True)
        tx.execute(
            update(ledger_lines)
            .where(ledger_lines.c.transaction_id.in_(booked), theirs)
            .values(account=account)
        )


def forget_accounts(tx: Connection, accounts: list[str]) -> None:
    """Nobody can tell any more whose these accounts of the ledger were."""
    for account in accounts:
        # Lines of turns that have no entry any more.
        tx.execute(
            update(ledger_lines).where(ledger_lines.c.account == account).values(account=_leads_nowhere())
        )
        tx.execute(delete(ledger_holders).where(ledger_holders.c.account == account))


def _leads_nowhere() -> str:
    return f"{NOBODY}:{secrets.token_hex(16)}"


def turns_of(connection: Connection, owner: str) -> list[str]:
    """Of all entries that tell of them."""
    theirs = or_(entries.c.owner == owner, entries.c.person == owner)
    return list(connection.scalars(select(entries.c.turn_id).where(theirs).order_by(entries.c.turn_id)))


def accounts_of(connection: Connection, owner: str) -> list[str]:
    held = select(ledger_holders.c.account).where(ledger_holders.c.owner == owner)
    return list(connection.scalars(held.order_by(ledger_holders.c.account)))
