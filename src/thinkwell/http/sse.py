"""Server-sent events as a plain ASGI response: prints, and notices that the reader left. Not what is said."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from litestar.types import Receive, Scope, Send

from thinkwell.turns.log import TurnLog
from thinkwell.values.event import Failed, Queued, Shortened, Started, TurnEvent

# Below the idle time-outs of common proxies (nginx 60 s), and of phones' radios.
KEEP_ALIVE_S = 15.0
# What a reader may hold us to: twice that, since a busy site may once be late.
NEXT_FRAME_S = 2 * KEEP_ALIVE_S
KEEP_ALIVE = b": keep-alive\n\n"

STREAM_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
)

Printer = Callable[[int, TurnEvent], bytes]


def keep_alive() -> bytes:
    """What is said while there is nothing to say."""
    return KEEP_ALIVE


class EventStream:
    """Prints a turn's log from ``after`` on, until it ends or the reader leaves.

    ``printer`` gives the bytes of one event (empty for none), ``quiet`` those of KEEP_ALIVE_S without one;
    ``on_reader_gone`` is called if the reader leaves before the end.
    """

    def __init__(
        self,
        log: TurnLog,
        after: int,
        printer: Printer,
        on_reader_gone: Callable[[], None],
        quiet: Callable[[], bytes] = keep_alive,
    ) -> None:
        self._log = log
        self._after = after
        self._printer = printer
        self._on_reader_gone = on_reader_gone
        self._quiet = quiet

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        done = await unless_gone(receive, self._print(send))
        if not done:
            self._on_reader_gone()

    async def _print(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS})
        seq = self._after
        while True:
            try:
                async with asyncio.timeout(KEEP_ALIVE_S):
                    events = await self._log.after(seq)
            except TimeoutError:
                await send({"type": "http.response.body", "body": self._quiet(), "more_body": True})
                continue
            if not events:
                break
            seq = events[-1][0]
            # One write for all that has gathered: a slow reader gets fewer, larger ones.
            body = b"".join([self._printer(number, event) for number, event in events])
            ended = self._log.ended and seq == self._log.last_seq
            await send({"type": "http.response.body", "body": body, "more_body": not ended})
            if ended:
                return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def unless_gone(receive: Receive, work: Awaitable[None]) -> bool:
    """Run ``work``, cancelled at once when the reader leaves. True if it came to its end.

    An app that only sends never learns that nobody listens: the news comes by ``receive``.
    """

    async def run() -> None:
        await work
        watching.cancel()

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        working.cancel()

    async with asyncio.TaskGroup() as both:
        working = both.create_task(run())
        watching = both.create_task(watch())
    return not working.cancelled()


async def first_spoken(log: TurnLog) -> TurnEvent:
    """The first event that decides a status: waiting, a delta or an ending. The others promise nothing.

    A turn that failed in the same moment in which it joined the line has not waited: its failure decides.
    """
    seq = 0
    while True:
        events = await log.after(seq)
        seq, last = events[-1]
        deciding = [event for _, event in events if not isinstance(event, Started | Shortened)]
        if isinstance(last, Failed) and all(isinstance(event, Queued | Failed) for event in deciding):
            return last
        if deciding:
            return deciding[0]
