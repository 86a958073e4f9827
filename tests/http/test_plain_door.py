"""The plain way in: asked by a form, answered as HTML while it comes, owned like everything else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest
from tests.browser.test_hostile_text import ATTACK
from tests.conftest import visitor
from tests.http.test_callers import BEHIND_THE_PROXY, device

from thinkwell.http.words import LANGUAGES
from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site
from thinkwell.turns.forecast import LoadForecast
from thinkwell.values.caller import Caller
from thinkwell.values.event import Queued, Shortened

# What the page itself is made of.
ELEMENTS = frozenset(
    re.findall(
        r"\w+",
        "html head meta title link body header main footer nav h1 h2 p a article div details summary small span "
        "form input label textarea button ul li",
    )
)
FORM = {"content-type": "application/x-www-form-urlencoded"}


class Read(HTMLParser):
    """A page as a browser takes it: its elements, the texts by class, its forms' hidden fields."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: Counter[str] = Counter()
        self.attributes: Counter[str] = Counter()
        self.fields: dict[str, str] = {}
        self.links: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[tuple[str, str]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        values = {name: value or "" for name, value in attrs}
        self.attributes.update(list(values))
        if tag == "input":
            self.fields[values["name"]] = values["value"]
        if tag == "a":
            self.links.append(values["href"])
        if tag not in ("meta", "link", "input"):
            name = values.get("class") or tag
            self._open.append((tag, name))
            self.texts.setdefault(name, []).append("")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        for _, name in self._open:
            self.texts[name][-1] += data

    def last(self, name: str) -> str:
        return self.texts[name][-1].strip()


@pytest.fixture
async def form(client: aiohttp.ClientSession) -> AsyncIterator[Read]:
    """Of a visitor who has opened the page."""
    async with client.get("/plain") as reply:
        assert reply.status == 200, await reply.text()
        yield Read(await reply.text())


async def send(client: aiohttp.ClientSession, fields: dict[str, str], **headers: str) -> tuple[int, str]:
    """Status of the reply itself, and its body, or where it leads."""
    async with client.post("/plain", data=fields, headers=headers, allow_redirects=False) as reply:
        assert reply.status != 303 or reply.headers["location"].startswith("/plain")
        return reply.status, reply.headers.get("location") or await reply.text()


async def ask(
    client: aiohttp.ClientSession, form: Read, question: str = "What is 2 + 2?", **more: str
) -> str:
    """Where the answer is."""
    status, where = await send(client, form.fields | {"question": question} | more)
    assert status == 303, where
    return where


async def page_of(client: aiohttp.ClientSession, where: str, **headers: str) -> Read:
    async with client.get(where, headers=headers) as reply:
        assert reply.status == 200, await reply.text()
        return Read(await reply.text())


async def test_the_page_works_without_a_script_and_loads_nothing_from_elsewhere(
    client: aiohttp.ClientSession,
) -> None:
    async with client.get("/plain") as reply:
        page, headers = Read(await reply.text()), reply.headers
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["cache-control"] == "no-store"
    policy = headers["content-security-policy"]
    for rule in ("default-src 'none'", "script-src 'none'", "form-action 'self'", "frame-ancestors 'none'"):
        assert rule in policy
    assert "unsafe" not in policy
    # Without it a browser says that our own form comes from nowhere ("Origin: null").
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert set(page.elements) <= ELEMENTS
    assert not {name for name in page.attributes if name.startswith("on") or name == "style"}
    assert all(link.startswith("/") for link in page.links)
    async with client.get("/plain.css") as reply:
        style = await reply.text()
        assert reply.headers["content-type"] == "text/css; charset=utf-8"
    assert "url(" not in style and "@import" not in style
    assert [cookie.key for cookie in client.cookie_jar] == ["thinkwell_visitor"]


async def test_a_question_is_answered_with_thought_and_receipt(
    client: aiohttp.ClientSession, form: Read
) -> None:
    page = await page_of(client, await ask(client, form))
    assert page.last("asked") == "You asked" + "What is 2 + 2?"
    assert "Two and two" in page.last("box")
    assert page.last("text said") == "The answer is **4**."
    receipt = page.last("receipt")
    assert re.match(r"Receipt: question \d+( \(\d+ cached\))? · thought \d+ · answer \d+ · ", receipt), (
        receipt
    )
    assert "AI" in page.last("small") or "AI" in page.texts["small"][0]
    assert page.elements["textarea"] == 1  # to ask further


async def test_the_answer_comes_while_it_is_made(
    client: aiohttp.ClientSession, form: Read, engine: ScriptedEngine
) -> None:
    engine.gates.hold("thinking")
    where = await ask(client, form)
    async with client.get(where) as reply:
        assert reply.headers["x-accel-buffering"] == "no"
        sofar = b""
        while b"Two and two" not in sofar:
            sofar += await reply.content.readany()
        assert b"The answer is" not in sofar
        assert b"<details" in sofar and b"</details>" not in sofar
        engine.gates.release("thinking")
        whole = Read((sofar + await reply.read()).decode())
    assert whole.last("text said") == "The answer is **4**."
    again = await page_of(client, where)  # loaded again, it is read again and not asked again
    assert again.last("text said") == "The answer is **4**."
    assert len(engine.asked) == 1


async def test_a_conversation_goes_on(
    client: aiohttp.ClientSession, form: Read, engine: ScriptedEngine
) -> None:
    page = await page_of(client, await ask(client, form, "First?"))
    engine.play(saying("Second answer."))
    where = await ask(client, page, "And\r\nthen?")
    page = await page_of(client, where)
    assert [text.strip() for text in page.texts["text said"]] == ["The answer is **4**.", "Second answer."]
    assert [message.content for message in engine.asked[-1].messages] == [
        "First?",
        "The answer is **4**.",
        "And\nthen?",
    ]
    async with client.get("/api/conversations") as reply:  # the same that the app shows
        [item] = (await reply.json())["items"]
        assert (item["title"], where) == ("First?", f"/plain/{item['id']}")
    assert f"/plain/{item['id']}" in (await page_of(client, "/plain")).links


async def test_the_place_in_line_is_told_as_it_changes(
    running: RunningSite, client: aiohttp.ClientSession, form: Read, engine: ScriptedEngine
) -> None:
    engine.slots = 1
    engine.gates.hold("0")
    first = await ask(client, form, "First?")
    await engine.gates.reached("0")
    where = await ask(client, form, "Second?")
    live = running.site.turns.running[-1]
    async with client.get(where) as reply:
        sofar = b""
        while b'class="place"' not in sofar:
            sofar += await reply.content.readany()
        live.log.add(Queued(2, 3, expected_s=12.0, p90_s=90.0, moved="lighter_first"))
        live.log.add(Queued(1, 3, "gave_way", expected_s=0.0))
        live.log.add(Queued(1, 3, "engine_starting"))
        live.log.add(Queued(1, 3, "engine_down"))
        live.log.add(Queued(3, 3, moved="within_quota", behind=True))
        live.log.add(Shortened(10, 100, 3))
        live.log.publish(live.log.last_seq)
        engine.gates.release("0")
        page = Read((sofar + await reply.read()).decode())
    places = page.texts["place"]
    assert places[0].startswith("You are number 1 of 1 in line")
    assert "number 2 of 3 in line" in places[1]
    assert "Starts in about 12 s; 9 of 10 start within 1 min 30 s" in places[1]
    assert "People who have used less came in between." in places[1]
    assert "Paused for others." in places[2] and "Any moment now" in places[2]
    assert places[3].startswith("The model is starting")
    assert places[4].startswith("The model has stopped")
    assert "People who are within their quota came in between." in places[5]
    assert "Your quota is used up, so the others go first." in places[5] and "UTC" not in places[5]
    assert any("Short thinking" in text for text in page.texts["small"])
    assert page.last("text said") == "The answer is **4**."
    assert (await page_of(client, first)).last("text said") == "The answer is **4**."


@pytest.mark.parametrize("verb", ["stop", "answer_now"])
async def test_a_running_turn_can_be_told_to_stop_or_to_answer(
    client: aiohttp.ClientSession, form: Read, engine: ScriptedEngine, verb: str
) -> None:
    engine.gates.hold("thinking")
    where = await ask(client, form)
    await engine.gates.reached("thinking")
    async with client.get(where) as reply:
        sofar = b""
        while b"Two and two" not in sofar:
            sofar += await reply.content.readany()
        fields = Read(sofar.decode()).fields
        assert (await send(client, fields | {"do": verb}))[1] == where
        engine.gates.release("thinking")
        page = Read((sofar + await reply.read()).decode())
    said = " ".join(page.texts["small"])
    assert ("Stopped here." if verb == "stop" else "Thought ended: by you") in said
    assert (await send(client, fields | {"do": verb}))[1] == where  # once it is over nothing happens


async def test_hostile_text_is_text(
    client: aiohttp.ClientSession, form: Read, engine: ScriptedEngine
) -> None:
    pieces = [ATTACK[at : at + 7] for at in range(0, len(ATTACK), 7)]
    engine.play(saying(*pieces, reasoning=tuple(pieces)))
    where = await ask(client, form, ATTACK)
    for page in (await page_of(client, where), await page_of(client, where)):
        assert set(page.elements) <= ELEMENTS
        assert not {name for name in page.attributes if name.startswith("on") or name in ("style", "src")}
        assert page.texts["text"][-2 if page.texts["text"][-1] != ATTACK else -1] == ATTACK
        assert page.texts["text said"][-1] == ATTACK
        assert ATTACK.strip() in page.last("asked")
        assert all(link.startswith("/") for link in page.links)


async def test_what_was_stopped_failed_or_cut_says_so(
    client: aiohttp.ClientSession, form: Read, engine: ScriptedEngine
) -> None:
    for play, said in (("dies_midway", "The model"), ("nothing", "No answer was written.")):
        engine.play(play)
        where = await ask(client, form)
        for page in (await page_of(client, where), await page_of(client, where)):
            told = page.texts.get("problem", []) + page.texts["small"]
            assert any(said in text for text in told), (play, told)
            assert page.elements["textarea"] == 1


async def test_anothers_conversation_does_not_exist_here_either(
    running: RunningSite, client: aiohttp.ClientSession, form: Read
) -> None:
    where = await ask(client, form, "My secret question")
    await page_of(client, where)
    turn = running.site.turns
    async with visitor(running.url) as other:
        theirs = await page_of(other, "/plain")
        conversation = where.removeprefix("/plain/")
        for path in (where, "/plain/conv_unknown", "/plain/'; DROP TABLE conversations; --"):
            async with other.get(path) as reply:
                assert reply.status == 404
                assert "not yours" in (text := await reply.text()) and "secret" not in text
        for fields in (
            {"question": "and?", "conversation": conversation},
            {"do": "stop", "turn": "turn_unknown"},
            {"do": "answer_now", "conversation": conversation},
        ):
            status, text = await send(other, theirs.fields | fields)
            assert (status, "secret" in text) == (404, False)
        assert not any("conv_" in link for link in (await page_of(other, "/plain")).links)
    async with visitor(running.url) as nobody, nobody.get(where) as reply:
        assert reply.status == 404
    assert turn.running == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_foreign_page_cannot_ask(
    client: aiohttp.ClientSession, form: Read, engine: ScriptedEngine, headers: dict[str, str]
) -> None:
    status, text = await send(client, form.fields | {"question": "x"}, **headers)
    assert (status, engine.asked) == (403, [])
    assert "another site" in text


async def test_a_browser_that_says_nothing_of_its_page_needs_the_forms_token(
    running: RunningSite, client: aiohttp.ClientSession, form: Read, engine: ScriptedEngine
) -> None:
    async with visitor(running.url) as other:
        anothers = (await page_of(other, "/plain")).fields["token"]
    for token in ("", "x", anothers, form.fields["token"] + "x", "x" * 10_000):
        status, text = await send(client, {"question": "x", "token": token})
        assert (status, engine.asked) == (403, [])
        assert "Ask again here" in text
    async with visitor(running.url) as nobody:
        assert (await send(nobody, {"question": "x", "token": form.fields["token"]}))[0] == 403
    assert (await send(client, {"question": "x", "token": form.fields["token"]}))[0] == 303
    # One that does say it needs none, and no cookie either: it is a new visitor.
    async with visitor(running.url) as new:
        headers = {"Origin": running.url}
        assert (await send(new, {"question": "x"}, **headers))[0] == 303
        assert [cookie.key for cookie in new.cookie_jar] == ["thinkwell_visitor"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"question": ""}, 400),
        ({"question": " \r\n "}, 400),
        ({"question": "x" * 100_001}, 413),
        ({"question": "x", "tier": "member"}, 400),
        ({"question": "x", "owner": "visitor:x"}, 400),
        ({"do": "delete"}, 400),
    ],
)
async def test_a_form_that_is_not_as_ours_is_refused_as_a_page(
    client: aiohttp.ClientSession, form: Read, engine: ScriptedEngine, fields: dict[str, str], status: int
) -> None:
    found, text = await send(client, form.fields | fields)
    assert found == status
    assert 'role="alert"' in text
    assert engine.asked == []
    async with client.get("/api/conversations") as reply:
        assert (await reply.json())["items"] == []


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"question=a&question=b", FORM),
        (b'{"question": "x"}', {"content-type": "application/json"}),
        (b"\xff\xfe=%ff%00&question=%", FORM),
        (b"question=" + b"x" * 40_000_000, FORM),
        (b"&".join(b"a%d=1" % number for number in range(20_000)), FORM),
    ],
)
async def test_a_body_that_is_no_form_of_ours_is_refused_as_a_page(
    client: aiohttp.ClientSession, form: Read, engine: ScriptedEngine, body: bytes, headers: dict[str, str]
) -> None:
    headers = headers | {"Origin": str(client._base_url).rstrip("/")}
    async with client.post("/plain", data=BytesIO(body), headers=headers, allow_redirects=False) as reply:
        assert 400 <= reply.status < 500, await reply.text()
        assert reply.headers["content-type"].startswith("text/html")
    assert engine.asked == []


