"""Erases a person: everything of theirs goes, but for amounts without a name, and for a block.

Their turns end first, and nothing new of theirs begins; the journal lets go of what it holds of them; then
all goes in one transaction, which also writes the proof (deletions.py). Who is kept out stays kept out: of a
member there remain the id, their names at identity providers, and since when and why; of a visitor the id.
"""

from __future__ import annotations

import logging
from functools import partial

import msgspec
from sqlalchemy import Select, delete, func, or_, select, update
from sqlalchemy.engine import Connection

from thinkwell.admission.quotas import Quotas
from thinkwell.conversations.search import Search
from thinkwell.errors import StoreError, StoreUnavailable
from thinkwell.ledger import nameless
from thinkwell.people import accounts
from thinkwell.people.accounts import Account
from thinkwell.people.keyring import Keyring
from thinkwell.people.members import Members
from thinkwell.people.visitors import PREFIX as VISITOR
from thinkwell.store import tables
from thinkwell.store.changes import tell
from thinkwell.store.database import Database
from thinkwell.turns import stored_log
from thinkwell.turns.closing import Closer
from thinkwell.turns.deletions import Deletion, digest_of, note
from thinkwell.turns.housekeeping import cleaned
from thinkwell.turns.live import LiveTurns
from thinkwell.turns.run import now_us
from thinkwell.turns.watch import Watch

log = logging.getLogger(__name__)

RULE = "erasure"
# An id of our own making, given to nobody else: who is called so comes from the organisation's sign-in.
MEMBER = "member:"
OWNED = (
    tables.conversations,
    tables.folders,
    tables.responses,
    tables.idempotency,
    tables.links,
    tables.push_subscriptions,
    tables.training_consents,
)


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """``digest`` is SHA-256 over the sorted ids, each with a line break after it."""

    kind: str
    count: int
    digest: str


class Eraser:
    """Belongs to the event loop."""

    def __init__(  # noqa: PLR0913  whoever remembers people is told to forget
        self,
        closer: Closer,
        turns: LiveTurns,
        members: Members,
        keyring: Keyring,
        quotas: Quotas,
        watch: Watch,
        *,
        search: Search,
    ) -> None:
        self._database: Database = closer.database
        self._closer = closer
        self._turns = turns
        self._members = members
        self._keyring = keyring
        self._quotas = quotas
        self._watch = watch
        self._search = search

    async def erase(self, owner: str) -> list[Erased]:
        """What is gone. Raises Conflict for the last operator, or StoreError; then nothing is gone, though
        turns that ran are stopped."""
        await self._database.read(lambda connection: check_may_go(connection, owner))
        with self._turns.erasing(owner, for_ever=owner.startswith(MEMBER)) as running:
            for live in running:
                live.stop("person")
            for live in running:
                await live.over()
            await self._closer.journal.settled()
            if not await self._closer.reaper.pay():
                raise StoreUnavailable(
                    "Answers of yours are still to be written down. Try again in a minute.", retry_after_s=60
                )
            await self._closer.journal.forget_ended()
            erased, key_ids = await self._database.write(partial(erase, owner, now_us()))
            self._forget(owner, key_ids)
        try:
            await cleaned(self._database, self._search)
            await self._database.rewrite()
        except StoreError as problem:  # what is erased is erased; housekeeping looks after the rest
            log.warning("the database could not be written anew after an erasure: %s", problem.message)
        return erased

    def _forget(self, owner: str, key_ids: list[str]) -> None:
        self._members.forget(owner)
        self._keyring.forget_all()
        self._watch.forget(owner)
        if owner.startswith((MEMBER, VISITOR)):
            # Whom the organisation names comes again under the same id: what they used in this window counts.
            self._quotas.forget(owner, key_ids)


def check_may_go(connection: Connection, owner: str) -> None:
    """Raises Conflict for the last operator: a site must not be left without one."""
    if accounts.find(connection, owner) is not None:
        accounts.check_not_last(connection, owner)


