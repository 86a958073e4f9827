"""The operator's name, colour, logo and languages, wherever the site shows itself."""

from __future__ import annotations

import json
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from tests.conftest import visitor

from thinkwell.errors import SetupError
from thinkwell.http.logo import MOST_BYTES, read_logo
from thinkwell.http.pages import WebApp, page_file
from thinkwell.settings import load_settings
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import running_site

WEB = Path(__file__).parents[2] / "web"
PAGES = WebApp({"index.html": page_file((WEB / "index.html").read_bytes(), "index.html")})
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'


@asynccontextmanager
async def site(data: Path, *rules: str) -> AsyncIterator[aiohttp.ClientSession]:
    opened = running_site(data, ScriptedEngine(), assignments=rules, web_app=PAGES)
    async with opened as running, visitor(running.url) as session:
        yield session


async def text(session: aiohttp.ClientSession, path: str) -> str:
    async with session.get(path) as reply:
        assert reply.status == 200, path
        return await reply.text()


async def test_the_name_stands_in_every_page_before_any_script_has_run(data: Path) -> None:
    async with site(data, "site.name=Well of <Brook> & Co") as session:
        for path in ("/", "/status", "/plain", "/docs"):
            page = await text(session, path)
            assert "Well of &lt;Brook&gt; &amp; Co" in page.partition("</title>")[0], path
        manifest = json.loads(await text(session, "/manifest.webmanifest"))
    assert manifest["name"] == "Well of <Brook> & Co"
    assert (manifest["short_name"], manifest["scope"], manifest["display"]) == ("Well", "/", "standalone")


async def test_a_site_without_a_colour_of_its_own_loads_no_file_for_it(data: Path) -> None:
    async with site(data) as session:
        assert "/look.css" not in await text(session, "/")
        assert '<link rel="manifest" href="/manifest.webmanifest" />' in await text(session, "/")
        assert await text(session, "/look.css") == ""


async def test_the_colour_is_in_the_app_the_plain_page_and_the_description_of_the_api(data: Path) -> None:
    async with site(data, "site.colour=#7a1fa2") as session:
        assert '<link rel="stylesheet" href="/look.css" /></head>' in await text(session, "/")
        for path in ("/look.css", "/plain.css", "/docs"):
            assert "#7a1fa2" in await text(session, path), path


async def test_the_icons_of_the_manifest_are_there_in_their_sizes(data: Path) -> None:
    async with site(data) as session:
        manifest = json.loads(await text(session, "/manifest.webmanifest"))
    drawn = [icon for icon in manifest["icons"] if icon["type"] == "image/png"]
    assert {icon["sizes"] for icon in drawn} == {"192x192", "512x512"}
    assert [icon["src"] for icon in drawn if icon.get("purpose") == "maskable"] == ["/icon-maskable-512.png"]
    for icon in drawn:
        body = (WEB / "public" / icon["src"].lstrip("/")).read_bytes()
        width, height = struct.unpack(">II", body[16:24])
        assert f"{width}x{height}" == icon["sizes"] and len(body) < 20_000


async def test_a_logo_is_the_icon_everywhere_and_can_do_nothing(data: Path) -> None:
    (data / "logo.svg").write_text(DRAWING)
    async with site(data, "site.logo=logo.svg") as session:
        for path in ("/", "/plain", "/docs"):
            assert '<link rel="icon" href="/logo" type="image/svg+xml" />' in await text(session, path), path
        manifest = json.loads(await text(session, "/manifest.webmanifest"))
        async with session.get("/logo") as reply:
            assert await reply.text() == DRAWING
            assert reply.headers["content-type"].startswith("image/svg+xml")
            assert reply.headers["content-security-policy"].endswith("sandbox")
            assert reply.headers["x-content-type-options"] == "nosniff"
    assert manifest["icons"] == [{"src": "/logo", "sizes": "any", "type": "image/svg+xml"}]


async def test_without_a_logo_there_is_none(data: Path) -> None:
    async with site(data) as session, session.get("/logo") as reply:
        assert reply.status == 404


def svg(inside: str, attributes: str = "") -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{inside}</svg>'.encode()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "neither a PNG nor an SVG"),
        (b"GIF89a", "neither a PNG nor an SVG"),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "neither a PNG nor an SVG"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 99_999, 1) + b"\0" * 20, "too many"),
        (svg("<script>alert(1)</script>"), "draws nothing"),
        (svg("<foreignObject/>"), "draws nothing"),
        (svg("", 'onload="alert(1)"'), "is a script"),
        (svg('<a href="javascript:alert(1)"><path/></a>'), "leads elsewhere"),
        (svg('<use href="https://elsewhere.example/x.svg#a"/>'), "leads elsewhere"),
        (svg('<path fill="url(https://elsewhere.example/)"/>'), "loads something"),
        (svg("<style>@import 'https://elsewhere.example';</style>"), "loads something"),
        (b'<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + svg("&a;"), "document type"),
        (b"<?xml-stylesheet href='x'?>" + svg(""), "an instruction"),
        (b"x" * (MOST_BYTES + 1), "more than"),
    ],
)
def test_what_is_no_drawing_stops_the_start(tmp_path: Path, body: bytes, why: str) -> None:
    (tmp_path / "logo").write_bytes(body)
    with pytest.raises(SetupError, match=why):
        read_logo(tmp_path / "logo")


def test_a_logo_that_is_not_there_stops_the_start_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"logo\.png cannot be read"):
        read_logo(tmp_path / "logo.png")


def test_drawings_with_colours_and_places_within_are_taken(tmp_path: Path) -> None:
    inside = '<style>path{fill:url(#a)}</style><linearGradient id="a"/><use href="#b"/><path id="b"/>'
    (tmp_path / "logo.svg").write_bytes(b'<?xml version="1.0"?>' + svg(inside))
    assert read_logo(tmp_path / "logo.svg").sizes == "any"
    found = read_logo(WEB / "public" / "icon-192.png")
    assert (found.media_type, found.sizes) == ("image/png", "192x192")


async def test_the_languages_that_are_offered_are_told_and_the_first_is_for_everybody_else(
    data: Path,
) -> None:
    async with site(data, "site.languages=ar, FR,en") as session:
        assert json.loads(await text(session, "/api/site"))["languages"] == ["ar", "fr", "en"]
        page = await text(session, "/")
        assert '<html lang="ar" dir="rtl" data-languages="ar fr en">' in page
        async with session.get("/plain", headers={"accept-language": "uk"}) as reply:
            plain = await reply.text()
        assert '<html lang="ar" dir="rtl">' in plain and "lang=uk" not in plain
        async with session.get("/plain?lang=uk", headers={"accept-language": "fr"}) as reply:
            assert '<html lang="fr" dir="ltr">' in await reply.text()


@pytest.mark.parametrize(
    "rule", ["site.languages=en, tlh", "site.languages=", "site.colour=teal", "site.colour=#123"]
)
def test_settings_of_the_look_that_mean_nothing_stop_the_start(tmp_path: Path, rule: str) -> None:
    name = rule.partition("=")[0]
    with pytest.raises(SetupError, match=name):
        load_settings(tmp_path, {}, (rule,))
