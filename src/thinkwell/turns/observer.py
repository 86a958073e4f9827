"""Observer: told what happens to turns. Metrics, the operator's page, traces and the log are observers.

It is called from the event loop, between the tokens of others: what it does takes microseconds.
"""

from __future__ import annotations

import logging
from asyncio import TaskGroup
from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar, cast

from thinkwell.errors import Refused
from thinkwell.turns.live import LiveTurn
from thinkwell.values.caller import Caller
from thinkwell.values.event import TurnEnd
from thinkwell.values.turn import TurnRequest

log = logging.getLogger(__name__)

Told = ParamSpec("Told")
Begin = TypeVar("Begin", bound=Callable[..., Awaitable[Any]])


class Observer(Protocol):
    """``begun`` when a turn is admitted, from the task of who asks; ``leased`` whenever its turn has come, on
    the named replica; ``asked`` and ``answered`` around each pass there; ``closing`` when all is said, and
    ``ended`` once, at last. ``refused``: ``caller`` asked and there was no turn."""

    def begun(self, live: LiveTurn) -> None: ...

    def leased(self, live: LiveTurn, replica: str) -> None: ...

    def asked(self, live: LiveTurn) -> None: ...

    def answered(self, live: LiveTurn) -> None: ...

    def closing(self, live: LiveTurn) -> None: ...

    def ended(self, live: LiveTurn, end: TurnEnd) -> None: ...

    def refused(self, caller: Caller, why: Refused) -> None: ...


class Unmoved:
    """An Observer to whom nothing matters: others say what does."""

    def begun(self, live: LiveTurn) -> None:
        pass

    def leased(self, live: LiveTurn, replica: str) -> None:
        pass

    def asked(self, live: LiveTurn) -> None:
        pass

    def answered(self, live: LiveTurn) -> None:
        pass

    def closing(self, live: LiveTurn) -> None:
        pass

    def ended(self, live: LiveTurn, end: TurnEnd) -> None:
        pass

    def refused(self, caller: Caller, why: Refused) -> None:
        pass


class Observers:
    """Several as one. Whom a moment does not matter costs nothing in it; one that fails harms no turn."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._begun = [one.begun for one in observers if _minds(one, "begun")]
        self._leased = [one.leased for one in observers if _minds(one, "leased")]
        self._asked = [one.asked for one in observers if _minds(one, "asked")]
        self._answered = [one.answered for one in observers if _minds(one, "answered")]
        self._closing = [one.closing for one in observers if _minds(one, "closing")]
        self._ended = [one.ended for one in observers if _minds(one, "ended")]
        self._refused = [one.refused for one in observers if _minds(one, "refused")]

    def begun(self, live: LiveTurn) -> None:
        _tell(self._begun, live)

    def leased(self, live: LiveTurn, replica: str) -> None:
        _tell(self._leased, live, replica)

    def asked(self, live: LiveTurn) -> None:
        _tell(self._asked, live)

    def answered(self, live: LiveTurn) -> None:
        _tell(self._answered, live)

    def closing(self, live: LiveTurn) -> None:
        _tell(self._closing, live)

    def ended(self, live: LiveTurn, end: TurnEnd) -> None:
        _tell(self._ended, live, end)

    def refused(self, caller: Caller, why: Refused) -> None:
        _tell(self._refused, caller, why)


def _minds(observer: Observer, moment: str) -> bool:
    return getattr(type(observer), moment) is not getattr(Unmoved, moment)


def _tell(observers: Sequence[Callable[Told, None]], *args: Told.args, **kwargs: Told.kwargs) -> None:
    for tell in observers:
        try:
            tell(*args, **kwargs)
        except Exception:  # a boundary: a turn must not end because somebody failed to count it
            log.exception("an observer of turns failed by a fault of the site")


def tells_refusals(begin: Begin) -> Begin:
    """For a method ``begin(tasks, request, …)`` of somebody with an ``observer``: who was refused and why."""

    @wraps(begin)
    async def telling(self: Any, tasks: TaskGroup, request: TurnRequest, *more: Any, **named: Any) -> Any:
        try:
            return await begin(self, tasks, request, *more, **named)
        except Refused as why:
            self.observer.refused(request.caller, why)
            raise

    return cast(Begin, telling)
