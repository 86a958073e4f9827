"""Whether an ID token holds (OpenID Connect Core 1.0, 3.1.3.7), and what it says of a person.

The token comes over a connection of ours, and is checked all the same: the signature by a key that the
provider publishes, in an algorithm of a fixed list, so that none is ever chosen by who made the token.
"""

from __future__ import annotations

from typing import Any

import msgspec

from thinkwell.errors import ProviderBroken

# With a pair of keys. No HMAC: a public key must never count as a secret. No "none".
ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
)
CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
PUBLIC = ("kty", "n", "e", "crv", "x", "y")
LEEWAY_S = 60
MOST_TOKEN = 65_536
MOST_SUBJECT = 255  # OpenID Connect Core 1.0, section 2
LEAST_MODULUS = 342  # base64url digits of 2048 bits
MOST_TRIED = 10
# In the order in which a name is taken from them.
NAMES = ("preferred_username", "name", "nickname", "email")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """``access`` is the access token that came along, which the ID token may vouch for."""

    issuer: str
    client: str
    nonce: str
    now_s: int
    access: str | None


class UnknownKey(Exception):
    """No key that is known fits: the provider may have a new one."""


def checked(token: str, keys: list[dict[str, Any]], wanted: Wanted) -> dict[str, Any]:
    """The claims of a token that holds. Raises UnknownKey, ProviderBroken.

    Its libraries are loaded here: run it in a thread.
    """
    from joserfc import jws, jwt
    from joserfc.errors import BadSignatureError, JoseError

    if len(token) > MOST_TOKEN:
        raise _broken("it is too long")
    try:
        header = jws.extract_compact(token.encode("ascii")).headers()
    except (JoseError, ValueError, TypeError, LookupError, AttributeError) as problem:
        raise _broken("it is none") from problem
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise _broken("it is not signed in a way that is taken here")
    for key in _fitting(keys, algorithm, header.get("kid")):
        try:
            found = jwt.decode(token, key, algorithms=[algorithm])
        except BadSignatureError:
            continue
        except (JoseError, ValueError, TypeError) as problem:
            raise _broken("its signature cannot be read") from problem
        return _claims(found.claims, found.header, wanted)
    raise UnknownKey


def _fitting(keys: list[dict[str, Any]], algorithm: str, kid: Any) -> list[Any]:
    """Public keys for the algorithm; with a name of a key in the token, that one alone."""
    from joserfc import jwk
    from joserfc.errors import JoseError

    found: list[Any] = []
    for key in keys:
        fits = (
            key.get("kty") == ("EC" if algorithm in CURVES else "RSA")
            and key.get("crv") == CURVES.get(algorithm)
            and key.get("use", "sig") == "sig"
            and key.get("alg", algorithm) == algorithm
            and (kid is None or key.get("kid") == kid)
            and (key["kty"] != "RSA" or len(str(key.get("n", ""))) >= LEAST_MODULUS)
        )
        if not fits or len(found) >= MOST_TRIED:
            continue
        public: dict[str, Any] = {name: key[name] for name in PUBLIC if name in key}
        try:
            found.append(jwk.import_key(public))
        except (JoseError, ValueError, TypeError):
            continue  # one that is written badly: the others may do
    return found


def _claims(claims: dict[str, Any], header: dict[str, Any], wanted: Wanted) -> dict[str, Any]:
    from authlib.oidc.core import CodeIDToken
    from joserfc.errors import ExpiredTokenError, JoseError

    options = {
        "iss": {"essential": True, "value": wanted.issuer},
        "aud": {"essential": True, "value": wanted.client},
        "nonce": {"essential": True, "value": wanted.nonce},
    }
    params = {"nonce": wanted.nonce, "client_id": wanted.client, "access_token": wanted.access}
    try:
        CodeIDToken(claims, header, options, params).validate(now=wanted.now_s, leeway=LEEWAY_S)
    except ExpiredTokenError as problem:
        raise _broken("it is out of date; compare the clocks of both machines") from problem
    except JoseError as problem:
        raise _broken(f"its {getattr(problem, 'claim', 'content')!s:.20} is not right") from problem
    except (ValueError, TypeError, AttributeError) as problem:
        raise _broken("it is written badly") from problem
    subject_of(claims)
    return claims


def subject_of(claims: dict[str, Any]) -> str:
    """Who it is, at the provider. Raises ProviderBroken."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= MOST_SUBJECT or not subject.isprintable():
        raise _broken("it does not say whose it is")
    return subject


def names_of(claims: dict[str, Any]) -> list[str]:
    """What the person is called there, the best first."""
    return [claims[name] for name in NAMES if isinstance(claims.get(name), str) and claims[name].strip()]


def _broken(why: str) -> ProviderBroken:
    return ProviderBroken(f"The identity provider's ID token cannot be believed: {why}.")
