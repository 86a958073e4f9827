"""Trips to the identity provider and back. What a trip needs is in a signed cookie of the browser that went,
so that whoever comes back is the one who left; only which trips are over is kept here.

The cookie holds a random seed. State, nonce and the verifier of PKCE are made of it with the site's secret:
none of them can be told from the others, and the verifier never leaves the site before the code is here.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable

import msgspec

from thinkwell.errors import LinkUsed, SignInOver
from thinkwell.people.links import MOST_TOKEN
from thinkwell.people.signers import DatedSigner

LASTS_S = 600
MOST_OVER = 50_000
_SEED = 22  # characters of 128 bits
_INVITE = re.compile(rf"[A-Za-z0-9_-]{{0,{MOST_TOKEN}}}")
OVER = (
    "This sign-in took too long, was done already, or began in another browser or at another address of this "
    "site. Begin again."
)


class Trip(msgspec.Struct, frozen=True, kw_only=True):
    """``member``: who was signed in when it began, and links the account; None: somebody signs in."""

    seed: str
    take_history: bool
    invite: str | None
    member: str | None
    state: str
    nonce: str
    verifier: str


class Trips:
    """Belongs to the event loop. ``clock`` in seconds since 1970."""

    def __init__(self, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        self._signer = DatedSigner(secret, "organisation", clock)
        self._key = hmac.digest(secret, b"thinkwell.organisation.trip", "sha256")
        self._clock = clock
        self._over: OrderedDict[str, float] = OrderedDict()

    def begin(self, *, take_history: bool, invite: str | None, member: str | None) -> tuple[Trip, str]:
        """And the cookie. Raises LinkUsed for what is no token of a link."""
        if not _INVITE.fullmatch(invite or ""):
            raise LinkUsed("This link is none of ours. Ask for a new one.", param="invite")
        trip = self._trip(secrets.token_urlsafe(16), take_history, invite or None, member)
        return trip, self._signer.signed(f"{trip.seed}{'h' if take_history else 'n'}{trip.invite or ''}")

    def end(self, cookie: str, state: str, member: str | None) -> Trip:
        """The trip of who came back; it is over then, whatever comes of it. ``member`` as when it began.

        Raises SignInOver.
        """
        held = self._signer.holds(cookie, LASTS_S)
        if held is None:
            raise SignInOver(OVER)
        text = held[0]
        trip = self._trip(text[:_SEED], text[_SEED] == "h", text[_SEED + 1 :] or None, member)
        if not hmac.compare_digest(trip.state.encode(), state.encode()) or trip.seed in self._over:
            raise SignInOver(OVER)
        self._forget()
        self._over[trip.seed] = held[1] + LASTS_S
        return trip

    def _forget(self) -> None:
        """Those whose cookie does not hold any more. Under a flood the oldest: their codes are used too."""
        now = self._clock()
        while self._over and (next(iter(self._over.values())) < now or len(self._over) >= MOST_OVER):
            self._over.popitem(last=False)

    def _trip(self, seed: str, take_history: bool, invite: str | None, member: str | None) -> Trip:
        def part(name: str) -> str:
            text = f"{name}\0{seed}\0{member or ''}".encode()
            digest = hmac.digest(self._key, text, "sha256")
            return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")

        return Trip(
            seed=seed,
            take_history=take_history,
            invite=invite,
            member=member,
            state=part("state"),
            nonce=part("nonce"),
            verifier=part("verifier"),
        )
