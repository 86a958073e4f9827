"""Files with a question: chosen, dropped, pasted; shown before and after; what is none is refused in words."""

from __future__ import annotations

import asyncio
import base64
import re
import struct
import zlib

import msgspec
import pytest
from playwright.async_api import FilePayload, Locator, Route, expect
from tests.browser.axe import assert_no_barriers, examined
from tests.browser.conftest import Visit
from tests.browser.house import CARD, House
from tests.browser.screen import Screen

from thinkwell.values.message import Image

NOTES = FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"plumbago\n<b>not bold</b>\n")
CODE = FilePayload(name="../../half.py", mimeType="text/x-python", buffer="print('é')\n".encode("utf-16"))
HOSTILE = [
    (FilePayload(name="empty.txt", mimeType="text/plain", buffer=b""), "empty.txt is empty"),
    (FilePayload(name="a.txt", mimeType="text/plain", buffer=b"MZ\x90\x00\x03"), "a.txt is not text"),
    (
        FilePayload(name="a.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7\n\xe2\xe3\xcf"),
        "a.pdf is not text",
    ),
    (FilePayload(name="a.md", mimeType="text/plain", buffer=b"PK\x03\x04\x14\x00"), "a.md is not text"),
    (
        FilePayload(
            name="x.html", mimeType="text/html", buffer=b"GIF89a\x01\x00\x01\x00<script>alert(1)</script>"
        ),
        "x.html is a picture, and the model",
    ),
]
DROP = """([files, folder]) => {
  const transfer = new DataTransfer();
  for (const [name, text] of files) transfer.items.add(new File([text], name));
  if (folder) {
    Object.defineProperty(transfer, 'items', { value: [
      { kind: 'file', webkitGetAsEntry: () => ({ isDirectory: true, name: folder }) },
    ] });
  }
  const event = new DragEvent('drop', { bubbles: true, cancelable: true });
  Object.defineProperty(event, 'dataTransfer', { value: transfer });
  document.body.dispatchEvent(event);
  return event.defaultPrevented;
}"""


def chips(screen: Screen) -> Locator:
    return screen.page.get_by_role("list", name="Files with your question").get_by_role("listitem")


def refusals(screen: Screen) -> Locator:
    return screen.page.get_by_role("list", name="Not added").get_by_role("listitem")


def shown(screen: Screen) -> Locator:
    return screen.questions.last.get_by_role("list", name="Files").get_by_role("listitem")


async def choose(screen: Screen, *files: FilePayload) -> None:
    async with screen.page.expect_file_chooser() as chooser:
        await screen.page.get_by_role("button", name="Add files").click()
    await (await chooser.value).set_files(list(files))


async def drop(screen: Screen, files: list[tuple[str, str]], folder: str | None = None) -> bool:
    await expect(screen.question).to_be_visible()
    return bool(await screen.page.evaluate(DROP, [files, folder]))


async def test_files_are_shown_before_and_after_and_read_by_the_model(screen: Screen, house: House) -> None:
    await choose(screen, NOTES, CODE)
    await expect(chips(screen)).to_have_count(2)
    await expect(chips(screen).first).to_contain_text("notes.txt")
    await expect(chips(screen).first).to_contain_text("25 bytes")
    await expect(chips(screen).last).to_contain_text("half.py")
    await screen.ask_and_wait("What is it?")
    await expect(chips(screen)).to_have_count(0)
    told = house.engine.asked[0].messages[0].content
    assert told == (
        "File `notes.txt`:\n```\nplumbago\n<b>not bold</b>\n```\n\n"
        "File `half.py`:\n```\nprint('é')\n```\n\nWhat is it?"
    )
    for again in (False, True):
        if again:
            await screen.reload()
        await expect(shown(screen)).to_have_count(2)
        text = shown(screen).first.get_by_role("region", name="notes.txt")
        await expect(text).to_have_count(0)
        await shown(screen).first.locator("summary").click()
        await expect(text).to_have_text("plumbago\n<b>not bold</b>")
        await expect(text.locator("b")).to_have_count(0)


