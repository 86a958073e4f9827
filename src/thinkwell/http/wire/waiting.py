"""The waiting line on the API's wire: what a client may ask of it, and how its news are told.

To clients that did not ask the news come as comments, which every reader of server-sent events skips; to
those that did, as chunks without choices. Knows no turn and no clock.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from thinkwell.values.event import (
    Lengthened,
    Moved,
    Queued,
    Shortened,
    Started,
    ThoughtEnded,
    WaitReason,
)
from thinkwell.values.receipt import Shortening
from thinkwell.values.thinking import EndedBy


class Wishes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ours, under the name ``thinkwell``.

    ``events``: tell the place in line as ``thinkwell`` events of the stream, not as comments.
    ``full_thought``: do not shorten the thought, whoever waits. ``max_wait_s``: with a longer expected wait,
    refuse with 503 and ``Retry-After`` instead of waiting; ``Prefer: wait=N`` says the same, and the smaller
    counts. Without either nobody is refused.
    """

    events: bool = False
    full_thought: bool = False
    max_wait_s: Annotated[float, Meta(ge=0)] | None = None


def shorter_wait(*seconds: float | None) -> float | None:
    """Of the longest waits that were said the shortest; None: none was."""
    return min((said for said in seconds if said is not None), default=None)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """As ``Queued`` in values/event.py. By ``deadline`` (UTC) the next frame of the stream will have come."""

    position: int
    waiting: int
    reason: WaitReason
    expected_s: float | None
    p90_s: float | None
    moved: Moved | None
    behind: bool
    resets_s: float | None
    deadline: str


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """As ``Started`` in values/event.py."""

    model: str
    replica: str
    waited_s: float
    left_out: int


class Longer(msgspec.Struct, frozen=True, kw_only=True):
    """As ``Lengthened`` in values/event.py."""

    budget: int


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """As ``ThoughtEnded`` in values/event.py."""

    by: EndedBy


class News(msgspec.Struct, frozen=True, kw_only=True):
    """One of them is there."""

    queued: Place | UnsetType = UNSET
    started: Begun | UnsetType = UNSET
    shortened: Shortening | UnsetType = UNSET
    lengthened: Longer | UnsetType = UNSET
    thought_ended: Ended | UnsetType = UNSET


Told = Queued | Started | Shortened | Lengthened | ThoughtEnded


def news_of(event: Told, deadline: str) -> News:
    if isinstance(event, Queued):
        return News(queued=Place(**msgspec.structs.asdict(event), deadline=deadline))
    if isinstance(event, Started):
        return News(started=Begun(**msgspec.structs.asdict(event)))
    if isinstance(event, Lengthened):
        return News(lengthened=Longer(budget=event.budget))
    if isinstance(event, ThoughtEnded):
        return News(thought_ended=Ended(by=event.by))
    return News(shortened=Shortening(**msgspec.structs.asdict(event)))


NAMES: dict[type, str] = {
    Started: "started",
    Shortened: "shortened",
    Lengthened: "lengthened",
    ThoughtEnded: "thought_ended",
}


def comment_of(event: Told, deadline: str) -> bytes:
    """``: waiting place=3 of=12 reason=busy expected_s=14 p90_s=40 deadline=2026-11-21T23:59:05Z``.

    Seconds are whole here. What is not known is left out. Who waits behind the others, their quota being used
    up, is told ``behind=quota resets_s=3600``.
    """
    if not isinstance(event, Queued):
        words: dict[str, object] = msgspec.structs.asdict(event)
        return _comment(NAMES[type(event)], words)
    words = {"place": event.position, "of": event.waiting, "reason": event.reason}
    if event.expected_s is not None:
        words["expected_s"] = math.ceil(event.expected_s)
    if event.p90_s is not None:
        words["p90_s"] = math.ceil(event.p90_s)
    if event.moved is not None:
        words["moved"] = event.moved
    if event.behind:
        words["behind"] = "quota"
        if event.resets_s is not None:
            words["resets_s"] = math.ceil(event.resets_s)
    return _comment("waiting", words | {"deadline": deadline})


def _comment(name: str, words: dict[str, object]) -> bytes:
    said = " ".join(f"{key}={value}" for key, value in words.items())
    return f": {name} {said}\n\n".encode()


def aged(told: Queued, seconds: float) -> Queued:
    """What ``told`` says ``seconds`` later. 0 is said of a time that has passed: due at any moment."""
    return msgspec.structs.replace(
        told,
        expected_s=_less(told.expected_s, seconds),
        p90_s=_less(told.p90_s, seconds),
        resets_s=_less(told.resets_s, seconds),
    )


def _less(told_s: float | None, seconds: float) -> float | None:
    return None if told_s is None else round(max(0.0, told_s - seconds), 1)


def utc_after(now: datetime, seconds: float) -> str:
    """The first whole second that is at least ``seconds`` after ``now``, which is in UTC."""
    at = now + timedelta(seconds=seconds)
    if at.microsecond:
        at = at.replace(microsecond=0) + timedelta(seconds=1)
    return at.replace(tzinfo=None).isoformat() + "Z"
