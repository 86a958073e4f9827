"""Passwords: argon2id by argon2-cffi, in threads of its own, a few at once. Knows no account.

A hash takes 64 MiB for a tenth of a second, which is the point of it, and so two are made at once, some
more wait, and who comes then is asked to come back.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import msgspec

from thinkwell.errors import BadRequest, LineFull
from thinkwell.people.names import name_key

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LEAST_BYTES, MOST_BYTES = 8, 1024
AT_ONCE = 2
MOST_WAITING = 32
T = TypeVar("T")


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What a hash costs: ``memory_kib`` of memory, gone over ``passes`` times, in ``lanes``.

    The default is that of RFC 9106 for little memory, on one core: over the least that OWASP asks for
    (19 MiB, two passes). With four lanes each sign-in would hold every core of a small machine.
    """

    memory_kib: int = 65_536
    passes: int = 3
    lanes: int = 1


def check_password(password: str, name: str | None = None) -> bytes:
    """The bytes that are hashed (NFKC, UTF-8). Raises BadRequest for what can be no password of ``name``.

    Of a name's own twin there is no need to try all passwords.
    """
    # NFKC makes at most eighteen characters of one: what is far too long is refused before it is looked at.
    text = unicodedata.normalize("NFKC", password) if len(password) <= MOST_BYTES else ""
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError:  # half of a pair of surrogates
        data = b""
    if not LEAST_BYTES <= len(data) <= MOST_BYTES:
        raise BadRequest(f"A password has {LEAST_BYTES} to {MOST_BYTES} bytes.", param="password")
    if b"\0" in data:
        raise BadRequest("A password has no NUL character.", param="password")
    if name is not None and name_key(text) == name_key(name):
        raise BadRequest("The password is the name. Choose another.", param="password")
    return data


class Passwords:
    """Belongs to the event loop. ``close`` ends its threads."""

    def __init__(self, cost: Cost | None = None, most_waiting: int = MOST_WAITING) -> None:
        self._cost = cost or Cost()
        self._most = AT_ONCE + most_waiting
        self._asked = 0
        self._threads: ThreadPoolExecutor | None = None
        self._made: PasswordHasher | None = None

    async def hash(self, password: str, name: str | None = None) -> str:
        """Of a new password. Raises BadRequest for a bad one, LineFull when too many are asked for."""
        data = check_password(password, name)
        return await self._work(lambda: self._hashed(data))

    async def check(self, password: str, hashed: str | None) -> bool:
        """Whether it is the password of which ``hashed`` was made. None: of nobody, which takes as long.

        Raises BadRequest for what can be nobody's password, LineFull.
        """
        data = check_password(password)
        return await self._work(lambda: self._holds(data, hashed))

    def is_old(self, hashed: str) -> bool:
        """Whether it was made at another cost, and is to be made anew while the password is at hand."""
        return self._hasher().check_needs_rehash(hashed)

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)

    def _hashed(self, password: bytes) -> str:
        from argon2.exceptions import HashingError

        try:
            return self._hasher().hash(password)
        except HashingError as problem:  # there is no memory for it
            raise _full() from problem

    def _holds(self, password: bytes, hashed: str | None) -> bool:
        from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

        if hashed is None:
            self._hashed(password)
            return False
        try:
            return self._hasher().verify(hashed, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
        except VerificationError as problem:
            raise _full() from problem

    def _hasher(self) -> PasswordHasher:
        from argon2 import PasswordHasher

        if self._made is None:
            cost = self._cost
            self._made = PasswordHasher(cost.passes, cost.memory_kib, cost.lanes)
        return self._made

    async def _work(self, work: Callable[[], T]) -> T:
        if self._asked >= self._most:
            raise _full()
        if self._threads is None:
            self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")
        self._asked += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._asked -= 1


def _full() -> LineFull:
    return LineFull("Many people are signing in at this moment. Try again shortly.", retry_after_s=5)