async def test_an_edit_and_another_answer_take_the_files_along(screen: Screen, house: House) -> None:
    await choose(screen, NOTES)
    await screen.ask_and_wait("What?")
    await screen.reload()
    await screen.again.click()
    await expect(screen.branches_of(screen.answers.last)).to_contain_text("2 / 2")
    await screen.finished()
    await screen.questions.first.get_by_role("button", name="Edit the question").click()
    field = screen.page.get_by_role("textbox", name="Edit your question")
    await field.fill("What else?")
    async with screen.page.expect_response("**/api/turns") as reply:
        await screen.questions.first.get_by_role("button", name="Send").click()
    assert (await reply.value).status == 201
    await screen.finished()
    await expect(shown(screen)).to_contain_text("notes.txt")
    assert ["plumbago" in one.messages[-1].content for one in house.engine.asked] == [True] * 3
    assert house.engine.asked[-1].messages[-1].content.endswith("What else?")


@pytest.mark.parametrize("refused", [False, True], ids=["taken", "refused"])
async def test_a_question_that_is_sent_before_its_file_is_there_waits_for_it(
    visit: Visit, house: House, refused: bool
) -> None:
    screen = await visit(service_workers="block")
    screen.guard.expect("registration blocked by Playwright")
    let_go = asyncio.Event()

    async def late(route: Route) -> None:
        await let_go.wait()
        await route.continue_()

    await screen.page.route("**/assets/held-*.js", late)
    await choose(screen, HOSTILE[0][0] if refused else NOTES)
    await screen.ask("What?")
    await expect(screen.send).to_be_disabled()
    await expect(screen.question).to_have_value("What?")
    assert house.engine.asked == []
    let_go.set()
    if refused:  # whether to ask without it is the reader's to say
        await expect(refusals(screen)).to_contain_text("empty.txt is empty")
        await expect(screen.question).to_have_value("What?")
        assert house.engine.asked == []
        await screen.send.click()
    await screen.asked()
    await screen.finished()
    assert ("plumbago" in house.engine.asked[0].messages[0].content) is not refused


async def test_files_may_be_all_of_a_question(screen: Screen, house: House) -> None:
    await expect(screen.send).to_be_disabled()
    await choose(screen, NOTES)
    await expect(screen.send).to_be_enabled()
    await screen.send.click()
    await screen.asked()
    await screen.finished()
    await expect(screen.list_item("notes.txt")).to_be_visible()
    assert house.engine.asked[0].messages[0].content.startswith("File `notes.txt`")


async def test_what_is_dropped_anywhere_is_added_and_nothing_else_is_taken(screen: Screen) -> None:
    assert await drop(screen, [("a.txt", "one"), ("b.txt", "two")])
    await expect(chips(screen)).to_have_count(2)
    transfer = "() => { const t = new DataTransfer(); t.setData('text/plain', 'x'); return t; }"
    plain = await screen.page.evaluate_handle(transfer)
    await screen.page.dispatch_event("body", "drop", {"dataTransfer": plain})
    await expect(chips(screen)).to_have_count(2)


async def test_a_pasted_file_is_added_and_pasted_text_stays_text(screen: Screen) -> None:
    paste = """([text, alsoFile]) => {
      const transfer = new DataTransfer();
      if (text) transfer.setData('text/plain', text);
      if (alsoFile) transfer.items.add(new File(['pasted'], 'image.txt'));
      const box = document.querySelector('#question');
      box.focus();
      return box.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true }));
    }"""
    await expect(screen.question).to_be_visible()
    assert await screen.page.evaluate(paste, ["cells", True])
    assert not await screen.page.evaluate(paste, ["", True])
    await expect(chips(screen)).to_have_count(1)
    await expect(chips(screen)).to_contain_text("image.txt")