async def test_what_was_typed_is_not_lost_when_it_is_refused(data: Path, engine: ScriptedEngine) -> None:
    engine.gates.hold("0")
    async with (
        running_site(data, engine, assignments=("turns.max_live=1",)) as site,
        visitor(site.url) as client,
    ):
        form = await page_of(client, "/plain")
        await ask(client, form)
        status, text = await send(client, form.fields | {"question": "Long & <typed>"})
        assert status == 503
        again = Read(text)
        assert again.texts["textarea"] == ["\nLong & <typed>"]
        assert "full" in again.last("problem")
        engine.gates.release("0")


A_YEAR = "tiers.visitor.window_hours=8784"


@pytest.mark.parametrize("language", sorted(LANGUAGES))
async def test_who_is_out_of_quota_is_told_that_the_others_go_first_and_until_when(
    data: Path, engine: ScriptedEngine, language: str
) -> None:
    words = LANGUAGES[language][1]
    engine.slots = 1
    behind = (A_YEAR, "tiers.visitor.tokens=1")
    async with running_site(data, engine, assignments=behind) as site, visitor(site.url) as client:
        form = await page_of(client, f"/plain?lang={language}")
        await page_of(client, await ask(client, form))
        resets = site.site.quotas.unused(Caller(kind="visitor", id="", person="")).resets_at
        when = f"{datetime.fromtimestamp(resets / 1e6, UTC):%Y-%m-%d %H:%M} UTC"
        engine.gates.hold("0")
        await ask(client, form)
        await engine.gates.reached("0")
        where = await ask(client, form)
        async with client.get(where) as reply:
            sofar = b""
            while b'class="place"' not in sofar:
                sofar += await reply.content.readany()
            engine.gates.release("0")
            page = Read((sofar + await reply.read()).decode())
    assert words["line.behindUntil"].format(when=when) in page.texts["place"][0]
    assert words["plain.behind"] in page.last("receipt")


