"""The ledger: double entry, which only grows. Two lines for each turn, so that every column adds up to 0.

Tokens pass from the site to the person, money from the person to the site: what comes in is above 0. The
lines follow from the columns of a closed entry alone, and are written in the transaction that closes it, so
that a turn is booked when it is closed, and once. Accounts are opaque; whose they are stands in
``ledger_holders``, and is gone when a person is erased.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import func, insert, select
from sqlalchemy.engine import Connection

from thinkwell.errors import Conflict, NotFound
from thinkwell.store.tables import ledger_holders, ledger_lines

# The site's side of all turns.
SITE = "site:turns"
PERSON = "person:"
TURN = "turn"
REFUND = "refund"
AMOUNTS = ("money", "uncached_tokens", "cached_tokens", "reasoning_tokens", "answer_tokens")

Row = dict[str, Any]

_HOLD = insert(ledger_holders).prefix_with("OR IGNORE")
_BOOK = insert(ledger_lines)


class Accounts:
    """From an owner to the account: nobody without the site's secret can go the same way."""

    def __init__(self, secret: bytes) -> None:
        # A name of its own in the derivation: the same secret is the key of nothing else.
        self._key = hmac.digest(secret, b"thinkwell.ledger", "sha256")

    def of(self, owner: str) -> str:
        return f"{PERSON}{hmac.digest(self._key, owner.encode('utf-8', 'replace'), 'sha256').hex()[:32]}"


class Refund(msgspec.Struct, frozen=True):
    """``money`` went back to the account, in millionths."""

    turn_id: str
    account: str
    money: int


def rows_of(accounts: Accounts, closed: Iterable[Mapping[str, Any]]) -> tuple[list[Row], list[Row]]:
    """Lines and their holders, of closed entries as book.py has their columns. None of a turn that used
    nothing."""
    lines: list[Row] = []
    holders: list[Row] = []
    for row in closed:
        amounts = amounts_of(row)
        if any(amounts):
            account = accounts.of(row["owner"])
            holders.append({"account": account, "owner": row["owner"]})
            lines += _pair(row["turn_id"], TURN, account, row["closed_at"], amounts)
    return lines, holders


def amounts_of(row: Mapping[str, Any]) -> tuple[int, ...]:
    """What the person's account gets for a closed entry, in the order of ``AMOUNTS``."""
    cached = row["cached_tokens"]
    return (
        -row["due"],
        row["prompt_tokens"] - cached,
        cached,
        row["reasoning_tokens"],
        row["answer_tokens"],
    )


def _pair(
    transaction: str, kind: str, account: str, at: int, amounts: tuple[int, ...], why: str | None = None
) -> list[Row]:
    both = ((account, amounts), (SITE, tuple(-amount for amount in amounts)))
    return [
        {
            "id": None,
            "transaction_id": transaction,
            "kind": kind,
            "account": name,
            "at": at,
            **dict(zip(AMOUNTS, those, strict=True)),
            "why": why,
        }
        for name, those in both
    ]


def book(tx: Connection, accounts: Accounts, closed: Iterable[Mapping[str, Any]]) -> None:
    """To be called once for each entry, by what closes it in the same transaction: a second time is refused
    by the database, whatever the account."""
    lines, holders = rows_of(accounts, closed)
    if lines:
        tx.execute(_HOLD, holders)
        tx.execute(_BOOK, lines)


def refund(tx: Connection, turn_id: str, why: str, now_us: int) -> Refund:
    """Give back what was due for a turn, once. The tokens were made, and stay booked.

    Raises NotFound where no such turn is booked; Conflict where nothing was due, or it was given back before.
    """
    transaction = f"{REFUND}:{turn_id}"
    query = select(ledger_lines.c.account, ledger_lines.c.money).where(
        ledger_lines.c.transaction_id == turn_id, ledger_lines.c.account != SITE
    )
    found = tx.execute(query).first()
    if found is None:
        raise NotFound(f"No turn {turn_id!r} is booked here.")
    account, money = found
    if money == 0:
        raise Conflict("Nothing was due for this turn, so there is nothing to give back.")
    if tx.scalar(select(func.count()).where(ledger_lines.c.transaction_id == transaction)):
        raise Conflict("What was due for this turn was given back before.")
    amounts = (-money, 0, 0, 0, 0)
    tx.execute(insert(ledger_lines), _pair(transaction, REFUND, account, now_us, amounts, why))
    return Refund(turn_id, account, -money)


def refunded(connection: Connection, turn_ids: list[str]) -> dict[str, int]:
    """What was given back, in millionths, of those of the turns of which something was."""
    names = {f"{REFUND}:{turn_id}": turn_id for turn_id in turn_ids}
    query = select(ledger_lines.c.transaction_id, ledger_lines.c.money).where(
        ledger_lines.c.transaction_id.in_(names), ledger_lines.c.account != SITE
    )
    return {names[name]: money for name, money in connection.execute(query)}


def balance(connection: Connection, owner: str) -> int:
    """Money of all accounts of an owner, in millionths: below 0 is what they owe in all."""
    query = (
        select(func.coalesce(func.sum(ledger_lines.c.money), 0))
        .join(ledger_holders, ledger_holders.c.account == ledger_lines.c.account)
        .where(ledger_holders.c.owner == owner)
    )
    return int(connection.scalar(query) or 0)


def tokens_booked(connection: Connection, since_us: int) -> int:
    """Of all turns closed since then, prompts and output."""
    amounts = sum((ledger_lines.c[name] for name in AMOUNTS[2:]), ledger_lines.c[AMOUNTS[1]])
    query = select(func.coalesce(func.sum(amounts), 0)).where(
        ledger_lines.c.kind == TURN, ledger_lines.c.account != SITE, ledger_lines.c.at >= since_us
    )
    return int(connection.scalar(query) or 0)
