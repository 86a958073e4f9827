"""Every command, setting and route that the docs name exists."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import aiohttp
import click
import pytest

from thinkwell.cli.main import group
from thinkwell.settings import setting_rows
from thinkwell.testing.site import RunningSite

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = {page.relative_to(ROOT).as_posix(): page.read_text("utf-8") for page in PAGES}


def commands() -> list[tuple[str, str]]:
    found = []
    for page, text in TEXT.items():
        code = re.findall(r"`((?:scripts/|thinkwell )[^`\n]*)`", text)
        for block in re.findall(r"```(?:sh|console)?\n(.*?)```", text, re.DOTALL):
            code += [line.removeprefix("$ ") for line in block.splitlines()]
        found += [(page, line) for line in code if line.startswith(("scripts/", "thinkwell "))]
    return found


@pytest.mark.parametrize(("page", "line"), commands())
def test_a_command_in_the_docs_exists_with_its_options(page: str, line: str) -> None:
    words = shlex.split(line.split("  #", maxsplit=1)[0].replace("…", "x"))
    if words[0].startswith("scripts/"):
        script = ROOT / words[0]
        assert script.is_file() and script.stat().st_mode & 0o100, line
        words = ["thinkwell", "serve", *words[1:]] if words[0] == "scripts/serve" else ["thinkwell"]
        words = ["thinkwell", "bench", *words[1:]] if line.startswith("scripts/bench ") else words
    command: click.Command = group
    rest = words[1:]
    while isinstance(command, click.Group) and rest:
        found = command.get_command(click.Context(command), rest[0])
        assert found is not None, f"{page}: no command {rest[0]!r} in {line!r}"
        command, rest = found, rest[1:]
    options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    for word in rest:
        if word.startswith("--"):
            assert word.split("=")[0] in options, f"{page}: no option {word} in {line!r}"


def test_every_setting_in_the_docs_exists() -> None:
    known = {row.name for row in setting_rows()}
    rooms = "|".join(sorted({name.split(".")[0] for name in known}))
    for page, text in TEXT.items():
        named = set(re.findall(rf"`(?:--set )?((?:{rooms})\.[a-z_]+)[=`]", text))
        assert named <= known | {"engine.log"}, (page, named - known)


async def test_every_route_in_the_docs_exists_and_every_route_is_documented(
    running: RunningSite, client: aiohttp.ClientSession
) -> None:
    async with client.get("/openapi.json") as reply:
        paths = json.loads(await reply.text())["paths"]
    served = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    served |= {"GET /docs", "GET /openapi.json"}
    named = set()
    for text in TEXT.values():
        named |= set(re.findall(r"`((?:GET|POST|PATCH|DELETE|PUT) /[^`\s?]*)`", text))
    assert named <= served
    assert served - named == set()


def test_links_between_the_pages_lead_somewhere() -> None:
    for page, text in TEXT.items():
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            assert ((ROOT / page).parent / link).exists(), f"{page}: {link}"


def test_the_tests_that_hold_the_promises_exist() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs/promises.md").read_text("utf-8")))
    written = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)", path.read_text("utf-8"))
    }
    assert named and named <= written, named - written
