"""Passkeys with a real authenticator: Chromium's virtual one, which makes keys, checks its owner and signs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import CDPSession, Page
from tests.browser.house import House
from tests.browser.screen import Screen

# What the page does, with the browser's own functions, at the site's real door.
CEREMONY = """
async ({ begin, finish, path, more }) => {
  const post = async (path, body) => {
    const headers = { 'content-type': 'application/json' };
    const reply = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
    const text = await reply.text();
    return { status: reply.status, body: text === '' ? null : JSON.parse(text) };
  };
  const begun = await post('/api/passkeys', begin);
  if (begun.status !== 200) return begun;
  const { ceremony, options } = begun.body;
  const credential = begin.purpose === 'sign_in'
    ? await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
    : await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
  const answer = { ceremony, credential: credential.toJSON(), ...more };
  const finished = await post(path, answer);
  return { ...finished, answer };
}
"""
FETCH = """
async ({ method, path, body }) => {
  const init = { method };
  if (body !== undefined) Object.assign(init, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const reply = await fetch(path, init);
  const text = await reply.text();
  return { status: reply.status, body: text === '' ? null : JSON.parse(text) };
}
"""
Answer = dict[str, Any]


class Device:
    """A browser with an authenticator in it."""

    def __init__(self, page: Page, tools: CDPSession, kind: Answer) -> None:
        self.page = page
        self._tools = tools
        self._kind = kind
        self._id = ""

    @classmethod
    async def of(cls, screen: Screen, willing: bool = True) -> Device:
        """``willing``: its owner says yes."""
        tools = await screen.page.context.new_cdp_session(screen.page)
        await tools.send("WebAuthn.enable")
        kind = {
            **{"protocol": "ctap2", "transport": "internal", "hasResidentKey": True},
            **{"hasUserVerification": True, "isUserVerified": willing, "automaticPresenceSimulation": True},
        }
        device = cls(screen.page, tools, kind)
        await device._plug_in()
        return device

    async def is_exchanged(self) -> None:
        """For another one, which has no passkey yet."""
        await self._tools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self._id})
        await self._plug_in()

    async def _plug_in(self) -> None:
        found = await self._tools.send("WebAuthn.addVirtualAuthenticator", {"options": self._kind})
        self._id = found["authenticatorId"]

    async def sign_up(self, name: str = "ada", **more: Any) -> Answer:
        begin = {"purpose": "sign_up", "name": name}
        return await self._ceremony(begin, "/api/passkeys/sign_up", {"called": "laptop", **more})

    async def sign_in(self, **more: Any) -> Answer:
        return await self._ceremony({"purpose": "sign_in"}, "/api/passkeys/sign_in", more)

    async def add(self) -> Answer:
        return await self._ceremony({"purpose": "add"}, "/api/me/passkeys", {"called": "another"})

    async def _ceremony(self, begin: Answer, path: str, more: Answer) -> Answer:
        told = {"begin": begin, "path": path, "more": more}
        found: Answer = await self.page.evaluate(CEREMONY, told)
        return found

    async def send(self, method: str, path: str, body: Any = None) -> Answer:
        told = {"method": method, "path": path} | ({} if body is None else {"body": body})
        found: Answer = await self.page.evaluate(FETCH, told)
        return found


@pytest_asyncio.fixture(loop_scope="session")
async def device(house: House, visit: Callable[..., Awaitable[Screen]]) -> Device:
    """At the site under its name: browsers know no passkeys of bare addresses."""
    screen = await visit("/")
    screen.guard.expect("status of 4")
    home = house.url.replace("127.0.0.1", "localhost")
    screen.guard.at_home(home)
    await screen.page.goto(home)
    return await Device.of(screen)


async def test_a_passkey_makes_a_member_and_signs_in_again(device: Device) -> None:
    made = await device.sign_up()
    assert (made["status"], made["body"]["name"], made["body"]["kind"]) == (201, "ada", "member")
    assert made["body"]["has_password"] is False and "passkey" in made["body"]["methods"]
    [mine] = (await device.send("GET", "/api/me/passkeys"))["body"]["items"]
    assert (mine["called"], mine["used_at"]) == ("laptop", None)

    assert (await device.send("POST", "/api/sign_out"))["status"] == 200
    assert (await device.send("GET", "/api/me"))["body"]["kind"] == "visitor"
    back = await device.sign_in()
    assert (back["status"], back["body"]["name"]) == (200, "ada")
    [mine] = (await device.send("GET", "/api/me/passkeys"))["body"]["items"]
    assert mine["used_at"] is not None


async def test_what_a_device_answered_is_good_once(device: Device) -> None:
    made = await device.sign_up()
    again = await device.send("POST", "/api/passkeys/sign_up", made["answer"])
    assert (again["status"], again["body"]["error"]["param"]) == (400, "ceremony")
    signed = await device.sign_in()
    again = await device.send("POST", "/api/passkeys/sign_in", signed["answer"])
    assert (again["status"], again["body"]["error"]["param"]) == (400, "ceremony")


async def test_a_name_that_somebody_has_is_refused_before_a_passkey_is_made(device: Device) -> None:
    await device.sign_up("ada")
    taken = await device.sign_up("ADA")
    assert (taken["status"], taken["body"]["error"]["code"]) == (409, "name_taken")


async def test_an_answer_to_another_question_signs_nobody_in(device: Device) -> None:
    await device.sign_up()
    await device.send("POST", "/api/sign_out")
    signed = await device.sign_in()
    await device.send("POST", "/api/sign_out")
    begun = await device.send("POST", "/api/passkeys", {"purpose": "sign_in"})
    mixed = {"ceremony": begun["body"]["ceremony"], "credential": signed["answer"]["credential"]}
    refused = await device.send("POST", "/api/passkeys/sign_in", mixed)
    assert (refused["status"], refused["body"]["error"]["code"]) == (401, "wrong_sign_in")
    assert (await device.send("GET", "/api/me"))["body"]["kind"] == "visitor"


@pytest.mark.parametrize("spoil", ["signature", "authenticatorData", "clientDataJSON"])
async def test_an_answer_that_was_changed_signs_nobody_in(device: Device, spoil: str) -> None:
    await device.sign_up()
    await device.send("POST", "/api/sign_out")
    spoilt = CEREMONY.replace(
        "const finished",
        f"answer.credential.response.{spoil} = answer.credential.response.{spoil}.replace(/^.{{8}}/, 'AAAAAAAA');"
        "const finished",
    )
    told = {"begin": {"purpose": "sign_in"}, "path": "/api/passkeys/sign_in", "more": {}}
    refused = await device.page.evaluate(spoilt, told)
    assert (refused["status"], refused["body"]["error"]["code"]) == (401, "wrong_sign_in")


async def test_the_last_way_to_sign_in_is_not_removed(device: Device) -> None:
    await device.sign_up()
    [mine] = (await device.send("GET", "/api/me/passkeys"))["body"]["items"]
    path = f"/api/me/passkeys/{mine['id']}"
    kept = await device.send("DELETE", path)
    assert (kept["status"], kept["body"]["error"]["code"]) == (409, "conflict")
    password = {"password": "a long and quiet password"}
    assert (await device.send("POST", "/api/me/password", password))["status"] == 204
    assert (await device.send("DELETE", path))["status"] == 204
    assert (await device.send("DELETE", path))["status"] == 404
    assert (await device.send("GET", "/api/me/passkeys"))["body"]["items"] == []


async def test_what_the_visitor_asked_is_the_members_after_a_sign_up_with_a_passkey(device: Device) -> None:
    asked = await device.send("POST", "/api/turns", {"content": "Why is the sky blue?"})
    assert asked["status"] == 201
    await device.sign_up()
    [mine] = (await device.send("GET", "/api/conversations"))["body"]["items"]
    assert mine["id"] == asked["body"]["conversation_id"]


@pytest.mark.parametrize(
    "credential", [{}, {"id": ""}, {"id": 7}, {"id": "x" * 5000}, {"id": "AAAA", "response": {}}]
)
async def test_nonsense_for_an_answer_is_refused(device: Device, credential: Any) -> None:
    begun = await device.send("POST", "/api/passkeys", {"purpose": "sign_in"})
    body = {"ceremony": begun["body"]["ceremony"], "credential": credential}
    assert (await device.send("POST", "/api/passkeys/sign_in", body))["status"] in (400, 401)
    begun = await device.send("POST", "/api/passkeys", {"purpose": "sign_up", "name": "eve"})
    body = {"ceremony": begun["body"]["ceremony"], "credential": credential, "called": "x"}
    assert (await device.send("POST", "/api/passkeys/sign_up", body))["status"] == 400
    assert (await device.send("GET", "/api/me"))["body"]["kind"] == "visitor"


async def test_another_passkey_needs_somebody_who_is_signed_in(device: Device) -> None:
    refused = await device.add()
    assert (refused["status"], refused["body"]["error"]["code"]) == (401, "not_signed_in")
