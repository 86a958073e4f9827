"""Networks by keyed hashes. The key is of one day (UTC): when the day is over it is gone, and nobody, the
operator included, can tell whose address a hash of it was. Knows no person and no door.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
import secrets
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import msgspec
from sqlalchemy import Column, Table, delete, select
from sqlalchemy.engine import Connection

from thinkwell.errors import SetupError
from thinkwell.people.addresses import networks
from thinkwell.store.tables import blocks, idempotency, responses

log = logging.getLogger(__name__)

FILE_NAME = "network_key"
KEY_BYTES = 32
DAY_S = 86_400
DAY_US = DAY_S * 1_000_000
FIRST_DAY = date(1970, 1, 1).toordinal()
# Who asked so short before midnight, without a key, is for as long after it known as yesterday's: a turn
# that was begun in the last minute can still be told to answer now.
GRACE_S = 900
GRACE_US = GRACE_S * 1_000_000
AGAIN_S = 60.0  # when a key could not be written
MOST_REMEMBERED = 16_384
PREFIX = "network:"


class DayKey(msgspec.Struct, frozen=True):
    """``day`` as ISO 8601 has it, ``key`` in hexadecimal."""

    day: str
    key: str


class Hashed(msgspec.Struct, frozen=True):
    """``networks`` narrow to wide. ``household`` is one person where nothing but the address is known,
    ``group`` those who share one person's part of the machine (addresses.py)."""

    networks: tuple[str, ...]

    @property
    def household(self) -> str:
        return self.networks[:2][-1]

    @property
    def group(self) -> str:
        return self.networks[-1]


def day_of(seconds: float) -> str:
    return date.fromordinal(FIRST_DAY + int(seconds // DAY_S)).isoformat()


def new_key(day: str) -> DayKey:
    return DayKey(day, secrets.token_hex(KEY_BYTES))


def read_day_key(path: Path, day: str) -> DayKey:
    """The key of ``day``: of the file, or a new one, in the place of another day's. Raises SetupError."""
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=DayKey)
        if kept.day == day and len(bytes.fromhex(kept.key)) == KEY_BYTES:
            return kept
    except (OSError, ValueError):  # none yet, or damaged: another does as well
        pass
    key = new_key(day)
    try:
        write_day_key(path, key)
    except OSError as error:
        raise SetupError(f"The key {path} cannot be written: {error.strerror or error}.") from error
    return key


def write_day_key(path: Path, key: DayKey) -> None:
    """Over the old one, at its place on the disk: a new file would leave the old key in a free block."""
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(msgspec.json.encode(key))
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


class Networks:
    """``clock`` gives seconds since 1970. The key changes at the first use on a new day, and ``keep`` sees to
    it that this is soon after midnight, and that the file follows."""

    def __init__(self, path: Path, key: DayKey, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._key = key
        self._written = True
        self._secret = bytes.fromhex(key.key)
        self._clock = clock
        self._hashed: dict[str | None, Hashed] = {}  # so that a busy address is hashed once
        self._keyless: dict[str | None, float] = {}  # when who has no key asked last
        self._yesterday: dict[str | None, Hashed] = {}
        self._changed = asyncio.Event()

    def of(self, address: str | None) -> Hashed:
        """As they are called today."""
        self._look()
        found = self._hashed.get(address)
        if found is None:
            found = self._hashed[address] = Hashed(
                tuple(self._hidden(network) for network in networks(address))
            )
            _bound(self._hashed)
        return found

    def of_keyless(self, address: str | None) -> Hashed:
        """The same, for whom nothing else is known of: just after midnight as they were called before it,
        if they asked just before it."""
        self._look()
        if (found := self._yesterday.get(address)) is not None:
            return found
        self._keyless[address] = self._clock()
        _bound(self._keyless)
        return self.of(address)

    def _hidden(self, network: str) -> str:
        return PREFIX + hmac.digest(self._secret, network.encode(), "sha256").hex()[:32]

    def _look(self) -> None:
        now = self._clock()
        day = day_of(now)
        if day == self._key.day:
            if self._yesterday and now % DAY_S >= GRACE_S:
                self._yesterday = {}
            return
        since = now - now % DAY_S - GRACE_S
        late = {address for address, at in self._keyless.items() if since <= at < now}
        self._yesterday = {at: self._hashed[at] for at in late if at in self._hashed}
        if now % DAY_S >= GRACE_S:
            self._yesterday = {}
        self._hashed, self._keyless = {}, {}
        self._key, self._written = new_key(day), False
        self._secret = bytes.fromhex(self._key.key)
        self._changed.set()

    async def keep(self) -> None:
        """Runs for ever; ends by cancellation only. A key that cannot be written is written later."""
        while True:
            self._changed.clear()
            self._look()
            wait_s = self._until_change_s()
            if not self._written:
                key = self._key
                try:
                    await asyncio.to_thread(write_day_key, self._path, key)
                    self._written = key is self._key
                except OSError as error:
                    log.warning("yesterday's key of networks is still on the disk: %s", error.strerror)
                    wait_s = AGAIN_S
            try:
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()
            except TimeoutError:
                pass

    def _until_change_s(self) -> float:
        """An hour at most: the machine may sleep, and its clock be set."""
        into = self._clock() % DAY_S
        return min(3600.0, (GRACE_S if into < GRACE_S else DAY_S) - into + 0.01)


async def open_networks(data: Path, clock: Callable[[], float] = time.time) -> Networks:
    """Raises SetupError."""
    path = data / FILE_NAME
    return Networks(path, await asyncio.to_thread(read_day_key, path, day_of(clock())), clock)


def _bound(remembered: dict[str | None, Hashed] | dict[str | None, float]) -> None:
    if len(remembered) > MOST_REMEMBERED:
        del remembered[next(iter(remembered))]


def unreachable_before(now_us: int) -> int:
    """What a network owned before then, nobody can reach: the key that made its name is gone."""
    midnight = now_us - now_us % DAY_US
    return midnight if now_us - midnight >= GRACE_US else midnight - DAY_US


def forget_unreachable(tx: Connection, now_us: int) -> dict[str, list[str]]:
    """Delete what belongs to networks by names of a day that is over; returns the ids by kind.

    What was stored in the first minutes of a day, by who was still yesterday's, goes a day later.
    """
    before = unreachable_before(now_us)
    return {
        "responses": _forget(tx, responses, (responses.c.id, responses.c.owner), before),
        "idempotency": _forget(tx, idempotency, (idempotency.c.key, idempotency.c.owner), before),
        "blocks": _forget(tx, blocks, (blocks.c.subject, blocks.c.subject), before),
    }


def _forget(tx: Connection, table: Table, columns: tuple[Column[str], Column[str]], before: int) -> list[str]:
    name, owner = columns
    theirs = (owner.startswith(PREFIX), table.c.created_at < before)
    found = sorted(tx.execute(select(name).where(*theirs)).scalars())
    if found:
        tx.execute(delete(table).where(*theirs))
    return found
