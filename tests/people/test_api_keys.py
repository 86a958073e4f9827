"""API keys: their text, what they may do, and what is remembered of them."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from thinkwell.errors import BadRequest, Blocked, Conflict, NotAuthenticated, NotFound, StoreUnavailable
from thinkwell.people import accounts, keyring, keys
from thinkwell.people.accounts import Account, Accounts
from thinkwell.people.keyring import LASTS_S, Keyring
from thinkwell.people.keys import Key, Spent, Wish
from thinkwell.people.keytext import DIGITS, PATTERN, checksum, claims_to_be_ours, hash_of, id_of, new_key
from thinkwell.store.database import Database, open_database
from thinkwell.store.tables import entries
from thinkwell.store.tables import keys as table

T = TypeVar("T")
SECOND = 1_000_000
NOW = 1_800_000_000 * SECOND


class Counting:
    """A database that counts reads, and can be made to wait or fail."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.reads = 0
        self.fails = False
        self.hold: asyncio.Event | None = None

    async def read(self, work: Callable[[Connection], T]) -> T:
        self.reads += 1
        found = await self._database.read(work)
        if self.hold is not None:
            await self.hold.wait()
        return found

    async def write(self, work: Callable[[Connection], T]) -> T:
        if self.fails:
            raise StoreUnavailable("broken")
        return await self._database.write(work)


class Bench:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.counting: Any = Counting(database)
        self.time = 0.0
        self.now = NOW
        self.members = Accounts(database)
        self.ring = Keyring(self.counting, self.members, lambda: self.now, lambda: self.time)

    async def member(self, name: str) -> Account:
        return await self.database.write(lambda tx: accounts.create(tx, name, NOW))

    async def key(self, owner: Account, **wish: Any) -> tuple[Key, str]:
        asked = Wish(name="k", **wish)
        return await self.database.write(lambda tx: keys.create(tx, owner.id, asked, NOW))


@pytest.fixture
async def bench(data: Path) -> AsyncIterator[Bench]:
    database = await open_database(data)
    try:
        yield Bench(database)
    finally:
        await database.close()


# -- the text ------------------------------------------------------------------------------------


def test_a_key_has_an_id_a_secret_of_at_least_192_bits_and_a_checksum() -> None:
    key_id, text = new_key()
    assert re.fullmatch(PATTERN, text)
    assert id_of(text) == key_id
    secret = text.split("_")[2][:-6]
    assert len(DIGITS) ** len(secret) >= 2**192
    made = [new_key()[1] for _ in range(500)]
    assert len(set(made)) == 500
    used = Counter("".join(text.split("_")[2][:-6] for text in made))
    assert set(used) == set(DIGITS)


def test_the_checksum_is_as_documented() -> None:
    """CRC-32 of "tw_" + id + "_" + secret in base 62: fixed, since others may check keys by it."""
    assert checksum("tw_000000000000_" + "0" * 33) == "2IiwBR"


@given(st.data())
def test_any_one_slip_is_told_without_a_database(data: st.DataObject) -> None:
    _, text = new_key()
    place = data.draw(st.integers(3, len(text) - 1))
    other = data.draw(st.sampled_from(sorted(set(DIGITS) - {text[place]})))
    assert id_of(text[:place] + other + text[place + 1 :]) is None
    if text[place] != text[place - 1] and place > 16:
        swapped = text[: place - 1] + text[place] + text[place - 1] + text[place + 1 :]
        assert id_of(swapped) is None
    assert id_of(text[:place]) is None
    assert id_of(text + other) is None


@given(st.text(max_size=80))
def test_no_other_text_is_a_key(text: str) -> None:
    assert id_of(text) is None
    assert id_of(f"tw_{text}") is None


@pytest.mark.parametrize("text", ["tw_", "TW_x", "Tw_x_y", "tw_" + "ß" * 52, "tw_\x00"])
def test_what_begins_like_a_key_claims_to_be_one_however_it_is_spelt(text: str) -> None:
    assert claims_to_be_ours(text)
    assert id_of(text) is None


# -- rows ----------------------------------------------------------------------------------------


