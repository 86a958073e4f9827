"""A streamed chat completion, chunk by chunk, made into EngineDelta. Knows the wire shapes, no network.

Engine output is hostile input: only the fields named here are read, with bounds, and every delta is
built anew. Control characters and halves of surrogate pairs become U+FFFD.

How tokens are counted. llama.cpp (``timings.predicted_n``) and vLLM or SGLang (``usage`` in every
chunk) say how many there are so far, and the difference is the delta's; so tokens that gave no text of
their own (half a character, a stop sequence held back) join the next delta, the last one included.
Other servers give no number until the end: there one is counted for every delta that says something,
and the last delta makes up what is missing. Counts never go back: should such a server's total be under
what was counted by then, what was counted stands. No count is believed that is over what was asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec

from thinkwell.engines.refusals import error_of
from thinkwell.engines.sse import DONE, SseEvent
from thinkwell.errors import EngineBroken
from thinkwell.values.engine import EngineDelta
from thinkwell.values.tool import ToolCallPiece

Finish = Literal["stop", "length", "tool_calls"]
Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 31)]

_UNSAID = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_SHORTEST_ECHO = 16  # characters; anything shorter may be the model repeating itself
_MOST_CALLS = 128  # tool calls of one reply
_MOST_NAME = 256  # characters of a call's id or name
_MOST_SAYING_NOTHING = 100_000  # chunks in a row without a word
_MOST_TOKENS = 1 << 31


class _Function(msgspec.Struct, gc=False):
    name: str | None = None
    arguments: str | None = None


class _Call(msgspec.Struct, gc=False):
    index: Annotated[int, msgspec.Meta(ge=0, lt=_MOST_CALLS)] = 0
    id: str | None = None
    function: _Function | None = None


class _Detail(msgspec.Struct, gc=False):
    """An element of OpenRouter's ``reasoning_details``; encrypted ones say nothing."""

    text: str | None = None
    summary: str | None = None


class _Text(msgspec.Struct, gc=False):
    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    thinking: str | None = None
    reasoning_details: list[_Detail] | None = None
    tool_calls: list[_Call] | None = None


class _Choice(msgspec.Struct, gc=False):
    delta: _Text | None = None
    finish_reason: str | None = None
    index: int = 0


class _PromptDetails(msgspec.Struct, gc=False):
    cached_tokens: Count | None = None


class _Usage(msgspec.Struct, gc=False):
    prompt_tokens: Count | None = None
    completion_tokens: Count | None = None
    prompt_tokens_details: _PromptDetails | None = None
    prompt_cache_hit_tokens: Count | None = None  # DeepSeek


class _Timings(msgspec.Struct, gc=False):
    prompt_n: Count | None = None
    cache_n: Count | None = None
    predicted_n: Count | None = None


class _Chunk(msgspec.Struct, gc=False):
    id: str | None = None
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    timings: _Timings | None = None
    error: msgspec.Raw = msgspec.Raw()


_decode = msgspec.json.Decoder(_Chunk).decode


