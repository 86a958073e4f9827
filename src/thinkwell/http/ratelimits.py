"""What a client may still ask for, in the headers of each API dialect. Only what is true of this caller.

Requests are counted at once, not in a time: how many turns may run and wait, of a person where the tier says
so, else of all together (their memory ends). Tokens are weighted, and of the bound of which least is left:
the tier's quota, the person's own cap, or the key's budget. Out of quota does not mean refused, unless the
tier refuses: whoever asks then goes behind the others (docs/tiers.md). Of a refusal that came before the book
was asked what was used, no tokens are told.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Literal

from litestar import Request

from thinkwell.admission.left import AmountLeft, Left
from thinkwell.http.dialects import speaks_anthropic
from thinkwell.http.site import Site
from thinkwell.turns.run import now_us
from thinkwell.values.caller import Caller

Dialect = Literal["openai", "anthropic"]
Headers = tuple[tuple[bytes, bytes], ...]
NAMES: dict[Dialect, tuple[str, str, str]] = {
    "openai": ("x-ratelimit-limit-{}", "x-ratelimit-remaining-{}", "x-ratelimit-reset-{}"),
    "anthropic": (
        "anthropic-ratelimit-{}-limit",
        "anthropic-ratelimit-{}-remaining",
        "anthropic-ratelimit-{}-reset",
    ),
}
# Where the headers of a refusal are found in a request's scope.
IN_SCOPE = "thinkwell.limits"


def limit_headers(site: Site, caller: Caller, dialect: Dialect) -> Headers:
    """Limits, what is left of each, and when it is whole again (of places: when one may be free)."""
    left = site.quotas.left_now(caller)
    most, free = _places(site, left)
    again_s = 0.0 if free else left.one_ends_s
    headers = _three(dialect, "requests", most, free, again_s)
    bounds = _tokens(left)
    if bounds:
        amount, resets_at = min(bounds, key=lambda bound: bound[0].left)
        seconds = None if resets_at is None else max(0.0, (resets_at - now_us()) / 1e6)
        headers += _three(dialect, "tokens", amount.limit, amount.left, seconds)
    return headers


def keep_for_refusal(request: Request[Any, Any, Any], site: Site, caller: Caller) -> None:
    """From here on a refusal says them too."""
    scope: Any = request.scope
    scope[IN_SCOPE] = partial(limit_headers, site, caller)


def of_refusal(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Empty where it is not known who asks."""
    scope: Any = request.scope
    headers = scope.get(IN_SCOPE)
    if headers is None:
        return {}
    dialect: Dialect = "anthropic" if speaks_anthropic(request) else "openai"
    return {name.decode(): value.decode() for name, value in headers(dialect)}


def _places(site: Site, left: Left) -> tuple[int, int]:
    places = site.settings.turns.max_live
    free = max(0, places - site.turns.count)
    if not left.most_live:
        return places, free
    return min(places, left.most_live), min(free, max(0, left.most_live - left.live))


def _tokens(left: Left) -> list[tuple[AmountLeft, int | None]]:
    """Bounds in tokens, and when they begin anew. None while it is not known what was used of them."""
    if not left.known:
        return []
    bounds: list[tuple[AmountLeft, int | None]] = []
    bounds += [(one, left.resets_at) for one in (left.tokens, left.cap_tokens) if one is not None]
    if left.key is not None and left.key.tokens is not None:
        bounds.append((left.key.tokens, None))
    return bounds


def _three(dialect: Dialect, what: str, limit: int, left: int, again_s: float | None) -> Headers:
    again = duration if dialect == "openai" else at
    values = [str(limit), str(left)] + ([] if again_s is None else [again(again_s)])
    return tuple(
        (name.format(what).encode(), value.encode())
        for name, value in zip(NAMES[dialect], values, strict=False)
    )


def duration(seconds: float) -> str:
    """As OpenAI's headers have it: ``0s``, ``6m0s``, ``23h59m1s``."""
    minutes, whole = divmod(math.ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    said = f"{hours}h" if hours else ""
    said += f"{minutes}m" if said or minutes else ""
    return f"{said}{whole}s"


def at(seconds: float) -> str:
    """As Anthropic's have it: the time, in UTC."""
    return (datetime.now(UTC) + timedelta(seconds=math.ceil(seconds))).strftime("%Y-%m-%dT%H:%M:%SZ")
