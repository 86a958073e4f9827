"""The receipt of a turn: what it used and how long each part took. Money joins it in ledger/."""

from __future__ import annotations

from typing import Literal

import msgspec

from thinkwell.values.thinking import EndedBy
from thinkwell.values.usage import Usage

Ending = Literal["finished", "failed", "stopped"]


class Shortening(msgspec.Struct, frozen=True, kw_only=True):
    """The thought was given ``budget`` tokens in place of ``full`` while ``waiting`` people waited."""

    budget: int
    full: int
    waiting: int


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds are wall-clock seconds of this site, measured with a monotonic clock.

    ``waited_s`` in line, of which ``gave_way_s`` after it had begun: for others, or because its machine
    was lost; ``first_token_s`` from admission to the first token of any kind (TTFT; None when none came);
    ``thinking_s`` first to last reasoning token, without such waits; ``seconds`` admission to end;
    ``tokens_per_s`` generated tokens over the time from first to last token, without such waits (None
    below two tokens). ``shortened`` says that the thought was cut because others waited.
    ``thinking_budget`` is the most tokens of thought that the caller had asked for (None: no bound of
    theirs); ``thought_ended`` who ended the thought, where the model did not end it itself.
    """

    turn_id: str
    model: str
    usage: Usage
    ending: Ending
    waited_s: float = 0.0
    first_token_s: float | None = None
    thinking_s: float = 0.0
    seconds: float = 0.0
    tokens_per_s: float | None = None
    gave_way_s: float = 0.0
    shortened: Shortening | None = None
    thinking_budget: int | None = None
    thought_ended: EndedBy | None = None
