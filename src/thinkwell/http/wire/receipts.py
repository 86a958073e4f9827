"""A person's statement as the page reads it, and the site's keys. Amounts are integers, millionths."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, cast

import msgspec
from msgspec import Meta

from thinkwell.errors import BadRequest
from thinkwell.http.wire.web import iso
from thinkwell.ledger import statement
from thinkwell.ledger.signing import PublicKey
from thinkwell.ledger.statement import By, Chosen, Group, Line, Place, Sums
from thinkwell.settings.offpeak import zone_of
from thinkwell.values.receipt import Receipt

Day = Annotated[str, Meta(max_length=10, description="A day, as 2026-11-27")]
Zone = Annotated[str, Meta(min_length=1, max_length=64, description="Of days, as Europe/Zurich")]
Name = Annotated[str, Meta(min_length=1, max_length=200)]


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """As it was asked. Days are both included."""

    first: str | None = None
    last: str | None = None
    model: str | None = None
    conversation: str | None = None
    key: str | None = None
    zone: str = "UTC"

    def chosen(self, owner: str) -> Chosen:
        """Reads the zone from the disk. Raises BadRequest."""
        try:
            zone = zone_of(self.zone)
        except ValueError as error:
            raise BadRequest(f"zone: {error}.", param="zone") from None
        first, last = _day(self.first, "from"), _day(self.last, "to")
        if first is not None and last is not None and last < first:
            raise BadRequest("The last day is before the first.", param="to")
        return Chosen(
            owner=owner,
            since_us=None if first is None else statement.day_begins(first, zone),
            until_us=None if last is None else statement.day_ends(last, zone),
            model=self.model,
            conversation=self.conversation,
            key=self.key,
        )


# Beyond them a computer's calendar ends, and so do people's questions.
EARLIEST, LATEST = date(1971, 1, 1), date(9000, 1, 1)


def _day(text: str | None, param: str) -> date | None:
    if text is None:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise BadRequest(f"{param}: {text!r} is no day, such as 2026-11-27.", param=param) from None
    return min(max(day, EARLIEST), LATEST)


class WireLine(msgspec.Struct, frozen=True, kw_only=True):
    """One turn. ``refunded`` is what the operator gave back of what was due, in millionths."""

    turn_id: str
    asked_at: str
    conversation_id: str | None
    conversation_title: str | None
    key_id: str | None
    key_name: str | None
    refunded: int
    receipt: Receipt


class ReceiptPage(msgspec.Struct, frozen=True, kw_only=True):
    """``next`` is ``before`` of the page that follows; null on the last one."""

    items: list[WireLine]
    next: str | None


class WireGroup(msgspec.Struct, frozen=True, kw_only=True):
    """``name`` is a day, a model, or the id of a conversation or a key; null: of none, or deleted."""

    name: str | None
    title: str | None
    sums: Sums


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """``more``: there are further groups than those that are told. ``total`` is of all."""

    by: By
    zone: str
    currency: str
    total: Sums
    items: list[WireGroup]
    more: bool


class SiteKeys(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed to verify this site's receipts offline."""

    site: str
    url: str | None
    keys: list[PublicKey]


def wire_line(line: Line) -> WireLine:
    return WireLine(
        turn_id=line.turn_id,
        asked_at=iso(line.asked_at),
        conversation_id=line.conversation_id,
        conversation_title=line.title,
        key_id=line.key_id,
        key_name=line.key_name,
        refunded=line.refunded,
        receipt=as_signed(line.receipt),
    )


def as_signed(receipt: bytes) -> Receipt:
    """To be printed byte for byte."""
    return cast(Receipt, msgspec.Raw(receipt))


def wire_group(group: Group) -> WireGroup:
    return WireGroup(name=group.name, title=group.title, sums=group.sums)


def cursor(place: Place) -> str:
    return f"{place[0]}-{place[1]}"


def parse_cursor(text: str | None) -> Place | None:
    """Raises BadRequest for one that is not ours."""
    if text is None:
        return None
    at, _, turn_id = text.partition("-")
    if not (at.isascii() and at.isdecimal() and len(at) < 19 and turn_id):
        raise BadRequest("That is no cursor of this site; take `next` of the page before.", param="before")
    return int(at), turn_id
