"""What no route may let by, asked of every route that there is: acts in another site's name, answers for other
sites' scripts, owners in a body, text that a database would take for its own language.

Made from the application's own table of routes, so that a new route is asked as well.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from litestar.routes import HTTPRoute
from sqlalchemy import Connection, func, select
from tests.http.keyholders import new_member
from tests.http.test_ownership import Route

from thinkwell.http.app import make_app
from thinkwell.http.callers import SESSION
from thinkwell.store.tables import accounts, metadata
from thinkwell.testing.site import RunningSite

Json = dict[str, Any]
# Both take what a person brings from elsewhere, and act by what they brought.
COOKIE_DOORS = ("/api/", "/plain")
# For every page there is: the keys that verify a receipt, and how busy the site is. No cookie counts there.
PUBLIC = ("/.well-known/thinkwell.json", "/api/status")
FOREIGN = [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
HOSTILE = [
    "' OR 1=1--",
    "'; DROP TABLE messages; --",
    '" OR ""="',
    "%",
    "_",
    "\\",
    "*",
    "=1+1",
    "\u2028",
    "\u0430",
]


def routes(site: RunningSite) -> list[tuple[str, str]]:
    found = [route for route in make_app(site.site).routes if isinstance(route, HTTPRoute)]
    return sorted(
        (method, route.path_format)
        for route in found
        for method in route.methods
        if method not in ("OPTIONS", "HEAD")
    )


def filled(path: str, text: str) -> str:
    """The path with ``text`` for each id, as it has to be written in an address."""
    parts = (part.partition("}") for part in path.split("{"))
    return "".join(
        (aiohttp.helpers.quote(text, safe="") + rest) if closed else name for name, closed, rest in parts
    )


@pytest.fixture
async def boss(running: RunningSite) -> AsyncIterator[aiohttp.ClientSession]:
    """The browser of an operator: whatever is refused here is refused to anybody."""
    account = await new_member(running, "boss")
    token = await running.site.members.sessions.begin(account.id, "test")

    def promote(tx: Connection) -> None:
        tx.execute(accounts.update().where(accounts.c.id == account.id).values(role="operator"))

    await running.site.database.write(promote)
    jar = aiohttp.DummyCookieJar()
    headers = {"cookie": f"{SESSION}={token}"}
    async with aiohttp.ClientSession(running.url, cookie_jar=jar, headers=headers) as client:
        yield client


async def counts(site: RunningSite) -> Json:
    def read(connection: Connection) -> Json:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table))
            for table in metadata.sorted_tables
        }

    return await site.site.database.read(read)


def acts(site: RunningSite) -> list[Route]:
    return [
        (method, path) for method, path in routes(site) if method != "GET" and path.startswith(COOKIE_DOORS)
    ]


@pytest.mark.parametrize("headers", FOREIGN, ids=lambda headers: "=".join(*headers.items()))
async def test_no_route_acts_for_a_page_of_another_site(
    running: RunningSite, boss: aiohttp.ClientSession, headers: Json
) -> None:
    before = await counts(running)
    for method, path in acts(running):
        sent: Json = {"data": {"question": "x"}} if path.startswith("/plain") else {"json": {}}
        async with boss.request(method, filled(path, "x"), headers=headers, **sent) as reply:
            assert reply.status == 403, (method, path, await reply.text())
            told = await reply.text()
        assert path.startswith("/plain") or '"forbidden"' in told, (method, path, told)
    assert await counts(running) == before


@pytest.mark.parametrize("origin", ["null", "https://evil.example"])
async def test_no_answer_may_be_read_by_another_sites_page(
    running: RunningSite, boss: aiohttp.ClientSession, origin: str
) -> None:
    """A browser keeps an answer from a foreign page as long as nothing here says otherwise."""
    asked = {"origin": origin, "access-control-request-method": "POST"}
    for method, path in routes(running):
        for verb in {"OPTIONS", method} & {"OPTIONS", "GET"}:
            if path in PUBLIC:
                continue
            async with boss.request(verb, filled(path, "x"), headers=asked) as reply:
                named = [name for name in reply.headers if name.lower().startswith("access-control-")]
            assert named == [], (verb, path)


async def test_no_body_makes_anybody_the_owner_of_anything(
    running: RunningSite, boss: aiohttp.ClientSession
) -> None:
    async with boss.get("/openapi.json") as reply:
        paths = (await reply.json(content_type=None))["paths"]
    bodies = [(verb, path) for path, verbs in paths.items() for verb in verbs if "requestBody" in verbs[verb]]
    mine = [(verb, path) for verb, path in bodies if path.startswith("/api/")]
    assert len(mine) > 10
    before = await counts(running)
    for verb, path in mine:
        async with boss.request(verb, filled(path, "x"), json={"owner": "member:someone"}) as reply:
            assert reply.status == 400, (verb, path, await reply.text())
    assert await counts(running) == before


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
async def test_an_id_that_means_something_elsewhere_is_an_id_that_is_not_there(
    running: RunningSite, boss: aiohttp.ClientSession, text: str
) -> None:
    before = await counts(running)
    for method, path in routes(running):
        if "{" not in path or path in ("/{name}", "/c/{conversation_id}"):
            continue
        body = (
            None if method in ("GET", "DELETE") else {"role": "member", "title": "x", "name": "x", "on": True}
        )
        async with boss.request(method, filled(path, text), json=body) as reply:
            assert reply.status in (400, 401, 404), (method, path, await reply.text())
    assert await counts(running) == before
