"""The HTTP server: uvicorn on a socket that we bound, ended by our own signals in our own order."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator

import uvicorn
from litestar.types import ASGIApp

from thinkwell.errors import SetupError
from thinkwell.http.protocol import protocol_of_a_server

GRACE_S = 5


def bind(host: str, port: int) -> socket.socket:
    """Raises SetupError when the address cannot be had."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, proto)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SetupError(
                f"Port {port} is in use by another program. Stop that one, or start with --port 0."
            ) from error
        if error.errno == errno.EACCES:
            raise SetupError(
                f"Port {port} needs more rights than this user has. Take one above 1023."
            ) from error
        raise SetupError(
            f"The address {host}:{port} cannot be listened on: {error.strerror or error}."
        ) from error
    bound.setblocking(False)
    return bound


def address_of(bound: socket.socket, host: str) -> str:
    """What a person types into a browser."""
    port = bound.getsockname()[1]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"


class Server(uvicorn.Server):
    """``before_end`` runs before open connections are waited for, so that streams come to their end."""

    def __init__(self, app: ASGIApp, before_end: Callable[[], Awaitable[None]]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,  # whoever asks could name any address
                timeout_keep_alive=75,
                timeout_graceful_shutdown=GRACE_S,
                ws="none",
                http=protocol_of_a_server(),
            )
        )
        self._before_end = before_end
        self._ending = asyncio.Event()
        self.listening = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ours end the server; uvicorn's own would kill the process before the site is closed."""
        loop = asyncio.get_running_loop()
        numbers = (signal.SIGINT, signal.SIGTERM)
        for number in numbers:
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, self.end)
        try:
            yield
        finally:
            for number in numbers:
                with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                    loop.remove_signal_handler(number)

    def end(self) -> None:
        """Once: in order. Twice: at once."""
        self.force_exit = self.should_exit
        self.should_exit = True
        self._ending.set()

    async def main_loop(self) -> None:
        """As uvicorn's, which writes the date of replies each second; but that looks ten times as often
        whether it is to end, and this one is told."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._ending.wait()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._before_end()
        await super().shutdown(sockets)
