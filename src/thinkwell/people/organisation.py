"""Sign-in at the organisation's own identity provider: OpenID Connect, authorization code flow with PKCE.

What leaves the site and what comes back. Knows no account and no session: ``finish`` says who somebody is at
the provider, and whoever asked decides what that is good for.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from thinkwell.errors import ProviderBroken, ProviderError, ProviderUnavailable, SignInOver, WrongSignIn
from thinkwell.people.organisation_provider import Metadata, Provider
from thinkwell.people.organisation_token import UnknownKey, Wanted, checked, names_of, subject_of
from thinkwell.people.organisation_trips import OVER, Trip, Trips
from thinkwell.people.organisation_wire import AGAIN_S, Wire

log = logging.getLogger(__name__)

SCOPE = "openid profile email"
BACK = "/api/sign_in/organisation/back"
MOST_ACCESS = 65_536
# The person, or the provider's rules, said no; nothing is broken.
DECLINED = frozenset({"access_denied", "login_required", "consent_required", "interaction_required"})
PASSING = frozenset({"temporarily_unavailable", "server_error"})


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """The site as the provider knows it. ``url`` is the site's, ``title`` what the button says."""

    issuer: str
    client: str
    secret: str
    url: str
    title: str

    @property
    def back(self) -> str:
        return self.url.rstrip("/") + BACK


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """With what somebody comes back: parts of the address, whoever wrote it."""

    state: str
    code: str | None = None
    error: str | None = None
    issuer: str | None = None


class Proven(msgspec.Struct, frozen=True, kw_only=True):
    """Who somebody is at the provider, and what the provider gave with it."""

    issuer: str
    subject: str
    claims: dict[str, Any]
    access: str | None


