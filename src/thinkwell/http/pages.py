"""The web app's files, read once at the start and kept compressed. Knows no route of the app."""

from __future__ import annotations

import gzip
import mimetypes
from pathlib import Path

import msgspec

from thinkwell.errors import SetupError

FOLDER = Path(__file__).parent.parent / "webapp"

# Nothing is loaded from elsewhere; no inline script or style; nobody may frame us.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; frame-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types svelte-trusted-html thinkwell-worker thinkwell-shell"
)
SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
# Of the page on a site where questions may be spoken.
MAY_SPEAK = {"permissions-policy": "camera=(), geolocation=(), microphone=(self)"}

# The frame of a diagram (web/src/diagram/): no origin, no network, nobody but our page may show it. Its
# drawings have styles inside, and are made of what a model wrote.
DIAGRAM_PAGE = "diagram.html"
DIAGRAM_HEADERS = SECURITY_HEADERS | {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts"
    )
}
# A page without an origin may read our scripts: they are the same for everybody.
ASSET_HEADERS = SECURITY_HEADERS | {"access-control-allow-origin": "*"}


class PageFile(msgspec.Struct, frozen=True):
    """``compressed`` is None where compression gains nothing. Hashed names are kept by browsers for ever."""

    body: bytes
    compressed: bytes | None
    media_type: str
    forever: bool
    headers: dict[str, str] = msgspec.field(default_factory=lambda: SECURITY_HEADERS)


class WebApp:
    """``files`` by path below the folder (``index.html``, ``assets/…``). Without any: of a site that is asked
    at a terminal only, whose first page is empty."""

    def __init__(self, files: dict[str, PageFile]) -> None:
        self.files = files

    @property
    def index(self) -> PageFile:
        return self.files.get("index.html") or page_file(b"", "index.html")


def read_web_app(folder: Path = FOLDER) -> WebApp:
    """Raises SetupError where the app was not built."""
    if not (folder / "index.html").is_file():
        raise SetupError("The web app is not built. Run scripts/serve, or install Thinkwell from a wheel.")
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            files[name] = page_file(path.read_bytes(), name)
    return WebApp(files)


def page_file(body: bytes, name: str) -> PageFile:
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if name.endswith((".js", ".mjs")):
        media_type = "text/javascript"  # not what a machine's own table may say
    if name.endswith(".webmanifest"):
        media_type = "application/manifest+json"
    compressed = gzip.compress(body, 9, mtime=0)
    text = media_type.startswith("text/") or media_type.endswith(("json", "xml"))
    return PageFile(
        body=body,
        compressed=compressed if len(compressed) < len(body) * 0.9 else None,
        media_type=f"{media_type}; charset=utf-8" if text else media_type,
        forever=name.startswith("assets/"),
        headers=_headers_of(name),
    )


def _headers_of(name: str) -> dict[str, str]:
    if name == DIAGRAM_PAGE:
        return DIAGRAM_HEADERS
    return ASSET_HEADERS if name.startswith("assets/") else SECURITY_HEADERS
