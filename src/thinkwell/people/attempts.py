"""Failed sign-ins are slowed: by the name that is tried, and by the network that tries. In memory.

Nobody is kept out for ever. A hold lasts a minute at most, doubles only with failures, and is forgotten a
while after the last. Two more things keep an attacker from holding up the owner of a name:

- whoever asks during a hold makes nothing of it longer but the hold of their own network;
- a network from which the name was signed in before is not held for what others try at that name, and
  neither is a browser that is signed in (the caller of ``begin`` says so).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from thinkwell.errors import TooManyTries

FREE_OF_NAME = 8
FREE_OF_NETWORK = 30  # hundreds of people may share one
LONGEST_S = 60.0
FORGET_S = 900.0
MOST_REMEMBERED = 20_000


class _Tries:
    __slots__ = ("count", "free_at", "last")

    def __init__(self) -> None:
        self.count = 0
        self.free_at = 0.0
        self.last = 0.0


class Attempts:
    """``clock`` counts seconds, monotonic. What is remembered is bounded: the oldest go first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._names: OrderedDict[str, _Tries] = OrderedDict()
        self._networks: OrderedDict[str, _Tries] = OrderedDict()
        self._homes: OrderedDict[tuple[str, str], None] = OrderedDict()

    def begin(self, name: str, network: str, *, known: bool = False) -> None:
        """One try, which counts as failed until it is said to be ``good``: many at once must win nothing.

        ``name`` is a name's key, or whatever else is guessed at. ``known``: the browser is signed in as
        that person. Raises TooManyTries, which says when to come back.
        """
        now = self._clock()
        by_network = _tries(self._networks, network, now)
        by_name = None if known or (name, network) in self._homes else _tries(self._names, name, now)
        held_s = max(by_network.free_at, by_name.free_at if by_name is not None else 0.0) - now
        _count(by_network, FREE_OF_NETWORK, now)
        if held_s > 0:
            raise TooManyTries(
                "Too many sign-ins failed. Wait a moment, then try again.", retry_after_s=held_s
            )
        if by_name is not None:
            _count(by_name, FREE_OF_NAME, now)

    def good(self, name: str, network: str) -> None:
        """The try that began last was right."""
        self._names.pop(name, None)
        tries = self._networks.get(network)
        if tries is not None and tries.count > 0:
            # One of many in this network: what the others failed stays. So an attacker with an account of
            # their own does not clear the way.
            tries.count -= 1
            if tries.count <= FREE_OF_NETWORK:
                tries.free_at = 0.0
        self._homes[name, network] = None
        self._homes.move_to_end((name, network))
        _bound(self._homes)


def _tries(known: OrderedDict[str, _Tries], key: str, now: float) -> _Tries:
    tries = known.get(key)
    if tries is None or now - tries.last > FORGET_S:
        tries = known[key] = _Tries()
    known.move_to_end(key)
    _bound(known)
    return tries


def _count(tries: _Tries, free: int, now: float) -> None:
    tries.last = now
    tries.count += 1
    over = tries.count - free
    if over > 0:
        tries.free_at = now + min(LONGEST_S, 2.0 ** min(over - 1, 10))


def _bound(known: OrderedDict[str, _Tries] | OrderedDict[tuple[str, str], None]) -> None:
    while len(known) > MOST_REMEMBERED:
        known.popitem(last=False)
