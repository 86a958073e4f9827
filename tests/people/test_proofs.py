"""Proofs of work: what they cost, whom they prove, and all that proves nothing."""

from __future__ import annotations

import base64
import json
from copy import deepcopy
from typing import Any

import pytest
from altcha import Challenge, Payload, create_challenge, derive_key_sha, solve_challenge
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.errors import ProofRefused
from thinkwell.people.price import EASIEST, HASHES, SETTLED_S
from thinkwell.people.proofs import CHALLENGE_S, MOST_PAYLOAD, MOST_SPENT, PROVEN_S, RENEW_S, Proofs

# Far ahead, since the library has a clock of its own, which says that nothing made here is late.
NOW = 4_000_000_000.0
HOME = ("network:narrow", "network:wide")
ME, OTHER = "visitor-one", "visitor-two"
Json = dict[str, Any]


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


class Load:
    """A little over where proofs begin, so that a test solves one in a moment."""

    def __init__(self) -> None:
        self.value = 1.0

    def __call__(self) -> float:
        return self.value


def proofs(clock: Clock, load: Load | None = None, secret: bytes = b"s" * 32) -> Proofs:
    return Proofs(secret, 1.0, load or Load(), clock)


def challenge_of(site: Proofs, visitor: str = ME) -> Json:
    offer = site.offer(visitor, SETTLED_S, HOME, None)
    assert offer.why == "busy" and offer.challenge is not None
    return offer.challenge


def solved(challenge: Json) -> str:
    asked = Challenge.from_dict(challenge)
    solution = solve_challenge(asked)
    assert solution is not None
    return Payload(asked, solution).to_base64()


def packed(payload: Json) -> str:
    return base64.b64encode(json.dumps(payload).encode()).decode()


def unpacked(payload: str) -> Json:
    found: Json = json.loads(base64.b64decode(payload))
    return found


def test_who_solves_the_challenge_is_proven_for_an_hour() -> None:
    clock = Clock()
    site = proofs(clock)
    until, proof = site.accept(ME, HOME, solved(challenge_of(site)))
    assert until == NOW + PROVEN_S
    assert site.proven_until(ME, proof) == until
    assert site.offer(ME, 0, HOME, proof).why == "proven"
    clock.now = until - RENEW_S
    assert site.offer(ME, 0, HOME, proof).why == "busy"  # the next may be solved before it is needed
    clock.now = until
    assert site.proven_until(ME, proof) is None


def test_a_proof_survives_a_restart_and_is_nobody_elses() -> None:
    clock = Clock()
    until, proof = proofs(clock).accept(ME, HOME, solved(challenge_of(proofs(clock))))
    again = proofs(clock)
    assert again.proven_until(ME, proof) == until
    assert again.proven_until(OTHER, proof) is None
    assert proofs(clock, secret=b"t" * 32).proven_until(ME, proof) is None


@given(forged=st.text(max_size=300))
def test_a_forged_proof_proves_nobody(forged: str) -> None:
    assert proofs(Clock()).proven_until(ME, forged) is None


@pytest.mark.parametrize("load", [0.0, 0.99, float("nan")])
def test_nothing_is_asked_where_it_is_quiet(load: float) -> None:
    quiet = Load()
    quiet.value = load
    assert proofs(Clock(), quiet).offer(ME, 0, HOME, None).challenge is None


def test_the_challenge_can_be_solved_by_plain_arithmetic() -> None:
    """SHA-256 alone, and a number that is at most what is said: what a browser has to know."""
    challenge = challenge_of(proofs(Clock()))
    parameters = Challenge.from_dict(challenge).parameters
    assert (parameters.algorithm, parameters.cost) == ("SHA-256", HASHES)
    solution = solve_challenge(Challenge.from_dict(challenge))
    assert solution is not None
    assert 1 <= solution.counter <= challenge["parameters"]["data"]["most"] == EASIEST
    password = bytes.fromhex(parameters.nonce) + solution.counter.to_bytes(4, "big")
    assert derive_key_sha(parameters, bytes.fromhex(parameters.salt), password).hex() == solution.derived_key
    assert ME not in json.dumps(challenge)


def refused(site: Proofs, payload: str, visitor: str = ME) -> str:
    with pytest.raises(ProofRefused) as error:
        site.accept(visitor, HOME, payload)
    return error.value.message


def test_a_proof_works_once() -> None:
    site = proofs(Clock())
    payload = solved(challenge_of(site))
    site.accept(ME, HOME, payload)
    assert "used before" in refused(site, payload)


def test_a_replay_gains_nothing_even_where_the_first_use_was_forgotten() -> None:
    clock = Clock()
    payload = solved(challenge_of(proofs(clock)))
    until, _ = proofs(clock).accept(ME, HOME, payload)
    clock.now += CHALLENGE_S
    assert proofs(clock).accept(ME, HOME, payload)[0] == until


def test_a_proof_is_the_visitors_alone_who_was_asked() -> None:
    site = proofs(Clock())
    payload = solved(challenge_of(site))
    assert "somebody else" in refused(site, payload, OTHER)
    site.accept(ME, HOME, payload)  # and the attempt did not spend it


