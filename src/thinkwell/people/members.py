"""All that a site has of members, to hand over as one: accounts, sessions, passwords, tries, organisation."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from thinkwell.errors import SetupError, StoreError
from thinkwell.people import accounts, links
from thinkwell.people.accounts import Accounts
from thinkwell.people.attempts import Attempts
from thinkwell.people.organisation import Organisation
from thinkwell.people.passkeys import Ceremonies
from thinkwell.people.passwords import Passwords
from thinkwell.people.sessions import Sessions
from thinkwell.store.database import Database

log = logging.getLogger(__name__)

# What another program changed (thinkwell people) holds after at most this long.
LOOK_EVERY_S = 2.0


def system_now_us() -> int:
    return time.time_ns() // 1000


class Members:
    """``sign_ups`` bounds how many accounts a network makes, as ``attempts`` bounds failed sign-ins."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords | None,
        session_days: int,
        now_us: Callable[[], int] = system_now_us,
        clock: Callable[[], float] = time.monotonic,
        organisation: Organisation | None = None,
    ) -> None:
        self._database = database
        self._now_us = now_us
        self.passwords = passwords or Passwords()
        self.accounts = Accounts(database)
        self.sessions = Sessions(database, self.accounts, session_days, now_us)
        self.attempts = Attempts(clock)
        self.sign_ups = Attempts(clock)
        self.ceremonies = Ceremonies(clock)
        self.organisation = organisation
        self.first_link: str | None = None

    async def open(self) -> Members:
        """Where there is no operator yet, with a link for the first one. Raises SetupError."""
        try:
            await self._make_first_link()
        except StoreError as problem:
            raise SetupError(problem.message) from problem
        return self

    async def _make_first_link(self) -> None:
        now = self._now_us()
        self.first_link = await self._database.write(
            lambda tx: None if accounts.any_operator(tx) else links.make_first(tx, now)
        )

    def forget(self, account_id: str) -> None:
        """An account, or its sessions, changed in the database."""
        self.accounts.forget(account_id)
        self.sessions.forget_all()

    async def look(self) -> None:
        """Hear of what another program changed. Raises StoreError."""
        if await self.accounts.look():
            self.sessions.forget_all()

    async def keep_looking(self) -> None:
        """For ever; ends by cancellation only."""
        while True:
            try:
                await self.look()
            except StoreError as problem:
                log.error("whether members were changed could not be read: %s", problem.message)
            await asyncio.sleep(LOOK_EVERY_S)

    async def look_at_organisation(self) -> None:
        """Once, so that the operator hears at the start of an identity provider that is not there."""
        if self.organisation is not None:
            await self.organisation.look()

    def close(self) -> None:
        self.passwords.close()
