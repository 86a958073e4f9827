"""The main job with the keyboard alone and the eyes shut: what is heard is all that happens, once, in order.

What a screen reader would say is what comes into the page's live regions, as the accessibility tree has it.
"""

from __future__ import annotations

import re

from playwright.async_api import expect
from tests.browser.conftest import Visit
from tests.browser.house import House
from tests.browser.member_pages import PASSWORD
from tests.browser.screen import Screen
from tests.browser.test_keyboard_alone import tab_to

from thinkwell.testing.scenarios import saying

WORDS = tuple(f"word{index} " for index in range(120))
# Each change of a live region, as it is told to whoever listens: its text, once a batch of changes.
LISTEN = """
window.heard = []
addEventListener('DOMContentLoaded', () => new MutationObserver((changes) => {
  const regions = new Set()
  for (const { target, addedNodes } of changes) {
    for (const one of [target, ...addedNodes]) {
      const element = one.nodeType === 1 ? one : one.parentElement
      const region = element?.closest('[aria-live], [role=status], [role=alert], [role=log]')
      if (region) regions.add(region)
    }
  }
  for (const region of regions) {
    const text = region.textContent.trim()
    if (region.isConnected && text && text !== region.lastHeard) window.heard.push(text)
    region.lastHeard = text
  }
}).observe(document, { subtree: true, childList: true, characterData: true }))
"""


async def listening(screen: Screen) -> Screen:
    await screen.page.context.add_init_script(LISTEN)
    await screen.reload()
    await expect(screen.question).to_be_visible()
    return screen


async def heard(screen: Screen, last: str) -> list[str]:
    """All that was heard since the last time, when ``last`` has been."""
    said = "(last) => window.heard.some((one) => one.startsWith(last))"
    await screen.page.wait_for_function(said, arg=last)
    texts: list[str] = await screen.page.evaluate("() => window.heard.splice(0)")
    return [re.sub(r"Thought for [\w\s]+?(?=[,;])", "Thought for …", text) for text in texts]


async def test_a_thought_and_an_answer_are_heard_as_steps_each_once(visit: Visit, house: House) -> None:
    screen = await listening(await visit())
    press = screen.page.keyboard.press
    house.engine.play(saying(*WORDS, reasoning=WORDS))
    await tab_to(screen, screen.page.get_by_role("link", name="Skip to the question box"))
    await press("Enter")
    await expect(screen.question).to_be_focused()
    await screen.page.keyboard.type("Why is the sky blue?")
    await press("Enter")
    said = await heard(screen, "Answer finished")
    assert said == ["Thinking", "Thought for …; answering", "Answer finished"]

    await tab_to(screen, screen.thought, "Shift+Tab")
    await expect(screen.thought).to_have_attribute("aria-expanded", "false")
    await press("Enter")
    await expect(screen.thought).to_have_attribute("aria-expanded", "true")
    await expect(screen.answers.last).to_contain_text("word119", use_inner_text=True)
    await tab_to(screen, screen.page.get_by_role("button", name="Copy the answer"))
    await press("Enter")
    assert (await heard(screen, "Copied"))[-1] == "Copied"


async def test_a_thought_is_ended_and_the_end_is_heard(visit: Visit, house: House) -> None:
    screen = await listening(await visit())
    press = screen.page.keyboard.press
    house.engine.ends_thoughts = True
    house.engine.play(saying("Four ", "it is.", reasoning=WORDS))
    house.engine.gates.hold("3")
    await screen.question.focus()
    await screen.page.keyboard.type("Think long")
    await press("Enter")
    await house.engine.gates.reached("3")
    await tab_to(screen, screen.answer_now, "Shift+Tab")
    async with screen.page.expect_response("**/answer_now"):
        await press("Enter")
    house.engine.gates.release("3")
    said = await heard(screen, "Answer finished")
    assert said == [
        "Thinking",
        "Ending the thought…",
        "Thought for …, ended by you; answering",
        "Answer finished",
    ]


async def test_the_page_reads_as_a_conversation(visit: Visit, house: House) -> None:
    screen = await visit()
    house.engine.play(saying("Because of **scattering**.", reasoning=("Light. ",)))
    await screen.ask_and_wait("Why is the sky blue?")
    await expect(screen.page.get_by_role("main")).to_match_aria_snapshot(
        """
        - heading "Why is the sky blue?" [level=1]
        - article "You asked":
          - paragraph: Why is the sky blue?
        - article "Answer":
          - button /Thought for/
          - paragraph:
            - strong: scattering
        - textbox "Your question"
        """
    )
    await expect(screen.page.locator("aside")).to_match_aria_snapshot(
        """
        - button "New conversation"
        - navigation "Conversations":
          - list:
            - listitem:
              - link "Why is the sky blue?"
        """
    )


async def test_signing_up_finding_what_was_asked_and_signing_out_need_no_mouse(
    visit: Visit, house: House
) -> None:
    screen = await visit()
    page, press = screen.page, screen.page.keyboard.press
    await screen.ask_and_wait("Asked as a visitor")
    await tab_to(screen, page.get_by_role("link", name="Sign in", exact=True), "Shift+Tab")
    await press("Enter")
    up = page.get_by_role("button", name="Become a member").first
    await expect(up).to_be_visible()
    await tab_to(screen, up)
    await press("Enter")
    form = page.get_by_role("form")
    await tab_to(screen, form.get_by_role("textbox", name="Name"))
    await page.keyboard.type("ada")
    await tab_to(screen, form.get_by_role("textbox", name="Password", exact=True))
    await page.keyboard.type(PASSWORD)
    await press("Enter")
    await expect(page.get_by_role("link", name="Account ada")).to_be_visible()
    await tab_to(screen, screen.list_item("Asked as a visitor"), "Shift+Tab")
    await press("Enter")
    await expect(screen.asked_texts).to_have_text(["Asked as a visitor"])
    await tab_to(screen, page.get_by_role("link", name="Account ada"))
    await press("Enter")
    out = page.get_by_role("button", name="Sign out")
    await expect(out).to_be_visible()
    await tab_to(screen, out)
    await press("Enter")
    await expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
