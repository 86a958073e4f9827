"""The operator's look: name, colour, logo and languages, put into the page's files once, at the start.

The page's HTML is the built one with the site's name and languages, its manifest and its colours written into
it, so that the first paint has them and nothing waits for a request. Knows no door.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

import msgspec

from thinkwell.http.colours import DAY, Accent, accents
from thinkwell.http.logo import Logo, read_logo
from thinkwell.http.pages import PageFile, WebApp, page_file
from thinkwell.http.words import LANGUAGES, TAGS, direction_of
from thinkwell.settings import Settings

LOGO_PATH = "/logo"
MANIFEST_PATH = "/manifest.webmanifest"
COLOURS_PATH = "/look.css"
OUR_ICON = '<link rel="icon" href="/favicon.svg" type="image/svg+xml" />'
OUR_ICONS: tuple[dict[str, str], ...] = (
    {"src": "/favicon.svg", "sizes": "any", "type": "image/svg+xml"},
    {"src": "/icon-192.png", "sizes": "192x192", "type": "image/png"},
    {"src": "/icon-512.png", "sizes": "512x512", "type": "image/png"},
    {"src": "/icon-maskable-512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
)


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """``index`` is the page; ``colours`` and ``plain_colours`` are style sheets, empty for the page's own
    colours; ``offered`` the codes of the languages, the first of them for whoever reads none of them."""

    name: str
    offered: tuple[str, ...]
    logo: Logo | None
    colours: str
    plain_colours: str
    index: PageFile
    manifest: bytes

    @property
    def icon(self) -> str:
        """The link that the head of every page has."""
        if self.logo is None:
            return OUR_ICON
        return f'<link rel="icon" href="{LOGO_PATH}" type="{self.logo.media_type}" />'


def open_look(settings: Settings, web_app: WebApp) -> Look:
    """Reads the logo. Raises SetupError."""
    site = settings.site
    logo = read_logo(settings.data / site.logo) if site.logo else None
    offered = tuple(code for code in site.offered() if code in LANGUAGES)
    day, night = accents(site.colour) if site.colour else (None, None)
    look = Look(
        name=site.name,
        offered=offered,
        logo=logo,
        colours="" if day is None or night is None else _colours(day, night),
        plain_colours="" if day is None or night is None else _plain_colours(day, night),
        index=web_app.index,
        manifest=msgspec.json.encode(_manifest(site.name, offered[0], logo)),
    )
    html = _dressed(web_app.index.body.decode(), look)
    return msgspec.structs.replace(look, index=page_file(html.encode(), "index.html"))


def _dressed(html: str, look: Look) -> str:
    """Whatever the built page lacks is left out; nothing in it comes from a person."""
    html = re.sub(r"<title>[^<]*</title>", lambda _: f"<title>{escape(look.name)}</title>", html, count=1)
    first = look.offered[0]
    tag = f'<html lang="{TAGS[first]}" dir="{direction_of(first)}" data-languages="{" ".join(look.offered)}">'
    html = html.replace('<html lang="en" dir="ltr">', tag, 1).replace(OUR_ICON, look.icon, 1)
    links = f'<link rel="manifest" href="{MANIFEST_PATH}" />'
    if look.logo is None:
        links += '<link rel="apple-touch-icon" href="/icon-192.png" />'
    if look.colours:
        links += f'<link rel="stylesheet" href="{COLOURS_PATH}" />'
    return html.replace("</head>", f"{links}</head>", 1)


def _manifest(name: str, language: str, logo: Logo | None) -> dict[str, Any]:
    words = LANGUAGES[language][1]
    icons: list[dict[str, str]] = list(OUR_ICONS)
    if logo is not None:
        icons = [{"src": LOGO_PATH, "sizes": logo.sizes, "type": logo.media_type}]
    return {
        "id": "/",
        "name": name,
        "short_name": name if len(name) <= 15 else (name.split(maxsplit=1) or [name])[0][:15],
        "lang": TAGS[language],
        "dir": direction_of(language),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": DAY.paper,
        "theme_color": DAY.paper,
        "icons": icons,
        "shortcuts": [{"name": words["composer.label"], "url": "/"}],
    }


def _colours(day: Accent, night: Accent) -> str:
    """Stronger than the page's own tokens, wherever it stands."""
    return (
        "html:root{"
        f"--water:light-dark({day.water},{night.water});--water-soft:light-dark({day.soft},{night.soft});"
        f"--on-water:light-dark({day.on},{night.on})}}\n"
    )


def _plain_colours(day: Accent, night: Accent) -> str:
    """For pages that old browsers read as well."""
    return (
        f"html:root{{--water:{day.water};--on-water:{day.on}}}\n"
        f"@media (prefers-color-scheme:dark){{html:root{{--water:{night.water};--on-water:{night.on}}}}}\n"
    )
