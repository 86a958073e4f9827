"""The header Idempotency-Key, as Stripe defines it: the same key, the same answer. Without it, no work.

Knows the header and how a door begins its turn; turns/idempotent.py knows what was asked before.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from litestar import Request
from litestar.params import HeaderParameter

from thinkwell.admission.limits import check_scope
from thinkwell.errors import BadRequest
from thinkwell.http.ratelimits import keep_for_refusal
from thinkwell.http.replies import NO_HEADERS, Headers
from thinkwell.http.site import Site
from thinkwell.turns.idempotent import Before, Mark
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.run import AlsoStore
from thinkwell.values.turn import TurnRequest

HEADER = "idempotency-key"
# For the API's description: what counts is in the headers themselves, of which there may be several.
AsHeader = Annotated[
    str | None,
    HeaderParameter(
        name=HEADER,
        description="Any text of 1 to 255 printable ASCII characters. For a day the same request under it "
        "is answered with the same turn.",
    ),
]
_printable = re.compile(r"[\x20-\x7e]{1,255}").fullmatch
REPLAYED = "idempotent-replayed"

# Sets the turn running; what is to be stored stands or falls with its entry.
Begin = Callable[[TurnRequest, AlsoStore | None], Awaitable[LiveTurn]]


class Begun(msgspec.Struct, frozen=True):
    """``created`` in seconds since 1970. ``stays``: the turn does not end when its reader leaves.
    ``again``: it was asked before, and may be over."""

    live: LiveTurn
    created: int
    stays: bool = False
    again: bool = False

    @property
    def headers(self) -> Headers:
        return ((REPLAYED.encode(), b"true"),) if self.again else NO_HEADERS


async def begin_once(request: Request[Any, Any, Any], site: Site, asked: TurnRequest, begin: Begin) -> Begun:
    """``begin`` the turn, or find the one that the same was asked with before: its id takes the place of
    ``asked``'s.

    Raises BadRequest for a malformed key, KeyReused for one of another request, what ``begin`` raises (and
    then nothing is remembered), and what ``Once.again`` does.
    """
    keep_for_refusal(request, site, asked.caller)
    mark = await mark_of(request)
    if mark is None:
        return Begun(await begin(asked, None), int(time.time()))
    async with site.once.asked(asked.caller, mark) as before:
        if isinstance(before, Before):
            check_scope(asked.caller, asked.model)
            live = await site.once.again(before, asked)
        else:
            kept = msgspec.structs.replace(asked, keep_text=True)
            live = await begin(kept, before.stores(asked.id))
        return Begun(live, before.at_us // 1_000_000, True, isinstance(before, Before))


async def mark_of(request: Request[Any, Any, Any]) -> Mark | None:
    """None without the header. Raises BadRequest."""
    values = request.headers.getall(HEADER, [])
    if not values:
        return None
    key = values[0].strip()
    if any(value.strip() != key for value in values):
        raise BadRequest("Two Idempotency-Keys came that differ. Send one.")
    if not _printable(key):
        raise BadRequest("An Idempotency-Key has 1 to 255 printable ASCII characters.")
    asked = hashlib.sha256(f"{request.method} {request.url.path}\n".encode())
    asked.update(await request.body())
    return Mark(key=hashlib.sha256(key.encode()).hexdigest(), body_hash=asked.hexdigest())
