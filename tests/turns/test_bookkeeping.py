"""Bookkeeping: every turn's receipt says what it cost, at every door; what failed is waived, nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from thinkwell.http.site import Site
from thinkwell.ledger.book import OpenEntry, Whose
from thinkwell.ledger.check import Checked, check
from thinkwell.ledger.lines import Accounts
from thinkwell.ledger.meter import Meter
from thinkwell.ledger.tariff import Tariff
from thinkwell.settings import Price
from thinkwell.settings import Tariff as TariffSettings
from thinkwell.store.tables import entries
from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site
from thinkwell.turns.bookkeeping import Bookkeeping
from thinkwell.turns.live import LiveTurn
from thinkwell.values.caller import Caller
from thinkwell.values.event import AnswerDelta, Failed, Finished, Stopped
from thinkwell.values.message import Message
from thinkwell.values.receipt import Energy, Receipt
from thinkwell.values.turn import TurnRequest
from thinkwell.values.usage import Usage

CALLER = Caller(kind="visitor", id="visitor:a", person="visitor:a")
# A thought's token costs 3 millionths, an answer's 5; a prompt's 2, cached 1.
PRICES = tuple(
    f"prices.default.{kind}={price}"
    for kind, price in (("prompt", 2), ("cached", 1), ("reasoning", 3), ("answer", 5))
)


@pytest.fixture
async def priced(data: Path, engine: ScriptedEngine) -> AsyncIterator[RunningSite]:
    engine.play(saying(*"abc", reasoning=("x", "y")))
    async with running_site(data, engine, assignments=(*PRICES, "tiers.visitor.free=0.00001")) as site:
        yield site


def request(site: Site, **changes: object) -> TurnRequest:
    values: dict[str, object] = {"model": "scripted", "messages": (Message("user", "?"),)} | changes
    return TurnRequest(id=site.new_id("turn"), caller=CALLER, **values)  # type: ignore[arg-type]


async def begin(site: Site, **changes: object) -> LiveTurn:
    return await site.conductor.begin(site.tasks, request(site, **changes))


async def columns(site: Site, turn_id: str) -> dict[str, Any]:
    await site.conductor.settled()
    query = select(entries).where(entries.c.turn_id == turn_id)
    return dict(await site.database.read(lambda tx: tx.execute(query).mappings().one()))


async def audited(site: Site) -> Checked:
    await site.conductor.settled()
    found = await site.database.read(lambda tx: check(tx, 2**62))
    assert found.findings == []
    return found


CHAT = {"model": "scripted", "messages": [{"role": "user", "content": "?"}]}
DOORS = [
    ("/v1/chat/completions", CHAT),
    ("/v1/chat/completions", CHAT | {"stream": True}),
    ("/v1/messages", CHAT | {"max_tokens": 100}),
    ("/v1/responses", {"model": "scripted", "input": "?"}),
    ("/v1/embeddings", {"model": "scripted", "input": ["one", "two words"]}),
    ("/api/turns", {"content": "?"}),
]


async def test_a_turn_is_booked_with_its_charge_at_every_door(
    priced: RunningSite, client_of_priced: aiohttp.ClientSession
) -> None:
    site = priced.site
    for number, (door, body) in enumerate(DOORS, start=1):
        async with client_of_priced.post(door, json=body) as reply:
            assert reply.status in (200, 201), await reply.text()
            await reply.read()
        while site.turns.count:
            await asyncio.sleep(0)
        found = await audited(site)
        assert (found.turns, found.lines) == (number, 2 * number), door
    rows = await site.database.read(lambda tx: tx.execute(select(entries)).mappings().all())
    assert all(row["price"] > 0 and row["receipt"] for row in rows)


@pytest.fixture
async def client_of_priced(priced: RunningSite) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(priced.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session


async def test_a_finished_turn_costs_its_tokens_by_kind_and_the_allowance_is_used_first(
    priced: RunningSite,
) -> None:
    site = priced.site
    due = []
    for keep in (False, True, False):
        end = await (await begin(site, keep_text=keep)).over()
        assert isinstance(end, Finished)
        charge = end.receipt.charge
        assert charge is not None
        usage = end.receipt.usage
        price = (usage.prompt - usage.cached) * 2 + usage.cached + usage.reasoning * 3 + usage.answer * 5
        assert (charge.price, charge.free + charge.due) == (price, price)
        row = await columns(site, end.receipt.turn_id)
        assert (row["price"], row["due"], row["code"]) == (charge.price, charge.due, None)
        due.append(charge.due)
        assert (end.receipt.tier, end.receipt.behind) == ("visitor", False)
        assert end.receipt.energy is not None and end.receipt.mark is not None
    assert sum(due) == 3 * price - 10  # 0.00001 are ten millionths
    await audited(site)


@pytest.mark.parametrize("keep", [False, True])
async def test_a_turn_that_failed_shows_its_price_and_is_not_charged(
    priced: RunningSite, engine: ScriptedEngine, keep: bool
) -> None:
    engine.play("dies_midway")
    site = priced.site
    end = await (await begin(site, keep_text=keep)).over()
    assert isinstance(end, Failed)
    charge = end.receipt.charge
    assert charge is not None
    assert charge.price == charge.waived > 0
    assert (charge.free, charge.due, charge.waived_why) == (0, 0, end.code)
    row = await columns(site, end.receipt.turn_id)
    assert (row["price"], row["due"], row["code"]) == (0, 0, end.code)
    assert site.quotas.free_left(CALLER) == 10
    assert (await audited(site)).lines == 2, "its tokens were made, and are booked"


@pytest.mark.parametrize("keep", [False, True])
async def test_a_stopped_turn_is_charged_for_what_was_made(
    priced: RunningSite, engine: ScriptedEngine, keep: bool
) -> None:
    engine.gates.hold("3")
    site = priced.site
    live = await begin(site, keep_text=keep)
    await engine.gates.reached("3")
    live.stop("person")
    end = await live.over()
    assert isinstance(end, Stopped)
    usage, charge = end.receipt.usage, end.receipt.charge
    assert charge is not None and usage.generated == 3
    assert charge.price == 2 * (usage.prompt - usage.cached) + usage.cached + 3 * 2 + 5
    await audited(site)


async def test_a_turn_of_which_nothing_came_is_in_no_line(
    priced: RunningSite, engine: ScriptedEngine
) -> None:
    engine.play("refuses")
    end = await (await begin(priced.site)).over()
    assert isinstance(end, Failed) and end.receipt.charge is not None
    assert (end.receipt.charge.price, end.receipt.charge.lines) == (0, ())
    assert (await audited(priced.site)).lines == 0


async def test_what_the_site_cannot_say_of_a_turn_does_not_cost_its_booking(
    priced: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(priced.site.power, "settle", lambda _: 1 / 0)
    end = await (await begin(priced.site)).over()
    assert isinstance(end, Finished)
    assert end.receipt.usage.generated == 5
    assert (await audited(priced.site)).lines == 2


# The parts alone.


class Purse:
    """Free for so much, told of everything."""

    def __init__(self, free: int) -> None:
        self.free = free
        self.told: list[tuple[int, int, int]] = []

    def free_left(self, caller: Caller) -> int:
        return self.free - sum(price - due for _, price, due in self.told)

    def used(self, caller: Caller, service: int, price: int, due: int, turn_id: str | None = None) -> None:
        self.told.append((service, price, due))


TARIFF = Tariff(
    {"default": Price(answer=Decimal(10))}, TariffSettings(off_peak="mon 00:00-01:00 50%", kwh=Decimal("0.3"))
)


def a_turn(tokens: int = 4) -> LiveTurn:
    request = TurnRequest(id="t", caller=CALLER, model="m", messages=(Message("user", "?"),))
    live = LiveTurn(request, Meter("t", "m", lambda: 0.0))
    for _ in range(tokens):
        live.meter.said(AnswerDelta("x", 1), 0.0)
    return live


def test_a_closing_that_failed_gives_back_what_the_allowance_was_told() -> None:
    purse = Purse(25)
    books = Bookkeeping(Accounts(b"s" * 32), lambda: 0, TARIFF, allowance=purse)
    live = a_turn()
    live.opened_at = 2 * 3_600_000_000
    charge = books.complete(live, live.meter.receipt("finished")).charge
    assert charge is not None and (charge.price, charge.free, charge.due) == (40, 25, 15)
    charge = books.complete(live, live.meter.receipt("failed"), "storage_full").charge
    assert charge is not None and (charge.waived, charge.due) == (40, 0)
    assert purse.free_left(CALLER) == 25
    assert [sum(column) for column in zip(*purse.told, strict=True)] == [8, 0, 0], "tokens count once"


def test_the_discount_is_that_of_the_moment_of_admission() -> None:
    books = Bookkeeping(Accounts(b"s" * 32), lambda: 0, TARIFF)
    monday = 1_764_547_200_000_000
    for opened_at, price in ((monday, 20), (monday + 3_599_999_999, 20), (monday + 3_600_000_000, 40)):
        live = a_turn()
        live.opened_at = opened_at
        charge = books.complete(live, live.meter.receipt("finished")).charge
        assert charge is not None and charge.price == price


def test_the_cost_is_that_of_the_turns_energy_and_the_mark_comes_last() -> None:
    class Shares:
        def settle(self, live: LiveTurn) -> Energy:
            return Energy(microjoules=3_600_000_000, measured=True)

    class Marks:
        def mark(self, receipt: Receipt, answer_sha256: str, at: int) -> Receipt:
            assert (receipt.cost, receipt.mark, at) == (300, None, 7)
            assert receipt.charge is not None
            assert answer_sha256.startswith("2d711642"), "SHA-256 of x"
            marked.append(receipt)
            return receipt

    marked: list[Receipt] = []
    books = Bookkeeping(Accounts(b"s" * 32), lambda: 7_999_999, TARIFF, shares=Shares(), marks=Marks())
    live = a_turn()
    live.log.add(AnswerDelta("x", 1))
    books.complete(live, live.meter.receipt("finished"))
    assert len(marked) == 1


def test_a_turn_of_a_dead_process_is_waived_and_has_its_tier() -> None:
    books = Bookkeeping(Accounts(b"s" * 32), lambda: 7, TARIFF)
    entry = OpenEntry(Whose("t", "o", "o", "m", None, "staff"), 0)
    receipt = Receipt(turn_id="t", model="m", usage=Usage(answer=2), ending="failed")
    whole = books.of_dead(entry, receipt, "interrupted", None)
    assert whole.tier == "staff" and whole.charge is not None
    assert (whole.charge.waived, whole.charge.due, whole.charge.waived_why) == (20, 0, "interrupted")
