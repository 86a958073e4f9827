"""Rules of retention: what goes when its time is over. Each leaves a proof of what it deleted (deletions.py).

What a rule finds is read beside the writer, and deleted in small transactions, each with the proof as far as
it has come: a backlog of a year keeps nobody waiting, and a death in between leaves a true account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import msgspec
from sqlalchemy import ColumnElement, Select, Table, delete, func, or_, select
from sqlalchemy.engine import Connection

from thinkwell.conversations import responses as stored_responses
from thinkwell.conversations import shelf
from thinkwell.ledger import nameless
from thinkwell.people.networks import PREFIX as NETWORK
from thinkwell.people.networks import forget_unreachable, unreachable_before
from thinkwell.people.visitors import PREFIX as VISITOR
from thinkwell.store.database import Database
from thinkwell.store.tables import (
    blocks,
    conversations,
    entries,
    folders,
    idempotency,
    ledger_holders,
    links,
    messages,
    responses,
    sessions,
    training_consents,
)
from thinkwell.turns import idempotent, stored_log
from thinkwell.turns.deletions import Deletion, Digest, digest_of, note

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
# Found at once, and deleted in one transaction: of what has texts with it, fewer.
FOUND = 20_000
AT_ONCE = 500
FEW = 20
NETWORK_RULE = "network day"


class Keep(msgspec.Struct, frozen=True, kw_only=True):
    """For how long what is kept. ``member_days`` 0: for ever."""

    visitor_days: int
    member_days: int
    log_hours: int
    response_hours: int


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """``find`` selects the ids of what is too old, and ``forget`` deletes those that it is given."""

    name: str
    kind: str
    before: int | None
    find: Select[tuple[str]]
    forget: Callable[[Connection, list[str]], None]
    at_once: int = AT_ONCE


def rules(keep: Keep, now_us: int) -> Iterator[Rule]:
    """In the order in which they are to be carried out."""
    visitors = now_us - keep.visitor_days * DAY_US
    yield _conversations("people.visitor_days", visitors, _is_visitor(conversations.c.owner))
    if keep.member_days:
        members = now_us - keep.member_days * DAY_US
        yield _conversations("people.member_days", members, ~_is_visitor(conversations.c.owner))
        yield _folders("people.member_days", members, ~_is_visitor(folders.c.owner))
    yield _folders("people.visitor_days", visitors, _is_visitor(folders.c.owner))
    # A visitor's yes, once nothing is left that it was said for.
    asks = select(conversations.c.id).where(conversations.c.owner == training_consents.c.owner).exists()
    said = (_is_visitor(training_consents.c.owner), training_consents.c.said_at < visitors, ~asks)
    yield Rule(
        name="people.visitor_days",
        kind="training_consents",
        before=visitors,
        find=select(training_consents.c.owner).where(*said),
        forget=partial(_forget, training_consents, training_consents.c.owner),
    )
    # What a visitor used, as a statement of theirs: the amounts stay without a name.
    old = (_is_visitor(entries.c.owner), entries.c.closed_at < visitors)
    receipts = select(entries.c.turn_id).where(*old)
    yield Rule(
        name="people.visitor_days",
        kind="receipts",
        before=visitors,
        find=receipts,
        forget=nameless.take_off,
    )
    used = select(entries.c.turn_id).where(entries.c.owner == ledger_holders.c.owner).exists()
    yield Rule(
        name="people.visitor_days",
        kind="ledger_accounts",
        before=visitors,
        find=select(ledger_holders.c.account).where(_is_visitor(ledger_holders.c.owner), ~used),
        forget=nameless.forget_accounts,
        at_once=FEW,
    )
    yield from _plain(keep, now_us)


def _plain(keep: Keep, now_us: int) -> Iterator[Rule]:
    """What has a time of its own, whoever's it is."""
    day = now_us - idempotent.DAY_US
    yield Rule(
        name="24 hours",
        kind="idempotency",
        before=day,
        find=idempotent.older(day),
        forget=partial(_forget_asked, day),
    )
    logs = now_us - keep.log_hours * HOUR_US
    yield Rule(
        name="turns.keep_log_hours",
        kind="event_logs",
        before=logs,
        find=stored_log.older(logs),
        forget=stored_log.forget_turns,
        at_once=FEW,
    )
    unused = now_us - keep.response_hours * HOUR_US
    yield Rule(
        name="turns.keep_response_hours",
        kind="responses",
        before=unused,
        find=stored_responses.unused_since(unused),
        forget=partial(_forget, responses, responses.c.id),
        at_once=FEW,
    )
    yield Rule(
        name="most of a person",
        kind="responses",
        before=None,
        find=stored_responses.over(),
        forget=partial(_forget, responses, responses.c.id),
        at_once=FEW,
    )
    for table, name, ends in (
        (sessions, sessions.c.id, sessions.c.expires_at),
        (links, links.c.token_hash, links.c.expires_at),
        (blocks, blocks.c.subject, blocks.c.until),
    ):
        yield Rule(
            name="its own end",
            kind=table.name,
            before=now_us,
            find=select(name).where(ends <= now_us),
            forget=partial(_forget, table, name),
        )


