"""The ownership matrix: every route that has an id, asked by everybody whose it is not.

Made from the application's own table of routes: a route that is new and not in ROWS fails the first test.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from litestar.routes import HTTPRoute
from sqlalchemy import Connection, select
from tests.http.keyholders import QUESTION, make_key, new_member

from thinkwell.http.app import make_app
from thinkwell.http.callers import SESSION
from thinkwell.people import passkeys
from thinkwell.people.keytext import new_key
from thinkwell.store.tables import conversations, folders, keys, messages, responses, sessions
from thinkwell.store.tables import passkeys as passkey_rows
from thinkwell.testing.scenario import Scenario, end, gate, say, think
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site
from thinkwell.turns.run import now_us

Json = dict[str, Any]
Route = tuple[str, str]


class Row(msgspec.Struct, frozen=True):
    """``what`` of the owner's goes into the path, ids parted by ``/`` (or, for ``{}`` there, into the body; an
    answer of theirs for ``{answer}``). ``door``: whose
    credentials count there. ``states``: of the turn whose id it is."""

    method: str
    path: str
    what: str
    door: str = "web"
    body: Any = None
    members: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.what}"


TURN = ("turn", "ended_turn")
RESPONSE: Json = {"model": "scripted", "input": "My secret?"}
THOUGHT = Scenario(
    name="made",
    about="A thought, held in its middle",
    steps=(*(think("hm ") for _ in range(8)), gate("thinking"), think("on "), say("Done."), end()),
)
ROWS = [
    Row("GET", "/api/conversations/{conversation_id}", "conversation"),
    Row("PATCH", "/api/conversations/{conversation_id}", "conversation", body={"title": "mine now"}),
    Row("DELETE", "/api/conversations/{conversation_id}", "conversation"),
    Row("GET", "/api/messages/{message_id}/files", "question"),
    Row("POST", "/api/conversations/{conversation_id}/fork", "conversation", body={"message_id": "{answer}"}),
    Row("GET", "/api/conversations/{conversation_id}/export", "conversation"),
    Row("GET", "/api/conversations/{conversation_id}/messages/{message_id}/thought", "thought"),
    Row("POST", "/api/conversations/{conversation_id}/restore", "deleted_conversation"),
    Row("PATCH", "/api/folders/{folder_id}", "folder", body={"name": "mine now"}),
    Row("DELETE", "/api/folders/{folder_id}", "folder"),
    *(Row("POST", "/api/turns/{turn_id}/stop", what) for what in TURN),
    *(Row("POST", "/api/turns/{turn_id}/answer_now", what) for what in TURN),
    *(Row("POST", "/api/turns/{turn_id}/think_on", what) for what in TURN),
    *(Row("GET", "/api/turns/{turn_id}/events", what) for what in TURN),
    *(Row("GET", "/api/turns/{turn_id}/receipt", what) for what in TURN),
    Row("GET", "/plain/{conversation_id}", "conversation"),
    *(Row("GET", "/v1/receipts/{turn_id}", what, "api") for what in ("chat", "ended_chat")),
    Row("POST", "/v1/chat/completions/{turn_id}/answer_now", "chat", "api"),
    Row("POST", "/v1/chat/completions/{turn_id}/think_on", "chat", "api"),
    Row("POST", "/v1/messages/{message_id}/answer_now", "message", "api"),
    Row("POST", "/v1/messages/{message_id}/think_on", "message", "api"),
    *(
        Row(method, f"/v1/responses/{{response_id}}{rest}", what, "api")
        for what in ("response", "ended_response")
        for method, rest in (
            ("GET", ""),
            ("GET", "/input_items"),
            ("POST", "/cancel"),
            ("POST", "/answer_now"),
            ("POST", "/think_on"),
            ("DELETE", ""),
        )
    ),
    Row("PATCH", "/api/keys/{key_id}", "key", body={"name": "mine now"}, members=True),
    Row("DELETE", "/api/keys/{key_id}", "key", members=True),
    Row("DELETE", "/api/me/sessions/{session_id}", "session", members=True),
    Row("DELETE", "/api/me/passkeys/{passkey_id}", "passkey", members=True),
]
# An id in a body owns as much as one in a path.
BODIES = [
    Row("POST", "/api/turns", "conversation", body={"content": "x", "conversation_id": "{}"}),
    Row("POST", "/api/turns", "conversation", body={"go_on": "{answer}", "conversation_id": "{}"}),
    Row("POST", "/v1/responses", "ended_response", "api", RESPONSE | {"previous_response_id": "{}"}),
    Row("POST", "/v1/chat/completions/control", "chat", "api", {"id": "{}", "action": "reasoning_end"}),
]
# The same for everybody: nothing of anybody's is behind their ids.
PUBLIC = {
    ("GET", "/v1/models/{model_id}"): "the site's one model",
    ("GET", "/c/{conversation_id}"): "the page itself, which asks for the conversation",
    ("GET", "/{name}"): "the page's files",
    ("GET", "/schema/{path}"): "the framework's own: nothing is there",
}
# Behind the role of an operator, whatever the id.
OPERATORS = {
    ("PATCH", "/api/operator/members/{member_id}"): {"role": "operator"},
    ("DELETE", "/api/operator/blocks/{subject}"): None,
    ("POST", "/api/operator/engines/{name}/drain"): {"on": True},
    ("GET", "/api/operator/training/{name}"): None,
}


@pytest.fixture
async def site(data: Path, engine: ScriptedEngine) -> AsyncIterator[RunningSite]:
    """Believes what its proxy says of addresses, so that everybody here has one of their own."""
    engine.slots = 16
    engine.play(THOUGHT)
    engine.ends_thoughts = True
    async with running_site(data, engine, assignments=("people.proxy_addresses=127.0.0.1",)) as running:
        yield running


def routes_with_an_id(site: RunningSite) -> set[Route]:
    app = make_app(site.site)
    http = [route for route in app.routes if isinstance(route, HTTPRoute) and route.path_parameters]
    return {
        (method, re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path_format.replace("{name:path}", "{name}")))
        for route in http
        for method in route.methods
        if method not in ("OPTIONS", "HEAD")
    }


async def test_every_route_with_an_id_is_in_the_matrix(site: RunningSite) -> None:
    """A new one fails here until it is said whose its ids are."""
    known = {(row.method, row.path) for row in ROWS} | set(PUBLIC) | set(OPERATORS)
    assert routes_with_an_id(site) == known


FORGED = new_key()[1]


# -- people ------------------------------------------------------------------------------------------


class Person(msgspec.Struct, frozen=True):
    """What somebody sends along, at the page's door and at the API's."""

    web: dict[str, str]
    api: dict[str, str]

    def at(self, door: str) -> dict[str, str]:
        return self.web if door == "web" else self.api


def from_(address: str, **headers: str) -> dict[str, str]:
    return {"x-forwarded-for": address} | headers


async def member(site: RunningSite, name: str, address: str) -> tuple[str, Person]:
    account = await new_member(site, name)
    token = await site.site.members.sessions.begin(account.id, "test")
    _, key = await make_key(site, account)
    cookie = from_(address, cookie=f"{SESSION}={token}")
    return account.id, Person(cookie, from_(address, authorization=f"Bearer {key}"))


async def a_visitor(site: RunningSite, http: aiohttp.ClientSession, address: str) -> Person:
    async with http.get("/api/site", headers=from_(address)) as reply:
        cookie = "; ".join(f"{name}={value.value}" for name, value in reply.cookies.items())
    assert cookie
    return Person(from_(address, cookie=cookie), from_(address))


async def revoked(site: RunningSite, http: aiohttp.ClientSession, owner: str) -> Person:
    """The owner's own old session, which was ended, and key, which was revoked."""
    token = await site.site.members.sessions.begin(owner, "lost")
    account = await site.site.members.accounts.find(owner)
    assert account is not None
    key, text = await make_key(site, account)
    cookie = from_("192.0.2.7", cookie=f"{SESSION}={token}")
    async with http.delete(f"/api/keys/{key.id}", headers=cookie) as reply:
        assert reply.status == 204
    async with http.post("/api/sign_out", headers=cookie) as reply:
        assert reply.status == 200
    return Person(cookie, from_("192.0.2.7", authorization=f"Bearer {text}"))


