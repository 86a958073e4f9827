"""The operator's own proxies: which addresses they have, and for whom they pass a request on.

Every header that a proxy adds can be sent by anybody. Here is the one place that says from whom such a
header counts; nobody is listed unless the operator lists them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from thinkwell.people.addresses import parse_address
from thinkwell.settings import Network

# Some proxies add the port: 203.0.113.7:4711, [2001:db8::1]:4711, [2001:db8::1].
_WITH_PORT = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+))(?::[0-9]{1,5})?")


MOST_REMEMBERED = 4096


class Proxies:
    """``networks`` are the addresses of proxies; with none, nobody is believed."""

    def __init__(self, networks: Sequence[Network] = ()) -> None:
        self._networks = tuple(networks)
        self._known: dict[str, bool] = {}

    def listed(self, peer: str | None) -> bool:
        """Whether the other end of the connection, ``peer``, is a proxy of the operator."""
        if not self._networks or peer is None:
            return False
        known = self._known.get(peer)
        if known is None:
            address = parse_address(peer)
            known = address is not None and any(address in network for network in self._networks)
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[peer] = known
        return known

    def client_address(self, peer: str | None, forwarded: Sequence[str]) -> str | None:
        """Where a request comes from. ``forwarded``: its X-Forwarded-For headers, in order.

        Each proxy adds on the right the address that it saw. So the right-most one that is no proxy of
        ours is the last that we can believe; what stands left of it the client may have made up. When it
        cannot be read, or every address is a proxy's, the peer's address counts: a broken header moves a
        client among those who share the proxy's address, never into a group of its own choice.
        """
        if not self.listed(peer):
            return peer
        for part in reversed(",".join(forwarded).split(",")):
            text = part.strip()
            ported = _WITH_PORT.fullmatch(text)
            address = parse_address((ported[1] or ported[2]) if ported else text)
            if address is None:
                return peer
            if not self.listed(str(address)):
                return str(address)
        return peer
