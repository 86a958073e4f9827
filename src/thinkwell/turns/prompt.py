"""Makes a conversation fit the model's context, or says that it cannot. Tokenizes only when it must, and then
seldom: how much has to be left out is searched for by halves.
"""

from __future__ import annotations

import contextlib
from itertools import accumulate

import msgspec

from thinkwell.admission.limits import LEAST_ROOM_TO_ANSWER, certainly_too_long, check_fits, too_long
from thinkwell.engines.base import Engine
from thinkwell.errors import EngineError
from thinkwell.reasoning.replay import begun_at, cuts, most_around, most_of, replay
from thinkwell.turns.pool import Pool
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


async def fit(request: TurnRequest, pool: Pool) -> Fitted:
    """Raises PromptTooLong; where the request allows it, leaves out the oldest messages first."""
    card, engine = pool.card, pool.engines[0]
    context = engine.context or card.context
    plain = replay(card, request.messages, pool.neutral, goes_on=request.goes_on)
    around = most_around(request.tools, request.shape)
    room = context - around - sum(map(most_of, plain))
    if room >= PLENTY_OF_ROOM:
        return Fitted(request.messages, room)
    return await _shorter(_Sizes(request, plain, around), engine, context)


async def _shorter(sizes: _Sizes, engine: Engine, context: int) -> Fitted:
    """The longest of the beginnings that the request allows which fits, by the engine's own tokenizer."""
    request = sizes.request
    wanted = min(context // 2, PLENTY_OF_ROOM) if request.may_leave_out else LEAST_ROOM_TO_ANSWER
    last = len(sizes.begins) - 1
    low = next((n for n in range(last + 1) if not certainly_too_long(sizes.said(n), context)), None)
    if low is None:
        raise too_long(f"{sizes.said(last)} bytes", context)
    high = next((n for n in range(low, last + 1) if context - sizes.most(n) >= PLENTY_OF_ROOM), last)
    # The longest first: mostly it fits, and it shows whether the engine counts at all.
    at = low
    while True:
        tokens = None
        with contextlib.suppress(EngineError):  # it is away: the turn waits for it, and it decides
            tokens = await engine.count_prompt(sizes.asked(at))
        if tokens is None:  # no tokenizer within reach: the engine decides
            return sizes.fitted(at, None)
        fits = context - tokens >= wanted
        if fits and at == low:
            return sizes.fitted(at, context - tokens)
        if at == last and not fits:
            return sizes.fitted(at, check_fits(tokens, context))
        low, high = (low, at) if fits else (at + 1, high)
        at = (low + high) // 2


class _Sizes:
    """How long the conversation is from each place where it may begin. ``begins[0]`` is the whole."""

    def __init__(self, request: TurnRequest, plain: tuple[Message, ...], around: int) -> None:
        self.request = request
        self._plain = plain
        self.begins = [0, *(cuts(request.messages) if request.may_leave_out else [])]
        self._around = around
        self._most = _stays_and_goes(plain, [most_of(message) for message in plain])
        self._said = _stays_and_goes(
            plain, [len(message.content.encode("utf-8", "replace")) for message in plain]
        )

    def most(self, number: int) -> int:
        """An upper bound of its tokens."""
        whole, gone = self._most
        return self._around + whole - gone[self.begins[number]]

    def said(self, number: int) -> int:
        """Bytes of its text."""
        whole, gone = self._said
        return whole - gone[self.begins[number]]

    def asked(self, number: int) -> EnginePass:
        messages = begun_at(self._plain, self.begins[number])
        return EnginePass(messages=messages, tools=self.request.tools)

    def fitted(self, number: int, room: int | None) -> Fitted:
        messages = begun_at(self.request.messages, self.begins[number])
        return Fitted(messages, room, len(self.request.messages) - len(messages))


def _stays_and_goes(messages: tuple[Message, ...], sizes: list[int]) -> tuple[int, list[int]]:
    """The sum of all, and of what is left out with a beginning at each place."""
    goes = [0 if m.role == "system" else size for m, size in zip(messages, sizes, strict=True)]
    return sum(sizes), list(accumulate(goes, initial=0))
