"""Passwords: what one may be, hashed and checked off the loop, a few at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import argon2
import pytest

from thinkwell.errors import BadRequest, LineFull
from thinkwell.people.passwords import AT_ONCE, Cost, Passwords, check_password
from thinkwell.testing.site import CHEAP


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    made = Passwords(CHEAP)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "8 to 1024"),
        ("seven77", "8 to 1024"),
        ("x" * 1025, "8 to 1024"),
        ("x" * 1_000_000, "8 to 1024"),
        ("\u00e9" * 600, "8 to 1024"),  # 1200 bytes
        ("\ufdfa" * 1000, "8 to 1024"),  # 18,000 characters once it is normal
        ("pass\0word", "NUL"),
        ("password\ud800", "8 to 1024"),
    ],
)
async def test_what_is_no_password_is_refused_before_it_is_hashed(
    passwords: Passwords, password: str, why: str
) -> None:
    for doing in (passwords.hash(password), passwords.check(password, None)):
        with pytest.raises(BadRequest, match=why):
            await doing
    assert passwords._threads is None


@pytest.mark.parametrize("password", ["zoe.quux", "ZOE.QUUX", "zoe\u200b.quux", "ｚｏｅ.quux"])
def test_the_name_is_no_password(password: str) -> None:
    with pytest.raises(BadRequest, match="the name"):
        check_password(password, "Zoe.Quux")


async def test_a_password_holds_and_another_does_not(passwords: Passwords) -> None:
    hashed = await passwords.hash("correct horse")
    assert hashed.startswith("$argon2id$")
    assert "correct" not in hashed
    assert await passwords.check("correct horse", hashed)
    assert not await passwords.check("correct hors", hashed)
    assert not await passwords.check("correct horse", "no hash at all")
    assert not await passwords.check("correct horse", None)


async def test_one_password_typed_on_two_keyboards_is_one(passwords: Passwords) -> None:
    hashed = await passwords.hash("caf\u00e9 caf\u00e9")
    assert await passwords.check("cafe\u0301 cafe\u0301", hashed)
    assert await passwords.check("ｃafé café", hashed)


async def test_nobodys_password_is_hashed_all_the_same(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the time it takes does not tell who is a member."""
    asked: list[str] = []
    for name in ("hash", "verify"):
        real = getattr(argon2.PasswordHasher, name)

        def counted(*args: object, real: object = real, name: str = name) -> object:
            asked.append(name)
            return real(*args)  # type: ignore[operator]

        monkeypatch.setattr(argon2.PasswordHasher, name, counted)
    hashed = await passwords.hash("correct horse")
    asked.clear()
    await passwords.check("correct horse", hashed)
    await passwords.check("correct horse", None)
    assert asked == ["verify", "hash"]


async def test_a_hash_of_another_cost_is_old(passwords: Passwords) -> None:
    hashed = await passwords.hash("correct horse")
    assert not passwords.is_old(hashed)
    costlier = Passwords(Cost(memory_kib=16, passes=1))
    assert costlier.is_old(hashed)
    assert await costlier.check("correct horse", hashed)
    costlier.close()


def test_the_default_costs_what_owasp_and_rfc_9106_ask_for() -> None:
    cost = Cost()
    assert (cost.memory_kib, cost.passes) == (64 * 1024, 3)


async def test_two_are_hashed_at_once_some_wait_and_the_next_is_asked_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go, lock = threading.Event(), threading.Lock()
    running = most = 0

    def slow(self: object, password: bytes) -> str:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        go.wait(20)
        with lock:
            running -= 1
        return "hash"

    monkeypatch.setattr(argon2.PasswordHasher, "hash", slow)
    passwords = Passwords(CHEAP, most_waiting=3)
    asked = [asyncio.create_task(passwords.hash("correct horse")) for _ in range(AT_ONCE + 3)]
    await asyncio.sleep(0)
    with pytest.raises(LineFull) as full:
        await passwords.hash("correct horse")
    assert full.value.retry_after_s
    go.set()
    assert await asyncio.gather(*asked) == ["hash"] * 5
    assert most <= AT_ONCE
    assert await passwords.hash("correct horse") == "hash"  # there is room again
    passwords.close()
