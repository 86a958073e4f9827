"""What an export is made of: all that the site has of a person, a page at a time. Every read names them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import msgspec
from sqlalchemy import select
from sqlalchemy.engine import Connection

from thinkwell.conversations import folders, pages, shelf
from thinkwell.conversations.markdown import Node
from thinkwell.conversations.tree import StoredMessage, Summary
from thinkwell.http.site import Site
from thinkwell.http.wire.keys import wire_key
from thinkwell.http.wire.rights import Retention
from thinkwell.http.wire.web import iso
from thinkwell.ledger import statement
from thinkwell.ledger.statement import Chosen, Line
from thinkwell.people import consents, keys, passkeys
from thinkwell.people.accounts import Account
from thinkwell.store.tables import idempotency, identities, responses

T = TypeVar("T")
Json = dict[str, Any]
LINES = 200
# Of the Responses API: each may have megabytes.
RESPONSES = 2


class Sources:
    """``account`` None: a visitor, or somebody of whom there is none yet."""

    def __init__(self, site: Site, owner: str, account: Account | None, retention: Retention) -> None:
        self._site = site
        self.retention = retention
        self.owner = owner
        self._account = account
        self._chosen = Chosen(owner=owner)

    async def _read(self, work: Callable[[Connection], T]) -> T:
        return await self._site.database.read(work)

    def account(self) -> Json | None:
        """Without the password, of which the site has a hash alone."""
        found = self._account
        if found is None:
            return None
        told = msgspec.structs.asdict(found)
        for name in ("created_at", "seen_at", "blocked_at"):
            told[name] = None if told[name] is None else iso(told[name])
        return told

    async def signing_in(self) -> Json:
        """Sessions without their tokens, passkeys without their keys, names at identity providers."""
        held = await self._site.members.sessions.all(self.owner)

        def read(connection: Connection) -> tuple[list[Json], list[Json]]:
            found = [
                {
                    "id": one.id,
                    "name": one.name,
                    "created_at": iso(one.created_at),
                    "used_at": _iso(one.used_at),
                }
                for one in passkeys.by_owner(connection, self.owner)
            ]
            named = select(identities.c.issuer, identities.c.subject, identities.c.created_at)
            rows = connection.execute(named.where(identities.c.owner == self.owner))
            return found, [{"issuer": i, "subject": s, "created_at": iso(at)} for i, s, at in rows]

        ways, names = await self._read(read)
        sessions = [
            {
                "id": one.id,
                "agent": one.agent,
                "created_at": iso(one.created_at),
                "seen_at": iso(one.seen_at),
                "expires_at": iso(one.expires_at),
            }
            for one in held
        ]
        return {"sessions": sessions, "passkeys": ways, "identities": names}

    async def keys(self) -> list[Any]:
        """API keys, without their text, of which the site has a hash alone."""

        def read(connection: Connection) -> list[Any]:
            spent = keys.spent(connection, self.owner)
            found = keys.by_owner(connection, self.owner)
            return [wire_key(key, spent.get(key.id, keys.Spent())) for key in found]

        return await self._read(read)

    async def usage(self) -> Json:
        """Amounts are in millionths of the currency."""

        def read(connection: Connection) -> Json:
            return {
                "total": statement.total(connection, self._chosen),
                "by_day": statement.days(connection, self._chosen),
                "by_model": statement.groups(connection, self._chosen, "model"),
            }

        return {"currency": self._site.settings.tariff.currency, **await self._read(read)}

    async def idempotency(self) -> list[Json]:
        """Of keys that a client sent, and what was asked under them, there are hashes alone."""
        query = select(idempotency.c.turn_id, idempotency.c.created_at).where(
            idempotency.c.owner == self.owner
        )
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [{"turn_id": turn_id, "asked_at": iso(at)} for turn_id, at in rows]

    async def training(self) -> Json:
        """Whether their conversations may be used to train the site's models."""
        since = await self._read(lambda connection: consents.since(connection, self.owner))
        return {"allowed": since is not None, "since": _iso(since)}

    async def folders(self) -> list[Json]:
        """Of conversations, which name the one that they are in."""
        held = await self._read(lambda connection: folders.all_of(connection, self.owner))
        return [{"id": one.id, "name": one.name, "created_at": iso(one.created_at)} for one in held]

    async def receipts(self) -> AsyncIterator[list[Line]]:
        before: statement.Place | None = None
        while True:
            place = before
            lines = await self._read(
                lambda connection, place=place: statement.page(connection, self._chosen, place, LINES)  # type: ignore[misc]
            )
            if lines:
                yield lines
            if len(lines) < LINES:
                return
            before = lines[-1].place

    async def responses(self) -> AsyncIterator[list[Json]]:
        """Stored ones of the Responses API, as they are kept."""
        after = ""
        while True:
            query = (
                select(responses)
                .where(responses.c.owner == self.owner, responses.c.id > after)
                .order_by(responses.c.id)
                .limit(RESPONSES)
            )
            rows = await self._read(lambda connection, query=query: connection.execute(query).all())  # type: ignore[misc]
            if not rows:
                return
            yield [
                {
                    "id": row.id,
                    "previous_id": row.previous_id,
                    "created_at": iso(row.created_at),
                    "used_at": iso(row.used_at),
                    "body": msgspec.Raw(row.body),
                }
                for row in rows
            ]
            after = rows[-1].id

    async def conversations(self) -> AsyncIterator[Summary]:
        """Newest first. What is changed meanwhile comes once."""
        before: tuple[int, str] | None = None
        while True:
            place = before
            found = await self._read(
                lambda connection, place=place: shelf.page(connection, self.owner, place)  # type: ignore[misc]
            )
            for summary in found[: shelf.PAGE]:
                yield summary
            if len(found) <= shelf.PAGE:
                return
            last = found[shelf.PAGE - 1]
            before = last.updated_at, last.id

    async def messages(self, conversation_id: str) -> AsyncIterator[list[StoredMessage]]:
        """Oldest first."""
        after: pages.Place | None = None
        while True:
            place = after
            found = await self._read(
                lambda connection, place=place: pages.page(connection, conversation_id, place)  # type: ignore[misc]
            )
            if found:
                yield found
            if len(found) < pages.PAGE:
                return
            after = found[-1].created_at, found[-1].id

    async def outline(self, conversation_id: str) -> list[Node]:
        return await self._read(lambda connection: pages.outline(connection, conversation_id))

    async def some(self, conversation_id: str, ids: list[str]) -> list[StoredMessage]:
        return await self._read(lambda connection: pages.some(connection, conversation_id, ids))


def _iso(at_us: int | None) -> str | None:
    return None if at_us is None else iso(at_us)
