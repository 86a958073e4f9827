"""Makes a conversation fit the model's context, or says that it cannot. Tokenizes only when it must."""

from __future__ import annotations

import contextlib

import msgspec

from thinkwell.admission.limits import LEAST_ROOM_TO_ANSWER, certainly_too_long, check_fits, too_long
from thinkwell.engines.base import Engine
from thinkwell.errors import EngineError
from thinkwell.models.card import ModelCard
from thinkwell.reasoning.literals import Neutraliser
from thinkwell.reasoning.replay import most_tokens, replay, without_oldest
from thinkwell.values.engine import EnginePass
from thinkwell.values.message import Message
from thinkwell.values.turn import TurnRequest

# With this much certainly left after the prompt, its exact size changes nothing.
PLENTY_OF_ROOM = 512


class Fitted(msgspec.Struct, frozen=True):
    """``room``: at least so many tokens are left after the prompt; None where nobody can tell."""

    messages: tuple[Message, ...]
    room: int | None
    left_out: int = 0


async def fit(request: TurnRequest, card: ModelCard, engine: Engine) -> Fitted:
    """Raises PromptTooLong; where the request allows it, leaves out the oldest messages first."""
    context = engine.context or card.context
    neutral = Neutraliser(card)
    wanted = min(context // 2, PLENTY_OF_ROOM) if request.may_leave_out else LEAST_ROOM_TO_ANSWER
    messages = request.messages
    while True:
        room = context - most_tokens(messages, neutral)
        if room >= PLENTY_OF_ROOM:
            return Fitted(messages, room, len(request.messages) - len(messages))
        said = sum(len(m.content.encode("utf-8", "replace")) for m in messages)
        tokens = None
        if not certainly_too_long(said, context):
            with contextlib.suppress(EngineError):  # it is away: the turn waits for it, and it decides
                asked = EnginePass(messages=replay(card, messages, neutral), tools=request.tools)
                tokens = await engine.count_prompt(asked)
            if tokens is None:  # no tokenizer within reach: the engine decides
                return Fitted(messages, None, len(request.messages) - len(messages))
            if context - tokens >= wanted:
                return Fitted(messages, context - tokens, len(request.messages) - len(messages))
        shorter = without_oldest(messages) if request.may_leave_out else messages
        if shorter == messages:
            if tokens is None:
                raise too_long(f"{said} bytes", context)
            return Fitted(messages, check_fits(tokens, context), len(request.messages) - len(messages))
        messages = shorter