async def erased(site: RunningSite, http: aiohttp.ClientSession) -> Person:
    """Somebody who had themself erased, and kept their cookie and key."""
    _, person = await member(site, "gone", "192.0.2.9")
    await erase(http, person)
    return person


async def erase(http: aiohttp.ClientSession, person: Person) -> None:
    async with http.delete("/api/me", json={"confirm": "erase"}, headers=person.web) as reply:
        assert reply.status == 200, await reply.text()


async def everybody_else(
    site: RunningSite, http: aiohttp.ClientSession, owner: str | None
) -> dict[str, Person]:
    _, other = await member(site, "max", "192.0.2.3")
    others = {
        "another member": other,
        "another visitor": await a_visitor(site, http, "192.0.2.4"),
        "nobody": Person(from_("192.0.2.5"), from_("192.0.2.5", authorization=f"Bearer {FORGED}")),
        "somebody erased": await erased(site, http),
    }
    if owner is not None:
        others["a revoked session or key of the owner's"] = await revoked(site, http, owner)
    return others


# -- what they own -----------------------------------------------------------------------------------


class Owned:
    """Makes what is the owner's, as it is asked for. A turn that lives is held in its thought."""

    def __init__(
        self, site: RunningSite, engine: ScriptedEngine, http: aiohttp.ClientSession, owner: Person
    ) -> None:
        self._site = site
        self._engine = engine
        self._http = http
        self._owner = owner
        self._asking: list[asyncio.Task[Any]] = []
        self.answer = "msg_none"

    async def make(self, what: str, account: str | None) -> str:
        if what == "key":
            return (await self._get("/api/keys"))["items"][0]["id"]  # type: ignore[no-any-return]
        if what == "session":
            assert account is not None
            await self._site.site.members.sessions.begin(account, "another device")
            found = (await self._get("/api/me/sessions"))["items"]
            return next(item["id"] for item in found if not item["current"])  # type: ignore[no-any-return]
        if what == "passkey":
            return await self._passkey(account)
        if what == "folder":
            return str((await self._post("/api/folders", {"name": "Garden"}, 201))["id"])
        if what == "deleted_conversation":
            found = await self._web("conversation")
            async with self._http.delete(f"/api/conversations/{found}", headers=self._owner.web) as reply:
                assert reply.status == 200
            return found
        if what in ("conversation", "question", "turn", "ended_turn", "thought"):
            return await self._web(what)
        return await self._api(what)

    async def _get(self, path: str) -> Any:
        async with self._http.get(path, headers=self._owner.web) as reply:
            assert reply.status == 200
            return await reply.json()

    async def _passkey(self, account: str | None) -> str:
        """Two, since the only way to sign in is not removed."""
        assert account is not None
        names = ("cred-one", "cred-two")
        for name in names:
            new = passkeys.NewPasskey(id=name, public_key=b"k", sign_count=0, about=account)
            await self._site.site.database.write(
                lambda tx, new=new: passkeys.add(tx, account, new, "a key", now_us())  # type: ignore[misc]
            )
        return names[0]

    async def _web(self, what: str) -> str:
        live = what == "turn"
        if live:
            self._engine.gates.hold("thinking")
        async with self._http.post(
            "/api/turns",
            json={"content": "My secret?", "files": [{"name": "mine.txt", "text": "My secret."}]},
            headers=self._owner.web,
        ) as reply:
            assert reply.status == 201, await reply.text()
            asked = await reply.json()
        self.answer = asked["answer_id"]
        if live:
            await self._engine.gates.reached("thinking")
        else:
            async with self._http.get(
                f"/api/turns/{asked['turn_id']}/events", headers=self._owner.web
            ) as reply:
                await reply.read()
            await self._site.site.conductor.settled()
        if what == "thought":
            return f"{asked['conversation_id']}/{asked['answer_id']}"
        return str(asked[{"conversation": "conversation_id", "question": "question_id"}.get(what, "turn_id")])

    async def _api(self, what: str) -> str:
        """The id of an API turn that lives, or of one that is over."""
        over = what.startswith("ended_")
        path, body = {
            "chat": ("/v1/chat/completions", QUESTION),
            "message": (
                "/v1/messages",
                QUESTION | {"max_tokens": 2000, "thinking": {"type": "enabled", "budget_tokens": 1024}},
            ),
            "response": ("/v1/responses", RESPONSE),
        }[what.removeprefix("ended_")]
        if not over:
            self._engine.gates.hold("thinking")
        asking = asyncio.create_task(self._post(path, body))
        if over:
            return str((await asking)["id"])
        self._asking.append(asking)
        await self._engine.gates.reached("thinking")
        return self._site.site.turns.running[-1].request.id

    async def _post(self, path: str, body: Any, status: int = 200) -> Any:
        who = self._owner.web if path.startswith("/api/") else self._owner.api
        async with self._http.post(path, json=body, headers=who) as reply:
            assert reply.status == status, await reply.text()
            return await reply.json()

    async def end(self) -> None:
        self._engine.gates.release("thinking")
        await asyncio.gather(*self._asking, return_exceptions=True)
        await self._site.site.conductor.settled()


