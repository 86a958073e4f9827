"""How long the prompt of a turn would be, without asking it."""

from __future__ import annotations

import contextlib

import msgspec

from thinkwell.admission.limits import certainly_too_long
from thinkwell.errors import EngineError
from thinkwell.reasoning.replay import TOKENS_AROUND_A_MESSAGE
from thinkwell.reasoning.thinkers import thinker_for
from thinkwell.turns.pool import Pool
from thinkwell.turns.ticket import BYTES_PER_TOKEN
from thinkwell.values.engine import EnginePass
from thinkwell.values.turn import TurnRequest


async def count(request: TurnRequest, pool: Pool) -> tuple[int, bool]:
    """Tokens of the first pass's prompt, as the engine would get it, and whether the engine counted them.

    Else they are guessed: where it cannot count, is away, or the text is far over its context.
    """
    card, engine = pool.card, pool.engines[0]
    asked = thinker_for(card, request, None, pool.neutral).next_pass()
    assert asked is not None
    said = sum(len(message.content.encode("utf-8", "replace")) for message in asked.messages)
    if not certainly_too_long(said, engine.context or card.context):
        with contextlib.suppress(EngineError):
            tokens = await engine.count_prompt(asked)
            if tokens is not None:
                return tokens, True
    return _guess(asked, said), False


def _guess(asked: EnginePass, said: int) -> int:
    tools = len(msgspec.json.encode(asked.tools)) if asked.tools else 0
    return (said + tools) // BYTES_PER_TOKEN + TOKENS_AROUND_A_MESSAGE * len(asked.messages)
