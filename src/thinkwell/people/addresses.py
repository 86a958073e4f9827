"""Network addresses, and which networks they are in. Pure; knows no header and no cookie."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
UNKNOWN = "unknown"
# What one subscriber is commonly given: of IPv6 a /64 (one link) to a /56 (a home's line), and a /48 where
# it is a whole site (RFC 6177). Whoever holds a /48 can make 65,536 networks of it, so that to share out by
# anything narrower would sell one subscriber many parts.
PREFIXES4 = (32, 24)
PREFIXES6 = (64, 56, 48)


def parse_address(text: str | None) -> Address | None:
    """None when it is no address. IPv4 mapped into IPv6 is IPv4: both reach a socket that takes both."""
    try:
        address = ip_address(text or "")
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def networks(text: str | None) -> tuple[str, ...]:
    """All that are counted of those that an address is in, narrow to wide; UNKNOWN for what is none."""
    address = parse_address(text)
    if address is None:
        return (UNKNOWN,)
    number = int(address)  # without an fe80::1%scope
    if isinstance(address, IPv4Address):
        return tuple(str(IPv4Network((number, prefix), strict=False)) for prefix in PREFIXES4)
    return tuple(str(IPv6Network((number, prefix), strict=False)) for prefix in PREFIXES6)


def network_group(text: str | None) -> str:
    """The widest of them: those who share one person's part of the machine."""
    return networks(text)[-1]
