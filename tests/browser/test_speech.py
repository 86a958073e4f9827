"""Reading aloud and speaking a question, by a browser whose voice and ear are scripted here."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect
from tests.browser.axe import assert_no_barriers, examined
from tests.browser.conftest import Visit
from tests.browser.house import House
from tests.browser.screen import Screen

from thinkwell.testing.scenarios import saying

# `said` is what was spoken, in order; `finish()` lets the voice end its piece, `fail()` lose it.
VOICE = """
window.said = [];
let now = null;
const voices = [
  { lang: 'en-GB', name: 'far', localService: false, default: true },
  { lang: 'en-US', name: 'near', localService: true, default: false },
  { lang: 'fr-FR', name: 'proche', localService: true, default: false },
];
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
Object.defineProperty(window, 'speechSynthesis', { value: {
  getVoices: () => voices,
  addEventListener() {},
  speak(utterance) { now = utterance; said.push(`${utterance.voice?.name}: ${utterance.text}`); },
  cancel() { const gone = now; now = null; gone?.onerror?.({ error: 'canceled' }); said.push('(hush)'); },
} });
window.finish = () => { const done = now; now = null; done?.onend?.({}); };
window.fail = () => { const lost = now; now = null; lost?.onerror?.({ error: 'synthesis-failed' }); };
"""
# `ear` is the one that listens; `hears(text, final)`, `error(code)` and `ends()` are what happens to it.
EAR = """
window.ears = [];
window.SpeechRecognition = window.webkitSpeechRecognition = class {
  start() { ears.push(this); this.on = true; }
  stop() { if (this.on) { this.on = false; this.onend?.(); } }
  abort() { if (this.on) { this.on = false; this.onerror?.({ error: 'aborted' }); this.onend?.(); } }
};
window.hears = (text, final) => {
  const results = [Object.assign([{ transcript: text }], { isFinal: final })];
  ears.at(-1).onresult({ resultIndex: 0, results });
};
window.error = (code) => { const ear = ears.at(-1); ear.on = false; ear.onerror({ error: code }); ear.onend(); };
"""
NEITHER = """
delete window.SpeechRecognition;
delete window.webkitSpeechRecognition;
delete window.speechSynthesis;
"""
ANSWER = saying("First *sentence*. ", "Second one.\n\n```js\nalert(1)\n```\n", reasoning=("Hm.",))


async def able(screen: Screen, script: str) -> Screen:
    await screen.page.context.add_init_script(script)
    await screen.reload()
    return screen


def button(screen: Screen, name: str) -> Locator:
    return screen.page.get_by_role("button", name=name, exact=True)


async def said(screen: Screen) -> list[str]:
    found: list[str] = await screen.page.evaluate("() => said")
    return found


# -- reading aloud -----------------------------------------------------------------------------------


async def test_an_answer_is_read_sentence_by_sentence_and_code_is_named(screen: Screen, house: House) -> None:
    house.engine.play(ANSWER)
    await able(screen, VOICE)
    await screen.ask_and_wait("Say it.")
    read = button(screen, "Read aloud")
    await read.focus()
    await screen.page.keyboard.press("Enter")
    pause = button(screen, "Pause reading")
    await expect(pause).to_be_focused()
    await screen.page.evaluate("finish()")
    await screen.page.evaluate("finish()")
    assert await said(screen) == ["near: First sentence.", "near: Second one.", "near: code"]
    await screen.page.keyboard.press("Enter")
    await expect(button(screen, "Read on")).to_be_focused()
    await screen.page.keyboard.press("Enter")
    await expect(pause).to_be_focused()
    assert (await said(screen))[3:] == ["(hush)", "near: code"]
    await screen.page.evaluate("finish()")
    await expect(read).to_be_visible()
    await expect(screen.page.get_by_text("Read to the end")).to_have_count(1)


async def test_reading_stops_on_wish_and_when_one_goes_elsewhere(screen: Screen, house: House) -> None:
    house.engine.play(ANSWER)
    await able(screen, VOICE)
    await screen.ask_and_wait("Say it.")
    await button(screen, "Read aloud").click()
    await button(screen, "Stop reading").click()
    await expect(button(screen, "Read aloud")).to_be_focused()
    assert (await said(screen))[-1] == "(hush)"
    await button(screen, "Read aloud").click()
    await expect(button(screen, "Stop reading")).to_be_visible()
    await screen.page.get_by_role("button", name="New conversation").first.click()
    await expect(screen.answers).to_have_count(0)
    assert (await said(screen))[-1] == "(hush)"


async def test_only_one_answer_is_read_at_a_time(screen: Screen, house: House) -> None:
    house.engine.then(ANSWER, saying("Le ciel est bleu, et les nuages sont dans une autre couleur."))
    await able(screen, VOICE)
    await screen.ask_and_wait("One")
    await screen.ask_and_wait("Deux")
    await screen.answers.first.get_by_role("button", name="Read aloud").click()
    await expect(button(screen, "Stop reading")).to_have_count(1)
    await screen.answers.last.get_by_role("button", name="Read aloud").click()
    await expect(screen.answers.last.get_by_role("button", name="Stop reading")).to_be_visible()
    await expect(button(screen, "Stop reading")).to_have_count(1)
    assert (await said(screen))[-2:] == [
        "(hush)",
        "proche: Le ciel est bleu, et les nuages sont dans une autre couleur.",
    ]


async def test_a_voice_that_fails_is_told_of(screen: Screen, house: House) -> None:
    house.engine.play(ANSWER)
    await able(screen, VOICE)
    await screen.ask_and_wait("Say it.")
    await button(screen, "Read aloud").click()
    await expect(button(screen, "Stop reading")).to_be_visible()
    await screen.page.evaluate("fail()")
    await expect(button(screen, "Read aloud")).to_be_visible()
    await expect(screen.page.get_by_text("This device could not read it aloud.")).to_have_count(1)


# -- speaking ----------------------------------------------------------------------------------------


async def test_before_the_first_use_it_says_where_the_voice_may_go(screen: Screen) -> None:
    await able(screen, EAR)
    await screen.question.fill("Tell me:")
    await button(screen, "Speak your question").click()
    await expect(screen.page.get_by_text("Many browsers send what you say to their maker")).to_be_visible()
    start = button(screen, "Start listening")
    await expect(start).to_be_focused()
    assert await screen.page.evaluate("() => ears.length") == 0
    await screen.page.keyboard.press("Escape")
    await expect(screen.question).to_be_focused()
    await button(screen, "Speak your question").click()
    await start.click()
    assert await screen.page.evaluate("() => [ears.length, ears[0].lang, ears[0].interimResults]") == [
        1,
        "en",
        True,
    ]
    await screen.page.evaluate("hears('why is', false)")
    await expect(screen.page.get_by_role("region", name="Speak your question")).to_contain_text("why is")
    await expect(screen.question).to_have_value("Tell me:")
    await screen.page.evaluate("hears('why is the sky blue', true)")
    await expect(screen.question).to_have_value("Tell me: why is the sky blue")
    await button(screen, "Stop listening").click()
    await expect(screen.question).to_be_focused()

    await screen.reload()
    await expect(screen.question).to_have_value("Tell me: why is the sky blue")
    await button(screen, "Speak your question").click()
    await expect(button(screen, "Stop listening")).to_be_focused()


async def test_sending_and_going_elsewhere_end_the_listening(screen: Screen) -> None:
    await able(screen, EAR)
    await button(screen, "Speak your question").click()
    await button(screen, "Start listening").click()
    await screen.page.evaluate("hears('two and two', true)")
    await screen.send.click()
    await screen.asked()
    await expect(button(screen, "Stop listening")).to_have_count(0)
    assert await screen.page.evaluate("() => ears[0].on") is False


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("not-allowed", "does not allow the microphone"),
        ("no-speech", "Nothing was heard"),
        ("network", "could not reach the service"),
        ("audio-capture", "No microphone was found"),
        ("language-not-supported", "does not understand speech in this language"),
        ("something-new", "could not listen"),
    ],
)
async def test_what_goes_wrong_is_said_and_can_be_tried_again(screen: Screen, code: str, told: str) -> None:
    await able(screen, EAR)
    await button(screen, "Speak your question").click()
    await button(screen, "Start listening").click()
    await screen.page.evaluate("code => error(code)", code)
    await expect(screen.page.get_by_role("alert")).to_contain_text(told)
    await expect(button(screen, "Start listening")).to_be_focused()
    await button(screen, "Start listening").click()
    await expect(button(screen, "Stop listening")).to_be_visible()
    await expect(screen.page.get_by_role("alert")).to_have_count(0)


async def test_a_browser_that_cannot_and_a_site_that_will_not_have_no_button(
    house: House, visit: Visit
) -> None:
    screen = await able(await visit("/"), NEITHER)
    await screen.ask_and_wait("Plain?")
    await expect(button(screen, "Speak your question")).to_have_count(0)
    await expect(button(screen, "Read aloud")).to_have_count(0)
    await house.run_by("site.dictation=false")
    strict = await able(await visit("/"), EAR)
    await expect(strict.question).to_be_visible()
    await expect(strict.effort).to_be_visible()
    await expect(button(strict, "Speak your question")).to_have_count(0)


async def test_no_state_of_speech_has_a_barrier(visit: Visit, axe: str, house: House) -> None:
    house.engine.play(ANSWER)
    screen = await visit("/", viewport={"width": 320, "height": 700})
    await screen.page.context.add_init_script(VOICE + EAR)
    await examined(screen, axe)
    await button(screen, "Speak your question").click()
    await expect(button(screen, "Start listening")).to_be_visible()
    await assert_no_barriers(screen, "before listening")
    assert await screen.overflow() == 0
    await button(screen, "Start listening").click()
    await screen.page.evaluate("hears('why', false)")
    await assert_no_barriers(screen, "listening")
    await screen.page.evaluate("error('network')")
    await expect(screen.page.get_by_role("alert")).to_be_visible()
    await assert_no_barriers(screen, "a fault")
    await screen.ask_and_wait("Say it.")
    await button(screen, "Read aloud").click()
    await expect(button(screen, "Stop reading")).to_be_visible()
    await assert_no_barriers(screen, "reading aloud")
    assert await screen.overflow() == 0
