"""Visitors: a cookie that only this site can make, and the network group they take their part of."""

from __future__ import annotations

import random
from ipaddress import IPv6Address

from hypothesis import given
from hypothesis import strategies as st

from thinkwell.people.visitors import Visitors

SITE = Visitors(b"a" * 32, 10)
HERE = "203.0.113.7"
NEXT_DOOR = "203.0.113.99"
ELSEWHERE = "203.0.114.7"


def test_a_visitor_is_known_by_the_cookie() -> None:
    caller, cookie = SITE.new(HERE)
    assert SITE.known(cookie, HERE) == caller
    assert SITE.new(HERE)[0].person != caller.person
    assert (caller.kind, caller.tier) == ("visitor", "visitor")


def test_another_sites_cookie_is_nobodys() -> None:
    _, cookie = Visitors(b"b" * 32, 10).new(HERE)
    assert SITE.known(cookie, HERE) is None


@given(forged=st.text(max_size=300))
def test_a_forged_cookie_is_nobodys(forged: str) -> None:
    assert SITE.known(forged, HERE) is None


@given(place=st.integers(0, 60), to=st.sampled_from("aZ0.-_"))
def test_a_changed_cookie_is_nobodys(place: int, to: str) -> None:
    _, cookie = SITE.new(HERE)
    place %= len(cookie)
    changed = cookie[:place] + to + cookie[place + 1 :]
    if changed != cookie and changed.rstrip("=")[:-1] != cookie.rstrip("=")[:-1]:
        assert SITE.known(changed, HERE) is None


def test_a_visitor_who_moves_is_the_same_person_in_another_group() -> None:
    at_home, cookie = SITE.new(HERE)
    away = SITE.known(cookie, ELSEWHERE)
    assert away is not None
    assert (away.id, away.person) == (at_home.id, at_home.person)
    assert away.group != at_home.group
    assert SITE.known(cookie, NEXT_DOOR) == at_home


def test_a_farm_of_cookies_and_addresses_in_one_48_is_one_group() -> None:
    pick = random.Random(48)
    network = int(IPv6Address("2001:db8:7::"))
    addresses = [str(IPv6Address(network | pick.getrandbits(80))) for _ in range(100)]
    cookies = [SITE.new(address)[0] for address in addresses]
    api = [SITE.of_network(address) for address in addresses]
    assert len({caller.person for caller in cookies}) == 100
    assert len({caller.person for caller in api}) > 50  # of 256 households in a /48
    assert {caller.group for caller in cookies + api} == {SITE.new("2001:db8:7::1")[0].group}
    assert SITE.new("2001:db8:8::1")[0].group not in {caller.group for caller in cookies}


def test_an_api_caller_is_a_household_within_the_group() -> None:
    caller = SITE.of_network(HERE)
    assert caller == SITE.of_network(NEXT_DOOR) != SITE.of_network(ELSEWHERE)
    assert caller.id == caller.person == caller.group == SITE.new(HERE)[0].group
    home, neighbour = SITE.of_network("2001:db8:7:100::1"), SITE.of_network("2001:db8:7:200::1")
    assert home == SITE.of_network("2001:db8:7:1ff::9")
    assert home.person != neighbour.person
    assert home.group == neighbour.group != home.person


def test_callers_without_an_address_are_one_group() -> None:
    assert SITE.of_network(None) == SITE.of_network("no address")
    assert SITE.new(None)[0].group == SITE.of_network(None).group != SITE.of_network(HERE).group


@given(number=st.integers(0, 2**32 - 1))
def test_no_address_can_be_read_from_a_caller(number: int) -> None:
    """Ids are hexadecimal of a fixed length, and without the site's secret they say nothing."""
    address = f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    caller = SITE.of_network(address)
    prefix, _, digest = caller.id.partition(":")
    assert (prefix, len(digest), set(digest) <= set("0123456789abcdef")) == ("network", 32, True)
    assert caller.id != Visitors(b"b" * 32, 10).of_network(address).id
