"""What of a conversation goes back to the model: the replay policy, and what is left out when it is long.

A thought that is kept goes back in a field of its own: engines take it there (``reasoning_content``), and
the model's template decides how it is marked. Tags in the text would stand behind an empty thought.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from thinkwell.models.card import ModelCard, Replay
from thinkwell.reasoning.plain_json import plain_json
from thinkwell.values.message import Image, Message
from thinkwell.values.tool import AnswerShape, Tool, ToolCall

# What a template adds, in tokens: around a message role marks and line ends, around tools how to call
# them. Over every family we know.
TOKENS_AROUND_A_MESSAGE = 12
TOKENS_AROUND_A_CALL = 32
TOKENS_AROUND_A_PROMPT = 64
TOKENS_AROUND_TOOLS = 1024
# A picture is scaled down to what a model reads at once; over every family we know but for whole pages.
TOKENS_OF_AN_IMAGE = 4096

_NO_PARTS_JOIN = "\u2060"  # as in literals.py: it takes the power from a literal, and is not seen


def replay(
    card: ModelCard, messages: tuple[Message, ...], neutral: Callable[[str], str], *, goes_on: bool = False
) -> tuple[Message, ...]:
    """Messages as the engine gets them: control literals made plain, old thoughts kept or stripped. Of an
    answer that the model ``goes_on`` with, the last message, the thought is kept: it is no old one."""
    since = min(_kept_since(card.replay, messages), len(messages) - goes_on)
    return tuple(_plain(m, neutral, thought=at >= since) for at, m in enumerate(messages))


def _kept_since(policy: Replay, messages: tuple[Message, ...]) -> int:
    """From which message on thoughts are kept: with tools, those of the calls since the last question."""
    if policy == "strip":
        return len(messages)
    if policy == "keep":
        return 0
    return next((at for at in range(len(messages) - 1, -1, -1) if messages[at].role == "user"), -1) + 1


def _plain(message: Message, neutral: Callable[[str], str], *, thought: bool) -> Message:
    reasoning = message.reasoning if thought and message.role == "assistant" else None
    if not (reasoning or message.reasoning or message.tool_calls or message.tool_call_id or message.parts):
        content = neutral(message.content)  # as nearly every message is
        return message if content is message.content else Message(message.role, content)
    return Message(
        message.role,
        neutral(message.content),
        # Never an empty one: some servers take it for the thought, in place of the one that is there.
        neutral(reasoning) if reasoning and reasoning.strip() else None,
        tuple(_plain_call(call, neutral) for call in message.tool_calls),
        None if message.tool_call_id is None else neutral(message.tool_call_id),
        _plain_parts(message.parts, neutral),
    )


def _plain_call(call: ToolCall, neutral: Callable[[str], str]) -> ToolCall:
    return ToolCall(neutral(call.id), neutral(call.name), plain_json(call.arguments, neutral))


def _plain_parts(parts: tuple[str | Image, ...], neutral: Callable[[str], str]) -> tuple[str | Image, ...]:
    """Templates write the pieces one after the other: no literal may come of two of them."""
    plain = [neutral(part) if isinstance(part, str) else part for part in parts]
    whole = "".join(part for part in plain if isinstance(part, str))
    if neutral(whole) != whole:
        plain = [_NO_PARTS_JOIN + part if isinstance(part, str) else part for part in plain]
    return tuple(plain)


def plain_tools(tools: tuple[Tool, ...], neutral: Callable[[str], str]) -> tuple[Tool, ...]:
    """Tools as the engine gets them: what describes them is made plain, for it often comes from others;
    what constrains the arguments is left as it is."""

    def schema(part: Any) -> Any:
        if isinstance(part, dict):
            told = ("description", "title")
            return {
                name: neutral(value) if name in told and isinstance(value, str) else schema(value)
                for name, value in part.items()
            }
        return [schema(item) for item in part] if isinstance(part, list) else part

    return tuple(
        msgspec.structs.replace(
            tool,
            description=None if tool.description is None else neutral(tool.description),
            parameters=schema(tool.parameters),
        )
        for tool in tools
    )


def most_around(tools: tuple[Tool, ...] = (), shape: AnswerShape | None = None) -> int:
    """An upper bound of the prompt's tokens beside its messages."""
    around = TOKENS_AROUND_A_PROMPT + (TOKENS_AROUND_TOOLS if tools else 0)
    described = sum(len(msgspec.json.encode(tool)) + TOKENS_AROUND_A_CALL for tool in tools)
    return around + described + (len(msgspec.json.encode(shape)) if shape is not None else 0)


def most_of(message: Message) -> int:
    """An upper bound of the tokens of a message that was made plain (``replay``), without a tokenizer: a
    token is at least one byte."""
    parts = [part for part in message.parts if isinstance(part, str)]
    texts = [*(parts or [message.content]), message.reasoning or "", message.tool_call_id or ""]
    for call in message.tool_calls:
        texts += (call.id, call.name, call.arguments)
    said = sum(len(text.encode("utf-8", "replace")) for text in texts if text)
    images = len(message.parts) - len(parts)
    calls = TOKENS_AROUND_A_CALL * len(message.tool_calls)
    return TOKENS_AROUND_A_MESSAGE + said + calls + TOKENS_OF_AN_IMAGE * images


def cuts(messages: tuple[Message, ...]) -> list[int]:
    """Where the conversation may begin when its oldest exchanges are left out, from the oldest on: system
    messages and the last question stay, and what a tool told goes with the call that asked for it."""
    # How many results stand at or after a place whose call stands before it: a step up behind each call,
    # a step down behind its last result.
    torn = [0] * (len(messages) + 1)
    asked: dict[str, int] = {}
    answered: dict[str, int] = {}
    for at, message in enumerate(messages):
        if message.role == "tool" and message.tool_call_id in asked:
            answered[message.tool_call_id] = at
        for call in message.tool_calls:
            _note_span(torn, asked, answered, call.id)
            asked[call.id] = at
    for id in list(asked):
        _note_span(torn, asked, answered, id)
    begins = next((at for at, message in enumerate(messages) if message.role != "system"), len(messages))
    found, open_spans = [], 0
    for at, message in enumerate(messages):
        open_spans += torn[at]
        if at > begins and message.role == "user" and not open_spans:
            found.append(at)
    return found


def _note_span(torn: list[int], asked: dict[str, int], answered: dict[str, int], id: str) -> None:
    """From behind the call up to its last result nothing may begin. An id that is used again begins anew."""
    last = answered.pop(id, None)
    call = asked.pop(id, None)
    if call is not None and last is not None:
        torn[call + 1] += 1
        torn[last + 1] -= 1


def begun_at(messages: tuple[Message, ...], at: int) -> tuple[Message, ...]:
    """The conversation from one of its ``cuts`` on."""
    return tuple(m for place, m in enumerate(messages) if m.role == "system" or place >= at)