@pytest.mark.parametrize(("file", "why"), HOSTILE, ids=[file["name"] for file, _ in HOSTILE])
async def test_what_is_no_text_is_refused_in_words(screen: Screen, file: FilePayload, why: str) -> None:
    await choose(screen, file, NOTES)
    await expect(refusals(screen)).to_contain_text(why)
    await expect(chips(screen)).to_have_count(1)
    await screen.page.get_by_role("alert").get_by_role("button", name="Close").click()
    await expect(refusals(screen)).to_have_count(0)
    await expect(screen.question).to_be_focused()


async def test_a_folder_and_too_many_files_are_refused_and_a_huge_one_is_not_read(screen: Screen) -> None:
    await drop(screen, [("photos", "")], folder="photos")
    await expect(refusals(screen)).to_contain_text("photos is a folder")
    many = """() => {
      const files = Array.from({ length: 12 }, (_, at) => [`${at}.txt`, 'x']);
      const transfer = new DataTransfer();
      for (const [name, text] of files) transfer.items.add(new File([text], name));
      const real = [...transfer.files];
      const list = { length: 100_000 };
      for (let at = 0; at < 200; at += 1) list[at] = real[at % 12];
      const huge = new File(['x'], 'huge.txt');
      Object.defineProperty(huge, 'size', { value: 2_000_000_000 });
      Object.defineProperty(huge, 'slice', { value: () => { throw new Error('it was read'); } });
      const drop = (files) => {
        const event = new DragEvent('drop', { bubbles: true, cancelable: true });
        Object.defineProperty(event, 'dataTransfer', { value: { types: ['Files'], files } });
        document.body.dispatchEvent(event);
      };
      drop(Object.assign(list, { 0: huge }));
    }"""
    await screen.page.evaluate(many)
    await expect(refusals(screen)).to_have_text(
        [re.compile("Only 10 files go"), re.compile("huge.txt is too large, and was not read")]
    )
    await expect(chips(screen)).to_have_count(9)


async def test_a_draft_keeps_its_files_until_they_are_sent(screen: Screen) -> None:
    await choose(screen, NOTES)
    await screen.question.fill("Half a question")
    await expect(chips(screen)).to_have_count(1)
    await screen.reload()
    await expect(chips(screen)).to_contain_text("notes.txt")
    await expect(screen.question).to_have_value("Half a question")
    await screen.send.click()
    await screen.asked()
    await screen.finished()
    await screen.go("/")
    await expect(screen.question).to_have_value("")
    await expect(chips(screen)).to_have_count(0)


async def test_what_is_written_while_the_first_question_is_on_its_way_stays(screen: Screen) -> None:
    arrived = asyncio.Event()

    async def late(route: Route) -> None:
        await arrived.wait()
        await route.continue_()

    await screen.page.route("**/api/turns", late)
    await screen.ask("First?")
    await expect(screen.questions).to_have_count(1)
    await screen.question.fill("And then?")
    await choose(screen, NOTES)
    await expect(chips(screen)).to_contain_text("notes.txt")
    arrived.set()
    await screen.asked()
    await screen.finished()
    await expect(screen.question).to_have_value("And then?")
    await expect(chips(screen)).to_contain_text("notes.txt")
    await screen.reload()
    await expect(screen.question).to_have_value("And then?")
    await expect(chips(screen)).to_contain_text("notes.txt")
    await screen.go("/")
    await expect(screen.question).to_have_value("")


async def test_what_the_site_refuses_comes_back_into_the_box(screen: Screen, house: House) -> None:
    screen.guard.expect("400")
    long = FilePayload(name="long.txt", mimeType="text/plain", buffer=b"word " * 16_000)
    await choose(screen, long)
    await expect(screen.page.get_by_text("This model reads about 11,000 characters at once")).to_be_visible()
    await screen.ask("What is it?")
    await expect(screen.page.get_by_role("alert")).to_contain_text("longer than the model can read")
    await expect(chips(screen)).to_contain_text("long.txt")
    await expect(screen.question).to_have_value("What is it?")
    assert house.engine.asked == []


