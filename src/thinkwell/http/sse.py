"""Server-sent events as a plain ASGI response: prints, and notices that the reader left. Not what is said."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from litestar.types import Receive, Scope, Send

from thinkwell.turns.log import TurnLog
from thinkwell.values.event import Failed, Lengthened, Queued, Shortened, Started, ThoughtEnded, TurnEvent

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

# Bytes for events that come after number ``seq``: the first of them is number ``seq + 1``.
Print = Callable[[int, Sequence[TurnEvent]], bytes]


def keep_alive() -> bytes:
    """What is said while there is nothing to say."""
    return KEEP_ALIVE


class EventStream:
    """Prints a turn's log from ``after`` on, until it ends or the reader leaves.

    ``prints`` gives the bytes of events (empty for none), ``quiet`` those of KEEP_ALIVE_S without one;
    ``on_reader_gone`` is called if the reader leaves before the end.
    """

    def __init__(
        self,
        log: TurnLog,
        after: int,
        prints: Print,
        on_reader_gone: Callable[[], None],
        quiet: Callable[[], bytes] = keep_alive,
        headers: Sequence[tuple[bytes, bytes]] = STREAM_HEADERS,
    ) -> None:
        self._log = log
        self._after = after
        self._prints = prints
        self._on_reader_gone = on_reader_gone
        self._quiet = quiet
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        done = await unless_gone(receive, self._print(send))
        if not done:
            self._on_reader_gone()

    async def _print(self, send: Send) -> None:
        log = self._log
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})
        seq = self._after
        while True:
            if not await log.grown(seq, KEEP_ALIVE_S):
                await send({"type": "http.response.body", "body": self._quiet(), "more_body": True})
                continue
            # One write for all that has gathered: a slow reader gets fewer, larger ones.
            events = log.published_after(seq)
            body = self._prints(seq, events) if events else b""
            seq += len(events)
            ended = log.ended and seq == log.last_seq
            if body or ended:
                await send({"type": "http.response.body", "body": body, "more_body": not ended})
            if ended:
                return


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


PROMISING_NOTHING = (Started, Shortened, Lengthened, ThoughtEnded)


async def first_spoken(log: TurnLog) -> TurnEvent:
    """The first event that decides a status: waiting, a delta or an ending. The others promise nothing.

    A turn that failed in the same moment in which it joined the line has not waited: its failure decides.
    """
    seq = 0
    while True:
        await log.grown(seq)
        events = log.published_after(seq)
        seq += len(events)
        last = events[-1]
        deciding = [event for event in events if not isinstance(event, PROMISING_NOTHING)]
        if isinstance(last, Failed) and all(isinstance(event, Queued | Failed) for event in deciding):
            return last
        if deciding:
            return deciding[0]
