"""The receipt of a turn: what it used, what that cost, and how long each part took."""

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


Kind = Literal["prompt", "cached", "reasoning", "answer"]


class PriceLine(msgspec.Struct, frozen=True, kw_only=True):
    """``tokens`` of a kind at ``per_million``, millionths of the currency for a million of them."""

    kind: Kind
    tokens: int
    per_million: int


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """Amounts are millionths of ``currency``. ``price`` is the sum of ``lines`` less ``discount`` percent,
    rounded once; of it ``free`` was within the person's allowance, and ``due`` is what is left. Of a turn
    that failed all is ``waived``; ``waived_why`` is the error's code."""

    currency: str
    lines: tuple[PriceLine, ...]
    discount: int = 0
    price: int = 0
    free: int = 0
    due: int = 0
    waived: int = 0
    waived_why: str | None = None


class Energy(msgspec.Struct, frozen=True, kw_only=True):
    """The turn's share of the engines' energy, by its share of what they did for all; None where nothing is
    known of their power. ``measured`` with a meter, or estimated from an assumed power. ``machine_us`` is
    its share of the engines' time, likewise."""

    microjoules: int | None
    measured: bool
    machine_us: int = 0


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """By whom and when the answer was made, signed by the site: a machine made it (EU AI Act, Art. 50).

    ``answer_sha256`` is over the answer's text in UTF-8, ``at`` seconds since 1970; ``signature`` (Ed25519,
    base64url) of the key named ``key`` is over all of the receipt but itself (ledger/signing.py).
    """

    made_by: Literal["ai"] = "ai"
    site: str
    at: int
    answer_sha256: str
    key: str
    signature: str = ""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds are wall-clock seconds of this site, measured with a monotonic clock.

    ``waited_s`` in line, of which ``gave_way_s`` after it had begun: for others, or because its machine
    was lost; ``first_token_s`` from admission to the first token of any kind (TTFT; None when none came);
    ``thinking_s`` first to last reasoning token, without such waits; ``seconds`` admission to end;
    ``tokens_per_s`` generated tokens over the time from first to last token, without such waits (None
    below two tokens). ``shortened`` says that the thought was cut because others waited.
    ``thinking_budget`` is the most tokens of thought that the caller had asked for (None: no bound of
    theirs); ``thought_ended`` who ended the thought, where the model did not end it itself.
    ``cost`` is what the turn cost the operator (millionths of the charge's currency; None: not known).
    ``behind`` says that it went behind the others, since the person's quota was used up.
    Fields that come later are None where nothing is known: receipts signed before must hold (``Mark``).
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
    tier: str = "visitor"
    behind: bool = False
    charge: Charge | None = None
    energy: Energy | None = None
    cost: int | None = None
    mark: Mark | None = None
