"""The rooms of settings that people see: the look of the site, its languages, its notifications, and the
folder of training runs that its operators look at."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec
from msgspec import Meta

# Those that the page has words in, in the order in which they are offered.
LANGUAGES = ("en", "ar", "de", "es", "fr", "hi", "it", "ja", "pl", "pt", "uk", "zh")
# The push services of Chromium, Firefox, Safari and Edge. A star stands for one label or several.
PUSH_HOSTS = (
    "fcm.googleapis.com, updates.push.services.mozilla.com, web.push.apple.com, *.push.apple.com, "
    "*.notify.windows.com"
)
_HOST = re.compile(r"(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+")


class Site(msgspec.Struct, frozen=True, kw_only=True):
    name: Annotated[str, Meta(description="Name shown on the page", max_length=80)] = "Thinkwell"
    notice: Annotated[str, Meta(description="A line shown on the page, for example who runs the site")] = ""
    colour: Annotated[
        str,
        Meta(
            description="Colour of links and buttons, as #0f5a66; made darker or lighter until it can be read"
        ),
    ] = ""
    logo: Annotated[
        str,
        Meta(description="SVG or PNG file in place of our mark; a relative path is in the data folder"),
    ] = ""
    languages: Annotated[
        str,
        Meta(description="Languages offered, with commas between them; the first is for everybody else"),
    ] = ", ".join(LANGUAGES)
    url: Annotated[
        str,
        Meta(
            description="Address at which people reach the site, as https://ask.example.org; for OIDC needed"
        ),
    ] = ""
    dictation: Annotated[
        bool,
        Meta(description="Questions may be spoken where the browser can; it may send the voice to its maker"),
    ] = True

    def __post_init__(self) -> None:
        """Refuses by ValueError, whose words the operator reads after "cannot be …"."""
        if self.url and not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+/?", self.url):
            raise ValueError("that is no address such as https://ask.example.org, without a path")
        if self.colour and not re.fullmatch(r"#[0-9A-Fa-f]{6}", self.colour):
            raise ValueError("that is no colour such as #0f5a66")
        self.offered()

    def offered(self) -> tuple[str, ...]:
        """The codes of the languages, in their order."""
        codes = tuple(dict.fromkeys(part.strip().lower() for part in self.languages.split(",")))
        for code in codes:
            if code not in LANGUAGES:
                raise ValueError(f"{code!r} is none of the languages {', '.join(LANGUAGES)}")
        return codes


class Push(msgspec.Struct, frozen=True, kw_only=True):
    enabled: Annotated[
        bool,
        Meta(description="Tell people by Web Push that an answer is ready, through their browser's maker"),
    ] = False
    contact: Annotated[
        str, Meta(description="mailto: or https: address that push services may write to; unset: site.url")
    ] = ""
    hosts: Annotated[
        str, Meta(description="Push services that may be written to, with commas between them; *. any below")
    ] = PUSH_HOSTS
    after_s: Annotated[
        float, Meta(description="Seconds a turn took at least before its end is told by Web Push", ge=0)
    ] = 20.0

    def __post_init__(self) -> None:
        if self.contact and not re.fullmatch(r"(?:mailto:[^\s@]+@[^\s@]+|https://\S+)", self.contact):
            raise ValueError("that is neither mailto:somebody@example.org nor an https: address")
        self.services()

    def services(self) -> tuple[str, ...]:
        names = tuple(part.strip().lower() for part in self.hosts.split(",") if part.strip())
        for name in names:
            if not _HOST.fullmatch(name):
                raise ValueError(f"{name!r} is no name of a host such as push.example.org")
        return names


class Training(msgspec.Struct, frozen=True, kw_only=True):
    runs: Annotated[
        str,
        Meta(
            description="Folder of training runs for the operator's page, beside training/runs in the data "
            "folder; a relative path is in the data folder"
        ),
    ] = ""
