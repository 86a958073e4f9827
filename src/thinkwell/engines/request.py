"""The body of a chat completion request, for each kind of server. Knows shapes only."""

from __future__ import annotations

from typing import Any

from thinkwell.values.engine import EnginePass
from thinkwell.values.message import Message


def body_of(wanted: EnginePass, *, model: str, kind: str, whole_text: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": model,
        "messages": messages_of(wanted.messages),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    sampling = wanted.sampling
    asked = {
        "max_tokens": wanted.max_tokens,
        "stop": list(wanted.stop) or None,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "seed": sampling.seed,
        "presence_penalty": sampling.presence_penalty,
        "frequency_penalty": sampling.frequency_penalty,
    }
    body.update({name: value for name, value in asked.items() if value is not None})
    if kind == "llama.cpp":
        body.update(_for_llama_cpp(wanted, whole_text=whole_text))
    elif kind == "vllm":
        body["stream_options"]["continuous_usage_stats"] = True
        if wanted.continue_last:
            body["add_generation_prompt"] = False
            body["continue_final_message"] = True
        if wanted.thinking_budget is not None:
            body["thinking_token_budget"] = wanted.thinking_budget
    return body


def _for_llama_cpp(wanted: EnginePass, *, whole_text: bool) -> dict[str, Any]:
    extra: dict[str, Any] = {"timings_per_token": True, "cache_prompt": True}
    if whole_text:
        extra["reasoning_format"] = "none"
    if wanted.thinking_budget is not None:
        extra["thinking_budget_tokens"] = wanted.thinking_budget
    # It goes on with a last assistant message by itself: with its content, or while there is none with
    # its thought. That the thought is over before the content has begun is the one thing to be said.
    if wanted.continue_last and wanted.thought_over:
        extra["continue_final_message"] = "content"
        extra["add_generation_prompt"] = False
    return extra


def messages_of(messages: tuple[Message, ...]) -> list[dict[str, str]]:
    made = []
    for message in messages:
        wire = {"role": message.role, "content": scrubbed(message.content)}
        if message.reasoning is not None:
            wire["reasoning_content"] = scrubbed(message.reasoning)
        made.append(wire)
    return made


def scrubbed(text: str) -> str:
    """The text with U+FFFD for halves of surrogate pairs: no bytes stand for those."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
