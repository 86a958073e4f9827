"""Web Push: tells push services that something is ready for somebody, and nothing more (RFC 8030).

A message has no content: not what was asked, not what was answered, not even in which conversation. Addresses
come from browsers, so they are believed only where the operator names their host, over https, and where
the name leads to no machine of the inside. Redirects are not followed.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import ssl
from types import ModuleType
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import urlsplit

from thinkwell.settings.addresses import host_of

if TYPE_CHECKING:
    from thinkwell.people.vapid import Vapid

log = logging.getLogger(__name__)

PATIENCE_S = 10.0
# How long a service keeps it for a browser that is away: after that the answer is no news.
KEPT_FOR_S = 4 * 3600
MOST_CHARACTERS = 1_000
# What became of it: taken, not known there any more, or anything else.
Sent = Literal["taken", "gone", "failed"]


class Post(Protocol):
    async def __call__(self, url: str, headers: dict[str, str]) -> int:
        """The status of the answer; its body is not read. Raises OSError where there is none."""
        ...


def may_be_told(endpoint: str, services: tuple[str, ...]) -> bool:
    """Whether an address is one of a push service that the operator named."""
    host = host_of(endpoint) if len(endpoint) <= MOST_CHARACTERS else None
    if host is None or not endpoint.startswith("https://") or urlsplit(endpoint).port not in (None, 443):
        return False
    return any(host == name or (name.startswith("*.") and host.endswith(name[1:])) for name in services)


class Pushing:
    """Belongs to the event loop."""

    def __init__(self, vapid: Vapid, services: tuple[str, ...], post: Post) -> None:
        self.vapid = vapid
        self._services = services
        self._post = post

    def may_be_told(self, endpoint: str) -> bool:
        return may_be_told(endpoint, self._services)

    async def tell(self, endpoint: str) -> Sent:
        """Once; nobody waits for it, so that a failure is only written down."""
        if not self.may_be_told(endpoint):
            return "gone"  # the operator no longer names its host
        headers = {
            "authorization": self.vapid.authorization(endpoint),
            "ttl": str(KEPT_FOR_S),
            "urgency": "normal",
            "topic": "ready",  # what a browser has not yet fetched is replaced, not added to
            "content-length": "0",
        }
        try:
            async with asyncio.timeout(PATIENCE_S):
                status = await self._post(endpoint, headers)
        except (TimeoutError, OSError) as problem:
            log.warning("a push service cannot be reached: %s", type(problem).__name__)
            return "failed"
        if status in (404, 410):
            return "gone"
        if status >= 300:
            log.warning("the push service %s answers %d", urlsplit(endpoint).hostname, status)
        return "taken" if status < 300 else "failed"


class OverHttps:
    """The real ``Post``. Takes nothing from the environment."""

    def __init__(self) -> None:
        self._loaded: tuple[ModuleType, ssl.SSLContext] | None = None

    async def __call__(self, url: str, headers: dict[str, str]) -> int:
        if self._loaded is None:
            self._loaded = await asyncio.to_thread(_load)
        httpx, context = self._loaded
        await check_outside(urlsplit(url).hostname or "")
        try:
            async with (
                httpx.AsyncClient(verify=context, trust_env=False, timeout=PATIENCE_S) as client,
                client.stream("POST", url, headers=headers, follow_redirects=False) as reply,
            ):
                return int(reply.status_code)
        except httpx.HTTPError as problem:
            raise OSError(str(problem)) from problem


def _load() -> tuple[ModuleType, ssl.SSLContext]:
    """In a thread, and where something is sent: both take a while."""
    import httpx

    return httpx, ssl.create_default_context()


async def check_outside(host: str) -> None:
    """Raises OSError for a name that leads to this machine or to a network of the inside."""
    found = await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    for *_, address in found:
        if not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_global:
            raise OSError(f"{host} leads to the inside")
