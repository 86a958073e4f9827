"""The body of a chat completion request, for each kind of server. Knows shapes only.

What a kind does not know is left out, so that nothing is refused or ignored by surprise:

- everybody speaks OpenAI's messages, tools, images and answer shapes;
- llama.cpp, vLLM and SGLang take arguments of the chat template and two more ways to draw tokens;
- each holds a budget of thought by a field of its own, or not at all;
- each goes on with a last message in its own way, or not at all.
"""

from __future__ import annotations

from typing import Any

import msgspec

from thinkwell.engines.encoding import encoded
from thinkwell.engines.server import ServerFacts
from thinkwell.values.engine import EnginePass
from thinkwell.values.message import Image, Message
from thinkwell.values.thinking import Effort
from thinkwell.values.tool import AnswerShape, Tool, ToolCall, ToolChoice

# Fields that some servers of a kind refuse by their name, and that a pass can do without. ``max_tokens`` is
# one more: OpenAI's later models want it by another name.
SPARED = (
    "thinking_token_budget",
    "reasoning_effort",
    "chat_template_kwargs",
    "parallel_tool_calls",
    "stream_options",
)
# vLLM and SGLang knew these three first; "none" is said by the template's own switch.
_THREE_EFFORTS: dict[Effort, str] = {
    "minimal": "low",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "high",
    "max": "high",
}
_decode = msgspec.json.Decoder().decode


def body_of(wanted: EnginePass, server: ServerFacts, *, whole_text: bool) -> dict[str, Any]:
    """``whole_text``: a thought is to be left in the text, where the kind can be told so."""
    body: dict[str, Any] = {
        "model": server.model or "",
        **_prompt(wanted, server),
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
        "response_format": None if wanted.shape is None else _shape(wanted.shape),
        **_choice(wanted, server),
    }
    if server.kind == "generic":
        asked["reasoning_effort"] = wanted.effort
    else:
        asked |= {"top_k": sampling.top_k, "min_p": sampling.min_p}
    body |= {name: value for name, value in asked.items() if value is not None}
    if server.kind == "llama.cpp":
        body |= _for_llama_cpp(wanted, server, whole_text=whole_text)
    elif server.kind == "vllm":
        body["stream_options"]["continuous_usage_stats"] = True
        body |= _for_vllm(wanted, server)
    elif server.kind == "sglang":
        body["stream_options"]["continuous_usage_stats"] = True
        body |= _for_sglang(wanted, server, whole_text=whole_text)
    for name in server.spared & body.keys():
        value = body.pop(name)
        if name == "max_tokens":
            body["max_completion_tokens"] = value
    return body


def spared_by(refusal: str, body: dict[str, Any]) -> str | None:
    """The field of ``body`` that the refusal names and that can be spared."""
    if "max_completion_tokens" in refusal and "max_tokens" in body:
        return "max_tokens"
    return next((name for name in SPARED if name in body and name in refusal), None)


def prompt_of(wanted: EnginePass, server: ServerFacts) -> dict[str, Any]:
    """What ``/apply-template`` of llama.cpp and ``/tokenize`` of vLLM take: all that makes the prompt."""
    return {**_prompt(wanted, server), **_going_on(wanted, server)}


def _prompt(wanted: EnginePass, server: ServerFacts) -> dict[str, Any]:
    made: dict[str, Any] = {"messages": [_message(message, server) for message in wanted.messages]}
    if wanted.tools:
        made["tools"] = [_tool(tool) for tool in _offered(wanted, server)]
    if wanted.template and server.kind != "generic":
        made["chat_template_kwargs"] = wanted.template
    return made


# -- kinds ---------------------------------------------------------------------------------------


def _for_llama_cpp(wanted: EnginePass, server: ServerFacts, *, whole_text: bool) -> dict[str, Any]:
    extra: dict[str, Any] = {
        "timings_per_token": True,
        "cache_prompt": True,
        "reasoning_control": True,
        **_going_on(wanted, server),
    }
    # With the thought left in the text it refuses a shape where the template puts a thought into the prompt.
    if whole_text and wanted.shape is None:
        extra["reasoning_format"] = "none"
    if wanted.effort is not None:
        extra["reasoning_effort"] = wanted.effort
    budget = wanted.thinking_budget
    if budget is not None and budget > _tokens_at_most(wanted):
        extra["thinking_budget_tokens"] = budget
    elif budget == 0 and not wanted.continue_last:
        extra["thinking_budget_tokens"] = server.least_budget
    return extra


def _tokens_at_most(wanted: EnginePass) -> int:
    """Of the thought that the engine is to go on with: a token is at least a byte.

    llama.cpp counts what of the thought stands in the prompt, and where that alone is over the budget it
    swallows the first tokens of the end tag: the thought never ends, and the rest of the tag is in it.
    """
    last = wanted.messages[-1] if wanted.continue_last else None
    if last is None or last.content or wanted.thought_over:
        return 0
    return len((last.reasoning or "").encode("utf-8", "replace")) + 8


