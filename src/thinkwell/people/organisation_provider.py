"""What is known of the identity provider: its addresses and its keys, as it tells them itself (OpenID Connect
Discovery 1.0). Remembered for an hour; where it cannot be asked again, what is known goes on for a day.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

import msgspec

from thinkwell.errors import ProviderBroken, ProviderError, ProviderUnavailable
from thinkwell.people.organisation_wire import AGAIN_S, Wire
from thinkwell.settings.addresses import host_of, is_of_the_inside

log = logging.getLogger(__name__)

T = TypeVar("T")
FRESH_S = 3600.0
KEPT_S = 86_400.0
MOST_KEYS = 100


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """``secret_in_form``: it takes the client's secret in the body alone. ``names_itself``: with each person
    who comes back it says who it is (RFC 9207)."""

    authorization: str
    token: str
    keys: str
    userinfo: str | None
    secret_in_form: bool
    names_itself: bool


class Provider:
    """Belongs to the event loop. ``clock`` is monotonic, in seconds."""

    def __init__(self, issuer: str, wire: Wire, clock: Callable[[], float]) -> None:
        self.issuer = issuer
        self._wire = wire
        self._metadata: _Remembered[Metadata] = _Remembered(self._ask_metadata, clock)
        self._keys: _Remembered[list[dict[str, Any]]] = _Remembered(self._ask_keys, clock)

    async def metadata(self) -> Metadata:
        """Raises ProviderError."""
        return await self._metadata.get()

    async def keys(self, *, anew: bool = False) -> list[dict[str, Any]]:
        """As JSON Web Keys. ``anew``: asked now, since one is missing. Raises ProviderError."""
        return await self._keys.get(anew=anew)

    async def _ask_metadata(self) -> Metadata:
        reply = await self._wire.ask(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if reply.status != 200 or not reply.body:
            raise ProviderBroken(
                f"There is no identity provider at {self.issuer}: check people.oidc_issuer ({reply.status})."
            )
        if reply.body.get("issuer") != self.issuer:
            raise ProviderBroken(
                f"The identity provider at {self.issuer} calls itself otherwise: people.oidc_issuer must be "
                "its issuer to the letter, also with or without / at the end."
            )
        methods = reply.body.get("token_endpoint_auth_methods_supported")
        in_form = isinstance(methods, list) and "client_secret_basic" not in methods
        userinfo = reply.body.get("userinfo_endpoint")
        return Metadata(
            authorization=self._address(reply.body, "authorization_endpoint"),
            token=self._address(reply.body, "token_endpoint"),
            keys=self._address(reply.body, "jwks_uri"),
            userinfo=None if userinfo is None else self._address(reply.body, "userinfo_endpoint"),
            secret_in_form=in_form,
            names_itself=reply.body.get("authorization_response_iss_parameter_supported") is True,
        )

    def _address(self, body: dict[str, Any], name: str) -> str:
        """One that may be asked. Plain http, numbers and bare names are for a provider that is so itself: no
        provider of the outside leads the site to what stands beside it. Raises ProviderBroken."""
        found = body.get(name)
        host = host_of(found) if isinstance(found, str) else None
        own = urlsplit(self.issuer)
        if (
            not isinstance(found, str)
            or host is None
            or (found.startswith("http:") and own.scheme != "http")
            or (is_of_the_inside(host) and host != own.hostname)
        ):
            raise ProviderBroken(f"The identity provider has no {name} that may be asked.")
        return found

    async def _ask_keys(self) -> list[dict[str, Any]]:
        reply = await self._wire.ask((await self.metadata()).keys)
        keys = reply.body.get("keys")
        if reply.status != 200 or not isinstance(keys, list) or len(keys) > MOST_KEYS:
            raise ProviderBroken("The identity provider has no list of keys.")
        return [key for key in keys if isinstance(key, dict)]


class _Remembered(Generic[T]):
    """Asked once for all who wait. After a failure nobody asks for a while: a flood of people must not
    become a flood of questions."""

    def __init__(self, ask: Callable[[], Awaitable[T]], clock: Callable[[], float]) -> None:
        self._ask = ask
        self._clock = clock
        self._found: tuple[T, float] | None = None
        self._asked = 0
        self._failed: tuple[ProviderError, float] | None = None
        self._lock = asyncio.Lock()

    async def get(self, *, anew: bool = False) -> T:
        before = self._asked
        async with self._lock:
            found, now = self._found, self._clock()
            # Who waited while another one asked has that answer.
            fresh = self._asked > before and self._failed is None
            if found is not None and (fresh if anew else now - found[1] < FRESH_S):
                return found[0]
            problem = self._lately_failed(now)
            if problem is None:
                problem = await self._try(now)
            if problem is None and self._found is not None:
                return self._found[0]
            assert problem is not None
            if found is not None and not anew and now - found[1] < KEPT_S:
                log.warning("what is known of the identity provider stays as it was: %s", problem.message)
                return found[0]
            raise problem

    def _lately_failed(self, now: float) -> ProviderError | None:
        if self._failed is None or now - self._failed[1] >= AGAIN_S:
            return None
        problem = self._failed[0]
        left_s = max(1.0, self._failed[1] + AGAIN_S - now)
        again = left_s if isinstance(problem, ProviderUnavailable) else None
        return type(problem)(problem.message, retry_after_s=again)

    async def _try(self, now: float) -> ProviderError | None:
        self._asked += 1
        try:
            self._found = (await self._ask(), now)
        except ProviderError as problem:
            self._failed = (problem, self._clock())
            return problem
        self._failed = None
        return None
