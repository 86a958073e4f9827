"""Visitors: people without an account, known by a signed cookie, or at the API by their network group."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets

from itsdangerous import BadSignature, TimestampSigner

from thinkwell.values.caller import Caller


class Visitors:
    """Signs and checks visitor cookies. Stateless: a visitor exists as long as the cookie holds."""

    def __init__(self, secret: bytes, cookie_days: int) -> None:
        # A name of its own in the derivation: the same secret never signs two kinds of thing alike.
        self._signer = TimestampSigner(secret, salt="thinkwell.visitor", digest_method=hashlib.sha256)
        self._network_key = hmac.digest(secret, b"thinkwell.network", "sha256")
        self.max_age_s = cookie_days * 86_400

    def new(self) -> tuple[Caller, str]:
        """A visitor never seen before, and the cookie that will prove it."""
        visitor = secrets.token_urlsafe(18)
        return _visitor(visitor), self._signer.sign(visitor).decode("ascii")

    def known(self, cookie: str) -> Caller | None:
        """The visitor of a cookie; None when it is forged, damaged or out of date."""
        if len(cookie) > 200 or not cookie.isascii():
            return None
        try:
            return _visitor(self._signer.unsign(cookie, max_age=self.max_age_s).decode("ascii"))
        except BadSignature:
            return None

    def of_network(self, address: str | None) -> Caller:
        """An API caller without a key: the person is the network group, so that many callers share."""
        group = hmac.digest(self._network_key, network_group(address).encode(), "sha256").hex()[:32]
        return Caller(kind="visitor", id=f"network:{group}", person=f"network:{group}")


def _visitor(visitor: str) -> Caller:
    return Caller(kind="visitor", id=f"visitor:{visitor}", person=f"visitor:{visitor}")


def network_group(address: str | None) -> str:
    """IPv4 by /24, IPv6 by /56 (what one household commonly holds); IPv4 mapped into IPv6 is IPv4."""
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip
    prefix = 24 if ip.version == 4 else 56
    return str(ipaddress.ip_network(f"{ip}/{prefix}", strict=False))
