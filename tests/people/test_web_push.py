"""Web Push against a push service on this machine: what it is told, and what it never is."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import httpx
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import Connection
from tests.conftest import visitor

from thinkwell.errors import SetupError
from thinkwell.people import subscriptions
from thinkwell.people.pushing import Pushing, check_outside, may_be_told
from thinkwell.people.vapid import FILE, open_vapid
from thinkwell.settings import load_settings
from thinkwell.settings.site_rooms import PUSH_HOSTS, Push
from thinkwell.store.database import open_database
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site

SERVICES = ("push.test", "*.wide.test")
AT = "https://push.test/send/abc"
ON = ("push.enabled=true", "push.hosts=push.test", "push.after_s=0", "push.contact=mailto:op@example.org")


class Service:
    """A push service: keeps what it is told, and answers with ``status``."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[tuple[str, dict[str, str], bytes]] = asyncio.Queue()
        self.status = 201
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.told.put_nowait((request.path, headers, await request.read()))
        return web.Response(status=self.status, headers={"location": "http://127.0.0.1:1/elsewhere"})

    async def __call__(self, url: str, headers: dict[str, str]) -> int:
        """As the real wire, but for where the name leads."""
        async with httpx.AsyncClient(trust_env=False) as client:
            here = url.replace("https://push.test", self.url)
            reply = await client.post(here, headers=headers, follow_redirects=False)
        return reply.status_code


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    service = Service()
    app = web.Application()
    app.router.add_post("/{path:.*}", service.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield service
    await runner.cleanup()


@asynccontextmanager
async def pushing_site(data: Path, engine: ScriptedEngine, service: Service) -> AsyncIterator[RunningSite]:
    async with running_site(data, engine, assignments=ON) as running:
        assert running.site.pushing is not None
        running.site.pushing._post = service
        yield running


async def subscribed(session: aiohttp.ClientSession, endpoint: str = AT) -> int:
    async with session.get("/api/site"), session.put("/api/me/push", json={"endpoint": endpoint}) as reply:
        return reply.status


async def endpoints(running: RunningSite) -> list[str]:
    from thinkwell.store.tables import push_subscriptions as table

    def read(connection: Connection) -> list[str]:
        return [str(row.endpoint) for row in connection.execute(table.select())]

    return await running.site.database.read(read)


async def test_a_message_says_who_sends_it_and_nothing_else(service: Service, tmp_path: Path) -> None:
    vapid = await asyncio.to_thread(open_vapid, tmp_path, "mailto:op@example.org")
    assert await Pushing(vapid, SERVICES, service).tell(AT) == "taken"
    path, headers, body = service.told.get_nowait()
    assert (path, body) == ("/send/abc", b"")
    assert int(headers["ttl"]) > 0 and headers["topic"] == "ready"
    scheme, _, parts = headers["authorization"].partition(" ")
    token, key = (part.partition("=")[2] for part in parts.split(", "))
    assert scheme == "vapid" and key == vapid.public_key
    public = ECKey.import_key(await asyncio.to_thread((tmp_path / FILE).read_bytes))
    claims = jwt.decode(token, public, algorithms=["ES256"]).claims
    assert claims["aud"] == "https://push.test" and claims["sub"] == "mailto:op@example.org"
    assert set(claims) == {"aud", "exp", "sub"}


@pytest.mark.parametrize(
    ("status", "sent"),
    [
        (201, "taken"),
        (202, "taken"),
        (404, "gone"),
        (410, "gone"),
        (302, "failed"),
        (429, "failed"),
        (500, "failed"),
    ],
)
async def test_what_the_service_answers_decides(
    service: Service, tmp_path: Path, status: int, sent: str
) -> None:
    service.status = status
    assert (
        await Pushing(await asyncio.to_thread(open_vapid, tmp_path, ""), SERVICES, service).tell(AT) == sent
    )
    assert service.told.qsize() == 1  # a redirect is not followed


async def test_a_service_that_is_not_there_harms_nobody(service: Service, tmp_path: Path) -> None:
    async def nobody(url: str, headers: dict[str, str]) -> int:
        raise ConnectionRefusedError

    assert (
        await Pushing(await asyncio.to_thread(open_vapid, tmp_path, ""), SERVICES, nobody).tell(AT)
        == "failed"
    )


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.test/x",
        "https://push.test:8443/x",
        "https://evil.test/x",
        "https://push.test.evil.test/x",
        "https://evilpush.test/x",
        "https://wide.test/x",
        "https://user@push.test/x",
        "https://push.test@evil.test/x",
        "https://push.test#@evil.test/x",
        "https://push.test\\@evil.test/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://localhost/x",
        "ftp://push.test/x",
        "//push.test/x",
        "",
        "https://push.test/" + "x" * 2_000,
    ],
)
def test_addresses_of_anywhere_else_are_not_believed(endpoint: str) -> None:
    assert not may_be_told(endpoint, SERVICES)


