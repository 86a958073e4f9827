"""Visitors: a cookie that only this site can make, and the network group they take their part of."""

from __future__ import annotations

import random
from ipaddress import IPv6Address
from pathlib import Path

from altcha import Challenge, Payload, solve_challenge
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.people.networks import Networks, day_of, new_key
from thinkwell.people.proofs import PROVEN_S, Proofs
from thinkwell.people.visitors import FORM_S, Visitors

NOW = 4_000_000_000.0


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def site_of(secret: bytes, clock: Clock | None = None) -> Visitors:
    """One where so much is asked for that visitors are asked to work."""
    clock = clock or Clock()
    networks = Networks(Path("unused"), new_key(day_of(clock())), clock)
    return Visitors(secret, 10, networks, Proofs(secret, 1.0, lambda: 1.0, clock), clock)


SITE = site_of(b"a" * 32)
HERE = "203.0.113.7"
NEXT_DOOR = "203.0.113.99"
ELSEWHERE = "203.0.114.7"


def test_a_visitor_is_known_by_the_cookie() -> None:
    caller, cookie = SITE.new(HERE)
    assert SITE.known(cookie, HERE) == caller
    assert SITE.new(HERE)[0].person != caller.person
    assert (caller.kind, caller.tier) == ("visitor", "visitor")


def test_another_sites_cookie_is_nobodys() -> None:
    _, cookie = site_of(b"b" * 32).new(HERE)
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
    next_door = SITE.known(cookie, NEXT_DOOR)
    assert next_door is not None and next_door.group == at_home.group
    assert SITE.known(cookie, HERE) == at_home


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
    assert caller.person == SITE.of_network(NEXT_DOOR).person != SITE.of_network(ELSEWHERE).person
    assert caller.person == caller.group == SITE.new(HERE)[0].group
    home, neighbour = SITE.of_network("2001:db8:7:100::1"), SITE.of_network("2001:db8:7:200::1")
    assert home.person == SITE.of_network("2001:db8:7:1ff::9").person
    assert home.person != neighbour.person
    assert home.group == neighbour.group != home.person


def test_what_an_api_caller_owns_is_of_one_address_not_of_the_household() -> None:
    caller = SITE.of_network(HERE)
    assert caller.id == SITE.of_network(HERE).id != SITE.of_network(NEXT_DOOR).id
    device = SITE.of_network("2001:db8:7:100::1")  # of IPv6 a device has many addresses in its /64
    assert device.id == SITE.of_network("2001:db8:7:100:2::9").id
    assert device.id != SITE.of_network("2001:db8:7:101::1").id


def test_callers_without_an_address_are_one_group() -> None:
    assert SITE.of_network(None) == SITE.of_network("no address")
    assert SITE.new(None)[0].group == SITE.of_network(None).group != SITE.of_network(HERE).group


@given(number=st.integers(0, 2**32 - 1))
def test_no_address_can_be_read_from_a_caller(number: int) -> None:
    """Ids are hexadecimal of a fixed length, and without the key of the day they say nothing."""
    address = f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    caller = SITE.of_network(address)
    prefix, _, digest = caller.id.partition(":")
    assert (prefix, len(digest), set(digest) <= set("0123456789abcdef")) == ("network", 32, True)
    assert caller.id != site_of(b"b" * 32).of_network(address).id


def test_a_caller_has_all_networks_of_the_address_and_of_no_other() -> None:
    visitor, keyless = SITE.new("2001:db8:7:100::1")[0], SITE.of_network("2001:db8:7:100::1")
    assert visitor.networks == keyless.networks
    assert (len(visitor.networks), visitor.networks[1], visitor.networks[2]) == (
        3,
        keyless.person,
        keyless.group,
    )
    assert not set(visitor.networks) & set(SITE.new("2001:db8:8:100::1")[0].networks)


def test_a_cookie_that_is_too_old_is_nobodys() -> None:
    clock = Clock()
    site = site_of(b"a" * 32, clock)
    _, cookie = site.new(HERE)
    clock.now += site.max_age_s
    assert site.known(cookie, HERE) is not None
    clock.now += 1
    assert site.known(cookie, HERE) is None


def proof_of(site: Visitors, cookie: str) -> str:
    """The cookie that a visitor gets for the work that is asked of them."""
    caller = site.known(cookie, HERE)
    assert caller is not None
    offer = site.offer(caller, cookie, None)
    assert offer.challenge is not None
    challenge = Challenge.from_dict(offer.challenge)
    solution = solve_challenge(challenge)
    assert solution is not None
    return site.prove(caller, Payload(challenge, solution).to_base64())[1]


def test_who_has_proven_some_work_is_in_no_group_for_an_hour() -> None:
    clock = Clock()
    site = site_of(b"a" * 32, clock)
    caller, cookie = site.new(HERE)
    proof = proof_of(site, cookie)
    proven = site.known(cookie, HERE, proof)
    assert proven is not None
    assert (proven.id, proven.person, proven.group) == (caller.id, caller.person, None)
    assert proven.networks == caller.networks  # a network that is kept out stays so
    assert site.known(cookie, HERE) == caller
    clock.now += PROVEN_S
    assert site.known(cookie, HERE, proof) == caller


def test_a_proof_does_nothing_for_another_visitor() -> None:
    site = site_of(b"a" * 32)
    other, cookie = site.new(HERE)
    assert site.known(cookie, HERE, proof_of(site, site.new(HERE)[1])) == other


def test_the_older_a_visitor_the_less_is_asked() -> None:
    clock = Clock()
    site = site_of(b"a" * 32, clock)
    caller, cookie = site.new(HERE)

    def most() -> int:
        challenge = site.offer(caller, cookie, None).challenge
        assert challenge is not None
        asked: int = challenge["parameters"]["data"]["most"]
        return asked

    young = most()
    clock.now += 7_200
    grown = most()
    clock.now += 2 * 86_400
    assert young > grown > most() > 0


def test_a_form_is_the_callers_whom_it_was_given_to_for_a_day() -> None:
    clock = Clock()
    site = site_of(b"a" * 32, clock)
    caller, other = site.new(HERE)[0], site.new(HERE)[0]
    token = site.form_token(caller)
    assert site.form_holds(token, caller)
    assert not site.form_holds(token, other)
    assert not site_of(b"b" * 32, clock).form_holds(token, caller)
    clock.now += FORM_S + 1
    assert not site.form_holds(token, caller)


@given(forged=st.text(max_size=300))
def test_a_forged_form_is_nobodys(forged: str) -> None:
    assert not SITE.form_holds(forged, SITE.of_network(HERE))
