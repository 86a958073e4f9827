"""Visitors: a cookie that only this site can make, and network groups."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.people.visitors import Visitors, network_group

SITE = Visitors(b"a" * 32, 10)


def test_a_visitor_is_known_by_the_cookie() -> None:
    caller, cookie = SITE.new()
    assert SITE.known(cookie) == caller
    assert SITE.new()[0] != caller


def test_another_sites_cookie_is_nobodys() -> None:
    _, cookie = Visitors(b"b" * 32, 10).new()
    assert SITE.known(cookie) is None


@given(forged=st.text(max_size=300))
def test_a_forged_cookie_is_nobodys(forged: str) -> None:
    assert SITE.known(forged) is None


@given(place=st.integers(0, 60), to=st.sampled_from("aZ0.-_"))
def test_a_changed_cookie_is_nobodys(place: int, to: str) -> None:
    _, cookie = SITE.new()
    place %= len(cookie)
    changed = cookie[:place] + to + cookie[place + 1 :]
    if changed != cookie and changed.rstrip("=")[:-1] != cookie.rstrip("=")[:-1]:
        assert SITE.known(changed) is None


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("::ffff:203.0.113.7", "203.0.113.0/24"),
        ("::ffff:cb00:7107", "203.0.113.0/24"),
        ("2001:db8:1:2ff:5::1", "2001:db8:1:200::/56"),
        ("no address", "unknown"),
        (None, "unknown"),
    ],
)
def test_neighbours_on_the_network_are_one_group(address: str | None, group: str) -> None:
    assert network_group(address) == group


def test_no_address_stands_in_a_callers_id() -> None:
    caller = SITE.of_network("203.0.113.7")
    assert "203" not in caller.id.removeprefix("network:")[:3] or "113" not in caller.id
    assert caller == SITE.of_network("203.0.113.99")
    assert caller != SITE.of_network("203.0.114.7")
    assert caller != Visitors(b"b" * 32, 10).of_network("203.0.113.7")
