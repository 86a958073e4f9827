"""The simulated engine as a process of its own that speaks the OpenAI protocol, and llama.cpp's extras.

    python -m thinkwell.testing.simulation.server --profile arena --slots 8 --port 0 --speed 10

Prints one JSON line with its ``url`` when it listens. What it says is directed by the last user message
(see text.py). Over its slots it refuses with 503 (or queues, with --over queue) and counts it, so that
a test can prove that a gateway never uses an engine's queue: GET /simulated/stats.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
import threading

import msgspec
from aiohttp import web

from thinkwell.testing.simulation.app import SimulatedApp
from thinkwell.testing.simulation.completion import Habits
from thinkwell.testing.simulation.driver import Driver, InstantDriver, PacedDriver
from thinkwell.testing.simulation.profile import Profile, profile, profiles

DEFAULT_SLOTS = 24


class Options(msgspec.Struct, frozen=True, kw_only=True):
    profile: str = "arena"
    slots: int | None = None
    host: str = "127.0.0.1"
    port: int = 0
    speed: float = 1.0
    over: str = "refuse"
    grace_s: float = 0.05
    model: str = "simulated"
    habits: Habits = Habits()


class SimulatedServer:
    """The server in this process' loop: ``async with SimulatedServer(Options()) as server: server.url``."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._tasks = asyncio.TaskGroup()
        self._pace: asyncio.Task[None] | None = None
        self.url = ""

    async def __aenter__(self) -> SimulatedServer:
        options = self._options
        machine = profile(options.profile)
        self.driver = _driver(machine, options)
        app = SimulatedApp(machine, self.driver, options.habits, options.model)
        await self._tasks.__aenter__()
        if isinstance(self.driver, PacedDriver):
            self._pace = self._tasks.create_task(self.driver.run())
        try:
            await self._listen(app)
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def _listen(self, app: SimulatedApp) -> None:
        options = self._options
        # Cancelled handlers are how an abort frees its slot at once.
        self._runner = web.AppRunner(
            app.routes(), handler_cancellation=True, access_log=None, shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, options.host, options.port, backlog=4096)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        if self._pace is not None:
            self._pace.cancel()
        await self._tasks.__aexit__(None, None, None)


def _driver(machine: Profile, options: Options) -> Driver:
    slots = options.slots or machine.slots or DEFAULT_SLOTS
    queue = options.over == "queue"
    if not machine.paced:
        return InstantDriver(machine, slots, queue=queue, grace_s=options.grace_s)
    return PacedDriver(machine, slots, speed=options.speed, queue=queue, grace_s=options.grace_s)


async def serve(options: Options, *, die_with_parent: bool) -> None:
    """Serve until cancelled, or until standard input ends where that is asked for."""
    end = asyncio.Event()
    async with SimulatedServer(options) as server:
        if die_with_parent:
            loop = asyncio.get_running_loop()
            threading.Thread(target=_tell_end_of_input, args=(loop, end), daemon=True).start()
        sys.stdout.write(msgspec.json.encode({"url": server.url}).decode() + "\n")
        sys.stdout.flush()
        await end.wait()


def _tell_end_of_input(loop: asyncio.AbstractEventLoop, end: asyncio.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    with contextlib.suppress(RuntimeError):  # the loop may be over first
        loop.call_soon_threadsafe(end.set)


def main(arguments: list[str] | None = None) -> None:
    known = argparse.ArgumentParser(
        prog="simulated-engine", description="A simulated OpenAI-compatible engine"
    )
    known.add_argument("--profile", choices=list(profiles()), default="arena")
    known.add_argument("--slots", type=int, help="requests at once (default: the profile's, or 24)")
    known.add_argument("--host", default="127.0.0.1")
    known.add_argument("--port", type=int, default=0, help="0 picks a free one")
    known.add_argument("--speed", type=float, default=1.0, help="times as fast as real time")
    known.add_argument(
        "--over", choices=["refuse", "queue"], default="refuse", help="what happens over the slots"
    )
    known.add_argument("--grace", type=float, default=0.05, help="seconds to wait for an abort's slot")
    known.add_argument("--model", default="simulated", help="the name that it goes by")
    known.add_argument("--think", type=float, default=200, help="median tokens of thought; 0 for none")
    known.add_argument("--answer", type=float, default=100, help="median tokens of an answer")
    known.add_argument("--tags", action="store_true", help="the thought in the text, between tags")
    known.add_argument("--seed", type=int, default=0)
    known.add_argument("--die-with-parent", action="store_true", help="end when standard input ends")
    said = known.parse_args(arguments)
    habits = Habits(think=said.think, answer=said.answer, seed=said.seed, tags=said.tags)
    options = Options(
        profile=said.profile,
        slots=said.slots,
        host=said.host,
        port=said.port,
        speed=said.speed,
        over=said.over,
        grace_s=said.grace,
        model=said.model,
        habits=habits,
    )
    try:
        asyncio.run(serve(options, die_with_parent=said.die_with_parent))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
