"""Quotas, caps and budgets: never passed where they refuse, whatever happens in whatever order; counted as the
book has it, also after a restart; and refusals that say what is used up and when to come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import insert
from sqlalchemy.engine import Connection

from thinkwell.admission.purses import IDLE_US
from thinkwell.admission.quotas import Quotas
from thinkwell.admission.refusals import LEAST_ANSWER
from thinkwell.admission.spent import Cap, Spent, store_cap
from thinkwell.admission.tiers import (
    HOUR_US,
    NOTHING,
    Need,
    TierRules,
    Worth,
    generated_for,
    most_of,
    window_at,
)
from thinkwell.errors import BudgetSpent, Interrupted, OverQuota, Refused, TooManyAtOnce
from thinkwell.people import accounts
from thinkwell.store.database import Database, open_database
from thinkwell.store.tables import entries
from thinkwell.values.caller import Caller, KeyScope

START = 1_000 * HOUR_US
MODEL = "m"
# Of these prices a prompt of 100 and an answer of 100 tokens are 100 + 400 millionths.
WORTH = Worth(1_000_000, 4_000_000)
A_TURN = Need(100, 200, 100)


class Clock:
    def __init__(self, now: int = START) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def passes(self, us: int) -> None:
        self.now += us


def quotas_of(database: Database, clock: Clock, **tiers: TierRules) -> Quotas:
    return Quotas(database, tiers, {"default": WORTH}, "EUR", clock)


def member(name: str = "ada", *, tier: str = "member", key: KeyScope | None = None) -> Caller:
    id = f"member:{name}"
    return Caller(kind="member" if key is None else "key", id=id, person=id, tier=tier, key=key)


def visitor(name: str = "v") -> Caller:
    return Caller(kind="visitor", id=f"visitor:{name}", person=f"visitor:{name}")


def entry(
    caller: Caller, id: str, clock: Clock, tokens: tuple[int, int], money: tuple[int, int] | None = None
) -> Callable[[Connection], None]:
    """Of a turn that ends now, of so many tokens of prompt and answer; ``money``: its price, and what is due."""
    prompt, answer = tokens
    most = most_of(WORTH, prompt, answer).money
    price, due = (most, most) if money is None else money
    row = {
        "turn_id": id,
        "owner": caller.id,
        "person": caller.person,
        "model": MODEL,
        "opened_at": clock(),
        "closed_at": clock(),
        "prompt_tokens": prompt,
        "answer_tokens": answer,
        "tier": caller.tier,
        "key_id": None if caller.key is None else caller.key.id,
        "price": price,
        "due": due,
    }

    def write(tx: Connection) -> None:
        tx.execute(insert(entries), [row])

    return write


async def asked(quotas: Quotas, caller: Caller, id: str, need: Need = A_TURN) -> int | None:
    """Let in; the tokens it was cut to."""
    await quotas.admit(caller)
    return quotas.hold(caller, id, MODEL, need).generated


def closed(quotas: Quotas, caller: Caller, id: str, tokens: tuple[int, int]) -> None:
    most = most_of(WORTH, *tokens)
    quotas.used(caller, most.tokens, most.money, most.money, id)
    quotas.ended(id)


@pytest.fixture
async def database(data: Path) -> AsyncIterator[Database]:
    opened = await open_database(data)
    yield opened
    await opened.close()


# -- whatever happens --------------------------------------------------------------------------------


class Turn:
    def __init__(self, caller: Caller, prompt: int, most: int) -> None:
        self.caller = caller
        self.prompt = prompt
        self.most = most
        self.said = 0


def _sum(spent: Iterable[Spent]) -> Spent:
    sums = [(one.tokens, one.money, one.free) for one in spent]
    return Spent(*(sum(part) for part in zip(*sums, strict=True))) if sums else Spent()


class QuotaMachine(RuleBasedStateMachine):
    """{ask, chunk, end, abort, cap, window passes, rest, restart}, beside the book."""

    runner: asyncio.Runner
    database: Database
    number = 0

    @initialize(
        refuse=st.booleans(),
        tokens=st.sampled_from([0, 1000, 3000]),
        money=st.sampled_from([0, 2000]),
        budget=st.sampled_from([None, 1500]),
    )
    def begin(self, refuse: bool, tokens: int, money: int, budget: int | None) -> None:
        QuotaMachine.number += 1
        self.clock = Clock()
        self.rules = TierRules(window_hours=2, tokens=tokens, money=money, free=700, refuse=refuse)
        name = f"p{self.number}"
        scope = KeyScope(id=f"key_{name}", budget_tokens=budget)
        self.callers = [member(name), member(name, key=scope)]
        self.budget = budget
        self.cap = Cap()
        self.turns: dict[str, Turn] = {}
        self.book: list[tuple[int, bool, Spent]] = []  # closed at, with the key, what it used
        self.ids = 0
        self.run(self.database.write(lambda tx: accounts.ensure(tx, self.callers[0], 0)))
        self.start()

    def run(self, work: object) -> object:
        return self.runner.run(work)  # type: ignore[arg-type]

    def start(self) -> None:
        self.quotas = quotas_of(self.database, self.clock, member=self.rules)

    @rule(key=st.booleans(), prompt=st.integers(1, 400), most=st.integers(1, 900))
    def ask(self, key: bool, prompt: int, most: int) -> None:
        self.ids += 1
        id, caller = f"t{self.number}.{self.ids}", self.callers[key]
        try:
            self.run(self.quotas.admit(caller))
            held = self.quotas.hold(caller, id, MODEL, Need(prompt, most, 100))
        except Refused as why:
            self.the_refusal_is_true(why, caller, prompt, most)
            return
        may = most if held.generated is None else held.generated
        assert min(LEAST_ANSWER, most) <= may <= most
        used = self.used()
        out = bool(self.rules.tokens and used.tokens >= self.rules.tokens)
        out |= bool(self.rules.money and used.money >= self.rules.money)
        assert held.behind or not out or self.rules.refuse
        assert not (held.behind and self.rules.refuse)
        if held.behind:
            assert held.resets_s == (window_at(self.clock(), 2)[1] - self.clock()) / 1e6
        self.turns[id] = Turn(caller, prompt, may)

    def the_refusal_is_true(self, why: Refused, caller: Caller, prompt: int, most: int) -> None:
        """Some bound that it may name leaves too little."""
        least = min(LEAST_ANSWER, most)
        quota = (self.rules.tokens or None, self.rules.money or None) if self.rules.refuse else (None, None)
        bounds = [(quota, self.used(), None), ((self.cap.tokens, self.cap.money), self.used(), None)]
        if isinstance(why, BudgetSpent):
            assert caller.key is not None
            bounds = [((self.budget, None), self.used_with_key(), caller.key.id)]
        for (tokens, money), used, key in bounds:
            held = [t for t in self.turns.values() if key is None or t.caller.key is not None]
            sums = [most_of(WORTH, turn.prompt, turn.most) for turn in held]
            left = (
                None if tokens is None else tokens - used.tokens - sum(one.tokens for one in sums),
                None if money is None else money - used.money - sum(one.money for one in sums),
            )
            room = generated_for(WORTH, prompt, *left)
            if (room is not None and room < least) or 0 in (tokens, money):
                break
        else:
            raise AssertionError(why.message)

    @rule(data=st.data(), tokens=st.integers(1, 300))
    def chunk(self, data: st.DataObject, tokens: int) -> None:
        if self.turns:
            turn = self.turns[data.draw(st.sampled_from(sorted(self.turns)))]
            turn.said = min(turn.most, turn.said + tokens)

    @rule(data=st.data(), aborted=st.booleans(), stored=st.booleans(), twice=st.booleans())
    def end(self, data: st.DataObject, aborted: bool, stored: bool, twice: bool) -> None:
        """The book may know of it before the quotas are told, or after; and it may be closed ``twice``, since
        it could not be written the first time."""
        if not self.turns:
            return
        id = data.draw(st.sampled_from(sorted(self.turns)))
        turn = self.turns[id]
        spent, write = self.close(id, turn.said if aborted else turn.most)
        if stored:
            write()
        if twice:
            self.quotas.used(turn.caller, spent.tokens, spent.money + 5, spent.money + 5, id)
            self.quotas.used(turn.caller, -spent.tokens, -spent.money - 5, -spent.money - 5)
        self.quotas.used(turn.caller, spent.tokens, spent.money, spent.money - spent.free, id)
        if not stored:
            write()
        self.quotas.ended(id)

    @rule(tokens=st.sampled_from([None, 0, 800]), money=st.sampled_from([None, 1200]))
    def set_a_cap(self, tokens: int | None, money: int | None) -> None:
        """Turns in flight were let in under the old one: they end first."""
        for id in list(self.turns):
            caller = self.turns[id].caller
            spent, write = self.close(id, 0)
            write()
            self.quotas.used(caller, spent.tokens, spent.money, spent.money - spent.free, id)
            self.quotas.ended(id)
        self.cap = Cap(tokens, money)
        self.run(self.quotas.left(self.callers[0]))
        self.run(self.database.write(lambda tx: store_cap(tx, self.callers[0].id, self.cap)))
        self.quotas.capped(self.callers[0].id, self.cap)
        self.begun_with = self.used()

    @rule(us=st.sampled_from([1_000_000, IDLE_US, HOUR_US, 5 * HOUR_US]))
    def time_passes(self, us: int) -> None:
        self.clock.passes(us)
        self.run(self.quotas.admit(visitor("another")))  # who rests may be forgotten now

    @rule()
    def restart(self) -> None:
        """The process dies; the next one closes what it left open, free of charge, then begins."""
        for id in list(self.turns):
            self.close(id, self.turns[id].said, failed=True)[1]()
        self.start()

    def used(self) -> Spent:
        begins, _ = window_at(self.clock(), 2)
        return _sum(spent for at, _, spent in self.book if at >= begins)

    def used_with_key(self) -> Spent:
        return _sum(spent for _, key, spent in self.book if key)

    def close(self, id: str, said: int, *, failed: bool = False) -> tuple[Spent, Callable[[], None]]:
        """What a turn used, and the writing of its entry."""
        turn = self.turns.pop(id)
        most = most_of(WORTH, turn.prompt, said)
        price = 0 if failed else most.money
        free = min(price, self.quotas.free_left(turn.caller))
        spent = Spent(most.tokens, price, free)
        self.book.append((self.clock(), turn.caller.key is not None, spent))
        row = entry(turn.caller, id, self.clock, (turn.prompt, said), (price, price - free))
        return spent, lambda: self.run(self.database.write(row))

    @invariant()
    def nothing_that_refuses_is_ever_passed(self) -> None:
        """Whatever the turns in flight say yet."""
        if not hasattr(self, "turns"):
            return
        used = self.used()
        in_flight = sum(most_of(WORTH, turn.prompt, turn.most).tokens for turn in self.turns.values())
        cost = sum(most_of(WORTH, turn.prompt, turn.most).money for turn in self.turns.values())
        if self.rules.refuse:
            assert not self.rules.tokens or used.tokens + in_flight <= self.rules.tokens
            assert not self.rules.money or used.money + cost <= self.rules.money
        before = getattr(self, "begun_with", None)
        if self.cap.tokens is not None and before is not None:
            assert used.tokens + in_flight <= max(self.cap.tokens, before.tokens)
        if self.budget is not None:
            with_key = [turn for turn in self.turns.values() if turn.caller.key is not None]
            may = sum(most_of(WORTH, turn.prompt, turn.most).tokens for turn in with_key)
            assert self.used_with_key().tokens + may <= self.budget
        assert used.free <= self.rules.free

    @invariant()
    def what_is_shown_is_what_the_book_has(self) -> None:
        if not hasattr(self, "turns"):
            return
        left = self.run(self.quotas.left(self.callers[1]))
        used = self.used()
        assert (left.used_tokens, left.used_money) == (used.tokens, used.money)  # type: ignore[attr-defined]
        assert left.live == len(self.turns)  # type: ignore[attr-defined]
        most = [most_of(WORTH, turn.prompt, turn.most) for turn in self.turns.values()]
        for shown, held, limit in (
            (left.tokens, sum(one.tokens for one in most), self.rules.tokens),  # type: ignore[attr-defined]
            (left.money, sum(one.money for one in most), self.rules.money),  # type: ignore[attr-defined]
        ):
            assert (shown is None) == (limit == 0)
            if shown is not None:
                assert shown.held == (held if self.rules.refuse else 0)
                assert shown.left == max(0, limit - shown.used - shown.held)
        if self.budget is not None:
            assert left.key.tokens.used == self.used_with_key().tokens  # type: ignore[attr-defined]

    def teardown(self) -> None:
        """When all have ended, nothing is held, and what was used is what the receipts say."""
        if not hasattr(self, "turns"):
            return
        for id in list(self.turns):
            turn = self.turns[id]
            spent, write = self.close(id, turn.said)
            self.quotas.used(turn.caller, spent.tokens, spent.money, spent.money - spent.free, id)
            write()
            self.quotas.ended(id)
        assert self.quotas._holds == {}
        for purse in (*self.quotas._people._purses.values(), *self.quotas._keys._purses.values()):
            assert (purse.in_flight, purse.most, purse.likely) == (0, NOTHING, NOTHING)
        self.what_is_shown_is_what_the_book_has()


def test_no_order_of_events_lets_anybody_pass_what_refuses_or_miscounts(data: Path) -> None:
    with asyncio.Runner() as runner:
        QuotaMachine.runner = runner
        QuotaMachine.database = runner.run(open_database(data))
        run_state_machine_as_test(
            QuotaMachine, settings=settings(max_examples=200, stateful_step_count=30, deadline=None)
        )
        runner.run(QuotaMachine.database.close())


# -- what is told ------------------------------------------------------------------------------------


async def test_a_used_up_quota_is_refused_with_what_it_was_and_when_it_begins_anew(
    database: Database,
) -> None:
    clock = Clock(START + 1_000_000)
    quotas = quotas_of(database, clock, member=TierRules(window_hours=24, tokens=500, refuse=True))
    ada = member()
    await asked(quotas, ada, "t", Need(100, 200, 100))
    closed(quotas, ada, "t", (100, 200))
    clock.passes(500_000)
    with pytest.raises(OverQuota) as why:
        await quotas.admit(ada)
    ends = window_at(clock(), 24)[1]
    assert why.value.message == (
        "Your quota, 500 tokens, is used up. It begins anew at 1970-02-12 00:00 UTC."
    )
    assert why.value.retry_after_s == (ends - clock()) / 1e6
    clock.now = ends
    await quotas.admit(ada)


async def test_what_is_set_aside_for_answers_to_come_is_told_apart_from_what_is_used(
    database: Database,
) -> None:
    quotas = quotas_of(database, Clock(), member=TierRules(tokens=600, refuse=True))
    ada = member()
    assert await asked(quotas, ada, "t1") is None
    with pytest.raises(OverQuota, match="set aside for 1 answer still to come") as why:
        await asked(quotas, ada, "t2")
    assert why.value.retry_after_s is not None
    assert why.value.retry_after_s < 60
    closed(quotas, ada, "t1", (100, 0))
    assert await asked(quotas, ada, "t3") is None
    closed(quotas, ada, "t3", (100, 100))
    with pytest.raises(OverQuota, match="what is left is too little for this question"):
        await asked(quotas, ada, "t4", Need(400, 200, 100))


async def test_a_turn_is_cut_to_what_is_left_and_no_shorter_than_is_worth_it(database: Database) -> None:
    quotas = quotas_of(database, Clock(), member=TierRules(tokens=100 + 2 * LEAST_ANSWER, refuse=True))
    assert await asked(quotas, member(), "t", Need(100, 5000, 100)) == LEAST_ANSWER
    quotas = quotas_of(database, Clock(), member=TierRules(tokens=99 + 2 * LEAST_ANSWER, refuse=True))
    with pytest.raises(OverQuota):
        await asked(quotas, member(), "t", Need(100, 5000, 100))
    assert await asked(quotas, member(), "t", Need(100, 10, 10)) is None, "it asks for less than that"


async def test_a_quota_in_money_is_cut_by_the_prices_of_the_model(database: Database) -> None:
    quotas = quotas_of(database, Clock(), member=TierRules(money=1000, refuse=True))
    assert await asked(quotas, member(), "t", Need(100, 5000, 100)) == (1000 - 100) // 4
    with pytest.raises(OverQuota, match=r"0\.001 EUR"):
        await asked(quotas, member(), "t2")


async def test_out_of_quota_means_behind_by_default_and_says_until_when(database: Database) -> None:
    clock = Clock(START + 2 * HOUR_US)
    quotas = quotas_of(database, clock, member=TierRules(window_hours=5, tokens=500))
    ada = member()
    first = quotas.hold(ada, "t", MODEL, Need(100, 5000, 200)) if await asked_freely(quotas, ada) else None
    assert first is not None
    assert (first.behind, first.generated) == (False, None)
    second = quotas.hold(ada, "t2", MODEL, Need(100, 5000, 200))
    assert second.behind, "the first is thought to use it up"
    assert second.resets_s == 3 * 3600
    quotas.ended("t")
    quotas.ended("t2")
    assert not quotas.hold(ada, "t3", MODEL, Need(100, 5000, 200)).behind


async def test_how_long_a_prompt_is_thought_to_be_counts_and_not_how_long_it_may_be(
    database: Database,
) -> None:
    quotas = quotas_of(database, Clock(), member=TierRules(tokens=400))
    ada = member()
    await quotas.admit(ada)
    for id in ("a", "b", "c"):
        held = quotas.hold(ada, id, MODEL, Need(4000, 100, 50, 100))
        assert held.behind == (id == "c"), "100 and twice 50 each"


async def test_where_there_is_no_line_to_go_behind_in_a_quota_counts_and_no_more(database: Database) -> None:
    quotas = quotas_of(database, Clock(), member=TierRules(tokens=100, behind=False))
    ada = member()
    assert await asked(quotas, ada, "t") is None
    closed(quotas, ada, "t", (100, 200))
    await quotas.admit(ada)
    admitted = quotas.hold(ada, "t2", MODEL, A_TURN)
    assert (admitted.behind, admitted.resets_s, admitted.generated) == (False, None, None)
    left = await quotas.left(ada)
    assert left.tokens is not None
    assert (left.tokens.used, left.tokens.left) == (500, 0)


async def test_a_window_that_turns_while_a_turn_runs_counts_it_when_it_ends(database: Database) -> None:
    clock = Clock()
    quotas = quotas_of(database, clock, member=TierRules(window_hours=1, tokens=600, refuse=True))
    ada = member()
    await asked(quotas, ada, "t")
    clock.passes(HOUR_US)
    with pytest.raises(OverQuota, match="set aside for 1 answer"):
        await asked(quotas, ada, "t2")
    closed(quotas, ada, "t", (100, 200))
    await database.write(entry(ada, "t", clock, (100, 200)))
    for known in (quotas, quotas_of(database, clock, member=TierRules(window_hours=1, tokens=600))):
        left = await known.left(ada)
        assert left.tokens is not None
        assert (left.tokens.used, left.live) == (500, 0)


async def test_a_person_whose_tier_changes_is_counted_in_the_new_window(database: Database) -> None:
    clock = Clock(START + 3 * HOUR_US)
    quotas = quotas_of(
        database,
        clock,
        member=TierRules(window_hours=1, tokens=10_000, refuse=True),
        gold=TierRules(window_hours=5, tokens=10_000, refuse=True),
    )
    await asked(quotas, member(), "before")
    await database.write(entry(member(), "before", clock, (100, 100)))
    closed(quotas, member(), "before", (100, 100))
    clock.passes(HOUR_US)
    await asked(quotas, member(), "runs")
    left = await quotas.left(member(tier="gold"))
    assert left.tokens is not None
    assert (left.tokens.used, left.tokens.held, left.live) == (300, 500, 1)
    closed(quotas, member(tier="gold"), "runs", (100, 200))
    left = await quotas.left(member(tier="gold"))
    assert left.tokens is not None
    assert (left.tokens.used, left.tokens.held, left.live) == (800, 0, 0)


async def test_what_was_not_let_in_holds_nothing(database: Database) -> None:
    quotas = quotas_of(database, Clock(), member=TierRules(tokens=1000, refuse=True, most_live=2))
    ada = member(key=KeyScope(id="k", budget_tokens=250))
    await asked(quotas, ada, "t", Need(100, 70, 70))
    for need in (Need(100, 200, 100), Need(2000, 10, 10)):
        with pytest.raises(Refused):
            quotas.hold(ada, "t2", MODEL, need)
    quotas.ended("t2")
    left = await quotas.left(ada)
    assert left.live == 1
    assert left.tokens is not None
    assert left.key is not None
    assert left.key.tokens is not None
    assert (left.tokens.held, left.key.tokens.held) == (240, 240)
    quotas.ended("t")
    left = await quotas.left(ada)
    assert (left.live, left.tokens and left.tokens.held) == (0, 0)


async def test_what_is_left_is_never_less_than_nothing(database: Database) -> None:
    quotas = quotas_of(database, Clock(), member=TierRules(tokens=100, money=100))
    ada = member(key=KeyScope(id="k", budget_tokens=900))
    await asked(quotas, ada, "t")
    closed(quotas, ada, "t", (400, 900))
    quotas.capped(ada.person, Cap(tokens=1, money=0))
    left = await quotas.left(ada)
    amounts = (left.tokens, left.money, left.cap_tokens, left.cap_money, left.key and left.key.tokens)
    assert [amount and amount.left for amount in amounts] == [0] * 5
    assert left.tokens is not None
    assert left.tokens.used == 2200


async def asked_freely(quotas: Quotas, caller: Caller) -> bool:
    await quotas.admit(caller)
    return True


async def test_one_person_may_have_so_many_turns_and_is_told_about_when_one_ends(database: Database) -> None:
    clock = Clock()
    quotas = quotas_of(database, clock, visitor=TierRules(most_live=2))
    for id in ("a", "b"):
        await asked(quotas, visitor(), id)
    with pytest.raises(TooManyAtOnce, match="You have 2 questions waiting or being answered") as why:
        await quotas.admit(visitor())
    assert why.value.retry_after_s == 10.0, "two turns of about twenty seconds"
    await asked(quotas, visitor("w"), "c")
    for number in range(400):
        await asked(quotas, visitor("w"), f"t{number}")
        clock.passes(4_000_000)
        quotas.ended(f"t{number}")
    with pytest.raises(TooManyAtOnce) as why:
        await quotas.admit(visitor())
    assert why.value.retry_after_s == pytest.approx(2.0, abs=0.1), "they last four seconds here"
    quotas.ended("a")
    await quotas.admit(visitor())
    quotas.ended("a")  # nothing more


async def test_a_cap_of_ones_own_refuses_in_its_own_words_and_can_be_raised(database: Database) -> None:
    quotas = quotas_of(database, Clock(), member=TierRules(tokens=10_000))
    ada = member()
    await quotas.left(ada)
    quotas.capped(ada.id, Cap(tokens=500))
    assert await asked(quotas, ada, "t", Need(100, 5000, 100)) == 200
    closed(quotas, ada, "t", (100, 200))
    with pytest.raises(
        OverQuota, match=r"the cap that you set yourself, 500 tokens\. It begins anew .* You can raise"
    ):
        await quotas.admit(ada)
    quotas.capped(ada.id, Cap(tokens=800))
    await quotas.admit(ada)
    quotas.capped(ada.id, Cap())
    assert await asked(quotas, ada, "t2", Need(100, 5000, 100)) is None


async def test_a_keys_budget_is_for_all_its_life_and_of_no_other_key(database: Database) -> None:
    clock = Clock()
    quotas = quotas_of(database, clock)
    small = member(key=KeyScope(id="k1", budget_tokens=500))
    assert await asked(quotas, small, "t", Need(100, 5000, 100)) == 200
    await database.write(entry(small, "t", clock, (100, 200)))
    closed(quotas, small, "t", (100, 200))
    clock.passes(1000 * HOUR_US)
    for again in (quotas, quotas_of(database, clock)):
        with pytest.raises(BudgetSpent, match="The budget of this key, 500 tokens, is used up") as why:
            await again.admit(small)
        assert why.value.retry_after_s is None
    await quotas.admit(member())
    await quotas.admit(member(key=KeyScope(id="k2", budget_tokens=500)))
    dear = member(key=KeyScope(id="k3", budget_money=500))
    assert await asked(quotas, dear, "u", Need(100, 5000, 100)) == 100


# -- what it costs, and what is forgotten --------------------------------------------------------------


class CountedReads:
    """Stands before the database, and counts."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.reads = 0

    async def read(self, work):  # type: ignore[no-untyped-def]
        self.reads += 1
        return await self.database.read(work)


