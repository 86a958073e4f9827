"""What the paced engine says, as the bytes that vLLM would send: one server-sent event for every token.

Every token of thought carries one ``^`` and every token of answer one ``~``, and nothing else does. So
tokens are counted in a stream of bytes without parsing it, however it was cut and joined on the way.
Bytes are made once for every place in an answer, and kept. Knows no connection.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

THOUGHT_MARK = b"^"
ANSWER_MARK = b"~"
PROMPT_TOKENS = 24
MODEL = "wire"
CONTEXT = 32_768

_DIRECTION = re.compile(r"\[\[([^\[\]]*)\]\]")
_WORDS = ("the", "of", "and", "to", "in", "is", "that", "it", "was", "for", "they", "have", "from")
_ID = "chatcmpl-9f2c4e0b7a6d4c1e8b35d0a1c7e42f68"


class BadDirection(ValueError):
    """The words between the brackets are not understood."""


class Direction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[[think=3 answer=5 rate=100 id=17 phases=4 watch=1]]``, anywhere in the last user message.

    ``rate``: tokens per second, 0 for as fast as the connection takes them. ``id``: the stream is told
    in the statistics under this number; ``watch``: with the time of every token. ``phases``: streams of
    one rate do not step together, but in so many groups one after the other.
    """

    think: int = 0
    answer: int = 16
    rate: float = 0.0
    id: int | None = None
    phases: int = 1
    watch: int = 0

    @property
    def tokens(self) -> int:
        return self.think + self.answer

    def __str__(self) -> str:
        said = [f"think={self.think}", f"answer={self.answer}", f"rate={self.rate:g}"]
        said += [] if self.id is None else [f"id={self.id}"]
        said += [] if self.phases == 1 else [f"phases={self.phases}"]
        said += [f"watch={self.watch}"] if self.watch else []
        return f"[[{' '.join(said)}]]"


def direction_of(text: str) -> Direction:
    """The last direction in ``text``; the default where there is none. Raises BadDirection."""
    found = _DIRECTION.findall(text)
    if not found:
        return Direction()
    pairs = [word.partition("=") for word in found[-1].split()]
    try:
        said = msgspec.convert({name: value for name, _, value in pairs}, Direction, strict=False)
    except msgspec.ValidationError as problem:
        raise BadDirection(f"[[{found[-1]}]]: {problem}") from None
    if said.think < 0 or said.answer < 1 or said.rate < 0 or said.phases < 1 or said.tokens >= CONTEXT:
        raise BadDirection(f"[[{found[-1]}]]: a number is out of its range")
    return said


class Frames:
    """The pieces of streamed replies, framed for ``Transfer-Encoding: chunked``.

    ``usage``: as vLLM with ``continuous_usage_stats``, the counts so far are in every chunk.
    """

    def __init__(self, *, usage: bool) -> None:
        self._usage = usage
        self._thoughts: list[bytes] = []
        self._answers: list[bytes] = []

    def opening(self) -> bytes:
        return self._event({"role": "assistant", "content": ""}, 0)

    def token(self, said: Direction, place: int) -> bytes:
        """The token at ``place``, counted from 0."""
        return self.block(said, place, place + 1)[0]

    def block(self, said: Direction, start: int, end: int) -> list[bytes]:
        """Tokens from ``start`` to before ``end``."""
        split = min(max(said.think, start), end)
        _grow(self._thoughts, split, self._thought)
        _grow(self._answers, end, self._answer)
        return self._thoughts[start:split] + self._answers[split:end]

    def closing(self, said: Direction, *, usage_last: bool) -> bytes:
        last = self._event({"content": ""}, said.tokens, "stop")
        if usage_last:
            last += _framed(_chunk([]) | {"usage": _usage(said.tokens)})
        return last + _http_chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n"

    def _thought(self, place: int) -> bytes:
        return self._event({"reasoning_content": word(place, THOUGHT_MARK)}, place + 1)

    def _answer(self, place: int) -> bytes:
        return self._event({"content": word(place, ANSWER_MARK)}, place + 1)

    def _event(self, delta: dict[str, str], tokens: int, finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish, "token_ids": None}
        chunk = _chunk([choice])
        return _framed(chunk | {"usage": _usage(tokens)} if self._usage else chunk)


def whole(said: Direction) -> bytes:
    """The body of a reply in one piece."""
    thought = "".join(word(place, THOUGHT_MARK) for place in range(said.think))
    answer = "".join(word(place, ANSWER_MARK) for place in range(said.think, said.tokens))
    message = {"role": "assistant", "content": answer, "reasoning_content": thought or None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    body = _chunk([choice]) | {"object": "chat.completion", "usage": _usage(said.tokens)}
    return msgspec.json.encode(body)


def word(place: int, mark: bytes) -> str:
    return f" {_WORDS[place % len(_WORDS)]}{mark.decode()}"


def _grow(frames: list[bytes], size: int, make: Callable[[int], bytes]) -> None:
    while len(frames) < size:
        frames.append(make(len(frames)))


def _chunk(choices: list[dict[str, object]]) -> dict[str, object]:
    head = {"id": _ID, "object": "chat.completion.chunk", "created": 1_764_230_000, "model": MODEL}
    return {**head, "choices": choices}


def _usage(tokens: int) -> dict[str, int]:
    return {
        "prompt_tokens": PROMPT_TOKENS,
        "total_tokens": PROMPT_TOKENS + tokens,
        "completion_tokens": tokens,
    }


def _framed(chunk: dict[str, object]) -> bytes:
    return _http_chunk(b"data: " + msgspec.json.encode(chunk) + b"\n\n")


def _http_chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"
