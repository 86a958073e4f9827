"""A line of the log for each turn that is over: how it ended and what it took. No text, and no person."""

from __future__ import annotations

import logging

from thinkwell.turns.live import LiveTurn
from thinkwell.turns.observer import Unmoved
from thinkwell.values.event import Failed, TurnEnd

log = logging.getLogger(__name__)


class TurnLines(Unmoved):
    """An Observer. At the level ``info``; what costs nothing is not said at all."""

    def ended(self, live: LiveTurn, end: TurnEnd) -> None:
        if not log.isEnabledFor(logging.INFO):
            return
        receipt, usage = end.receipt, end.receipt.usage
        code = end.code if isinstance(end, Failed) else None
        fields: dict[str, object] = {
            "turn": receipt.turn_id,
            "code": code,
            "ending": receipt.ending,
            "model": receipt.model,
            "tier": live.request.caller.tier,
            "waited_s": receipt.waited_s,
            "first_token_s": receipt.first_token_s,
            "seconds": receipt.seconds,
            "prompt_tokens": usage.prompt,
            "cached_tokens": usage.cached,
            "reasoning_tokens": usage.reasoning,
            "answer_tokens": usage.answer,
        }
        log.info("turn %s %s", receipt.turn_id, receipt.ending, extra={"fields": fields})
