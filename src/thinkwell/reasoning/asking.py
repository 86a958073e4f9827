"""Asking for the answer that a thought leads to, in a pass of its own: any chat model understands that.

The thought is told as said, and a next question asks for the answer. Knows no dialects.
"""

from __future__ import annotations

import msgspec

from thinkwell.values.engine import EnginePass
from thinkwell.values.message import Message

# Where nobody knows how much room the prompt leaves.
UNKNOWN_ROOM = 4096
# A question is said again in part for its language: the answer follows the last words that it reads.
ASK = "{question}\n\n(The time to think is over. Give your answer now.)"
ASK_SHORT = "The time to think is over. Give me your answer now, in the language of my question."


def ask_for_answer(
    wanted: EnginePass, thought: str, room: int | None, *, ask: str = ASK, ask_short: str = ASK_SHORT
) -> EnginePass:
    """``wanted`` with the thought told and the answer asked for; ``{question}`` stands for the person's.

    A token is at least a byte: what takes fewer bytes than an eighth of the room can be said twice.
    """
    last = wanted.messages[-1] if wanted.messages else None
    again = ask_short
    if last is not None and last.role == "user":  # not after the results of tools
        again = ask.replace("{question}", last.content)
        if len(again.encode("utf-8", "replace")) > (UNKNOWN_ROOM if room is None else room) // 8:
            again = ask_short
    messages = (*wanted.messages, Message("assistant", thought.rstrip()), Message("user", again))
    return msgspec.structs.replace(wanted, messages=messages)
