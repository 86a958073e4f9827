"""Addresses: who shares a network, however the address is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.people.addresses import UNKNOWN, network_group, networks


@pytest.mark.parametrize(
    ("address", "home", "group"),
    [
        ("203.0.113.7", "203.0.113.0/24", "203.0.113.0/24"),
        ("::ffff:203.0.113.7", "203.0.113.0/24", "203.0.113.0/24"),
        ("::ffff:cb00:7107", "203.0.113.0/24", "203.0.113.0/24"),
        ("2001:db8:1:2ff:5::1", "2001:db8:1:200::/56", "2001:db8:1::/48"),
        ("2001:DB8:1:200::", "2001:db8:1:200::/56", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/56", "fe80::/48"),
        ("::1", "::/56", "::/48"),
        ("203.0.113", UNKNOWN, UNKNOWN),
        ("0203.0.113.7", UNKNOWN, UNKNOWN),  # octal to some, decimal to others: to us no address
        ("no address", UNKNOWN, UNKNOWN),
        ("", UNKNOWN, UNKNOWN),
        (None, UNKNOWN, UNKNOWN),
    ],
)
def test_neighbours_on_the_network_are_one_group(address: str | None, home: str, group: str) -> None:
    found = networks(address)
    assert (found[:2][-1], found[-1], network_group(address)) == (home, group, group)


def test_networks_are_told_narrow_to_wide() -> None:
    assert networks("203.0.113.7") == ("203.0.113.7/32", "203.0.113.0/24")
    assert networks("2001:db8:1:2ff:5::1") == (
        "2001:db8:1:2ff::/64",
        "2001:db8:1:200::/56",
        "2001:db8:1::/48",
    )


@given(st.ip_addresses().map(str), st.ip_addresses().map(str))
def test_who_shares_a_narrow_network_shares_the_wider_ones(one: str, other: str) -> None:
    for place, network in enumerate(networks(one)):
        if network in networks(other):
            assert networks(one)[place:] == networks(other)[place:]


@given(st.text(max_size=60))
def test_any_text_is_in_some_network(text: str) -> None:
    assert all(networks(text))
