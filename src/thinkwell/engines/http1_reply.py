"""The reply to one request as its connection brings it in. Knows bytes, and nothing of HTTP's grammar."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from thinkwell.errors import EngineBroken, EngineError

Pour = Callable[[list[bytes]], bool]


class Line(Protocol):
    """What a reply does to its connection (http1.py)."""

    def linger(self) -> None: ...

    def cut(self, problem: EngineError | None) -> None: ...


class Reply:
    """The reply to one request. Run ``read`` or ``pour`` once, then ``finish`` or ``close``."""

    __slots__ = ("_begun", "_connection", "_done", "_held", "_over", "_problem", "_take", "headers", "status")

    def __init__(self, connection: Line, loop: asyncio.AbstractEventLoop) -> None:
        self._connection: Line | None = connection
        self._begun: asyncio.Future[None] = loop.create_future()
        self._done: asyncio.Future[None] | None = None
        self._take: Pour | None = None
        self._held: list[bytes] = []
        self._over = False
        self._problem: BaseException | None = None
        self.status = 0
        self.headers: dict[str, str] = {}

    async def head(self) -> None:
        """Wait for status and headers."""
        await self._begun

    async def read(self, most: int) -> bytes:
        """The whole body. Raises EngineError, also where it is over ``most`` bytes."""
        body = bytearray()

        def take(pieces: list[bytes]) -> bool:
            for piece in pieces:
                body.extend(piece)
            return len(body) <= most

        await self.pour(take)
        if len(body) > most:
            raise EngineBroken("The engine's answer is too long.")
        return bytes(body)

    async def pour(self, take: Pour) -> None:
        """Give every piece of the body to ``take`` as it comes, until the end or until ``take`` says False.

        What ``take`` raises comes out here. Raises EngineStalled and EngineBroken.
        """
        held, self._held = self._held, []
        if held and not take(held):
            return
        if self._over:
            if self._problem is not None:
                raise self._problem
            return
        self._done = asyncio.get_running_loop().create_future()
        self._take = take
        try:
            await self._done
        finally:
            self._take = None

    def finish(self) -> None:
        """Nothing more is wanted, and little more will come: keep the connection if the end is near."""
        self._take = None
        if self._connection is not None:
            self._connection.linger()

    def close(self) -> None:
        """Cut the connection unless the reply was complete: the server learns that nobody listens."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.cut(None)

    # -- what the connection tells ---------------------------------------------------------------

    def on_head(self, status: int, headers: dict[str, str]) -> None:
        self.status, self.headers = status, headers
        if not self._begun.done():
            self._begun.set_result(None)

    def on_body(self, pieces: list[bytes]) -> None:
        take = self._take
        if take is None:
            if self._done is None and not self._over:  # nobody pours yet
                self._held += pieces
            return
        try:
            more = take(pieces)
        except BaseException as problem:  # noqa: BLE001  it belongs to who awaits ``pour``
            self._end(problem)
        else:
            if not more:
                self._end(None)

    def on_end(self, problem: BaseException | None) -> None:
        """The body is complete, or will never be."""
        self._connection = None
        if not self._begun.done():
            assert problem is not None
            self._begun.set_exception(problem)
        self._end(problem)

    def _end(self, problem: BaseException | None) -> None:
        self._take = None
        if not self._over:
            self._over = True
            self._problem = problem
        if self._done is not None and not self._done.done():
            if problem is None:
                self._done.set_result(None)
            else:
                self._done.set_exception(problem)