async def test_a_key_is_shown_once_and_its_text_is_nowhere(bench: Bench, data: Path) -> None:
    zoe = await bench.member("zoe")
    key, text = await bench.key(
        zoe, doors=("chat", "models"), models=("a",), budget_money=5, expires_at=NOW + 9
    )
    [listed] = await bench.database.read(lambda tx: keys.by_owner(tx, zoe.id))
    assert listed == key
    assert (key.wish.doors, key.wish.models, key.hint) == (("chat", "models"), ("a",), text[-4:])
    secret = text.split("_")[2].encode()
    files = await asyncio.to_thread(lambda: [file.read_bytes() for file in data.rglob("*") if file.is_file()])
    assert not any(secret in kept for kept in files)
    assert any(hash_of(text).encode() in kept for kept in files)


@pytest.mark.parametrize(
    ("wish", "param"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "k", "doors": ()}, "doors"),
        ({"name": "k", "doors": ("admin",)}, "doors"),
        ({"name": "k", "models": ()}, "models"),
        ({"name": "k", "models": tuple("abc") * 20}, "models"),
        ({"name": "k", "expires_at": NOW}, "expires_at"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_nothing_is_made(
    bench: Bench, wish: dict[str, Any], param: str
) -> None:
    zoe = await bench.member("zoe")
    with pytest.raises(BadRequest) as refused:
        await bench.database.write(lambda tx: keys.create(tx, zoe.id, Wish(**wish), NOW))
    assert refused.value.param == param
    assert await bench.database.read(lambda tx: keys.by_owner(tx, zoe.id)) == []


async def test_another_members_key_is_not_found(bench: Bench) -> None:
    zoe, max_ = await bench.member("zoe"), await bench.member("max")
    key, _ = await bench.key(zoe)
    for work in (
        lambda tx: keys.owned(tx, key.id, max_.id),
        lambda tx: keys.change(tx, key.id, max_.id, {"name": "mine"}, NOW),
        lambda tx: keys.revoke(tx, key.id, max_.id, NOW),
        lambda tx: keys.revoke(tx, "' OR 1=1 --", zoe.id, NOW),
    ):
        with pytest.raises(NotFound):
            await bench.database.write(work)
    assert await bench.database.read(lambda tx: keys.owned(tx, key.id, zoe.id)) == key


async def test_a_change_leaves_alone_what_it_does_not_name(bench: Bench) -> None:
    zoe = await bench.member("zoe")
    key, _ = await bench.key(zoe, doors=("chat",), budget_tokens=7, expires_at=NOW + 5)

    async def change(now: int = NOW, **changes: Any) -> Wish:
        return (await bench.database.write(lambda tx: keys.change(tx, key.id, zoe.id, changes, now))).wish

    assert await change(name="other") == Wish(
        name="other", doors=("chat",), budget_tokens=7, expires_at=NOW + 5
    )
    assert await change(doors=None, budget_tokens=None) == Wish(name="other", expires_at=NOW + 5)
    later = NOW + 100
    assert (await change(later, name="after its end")).expires_at == NOW + 5
    with pytest.raises(BadRequest):
        await change(later, expires_at=NOW + 50)
    assert (await change(later, expires_at=later + 1)).expires_at == later + 1
    await bench.database.write(lambda tx: keys.revoke(tx, key.id, zoe.id, NOW))
    with pytest.raises(Conflict):
        await change(name="alive again")


async def test_there_is_a_bound_on_keys_and_on_revoked_ones_that_are_shown(bench: Bench) -> None:
    zoe = await bench.member("zoe")

    def fill(tx: Connection) -> list[Key]:
        made = [keys.create(tx, zoe.id, Wish(name=f"{n}"), NOW + n)[0] for n in range(keys.MOST_KEYS)]
        with pytest.raises(Conflict):
            keys.create(tx, zoe.id, Wish(name="one too many"), NOW)
        for n, key in enumerate(made):
            keys.revoke(tx, key.id, zoe.id, NOW + n)
            keys.revoke(tx, key.id, zoe.id, NOW + 10**6)  # again: nothing changes
        for n in range(5):
            keys.revoke(tx, keys.create(tx, zoe.id, Wish(name="more"), NOW)[0].id, zoe.id, NOW + 1000 + n)
        return made

    made = await bench.database.write(fill)
    left = await bench.database.read(lambda tx: keys.by_owner(tx, zoe.id))
    assert len(left) == keys.MOST_REVOKED
    assert {key.id for key in made[:5]} & {key.id for key in left} == set()


async def test_what_was_spent_is_the_sum_over_a_keys_closed_turns(bench: Bench) -> None:
    def row(turn: str, key: str | None, closed: int | None, **values: int) -> dict[str, Any]:
        return {
            "turn_id": turn,
            "owner": "m",
            "person": "m",
            "model": "m",
            "opened_at": 1,
            "key_id": key,
            "closed_at": closed,
            "price": 0,
            "prompt_tokens": 0,
            "cached_tokens": 0,
            "reasoning_tokens": 0,
            "answer_tokens": 0,
        } | values

    def own(key: str, owner: str) -> dict[str, Any]:
        return {"id": key, "owner": owner, "name": "k", "secret_hash": "", "hint": "", "created_at": 1}

    zoe, max_ = await bench.member("zoe"), await bench.member("max")
    owned = [own("a", zoe.id), own("c", zoe.id), own("b", max_.id)]
    await bench.database.write(lambda tx: tx.execute(insert(table), owned))
    rows = [
        row("1", "a", 5, price=7, prompt_tokens=100, cached_tokens=40, reasoning_tokens=3, answer_tokens=4),
        row("2", "a", 6, price=1, answer_tokens=1),
        row("3", "a", None, price=100),
        row("4", "b", 7, price=50),
        row("5", None, 7, price=50),
    ]
    await bench.database.write(lambda tx: tx.execute(insert(entries), rows))
    found = await bench.database.read(lambda tx: keys.spent(tx, zoe.id))
    assert found == {"a": Spent(money=8, tokens=60 + 2 * 8, turns=2)}
    assert (await bench.database.read(lambda tx: keys.spent(tx, None))).keys() == {"a", "b"}


# -- remembered ----------------------------------------------------------------------------------


async def test_a_key_that_is_in_use_costs_no_database(bench: Bench) -> None:
    zoe = await bench.member("zoe")
    key, text = await bench.key(zoe, models=("a",))
    caller = await bench.ring.caller(text)
    assert (caller.kind, caller.id, caller.person, caller.tier) == ("key", zoe.id, zoe.id, "member")
    assert caller.key == key.scope
    assert not caller.operator
    for _ in range(10):
        assert await bench.ring.caller(text) == caller
    assert bench.counting.reads == 1
    bench.time += LASTS_S + 0.1
    await bench.ring.caller(text)
    assert bench.counting.reads == 2


async def test_a_guess_costs_at_most_one_read_an_id(bench: Bench) -> None:
    zoe = await bench.member("zoe")
    key, _ = await bench.key(zoe)
    for _ in range(20):
        begin = f"tw_{key.id}_" + new_key()[1].split("_")[2][:-6]
        with pytest.raises(NotAuthenticated):
            await bench.ring.caller(begin + checksum(begin))
    assert bench.counting.reads == 1
    _, unknown = new_key()
    for _ in range(20):
        with pytest.raises(NotAuthenticated):
            await bench.ring.caller(unknown)
    assert bench.counting.reads == 2
    for text in ("tw_", "tw_x_y", unknown[:-1], unknown + "0", unknown.upper()):
        with pytest.raises(NotAuthenticated):
            await bench.ring.caller(text)
    assert bench.counting.reads == 2


async def test_guessed_ids_push_no_key_out_of_memory(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "MOST_MISSES", 3)
    monkeypatch.setattr(keyring, "MOST_REMEMBERED", 2)
    zoe = await bench.member("zoe")
    texts = [(await bench.key(zoe))[1] for _ in range(3)]
    await bench.ring.caller(texts[0])
    for _ in range(10):
        with pytest.raises(NotAuthenticated):
            await bench.ring.caller(new_key()[1])
    reads = bench.counting.reads
    await bench.ring.caller(texts[0])
    assert bench.counting.reads == reads
    for text in texts[1:]:
        await bench.ring.caller(text)
    assert len(bench.ring._known) == 2
    assert len(bench.ring._misses) == 3


async def test_what_this_process_revokes_is_refused_at_once_also_when_it_was_being_read(bench: Bench) -> None:
    zoe = await bench.member("zoe")
    key, text = await bench.key(zoe)
    bench.counting.hold = asyncio.Event()
    being_read = asyncio.ensure_future(bench.ring.caller(text))
    while bench.counting.reads == 0:
        await asyncio.sleep(0)
    bench.ring.forget(key.id)
    await bench.database.write(lambda tx: keys.revoke(tx, key.id, zoe.id, NOW))
    bench.ring.forget(key.id)
    bench.counting.hold.set()
    await asyncio.wait([being_read])  # it asked before: either is right for it
    with pytest.raises(NotAuthenticated, match="revoked"):
        await bench.ring.caller(text)


@pytest.mark.parametrize("how", ["revoked", "owner erased", "row gone"])
async def test_what_another_program_changes_is_heard_of_when_memory_is_over(bench: Bench, how: str) -> None:
    zoe = await bench.member("zoe")
    key, text = await bench.key(zoe)
    await bench.ring.caller(text)

    def change(tx: Connection) -> None:
        if how == "revoked":
            keys.revoke(tx, key.id, zoe.id, NOW)
        elif how == "row gone":
            tx.execute(delete(table))
        else:
            accounts.remove(tx, zoe.id)

    await bench.database.write(change)
    await bench.ring.caller(text)
    bench.time += LASTS_S + 0.1
    assert LASTS_S < 5
    with pytest.raises(NotAuthenticated):
        await bench.ring.caller(text)


async def test_a_key_ends_at_its_time_also_in_memory(bench: Bench) -> None:
    zoe = await bench.member("zoe")
    _, text = await bench.key(zoe, expires_at=NOW + SECOND)
    bench.now = NOW + SECOND - 1
    await bench.ring.caller(text)
    bench.now += 1
    with pytest.raises(NotAuthenticated, match="expired"):
        await bench.ring.caller(text)


async def test_the_key_of_a_blocked_member_is_blocked_and_comes_back(bench: Bench) -> None:
    zoe = await bench.member("zoe")
    _, text = await bench.key(zoe)
    await bench.ring.caller(text)
    await bench.database.write(lambda tx: accounts.block(tx, zoe.id, "spam", NOW))
    bench.members.forget(zoe.id)
    with pytest.raises(Blocked, match="spam"):
        await bench.ring.caller(text)
    await bench.database.write(lambda tx: accounts.unblock(tx, zoe.id))
    bench.members.forget(zoe.id)
    assert (await bench.ring.caller(text)).id == zoe.id


async def test_when_keys_were_last_used_is_written_in_one_go_and_never_goes_back(bench: Bench) -> None:
    zoe = await bench.member("zoe")
    texts = [(await bench.key(zoe))[1] for _ in range(3)]

    async def times() -> list[int | None]:
        found = await bench.database.read(lambda tx: tx.execute(select(table.c.id, table.c.used_at)).all())
        by_id = {row.id: row.used_at for row in found}
        return [by_id[id_of(text) or ""] for text in texts]

    await bench.ring.write_used()
    for step in range(5):
        bench.now = NOW + step
        await bench.ring.caller(texts[0])
    await bench.ring.caller(texts[1])
    assert await times() == [None, None, None]
    bench.counting.fails = True
    await bench.ring.write_used()
    bench.counting.fails = False
    await bench.ring.write_used()
    assert await times() == [NOW + 4, NOW + 4, None]
    bench.now = NOW - 50
    await bench.ring.caller(texts[0])
    await bench.ring.write_used()
    assert await times() == [NOW + 4, NOW + 4, None]


async def test_a_refused_key_was_not_used(bench: Bench) -> None:
    zoe = await bench.member("zoe")
    key, text = await bench.key(zoe)
    await bench.database.write(lambda tx: keys.revoke(tx, key.id, zoe.id, NOW))
    with pytest.raises(NotAuthenticated):
        await bench.ring.caller(text)
    await bench.ring.write_used()
    assert (await bench.database.read(lambda tx: keys.owned(tx, key.id, zoe.id))).used_at is None
