"""An identity provider in this process that can be made to lie in any way, with keys of its own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
CLIENT, SECRET = "thinkwell", "a secret, +%:/?"
# Made once: RSA keys take a while.
KEY = RSAKey.generate_key(2048, {"kid": "one"})
OTHER = RSAKey.generate_key(2048, {"kid": "other"})
CURVE = ECKey.generate_key("P-256", {"kid": "curve"})


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def by_hand(header: Json, claims: Json, sign: Callable[[bytes], bytes]) -> str:
    """A token that no library would make."""
    text = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{text}.{b64(sign(text.encode()))}"


def signed(claims: Json, key: Any = KEY, algorithm: str = "RS256", **header: Any) -> str:
    return jwt.encode({"alg": algorithm, "kid": key.kid} | header, claims, key, algorithms=[algorithm])


def with_public_key(claims: Json) -> str:
    """HMAC, with the public key for its secret: who takes any algorithm takes that."""
    pem = KEY.as_pem(private=False)
    return by_hand(
        {"alg": "HS256", "kid": "one"}, claims, lambda text: hmac.digest(pem, text, hashlib.sha256)
    )


class HostileProvider:
    """Honest until it is told otherwise: ``spoil`` changes the claims, ``make`` makes the token, ``answers``
    takes the place of a path's answer, ``metadata`` adds to what it says of itself."""

    def __init__(self) -> None:
        self.issuer = ""
        self.metadata: Json = {}
        self.keys: list[Json] = [KEY.as_dict(private=False) | {"use": "sig", "alg": "RS256"}]
        self.spoil: Callable[[Json], object] = lambda claims: None
        self.make: Callable[[Json], str] = signed
        self.answers: dict[str, Handler] = {}
        self.person: Json = {"sub": "zoe", "preferred_username": "zoe"}
        self.told: Json = {"sub": "zoe", "name": "Zoe of Town"}
        self.asked: list[str] = []
        self._codes: dict[str, Json] = {}

    def approve(self, address: str) -> Json:
        """What a browser that was sent to ``address`` comes back with."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self._codes)}"
        self._codes[code] = query
        return {"code": code, "state": query["state"]}

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[HostileProvider]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        if request.path in self.answers:
            return await self.answers[request.path](request)
        if request.path == "/.well-known/openid-configuration":
            return web.json_response(self._about() | self.metadata)
        if request.path == "/keys":
            return web.json_response({"keys": self.keys})
        if request.path == "/me":
            return web.json_response(self.told)
        assert request.path == "/token"
        return await self._token(request)

    def _about(self) -> Json:
        ends = {"authorization_endpoint": "enter", "token_endpoint": "token", "jwks_uri": "keys"}
        found: Json = {name: f"{self.issuer}/{path}" for name, path in ends.items()}
        return found | {"issuer": self.issuer, "userinfo_endpoint": f"{self.issuer}/me"}

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if not self._is_the_site(request, dict(form)):
            return web.json_response({"error": "invalid_client"}, status=401)
        begun = self._codes.pop(str(form.get("code")), None)
        challenge = b64(hashlib.sha256(str(form.get("code_verifier")).encode()).digest())
        if begun is None or begun["code_challenge"] != challenge or begun["code_challenge_method"] != "S256":
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(time.time())
        claims = self.person | {
            **{"iss": self.issuer, "aud": CLIENT, "nonce": begun["nonce"]},
            **{"iat": now, "exp": now + 300},
        }
        self.spoil(claims)
        body = {"access_token": "access", "token_type": "Bearer", "id_token": self.make(claims)}
        return web.json_response(body)

    def _is_the_site(self, request: web.Request, form: Json) -> bool:
        if self.metadata.get("token_endpoint_auth_methods_supported") == ["client_secret_post"]:
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        given = request.headers.get("authorization", "").removeprefix("Basic ")
        client, _, secret = base64.b64decode(given).decode("ascii").partition(":")
        return (unquote(client), unquote(secret)) == (CLIENT, SECRET)


def back_with(answer: Json) -> str:
    return f"/api/sign_in/organisation/back?{urlencode(answer)}"
