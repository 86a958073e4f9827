"""The paced engine: an OpenAI-compatible server that costs next to nothing, to measure gateways with.

    python -m thinkwell.testing.wire_engine --port 0

Prints one JSON line with its ``url``. It looks like vLLM to whoever probes it, says what the last user
message directs (wire_text.py) and keeps account: ``GET /stats`` tells and forgets the streams that ended.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import time
from collections.abc import Callable
from functools import partial

import msgspec

from thinkwell.testing.wire_http import Listener, RequestReader, response, run_fast
from thinkwell.testing.wire_text import CONTEXT, MODEL, BadDirection, Direction, Frames, direction_of, whole

AT_ONCE = 32  # tokens of an unpaced stream that are written together
STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
    b"cache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n"
)


class Ended(msgspec.Struct, array_like=True, frozen=True):
    """A stream with an ``id``, over. ``made`` tokens were written; times by ``time.monotonic``.

    ``complete`` False: the connection was seen lost at ``at``. ``times``: of each token, where watched.
    """

    id: int
    made: int
    at: float
    complete: bool
    times: list[float]


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """``tokens``, ``streams``, ``lost``: since the start. ``open``: now. ``ended``: since the last call."""

    open: int
    streams: int
    lost: int
    tokens: int
    ended: list[Ended]


class _Message(msgspec.Struct):
    role: str
    content: str | list[dict[str, object]] | None = None


class _Options(msgspec.Struct):
    include_usage: bool = False
    continuous_usage_stats: bool = False


class _Body(msgspec.Struct):
    messages: list[_Message]
    stream: bool | None = False
    stream_options: _Options | None = None


class WireEngine:
    """Streams and their account; one for all connections."""

    def __init__(self) -> None:
        self.open = 0
        self._streams = 0
        self._lost = 0
        self._tokens = 0
        self._ended: list[Ended] = []
        self._pacers: dict[tuple[float, int], _Pacer] = {}
        self.frames = {usage: Frames(usage=usage) for usage in (False, True)}
        self.decode = msgspec.json.Decoder(_Body).decode

    def begun(self) -> None:
        self.open += 1
        self._streams += 1

    def ended(self, said: Direction, made: int, times: list[float], *, complete: bool) -> None:
        self.open -= 1
        self._tokens += made
        self._lost += not complete
        if said.id is not None:
            self._ended.append(Ended(said.id, made, time.monotonic(), complete, times))

    def pacer(self, said: Direction) -> _Pacer:
        key = (said.rate, said.phases)
        if key not in self._pacers:
            self._pacers[key] = _Pacer(*key)
        return self._pacers[key]

    def take_stats(self) -> Stats:
        ended, self._ended = self._ended, []
        return Stats(open=self.open, streams=self._streams, lost=self._lost, tokens=self._tokens, ended=ended)


class _Pacer:
    """Steps the streams of one rate together, as a batch of an engine does; or in ``phases`` groups."""

    def __init__(self, rate: float, phases: int) -> None:
        self._interval = 1 / (rate * phases)
        self._groups: list[dict[_Stream, None]] = [{} for _ in range(phases)]
        self._next_group = 0
        self._due = 0.0
        self._running = False

    def add(self, stream: _Stream) -> None:
        min(self._groups, key=len)[stream] = None
        if not self._running:
            self._running = True
            self._due = time.monotonic()
            self._wait()

    def remove(self, stream: _Stream) -> None:
        for group in self._groups:
            group.pop(stream, None)

    def _wait(self) -> None:
        self._due += self._interval
        delay = max(0.0, self._due - time.monotonic())
        asyncio.get_running_loop().call_later(delay, self._step)

    def _step(self) -> None:
        now = time.monotonic()
        if now - self._due > 1.0:
            self._due = now  # it was held up: nothing is made up for
        group = self._groups[self._next_group]
        self._next_group = (self._next_group + 1) % len(self._groups)
        for stream in [stream for stream in group if not stream.step(now)]:
            group.pop(stream, None)
        if any(self._groups):
            self._wait()
        else:
            self._running = False


class _Stream:
    """One streamed reply on one connection. ``over`` is called when it is complete."""

    def __init__(
        self, engine: WireEngine, transport: asyncio.Transport, body: _Body, over: Callable[[], None]
    ) -> None:
        options = body.stream_options or _Options()
        self._engine = engine
        self._transport = transport
        self._over = over
        self._said = _direction(body)
        self._frames = engine.frames[options.continuous_usage_stats]
        self._usage_last = options.include_usage
        self._times: list[float] = []
        self._made = 0
        self._done = False
        self.paused = False

    def begin(self) -> None:
        """The head and the first token at once; what follows at its pace."""
        self._engine.begun()
        first = self._frames.token(self._said, 0)
        self._transport.write(STREAM_HEAD + self._frames.opening() + first)
        self._made = 1
        self._watch(time.monotonic())
        if self._said.rate and self._said.tokens > 1:
            self._engine.pacer(self._said).add(self)
        else:
            self.pour()

    def step(self, now: float) -> bool:
        """One token; whether there are more to come."""
        if self._done:
            return False
        self._transport.write(self._frames.token(self._said, self._made))
        self._made += 1
        self._watch(now)
        if self._made < self._said.tokens:
            return True
        self._finish()
        return False

    def pour(self) -> None:
        """As many tokens as the connection takes."""
        said = self._said
        while not self.paused and self._made < said.tokens:
            end = min(said.tokens, self._made + AT_ONCE)
            self._transport.write(b"".join(self._frames.block(said, self._made, end)))
            self._made = end
        if self._made == said.tokens and not self._done:
            self._finish()

    def resume(self) -> None:
        self.paused = False
        if not self._said.rate and not self._done:
            self.pour()

    def lost(self) -> None:
        if self._done:
            return
        self._done = True
        if self._said.rate:
            self._engine.pacer(self._said).remove(self)
        self._engine.ended(self._said, self._made, self._times, complete=False)

    def _watch(self, now: float) -> None:
        if self._said.watch:
            self._times.append(now)

    def _finish(self) -> None:
        self._done = True
        self._transport.write(self._frames.closing(self._said, usage_last=self._usage_last))
        self._engine.ended(self._said, self._made, self._times, complete=True)
        self._over()


class Connection(RequestReader):
    """One connection: a request after the other."""

    def __init__(self, engine: WireEngine) -> None:
        super().__init__()
        self._engine = engine
        self._stream: _Stream | None = None
        self._waiting: asyncio.TimerHandle | None = None

    def asked(self, method: str, path: str, body: bytes) -> bool:
        if path == "/v1/chat/completions" and method == "POST":
            return self._chat(body)
        found = self._small(method, path, body)
        status = "200 OK" if found is not None else "404 Not Found"
        self.transport.write(response(status, msgspec.json.encode(found or {"error": {"message": path}})))
        return True

    def connection_lost(self, problem: Exception | None) -> None:
        if self._stream is not None:
            self._stream.lost()
        if self._waiting is not None:
            self._waiting.cancel()

    def pause_writing(self) -> None:
        if self._stream is not None:
            self._stream.paused = True

    def resume_writing(self) -> None:
        if self._stream is not None:
            self._stream.resume()

    def _chat(self, body: bytes) -> bool:
        """Whether the reply is complete already."""
        try:
            asked = self._engine.decode(body)
            said = _direction(asked)
        except (msgspec.DecodeError, BadDirection) as problem:
            error = {"error": {"message": str(problem), "type": "invalid_request_error"}}
            self.transport.write(response("400 Bad Request", msgspec.json.encode(error)))
            return True
        if asked.stream:
            self._stream = _Stream(self._engine, self.transport, asked, self._streamed)
            self._stream.begin()
            return self._stream is None
        delay = said.tokens / said.rate if said.rate else 0.0
        self._waiting = asyncio.get_running_loop().call_later(delay, partial(self._whole, said))
        return False

    def _streamed(self) -> None:
        self._stream = None
        self.replied()

    def _whole(self, said: Direction) -> None:
        self._waiting = None
        self._engine.begun()
        self.transport.write(response("200 OK", whole(said)))
        self._engine.ended(said, said.tokens, [], complete=True)
        self.replied()

    def _small(self, method: str, path: str, body: bytes) -> object:
        if path == "/stats":
            return self._engine.take_stats()
        if path == "/health":
            return {"status": "ok"}
        if path == "/v1/models":
            entry = {"id": MODEL, "object": "model", "owned_by": "vllm", "max_model_len": CONTEXT}
            return {"object": "list", "data": [entry]}
        if path == "/tokenize" and method == "POST":
            return {"count": -(-len(body) // 4), "max_model_len": CONTEXT, "tokens": []}
        return None


def _direction(body: _Body) -> Direction:
    said = [message.content for message in body.messages if message.role == "user"]
    last = said[-1] if said else ""
    if isinstance(last, list):
        last = "".join(str(part.get("text", "")) for part in last)
    return direction_of(last or "")


async def serve(port: int) -> None:
    """Until standard input ends."""
    engine = WireEngine()
    async with Listener(lambda: Connection(engine), port) as listener:
        gc.freeze()
        await listener.until_input_ends()


def main(arguments: list[str] | None = None) -> None:
    known = argparse.ArgumentParser(prog="wire-engine", description="A paced OpenAI-compatible engine")
    known.add_argument("--port", type=int, default=0, help="0 picks a free one")
    run_fast(serve(known.parse_args(arguments).port))


if __name__ == "__main__":
    main()