def erase(owner: str, now: int, tx: Connection) -> tuple[list[Erased], list[str]]:
    """In one transaction: what goes, and the ids of the keys among it. Raises Conflict."""
    check_may_go(tx, owner)
    account = accounts.find(tx, owner)
    kept_out = account is not None and account.blocked_at is not None
    found: dict[str, list[str]] = {
        kind: [str(one) for one in tx.scalars(query)]
        for kind, query in theirs(owner, kept_out=kept_out).items()
    }
    _forget_unbegun(tx, owner)
    used, held = nameless.turns_of(tx, owner), nameless.accounts_of(tx, owner)
    stored_log.forget_turns(tx, _turns_of(owner))
    for table in OWNED:
        tx.execute(delete(table).where(table.c.owner == owner))
    nameless.take_off(tx, used)
    nameless.forget_accounts(tx, held)
    if account is not None:
        _forget_account(tx, account)
    tell(tx)
    proofs = [Erased(kind=kind, count=len(ids), digest=digest_of(ids)) for kind, ids in found.items() if ids]
    for kind, ids in (("receipts", used), ("ledger_accounts", held)):
        if ids:
            proofs.append(Erased(kind=kind, count=len(ids), digest=digest_of(ids)))
    left = _left(tx, owner, kept_out=kept_out)
    for proof in proofs:
        note(
            tx,
            Deletion(
                at=now,
                rule=RULE,
                kind=proof.kind,
                before=None,
                count=proof.count,
                digest=proof.digest,
                left=left[proof.kind],
            ),
        )
    return proofs, found["keys"]


def theirs(owner: str, *, kept_out: bool) -> dict[str, Select[tuple[str]]]:
    """Ids of what goes, by kind."""
    messages, logs = tables.messages.c, tables.turn_log.c
    conversations = select(tables.conversations.c.id).where(tables.conversations.c.owner == owner)
    found = {
        "conversations": conversations,
        "messages": select(messages.id).where(messages.conversation_id.in_(conversations)),
        "folders": select(tables.folders.c.id).where(tables.folders.c.owner == owner),
        "event_logs": select(logs.turn_id).where(logs.turn_id.in_(_turns_of(owner))).distinct(),
        "responses": select(tables.responses.c.id).where(tables.responses.c.owner == owner),
        "idempotency": select(tables.idempotency.c.turn_id).where(tables.idempotency.c.owner == owner),
        "keys": select(tables.keys.c.id).where(tables.keys.c.owner == owner),
        "sessions": select(tables.sessions.c.id).where(tables.sessions.c.owner == owner),
        "passkeys": select(tables.passkeys.c.id).where(tables.passkeys.c.owner == owner),
        "links": select(tables.links.c.token_hash).where(tables.links.c.owner == owner),
        "training_consents": select(tables.training_consents.c.owner).where(
            tables.training_consents.c.owner == owner
        ),
    }
    if not kept_out:
        # Of an identity the digest is over the account's id: a name at a provider could be guessed from it.
        found["identities"] = select(tables.identities.c.owner).where(tables.identities.c.owner == owner)
        found["account"] = select(tables.accounts.c.id).where(tables.accounts.c.id == owner)
    return found


def _turns_of(owner: str) -> Select[tuple[str]]:
    entries, messages, conversations = tables.entries.c, tables.messages.c, tables.conversations.c
    used = select(entries.turn_id).where(or_(entries.owner == owner, entries.person == owner))
    mine = select(conversations.id).where(conversations.owner == owner)
    wrote = select(messages.turn_id).where(messages.conversation_id.in_(mine), messages.turn_id.is_not(None))
    return select(used.union(wrote).subquery().c.turn_id)


def _forget_unbegun(tx: Connection, owner: str) -> None:
    """Entries of turns that were refused in the very moment of the erasure: nothing of theirs was made."""
    entries = tables.entries.c
    theirs = or_(entries.owner == owner, entries.person == owner)
    tx.execute(delete(tables.entries).where(theirs, entries.closed_at.is_(None)))


def _left(tx: Connection, owner: str, *, kept_out: bool) -> dict[str, int]:
    """What is still found, by kind: nothing, or the transaction was wrong."""
    found = {
        kind: int(tx.scalar(select(func.count()).select_from(query.subquery())) or 0)
        for kind, query in theirs(owner, kept_out=kept_out).items()
    }
    used, held = nameless.turns_of(tx, owner), nameless.accounts_of(tx, owner)
    return found | {"receipts": len(used), "ledger_accounts": len(held)}


def _forget_account(tx: Connection, account: Account) -> None:
    """With what hangs on it. Who is kept out would come in again under another id, had the site forgotten
    who it was that it keeps out."""
    if account.blocked_at is None:
        accounts.remove(tx, account.id)
        return
    for table in (tables.keys, tables.sessions, tables.passkeys):
        tx.execute(delete(table).where(table.c.owner == account.id))
    bare = {"name": None, "name_key": None, "password": None, "cap_tokens": None, "cap_money": None}
    tx.execute(
        update(tables.accounts)
        .where(tables.accounts.c.id == account.id)
        .values(**bare, role="member", seen_at=account.blocked_at)
    )
