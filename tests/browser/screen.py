"""One tab as its reader sees it: what can be seen and done, by the names that a screen reader says."""

from __future__ import annotations

import re

from playwright.async_api import Locator, Page, expect
from tests.browser.guard import Guard

NEXT_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))"


class Screen:
    def __init__(self, page: Page, home: str, guard: Guard) -> None:
        self.page = page
        self.home = home
        self.guard = guard
        self.question = page.get_by_role("textbox", name="Your question", exact=True)
        self.stop = page.get_by_role("button", name="Stop", exact=True)
        self.send = page.get_by_role("button", name="Send", exact=True)
        self.again = page.get_by_role("button", name="Answer again")
        self.retry = page.get_by_role("button", name="Try again")
        self.questions = page.get_by_role("article", name="You asked")
        self.asked_texts = self.questions.locator("p")
        self.answers = page.get_by_role("article", name="Answer", exact=True)
        self.list = page.get_by_role("navigation", name="Conversations")
        self.effort = page.get_by_role("combobox", name="How long it thinks")
        self.answer_now = page.get_by_role("button", name="Answer now")
        self.ending = page.get_by_role("button", name="Ending the thought…")
        self.skip_thought = page.get_by_role("button", name="Answer without thinking")
        self.think_on = page.get_by_role("button", name="Think on")
        self.think_longer = page.get_by_role("button", name="Think longer")
        self.receipt = page.locator("summary", has_text="Receipt")

    @property
    def answer(self) -> Locator:
        """The rendered text of the last answer."""
        return self.answers.last.locator(".prose")

    @property
    def thought(self) -> Locator:
        """The button over the thought of the last answer."""
        return self.answers.last.get_by_role(
            "button", name=re.compile("^(Thinking|Thought|The whole thought)")
        )

    @property
    def thought_text(self) -> Locator:
        return self.answers.last.locator("section .text")

    async def go(self, path: str = "/") -> None:
        await self.page.goto(self.home + path)

    async def reload(self) -> None:
        await self.page.reload()

    async def move_to(self, home: str) -> None:
        """The same page of the site that was started again elsewhere."""
        path = self.page.url.removeprefix(self.home)
        self.home = home
        self.guard.at_home(home)
        await self.go(path)

    async def ask(self, text: str = "What is 2 + 2?") -> None:
        await self.question.fill(text)
        await self.question.press("Enter")

    async def asked(self) -> None:
        """Return when the site has taken the question and the page has its address."""
        await self.page.wait_for_url("**/c/*")

    async def finished(self) -> None:
        """Return when the last answer has ended, however it did."""
        await expect(self.answers.last).to_have_attribute("aria-busy", "false")

    async def ask_and_wait(self, text: str = "What is 2 + 2?") -> None:
        count = await self.answers.count()
        await self.ask(text)
        await self.asked()
        await expect(self.answers).to_have_count(count + 1)
        await self.finished()

    def branches_of(self, message: Locator) -> Locator:
        return message.get_by_role("group", name="Versions")

    def list_item(self, title: str) -> Locator:
        return self.list.get_by_role("link", name=title)

    async def resize(self, size: dict[str, int]) -> None:
        """Return when the page has taken notice."""
        await self.page.set_viewport_size({"width": size["width"], "height": size["height"]})
        await self.page.evaluate(NEXT_FRAMES)

    async def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        width = "() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
        return int(await self.page.evaluate(width))
