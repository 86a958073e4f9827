"""The people of ``bench nat``: each a browser with cookies of its own behind an address, asking over HTTP.

A browser asks first whether work is asked of it, does it, and then puts its question. The site draws small
numbers here, so that one core can do the work of hundreds; each of them waits for as long as an old phone
would take for a number as it would have been drawn. Measures nothing but waits.
"""

from __future__ import annotations

import asyncio
import random
from http.cookies import SimpleCookie
from typing import Any

import aiohttp
import click
import msgspec
from altcha import Challenge, Payload, solve_challenge

from thinkwell.people.price import HASHES

# A tenth of what Node does on a server's core (docs/visitors.md), in hashes a second.
PHONE_HASHES_S = 95_000
EASIER = 100
ANSWER_TOKENS = 24
STARTED = b'"type":"started"'
MOST_SHOWN = 1_000


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """``at``: seconds after the beginning. ``proves``: does the work that is asked. ``asks_as``: the name of
    the browser, where one person's questions come from the same."""

    at: float
    address: str
    proves: bool
    asks_as: str = ""


class Waited(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds from the wish to ask to the start of the answer, of which ``worked_s`` were work (None: none
    was asked). ``started_at`` as ``Person.at``."""

    person: Person
    turn: str
    waited_s: float
    worked_s: float | None
    started_at: float


class Street:
    """Where they all ask: the site at ``url``, behind a proxy of the operator's."""

    def __init__(self, url: str, session: aiohttp.ClientSession, seed: int) -> None:
        self._url = url
        self._session = session
        self._luck = random.Random(seed)
        self._began = asyncio.get_running_loop().time()
        self._jars: dict[str, asyncio.Task[dict[str, str]]] = {}

    def _now(self) -> float:
        return asyncio.get_running_loop().time() - self._began

    async def ask(self, person: Person) -> Waited:
        """Raises ClickException where the site refuses."""
        await asyncio.sleep(person.at - self._now())
        cookies = await self._cookies(person)
        wished = self._now()
        worked_s = await self._work(person, cookies) if person.proves else None
        question = {"content": f"[[think=0 answer={ANSWER_TOKENS}]] What day is it?"}
        reply, _ = await self._call("POST", "/api/turns", person, cookies, question)
        turn = msgspec.json.decode(reply, type=_Asked).turn_id
        await self._started(turn, person, cookies)
        now = self._now()
        return Waited(person=person, turn=turn, waited_s=now - wished, worked_s=worked_s, started_at=now)

    async def _cookies(self, person: Person) -> dict[str, str]:
        """The jar of a browser; two questions of one browser wait for the same first visit."""
        name = person.asks_as
        if not name:
            return await self._visit(person)
        if name not in self._jars:
            self._jars[name] = asyncio.create_task(self._visit(person))
        return await self._jars[name]

    async def _visit(self, person: Person) -> dict[str, str]:
        _, cookies = await self._call("GET", "/api/site", person, {})
        return cookies

    async def _work(self, person: Person, cookies: dict[str, str]) -> float | None:
        began = self._now()
        reply, _ = await self._call("GET", "/api/proof", person, cookies)
        challenge = msgspec.json.decode(reply, type=_Offer).challenge
        if challenge is None:
            return None
        payload, most = _solved(challenge)
        hashes = self._luck.randint(1, most) * HASHES
        await asyncio.sleep(hashes / PHONE_HASHES_S)
        _, given = await self._call("POST", "/api/proof", person, cookies, {"payload": payload})
        cookies |= given
        return self._now() - began

    async def _started(self, turn: str, person: Person, cookies: dict[str, str]) -> None:
        """Reads until the answer starts, and leaves: what is stored goes on without its reader."""
        url, headers = f"{self._url}/api/turns/{turn}/events", _headers(person, cookies)
        said = b""
        async with self._session.get(url, headers=headers) as reply:
            async for piece in reply.content.iter_any():
                said = said[-MOST_SHOWN:] + piece
                if STARTED in said:
                    return
        raise click.ClickException(f"A turn ended before it began: {said.decode('utf-8', 'replace')}")

    async def _call(
        self, method: str, path: str, person: Person, cookies: dict[str, str], body: object = None
    ) -> tuple[bytes, dict[str, str]]:
        """What came, and the cookies that came along."""
        headers = _headers(person, cookies)
        async with self._session.request(method, self._url + path, json=body, headers=headers) as reply:
            content = await reply.read()
            set_cookies = reply.headers.getall("set-cookie", [])
        if reply.status >= 300:
            said = content[:300].decode("utf-8", "replace")
            raise click.ClickException(f"{path} was refused ({reply.status}): {said}")
        found = [SimpleCookie(line) for line in set_cookies]
        return content, {name: one.value for jar in found for name, one in jar.items()}


def easier(most: int) -> int:
    """A number for the site to draw, in place of one below ``most``."""
    return random.randrange(max(1, most // EASIER))


def _solved(offered: dict[str, Any]) -> tuple[str, int]:
    """What proves it, and the most tries that it may take."""
    challenge = Challenge.from_dict(offered)
    found = solve_challenge(challenge, counter_start=1)
    assert found is not None, "a challenge of ours has a solution"
    return Payload(challenge, found).to_base64(), int(offered["parameters"]["data"]["most"])


class _Asked(msgspec.Struct):
    turn_id: str


class _Offer(msgspec.Struct):
    challenge: dict[str, Any] | None = None


def _headers(person: Person, cookies: dict[str, str]) -> dict[str, str]:
    headers = {"X-Forwarded-For": person.address}
    if cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return headers
