"""A scenario's steps as the wire shapes of a chat completion. Knows no connection."""

from __future__ import annotations

from typing import Any

import msgspec

from thinkwell.testing.scenario import Scenario, Step


class ReplyWriter:
    """``chunk`` for a streamed reply; ``take`` and ``whole`` for one in a piece.

    ``names`` are the reply's id and the model's. Steps of thought over ``most_thought`` tokens are left out.
    """

    def __init__(
        self, script: Scenario, body: dict[str, Any], names: tuple[str, str], *, llama: bool
    ) -> None:
        options = body.get("stream_options") or {}
        self.streams = bool(body.get("stream"))
        self._script = script
        self._llama = llama
        self._timings_each = llama and bool(body.get("timings_per_token"))
        self._usage_each = bool(options.get("continuous_usage_stats"))
        self._usage_last = bool(options.get("include_usage"))
        id, model = names
        self._head = {"id": id, "created": 1, "model": body.get("model") or model}
        self.most_thought: int | None = None
        self._thought_tokens = 0
        self._made = 0
        self._thought: list[str] = []
        self._text: list[str] = []
        self._calls: dict[int, dict[str, Any]] = {}

    def leaves_out(self, step: Step) -> bool:
        if step.reasoning is None or self.most_thought is None:
            return False
        return self._thought_tokens + step.tokens > self.most_thought

    def take(self, step: Step) -> None:
        if step.says:
            self._made += step.tokens
        if step.reasoning is not None:
            self._thought_tokens += step.tokens
        self._text.append(step.text or "")
        self._thought.append(step.reasoning or "")
        if (piece := step.call) is not None:
            call = self._calls.setdefault(piece.index, _call(piece.id, piece.name))
            call["function"]["arguments"] += piece.arguments

    def chunk(self, step: Step) -> bytes:
        """The step as server-sent events: one, or at the finish up to three."""
        self.take(step)
        delta: dict[str, Any] = {}
        if step.text is not None:
            delta["content"] = step.text
        if step.reasoning is not None:
            delta["reasoning_content"] = step.reasoning
        if (piece := step.call) is not None:
            call = _call(piece.id, piece.name) if piece.id else {"function": {}}
            call["function"]["arguments"] = piece.arguments
            delta["tool_calls"] = [{"index": piece.index, **call}]
        extra: dict[str, Any] = {}
        if self._timings_each or (self._llama and step.finish):
            extra["timings"] = self._timings()
        if self._usage_each:
            extra["usage"] = self._usage()
        event = _event(self._chunk([{"index": 0, "delta": delta, "finish_reason": step.finish}]) | extra)
        if step.finish is None:
            return event
        if self._usage_last:
            event += _event(self._chunk([]) | {"usage": self._usage()})
        return event + b"data: [DONE]\n\n"

    def whole(self) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": "".join(self._text)}
        if thought := "".join(self._thought):
            message["reasoning_content"] = thought
        if self._calls:
            message["tool_calls"] = list(self._calls.values())
        choice = {"index": 0, "message": message, "finish_reason": self._script.finish}
        return self._head | {"object": "chat.completion", "choices": [choice], "usage": self._usage()}

    def _chunk(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return self._head | {"object": "chat.completion.chunk", "choices": choices}

    def _usage(self) -> dict[str, Any]:
        prompt = self._script.prompt_tokens or 0
        return {
            "prompt_tokens": prompt,
            "completion_tokens": self._made,
            "total_tokens": prompt + self._made,
            "prompt_tokens_details": {"cached_tokens": self._script.cached_tokens or 0},
        }

    def _timings(self) -> dict[str, int]:
        cached = self._script.cached_tokens or 0
        prompt = (self._script.prompt_tokens or 0) - cached
        return {"cache_n": cached, "prompt_n": prompt, "predicted_n": self._made}


def _call(id: str | None, name: str | None) -> dict[str, Any]:
    return {"id": id, "type": "function", "function": {"name": name, "arguments": ""}}


def _event(value: object) -> bytes:
    return b"data: " + msgspec.json.encode(value) + b"\n\n"
