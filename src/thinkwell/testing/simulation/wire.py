"""The OpenAI wire shapes of the simulated engine: what is read of a request, and chunks as bytes.

Chunks are joined from parts that were rendered once, so that writing one costs about a microsecond
and a load test measures what stands in front of this server.
"""

from __future__ import annotations

from typing import Any

import msgspec


class TextPart(msgspec.Struct):
    type: str = "text"
    text: str = ""


class WireMessage(msgspec.Struct):
    role: str
    content: str | list[TextPart] | None = None
    reasoning_content: str | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "".join(part.text for part in self.content)
        return self.content or ""


class StreamOptions(msgspec.Struct):
    include_usage: bool = False
    continuous_usage_stats: bool = False


class CustomParams(msgspec.Struct):
    """SGLang's."""

    thinking_budget: int | None = None


class WireFunction(msgspec.Struct):
    name: str


class WireTool(msgspec.Struct):
    function: WireFunction


class WireRequest(msgspec.Struct):
    """The fields that matter here; all others are accepted and ignored, as engines do."""

    messages: list[WireMessage]
    model: str = ""
    stream: bool = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    seed: int | None = None
    timings_per_token: bool = False
    thinking_budget_tokens: int | None = None
    thinking_token_budget: int | None = None
    reasoning_format: str | None = None
    continue_final_message: bool | str | None = None
    custom_params: CustomParams | None = None
    chat_template_kwargs: dict[str, Any] | None = None
    reasoning_effort: str | None = None
    tools: list[WireTool] = []

    @property
    def limit(self) -> int | None:
        limits = [limit for limit in (self.max_tokens, self.max_completion_tokens) if limit is not None]
        return max(1, min(limits)) if limits and min(limits) >= 0 else None

    @property
    def budget(self) -> int | None:
        """Tokens of thought, by any server's way of saying it; 0 where thinking is switched off."""
        template = self.chat_template_kwargs or {}
        on = all(template.get(name, True) for name in ("enable_thinking", "thinking"))
        if self.reasoning_effort == "none" or not on:
            return 0
        custom = self.custom_params.thinking_budget if self.custom_params else None
        said = (self.thinking_budget_tokens, self.thinking_token_budget, custom)
        budgets = [n for n in said if n is not None]
        return min(budgets) if budgets and min(budgets) >= 0 else None


class Counts(msgspec.Struct):
    """Of one completion: totals as known so far; milliseconds of simulated time."""

    prompt: int
    cached: int = 0
    reasoning: int = 0
    answer: int = 0
    prompt_ms: float = 0.0
    predicted_ms: float = 0.0

    def usage(self) -> dict[str, Any]:
        made = self.reasoning + self.answer
        return {
            "prompt_tokens": self.prompt,
            "completion_tokens": made,
            "total_tokens": self.prompt + made,
            "prompt_tokens_details": {"cached_tokens": self.cached},
            "completion_tokens_details": {"reasoning_tokens": self.reasoning},
        }

    def timings(self) -> dict[str, Any]:
        """As llama.cpp's: ``prompt_n`` leaves out what came from the cache."""
        return {
            "cache_n": self.cached,
            "prompt_n": self.prompt - self.cached,
            "prompt_ms": round(self.prompt_ms, 3),
            "predicted_n": self.reasoning + self.answer,
            "predicted_ms": round(self.predicted_ms, 3),
        }


class ChunkWriter:
    """Renders the chunks of one completion. ``extras`` put running totals into every chunk.

    What is no thought is text, or with ``call`` the arguments of a call of that tool.
    """

    def __init__(self, head: dict[str, Any], wanted: WireRequest, call: str | None = None) -> None:
        self._head = head
        self._call = call
        options = wanted.stream_options
        self._usage_each = options is not None and options.continuous_usage_stats
        self._usage_last = options is not None and options.include_usage
        self._timings_each = wanted.timings_per_token
        opening = b"data: " + msgspec.json.encode(head)[:-1] + b',"choices":[{"index":0,"finish_reason":null,'
        self._text = opening + b'"delta":{"content":"'
        self._thought = opening + b'"delta":{"reasoning_content":"'
        self._shut = b'"'
        if call is not None:
            self._text = opening + b'"delta":{"tool_calls":[{"index":0,"function":{"arguments":"'
            self._shut = b'"}}]'

    @property
    def extras(self) -> bool:
        return self._usage_each or self._timings_each

    def opening(self) -> bytes:
        return self._event({"role": "assistant", "content": None}, None, {})

    def call_opening(self) -> bytes:
        """The chunk that names the tool; it stands for no token."""
        function = {"name": self._call, "arguments": ""}
        call = {"index": 0, "id": "call_1", "type": "function", "function": function}
        return self._event({"tool_calls": [call]}, None, {})

    def tokens(self, words: list[bytes], *, thought: bool) -> bytes:
        """A chunk a word, without totals. Words are JSON-escaped already."""
        opening, shut = (self._thought, b'"') if thought else (self._text, self._shut)
        end = shut + b"}}]}\n\n"
        return b"".join([opening + word + end for word in words])

    def token(self, word: bytes, counts: Counts, *, thought: bool) -> bytes:
        """One chunk with the totals that were asked for."""
        tail = (b'"' if thought else self._shut) + b"}}]"
        if self._usage_each:
            tail += b',"usage":' + msgspec.json.encode(counts.usage())
        if self._timings_each:
            tail += b',"timings":' + msgspec.json.encode(counts.timings())
        return (self._thought if thought else self._text) + word + tail + b"}\n\n"

    def ending(self, counts: Counts, finish: str) -> bytes:
        extra: dict[str, Any] = {"timings": counts.timings()}
        if self._usage_each:
            extra["usage"] = counts.usage()
        last = self._event({}, finish, extra)
        if self._usage_last:
            usage = self._head | {"choices": [], "usage": counts.usage()}
            last += b"data: " + msgspec.json.encode(usage) + b"\n\n"
        return last + b"data: [DONE]\n\n"

    def _event(self, delta: dict[str, Any], finish: str | None, extra: dict[str, Any]) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return b"data: " + msgspec.json.encode(self._head | {"choices": [choice]} | extra) + b"\n\n"


def error_body(status: int, kind: str, message: str, **more: int) -> bytes:
    """An error as llama.cpp answers it."""
    return msgspec.json.encode({"error": {"code": status, "type": kind, "message": message, **more}})