@pytest.mark.parametrize("language", sorted(LANGUAGES))
async def test_where_it_is_refused_the_page_says_so_and_when_it_begins_anew(
    data: Path, engine: ScriptedEngine, language: str
) -> None:
    words = LANGUAGES[language][1]
    refuse = (A_YEAR, "tiers.visitor.tokens=1000", "tiers.visitor.when_over=refuse")
    engine.play(saying(*["word "] * 600))
    async with running_site(data, engine, assignments=refuse) as site, visitor(site.url) as client:
        form = await page_of(client, f"/plain?lang={language}")
        await page_of(client, await ask(client, form))
        status, text = await send(client, form.fields | {"question": "Typed"})
        resets = site.site.quotas.unused(Caller(kind="visitor", id="", person="")).resets_at
    again = Read(text)
    when = f"{datetime.fromtimestamp(resets / 1e6, UTC):%Y-%m-%d %H:%M} UTC"
    said = words["error.againAt"].format(problem=words["error.over_quota"], when=when)
    assert (status, again.texts["textarea"]) == (429, ["\nTyped"])
    assert again.last("problem").startswith(said)


async def test_a_named_person_asks_as_themselves(data: Path, engine: ScriptedEngine) -> None:
    async with running_site(data, engine, assignments=BEHIND_THE_PROXY) as site:
        async with device(site, "zoe") as zoe:
            form = await page_of(zoe, "/plain")
            await page_of(zoe, await ask(zoe, form, "as Zoe"))
        async with device(site, "zoe") as again, device(site, "max") as other:
            async with again.get("/api/conversations") as reply:
                assert len((await reply.json())["items"]) == 1
            assert (await send(other, form.fields | {"question": "x"}))[0] == 403  # the form is hers


