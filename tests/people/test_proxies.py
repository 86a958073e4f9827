"""The operator's proxies: who is believed, and where a request that they pass on comes from."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.people.proxies import Proxies

PROXIES = Proxies([ip_network("10.0.0.0/30"), ip_network("fd00::/64"), ip_network("192.0.2.1")])


@pytest.mark.parametrize(
    "peer", ["10.0.0.1", "10.0.0.3", "::ffff:10.0.0.1", "::ffff:a00:1", "fd00::7", "192.0.2.1"]
)
def test_a_proxy_is_known_however_its_address_is_written(peer: str) -> None:
    assert PROXIES.listed(peer)


@pytest.mark.parametrize(
    "peer", ["10.0.0.4", "192.0.2.2", "fd00:0:0:1::7", "127.0.0.1", "::1", "::10.0.0.1", "proxy", "", None]
)
def test_nobody_else_is(peer: str | None) -> None:
    assert not PROXIES.listed(peer)
    assert not Proxies().listed(peer)


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (["203.0.113.7"], "203.0.113.7"),
        (["198.51.100.1, 203.0.113.7"], "203.0.113.7"),  # the left one is the client's own invention
        (["198.51.100.1", "203.0.113.7"], "203.0.113.7"),
        (["203.0.113.7, 10.0.0.2"], "203.0.113.7"),  # two proxies in a row
        (["203.0.113.7,10.0.0.2,fd00::9"], "203.0.113.7"),
        (["203.0.113.7:4711"], "203.0.113.7"),
        (["2001:db8::1"], "2001:db8::1"),
        (["[2001:db8::1]:4711"], "2001:db8::1"),
        (["[2001:db8::1]"], "2001:db8::1"),
        (["::ffff:203.0.113.7"], "203.0.113.7"),
        (["<script>, 203.0.113.7"], "203.0.113.7"),
        ([" \t203.0.113.7 "], "203.0.113.7"),
        # from here on there is nothing to believe:
        ([], "10.0.0.1"),
        ([""], "10.0.0.1"),
        (["unknown"], "10.0.0.1"),
        (["203.0.113.7, unknown"], "10.0.0.1"),
        (["203.0.113.7, "], "10.0.0.1"),
        (["203.0.113.7", ""], "10.0.0.1"),
        (["203.0.113.777"], "10.0.0.1"),
        (["203.0.113.0/24"], "10.0.0.1"),
        (["203.0.113.7:port"], "10.0.0.1"),
        (["2001:db8::1]:80"], "10.0.0.1"),
        (["10.0.0.2, 10.0.0.3"], "10.0.0.1"),
        (["203.0.113.7;10.0.0.2"], "10.0.0.1"),
    ],
)
def test_a_client_is_the_rightmost_address_that_is_no_proxy(forwarded: list[str], client: str) -> None:
    assert PROXIES.client_address("10.0.0.1", forwarded) == client


@given(peer=st.ip_addresses().map(str), forwarded=st.lists(st.ip_addresses().map(str)))
def test_from_anybody_else_the_header_is_nothing(peer: str, forwarded: list[str]) -> None:
    if not PROXIES.listed(peer):
        assert PROXIES.client_address(peer, forwarded) == peer
    assert Proxies().client_address(peer, forwarded) == peer


@given(invented=st.text(st.characters(exclude_characters="\r\n"), max_size=80))
def test_whatever_a_client_sends_its_group_is_its_own(invented: str) -> None:
    """The proxy adds what it saw on the right, as nginx and others do."""
    assert PROXIES.client_address("10.0.0.1", [f"{invented}, 203.0.113.7"]) == "203.0.113.7"
    assert PROXIES.client_address("10.0.0.1", [invented, "203.0.113.7"]) == "203.0.113.7"
