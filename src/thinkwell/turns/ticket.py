"""A turn's ticket for the line: whose it is, about how large, and how its prompt begins. Pure."""

from __future__ import annotations

import hashlib

from thinkwell.scheduling.base import Ticket
from thinkwell.scheduling.prefix_index import prefix_blocks
from thinkwell.turns.prompt import Fitted
from thinkwell.values.turn import TurnRequest

# A token of prompt stands for about so many bytes of text in Latin script, fewer in others; what the
# engine reports with the first token takes its place.
BYTES_PER_TOKEN = 4


# Of the first question, so many characters tell one conversation from another.
TELLING = 4096


def place_of(request: TurnRequest) -> float:
    """Where the turn stands for a canary's share, from 0 to below 1: the same in one conversation."""
    asked = next((message.content for message in request.messages if message.role == "user"), "")
    told = f"{request.caller.person}\0{asked[:TELLING]}".encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(told, digest_size=6).digest()) / (1 << 48)


def ticket_of(
    request: TurnRequest, fitted: Fitted, *, choices: int, shared_prefixes: bool, behind: bool = False
) -> Ticket:
    """``choices`` is how many replicas there are: with one, nobody asks how the prompt begins.

    Unless prefixes are shared, equal beginnings of two persons' prompts look different.
    """
    caller = request.caller
    texts = [message.content for message in fitted.messages]
    said = sum(len(text.encode("utf-8", "replace")) for text in texts)
    blocks: tuple[int, ...] = ()
    if choices > 1:
        blocks = prefix_blocks(texts, b"" if shared_prefixes else caller.person.encode())
    return Ticket(
        id=request.id,
        person=caller.person,
        tier=caller.tier,
        group=caller.group,
        prompt_tokens=max(1, said // BYTES_PER_TOKEN),
        max_tokens=request.max_tokens,
        blocks=blocks,
        behind=behind,
        place=place_of(request),
    )
