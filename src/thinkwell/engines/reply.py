"""A streamed chat completion, chunk by chunk, made into EngineDelta. Knows the wire shapes, no network.

Engine output is hostile input: only the fields named here are read, with bounds, and every delta is
built anew. Control characters and halves of surrogate pairs become U+FFFD.

How tokens are counted. llama.cpp (``timings.predicted_n``) and vLLM or SGLang (``usage`` in every
chunk) say how many there are so far, and the difference is the delta's; so tokens that gave no text of
their own (half a character, a stop sequence held back) join the next delta, the last one included.
Other servers give no number until the end: there one is counted for every delta that says something,
and the last delta makes up what is missing. Counts never go back: should such a server's total be under
what was counted by then, what was counted stands.
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Literal

import msgspec

from thinkwell.engines.refusals import error_of
from thinkwell.engines.sse import DONE, SseEvent
from thinkwell.errors import EngineBroken
from thinkwell.values.engine import EngineDelta

Finish = Literal["stop", "length", "tool_calls"]
Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 31)]

_UNSAID = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_SHORTEST_ECHO = 16  # characters; anything shorter may be the model repeating itself


class _Text(msgspec.Struct):
    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    thinking: str | None = None


class _Choice(msgspec.Struct):
    delta: _Text | None = None
    finish_reason: str | None = None
    index: int = 0


class _PromptDetails(msgspec.Struct):
    cached_tokens: Count | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: Count | None = None
    completion_tokens: Count | None = None
    prompt_tokens_details: _PromptDetails | None = None


class _Timings(msgspec.Struct):
    prompt_n: Count | None = None
    cache_n: Count | None = None
    predicted_n: Count | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    timings: _Timings | None = None
    error: msgspec.Raw = msgspec.Raw()


class ReplyReader:
    """A state machine: ``read`` gives the deltas of an event, ``close`` the last delta, with ``finish``.

    ``prefill`` is the text that the engine was asked to go on from: some servers send it back first.
    ``secret`` is taken out of what the engine says about itself. ``ended`` is set by ``[DONE]``.
    """

    def __init__(self, prefill: str = "", secret: str | None = None) -> None:
        self._decode = msgspec.json.Decoder(_Chunk).decode
        self._prefill = prefill
        self._secret = secret
        self._echo_possible = len(prefill) >= _SHORTEST_ECHO
        self._counted = 0
        self._said = 0
        self._prompt: int | None = None
        self._cached: int | None = None
        self.finish: Finish | None = None
        self.ended = False

    def read(self, event: SseEvent) -> EngineDelta | None:
        """Raises EngineBroken, or the error that the engine put into its stream."""
        if event.name not in (b"", b"message", b"error"):
            return None
        if event.data == DONE:
            self.ended = True
            return None
        chunk = self._parse(event.data)
        error = bytes(chunk.error)
        if error and error != b"null":
            raise error_of(error, secret=self._secret)
        text, reasoning = self._words(chunk.choices[0]) if chunk.choices else ("", "")
        told = self._note_counts(chunk)
        if not text and not reasoning:
            return None
        tokens = max(self._said - self._counted, 0 if told else 1)
        self._counted += tokens
        return EngineDelta(
            text=text,
            reasoning=reasoning,
            tokens=tokens,
            prompt_tokens=self._prompt,
            cached_tokens=self._cached,
        )

    def close(self) -> EngineDelta:
        """The last delta. Raises EngineBroken when the stream ended before the engine had finished."""
        if self.finish is None:
            raise EngineBroken("The engine's reply was cut off before its end.")
        return EngineDelta(
            tokens=max(0, self._said - self._counted),
            prompt_tokens=self._prompt,
            cached_tokens=self._cached,
            finish=self.finish,
        )

    def _parse(self, data: bytes) -> _Chunk:
        try:
            return self._decode(data)
        except msgspec.ValidationError as problem:
            raise EngineBroken(f"The engine's reply has an unknown shape: {problem}.") from None
        except RecursionError:
            raise EngineBroken("The engine's reply is nested too deep.") from None
        except ValueError:
            pass  # not JSON, or JSON with characters that are none; json is milder with the latter
        try:
            return msgspec.convert(json.loads(data.decode("utf-8", "replace")), _Chunk, strict=True)
        except (ValueError, RecursionError):
            raise EngineBroken("The engine's reply could not be read: not JSON.") from None

    def _words(self, choice: _Choice) -> tuple[str, str]:
        if choice.index != 0:  # we ask for one
            return "", ""
        if choice.finish_reason and self.finish is None:
            reason = choice.finish_reason
            self.finish = reason if reason in ("length", "tool_calls") else "stop"  # type: ignore[assignment]
        delta = choice.delta
        if delta is None:
            return "", ""
        text = delta.content or ""
        if text and self._echo_possible:
            self._echo_possible = False
            text = text.removeprefix(self._prefill)
        reasoning = delta.reasoning_content or delta.reasoning or delta.thinking or ""
        return clean(text), clean(reasoning)

    def _note_counts(self, chunk: _Chunk) -> bool:
        """Whether the chunk told how many tokens there are so far."""
        usage, timings = chunk.usage, chunk.timings
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
            if usage.prompt_tokens_details and usage.prompt_tokens_details.cached_tokens is not None:
                self._cached = min(usage.prompt_tokens_details.cached_tokens, self._prompt or 0)
        return told


def clean(text: str) -> str:
    """The text without characters that no screen, terminal or database should meet."""
    return _UNSAID.sub("\ufffd", text) if _UNSAID.search(text) else text