def test_a_late_proof_is_refused() -> None:
    clock = Clock()
    site = proofs(clock)
    payload = solved(challenge_of(site))
    clock.now += CHALLENGE_S + 1
    assert "time" in refused(site, payload)
    past = create_challenge(
        "SHA-256", HASHES, counter=1, expires_at=1, data={"for": "x"}, hmac_secret=b"x", hmac_key_secret=b"x"
    )
    assert "time" in refused(site, solved(past.to_dict()))


def test_a_proof_from_another_site_is_refused() -> None:
    clock = Clock()
    assert "not asked for" in refused(proofs(clock), solved(challenge_of(proofs(clock, secret=b"t" * 32))))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("algorithm", "PBKDF2/SHA-256"),
        ("algorithm", "none"),
        ("algorithm", None),
        ("cost", 1),
        ("keyPrefix", ""),
        ("keyPrefix", "0"),
        ("keyLength", 1),
        ("expiresAt", NOW + 10 * CHALLENGE_S),
        ("expiresAt", float("nan")),
        ("expiresAt", None),
        ("data", {"for": "x", "most": 1}),
        ("data", None),
        ("keySignature", None),
        ("nonce", "00"),
    ],
)
def test_a_challenge_that_was_changed_is_refused(name: str, value: object) -> None:
    site = proofs(Clock())
    payload = unpacked(solved(challenge_of(site)))
    payload["challenge"]["parameters"][name] = value
    assert refused(site, packed(payload))


@pytest.mark.parametrize("key", ["", "00", "zz", "0" * 64, None, 7, ["a"], {"a": 1}])
def test_a_wrong_solution_is_refused_and_spends_nothing(key: object) -> None:
    site = proofs(Clock())
    right = solved(challenge_of(site))
    wrong = unpacked(right)
    wrong["solution"]["derivedKey"] = key
    assert refused(site, packed(wrong)) == "That is not the solution."
    site.accept(ME, HOME, right)


def test_without_a_signature_nothing_counts() -> None:
    site = proofs(Clock())
    payload = unpacked(solved(challenge_of(site)))
    for signature in (None, "", "0" * 64, 7, [], {"a": 1}):
        unsigned = deepcopy(payload)
        unsigned["challenge"]["signature"] = signature
        assert refused(site, packed(unsigned))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@given(anything=JSON | st.builds(lambda a, b: {"challenge": a, "solution": b}, JSON, JSON))
def test_any_json_is_refused_and_no_fault(anything: object) -> None:
    refused(proofs(Clock()), packed(anything))  # type: ignore[arg-type]


@given(text=st.text(max_size=200))
def test_any_text_is_refused_and_no_fault(text: str) -> None:
    refused(proofs(Clock()), text)


@given(
    field=st.sampled_from(["algorithm", "cost", "keyLength", "keyPrefix", "nonce", "salt", "data"]),
    value=JSON,
)
def test_any_value_in_a_field_is_refused_and_no_fault(field: str, value: object) -> None:
    challenge = challenge_of(SITE)
    if value != challenge["parameters"][field]:
        challenge["parameters"][field] = value
        refused(SITE, packed({"challenge": challenge, "solution": {"counter": 1, "derivedKey": "00"}}))


SITE = proofs(Clock())


def test_an_over_long_proof_is_not_even_read() -> None:
    site = proofs(Clock())
    nested = base64.b64encode(b"[" * 1_000_000).decode()
    payload = unpacked(solved(challenge_of(site)))
    payload["solution"]["time"] = "x" * MOST_PAYLOAD
    for text in (nested, packed(payload), "x" * (MOST_PAYLOAD + 1)):
        assert "no proof" in refused(site, text)


def test_what_was_spent_is_remembered_until_it_is_late_and_no_longer() -> None:
    clock = Clock()
    site = proofs(clock)
    for second in range(3):
        clock.now = NOW + second * CHALLENGE_S
        site.accept(ME, HOME, solved(challenge_of(site)))
        assert len(site._spent) == 1


def test_memory_of_what_was_spent_is_bounded() -> None:
    site = proofs(Clock())
    for nonce in range(MOST_SPENT + 100):
        site._spend(str(nonce))
    assert len(site._spent) == MOST_SPENT


def test_a_network_that_brings_many_pays_more_and_the_other_does_not() -> None:
    clock, load = Clock(), Load()
    site = proofs(clock, load)
    for number in range(32):
        site.came((f"network:{number}", "network:wide"))
    assert site.price(SETTLED_S, ("network:x", "network:wide")) == 2 * EASIEST
    assert site.price(SETTLED_S, ("network:x", "network:elsewhere")) == EASIEST
    clock.now += 3_601
    assert site.price(SETTLED_S, ("network:x", "network:wide")) == EASIEST


def test_who_proves_many_from_one_address_pays_more_for_each() -> None:
    site = proofs(Clock())
    for number in range(8):
        site.accept(str(number), HOME, solved(challenge_of(site, str(number))))
    assert site.price(SETTLED_S, HOME) == 2 * EASIEST
