"""Server-sent events as a plain ASGI response: prints, and notices that the reader left. Not what is said."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from litestar.types import Receive, Scope, Send

from thinkwell.http.made_by import MADE_BY_AI
from thinkwell.http.protocol import Pusher, pusher_of
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
    *MADE_BY_AI,
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
        pusher = pusher_of(scope)
        if pusher is not None:
            await self._push(pusher, send)
        elif not await unless_gone(receive, self._print(send)):
            self._on_reader_gone()

    async def _print(self, send: Send) -> None:
        """On a server that knows no pushing: the task is woken for every piece."""
        log = self._log
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})
        seq = self._after
        now = asyncio.get_running_loop().time
        sent_at = now()
        while True:
            if not await log.grown(seq, KEEP_ALIVE_S) or now() > sent_at + KEEP_ALIVE_S:
                await send({"type": "http.response.body", "body": self._quiet(), "more_body": True})
                sent_at = now()
                continue
            # One write for all that has gathered: a slow reader gets fewer, larger ones.
            events = log.published_after(seq)
            body = self._prints(seq, events) if events else b""
            seq += len(events)
            ended = log.ended and seq == log.last_seq
            if body or ended:
                await send({"type": "http.response.body", "body": body, "more_body": not ended})
                sent_at = now()
            if ended:
                return

    async def _push(self, pusher: Pusher, send: Send) -> None:
        """The log writes by itself, in the call in which it grows; the task sees to what is rare."""
        pushed = _Pushed(self._log, self._after, self._prints, pusher.write)

        def gone() -> None:
            self._on_reader_gone()
            pushed.leave()

        if pusher.left:
            return self._on_reader_gone()
        pusher.gone = gone
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})
        self._log.follow(pushed.grown)
        try:
            pushed.grown()
            while not pushed.left:
                try:
                    async with asyncio.timeout(KEEP_ALIVE_S):
                        await pushed.needs_care()
                except TimeoutError:
                    if pushed.silent():
                        pusher.write(self._quiet())
                    continue
                if pushed.problem is not None:
                    raise pushed.problem
                if pushed.left:
                    return
                if pushed.behind:
                    await pusher.writable()
                    pushed.catch_up()
                    await asyncio.sleep(0)  # whatever comes, others have their turn
                elif pushed.ended:
                    break
        finally:
            self._log.unfollow(pushed.grown)
            pusher.flush()
        await send({"type": "http.response.body", "body": pushed.last, "more_body": False})


class _Pushed:
    """Where a pushed stream is. ``behind``: the reader is slow, and what is published gathers meanwhile.

    The ending is not written but kept in ``last``, since it goes out by ``send``.
    """

    def __init__(self, log: TurnLog, seq: int, prints: Print, write: Callable[[bytes], bool]) -> None:
        self._log = log
        self._seq = seq
        self._prints = prints
        self._write = write
        self._wakes: asyncio.Future[None] | None = None
        self._quiet = True
        self.behind = self.ended = self.left = False
        self.last = b""
        self.problem: Exception | None = None

    def grown(self) -> None:
        """Called by the log. What goes wrong here is this reader's alone."""
        if self.behind or self.ended or self.left:
            return
        log, seq = self._log, self._seq
        events = log.published_after(seq)
        ended = log.ended
        if not events and not ended:
            return
        try:
            body = self._prints(seq, events) if events else b""
        except Exception as problem:  # noqa: BLE001  told to the task that serves this reader
            self.problem = problem
            return self._wake()
        self._seq = seq + len(events)
        self._quiet = self._quiet and not body  # what is not shown keeps no line open
        if ended:
            self.ended, self.last = True, body
        elif not body or self._write(body):
            return
        else:
            self.behind, self.last = True, body
        self._wake()

    def catch_up(self) -> None:
        """The reader has room again: what gathered goes in one piece."""
        body, self.last, self.behind = self.last, b"", False
        if not self._write(body):
            self.behind, self.last = True, body
            return self._wake()
        self.grown()

    def leave(self) -> None:
        """Nobody reads any more."""
        self.left = True
        self._wake()

    def silent(self) -> bool:
        """Whether nothing was said since the last call."""
        quiet, self._quiet = self._quiet, True
        return quiet and not self.behind

    async def needs_care(self) -> None:
        """Wait until the reader is behind, the stream has ended or something went wrong."""
        if not (self.behind or self.ended or self.left or self.problem is not None):
            self._wakes = asyncio.get_running_loop().create_future()
            await self._wakes

    def _wake(self) -> None:
        if self._wakes is not None and not self._wakes.done():
            self._wakes.set_result(None)


async def unless_gone(receive: Receive, work: Coroutine[Any, Any, None]) -> bool:
    """Run ``work``, cancelled at once when the reader leaves. True if it came to its end.

    An app that only sends never learns that nobody listens: the news comes by ``receive``.
    """
    gone = False
    working = asyncio.current_task()
    assert working is not None

    async def watch() -> None:
        nonlocal gone
        while (await receive())["type"] != "http.disconnect":
            pass
        gone = True
        working.cancel()

    watching = asyncio.create_task(watch())
    try:
        await work
    except asyncio.CancelledError:
        if not gone or working.uncancel() > 0:  # somebody else wants us to end, too
            raise
        return False
    finally:
        watching.cancel()
    if gone:  # in the very moment of the end
        working.uncancel()
    return True


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
