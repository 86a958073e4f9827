"""Visitors: people without an account, known by a signed cookie, or at the API by their network."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from itsdangerous import BadSignature, TimestampSigner

from thinkwell.people.addresses import household, network_group
from thinkwell.values.caller import Caller

MOST_REMEMBERED = 4096


class Visitors:
    """Signs and checks visitor cookies. Stateless: a visitor exists as long as the cookie holds.

    Every visitor belongs to the network group of the address they come from, and takes a part of what
    the group has: cookies cost nothing, so many of them must win nothing. Of an address only a keyed
    hash leaves this class.
    """

    def __init__(self, secret: bytes, cookie_days: int) -> None:
        # A name of its own in the derivation: the same secret never signs two kinds of thing alike.
        self._signer = TimestampSigner(secret, salt="thinkwell.visitor", digest_method=hashlib.sha256)
        self._network_key = hmac.digest(secret, b"thinkwell.network", "sha256")
        self.max_age_s = cookie_days * 86_400
        self._of_network: dict[str | None, Caller] = {}  # so that a busy address is hashed once

    def new(self, address: str | None) -> tuple[Caller, str]:
        """A visitor never seen before, and the cookie that will prove it."""
        visitor = secrets.token_urlsafe(18)
        return self._visitor(visitor, address), self._signer.sign(visitor).decode("ascii")

    def known(self, cookie: str, address: str | None) -> Caller | None:
        """The visitor of a cookie; None when it is forged, damaged or out of date.

        The same person from wherever they come; the group is that of ``address`` now.
        """
        if len(cookie) > 200 or not cookie.isascii():
            return None
        try:
            visitor = self._signer.unsign(cookie, max_age=self.max_age_s).decode("ascii")
        except BadSignature:
            return None
        return self._visitor(visitor, address)

    def of_network(self, address: str | None) -> Caller:
        """An API caller without a key: the person is the household, so that many callers share."""
        caller = self._of_network.get(address)
        if caller is None:
            person = self._hidden(household(address))
            group = self._hidden(network_group(address))
            caller = Caller(kind="visitor", id=person, person=person, group=group)
            if len(self._of_network) >= MOST_REMEMBERED:
                self._of_network.clear()
            self._of_network[address] = caller
        return caller

    def _visitor(self, visitor: str, address: str | None) -> Caller:
        name = f"visitor:{visitor}"
        return Caller(kind="visitor", id=name, person=name, group=self._hidden(network_group(address)))

    def _hidden(self, network: str) -> str:
        return f"network:{hmac.digest(self._network_key, network.encode(), 'sha256').hex()[:32]}"
