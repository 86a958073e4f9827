"""What an identity provider may say, and what is refused: nobody is signed in by a token that does not hold."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from tests.people.hostile_provider import (
    CLIENT,
    CURVE,
    KEY,
    OTHER,
    SECRET,
    HostileProvider,
    by_hand,
    signed,
    with_public_key,
)

from thinkwell.errors import (
    LinkUsed,
    ProviderBroken,
    ProviderError,
    ProviderUnavailable,
    SignInOver,
    ThinkwellError,
    WrongSignIn,
)
from thinkwell.people import organisation_provider
from thinkwell.people.organisation import Answer, Organisation, Proven, Registration
from thinkwell.people.organisation_token import UnknownKey, Wanted, checked
from thinkwell.people.organisation_trips import LASTS_S, Trips
from thinkwell.people.organisation_wire import AGAIN_S, MOST_BYTES, Wire

Json = dict[str, Any]


class Clock:
    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def provider() -> AsyncIterator[HostileProvider]:
    async with HostileProvider().serving() as serving:
        yield serving


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(provider: HostileProvider, clock: Clock) -> Organisation:
    return organisation_of(provider, clock)


def organisation_of(provider: HostileProvider, clock: Clock, wire: Wire | None = None) -> Organisation:
    at = Registration(
        issuer=provider.issuer, client=CLIENT, secret=SECRET, url="https://ask.example.org/", title=""
    )
    return Organisation(at, b"secret of the site", wire, clock, clock)


async def sign_in(site: Organisation, provider: HostileProvider, **changes: Any) -> Proven:
    address, cookie = await site.begin(take_history=True, invite=None, member=None)
    answer = provider.approve(address)
    answer = Answer(state=answer["state"], code=answer["code"], **changes)
    return await site.finish(answer, site.came_back(answer, cookie, None))


def answering(make: Callable[[], web.Response]) -> Any:
    async def answer(request: web.Request) -> web.Response:
        return make()

    return answer


# -- what is right -------------------------------------------------------------------------------


async def test_an_honest_provider_says_who_somebody_is(site: Organisation, provider: HostileProvider) -> None:
    proven = await sign_in(site, provider)
    assert (proven.issuer, proven.subject) == (provider.issuer, "zoe")
    assert await site.names(proven) == ["zoe"]


async def test_the_address_asks_for_a_code_and_tells_neither_secret_nor_verifier(
    site: Organisation, provider: HostileProvider
) -> None:
    provider.metadata = {"authorization_endpoint": f"{provider.issuer}/enter?realm=town"}
    address, cookie = await site.begin(take_history=True, invite=None, member=None)
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(f"{provider.issuer}/enter?realm=town&")
    assert query.pop("redirect_uri") == "https://ask.example.org/api/sign_in/organisation/back"
    assert query["response_type"] == "code" and query["code_challenge_method"] == "S256"
    assert "openid" in query["scope"].split()
    secrets = {query["state"], query["nonce"], query["code_challenge"]}
    assert len(secrets) == 3 and min(map(len, secrets)) >= 43
    assert not any(secret in cookie for secret in secrets) and len(cookie) < 200
    again, _ = await site.begin(take_history=True, invite=None, member=None)
    assert not any(secret in again for secret in secrets)


async def test_a_secret_goes_into_the_form_where_the_provider_takes_it_there_alone(
    site: Organisation, provider: HostileProvider
) -> None:
    provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert (await sign_in(site, provider)).subject == "zoe"


async def test_names_that_the_token_does_not_have_are_asked_for(
    site: Organisation, provider: HostileProvider
) -> None:
    provider.person = {"sub": "zoe"}
    proven = await sign_in(site, provider)
    assert await site.names(proven) == ["Zoe of Town"]
    provider.answers["/me"] = answering(lambda: web.Response(status=500))
    assert await site.names(proven) == []
    provider.answers["/me"] = answering(lambda: web.Response(text="no JSON"))
    assert await site.names(proven) == []
    provider.answers["/me"] = answering(lambda: web.json_response({"sub": "adam", "name": "Adam"}))
    with pytest.raises(ProviderBroken):
        await site.names(proven)


async def test_keys_are_asked_for_once_and_again_when_the_provider_has_a_new_one(
    site: Organisation, provider: HostileProvider
) -> None:
    await sign_in(site, provider)
    await sign_in(site, provider)
    assert provider.asked.count("/keys") == provider.asked.count("/.well-known/openid-configuration") == 1
    provider.keys = [CURVE.as_dict(private=False)]
    provider.make = lambda claims: signed(claims, CURVE, "ES256")
    assert (await sign_in(site, provider)).subject == "zoe"
    assert provider.asked.count("/keys") == 2
    provider.make = lambda claims: signed(claims, OTHER)
    with pytest.raises(ProviderBroken, match="none of its keys"):
        await sign_in(site, provider)
    assert provider.asked.count("/keys") == 3


async def test_a_token_that_names_no_key_is_checked_with_each(
    site: Organisation, provider: HostileProvider
) -> None:
    provider.keys = [
        {"kty": "RSA", "n": "x" * 400, "e": "?"},
        {"kty": "EC", "crv": "P-256", "x": "A", "y": "A"},
        {"kty": "oct", "k": "AAAA"},
        {"kty": ["RSA"], "n": 5},
        OTHER.as_dict(private=False),
        KEY.as_dict(private=False),
    ]
    provider.make = _nameless
    assert (await sign_in(site, provider)).subject == "zoe"


def _nameless(claims: Json) -> str:
    from joserfc import jwt

    return jwt.encode({"alg": "RS256"}, claims, KEY, algorithms=["RS256"])


# -- tokens that do not hold ---------------------------------------------------------------------

Claims = Callable[[Json], object]
LATER, BEFORE = int(time.time()) + 86_400, int(time.time()) - 86_400
SPOILED: dict[str, Claims] = {
    "for another site": lambda claims: claims.update(aud="another"),
    "for nobody": lambda claims: claims.pop("aud"),
    "for several, and ours is not the one it was made for": lambda claims: claims.update(
        aud=[CLIENT, "another"], azp="another"
    ),
    "for several, not saying for which it was made": lambda claims: claims.update(aud=[CLIENT, "another"]),
    "for an object": lambda claims: claims.update(aud={"a": 1}),
    "made for another site": lambda claims: claims.update(azp="another"),
    "of another provider": lambda claims: claims.update(iss="https://evil.example"),
    "of no provider": lambda claims: claims.pop("iss"),
    "of several providers": lambda claims: claims.update(iss=[claims["iss"]]),
    "out of date": lambda claims: claims.update(exp=BEFORE),
    "for ever": lambda claims: claims.pop("exp"),
    "until some day": lambda claims: claims.update(exp="tomorrow"),
    "until nothing": lambda claims: claims.update(exp=None),
    "of the future": lambda claims: claims.update(iat=LATER, exp=LATER + 300),
    "of no time": lambda claims: claims.pop("iat"),
    "not good yet": lambda claims: claims.update(nbf=LATER),
    "with the nonce of somebody else": lambda claims: claims.update(nonce="another"),
    "with no nonce": lambda claims: claims.pop("nonce"),
    "with several nonces": lambda claims: claims.update(nonce=[claims["nonce"]]),
    "of nobody": lambda claims: claims.pop("sub"),
    "of somebody without a name": lambda claims: claims.update(sub=""),
    "of a number": lambda claims: claims.update(sub=5),
    "of somebody whose name is very long": lambda claims: claims.update(sub="z" * 256),
    "of somebody whose name has no letters": lambda claims: claims.update(sub="zoe\x00"),
    "that vouches for another access token": lambda claims: claims.update(at_hash="AAAA"),
    "that vouches for nothing readable": lambda claims: claims.update(at_hash={"a": 1}),
}


@pytest.mark.parametrize("how", SPOILED)
async def test_a_token_is_refused(site: Organisation, provider: HostileProvider, how: str) -> None:
    provider.spoil = SPOILED[how]
    with pytest.raises(ProviderBroken, match="cannot be believed"):
        await sign_in(site, provider)


FORGED: dict[str, Callable[[Json], str]] = {
    "signed by nobody": lambda claims: by_hand({"alg": "none"}, claims, lambda text: b""),
    "signed by nobody, written otherwise": lambda claims: by_hand({"alg": "nOnE"}, claims, lambda text: b""),
    "signed by nobody, in a name that counts": lambda claims: by_hand(
        {"alg": "RS256", "kid": "one"}, claims, lambda text: b""
    ),
    "signed with the public key": with_public_key,
    "signed by somebody else": lambda claims: signed(claims, OTHER),
    "signed by somebody else in the provider's name": lambda claims: signed(claims, OTHER, kid="one"),
    "that brings its own key": lambda claims: signed(
        claims, OTHER, kid="one", jwk=OTHER.as_dict(private=False)
    ),
    "signed with a curve in the name of the other key": lambda claims: signed(
        claims, CURVE, "ES256", kid="one"
    ),
    "changed on the way": lambda claims: ".".join(
        [*signed(claims | {"sub": "adam"}).split(".")[:2], signed(claims).split(".")[2]]
    ),
    "with a header that must be understood": lambda claims: by_hand(
        {"alg": "RS256", "kid": "one", "crit": ["x"], "x": 1}, claims, lambda text: b"x" * 256
    ),
    "that is sealed": lambda claims: "a.b.c.d.e",
    "that is none": lambda claims: "not a token",
    "that is empty": lambda claims: "",
    "that is not even text of a token": lambda claims: "ü.ü.ü",
    "with a header that is a list": lambda claims: by_hand([], claims, lambda text: b""),  # type: ignore[arg-type]
    "with an algorithm that is a list": lambda claims: by_hand({"alg": ["RS256"]}, claims, lambda text: b""),
    "with claims that are a list": lambda claims: by_hand(
        {"alg": "RS256", "kid": "one"},
        [claims],
        lambda text: b"",  # type: ignore[arg-type]
    ),
    "that is very long": lambda claims: signed(claims | {"more": "x" * 70_000}),
}


@pytest.mark.parametrize("how", FORGED)
async def test_a_forged_token_is_refused(site: Organisation, provider: HostileProvider, how: str) -> None:
    provider.make = FORGED[how]
    with pytest.raises(ProviderBroken):
        await sign_in(site, provider)


async def test_a_token_that_is_a_few_seconds_early_or_late_is_taken(
    site: Organisation, provider: HostileProvider
) -> None:
    now = int(time.time())
    provider.spoil = lambda claims: claims.update(iat=now + 30, exp=now + 300)
    await sign_in(site, provider)
    provider.spoil = lambda claims: claims.update(iat=now - 330, exp=now - 30)
    await sign_in(site, provider)


async def test_a_small_key_counts_for_nothing(site: Organisation, provider: HostileProvider) -> None:
    small = KEY.as_dict(private=False)
    provider.keys = [small | {"n": str(small["n"])[:170]}]
    with pytest.raises(ProviderBroken, match="none of its keys"):
        await sign_in(site, provider)


@given(
    st.text(max_size=200)
    | st.builds(lambda *parts: ".".join(parts), *[st.text("ABCabc012-_=ü", max_size=40)] * 3)
)
def test_no_text_makes_the_check_stumble(text: str) -> None:
    wanted = Wanted(issuer="i", client="c", nonce="n", now_s=0, access=None)
    with pytest.raises((ProviderBroken, UnknownKey)):
        checked(text, [KEY.as_dict(private=False)], wanted)


# -- answers that are none -----------------------------------------------------------------------

HUGE = b'{"id_token":"' + b"x" * MOST_BYTES + b'"}'
ANSWERS: dict[str, tuple[Callable[[], web.Response], type[ThinkwellError]]] = {
    "very long": (lambda: web.Response(body=HUGE), ProviderBroken),
    "packed": (
        lambda: web.Response(body=gzip.compress(b"{}"), headers={"content-encoding": "gzip"}),
        ProviderBroken,
    ),
    "no JSON": (lambda: web.Response(text="<html>"), ProviderBroken),
    "no object": (lambda: web.json_response(["id_token"]), ProviderBroken),
    "nested deep": (lambda: web.Response(text="[" * 5000 + "]" * 5000), ProviderBroken),
    "no text": (lambda: web.Response(body=b'{"a": "\xff"}'), ProviderBroken),
    "empty": (web.Response, ProviderBroken),
    "elsewhere": (
        lambda: web.Response(status=302, headers={"location": "http://evil.example"}),
        ProviderBroken,
    ),
    "elsewhere with the same body": (
        lambda: web.Response(status=307, headers={"location": "http://evil.example"}),
        ProviderBroken,
    ),
    "broken": (lambda: web.Response(status=500), ProviderUnavailable),
    "too much asked": (lambda: web.Response(status=429), ProviderUnavailable),
    "refused": (lambda: web.json_response({"error": "invalid_client"}, status=401), ProviderBroken),
    "refused in strange words": (
        lambda: web.json_response({"error": "\n\x1b[31mINJECTED"}, status=400),
        ProviderBroken,
    ),
}


@pytest.mark.parametrize("how", ANSWERS)
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
async def test_an_answer_is_refused(
    site: Organisation, provider: HostileProvider, path: str, how: str
) -> None:
    make, problem = ANSWERS[how]
    provider.answers[path] = answering(make)
    with pytest.raises(problem) as refused:
        await sign_in(site, provider)
    assert refused.value.message.isprintable() and "INJECTED" not in refused.value.message
    assert set(provider.asked) <= {"/.well-known/openid-configuration", "/keys", "/token"}


async def test_a_code_that_the_provider_does_not_know_is_over(
    site: Organisation, provider: HostileProvider
) -> None:
    address, cookie = await site.begin(take_history=True, invite=None, member=None)
    answer = Answer(state=provider.approve(address)["state"], code="another")
    with pytest.raises(SignInOver):
        await site.finish(answer, site.came_back(answer, cookie, None))


async def test_a_provider_that_never_ends_its_answer_is_given_up(
    provider: HostileProvider, clock: Clock
) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        reply = web.StreamResponse()
        await reply.prepare(request)
        await reply.write(b"{")
        await asyncio.Event().wait()
        return reply

    provider.answers["/token"] = drip
    site = organisation_of(provider, clock, Wire(patience_s=0.3))
    with pytest.raises(ProviderUnavailable, match="in time") as slow:
        await sign_in(site, provider)
    assert slow.value.retry_after_s


# -- what a provider says of itself --------------------------------------------------------------

ABOUT: dict[str, Json] = {
    "another name": {"issuer": "https://evil.example"},
    "no name": {"issuer": None},
    "a script for an address": {"authorization_endpoint": "javascript:alert(1)"},
    "a file for an address": {"jwks_uri": "file:///etc/passwd"},
    "plain http elsewhere": {"token_endpoint": "http://evil.example/token"},
    "the cloud's own address": {"token_endpoint": "http://169.254.169.254/latest"},
    "the same with https": {"jwks_uri": "https://169.254.169.254/latest"},
    "a bare name": {"jwks_uri": "https://database/keys"},
    "another number of this machine": {"jwks_uri": "http://127.0.0.2/keys"},
    "a user": {"token_endpoint": "https://user@id.example.org/token"},
    "a line break": {"authorization_endpoint": "https://id.example.org/\r\nset-cookie: a=b"},
    "no address": {"token_endpoint": 5},
    "no keys": {"jwks_uri": None},
    "something of the inside that tells names": {"userinfo_endpoint": "https://10.0.0.1/me"},
}


@pytest.mark.parametrize("what", ABOUT)
async def test_a_provider_that_says_of_itself_is_not_followed(
    site: Organisation, provider: HostileProvider, what: str
) -> None:
    provider.metadata = ABOUT[what]
    with pytest.raises(ProviderBroken):
        await site.begin(take_history=True, invite=None, member=None)
    assert provider.asked == ["/.well-known/openid-configuration"]


async def test_a_provider_that_is_away_is_asked_seldom_and_then_again(
    site: Organisation, provider: HostileProvider, clock: Clock
) -> None:
    path = "/.well-known/openid-configuration"
    provider.answers[path] = answering(lambda: web.Response(status=503))
    for _ in range(3):
        with pytest.raises(ProviderUnavailable) as away:
            await site.begin(take_history=True, invite=None, member=None)
        assert away.value.retry_after_s and 0 < away.value.retry_after_s <= AGAIN_S
    assert provider.asked == [path]
    clock.now += AGAIN_S + 1
    provider.answers.clear()
    await sign_in(site, provider)


async def test_what_was_known_holds_for_a_day_while_the_provider_tells_nothing(
    site: Organisation, provider: HostileProvider, clock: Clock
) -> None:
    await sign_in(site, provider)
    provider.answers["/.well-known/openid-configuration"] = answering(lambda: web.Response(status=503))
    clock.now += organisation_provider.FRESH_S + 1
    await site.begin(take_history=True, invite=None, member=None)
    clock.now += organisation_provider.KEPT_S
    with pytest.raises(ProviderUnavailable):
        await site.begin(take_history=True, invite=None, member=None)


async def test_many_who_begin_at_once_make_one_question(
    site: Organisation, provider: HostileProvider
) -> None:
    ways = [site.begin(take_history=True, invite=None, member=None) for _ in range(20)]
    assert len({cookie for _, cookie in await asyncio.gather(*ways)}) == 20
    assert len(provider.asked) == 1


# -- who comes back ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        ("access_denied", WrongSignIn),
        ("login_required", WrongSignIn),
        ("temporarily_unavailable", ProviderUnavailable),
        ("unauthorized_client", ProviderBroken),
        ("<script>alert(1)</script>", ProviderBroken),
    ],
)
async def test_whoever_is_sent_back_with_an_error_is_told_whose_it_is(
    site: Organisation, provider: HostileProvider, error: str, problem: type[ThinkwellError]
) -> None:
    with pytest.raises(problem) as refused:
        await sign_in(site, provider, error=error)
    assert "<" not in refused.value.message
    assert "/token" not in provider.asked


async def test_nobody_comes_back_from_another_provider(
    site: Organisation, provider: HostileProvider, clock: Clock
) -> None:
    with pytest.raises(ProviderBroken, match="Another"):
        await sign_in(site, provider, issuer="https://evil.example")
    assert "/token" not in provider.asked
    await sign_in(site, provider, issuer=provider.issuer)
    provider.metadata = {"authorization_response_iss_parameter_supported": True}
    careful = organisation_of(provider, clock)
    with pytest.raises(ProviderBroken, match="Another"):
        await sign_in(careful, provider)
    await sign_in(careful, provider, issuer=provider.issuer)


def test_a_trip_ends_once_in_time_for_the_same_person() -> None:
    clock = Clock()
    trips = Trips(b"secret", clock)
    trip, cookie = trips.begin(take_history=False, invite="token-1_2", member="member:1")
    for wrong in ("", "x", cookie[:-1] + ("A" if cookie[-1] != "A" else "B"), "x." + cookie, cookie * 2):
        with pytest.raises(SignInOver):
            trips.end(wrong, trip.state, "member:1")
    for state, member in ((trip.state, None), (trip.state, "member:2"), ("", "member:1"), ("é", "member:1")):
        with pytest.raises(SignInOver):
            trips.end(cookie, state, member)
    with pytest.raises(SignInOver):
        Trips(b"another", clock).end(cookie, trip.state, "member:1")
    assert trips.end(cookie, trip.state, "member:1") == trip
    assert (trip.take_history, trip.invite) == (False, "token-1_2")
    with pytest.raises(SignInOver):
        trips.end(cookie, trip.state, "member:1")
    late, cookie = trips.begin(take_history=True, invite=None, member=None)
    clock.now += LASTS_S + 1
    with pytest.raises(SignInOver):
        trips.end(cookie, late.state, None)


@pytest.mark.parametrize("invite", ["a b", "a.b", "x" * 65, "é"])
def test_what_is_no_token_goes_into_no_cookie(invite: str) -> None:
    with pytest.raises(LinkUsed):
        Trips(b"secret").begin(take_history=True, invite=invite, member=None)


async def test_a_provider_that_is_not_there_is_an_error_with_a_time_to_come_back(clock: Clock) -> None:
    async with HostileProvider().serving() as gone:
        pass
    with pytest.raises(ProviderError) as away:
        await organisation_of(gone, clock).begin(take_history=True, invite=None, member=None)
    assert isinstance(away.value, ProviderUnavailable) and away.value.retry_after_s
