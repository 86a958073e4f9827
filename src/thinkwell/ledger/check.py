"""Checks the books of a database: what must hold for every turn that was ever closed. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal

import msgspec
from sqlalchemy import and_, func, or_, select
from sqlalchemy.engine import Connection

from thinkwell.ledger.lines import AMOUNTS, REFUND, SITE, TURN, amounts_of
from thinkwell.store.tables import entries, ledger_holders, ledger_lines
from thinkwell.values.receipt import Receipt

MOST_NAMED = 100
AT_ONCE = 1000
_COLUMNS = (
    "prompt_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "answer_tokens",
    "due",
    "price",
    "ending",
    "owner",
    "receipt",
    "turn_id",
)
_receipt = msgspec.json.Decoder(Receipt).decode

Wrong = Literal[
    "sum",  # a column of the ledger does not add up to 0
    "unbalanced",  # a transaction has not two lines that cancel each other
    "not_booked",  # a closed entry used something, and has no lines
    "booked_otherwise",  # its lines say something else than it
    "receipt",  # its receipt says something else than its columns
    "holder",  # its account is another's
    "refund",  # more or less was given back than was due
    "open",  # it is open, and no turn runs
]


class Finding(msgspec.Struct, frozen=True):
    wrong: Wrong
    subject: str
    said: str


class Checked(msgspec.Struct, kw_only=True):
    """``wrong`` counts all findings, of which ``findings`` are the first. ``before`` are entries from before
    there was a ledger; ``gone`` turns are booked, and their entries deleted since, as it may be."""

    turns: int = 0
    lines: int = 0
    open: int = 0
    before: int = 0
    gone: int = 0
    sums: dict[str, int] = {}
    wrong: int = 0
    findings: list[Finding] = []

    def find(self, wrong: Wrong, subject: str, said: str) -> None:
        self.wrong += 1
        if len(self.findings) < MOST_NAMED:
            self.findings.append(Finding(wrong, subject, said))


def check(connection: Connection, opened_before: int, live: Collection[str] = ()) -> Checked:
    """Entries that are open for longer than since ``opened_before`` must be those of ``live`` turns."""
    found = Checked()
    _check_lines(connection, found)
    for row in _closed(connection):
        found.turns += 1
        _check_entry(row, found)
    query = select(entries.c.turn_id, entries.c.opened_at).where(entries.c.closed_at.is_(None))
    for turn_id, opened_at in connection.execute(query):
        found.open += 1
        if opened_at < opened_before and turn_id not in live:
            found.find("open", turn_id, "it is open, and no turn runs")
    return found


def _check_lines(connection: Connection, found: Checked) -> None:
    of = ledger_lines.c
    sums = [func.coalesce(func.sum(of[name]), 0) for name in AMOUNTS]
    count, *whole = connection.execute(select(func.count(), *sums)).one()
    found.lines, found.sums = count, dict(zip(AMOUNTS, whole, strict=True))
    for name, amount in found.sums.items():
        if amount:
            found.find("sum", name, f"the column adds up to {amount}")
    uneven = (
        select(of.transaction_id)
        .group_by(of.transaction_id)
        .having(or_(func.count() != 2, *(func.sum(of[name]) != 0 for name in AMOUNTS)))
    )
    for name in connection.scalars(uneven):
        found.find("unbalanced", name, "it has not two lines that cancel each other")
    turn = ledger_lines.alias()
    known = select(entries.c.turn_id).where(entries.c.turn_id == of.transaction_id).exists()
    gone = select(func.count()).where(of.kind == TURN, of.account == SITE, ~known)
    found.gone = int(connection.scalar(gone) or 0)
    refunded = func.substr(of.transaction_id, len(REFUND) + 2)  # behind the colon
    refunds = (
        select(of.transaction_id, of.money, turn.c.money)
        .select_from(ledger_lines)
        .outerjoin(turn, and_(turn.c.transaction_id == refunded, turn.c.account != SITE))
        .where(of.kind == REFUND, of.account != SITE)
    )
    for name, back, due in connection.execute(refunds):
        if due is None or back != -due:
            found.find("refund", name, f"{back} was given back of {due}")


def _closed(connection: Connection) -> Iterator[Mapping[str, Any]]:
    """Every closed entry beside the person's line, where there is one, and whose account that is."""
    line, holder = ledger_lines.c, ledger_holders.c
    query = (
        select(
            *(entries.c[name] for name in _COLUMNS),
            *(line[name].label(f"line_{name}") for name in AMOUNTS),
            holder.owner.label("holder"),
        )
        .select_from(entries)
        .outerjoin(ledger_lines, and_(line.transaction_id == entries.c.turn_id, line.account != SITE))
        .outerjoin(ledger_holders, holder.account == line.account)
        .where(entries.c.closed_at.is_not(None))
    )
    for row in connection.execution_options(yield_per=AT_ONCE).execute(query).mappings():
        yield {str(name): value for name, value in row.items()}


def _check_entry(row: Mapping[str, Any], found: Checked) -> None:
    turn_id = row["turn_id"]
    receipt = None if row["receipt"] is None else _receipt(row["receipt"])
    wanted = amounts_of(row)
    booked = tuple(row[f"line_{name}"] for name in AMOUNTS)
    if booked[0] is None:
        if receipt is not None and receipt.charge is None:
            found.before += 1
        elif any(wanted):
            found.find("not_booked", turn_id, f"it used {wanted}, and has no lines")
    elif booked != wanted:
        found.find("booked_otherwise", turn_id, f"it used {wanted}, and {booked} is booked")
    elif row["holder"] not in (None, row["owner"]):
        found.find("holder", turn_id, "its account is another's")
    if receipt is None or _of_receipt(receipt) != _of_columns(row, receipt):
        found.find("receipt", turn_id, "its receipt says something else than its columns")


def _of_receipt(receipt: Receipt) -> tuple[object, ...]:
    usage, charge = receipt.usage, receipt.charge
    money = () if charge is None else (charge.due, charge.price - charge.waived)
    tokens = (usage.prompt, usage.cached, usage.reasoning, usage.answer)
    return receipt.turn_id, receipt.ending, tokens, money


def _of_columns(row: Mapping[str, Any], receipt: Receipt) -> tuple[object, ...]:
    tokens = tuple(row[f"{kind}_tokens"] for kind in ("prompt", "cached", "reasoning", "answer"))
    money = () if receipt.charge is None else (row["due"], row["price"])
    return row["turn_id"], row["ending"], tokens, money
