"""A site with everything switched off, for ``bench path``: who asks, what they may, what it costs, who looks.

The null siblings of the rooms in question, and what is left of a turn without them: everybody is the same
nobody, every turn is let in, no entry is opened, closed or booked, no receipt is priced or signed, and no
observer is told. Doors, line, engine, the journal and what is stored of conversations are as ever.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from copy import copy
from functools import partial
from typing import Any

from sqlalchemy.engine import Connection

from thinkwell.admission.quotas import FREELY
from thinkwell.conversations import shelf
from thinkwell.errors import ThinkwellError
from thinkwell.http.site import Site
from thinkwell.ledger.meter import Meter
from thinkwell.store.database import Database
from thinkwell.turns import stored_log
from thinkwell.turns.ask import Asker
from thinkwell.turns.closing import Closer, say_the_rest
from thinkwell.turns.ending import closing_of
from thinkwell.turns.gate import Gate
from thinkwell.turns.journal import Journal
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.observer import Observers
from thinkwell.turns.prompt import fit
from thinkwell.turns.run import AlsoStore, Conductor, now_us
from thinkwell.turns.spoken import spoken_text
from thinkwell.values.caller import Caller
from thinkwell.values.event import Failed, Finished, Stopped, TurnEnd
from thinkwell.values.turn import TurnRequest

NOBODY = Caller(kind="visitor", id="nobody", person="nobody")


def switched_off(site: Site) -> Site:
    """The same site, without. ``site`` itself is not to be asked any more."""
    whole = site.conductor
    closer = NoBooks(whole.closer.database, whole.closer.journal)
    conductor: Any = LetIn(site.pool, closer, site.turns, NoGate(), Observers([]))
    asker = Asker(conductor, site.database, site.turns, site.new_id)
    nobody: Any = Nobody()
    off = copy(site)
    off.conductor, off.asker = conductor, asker
    off.visitors = off.sign_in = off.members = off.keyring = off.blocks = nobody
    return off


class Nobody:
    """In the place of visitors, sign-in proxy, members, sessions, keys and blocks."""

    header = "x-nobody"

    @property
    def proxies(self) -> Nobody:
        return self

    @property
    def sessions(self) -> Nobody:
        return self

    def client_address(self, peer: str | None, forwarded: Sequence[str]) -> str | None:
        return peer

    def named(self, peer: str | None, values: Sequence[bytes]) -> Caller | None:
        return None

    async def who(self, token: str) -> None:
        return None

    async def caller(self, text: str) -> Caller:
        return NOBODY

    def known(self, cookie: str, address: str | None, proof: str | None = None) -> Caller:
        return NOBODY

    def of_network(self, address: str | None) -> Caller:
        return NOBODY

    def let_in(self, caller: Caller | None) -> Caller | None:
        return caller


class NoGate(Gate):
    """Asked for nothing by ``LetIn`` but told when a turn ends."""

    def __init__(self) -> None:
        pass

    def ended(self, turn_id: str) -> None:
        pass


class LetIn(Conductor):
    """Begins every turn, and opens no entry."""

    async def begin(
        self, tasks: asyncio.TaskGroup, request: TurnRequest, also_store: AlsoStore | None = None
    ) -> LiveTurn:
        self.check_open(request.model)
        fitted = await fit(request, self._pool)
        ticket = self._ticket(request, fitted, FREELY)
        live = LiveTurn(request, Meter(request.id, request.model, time.monotonic))
        if request.keep_text and also_store is not None:
            await self._database.write(also_store)
        self.carry_out(tasks, live, partial(self._speak, live, fitted, ticket))
        return live


class NoBooks(Closer):
    """Ends a turn with what the meter counted: the text is stored where it is to be kept, and that is all."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self.database = database
        self.journal = journal

    async def close(self, live: LiveTurn, error: ThinkwellError | None) -> TurnEnd:
        say_the_rest(live)
        end = self._end(live, error)
        at = now_us()
        if live.request.keep_text:
            await self.database.write(partial(_store, live, end, at))
        self.journal.close(live, closing_of(end, at), stored=True)
        return end

    def _end(self, live: LiveTurn, error: ThinkwellError | None) -> TurnEnd:
        meter = live.meter
        if error is not None:
            return Failed(error.code, error.message, meter.receipt("failed"), error.retry_after_s)
        if live.stopped_by is not None:
            return Stopped(live.stopped_by, meter.receipt("stopped"))
        reason = live.thinker.finish if live.thinker is not None else "stop"
        return Finished(reason, meter.receipt("finished"))


def _store(live: LiveTurn, end: TurnEnd, at: int, tx: Connection) -> None:
    said = live.log.since(0)
    log = stored_log.Row(
        turn_id=live.request.id, last_seq=len(said) + 1, events=[*said, end], usage=end.receipt.usage
    )
    stored_log.append(tx, log, at)
    content, reasoning = spoken_text(said)
    ended = shelf.Ended(content=content, reasoning=reasoning, status="complete", ending=end, left_out=0)
    if live.request.message_id is not None:
        shelf.end_message(tx, live.request.message_id, ended)