def _conversations(name: str, before: int, whose: ColumnElement[bool]) -> Rule:
    """Not while one of its turns runs: then somebody is there."""
    runs = (
        select(messages.c.id)
        .where(messages.c.conversation_id == conversations.c.id, messages.c.status == "streaming")
        .exists()
    )
    old = (whose, conversations.c.updated_at < before, ~runs)
    return Rule(
        name=name,
        kind="conversations",
        before=before,
        find=select(conversations.c.id).where(*old),
        forget=forget_conversations,
        at_once=FEW,
    )


def _folders(name: str, before: int, whose: ColumnElement[bool]) -> Rule:
    """Those that have been empty for as long, or nearly."""
    used = select(conversations.c.id).where(conversations.c.folder_id == folders.c.id).exists()
    return Rule(
        name=name,
        kind="folders",
        before=before,
        find=select(folders.c.id).where(whose, folders.c.created_at < before, ~used),
        forget=partial(_forget, folders, folders.c.id),
    )


def _is_visitor(owner: ColumnElement[str]) -> ColumnElement[bool]:
    """By ranges, so that an index finds them: between a colon and the character after it."""
    return or_(*((owner >= prefix) & (owner < prefix[:-1] + ";") for prefix in (VISITOR, NETWORK)))


def _forget(table: Table, name: ColumnElement[str], tx: Connection, ids: list[str]) -> None:
    tx.execute(delete(table).where(name.in_(ids)))


def _forget_asked(before: int, tx: Connection, turn_ids: list[str]) -> None:
    old = idempotency.c.created_at <= before
    tx.execute(delete(idempotency).where(old, idempotency.c.turn_id.in_(turn_ids)))


def forget_conversations(tx: Connection, ids: list[str]) -> None:
    """With their messages, and the logs of the turns that wrote these."""
    stored_log.forget_turns(tx, select(messages.c.turn_id).where(messages.c.conversation_id.in_(ids)))
    shelf.forget(tx, ids)


# -- carrying out --------------------------------------------------------------------------------


class _Run:
    """A rule on its way: how far it has come."""

    def __init__(self, rule: Rule, now_us: int) -> None:
        self.rule = rule
        self.now_us = now_us
        self.digest = Digest()
        self.number: int | None = None


def with_work(keep: Keep, now_us: int, connection: Connection) -> list[Rule]:
    """All of them where one finds something, since others may when it is through; mostly none does."""
    every = list(rules(keep, now_us))
    found = any(connection.scalar(select(rule.find.limit(1).exists())) for rule in every)
    return every if found else []


async def carry_out(database: Database, rule: Rule, now_us: int) -> int:
    """How many things it deleted. Raises StoreError; what went before that is accounted for."""
    run, last = _Run(rule, now_us), ""
    while found := await database.read(partial(_find, rule, last)):
        for begin in range(0, len(found), rule.at_once):
            await database.write(partial(_delete, run, found[begin : begin + rule.at_once]))
        last = found[-1]
    if run.number is not None:
        await database.write(partial(_finish, run))
    return run.digest.count


def _find(rule: Rule, after: str, connection: Connection) -> list[str]:
    """The next ones, in order."""
    found = rule.find.subquery()
    name = found.c[0]
    query = select(name).where(name > after).order_by(name).limit(FOUND)
    return [str(one) for one in connection.scalars(query)]


def _delete(run: _Run, ids: list[str], tx: Connection) -> None:
    """Those of them that the rule still finds. Until all is done the proof says that something is left."""
    found = run.rule.find.subquery()
    name = found.c[0]
    still = [str(one) for one in tx.scalars(select(name).where(name.in_(ids)).order_by(name))]
    if still:
        run.rule.forget(tx, still)
        run.digest = run.digest.with_(still)
        run.number = note(tx, _proof(run, left=1), run.number)


def _finish(run: _Run, tx: Connection) -> None:
    left = tx.scalar(select(func.count()).select_from(run.rule.find.subquery())) or 0
    note(tx, _proof(run, left=left), run.number)


def _proof(run: _Run, left: int) -> Deletion:
    rule = run.rule
    return Deletion(
        at=run.now_us,
        rule=rule.name,
        kind=rule.kind,
        before=rule.before,
        count=run.digest.count,
        digest=run.digest.text,
        left=left,
    )


def forget_networks(now_us: int, tx: Connection) -> int:
    """What belongs to networks of a day that is over; how many things that was."""
    gone = forget_unreachable(tx, now_us)
    left = forget_unreachable(tx, now_us) if any(gone.values()) else {}
    for kind, ids in gone.items():
        if ids:
            proof = Deletion(
                at=now_us,
                rule=NETWORK_RULE,
                kind=kind,
                before=unreachable_before(now_us),
                count=len(ids),
                digest=digest_of(ids),
                left=len(left.get(kind, ())),
            )
            note(tx, proof)
    return sum(map(len, gone.values()))
