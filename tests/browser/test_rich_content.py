"""Formulas, code, diagrams and tables: drawn when they are finished, from our own files only, and copied as
they were written."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect
from tests.browser.axe import assert_no_barriers, examined
from tests.browser.house import House
from tests.browser.screen import Screen

from thinkwell.testing.scenarios import saying

DIAGRAM = (
    "```mermaid\nflowchart LR\n  A[Well] --> B[Bucket]\n  B --> C{Full?}\n  C -- yes --> D[Drink]\n```\n"
)
RICH = (
    "The mass of $E = mc^2$ costs $5 and $10, and \\(a_1 * b_1 * c\\) stays.\n\n"
    "$$\n\\boxed{\\sum_{i=1}^n i} = \\frac{n(n+1)}{2}\n$$\n\n"
    '```python\ndef well(depth: int) -> str:  # how deep\n    return f"{depth} m"\n```\n\n'
    "| kind | depth |\n|---|--:|\n| dug | 10 |\n| drilled | 300 |\n\n"
    "- [x] dig\n- [ ] drink\n\n" + DIAGRAM + "\n```nosuchlanguage\nplain\n```\n"
)


async def _draws(screen: Screen) -> Locator:
    await screen.answer.get_by_role("button", name="Show as a diagram").click()
    await expect(screen.answer.get_by_role("button", name="Hide the diagram")).to_be_visible(timeout=20_000)
    return screen.answer.locator("iframe")


async def test_formulas_code_and_tables_are_shown_as_what_they_are(screen: Screen, house: House) -> None:
    house.engine.play(saying(*(RICH[at : at + 7] for at in range(0, len(RICH), 7))))
    await screen.ask_and_wait()
    for _ in ("live", "after a reload"):
        await expect(screen.answer.locator(".drawn")).to_have_count(3)
        await expect(screen.answer.locator(".katex-mathml math")).to_have_count(3)
        await expect(screen.answer).to_contain_text("costs $5 and $10, and")
        await expect(screen.answer.locator(".code-word", has_text="def")).to_be_visible()
        await expect(screen.answer.locator(".code-note")).to_have_text("# how deep")
        await expect(screen.answer.locator("th[scope=col]")).to_have_text(["kind", "depth"])
        await expect(screen.answer.get_by_text("☐ drink")).to_be_visible()
        assert await screen.overflow() == 0
        await screen.reload()


async def test_what_is_selected_is_copied_as_the_model_wrote_it(screen: Screen, house: House) -> None:
    house.engine.play(saying("So $x^2$ is\n\n$$\ny_1\n$$\n\nthe end."))
    await screen.ask_and_wait()
    await expect(screen.answer.locator(".drawn")).to_have_count(2)
    copied = await screen.answer.evaluate(
        """(root) => { getSelection().selectAllChildren(root);
            const data = new DataTransfer();
            root.dispatchEvent(new ClipboardEvent('copy', { clipboardData: data, bubbles: true, cancelable: true }));
            return data.getData('text/plain') }"""
    )
    assert copied.split() == ["So", "$x^2$", "is", "$$", "y_1", "$$", "the", "end."]


async def test_a_diagram_is_drawn_when_asked_for_in_a_frame_that_reaches_nothing(
    screen: Screen, house: House
) -> None:
    house.engine.play(saying(DIAGRAM))
    await screen.ask_and_wait()
    await expect(screen.answer.locator("iframe")).to_have_count(0)
    fetched: list[str] = []
    screen.page.on("request", lambda request: fetched.append(request.url.rsplit("/", 1)[-1]))
    frame = await _draws(screen)
    assert any(name.startswith("diagram") for name in fetched)
    assert not any(name.startswith(("main-", "index-")) for name in fetched), (
        "the frame is a world of its own"
    )
    assert await frame.get_attribute("sandbox") == "allow-scripts"
    inside = frame.content_frame
    await expect(inside.locator("svg")).to_contain_text("Bucket")
    assert await inside.locator("html").evaluate("() => window.origin") == "null"
    reach = "() => fetch('/api/site').then(() => 'reached', () => 'refused')"
    screen.guard.expect("policy: connect-src|Refused to connect|violates the following Content Security")
    assert await inside.locator("html").evaluate(reach) == "refused"
    await screen.answer.get_by_role("button", name="Hide the diagram").click()
    await expect(frame).to_have_count(0)


async def test_what_cannot_be_drawn_stays_code(screen: Screen, house: House) -> None:
    house.engine.play(saying("```mermaid\nnot a diagram at all\n```\n\nAnd $\\frac{1$ or $\\nosuch{x}$."))
    await screen.ask_and_wait()
    await screen.answer.get_by_role("button", name="Show as a diagram").click()
    failed = screen.answer.get_by_role("button", name="This cannot be drawn")
    await expect(failed).to_be_disabled(timeout=20_000)
    await expect(screen.answer.locator("iframe")).to_have_count(0)
    await expect(screen.answer).to_contain_text("\\nosuch{x}")


BOMBS = (
    "$\\def\\a{\\a\\a}\\a$ $\\rule{1e9em}{1e9em}$ $\\kern-1000em\\text{evil}$ $\\smash{\\raisebox{-90em}{evil}}$\n\n"
    "$$\\begin{matrix}" + "&" * 1900 + "\\end{matrix}$$\n\n$" + "\\sqrt{" * 300 + "x" + "}" * 300 + "$\n\n"
    "$\\href{javascript:window.__pwned=1}{x}$ $\\url{https://evil.example/}$ "
    "$\\includegraphics{https://evil.example/a.png}$ $\\htmlStyle{position:fixed}{x}$ $\\htmlId{chat}{x}$ "
    "$\\pmb{x}$ $\\colorbox{red}{y}$ $\\fcolorbox{red}{blue}{z}$ $\\cancel{a}$ $\\text{<img src=x onerror=alert(1)>}$\n"
)
MERMAID_BOMBS = (
    "flowchart LR\n  A[\"<img src=x onerror='parent.__pwned=1'>\"] --> B\n"
    '  click A "javascript:parent.__pwned=1"\n  click B call alert(1)\n',
    '%%{init: {"securityLevel": "loose", "htmlLabels": true, "themeCSS": "@import url(https://evil.example/x.css);"}}%%\n'
    'flowchart LR\n  A["<script>parent.__pwned=1</script><b>b</b>"] --> B\n  style A fill:url(https://evil.example/f)\n',
    "---\nconfig:\n  securityLevel: loose\n---\nflowchart LR\n  A --> B\n",
    "flowchart LR\n" + "\n".join(f"  N{at} --> N{at + 1}" for at in range(400)),
    "sequenceDiagram\n  participant A\n  link A: Board @ javascript:parent.__pwned=1\n  A->>A: <svg onload=alert(1)>\n",
)


async def test_formulas_that_would_harm_stay_in_their_place(screen: Screen, house: House) -> None:
    house.engine.play(saying(*(BOMBS[at : at + 11] for at in range(0, len(BOMBS), 11))))
    await screen.ask_and_wait()
    for _ in ("live", "after a reload"):
        await expect(screen.answer.locator(".drawn").last).to_be_visible()
        await expect(screen.answer.locator(".drawn", has_text="<img src=x")).to_have_count(1)
        assert (
            await screen.answer.locator("[style*=fixed], img, script, [href^=javascript], #chat").count() == 0
        )
        assert await screen.overflow() == 0
        box = await screen.answer.bounding_box()
        assert box is not None and box["height"] < 6000
        # Nothing of a formula is drawn, or can be clicked, outside of the answer.
        assert await screen.page.evaluate("() => window.__pwned") is None
        await screen.reload()


@pytest.mark.parametrize("attack", MERMAID_BOMBS)
async def test_diagrams_that_would_harm_do_not(screen: Screen, house: House, attack: str) -> None:
    screen.guard.expect("policy: |Content Security Policy")
    house.engine.play(saying(f"```mermaid\n{attack}\n```\n"))
    await screen.ask_and_wait()
    await screen.answer.get_by_role("button", name="Show as a diagram").click()
    ended = screen.answer.get_by_role("button", name="Hide the diagram")
    failed = screen.answer.get_by_role("button", name="This cannot be drawn")
    await expect(ended.or_(failed)).to_be_visible(timeout=20_000)
    if await ended.count() > 0:
        inside = screen.answer.locator("iframe").content_frame
        assert (
            await inside.locator("script:not([src]), [onerror], [onclick], [href^='javascript']").count() == 0
        )
    assert await screen.page.evaluate("() => window.__pwned") is None
    assert len(screen.page.context.pages) == 1


async def test_a_diagram_that_would_fetch_pictures_is_not_offered(screen: Screen, house: House) -> None:
    picture = 'flowchart LR\n  A@{ img: "https://evil.example/i.png", label: "x" } --> B\n'
    house.engine.play(saying(f"{DIAGRAM}\n```mermaid\n{picture}```\n"))
    await screen.ask_and_wait()
    await expect(screen.answer.get_by_role("button", name="Show as a diagram")).to_have_count(1)
    await expect(screen.answer.locator(".code")).to_have_count(2)


async def test_rich_content_is_no_barrier(screen: Screen, house: House, axe: str) -> None:
    house.engine.play(saying(RICH))
    await screen.ask_and_wait()
    for theme in ("light", "dark"):
        await screen.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        await examined(screen, axe)
        await expect(screen.answer.locator(".drawn")).to_have_count(3)
        await expect(screen.answer.locator(".code-word", has_text="def")).to_be_visible()
        await _draws(screen)
        await assert_no_barriers(screen, f"rich content, {theme}")
