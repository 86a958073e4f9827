"""Who is measured in ``bench wire``: the site and its rivals, warm, and known to pass on every token.

A rival that is not there stays in the list with the sentence that says so.
"""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import click
import msgspec

from thinkwell.cli.bench.wire_cores import Cores, pin
from thinkwell.cli.bench.wire_load import Broken, Door, connect, fetch, together
from thinkwell.cli.bench.wire_plan import Peer, WirePlan
from thinkwell.cli.bench.wire_processes import Started, module, nginx, nginx_command, site
from thinkwell.engines.sse import DONE, SseReader
from thinkwell.testing.wire_engine import Stats
from thinkwell.testing.wire_text import ANSWER_MARK, MODEL, THOUGHT_MARK, Direction

PROXY = "thinkwell.cli.bench.wire_proxy"
# Bare proxies beside the site: name, server, client, and what must be importable for them.
BARE = (
    ("bare", "uvicorn", "aiohttp", "uvicorn"),
    ("httpx", "uvicorn", "httpx", "httpx"),
    ("granian", "granian", "aiohttp", "granian"),
)
WARM_UP = 200
WARM_UP_AT_ONCE = 8
SITE_SLOTS = 256
PEER_TRIES = 120
PEER_TRY_S = 0.5


class Rival(msgspec.Struct, frozen=True, kw_only=True):
    """``door`` None: it is not here, and ``missing`` says why."""

    name: str
    door: Door | None = None
    pid: int | None = None
    missing: str = "not readable here"

    @property
    def at(self) -> Door:
        """Of one that is here."""
        assert self.door is not None
        return self.door


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """``direct`` is the engine, asked without anything between."""

    plan: WirePlan
    cores: Cores
    engine: Started
    direct: Door
    folder: Path

    async def stats(self) -> Stats:
        """The engine's account since the last call."""
        body = await fetch(self.engine.host, self.engine.port, "/stats")
        return msgspec.json.decode(body, type=Stats)

    async def all_ended(self) -> Stats:
        """The account once no stream is open. Raises Broken when that does not come."""
        ended = []
        for _ in range(1_000):
            stats = await self.stats()
            ended += stats.ended
            if stats.open == 0:
                return msgspec.structs.replace(stats, ended=ended)
            await asyncio.sleep(0.01)
        raise Broken("The engine still has streams whose readers are gone.")


@asynccontextmanager
async def field(plan: WirePlan, cores: Cores, folder: Path) -> AsyncIterator[Field]:
    arguments = ("--port", str(plan.engine_port))
    async with module(cores.load, "thinkwell.testing.wire_engine", *arguments) as engine:
        direct = Door(name="the engine", host=engine.host, port=engine.port, model=MODEL)
        yield Field(plan=plan, cores=cores, engine=engine, direct=direct, folder=folder)


@asynccontextmanager
async def rivals(here: Field) -> AsyncIterator[list[Rival]]:
    """The site first, then the engine itself. All of them run until the end, on the gateway's core."""
    async with AsyncExitStack() as stack:
        found = [await stack.enter_async_context(the_site(here, "site", SITE_SLOTS))]
        found.append(Rival(name="direct", door=here.direct))
        found.append(await stack.enter_async_context(the_nginx(here)))
        for name, server, client, needed in BARE:
            found.append(await stack.enter_async_context(a_proxy(here, name, server, client, needed)))
        for peer in here.plan.peers:
            found.append(await the_peer(here, peer))
        yield found


@asynccontextmanager
async def the_site(here: Field, folder: str, slots: int, *more: str) -> AsyncIterator[Rival]:
    data = here.folder / folder
    arguments = ("--slots", str(slots), *more)
    async with site(here.cores.gateway, data, here.engine, *arguments) as running:
        host, port = running.ready.url.removeprefix("http://").split(":")
        door = Door(name="thinkwell", host=host, port=int(port), model=running.ready.model, own_usage=True)
        yield Rival(name="thinkwell", door=await proved(door), pid=running.ready.pid)


@asynccontextmanager
async def the_nginx(here: Field) -> AsyncIterator[Rival]:
    if await asyncio.to_thread(nginx_command) is None:
        yield Rival(name="nginx", missing="nginx is not installed")
        return
    folder = here.folder / "nginx"
    await asyncio.to_thread(folder.mkdir, exist_ok=True)
    async with nginx(here.cores.gateway, folder, here.engine) as started:
        yield await _ours("nginx", started)


