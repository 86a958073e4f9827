"""Responses that are being made, and those that are stored. Only their owner finds either.

A response is stored when its turn ends, before its reader is told of the end: who has the whole of it can
go on from it.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

import msgspec

from thinkwell.conversations import responses as shelf
from thinkwell.errors import NotFound, StoreError
from thinkwell.http.doors.responses_output import Output, Seal
from thinkwell.http.wire.responses_items import Given, Made, given_of, read_items
from thinkwell.http.wire.responses_object import ResponseObject, ended
from thinkwell.http.wire.responses_seal import Seals
from thinkwell.store.database import Database
from thinkwell.store.tables import responses
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.run import now_us
from thinkwell.values.event import Failed, Finished, Queued, Started, Stopped, TurnEnd

log = logging.getLogger(__name__)

HOUR_US = 3_600_000_000


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """``response`` has the thought in its output also where ``show`` says that it was not to be sent.

    ``input`` are the items of the one request, not of those before it.
    """

    response: ResponseObject
    input: list[dict[str, Any]]
    show: bool


class _Said(msgspec.Struct, frozen=True):
    output: list[Made]


class _Past(msgspec.Struct, frozen=True):
    """Of what is stored as much as a later question needs."""

    response: _Said
    input: list[dict[str, Any]]


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Stored).decode
decode_past = msgspec.json.Decoder(_Past).decode


class Running:
    """A response that is being made. ``response`` is as it was at the beginning. ``kept`` says at the end
    whether it can be found again; so does ``store`` in it then.
    """

    def __init__(
        self, response: ResponseObject, live: LiveTurn, asked: list[dict[str, Any]], seal: Seal | None = None
    ) -> None:
        self.response = response
        self.live = live
        self.asked = asked
        self.seal = seal
        self.unwanted = False  # deleted while it ran
        self.ended_at: int | None = None
        self.kept: bool | None = None

    @property
    def show(self) -> bool:
        return self.live.request.thinking.show

    def output(self) -> Output:
        """Nothing yet."""
        return Output(self.response.id, show=self.show, seal=self.seal)

    def as_of_now(self) -> ResponseObject:
        """With all that its reader was sent so far, or could have been."""
        events = self.live.log.published_after(0)
        output = self.output()
        output.take(events)
        if events and isinstance(events[-1], Finished | Failed | Stopped):
            return self.at_end(output, events[-1])
        waits = isinstance(self.live.log.latest, Queued) and not any(isinstance(e, Started) for e in events)
        return msgspec.structs.replace(
            self.response, status="queued" if waits else "in_progress", output=output.made()
        )

    def at_end(self, output: Output, end: TurnEnd) -> ResponseObject:
        """``output`` has taken all that was said; what is open in it is ended."""
        output.end(complete=is_complete(end))
        response = self.response
        if self.kept is not None:
            response = msgspec.structs.replace(response, store=self.kept)
        return ended(response, output.made(), end, self.ended_at or now_us() // 1_000_000)


def is_complete(end: TurnEnd) -> bool:
    return isinstance(end, Finished) and end.reason != "length"


class Responses:
    """``keep_hours`` 0: nothing is stored, whatever is asked."""

    def __init__(self, database: Database, secret: bytes, keep_hours: int) -> None:
        self._database = database
        self._keep_us = keep_hours * HOUR_US
        self._running: dict[str, Running] = {}
        self.seals = Seals(secret)

    def add(self, running: Running) -> None:
        """From now on it is found, and when its turn ends it is stored. The turn has only just begun."""
        self._as_kept_here(running)
        self._running[running.response.id] = running
        running.live.before_end = partial(self._ended, running)

    def _as_kept_here(self, running: Running) -> None:
        if not self._keep_us:
            running.response = msgspec.structs.replace(running.response, store=False)

    async def end_again(self, running: Running) -> None:
        """One that is over is told again: when it ended, and whether it can be found. Raises StoreError."""
        self._as_kept_here(running)
        end = running.live.log.latest
        assert isinstance(end, Finished | Failed | Stopped)
        running.ended_at = _marked_at(end) or running.response.created_at + round(end.receipt.seconds)
        try:
            await self.stored(running.response.id, running.live.owner)
        except NotFound:
            running.kept = False
        else:
            running.kept = True

    def running(self, response_id: str, owner: str) -> Running | None:
        """None also for another owner's."""
        found = self._running.get(response_id)
        return found if found is not None and found.live.request.caller.id == owner else None

    async def past(self, response_id: str, owner: str) -> list[Given]:
        """All that was asked and said up to the end of a response. Raises NotFound or PromptTooLong."""
        since_us = now_us() - self._keep_us
        bodies = await self._database.read(
            lambda connection: shelf.chain(connection, response_id, owner, since_us)
        )
        items: list[Given] = []
        for body in bodies:
            stored = decode_past(body)
            items += read_items(stored.input)
            items += map(given_of, stored.response.output)
        return items

    async def stored(self, response_id: str, owner: str) -> Stored:
        """Raises NotFound."""
        since_us = now_us() - self._keep_us
        kept = await self._database.read(
            lambda connection: shelf.read(connection, response_id, owner, since_us)
        )
        return decode(kept.body)

    async def remove(self, response_id: str, owner: str) -> None:
        """One that runs is stopped, and not stored. Raises NotFound."""
        running = self.running(response_id, owner)
        if running is not None:
            running.unwanted = True
            running.live.stop("person")
            await running.live.over()
        try:
            await self._database.write(lambda tx: shelf.remove(tx, response_id, owner))
        except NotFound:
            if running is None:
                raise

    async def _ended(self, running: Running, end: TurnEnd) -> None:
        """Store it where that was asked and somebody is there to know of it. Raises nothing.

        An answer that cannot be stored is told nevertheless, with ``store`` false.
        """
        kept = False
        try:
            running.ended_at = _marked_at(end) or now_us() // 1_000_000
            if _is_to_be_kept(running, end):
                await self._keep(running, end)
                kept = True
        except StoreError as problem:
            log.error("response %s could not be stored: %s", running.response.id, problem.message)
        except Exception:  # the turn must end, and its reader be told, whatever happens here
            log.exception("response %s could not be stored by a fault of the site", running.response.id)
        finally:
            running.kept = kept
            self._running.pop(running.response.id, None)

    async def _keep(self, running: Running, end: TurnEnd) -> None:
        output = Output(running.response.id, show=running.show)
        output.take(running.live.log.since(0))
        response = running.at_end(output, end)
        response = msgspec.structs.replace(response, output=output.made(hidden_too=True))
        body = encode(Stored(response=response, input=running.asked, show=running.show))
        new = shelf.Kept(id=response.id, previous_id=response.previous_response_id, body=body)
        owner, now = running.live.request.caller.id, now_us()
        if new.previous_id is None:
            await self._database.append(responses, [shelf.as_columns(owner, new, now)])
        else:
            await self._database.write(lambda tx: shelf.keep(tx, owner, new, now))


def _marked_at(end: TurnEnd) -> int | None:
    """When the site put its mark under the receipt: the same for all who are told of it."""
    mark = end.receipt.mark
    return None if mark is None else mark.at


def _is_to_be_kept(running: Running, end: TurnEnd) -> bool:
    left = isinstance(end, Stopped) and end.by == "reader"
    return running.response.store and not (running.unwanted or left or isinstance(end, Failed))
