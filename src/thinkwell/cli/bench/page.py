"""``bench page``: what a browser loads for the first look at the page, file by file, as it travels."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlsplit

from thinkwell.cli.bench.report import Report, Row, figures, this_machine
from thinkwell.http.pages import PageFile, WebApp

MOST_KB = 80  # of 1000 bytes
LOADED = frozenset({"stylesheet", "modulepreload", "preload", "icon", "manifest"})


def measure(web_app: WebApp) -> Report:
    """One figure a file, named ``file:PATH``, and ``page_kb``, their sum."""
    files = first_load(web_app)
    rows = {f"file:{name}": Row(title=name, unit="kB", digits=2) for name in files}
    rows["page_kb"] = Row(title="first load", unit="kB", below=MOST_KB, digits=2)
    sizes = {f"file:{name}": [size / 1000] for name, size in files.items()}
    sizes["page_kb"] = [sum(files.values()) / 1000]
    return Report(
        bench="page",
        machine=this_machine(),
        setup={"files": len(files), "bytes": sum(files.values())},
        figures=figures(rows, sizes),
    )


def first_load(web_app: WebApp) -> dict[str, int]:
    """Bytes over the wire of index.html and everything that it names, in its order."""
    finder = _References()
    finder.feed(web_app.index.body.decode("utf-8"))
    names = ["index.html", *dict.fromkeys(finder.found)]
    return {name: _travels(web_app.files[name]) for name in names if name in web_app.files}


def _travels(file: PageFile) -> int:
    return len(file.body if file.compressed is None else file.compressed)


class _References(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("script", "img") and "src" in given:
            self.found.append(_path(given["src"]))
        elif tag == "link" and not LOADED.isdisjoint(given.get("rel", "").split()):
            self.found.append(_path(given.get("href", "")))


def _path(address: str) -> str:
    return urlsplit(address).path.removeprefix("/").removeprefix("./")