@asynccontextmanager
async def a_proxy(here: Field, name: str, server: str, client: str, *needed: str) -> AsyncIterator[Rival]:
    """``needed`` must be importable for it."""
    for module_name in needed:
        if await asyncio.to_thread(importlib.util.find_spec, module_name) is None:
            yield Rival(name=name, missing=f"{module_name} is not installed")
            return
    upstream = f"http://{here.engine.host}:{here.engine.port}"
    arguments = ("--server", server, "--client", client, "--upstream", upstream)
    async with module(here.cores.gateway, PROXY, *arguments) as started:
        yield await _ours(name, started)


async def _ours(name: str, started: Started) -> Rival:
    door = Door(name=name, host=started.host, port=started.port, model=MODEL)
    return Rival(name=name, door=await proved(door), pid=started.pid)


async def the_peer(here: Field, peer: Peer) -> Rival:
    """It may look for the engine for a while. Raises ClickException."""
    model = None
    for _ in range(PEER_TRIES):
        if (model := await _first_model(peer)) is not None:
            break
        await asyncio.sleep(PEER_TRY_S)
    if model is None:
        raise click.ClickException(
            f"{peer.name} lists no model at {peer.host}:{peer.port}{peer.path}/models."
        )
    if peer.pid is not None:
        await pin(peer.pid, here.cores.gateway)
    door = Door(name=peer.name, host=peer.host, port=peer.port, path=peer.path, model=model)
    missing = "no process named: --peer NAME=URL@PID" if peer.pid is None else "not readable here"
    return Rival(name=peer.name, door=await proved(door), pid=peer.pid, missing=missing)


async def _first_model(peer: Peer) -> str | None:
    try:
        listed = await fetch(peer.host, peer.port, f"{peer.path}/models")
        return msgspec.json.decode(listed, type=_Listed).data[0].id
    except (Broken, msgspec.DecodeError, IndexError):
        return None


class _Model(msgspec.Struct):
    id: str


class _Listed(msgspec.Struct):
    data: list[_Model]


async def proved(door: Door) -> Door:
    """The door, warm, with ``thought_marks`` as one whole reply showed. Raises Broken."""
    said = Direction(think=7, answer=5)
    thought, answer, marks = await _parsed(door, said)
    if thought != said.think or answer != said.answer:
        raise Broken(
            f"{door.name} passes on {thought} tokens of thought and {answer} of answer where the engine made "
            f"{said.think} and {said.answer}."
        )
    door = msgspec.structs.replace(door, thought_marks=marks // said.think)
    await _warm_up(door, said)
    return door


async def _parsed(door: Door, said: Direction) -> tuple[int, int, int]:
    """Tokens of thought and of answer by a real parser, and marks of thought in the bytes."""
    url = f"http://{door.host}:{door.port}{door.path}/chat/completions"
    body = door.question(said).partition(b"\r\n\r\n")[2]
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=body, headers={"Content-Type": "application/json"}) as reply,
    ):
        content = await reply.read()
    thought = answer = ""
    for event in SseReader().feed(content):
        if event.data == DONE or event.name:
            continue
        for choice in msgspec.json.decode(event.data, type=_Chunk).choices:
            thought += choice.delta.reasoning_content or ""
            answer += choice.delta.content or ""
    if not answer:
        raise Broken(f"{door.name} did not answer as it should: {content[:300].decode(errors='replace')}")
    marks = content.count(THOUGHT_MARK)
    return thought.count(THOUGHT_MARK.decode()), answer.count(ANSWER_MARK.decode()), marks


async def _warm_up(door: Door, said: Direction) -> None:
    async def one(person: int) -> None:
        reader = await connect(door)
        for _ in range(WARM_UP // WARM_UP_AT_ONCE):
            await reader.ask(door.question(said, person=person))
        reader.close()

    await together(one(person) for person in range(WARM_UP_AT_ONCE))


class _Delta(msgspec.Struct):
    content: str | None = None
    reasoning_content: str | None = None


class _Choice(msgspec.Struct):
    delta: _Delta = msgspec.field(default_factory=_Delta)


class _Chunk(msgspec.Struct):
    choices: list[_Choice] = []