async def test_the_book_is_read_once_a_person_and_for_nobody_who_has_no_bounds(database: Database) -> None:
    counted = CountedReads(database)
    clock = Clock()
    quotas = quotas_of(counted, clock, member=TierRules(tokens=10_000))  # type: ignore[arg-type]
    for number in range(5):
        await asked(quotas, visitor(), f"v{number}")
    assert counted.reads == 0
    for number in range(5):
        await asked(quotas, member(), f"t{number}")
        closed(quotas, member(), f"t{number}", (100, 50))
        clock.passes(IDLE_US - 1)
    assert counted.reads == 1
    await asyncio.gather(*(quotas.admit(member("eve")) for _ in range(5)))
    assert (await quotas.left(member("eve"))).used_tokens == 0


class HeldReads(CountedReads):
    """Each read happens, and its reader hears of it only when the test lets it."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.read_one, self.go_on = asyncio.Event(), asyncio.Event()

    async def read(self, work):  # type: ignore[no-untyped-def]
        found = await super().read(work)
        self.read_one.set()
        await self.go_on.wait()
        return found


async def test_a_window_that_turns_while_the_book_is_read_begins_with_nothing(database: Database) -> None:
    clock = Clock()
    ada = member()
    await database.write(entry(ada, "t", clock, (100, 100)))
    held = HeldReads(database)
    quotas = quotas_of(held, clock, member=TierRules(window_hours=1, tokens=250, refuse=True))  # type: ignore[arg-type]
    admitting = asyncio.ensure_future(quotas.admit(ada))
    await held.read_one.wait()
    with pytest.raises(Interrupted):
        quotas.hold(ada, "early", MODEL, A_TURN)
    clock.passes(HOUR_US)
    held.go_on.set()
    await admitting
    assert held.reads == 2
    assert quotas.left_now(ada).used_tokens == 0


async def test_a_cap_that_is_set_while_the_book_is_read_is_not_forgotten(database: Database) -> None:
    """Whoever sets one has the purse known first, so that a read that began before changes nothing."""
    clock = Clock()
    ada = member()
    await database.write(lambda tx: accounts.ensure(tx, ada, 0))
    held = HeldReads(database)
    quotas = quotas_of(held, clock)  # type: ignore[arg-type]
    early, setting = (asyncio.ensure_future(quotas.left(ada)) for _ in range(2))
    await held.read_one.wait()
    held.go_on.set()
    await setting
    quotas.capped(ada.id, Cap(tokens=5))
    await early
    left = quotas.left_now(ada)
    assert left.cap_tokens is not None
    assert left.cap_tokens.limit == 5


async def test_who_rests_is_forgotten_but_not_while_a_turn_runs(database: Database) -> None:
    clock = Clock()
    quotas = quotas_of(database, clock, member=TierRules(tokens=10_000, refuse=True))
    for number in range(100):
        await asked(quotas, member(f"m{number}"), f"t{number}")
        if number:
            quotas.ended(f"t{number}")
    clock.passes(IDLE_US)
    for _ in range(100):
        await quotas.admit(member("m0"))
    assert len(quotas._people) == 1
    assert (await quotas.left(member("m0"))).tokens.held == 500  # type: ignore[union-attr]


async def test_a_visitor_who_becomes_a_member_takes_along_what_they_used(database: Database) -> None:
    clock = Clock()
    rules = TierRules(tokens=1000, refuse=True)
    quotas = quotas_of(database, clock, visitor=rules, member=rules)
    guest, ada = visitor(), member()
    await asked(quotas, guest, "t1")
    closed(quotas, guest, "t1", (100, 100))
    await asked(quotas, guest, "t2")
    await asked(quotas, ada, "t3", Need(50, 10, 10))
    await database.write(entry(ada, "t1", clock, (100, 100)))  # its row has changed owner
    quotas.joined(guest.person, ada.person)
    left = await quotas.left(ada)
    assert left.tokens is not None
    assert (left.tokens.used, left.tokens.held, left.live) == (300, 500 + 70, 2)
    quotas.used(ada, 500, 0, 0, "t2")
    quotas.ended("t2")
    left = await quotas.left(ada)
    assert left.tokens is not None
    assert (left.tokens.used, left.tokens.held, left.live) == (800, 70, 1)


async def test_of_a_visitors_longer_window_only_what_is_of_the_members_counts(database: Database) -> None:
    clock = Clock()
    longer, day = TierRules(window_hours=1000, tokens=10_000), TierRules(window_hours=1, tokens=10_000)
    quotas = quotas_of(database, clock, visitor=longer, member=day)
    guest, ada = visitor(), member()
    await asked(quotas, guest, "old")
    closed(quotas, guest, "old", (100, 100))
    await database.write(entry(ada, "old", clock, (100, 100)))  # its row has changed owner
    clock.passes(3 * HOUR_US)
    await asked(quotas, guest, "new")
    closed(quotas, guest, "new", (50, 50))
    await database.write(entry(ada, "new", clock, (50, 50)))
    await asked(quotas, ada, "own")
    quotas.joined(guest.person, ada.person)
    left = await quotas.left(ada)
    assert left.tokens is not None
    assert (left.tokens.used, left.live) == (150, 1)


async def test_a_visitor_who_signs_up_is_counted_also_before_the_book_has_it(database: Database) -> None:
    rules = TierRules(tokens=1000, refuse=True)
    quotas = quotas_of(database, Clock(), visitor=rules, member=rules)
    await asked(quotas, visitor(), "t")
    closed(quotas, visitor(), "t", (100, 100))
    quotas.joined(visitor().person, member().person)
    left = await quotas.left(member())
    assert left.tokens is not None
    assert left.tokens.used == 300


async def test_before_the_book_was_asked_what_was_used_is_not_known(database: Database) -> None:
    quotas = quotas_of(database, Clock(), member=TierRules(tokens=1000))
    key = member("eve", key=KeyScope(id="k", budget_tokens=1))
    assert quotas.left_now(visitor()).known
    for caller in (member(), key):
        assert not quotas.left_now(caller).known
        assert (await quotas.left(caller)).known
        assert quotas.left_now(caller).known


async def test_a_clock_that_goes_back_gives_nobody_a_second_quota(database: Database) -> None:
    clock = Clock()
    quotas = quotas_of(database, clock, member=TierRules(window_hours=1, tokens=500, refuse=True))
    await asked(quotas, member(), "t")
    closed(quotas, member(), "t", (100, 200))
    clock.passes(-2 * HOUR_US)
    with pytest.raises(OverQuota):
        await quotas.admit(member())


async def test_what_is_free_is_free_once_a_window(database: Database) -> None:
    clock = Clock()
    quotas = quotas_of(database, clock, member=TierRules(window_hours=1, free=700))
    await quotas.admit(member())
    assert quotas.free_left(member()) == 700
    quotas.used(member(), 300, 500, 0)
    assert quotas.free_left(member()) == 200
    quotas.used(member(), 300, 500, 300)
    assert quotas.free_left(member()) == 0
    clock.passes(HOUR_US)
    assert quotas.free_left(member()) == 700
    assert quotas.free_left(visitor()) == 0


async def test_windows_begin_at_multiples_of_their_length_since_1970() -> None:
    assert window_at(START + 1, 1000) == (START, 2 * START)
    assert window_at(0, 24) == (0, 24 * HOUR_US)
    assert window_at(24 * HOUR_US - 1, 24) == (0, 24 * HOUR_US)
