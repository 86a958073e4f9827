"""A site with weeks behind it, its operator at the page, and the numbers as the site's own doors tell them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.browser.conftest import Visit
from tests.browser.house import House
from tests.browser.records import write_hours, write_looks
from tests.browser.screen import Screen

from thinkwell.people import links
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.turns.run import now_us

Json = dict[str, Any]
PASSWORD = "correct horse"
RULES = (
    "prices.default.prompt=1.5",
    "prices.default.cached=0.1",
    "prices.default.reasoning=3",
    "prices.default.answer=4.000001",
    "tariff.currency=CHF",
    "tariff.kwh=0.3",
    "tariff.hardware_hour=1.2",
    "energy.watts=250",
    "tiers.staff.weight=2",
)


async def open_office(house: House, *rules: str) -> None:
    """The house with two engines and a tariff, after some days."""
    house.others = (ScriptedEngine(name="second"),)
    await house.run_by(*RULES, *rules)
    await write_hours(house.site, days=3)
    write_looks(house.site, minutes=5)


async def join(screen: Screen, name: str, invite: str | None = None) -> None:
    """Whoever is at the screen becomes a member, or with an operator's link an operator."""
    body = {"name": name, "password": PASSWORD} | ({} if invite is None else {"invite": invite})
    reply = await screen.page.request.post(f"{screen.home}/api/sign_up", data=body)
    assert reply.status == 201, await reply.text()


async def boss_at(visit: Visit, house: House, path: str, **options: Any) -> Screen:
    """An operator, at that page."""
    screen = await visit("/status", **options)
    token, _ = await house.site.database.write(lambda tx: links.make(tx, "operator", now_us()))
    await join(screen, "boss", token)
    await screen.go(path)
    return screen


async def told(screen: Screen, path: str) -> Any:
    """What the site tells who is at the screen."""
    reply = await screen.page.request.get(screen.home + path)
    assert reply.ok, await reply.text()
    return await reply.json()


def francs(micros: int) -> str:
    """As the English page writes it: cents, or as many digits as there are."""
    text = f"{Decimal(micros) / 1_000_000:,.6f}"
    whole, _, part = text.partition(".")
    return f"CHF\N{NO-BREAK SPACE}{whole}.{part[:2]}{part[2:].rstrip('0')}"


def watt_hours(joules: float) -> str:
    """Three digits that count."""
    hours, unit = joules / 3600, "Wh"
    if 0 < hours < 0.1:
        hours, unit = hours * 1000, "mWh"
    return f"{Decimal(f'{hours:.3g}').normalize():,f}\N{NO-BREAK SPACE}{unit}"