MADE_UP = {
    "conversation": "conv_" + "0" * 24,
    "question": "msg_" + "0" * 24,
    "deleted_conversation": "conv_" + "0" * 24,
    "turn": "turn_" + "0" * 24,
    "thought": "conv_" + "0" * 24 + "/msg_" + "0" * 24,
    "chat": "chatcmpl-" + "0" * 32,
    "message": "msg_" + "0" * 24,
    "response": "resp_" + "0" * 24,
}


async def tell(
    http: aiohttp.ClientSession,
    row: Row,
    found: str,
    person: Person,
    *,
    whole: bool = True,
    answer: str = "msg_none",
) -> tuple[int, str]:
    """Status and body of the reply, without the id itself, which some name, and the request's own."""
    ids = iter(found.split("/"))
    path = re.sub(r"\{\w+\}", lambda _: next(ids), row.path)
    body = msgspec.json.encode(row.body).replace(b'"{}"', msgspec.json.encode(found))
    body = msgspec.json.decode(body.replace(b"{answer}", answer.encode()))
    headers = person.at(row.door)
    async with http.request(row.method, path, json=body, headers=headers) as reply:
        if not whole:  # a stream that goes on
            return reply.status, ""
        return reply.status, re.sub(r"req_\w+", "REQ", (await reply.text()).replace(found, "ID"))


