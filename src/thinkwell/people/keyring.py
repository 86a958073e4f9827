"""The keys in use, remembered: a request with a key costs no database. Knows no header.

What was read is believed for LASTS_S, so that another program (``thinkwell keys``) is heard of; what this
process changes it forgets at once. Guesses cost little: a text that is no key is told by its checksum, and
of an id that was guessed at the rest is compared here.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from collections import OrderedDict
from collections.abc import Callable

import msgspec

from thinkwell.errors import NotAuthenticated, StoreError
from thinkwell.people import keys
from thinkwell.people.accounts import Accounts, caller_of
from thinkwell.people.keytext import hash_of, id_of
from thinkwell.store.database import Database
from thinkwell.values.caller import Caller, KeyScope

log = logging.getLogger(__name__)

LASTS_S = 4.0
MOST_REMEMBERED = 20_000
MOST_MISSES = 4_096
WRITE_EVERY_S = 60.0

MALFORMED = "This is no key of this site, though it begins like one: a part is missing or mistyped."
UNKNOWN = "This key is not known here."
REVOKED = "This key was revoked."
EXPIRED = "This key has expired."


class _Known(msgspec.Struct, frozen=True):
    """``key`` None: there is none with that id."""

    key: keys.Key | None
    secret_hash: str
    scope: KeyScope | None
    until: float


class Keyring:
    """Belongs to the event loop. ``now_us`` is the clock in microseconds UTC, ``clock`` monotonic, in
    seconds. ``run`` is its only task."""

    def __init__(
        self,
        database: Database,
        members: Accounts,
        now_us: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._members = members
        self._now_us = now_us
        self._clock = clock
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._misses: OrderedDict[str, _Known] = OrderedDict()
        self._changes = 0
        self._used: dict[str, int] = {}

    async def caller(self, text: str) -> Caller:
        """Who asks with that key. Raises NotAuthenticated, Blocked, or StoreError."""
        key_id = id_of(text)
        if key_id is None:
            raise NotAuthenticated(MALFORMED)
        known = self._remembered(key_id) or await self._read(key_id)
        key, scope = known.key, known.scope
        if key is None or scope is None or not hmac.compare_digest(known.secret_hash, hash_of(text)):
            raise NotAuthenticated(UNKNOWN)
        now = self._now_us()
        if key.revoked_at is not None:
            raise NotAuthenticated(REVOKED)
        if key.wish.expires_at is not None and key.wish.expires_at <= now:
            raise NotAuthenticated(EXPIRED)
        account = await self._members.find(key.owner)
        if account is None:
            raise NotAuthenticated(UNKNOWN)
        caller = caller_of(account, key=scope)
        self._used[key_id] = now
        return caller

    def forget(self, key_id: str) -> None:
        """It changes, or was changed."""
        self._changes += 1
        self._known.pop(key_id, None)

    def forget_all(self) -> None:
        """Some changed, as when their owner is erased."""
        self._changes += 1
        self._known.clear()

    async def run(self) -> None:
        """Write down when keys were last used, for ever; ends by cancellation only, and writes once more."""
        try:
            while True:
                await asyncio.sleep(WRITE_EVERY_S)
                await self.write_used()
        finally:
            await self.write_used()

    async def write_used(self) -> None:
        """A store that fails is tried again the next time. Raises nothing of the store."""
        times, self._used = self._used, {}
        if not times:
            return
        try:
            await self._database.write(lambda tx: keys.used(tx, times))
        except StoreError as problem:
            log.warning("when keys were last used could not be written: %s", problem.message)
            self._used = times | self._used

    def _remembered(self, key_id: str) -> _Known | None:
        known = self._known.get(key_id) or self._misses.get(key_id)
        return known if known is not None and known.until > self._clock() else None

    async def _read(self, key_id: str) -> _Known:
        changes, until = self._changes, self._clock() + LASTS_S
        found = await self._database.read(lambda connection: keys.find(connection, key_id))
        if found is None:
            known = _Known(None, "", None, until)
            _remember(self._misses, key_id, known, MOST_MISSES)
            return known
        key, secret_hash = found
        known = _Known(key, secret_hash, key.scope, until)
        if changes == self._changes:
            _remember(self._known, key_id, known, MOST_REMEMBERED)
        return known


def _remember(shelf: OrderedDict[str, _Known], key_id: str, known: _Known, most: int) -> None:
    shelf[key_id] = known
    shelf.move_to_end(key_id)
    while len(shelf) > most:
        shelf.popitem(last=False)