class Organisation:
    """Belongs to the event loop. ``clock`` in seconds since 1970, ``monotonic`` in seconds."""

    def __init__(
        self,
        registration: Registration,
        secret: bytes,
        wire: Wire | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._at = registration
        self._wire = wire or Wire()
        self._clock = clock
        self._trips = Trips(secret, clock)
        self._provider = Provider(registration.issuer, self._wire, monotonic)
        self.issuer = registration.issuer
        self.title = registration.title or urlsplit(registration.issuer).netloc

    async def look(self) -> None:
        """Once at the start, so that the operator hears of a provider that is not there. The site does not
        wait for it."""
        try:
            await self._provider.metadata()
        except ProviderError as problem:
            log.warning("sign-in at the organisation does not work yet: %s", problem.message)

    async def begin(self, *, take_history: bool, invite: str | None, member: str | None) -> tuple[str, str]:
        """Where the browser goes, and the cookie that it takes along. Raises ProviderError, LinkUsed."""
        metadata = await self._provider.metadata()
        trip, cookie = self._trips.begin(take_history=take_history, invite=invite, member=member)
        return await asyncio.to_thread(_address, metadata.authorization, self._at, trip), cookie

    def came_back(self, answer: Answer, cookie: str, member: str | None) -> Trip:
        """The trip that is over now. Raises SignInOver for whoever is not the browser that left."""
        return self._trips.end(cookie, answer.state, member)

    async def finish(self, answer: Answer, trip: Trip) -> Proven:
        """Raises SignInOver, WrongSignIn, ProviderError."""
        self._check_sender(answer, None)
        if answer.error is not None:
            raise _refusal(answer.error)
        metadata = await self._provider.metadata()
        self._check_sender(answer, metadata)
        if not answer.code:
            raise ProviderBroken("The identity provider sent somebody back with nothing.")
        body = await self._exchange(metadata, answer.code, trip.verifier)
        token, access = body.get("id_token"), body.get("access_token")
        if not isinstance(token, str):
            raise ProviderBroken("The identity provider gave no ID token.")
        access = (
            access if isinstance(access, str) and access.isascii() and len(access) < MOST_ACCESS else None
        )
        wanted = Wanted(
            issuer=self._at.issuer,
            client=self._at.client,
            nonce=trip.nonce,
            now_s=int(self._clock()),
            access=access,
        )
        claims = await self._checked(token, wanted)
        return Proven(issuer=self._at.issuer, subject=subject_of(claims), claims=claims, access=access)

    async def names(self, proven: Proven) -> list[str]:
        """What the person is called there, the best first. Most providers tell it to who asks for it with the
        access token. Raises ProviderBroken where another one's names are told."""
        found = names_of(proven.claims)
        metadata = await self._provider.metadata()
        if found or metadata.userinfo is None or proven.access is None:
            return found
        try:
            reply = await self._wire.ask(
                metadata.userinfo, headers={"authorization": f"Bearer {proven.access}"}
            )
        except ProviderError as problem:
            log.warning("what somebody is called was not told: %s", problem.message)
            return []  # a name is a nicety, and can be chosen later
        if reply.status != 200 or not reply.body:
            return []
        if reply.body.get("sub") != proven.subject:
            raise ProviderBroken("The identity provider told of somebody else than it was asked for.")
        return names_of(reply.body)

    def _check_sender(self, answer: Answer, metadata: Metadata | None) -> None:
        """Against answers of another provider (RFC 9207, "mix-up"). Raises ProviderBroken."""
        missing = answer.issuer is None and metadata is not None and metadata.names_itself
        if missing or answer.issuer not in (None, self._at.issuer):
            raise ProviderBroken("Another identity provider sent somebody here.")

    async def _exchange(self, metadata: Metadata, code: str, verifier: str) -> dict[str, Any]:
        """The tokens for a code. Raises SignInOver, ProviderError."""
        form = {
            "grant_type": "authorization_code",
            "redirect_uri": self._at.back,
            "code": code,
            "code_verifier": verifier,
        }
        headers = {}
        if metadata.secret_in_form:
            form |= {"client_id": self._at.client, "client_secret": self._at.secret}
        else:
            headers = {"authorization": _basic(self._at.client, self._at.secret)}
        reply = await self._wire.ask(metadata.token, form=urlencode(form), headers=headers)
        if reply.status == 200 and reply.body:
            return reply.body
        error = _shown(reply.body.get("error"))
        if error == "invalid_grant":
            raise SignInOver(OVER)
        raise ProviderBroken(f"The identity provider takes no code of this site: {reply.status} {error}.")

    async def _checked(self, token: str, wanted: Wanted) -> dict[str, Any]:
        """Where no key fits they are asked for once more: the provider may have changed them."""
        for anew in (False, True):
            keys = await self._provider.keys(anew=anew)
            try:
                return await asyncio.to_thread(checked, token, keys, wanted)
            except UnknownKey:
                continue
        raise ProviderBroken("The identity provider's ID token is signed with none of its keys.")


def _address(endpoint: str, at: Registration, trip: Trip) -> str:
    """Where the browser goes. In a thread: the library is loaded here."""
    from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    address: str = prepare_grant_uri(
        endpoint,
        client_id=at.client,
        response_type="code",
        redirect_uri=at.back,
        scope=SCOPE,
        state=trip.state,
        nonce=trip.nonce,
        code_challenge=create_s256_code_challenge(trip.verifier),
        code_challenge_method="S256",
    )
    return address


def _basic(client: str, secret: str) -> str:
    """RFC 6749, 2.3.1: both are encoded as in a form first."""
    pair = f"{quote(client, safe='')}:{quote(secret, safe='')}"
    return "Basic " + base64.b64encode(pair.encode("ascii")).decode("ascii")


def _refusal(error: str) -> Exception:
    if error in DECLINED:
        return WrongSignIn("Your organisation's sign-in did not let you in.")
    if error in PASSING:
        return ProviderUnavailable(
            "Your organisation's sign-in does not work now. Try again in a moment.", retry_after_s=AGAIN_S
        )
    return ProviderBroken(f"The identity provider refuses this site: {_shown(error)}.")


def _shown(error: object) -> str:
    """An error's name as the standards have it: nothing else goes into the log."""
    return error if isinstance(error, str) and re.fullmatch(r"[a-z_]{1,60}", error) else "with no reason"
