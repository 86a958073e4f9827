"""Limits that hold for everybody, checked before anything is opened."""

from __future__ import annotations

import msgspec

from thinkwell.errors import BadRequest, LineFull, OutOfScope, PromptTooLong
from thinkwell.values.caller import Caller
from thinkwell.values.message import Image
from thinkwell.values.turn import TurnRequest

# Of the context, what must be left for an answer to be worth starting.
LEAST_ROOM_TO_ANSWER = 64
# No tokenizer puts more than this many bytes of text into a token, on average, over a whole prompt.
MOST_BYTES_PER_TOKEN = 16


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    max_messages: int = 2_000
    max_tokens: int
    max_live: int


def check_request(limits: Limits, request: TurnRequest, live: int, *, images: bool | None = None) -> None:
    """Raises BadRequest for a request without a question, LineFull where memory for the line is used up.

    ``images`` is what the model's card says of pictures.
    """
    asks = ("assistant",) if request.goes_on else ("user", "tool")
    if not request.messages or request.messages[-1].role not in asks:
        raise BadRequest(
            "The last message must be a question of the user, or a tool's result.", param="messages"
        )
    if images is False and any(isinstance(part, Image) for m in request.messages for part in m.parts):
        raise BadRequest("This model reads no pictures; send text alone.", param="messages")
    if len(request.messages) > limits.max_messages:
        raise BadRequest(f"At most {limits.max_messages} messages are taken.", param="messages")
    if request.max_tokens is not None and request.max_tokens > limits.max_tokens:
        raise BadRequest(
            f"At most {limits.max_tokens} tokens can be generated in a turn.", param="max_tokens"
        )
    check_room(limits, live)


def may_use(caller: Caller, model: str) -> bool:
    """Whether the caller's key, if they came with one, is for that model."""
    scope = caller.key
    return scope is None or scope.models is None or model in scope.models


def check_scope(caller: Caller, model: str) -> None:
    """``model`` is the one that would be asked, whatever name it was asked by. Raises OutOfScope."""
    if not may_use(caller, model):
        raise OutOfScope(f"This key is not for the model {model!r}. Use another key.", param="model")


def check_room(limits: Limits, live: int) -> None:
    """Raises LineFull."""
    if live >= limits.max_live:
        raise LineFull(
            "The line is as long as this site's memory holds. Come back in a minute.", retry_after_s=60
        )


def certainly_too_long(text_bytes: int, context: int) -> bool:
    """So long that no tokenizer could make it fit; told without asking one."""
    return text_bytes > context * MOST_BYTES_PER_TOKEN


def check_fits(prompt_tokens: int, context: int) -> int:
    """Tokens left after the prompt. Raises PromptTooLong."""
    room = context - prompt_tokens
    if room < LEAST_ROOM_TO_ANSWER:
        raise too_long(f"{prompt_tokens} tokens", context)
    return room


def too_long(size: str, context: int) -> PromptTooLong:
    return PromptTooLong(
        f"The conversation is too long: {size}, and this model holds {context} tokens of question "
        "and answer. Shorten it, or start a new conversation.",
        param="messages",
    )
