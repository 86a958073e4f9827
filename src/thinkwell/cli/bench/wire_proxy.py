"""Bare proxies to measure beside the site: they pass bytes on and parse nothing. One server, one client each.

    python -m thinkwell.cli.bench.wire_proxy --server uvicorn --client aiohttp --upstream http://127.0.0.1:8000

What an ASGI gateway pays before it has done any work of its own. A reader that leaves ends the question
upstream, as a good gateway's does. Ends when its standard input does.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import uvicorn

from thinkwell.cli.bench.wire_clients import CLIENTS, Client
from thinkwell.testing.wire_http import BACKLOG, input_ended, run_fast, tell

Receive = Callable[[], Coroutine[Any, Any, Any]]
Send = Callable[[Any], Coroutine[Any, Any, None]]
App = Callable[[Any, Receive, Send], Coroutine[Any, Any, None]]
SERVERS = ("uvicorn", "granian")


def proxy_app(client: Client) -> App:
    async def app(scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body", False):
                break
        passing = asyncio.ensure_future(_pass_on(client, scope, body, send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait((passing, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            passing.cancel()
        if passing.done() and not passing.cancelled():
            passing.result()

    return app


async def _pass_on(client: Client, scope: Any, body: bytes, send: Send) -> None:
    async with client.ask(scope["method"], scope["path"], body) as reply:
        headers = [(b"content-type", reply.content_type)]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        async for piece in reply.pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def serve(server: str, client_name: str, upstream: str) -> None:
    async with CLIENTS[client_name](upstream) as client:
        await (_serve_granian if server == "granian" else _serve_uvicorn)(proxy_app(client))


async def _serve_uvicorn(app: App) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as bound:
        bound.setblocking(False)
        config = uvicorn.Config(
            app, http="httptools", ws="none", lifespan="off", log_config=None, access_log=False
        )
        server = uvicorn.Server(config)
        serving = asyncio.ensure_future(server.serve(sockets=[bound]))
        tell(bound.getsockname()[1])
        await input_ended()
        server.force_exit = server.should_exit = True
        await serving


async def _serve_granian(app: App) -> None:
    embed = importlib.import_module("granian.server.embed")
    port = free_port()
    server = embed.Server(
        app,
        port=port,
        interface="asgi",
        websockets=False,
        log_enabled=False,
        backlog=BACKLOG,
        backpressure=BACKLOG,
    )
    serving = asyncio.ensure_future(server.serve())
    tell(port)
    await input_ended()
    server.stop()
    await serving


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(arguments: list[str] | None = None) -> None:
    known = argparse.ArgumentParser(prog="wire-proxy", description="A bare proxy, for measuring")
    known.add_argument("--server", choices=SERVERS, default="uvicorn")
    known.add_argument("--client", choices=list(CLIENTS), default="aiohttp")
    known.add_argument("--upstream", required=True)
    said = known.parse_args(arguments)
    run_fast(serve(said.server, said.client, said.upstream))


if __name__ == "__main__":
    main()
