import pytest
from playwright.async_api import expect
from tests.browser.conftest import DESK, PHONE
from thinkwell.testing.scenarios import saying
from thinkwell.values.event import Queued, Started

T=tuple("The question asks why the sky is blue. Light from the sun holds all colours. Air scatters short waves more than long ones, by the fourth power of the frequency. So blue comes from everywhere. But violet is shorter still: why is it not violet? The eye sees less of it, and some is absorbed high up. I should say both, in short words, with one number.\n\nA plan: first the scattering, then the eye, then the sunset as a check.".replace(" "," |").split("|"))
LONG=saying("The sky is blue because air scatters ", "short waves of light more than long ones.", reasoning=T)
SHORT=saying("The sky is blue because air scatters ", "short waves of light more than long ones.")
OUT="/tmp/shots"
CASES=[("desk-light",dict(viewport=DESK,color_scheme="light"),None),("desk-dark",dict(viewport=DESK,color_scheme="dark"),None),
("390-light",dict(viewport=PHONE,color_scheme="light"),None),("390-dark-uk",dict(viewport=PHONE,color_scheme="dark",locale="uk-UA"),None),
("320-light-fr",dict(viewport={"width":320,"height":640},locale="fr-FR"),None),("390-rtl",dict(viewport=PHONE,color_scheme="light"),"rtl"),("320-zh",dict(viewport={"width":320,"height":640},locale="zh-CN",color_scheme="dark"),None)]

@pytest.mark.parametrize("case", CASES, ids=[c[0] for c in CASES])
async def test_shots(visit, house, case):
    name, options, direction = case
    screen = await visit(**options)
    page = screen.page
    n=[0]
    async def shot(what):
        n[0]+=1
        await page.wait_for_timeout(250)
        await page.screenshot(path=f"{OUT}/{name}-{n[0]}-{what}.png")
    if direction:
        await page.evaluate("(d) => { document.documentElement.dir = d }", direction)
    await expect(page.locator("select").last).to_be_visible()
    await shot("welcome")
    house.engine.play(LONG)
    house.engine.gates.hold("0")
    await page.get_by_role("textbox").fill("Why is the sky blue?")
    await page.keyboard.press("Enter")
    await house.engine.gates.reached("0")
    await page.wait_for_timeout(2500)
    await shot("reading")
    house.happens(Queued(3, 12, "busy", 41.0, 118.0))
    await expect(page.locator(".line")).to_be_visible()
    await shot("line")
    house.happens(Started("scripted","scripted",21.0))
    house.engine.gates.hold("60")
    house.engine.gates.release("0")
    await house.engine.gates.reached("60")
    await shot("thinking")
    house.cut_thought(64, 4096, 212)
    await expect(page.locator("article section + div button")).to_be_visible()
    await shot("short")
    await page.locator("article section + div button").click()
    await shot("lengthened")
    await page.locator("article section button:not(.fold)").click()
    await shot("ending")
    house.engine.then(SHORT)
    house.engine.gates.hold("0")
    house.engine.gates.release("60")
    await house.engine.gates.reached("0")
    await shot("turning")
    house.engine.gates.release("0")
    await page.locator("summary").click()
    await page.evaluate("scrollTo(0, 1e6)")
    await shot("done")
    await page.locator("select").last.select_option("low")
    house.engine.gates.hold("5")
    await page.get_by_role("textbox").fill("And why is it red in the evening? Tell me more about it, please, in a long and winding question.")
    await shot("composer")
    await page.keyboard.press("Enter")
    await house.engine.gates.reached("5")
    house.cut_thought(5, 4096, 3)
    house.engine.then(SHORT)
    house.engine.gates.release("5")
    await page.wait_for_timeout(600)
    await shot("load")
