"""People named by a sign-in proxy: the same person on every device, and nobody by mistake."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.errors import BadRequest
from thinkwell.people.named import MOST_NAME_CHARACTERS, SignIn
from thinkwell.people.proxies import Proxies
from thinkwell.values.caller import Caller

PROXIES = Proxies([ip_network("10.0.0.1")])
PROXY = "10.0.0.1"
SIGN_IN = SignIn(b"a" * 32, "X-Remote-User", PROXIES)


def named(name: str) -> Caller:
    caller = SIGN_IN.named(PROXY, [name.encode()])
    assert caller is not None
    return caller


def test_a_name_is_one_person_who_shares_with_nobody() -> None:
    caller = named("zoe@example.org")
    assert caller == named("  zoe@example.org\t")
    assert (caller.kind, caller.tier, caller.group) == ("member", "member", None)
    assert caller.id == caller.person
    assert caller.id.startswith("named:")


def test_a_person_of_one_site_is_not_told_from_another_sites_data() -> None:
    other = SignIn(b"b" * 32, "X-Remote-User", PROXIES).named(PROXY, [b"zoe"])
    assert other is not None
    assert other.id != named("zoe").id


@given(
    name=st.text(min_size=1, max_size=MOST_NAME_CHARACTERS).filter(lambda n: n.isprintable() and n.strip())
)
def test_no_name_can_be_read_from_a_caller(name: str) -> None:
    digest = named(name).id.removeprefix("named:")
    assert len(digest) == 32
    assert set(digest) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    ("one", "other"),
    [("zoe", "Zoe"), ("zo\u00eb", "zoe\u0308"), ("\ufb01le", "file"), ("a", "\u0430"), ("a b", "a  b")],
)
def test_names_that_look_alike_are_two_people(one: str, other: str) -> None:
    assert named(one).id != named(other).id


@pytest.mark.parametrize("peer", ["10.0.0.2", "127.0.0.1", "unknown", "", None])
@pytest.mark.parametrize("values", [[b"zoe"], [b"zoe", b"max"], [b"\xff"], [b"x" * 5000]])
def test_from_anybody_else_the_header_is_nothing(peer: str | None, values: list[bytes]) -> None:
    assert SIGN_IN.named(peer, values) is None


def test_without_the_setting_nobody_is_named() -> None:
    assert SignIn(b"a" * 32, "", PROXIES).named(PROXY, [b"zoe"]) is None
    assert SignIn(b"a" * 32, "X-Remote-User", Proxies()).named(PROXY, [b"zoe"]) is None


@pytest.mark.parametrize("values", [[], [b""], [b"  "], [b"\t"]])
def test_a_proxy_that_names_nobody_lets_a_visitor_in(values: list[bytes]) -> None:
    assert SIGN_IN.named(PROXY, values) is None


@pytest.mark.parametrize("values", [[b"zoe", b"max"], [b"zoe", b"zoe"], [b"", b"zoe"]])
def test_two_names_are_refused(values: list[bytes]) -> None:
    with pytest.raises(BadRequest, match="X-Remote-User came twice"):
        SIGN_IN.named(PROXY, values)


@pytest.mark.parametrize(
    "value",
    [
        b"x" * 201,
        b"zo\xeb",  # Latin-1
        b"zo\x00e",
        b"zoe\x1b[31m",
        b"zoe\x7f",
        "zoe\u0085max".encode(),
        "zoe\u202emax".encode(),  # turns the direction of writing
        "zoe\u200b".encode(),  # of no width
        "\u00a0zoe".encode(),
        b"\xed\xa0\x80",  # half of a surrogate pair
    ],
)
def test_a_name_that_is_not_well_formed_is_refused_not_guessed(value: bytes) -> None:
    with pytest.raises(BadRequest, match="X-Remote-User holds no name"):
        SIGN_IN.named(PROXY, [value])


def test_the_longest_name_is_200_characters_of_any_script() -> None:
    assert named("\u754c" * 200).id != named("\u754c" * 199).id
    with pytest.raises(BadRequest):
        named("\u754c" * 201)