async def test_who_asks_here_under_load_is_told_why_it_may_take_longer(
    client: aiohttp.ClientSession, form: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(page: Read) -> bool:
        return any("one part of the machine" in text for text in page.texts["small"])

    assert not told(form)
    monkeypatch.setattr(LoadForecast, "load", property(lambda _: 1.0))
    page = await page_of(client, "/plain")
    assert told(page)
    assert (await page_of(client, await ask(client, page))).last("text said") == "The answer is **4**."


# -- languages -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("fr-CH, fr;q=0.9, en;q=0.8", "fr"),
        ("nl, uk;q=0.5, en;q=0.4", "uk"),
        ("en;q=0.2, zh-Hans-CN;q=0.9", "zh"),
        ("zh;q=0, en", "en"),
        ("nl", "en"),
        ("ar-EG, en;q=0.5", "ar"),
        ("*", "en"),
        ("fr;q=nan, uk;q=2, zh;q=-1, en;q=x", "en"),
    ],
)
async def test_the_page_speaks_the_readers_language(
    client: aiohttp.ClientSession, header: str, language: str
) -> None:
    async with client.get("/plain", headers={"Accept-Language": header}) as reply:
        text = await reply.text()
    name, words = LANGUAGES[language]
    assert f'<html lang="{"zh-Hans" if language == "zh" else language}"' in text
    assert words["welcome.title"] in Read(text).texts["h1"][0]
    assert name in text


async def test_a_chosen_language_stays_chosen(client: aiohttp.ClientSession) -> None:
    page = await page_of(client, "/plain?lang=uk", **{"Accept-Language": "fr"})
    where = await ask(client, page)
    assert where.endswith("?lang=uk")
    page = await page_of(client, where, **{"Accept-Language": "fr"})
    assert LANGUAGES["uk"][1]["turn.you"] in page.last("asked")
    assert page.fields["lang"] == "uk"
    strange = await page_of(client, "/plain?lang=%22%3E%3Cscript%3E", **{"Accept-Language": "fr"})
    assert "lang" not in strange.fields
    assert "À quoi" in strange.texts["h1"][0]
