"""To which addresses of other services secrets may be sent: https, or http on this machine. Pure."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

MOST_CHARACTERS = 2048
# Printable ASCII, but for what readers of addresses do not agree on: " # < > \
_PLAIN = re.compile(r"https?://[!$-;=?-\[\]-~]+")


def is_loopback(host: str) -> bool:
    """Whether only this machine answers there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_of_the_inside(host: str) -> bool:
    """A number or a bare name: nothing that its owner had to register, and maybe something of the network
    that the site stands in."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." not in host
    return True


def host_of(url: str) -> str | None:
    """The host of an address to which a secret may be sent; None where it may not, or where the address
    holds a user, a fragment or anything that is read in more than one way."""
    if len(url) > MOST_CHARACTERS or not _PLAIN.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or "@" in parts.netloc or (parts.scheme == "http" and not is_loopback(host)):
        return None
    return host
