"""Purse: what one person used in a window, or what was asked with a key, and what turns in flight may use of
it yet. In memory; pure: knows no database, and its clock is given."""

from __future__ import annotations

from collections import OrderedDict

from thinkwell.admission.spent import NO_CAP, Spent
from thinkwell.admission.tiers import NOTHING, Amount, window_at

# A purse that nothing is in flight of is forgotten after so long: by then the book has all of it.
IDLE_US = 600_000_000
# So many are looked at with every question.
LOOKED_AT = 2


class Purse:
    """``known``: what the book has is in it. Until then it counts what it is told all the same.

    ``most`` is what turns in flight may use yet, ``likely`` what they are thought to.
    """

    __slots__ = (
        "begins",
        "cap",
        "ends",
        "free",
        "hours",
        "in_flight",
        "known",
        "likely",
        "money",
        "most",
        "tokens",
        "touched",
    )

    def __init__(self) -> None:
        self.known = False
        self.cap = NO_CAP
        self.hours = self.begins = self.ends = 0  # the window; 0: for ever
        self.tokens = self.money = self.free = 0
        self.in_flight = 0
        self.most = self.likely = NOTHING
        self.touched = 0

    def at(self, now_us: int, hours: int) -> None:
        """Begin a new window where one is over. A clock that goes back changes nothing."""
        if hours == self.hours and now_us < self.ends:
            return
        if self.hours and hours != self.hours:
            self.known = False  # another tier, another window
        self.hours = hours
        self.begins, self.ends = window_at(now_us, hours)
        self.tokens = self.money = self.free = 0

    def learn(self, spent: Spent) -> None:
        """What the book has. It may miss what ended a moment ago, and that was counted here."""
        self.known = True
        self.tokens = max(self.tokens, spent.tokens)
        self.money = max(self.money, spent.money)
        self.free = max(self.free, spent.free)

    def use(self, spent: Spent) -> None:
        self.tokens += spent.tokens
        self.money += spent.money
        self.free += spent.free

    def inherit(self, was: Purse) -> None:
        """What another used is this one's. Of different windows only the book knows what counts in this."""
        if not self.hours:
            self.hours, self.begins, self.ends = was.hours, was.begins, was.ends
        if (self.begins, self.ends) == (was.begins, was.ends):
            self.use(Spent(was.tokens, was.money, was.free))


class Purses:
    """By person, or by key; those that rest are forgotten."""

    def __init__(self) -> None:
        self._purses: OrderedDict[str, Purse] = OrderedDict()

    def __len__(self) -> int:
        return len(self._purses)

    def find(self, name: str) -> Purse | None:
        return self._purses.get(name)

    def take(self, name: str, now_us: int) -> Purse:
        """Of somebody who asks. Others that rest go."""
        self._forget(now_us)
        purse = self._purses.get(name)
        if purse is None:
            purse = self._purses[name] = Purse()
        self._touch(name, purse, now_us)
        return purse

    def pop(self, name: str) -> Purse | None:
        return self._purses.pop(name, None)

    def _touch(self, name: str, purse: Purse, now_us: int) -> None:
        purse.touched = now_us
        self._purses.move_to_end(name)

    def _forget(self, now_us: int) -> None:
        for _ in range(LOOKED_AT):
            name, purse = next(iter(self._purses.items()), ("", None))
            if purse is None or now_us - purse.touched < IDLE_US:
                return
            if purse.in_flight:
                self._touch(name, purse, now_us)
            else:
                del self._purses[name]


class Hold:
    """What a turn in flight may use yet, in the purses that bear it: its person's, and its key's."""

    __slots__ = ("_likely", "_most", "purses", "since")

    def __init__(self, purses: list[Purse], most: Amount, likely: Amount, since_us: int) -> None:
        self.purses = purses
        self.since = since_us
        self._most = most
        self._likely = likely
        for purse in purses:
            self._put(purse)

    def _put(self, purse: Purse) -> None:
        purse.in_flight += 1
        purse.most = purse.most.plus(self._most)
        purse.likely = purse.likely.plus(self._likely)

    def settle(self) -> None:
        """What it used is known, and counted: it may use nothing more."""
        for purse in self.purses:
            purse.most = purse.most.less(self._most)
            purse.likely = purse.likely.less(self._likely)
        self._most = self._likely = NOTHING

    def end(self, now_us: int) -> None:
        self.settle()
        for purse in self.purses:
            purse.in_flight -= 1
            purse.touched = now_us

    def move(self, heir: Purse) -> None:
        """From its person's purse to another's."""
        was, self.purses[0] = self.purses[0], heir
        was.in_flight -= 1
        was.most = was.most.less(self._most)
        was.likely = was.likely.less(self._likely)
        self._put(heir)
