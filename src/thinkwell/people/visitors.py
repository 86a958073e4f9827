"""Visitors: people without an account, known by a signed cookie, or at the API by their network."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from hashlib import blake2b

from thinkwell.people.networks import Networks
from thinkwell.people.proofs import Offer, Proofs
from thinkwell.people.signers import DatedSigner
from thinkwell.values.caller import Caller

PREFIX = "visitor:"
FORM_S = 86_400


class Visitors:
    """Signs and checks visitor cookies. Stateless: a visitor exists as long as the cookie holds.

    Every visitor belongs to the network group of the address they come from, and takes a part of what
    the group has: cookies cost nothing, so many of them must win nothing. Who has proven some work is a
    person of their own for a while. Of an address only keyed hashes leave this class (networks.py).
    """

    def __init__(
        self,
        secret: bytes,
        cookie_days: int,
        networks: Networks,
        proofs: Proofs,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._secret = secret
        self._signer = DatedSigner(secret, "visitor", clock)
        self._forms = DatedSigner(secret, "form", clock)
        self.networks = networks
        self.proofs = proofs
        self._clock = clock
        self.max_age_s = cookie_days * 86_400

    def new(self, address: str | None) -> tuple[Caller, str]:
        """A visitor never seen before, and the cookie that will prove it."""
        visitor = secrets.token_urlsafe(18)
        caller = self._visitor(visitor, address)
        self.proofs.came(caller.networks)
        return caller, self._signer.signed(visitor)

    def known(self, cookie: str, address: str | None, proof: str | None = None) -> Caller | None:
        """The visitor of a cookie; None when it is forged, damaged or out of date.

        The same person from wherever they come; the group is that of ``address`` now, or none where
        ``proof`` holds.
        """
        found = self._signer.holds(cookie, self.max_age_s)
        return None if found is None else self._visitor(found[0], address, proof)

    def of_network(self, address: str | None) -> Caller:
        """An API caller without a key: the person is the household, so that many callers share a part of the
        line. What they own is their own address's (of IPv6 their /64's), until the day (UTC) is over: the key
        that makes its name is gone then."""
        hashed = self.networks.of_keyless(address)
        return Caller(
            kind="visitor",
            id=hashed.networks[0],
            person=hashed.household,
            group=hashed.group,
            networks=hashed.networks,
        )

    def _visitor(self, visitor: str, address: str | None, proof: str | None = None) -> Caller:
        name, hashed = PREFIX + visitor, self.networks.of(address)
        proven = self.proofs.proven_until(visitor, proof) is not None
        return Caller(
            kind="visitor",
            id=name,
            person=name,
            group=None if proven else hashed.group,
            networks=hashed.networks,
        )

    def offer(self, caller: Caller, cookie: str, proof: str | None) -> Offer:
        """The work that is asked of a visitor; ``cookie`` says how long they have been known."""
        found = self._signer.holds(cookie, self.max_age_s)
        age_s = 0.0 if found is None else self._clock() - found[1]
        return self.proofs.offer(caller.id.removeprefix(PREFIX), age_s, caller.networks, proof)

    def is_asked_for_work(self, caller: Caller) -> bool:
        """Whether so much is asked of the site now that who proves nothing shares with its network."""
        return self.proofs.price(0.0, caller.networks) > 0

    def prove(self, caller: Caller, payload: str) -> tuple[int, str]:
        """Until when (seconds since 1970) the visitor is a person of its own, and the cookie that says so.
        Raises ProofRefused."""
        return self.proofs.accept(caller.id.removeprefix(PREFIX), caller.networks, payload)

    def left_s(self, until: int) -> int:
        """Whole seconds from now to then, which is in seconds since 1970."""
        return max(0, int(until - self._clock()))

    def mark_of(self, caller: Caller) -> str:
        """The same for the same person, and nobody can tell who that is: by it a device knows whose things
        it keeps."""
        mark = blake2b(caller.id.encode(), key=self._secret, person=b"device mark", digest_size=12)
        return mark.hexdigest()

    def form_token(self, caller: Caller) -> str:
        """For a form of ours: that ``caller`` was given it."""
        return self._forms.signed(caller.id)

    def form_holds(self, token: str, caller: Caller) -> bool:
        found = self._forms.holds(token, FORM_S)
        return found is not None and found[0] == caller.id