def test_addresses_of_the_services_that_are_named_are() -> None:
    for endpoint in (AT, "https://push.test:443/x", "https://a.wide.test/x", "https://a.b.wide.test/x?y=1"):
        assert may_be_told(endpoint, SERVICES)
    named = Push(hosts=PUSH_HOSTS).services()
    for host in (
        "fcm.googleapis.com",
        "updates.push.services.mozilla.com",
        "web.push.apple.com",
        "db5p.notify.windows.com",
    ):
        assert may_be_told(f"https://{host}/wpush/v2/x", named)


@given(endpoint=st.text(max_size=60))
def test_whatever_is_sent_as_an_address_is_judged(endpoint: str) -> None:
    assert not may_be_told(endpoint, SERVICES)


async def test_a_name_that_leads_to_the_inside_is_not_written_to() -> None:
    for host in ("localhost", "127.0.0.1", "10.0.0.7", "::1", "169.254.169.254"):
        with pytest.raises(OSError, match="inside"):
            await check_outside(host)


def test_the_key_is_made_once_for_this_user_alone_and_a_broken_one_stops_the_start(tmp_path: Path) -> None:
    first = open_vapid(tmp_path, "")
    path = tmp_path / FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_vapid(tmp_path, "").public_key == first.public_key
    path.chmod(0o644)
    with pytest.raises(SetupError, match="read by others"):
        open_vapid(tmp_path, "")
    path.chmod(0o600)
    path.write_text("no key")
    with pytest.raises(SetupError, match="damaged"):
        open_vapid(tmp_path, "")


@pytest.mark.parametrize("rule", ["push.hosts=localhost", "push.hosts=https://a.b", "push.contact=me"])
def test_settings_of_push_that_mean_nothing_stop_the_start(tmp_path: Path, rule: str) -> None:
    with pytest.raises(SetupError, match=rule.partition("=")[0]):
        load_settings(tmp_path, {}, (rule,))


async def test_a_turn_whose_reader_is_gone_is_told_of_once(
    data: Path, engine: ScriptedEngine, service: Service
) -> None:
    async with pushing_site(data, engine, service) as running, visitor(running.url) as session:
        assert await subscribed(session) == 204
        async with session.post("/api/turns", json={"content": "What is 2 + 2?"}) as reply:
            assert reply.status < 300, await reply.text()
        path, _, body = await service.told.get()
        assert (path, body) == ("/send/abc", b"")
        assert service.told.empty()


async def test_a_subscription_that_is_gone_is_forgotten(
    data: Path, engine: ScriptedEngine, service: Service
) -> None:
    service.status = 410
    async with pushing_site(data, engine, service) as running, visitor(running.url) as session:
        await subscribed(session)
        async with session.post("/api/turns", json={"content": "What is 2 + 2?"}):
            await service.told.get()
        while await endpoints(running):
            await asyncio.sleep(0)


async def test_it_is_the_owners_alone_and_goes_with_them(
    data: Path, engine: ScriptedEngine, service: Service
) -> None:
    async with (
        pushing_site(data, engine, service) as running,
        visitor(running.url) as mine,
        visitor(running.url) as other,
    ):
        await subscribed(mine)
        await subscribed(other, AT + "/other")
        async with other.delete("/api/me/push", json={"endpoint": AT}) as reply:
            assert reply.status == 204
        assert sorted(await endpoints(running)) == [AT, AT + "/other"]
        async with mine.delete("/api/me", json={"confirm": "erase"}) as reply:
            assert reply.status == 200
        assert await endpoints(running) == [AT + "/other"]
        async with other.delete("/api/me/push", json={"endpoint": AT + "/other"}) as reply:
            assert reply.status == 204
        assert await endpoints(running) == []


async def test_a_browser_belongs_to_the_person_who_used_it_last_and_has_ten_at_most(data: Path) -> None:
    database = await open_database(data)

    def fill(tx: Connection) -> tuple[list[str], list[str]]:
        for number in range(12):
            subscriptions.subscribe(tx, "visitor:a", f"{AT}/{number}", number + 1)
        subscriptions.subscribe(tx, "visitor:b", f"{AT}/11", 20)
        return subscriptions.of(tx, "visitor:a"), subscriptions.of(tx, "visitor:b")

    of_a, of_b = await database.write(fill)
    assert sorted(of_a) == sorted(f"{AT}/{number}" for number in range(2, 11)) and of_b == [f"{AT}/11"]
    await database.close()


@pytest.mark.parametrize(
    "body", [{}, {"endpoint": "https://evil.test/x"}, {"endpoint": ""}, {"endpoint": AT, "x": 1}]
)
async def test_bad_subscriptions_are_refused(
    data: Path, engine: ScriptedEngine, service: Service, body: dict[str, object]
) -> None:
    async with pushing_site(data, engine, service) as running, visitor(running.url) as session:
        await session.get("/api/site")
        reply = await session.put("/api/me/push", json=body)
        assert reply.status == 400


async def test_a_site_that_sends_none_says_so(running: RunningSite, client: aiohttp.ClientSession) -> None:
    async with client.get("/api/push") as reply:
        assert await reply.json() == {"key": None}
    assert await subscribed(client) == 404
    assert not (running.site.settings.data / FILE).exists()