def _for_vllm(wanted: EnginePass, server: ServerFacts) -> dict[str, Any]:
    extra = _going_on(wanted, server)
    if wanted.effort in _THREE_EFFORTS:
        extra["reasoning_effort"] = _THREE_EFFORTS[wanted.effort]
    if wanted.thinking_budget is not None and server.holds_budget:
        extra["thinking_token_budget"] = wanted.thinking_budget
    return extra


def _for_sglang(wanted: EnginePass, server: ServerFacts, *, whole_text: bool) -> dict[str, Any]:
    extra = _going_on(wanted, server)
    extra["separate_reasoning"] = not whole_text
    if wanted.effort in _THREE_EFFORTS:
        extra["reasoning_effort"] = _THREE_EFFORTS[wanted.effort]
    if wanted.thinking_budget is not None and server.holds_budget:
        extra["custom_params"] = {"thinking_budget": wanted.thinking_budget}
    return extra


def _going_on(wanted: EnginePass, server: ServerFacts) -> dict[str, Any]:
    """How the server is told to go on with the last message in place of answering it."""
    if not wanted.continue_last:
        return {}
    match server.kind:
        case "llama.cpp":
            # It goes on with a last assistant message by itself: with its content, or while there is none
            # with its thought. That the thought is over before the content has begun is to be said.
            if not wanted.thought_over:
                return {}
            return {"continue_final_message": "content", "add_generation_prompt": False}
        case "vllm":
            return {"continue_final_message": True, "add_generation_prompt": False}
        case "sglang":
            return {"continue_final_message": True}
        case "generic":
            return {}


# -- tools and shapes ----------------------------------------------------------------------------


def _offered(wanted: EnginePass, server: ServerFacts) -> tuple[Tool, ...]:
    choice = wanted.tool_choice
    if server.kind == "llama.cpp" and choice is not None and choice.mode == "named":
        return tuple(tool for tool in wanted.tools if tool.name == choice.name) or wanted.tools
    return wanted.tools


def _tool(tool: Tool) -> dict[str, Any]:
    said = {"description": tool.description, "parameters": tool.parameters, "strict": tool.strict}
    return {
        "type": "function",
        "function": {"name": tool.name} | {name: value for name, value in said.items() if value is not None},
    }


def _choice(wanted: EnginePass, server: ServerFacts) -> dict[str, Any]:
    choice: ToolChoice | None = wanted.tool_choice
    if not wanted.tools or choice is None:
        return {}
    mode: str | dict[str, Any] = choice.mode
    if choice.mode == "named":
        # llama.cpp takes a name for "auto"; of the one tool that it is offered, a call is required.
        named = {"type": "function", "function": {"name": choice.name}}
        mode = "required" if server.kind == "llama.cpp" else named
    return {"tool_choice": mode, "parallel_tool_calls": choice.at_once}


def _shape(shape: AnswerShape) -> dict[str, Any]:
    if shape.schema is None:
        return {"type": "json_object"}
    schema: dict[str, Any] = {"name": shape.name, "schema": shape.schema}
    if shape.strict is not None:
        schema["strict"] = shape.strict
    return {"type": "json_schema", "json_schema": schema}


# -- messages ------------------------------------------------------------------------------------


def _message(message: Message, server: ServerFacts) -> dict[str, Any]:
    wire: dict[str, Any] = {"role": message.role, "content": _content(message)}
    if message.reasoning is not None:
        wire["reasoning_content"] = message.reasoning
        if server.kind == "vllm":  # it renamed the field, in answers first
            wire["reasoning"] = wire["reasoning_content"]
    if message.tool_calls:
        wire["tool_calls"] = [_call(call) for call in message.tool_calls]
    if message.tool_call_id is not None:
        wire["tool_call_id"] = message.tool_call_id
    return wire


def _content(message: Message) -> str | list[dict[str, Any]]:
    if not any(isinstance(part, Image) for part in message.parts):
        return message.content
    return [
        {"type": "image_url", "image_url": {"url": f"data:{part.media_type};base64,{part.data}"}}
        if isinstance(part, Image)
        else {"type": "text", "text": part}
        for part in message.parts
    ]


def _call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": _arguments(call.arguments)}
    return {"id": call.id, "type": "function", "function": function}


def _arguments(text: str) -> str:
    """Templates read the arguments of earlier calls as an object: what else a model wrote is put into one."""
    try:
        readable = isinstance(_decode(text), dict)
    except (ValueError, RecursionError):
        readable = False
    return text if readable else encoded({"arguments": text}).decode()
