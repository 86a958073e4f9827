"""The pages /welcome and /account, as their readers see them."""

from __future__ import annotations

from openai import AsyncOpenAI
from playwright.async_api import Locator, Page, expect
from sqlalchemy.engine import Connection
from tests.browser.house import House
from tests.browser.screen import Screen

from thinkwell.people import accounts, links
from thinkwell.turns.run import now_us

NOT_BY_ITSELF = "PublicKeyCredential.isConditionalMediationAvailable = async () => false"
PASSWORD = "a long and quiet sentence"


class Door:
    """The page /welcome, as its reader sees it."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.page: Page = screen.page
        self.name = self.page.get_by_role("textbox", name="Name")
        self.password = self.page.get_by_role("textbox", name="Password", exact=True)
        self.new_password = self.page.get_by_role("textbox", name="New password")
        self.take = self.page.get_by_role("checkbox", name="Bring along what was asked in this browser")
        self.form = self.page.get_by_role("form")
        self.alert = self.page.get_by_role("alert")

    async def choose(self, name: str) -> None:
        """Of the two forms, the one to be shown."""
        await (
            self.page.get_by_role("group", name="What would you like")
            .get_by_role("button", name=name)
            .click()
        )

    async def press(self, name: str) -> None:
        await self.form.get_by_role("button", name=name, exact=True).click()

    async def sign_up(self, name: str = "ada", password: str = PASSWORD) -> None:
        await self.choose("Become a member")
        await self.name.fill(name)
        await self.password.fill(password)
        await self.press("Become a member")

    async def sign_in(self, name: str = "ada", password: str = PASSWORD) -> None:
        await self.name.fill(name)
        await self.password.fill(password)
        await self.press("Sign in")

    async def is_in(self, name: str = "ada") -> None:
        """Return when the page that is shown knows its member."""
        await expect(self.page.get_by_role("link", name=f"Account {name}")).to_be_visible()


async def door(screen: Screen, token: str = "") -> Door:
    await screen.go(f"/welcome{token}")
    return Door(screen)


async def link_of(house: House, kind: links.LinkKind, owner: str | None = None) -> str:
    """What stands behind the address of a link that an operator gave."""

    def make(tx: Connection) -> str:
        account = None if owner is None else accounts.by_name(tx, owner)
        return links.make(tx, kind, now_us(), owner=None if account is None else account.id)[0]

    return f"#{kind}={await house.site.database.write(make)}"


async def by_name(screen: Screen) -> Screen:
    """At the site under its name: browsers know no passkeys of bare addresses."""
    screen.home = screen.home.replace("127.0.0.1", "localhost")
    screen.guard.at_home(screen.home)
    return screen


class Account:
    """The page /account, as its owner sees it."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.page: Page = screen.page
        self.alert = self.page.get_by_role("alert")
        self.keys = self.part("API keys")
        self.sessions = self.part("Where you are signed in")
        self.passkeys = self.part("Passkeys")
        self.password = self.part("Password")
        self.quota = self.part("What you may use")
        self.rights = self.part("Your rights")
        self.dialog = self.page.get_by_role("dialog")
        self.new_key = self.page.get_by_role("region", name="The new key")

    def part(self, name: str) -> Locator:
        return self.page.get_by_role("region", name=name, exact=True)

    async def make_key(self, name: str = "Nightly job", **fields: str) -> str:
        """Its text, as it is shown this once."""
        await self.keys.get_by_role("button", name="Make a key").click()
        await self.keys.get_by_role("textbox", name="What it is for").fill(name)
        for field, value in fields.items():
            await self.keys.get_by_label(field.replace("_", " ")).fill(value)
        await self.keys.get_by_role("button", name="Make the key").click()
        return await self.new_key.locator("code").inner_text()

    async def sign_out(self) -> None:
        await self.page.get_by_role("button", name="Sign out").click()
        await expect(self.page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()


async def member(screen: Screen, name: str = "ada") -> Account:
    """Somebody who signed up with a password, at their account."""
    await (at := await door(screen)).sign_up(name)
    await at.is_in(name)
    return await account_of(screen)


async def account_of(screen: Screen) -> Account:
    await screen.go("/account")
    return Account(screen)


async def ask_with(screen: Screen, key: str) -> str | None:
    async with AsyncOpenAI(base_url=f"{screen.home}/v1", api_key=key, max_retries=0) as client:
        reply = await client.chat.completions.create(
            model="scripted", messages=[{"role": "user", "content": "What is 2 + 2?"}]
        )
    return reply.choices[0].message.content