async def test_files_of_a_temporary_conversation_are_kept_nowhere_and_go_along(
    screen: Screen, house: House
) -> None:
    await (
        screen.page.get_by_role("switch", name="Temporary")
        .or_(screen.page.get_by_role("checkbox", name="Temporary"))
        .first.click()
    )
    await choose(screen, NOTES)
    await expect(chips(screen)).to_have_count(1)
    kept = await screen.page.evaluate("() => JSON.stringify({ ...sessionStorage })")
    assert "plumbago" not in kept
    await screen.ask("What?")
    await expect(screen.answer).to_be_visible()
    await screen.finished()
    await shown(screen).locator("summary").click()
    await expect(shown(screen).get_by_role("region", name="notes.txt")).to_contain_text("plumbago")
    await screen.ask("And?")
    await expect(screen.answers).to_have_count(2)
    await screen.finished()
    assert "plumbago" in house.engine.asked[-1].messages[0].content


async def test_chips_are_taken_away_by_keyboard_and_the_focus_stays(screen: Screen) -> None:
    await choose(screen, NOTES, CODE)
    await expect(chips(screen)).to_have_count(2)
    remove = screen.page.get_by_role("button", name="Remove notes.txt")
    await remove.focus()
    await screen.page.keyboard.press("Enter")
    await expect(screen.page.get_by_role("button", name="Remove half.py")).to_be_focused()
    await screen.page.keyboard.press("Enter")
    await expect(screen.question).to_be_focused()
    await expect(chips(screen)).to_have_count(0)


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_no_state_of_files_has_a_barrier(visit: Visit, axe: str, colours: str) -> None:
    screen = await examined(
        await visit("/", color_scheme=colours, viewport={"width": 320, "height": 700}), axe
    )
    await choose(screen, NOTES, HOSTILE[0][0], CODE)
    await expect(chips(screen)).to_have_count(2)
    await expect(refusals(screen)).to_have_count(1)
    await assert_no_barriers(screen, "chips and a refusal")
    assert await screen.overflow() == 0
    await screen.ask_and_wait("What?")
    await shown(screen).first.locator("summary").click()
    await expect(shown(screen).first.get_by_role("region", name="notes.txt")).to_be_visible()
    await assert_no_barriers(screen, "a file unfolded")
    assert await screen.overflow() == 0


# -- pictures ----------------------------------------------------------------------------------------


def png(width: int, height: int) -> bytes:
    """Noise, so that it cannot be packed small, with a place and a time written into it."""
    rows = b"".join(
        b"\0" + bytes((x * x * 31 + y * 17 + x * y * 7) % 251 for x in range(width * 3))
        for y in range(height)
    )

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    about = chunk(b"tEXt", b"Comment\0taken at plumbago street")
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + about
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


async def test_a_model_that_sees_gets_the_picture_drawn_anew(house: House, visit: Visit) -> None:
    await house.move_in(msgspec.structs.replace(CARD, images=True))
    screen = await visit("/")
    picture = FilePayload(
        name="C:\\camera\\one.png", mimeType="image/png", buffer=await asyncio.to_thread(png, 700, 500)
    )
    await choose(screen, picture, HOSTILE[-1][0])
    await expect(chips(screen)).to_have_count(1)
    await expect(chips(screen)).to_contain_text("one.png")
    await expect(chips(screen).locator("img")).to_be_visible()
    await expect(refusals(screen)).to_contain_text("x.html looks like a picture, but cannot be read as one")
    await screen.ask_and_wait("What is it?")
    image, text = house.engine.asked[0].messages[0].parts
    assert isinstance(image, Image) and text == "What is it?"
    assert image.media_type in ("image/png", "image/jpeg") and len(image.data) * 3 // 4 <= 250_000
    assert "plumbago" not in _decoded(image)
    await screen.reload()
    await shown(screen).locator("summary").click()
    seen = shown(screen).get_by_role("img", name="one.png")
    await expect(seen).to_be_visible()
    assert await seen.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def _decoded(image: Image) -> str:
    return base64.b64decode(image.data).decode("latin-1")