class ReplyReader:
    """A state machine: ``take`` gives the deltas of events, and with the end the last one, with ``finish``.

    ``prefill`` is the text that the engine was asked to go on from: some servers send it back first.
    ``secret`` is taken out of what the engine says about itself. ``most`` tokens were asked for: an engine
    that goes on is taken to have finished there. ``ended`` is set by ``[DONE]``, or by that; ``id`` is the
    engine's own name for the reply.
    """

    def __init__(self, prefill: str = "", secret: str | None = None, most: int | None = None) -> None:
        self._prefill = prefill
        self._secret = secret
        self._most = _MOST_TOKENS if most is None else most
        self._echo_possible = len(prefill) >= _SHORTEST_ECHO
        self._counted = 0
        self._said = 0
        self._nothing = 0
        self._prompt: int | None = None
        self._cached: int | None = None
        self.id: str | None = None
        self.finish: Finish | None = None
        self.ended = False

    def take(self, events: Iterable[SseEvent]) -> list[EngineDelta]:
        """Raises EngineBroken, or the error that the engine put into its stream."""
        deltas = []
        for event in events:
            delta = self.read(event)
            if delta is not None:
                deltas.append(delta)
            if self.ended:
                deltas.append(self.close())
                break
        return deltas

    def read(self, event: SseEvent) -> EngineDelta | None:  # noqa: C901, PLR0912  every token's path: no calls
        """Raises as ``take`` does."""
        if event.name and event.name not in (b"message", b"error"):
            return None
        data = event.data
        if data == DONE:
            self.ended = True
            return None
        try:
            chunk = _decode(data)
        except (ValueError, RecursionError) as problem:
            chunk = _parsed_mildly(data, problem)
        if chunk.error and (error := bytes(chunk.error)) != b"null":
            raise error_of(error, secret=self._secret)
        if self.id is None and chunk.id:
            self.id = chunk.id[:_MOST_NAME]
        text = reasoning = ""
        calls: tuple[ToolCallPiece, ...] = ()
        choice = chunk.choices[0] if chunk.choices else None
        if choice is not None and choice.index == 0:  # we ask for one
            delta = choice.delta
            if delta is not None:
                text = delta.content or ""
                reasoning = delta.reasoning_content or delta.reasoning or delta.thinking or ""
                if delta.reasoning_details and not reasoning:
                    reasoning = "".join([d.text or d.summary or "" for d in delta.reasoning_details])
                if delta.tool_calls:
                    calls = tuple([_piece(call) for call in delta.tool_calls])
            if choice.finish_reason and self.finish is None:
                reason = choice.finish_reason
                self.finish = reason if reason in ("length", "tool_calls") else "stop"  # type: ignore[assignment]
        usage, timings = chunk.usage, chunk.timings
        told = (usage is not None or timings is not None) and self._note_counts(usage, timings)
        if text:
            if self._echo_possible:
                self._echo_possible = False
                text = text.removeprefix(self._prefill)
            if _UNSAID.search(text):
                text = clean(text)
        if reasoning and _UNSAID.search(reasoning):
            reasoning = clean(reasoning)
        if not (text or reasoning or calls):
            self._nothing += 1
            if self._nothing > _MOST_SAYING_NOTHING:
                raise EngineBroken("The engine goes on without saying anything.")
            return None
        self._nothing = 0
        tokens = max(self._said - self._counted, 0 if told else 1)
        if self._counted + tokens > self._most:
            tokens = self._most - self._counted
            if tokens < 1:  # it was to have ended before this
                self.finish, self.ended = "length", True
                return None
        self._counted += tokens
        return EngineDelta(
            text=text,
            reasoning=reasoning,
            tool_calls=calls,
            tokens=tokens,
            prompt_tokens=self._prompt,
            cached_tokens=self._cached,
        )

    def close(self) -> EngineDelta:
        """The last delta. Raises EngineBroken when the stream ended before the engine had finished."""
        if self.finish is None:
            raise EngineBroken("The engine's reply was cut off before its end.")
        self.ended = True
        return EngineDelta(
            tokens=max(0, min(self._said, self._most) - self._counted),
            prompt_tokens=self._prompt,
            cached_tokens=self._cached,
            finish=self.finish,
        )

    def _note_counts(self, usage: _Usage | None, timings: _Timings | None) -> bool:
        """Whether the chunk told how many tokens there are so far."""
        told = False
        if timings is not None:
            if timings.predicted_n is not None:
                told = True
                self._said = max(self._said, timings.predicted_n)
            if timings.prompt_n is not None:
                self._cached = timings.cache_n or 0
                self._prompt = timings.prompt_n + self._cached
        if usage is not None:
            if usage.completion_tokens is not None:
                told = True
                self._said = max(self._said, usage.completion_tokens)
            if usage.prompt_tokens is not None:
                self._prompt = usage.prompt_tokens
            cached = usage.prompt_cache_hit_tokens
            if usage.prompt_tokens_details and usage.prompt_tokens_details.cached_tokens is not None:
                cached = usage.prompt_tokens_details.cached_tokens
            if cached is not None:
                self._cached = min(cached, self._prompt or 0)
        return told


def _piece(call: _Call) -> ToolCallPiece:
    function = call.function
    return ToolCallPiece(
        index=call.index,
        id=clean(call.id)[:_MOST_NAME] if call.id else None,
        name=clean(function.name)[:_MOST_NAME] if function and function.name else None,
        arguments=clean(function.arguments) if function and function.arguments else "",
    )


def _parsed_mildly(data: bytes, problem: Exception) -> _Chunk:
    """JSON with characters that are none: json is milder with them. Raises EngineBroken."""
    if isinstance(problem, msgspec.ValidationError):
        raise EngineBroken(f"The engine's reply has an unknown shape: {problem}.") from None
    if isinstance(problem, RecursionError):
        raise EngineBroken("The engine's reply is nested too deep.") from None
    try:
        return msgspec.convert(json.loads(data.decode("utf-8", "replace")), _Chunk, strict=True)
    except (ValueError, RecursionError):
        raise EngineBroken("The engine's reply could not be read: not JSON.") from None


def clean(text: str) -> str:
    """The text without characters that no screen, terminal or database should meet."""
    return _UNSAID.sub("\ufffd", text) if _UNSAID.search(text) else text