def expected(row: Row, stranger: Person) -> int:
    """401 for a key that does not hold, and where one must sign in to have anything at all: then nothing is
    said of the id either."""
    wrong_key = row.door == "api" and "authorization" in stranger.api
    return 401 if wrong_key or row.members else 404


KEPT = (conversations, folders, messages, keys, passkey_rows, responses, sessions)


async def everything(site: RunningSite) -> dict[str, list[tuple[Any, ...]]]:
    """All rows that a stranger's request could have harmed, but for when they were last used."""

    def read(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
        found = {}
        for table in KEPT:
            columns = [column for column in table.c if column.name not in ("seen_at", "used_at")]
            found[table.name] = sorted(tuple(row) for row in connection.execute(select(*columns)))
        return found

    return await site.site.database.read(read)


@pytest.mark.parametrize("kind", ["member", "visitor"])
@pytest.mark.parametrize("row", [*ROWS, *BODIES], ids=str)
async def test_what_is_somebodys_is_not_there_for_anybody_else(
    site: RunningSite, engine: ScriptedEngine, row: Row, kind: str
) -> None:
    if row.members and kind == "visitor":
        return  # visitors have none
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(
            aiohttp.ClientSession(site.url, cookie_jar=aiohttp.DummyCookieJar())
        )
        account: str | None = None
        if kind == "member":
            account, owner = await member(site, "zoe", "192.0.2.1")
        else:
            owner = await a_visitor(site, http, "192.0.2.1")
        owned = Owned(site, engine, http, owner)
        others = await everybody_else(site, http, account)
        found = await owned.make(row.what, account)
        stack.push_async_callback(owned.end)

        before = await everything(site)
        made_up = MADE_UP.get(row.what.removeprefix("ended_"), "nothing")
        for name, person in others.items():
            told = await tell(http, row, found, person, answer=owned.answer)
            assert told[0] == (404 if name == "another member" else expected(row, person)), (name, told)
            assert told == await tell(http, row, made_up, person, answer=owned.answer), name
        assert await everything(site) == before
        assert all(turn.stopped_by is None for turn in site.site.turns.running)

        status, _ = await tell(http, row, found, owner, whole=False, answer=owned.answer)
        assert status not in (401, 403, 404), "its owner is not found either: this row proves nothing"

        await owned.end()
        if kind == "visitor" and row.door == "api":
            return  # an address erases nothing: whoever has it next could
        await erase(http, owner)
        status, _ = await tell(http, row, found, owner)
        assert status == (401 if row.members or (row.door == "api" and account) else 404)


@pytest.mark.parametrize("route", sorted(OPERATORS), ids=" ".join)
async def test_what_is_the_operators_says_nothing_of_any_id_to_anybody_else(
    site: RunningSite, route: Route
) -> None:
    """Nobody but an operator gets as far as the id."""
    method, path = route
    async with aiohttp.ClientSession(site.url, cookie_jar=aiohttp.DummyCookieJar()) as http:
        account, owner = await member(site, "zoe", "192.0.2.1")
        row = Row(method, path, "member", body=OPERATORS[route])
        for name, person in (await everybody_else(site, http, account) | {"oneself": owner}).items():
            signed_in = name in ("another member", "oneself")
            for found in (account, "scripted", "nothing"):
                told = await tell(http, row, found, person)
                assert told[0] == (403 if signed_in else 401), (name, told)
        found_account = await site.site.members.accounts.find(account)
        assert found_account is not None and found_account.role == "member"
