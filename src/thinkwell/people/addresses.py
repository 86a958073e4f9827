"""Network addresses, and who shares one. Pure; knows no header and no cookie."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
UNKNOWN = "unknown"


def parse_address(text: str | None) -> Address | None:
    """None when it is no address. IPv4 mapped into IPv6 is IPv4: both reach a socket that takes both."""
    try:
        address = ip_address(text or "")
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def network_group(address: str | None) -> str:
    """Those who share one person's part of the machine: IPv4 by /24, IPv6 by /48.

    A /48 is what one site is commonly given (RFC 6177). Whoever holds it can make 65,536 networks of
    it, so that anything narrower would sell one subscriber many parts.
    """
    return _network(address, 24, 48)


def household(address: str | None) -> str:
    """One person, where nothing but the address is known: IPv4 by /24, IPv6 by /56 (one home's line)."""
    return _network(address, 24, 56)


def _network(text: str | None, prefix4: int, prefix6: int) -> str:
    address = parse_address(text)
    if address is None:
        return UNKNOWN
    if isinstance(address, IPv4Address):
        return str(IPv4Network((int(address), prefix4), strict=False))
    return str(IPv6Network((int(address), prefix6), strict=False))  # the number: without an fe80::1%scope
