"""The operator's logo: read once, looked at, and served as an image that can do nothing. Knows no page.

An SVG is a document that may hold scripts. Ours must be a drawing and nothing else; it is served with a
policy of its own all the same, so that opened as a page it still runs nothing and loads nothing.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path
from xml.parsers import expat

import msgspec

from thinkwell.errors import SetupError

MOST_BYTES = 300_000
MOST_PIXELS = 4_096
PNG = b"\x89PNG\r\n\x1a\n"
SVG = "http://www.w3.org/2000/svg"
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
    "x-content-type-options": "nosniff",
    "cache-control": "no-cache",
    "cross-origin-resource-policy": "same-origin",
}
# What draws nothing: scripts, pages in the picture, and changes of what was looked at here.
_NO_DRAWING = {"script", "foreignobject", "iframe", "embed", "object", "handler", "set", "animate", "audio"}
_WITHIN = re.compile(r"#|data:image/(?:png|jpeg|gif|webp);", re.IGNORECASE)
_ELSEWHERE = re.compile(r"url\(\s*['\"]?(?!#)|@import|expression\(", re.IGNORECASE)


class Logo(msgspec.Struct, frozen=True):
    """``sizes`` as a manifest wants them: 512x512, or any."""

    body: bytes
    media_type: str
    sizes: str


def read_logo(path: Path) -> Logo:
    """Raises SetupError, with what is wrong with the file."""
    try:
        with path.open("rb") as file:
            body = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SetupError(f"The logo {path} cannot be read: {error.strerror}.") from error
    if len(body) > MOST_BYTES:
        raise SetupError(f"The logo {path} has more than {MOST_BYTES} bytes. Everybody has to load it.")
    try:
        return _png(body) if body.startswith(PNG) else _svg(body)
    except ValueError as problem:
        raise SetupError(f"The logo {path} cannot be used: {problem}.") from problem


def _png(body: bytes) -> Logo:
    if len(body) < 33 or body[12:16] != b"IHDR":
        raise ValueError("the PNG file is damaged")
    width, height = struct.unpack(">II", body[16:24])
    if not (0 < width <= MOST_PIXELS and 0 < height <= MOST_PIXELS):
        raise ValueError(f"{width} x {height} pixels are too many")
    return Logo(body, "image/png", f"{width}x{height}")


def _svg(body: bytes) -> Logo:
    """Raises ValueError for what is no drawing."""
    found: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")

    def begin(name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        found.append(name)
        if len(found) == 1 and (space != SVG or local != "svg"):
            raise ValueError("it is neither a PNG nor an SVG file")
        if local.lower() in _NO_DRAWING:
            raise ValueError(f"<{local}> in it draws nothing")
        for key, value in attributes.items():
            _check_attribute(key.rpartition(" ")[2].lower(), value.strip())

    def text(value: str) -> None:
        if _ELSEWHERE.search(value):
            raise ValueError("its style loads something from elsewhere")

    def refuse(*_: object) -> None:
        raise ValueError("it has a document type, or an instruction")

    parser.buffer_text = True
    parser.StartElementHandler = begin
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    parser.ProcessingInstructionHandler = refuse
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise ValueError(f"it is neither a PNG nor an SVG file ({error})") from error
    return Logo(body, "image/svg+xml", "any")


def _check_attribute(name: str, value: str) -> None:
    if name.startswith("on"):
        raise ValueError(f"{name}= in it is a script")
    if name in ("href", "src") and not _WITHIN.match(value):
        raise ValueError(f"{name}={value[:40]!r} leads elsewhere")
    if _ELSEWHERE.search(value):
        raise ValueError(f"{name}= in it loads something from elsewhere")
