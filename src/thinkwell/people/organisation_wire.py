"""Asks the identity provider: one request, one JSON object for an answer, bounded in size and time.

Knows nothing of OpenID. Follows no redirect: secrets go to the address that was named, and nowhere else.
"""

from __future__ import annotations

import asyncio
import ssl
from types import ModuleType
from typing import TYPE_CHECKING, Any

import msgspec

from thinkwell.errors import ProviderBroken, ProviderUnavailable

if TYPE_CHECKING:
    import httpx

PATIENCE_S = 10.0  # for a whole answer: people wait for it
MOST_BYTES = 262_144
MOST_AT_ONCE = 32
AGAIN_S = 10.0
# Packed answers are not asked for, and not taken: a few bytes of them may be very many.
HEADERS = {"accept": "application/json", "accept-encoding": "identity", "user-agent": "thinkwell"}


class Reply(msgspec.Struct, frozen=True):
    """``body`` is empty where the answer was no JSON object."""

    status: int
    body: dict[str, Any]


class Wire:
    """Belongs to the event loop. Takes nothing from the environment: no proxy, no password file. What is
    believed of certificates is what the machine believes."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self._loaded: tuple[ModuleType, ssl.SSLContext] | None = None

    async def ask(self, url: str, *, form: str | None = None, headers: dict[str, str] | None = None) -> Reply:
        """GET, or POST of a ``form``. Raises ProviderUnavailable, ProviderBroken."""
        if self._loaded is None:
            self._loaded = await asyncio.to_thread(_load)
        httpx, _ = self._loaded
        try:
            async with asyncio.timeout(self._patience_s), self._room:
                return await self._ask(url, form, HEADERS | (headers or {}))
        except (TimeoutError, httpx.TimeoutException):
            raise _unavailable("it does not answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            raise _unavailable(f"it cannot be reached ({type(problem).__name__})") from problem

    async def _ask(self, url: str, form: str | None, headers: dict[str, str]) -> Reply:
        assert self._loaded is not None
        httpx, context = self._loaded
        method = "GET" if form is None else "POST"
        if form is not None:
            headers = headers | {"content-type": "application/x-www-form-urlencoded"}
        # A connection of its own for each: there are few, and so nothing is to be kept or closed.
        async with (
            httpx.AsyncClient(verify=context, trust_env=False, timeout=self._patience_s) as client,
            client.stream(method, url, content=form, headers=headers, follow_redirects=False) as reply,
        ):
            status: int = reply.status_code
            if status == 429 or status >= 500:
                raise _unavailable(f"it answers {status}")
            if 300 <= status < 400:
                raise ProviderBroken(
                    f"The identity provider sends elsewhere ({status}), which is not followed."
                )
            return Reply(status, _object(await _bounded(reply)))


def _load() -> tuple[ModuleType, ssl.SSLContext]:
    """In a thread, and where there is an organisation: both take a while."""
    import httpx

    return httpx, ssl.create_default_context()


async def _bounded(reply: httpx.Response) -> bytes:
    if reply.headers.get("content-encoding", "identity") != "identity":
        raise ProviderBroken("The identity provider packs its answers, though it was not asked to.")
    body = bytearray()
    async for piece in reply.aiter_raw():
        body += piece
        if len(body) > MOST_BYTES:
            raise ProviderBroken("An answer of the identity provider is too long.")
    return bytes(body)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _unavailable(why: str) -> ProviderUnavailable:
    return ProviderUnavailable(
        f"Your organisation's sign-in does not work now: {why}. Try again in a moment.", retry_after_s=AGAIN_S
    )
