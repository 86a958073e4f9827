"""Shapes of Web Push: whether the site sends it, and where to."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from thinkwell.people.pushing import MOST_CHARACTERS


class PushOffer(msgspec.Struct, frozen=True, kw_only=True):
    """``key``: the site's public key (VAPID), as browsers take it; None where the site sends none."""

    key: str | None


class SubscriptionBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``endpoint``: the address that the browser's push service gave. No keys are needed, as messages have
    no content."""

    endpoint: Annotated[str, Meta(min_length=1, max_length=MOST_CHARACTERS)]
