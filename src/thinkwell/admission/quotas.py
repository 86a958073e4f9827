"""Quotas: what people may use in a window, with a key, and at once. In memory; of each the book is read once.

What holds. A bound that refuses (the quota of a tier with ``refuse``, a person's own cap, a key's budget) is
never passed: a turn that is let in sets aside the most it can use, and is cut to what is left. Where the
quota only decides who goes behind, turns in flight count with what they are thought to use, so it may be
passed by those. Windows count by when a turn ends.

Knows people by ``Caller.person``, and nothing of turns but their number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from sqlalchemy.engine import Connection

from thinkwell.admission.left import KeyLeft, Left, amount_left
from thinkwell.admission.purses import Hold, Purse, Purses
from thinkwell.admission.refusals import LEAST_ANSWER, Bound, Refusals, seconds_to, too_many
from thinkwell.admission.spent import NO_CAP, Cap, Spent, own_cap, spent_by, spent_with
from thinkwell.admission.tiers import NOTHING, Need, TierRules, Worth, most_of
from thinkwell.errors import Interrupted, Refused
from thinkwell.store.database import Database
from thinkwell.values.caller import Caller

NO_RULES = TierRules()
NO_WORTH = Worth()
# How long turns last before any has ended, in seconds, and over how many the mean is.
FIRST_GUESS_S = 20.0
TURNS = 50


class Admitted(msgspec.Struct, frozen=True):
    """``behind`` the others, since the quota is used up until ``resets_s`` seconds from now.

    ``generated`` is the most that it may generate where a bound cuts it, ``most_thought`` the most that the
    tier lets it think; None: no bound of ours.
    """

    behind: bool = False
    resets_s: float | None = None
    generated: int | None = None
    most_thought: int | None = None


FREELY = Admitted()


class Quotas:
    """``worth`` is by model, ``default`` for those that are not named. Belongs to the event loop."""

    def __init__(
        self,
        database: Database,
        tiers: Mapping[str, TierRules],
        worth: Mapping[str, Worth],
        currency: str,
        now_us: Callable[[], int],
    ) -> None:
        self._database = database
        self._tiers = tiers
        self._worth = dict(worth)
        self._refusals = Refusals(currency)
        self.currency = currency
        self._now_us = now_us
        self._people = Purses()
        self._keys = Purses()
        self._holds: dict[str, Hold] = {}
        self._turn_s = FIRST_GUESS_S

    def rules(self, tier: str) -> TierRules:
        return self._tiers.get(tier, NO_RULES)

    def priced_as(self, model: str, like: str) -> None:
        """As ``Tariff.priced_as``."""
        self._worth.setdefault(model, self.worth(like))

    def worth(self, model: str) -> Worth:
        return self._worth.get(model) or self._worth.get("default", NO_WORTH)

    # -- admission -------------------------------------------------------------------------------

    async def admit(self, caller: Caller) -> None:
        """Know what ``caller`` used, and whether they may ask anything at all now. ``hold`` comes after.

        Costs a look at the database once per person and window. Raises OverQuota, BudgetSpent, TooManyAtOnce
        or StoreError.
        """
        purse, key = await self._known(caller)
        self._check_count(caller, purse)
        for bound in self._bounds(caller, purse, key):
            if bound.is_used_up():
                raise self._refusals.used_up(bound, self._now_us())

    def bounded(self, caller: Caller) -> bool:
        """Whether what a turn of theirs may use has to be known (``Need``)."""
        rules = self.rules(caller.tier)
        return rules.quota or _has_budget(caller) or self._cap(caller) != NO_CAP

    def cuts(self, caller: Caller, model: str, need: Need) -> bool:
        """Whether ``hold`` would give it less than it asks for, or nothing."""
        worth = self.worth(model)
        purse, key = self._purses_now(caller)
        return any(
            (room := bound.room(worth, need.prompt)) is not None and room < need.generated
            for bound in self._bounds(caller, purse, key)
        )

    def hold(self, caller: Caller, turn_id: str, model: str, need: Need | None = None) -> Admitted:
        """A turn is let in, until ``ended``. ``need`` may be missing where ``bounded`` says so.

        Raises OverQuota, BudgetSpent or TooManyAtOnce; then nothing is held.
        """
        rules, now = self.rules(caller.tier), self._now_us()
        purse, key = self._purses_now(caller)
        self._check_count(caller, purse)
        if not self._is_known(caller, purse, key):
            raise Interrupted("What you used is being looked up. Ask again.", retry_after_s=1)
        generated, worth = None, self.worth(model)
        if need is not None:
            for bound in self._bounds(caller, purse, key):
                room = bound.room(worth, need.prompt)
                if room is None or room >= need.generated:
                    continue
                if room < min(LEAST_ANSWER, need.generated):
                    raise self._refuse(bound, worth, need)
                generated = room if generated is None else min(generated, room)
        behind = rules.behind and not rules.refuse and self._is_out(rules, purse)
        most = likely = NOTHING
        if need is not None:
            may = need.generated if generated is None else generated
            most = most_of(worth, need.prompt, may)
            prompt = need.prompt if need.likely_prompt is None else min(need.prompt, need.likely_prompt)
            likely = most_of(worth, prompt, min(may, need.likely))
        self._holds[turn_id] = Hold([purse] if key is None else [purse, key], most, likely, now)
        return Admitted(
            behind,
            seconds_to(purse.ends, now) if behind else None,
            generated,
            rules.most_thought or None,
        )

    def _refuse(self, bound: Bound, worth: Worth, need: Need) -> Refused:
        if bound.frees_up(worth, need.prompt, min(LEAST_ANSWER, need.generated)):
            return self._refusals.set_aside(bound, self._one_ends_s(bound.purse))
        return self._refusals.used_up(bound, self._now_us())

    def _check_count(self, caller: Caller, purse: Purse) -> None:
        most = self.rules(caller.tier).most_live
        if most and purse.in_flight >= most:
            raise too_many(most, self._one_ends_s(purse))

    def _one_ends_s(self, purse: Purse) -> float:
        """About when the first of those in flight ends, by how long turns last here."""
        return max(1.0, self._turn_s / max(1, purse.in_flight))

    def _is_out(self, rules: TierRules, purse: Purse) -> bool:
        """Out of quota, those in flight counted with what they are thought to use."""
        return bool(
            (rules.tokens and purse.tokens + purse.likely.tokens >= rules.tokens)
            or (rules.money and purse.money + purse.likely.money >= rules.money)
        )

    def _bounds(self, caller: Caller, purse: Purse, key: Purse | None) -> list[Bound]:
        """What no turn of theirs may pass."""
        bounds: list[Bound] = []
        rules, cap, scope = self.rules(caller.tier), purse.cap, caller.key
        if cap != NO_CAP:
            bounds.append(Bound("cap", purse, cap.tokens, cap.money))
        if rules.refuse and rules.quota:
            bounds.append(Bound("quota", purse, rules.tokens or None, rules.money or None))
        if key is not None and scope is not None:
            bounds.append(Bound("budget", key, scope.budget_tokens, scope.budget_money))
        return bounds

    # -- what turns use --------------------------------------------------------------------------

    def free_left(self, caller: Caller) -> int:
        """Millionths of a price that would not be charged now."""
        free = self.rules(caller.tier).free
        purse = self._people.find(caller.person) if free else None
        if purse is None:
            return free
        self._turn_window(caller, purse)
        return max(0, free - purse.free)

    def used(self, caller: Caller, service: int, price: int, due: int, turn_id: str | None = None) -> None:
        """A turn is being closed that used so much. What it had set aside (``turn_id``) is free again."""
        spent = Spent(service, price, price - due)
        purse = self._people.find(caller.person)
        if purse is not None:
            self._turn_window(caller, purse)
            purse.use(spent)
        if caller.key is not None and (key := self._keys.find(caller.key.id)) is not None:
            key.use(spent)
        hold = self._holds.get(turn_id or "")
        if hold is not None:
            hold.settle()

    def ended(self, turn_id: str) -> None:
        """The turn runs no longer, whatever became of it. Without effect for one that was not let in."""
        hold = self._holds.pop(turn_id, None)
        if hold is None:
            return
        now = self._now_us()
        hold.end(now)
        self._turn_s += (max(0.0, (now - hold.since) / 1e6) - self._turn_s) / TURNS

    # -- who is who ------------------------------------------------------------------------------

    def joined(self, visitor: str, member: str) -> None:
        """All of one person's entries are another's now."""
        now = self._now_us()
        heir = self._people.take(member, now)
        heir.known = False  # read again, and the more of both counts
        was = self._people.pop(visitor)
        if was is None:
            return
        heir.inherit(was)
        for hold in self._holds.values():
            if hold.purses[0] is was:
                hold.move(heir)

    def forget(self, person: str, key_ids: list[str]) -> None:
        """They were erased, and nobody is called so any more."""
        self._people.pop(person)
        for key_id in key_ids:
            self._keys.pop(key_id)

    def capped(self, account_id: str, cap: Cap) -> None:
        """A person's own cap was stored: it holds from the next turn on."""
        purse = self._people.find(account_id)
        if purse is not None:
            purse.cap = cap

    async def left(self, caller: Caller) -> Left:
        """For pages. Raises StoreError."""
        if self._is_read(caller):
            await self._known(caller)
            return self.left_now(caller)
        # Nothing bounds them, so what they used was never read: it is, for this once.
        found, running = Purse(), self._people.find(caller.person)
        found.at(self._now_us(), self.rules(caller.tier).window_hours)
        found.learn(await self._database.read(lambda tx: spent_by(tx, caller.person, found.begins)))
        found.in_flight = 0 if running is None else running.in_flight
        return self._left(caller, found, None)

    def unused(self, caller: Caller) -> Left:
        """Of somebody who was never here."""
        found = Purse()
        found.at(self._now_us(), self.rules(caller.tier).window_hours)
        return self._left(caller, found, None)

    def left_now(self, caller: Caller) -> Left:
        """As far as it is known: after ``admit``."""
        return self._left(caller, *self._purses_now(caller))

    def _left(self, caller: Caller, purse: Purse, key: Purse | None) -> Left:
        rules, cap, scope = self.rules(caller.tier), purse.cap, caller.key
        keys = None
        if key is not None and scope is not None:
            keys = KeyLeft(
                tokens=amount_left(scope.budget_tokens, key.tokens, key.most.tokens),
                money=amount_left(scope.budget_money, key.money, key.most.money),
            )
        held = purse.most if rules.refuse else NOTHING
        return Left(
            tier=caller.tier,
            begins_at=purse.begins,
            resets_at=purse.ends,
            used_tokens=purse.tokens,
            used_money=purse.money,
            tokens=amount_left(rules.tokens or None, purse.tokens, held.tokens),
            money=amount_left(rules.money or None, purse.money, held.money),
            free=amount_left(rules.free or None, purse.free, 0),
            cap_tokens=amount_left(cap.tokens, purse.tokens, purse.most.tokens),
            cap_money=amount_left(cap.money, purse.money, purse.most.money),
            key=keys,
            refuse=rules.refuse,
            most_live=rules.most_live,
            live=purse.in_flight,
            one_ends_s=self._one_ends_s(purse),
            known=self._is_known(caller, purse, key),
        )

    # -- purses ----------------------------------------------------------------------------------

    def _is_read(self, caller: Caller) -> bool:
        """Whether the book has to be asked: for a quota, an allowance, or a person's own cap."""
        rules = self.rules(caller.tier)
        return rules.quota or bool(rules.free) or caller.kind != "visitor"

    def _is_known(self, caller: Caller, purse: Purse, key: Purse | None) -> bool:
        return (purse.known or not self._is_read(caller)) and (key is None or key.known)

    def _cap(self, caller: Caller) -> Cap:
        purse = self._people.find(caller.person)
        return NO_CAP if purse is None else purse.cap

    def _purses_now(self, caller: Caller) -> tuple[Purse, Purse | None]:
        now = self._now_us()
        purse = self._people.take(caller.person, now)
        purse.at(now, self.rules(caller.tier).window_hours)
        scope = caller.key
        return purse, self._keys.take(scope.id, now) if scope is not None and _has_budget(caller) else None

    def _turn_window(self, caller: Caller, purse: Purse) -> None:
        purse.at(self._now_us(), purse.hours or self.rules(caller.tier).window_hours)

    async def _known(self, caller: Caller) -> tuple[Purse, Purse | None]:
        purse, key = self._purses_now(caller)
        person = caller.person if self._is_read(caller) and not purse.known else None
        key_id = caller.key.id if caller.key is not None and key is not None and not key.known else None
        if person is None and key_id is None:
            return purse, key
        begins = purse.begins

        def read(connection: Connection) -> tuple[Spent, Cap, Spent]:
            return (
                Spent() if person is None else spent_by(connection, person, begins),
                NO_CAP if person is None else own_cap(connection, person),
                Spent() if key_id is None else spent_with(connection, key_id),
            )

        spent, cap, with_key = await self._database.read(read)
        purse, key = self._purses_now(caller)
        if key is not None and key_id is not None:
            key.learn(with_key)
        if person is not None and not purse.known:
            if purse.begins != begins:
                return await self._known(caller)  # another window began meanwhile
            purse.learn(spent)
            purse.cap = cap
        return purse, key


def _has_budget(caller: Caller) -> bool:
    key = caller.key
    return key is not None and (key.budget_tokens is not None or key.budget_money is not None)
