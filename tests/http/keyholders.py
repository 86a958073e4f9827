"""Members of a site under test, their keys and their browsers, made past the doors."""

from __future__ import annotations

from typing import Any

import aiohttp
from sqlalchemy import select

from thinkwell.http.callers import SESSION
from thinkwell.people import accounts, keys
from thinkwell.people.accounts import Account
from thinkwell.people.keys import Key, Wish
from thinkwell.store.tables import entries
from thinkwell.testing.site import RunningSite
from thinkwell.turns.run import now_us

QUESTION: dict[str, Any] = {"model": "scripted", "messages": [{"role": "user", "content": "What is 2 + 2?"}]}


async def new_member(running: RunningSite, name: str = "zoe") -> Account:
    return await running.site.database.write(lambda tx: accounts.create(tx, name, now_us()))


async def make_key(running: RunningSite, owner: Account, **wish: Any) -> tuple[Key, str]:
    asked = Wish(name="test", **wish)
    return await running.site.database.write(lambda tx: keys.create(tx, owner.id, asked, now_us()))


async def signed_in(running: RunningSite, owner: Account) -> aiohttp.ClientSession:
    """A browser of ``owner``."""
    token = await running.site.members.sessions.begin(owner.id, "test")
    return aiohttp.ClientSession(running.url, headers={"Cookie": f"{SESSION}={token}"})


def with_key(running: RunningSite, text: str) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(running.url, headers={"Authorization": f"Bearer {text}"})


async def owners(running: RunningSite) -> list[tuple[str, str | None]]:
    """Owner and key of each turn that is over, oldest first."""
    await running.site.conductor.settled()
    query = select(entries.c.owner, entries.c.key_id).order_by(entries.c.opened_at)
    found = await running.site.database.read(lambda connection: connection.execute(query).all())
    return [(row.owner, row.key_id) for row in found]
