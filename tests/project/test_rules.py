"""Rules that span files."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

import thinkwell
from thinkwell import errors
from thinkwell.cli.settings import settings_table
from thinkwell.http.errors import STATUS, error_reply
from thinkwell.http.wire.typescript import typescript
from thinkwell.settings import setting_rows

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "thinkwell"
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(thinkwell.__path__, "thinkwell.")
    if ".versions." not in module.name and not module.name.endswith((".env", ".__main__"))
)

IMPORT_IN_THE_DARK = """
import importlib, os, socket, sys, threading
for module in {heavy!r}:
    importlib.import_module(module)
os.environ.clear()
def refuse(*a, **k): raise AssertionError("importing did something")
socket.socket.connect = socket.socket.bind = refuse
class Closed(dict):
    def __getitem__(self, key): refuse()
    def get(self, key, default=None):
        return default if key in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG") else refuse()
writes = []
import builtins
real_open = builtins.open
def watched(file, mode="r", *a, **k):
    if set(mode) & set("wax+"): writes.append(file)
    return real_open(file, mode, *a, **k)
builtins.open = watched
before = threading.active_count()
os.environ = Closed()
for name in {modules!r}:
    importlib.import_module(name)
assert not writes, writes
assert not set(sys.modules).intersection(["torch", "transformers", "peft", "gguf", "reasoning_gym"])
assert threading.active_count() == before
"""


def test_importing_a_module_does_nothing() -> None:
    heavy = [
        "litestar",
        "sqlalchemy",
        "aiohttp",
        "aiohttp.web",
        "uvicorn",
        "alembic.command",
    ]
    heavy += ["prometheus_client", "itsdangerous", "click", "sqlite3", "xllamacpp", "uvloop", "msgspec"]
    # These are torch's users, imported when a stage of training runs and by nothing else.
    light = [name for name in MODULES if not name.startswith("thinkwell.training.torch.")]
    code = IMPORT_IN_THE_DARK.format(heavy=heavy, modules=light)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_it_knows(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__ and len(module.__doc__.strip()) > 20


def test_the_errors_tree_in_the_docstring_is_the_tree_of_the_code() -> None:
    drawn = set(re.findall(r"[├└]── (\w+)", errors.__doc__ or "")) | {"ThinkwellError"}
    classes = {
        value.__name__: value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, errors.ThinkwellError)
    }
    assert drawn == set(classes)
    codes = [value.code for value in classes.values()]
    assert len(set(codes)) == len(codes)


def all_errors() -> list[type[errors.ThinkwellError]]:
    found = [errors.ThinkwellError]
    for error in found:
        found += error.__subclasses__()
    return found


@pytest.mark.parametrize("error", all_errors())
def test_every_error_has_a_status_and_a_body_at_every_door(error: type[errors.ThinkwellError]) -> None:
    for path in ("/v1/chat/completions", "/api/turns"):
        status, headers, body = error_reply(path, error("Why.", param="x", retry_after_s=1.5))
        assert status == STATUS[error.code] >= 400
        assert headers == {"retry-after": "2"}
        assert msgspec.to_builtins(body)["error"]["code"] == error.code


def test_the_web_apps_events_are_generated_from_ours() -> None:
    kept = (ROOT / "web/src/lib/services/events.gen.ts").read_text("utf-8")
    assert kept == typescript(), (
        "run: python -m thinkwell.http.wire.typescript > web/src/lib/services/events.gen.ts"
    )


def test_the_map_names_every_room() -> None:
    text = (ROOT / "docs/map.md").read_text("utf-8")
    rooms = {path.name for path in SOURCE.iterdir() if path.is_dir() and (path / "__init__.py").is_file()}
    named = set(re.findall(r"^\| `(\w+)/`", text, re.MULTILINE))
    assert named == rooms


def test_the_documented_settings_are_the_settings() -> None:
    assert settings_table() in (ROOT / "docs/settings.md").read_text("utf-8")
    assert all(row.help for row in setting_rows())


def test_text_tags_of_models_stand_in_reasoning_only() -> None:
    """And in data of cards, in the fakes that play models, and in tests."""
    tags = re.compile(r"</?think(?:ing)?>|\[/?THINK\]|<\|channel\|>")
    allowed = ("reasoning/", "testing/", "webapp/", "models/catalogue.toml")
    files = [*SOURCE.rglob("*.py"), *(ROOT / "web/src").rglob("*.ts"), *(ROOT / "web/src").rglob("*.svelte")]
    found = [
        str(path.relative_to(ROOT))
        for path in files
        if tags.search(path.read_text("utf-8"))
        and not path.relative_to(ROOT).as_posix().removeprefix("src/thinkwell/").startswith(allowed)
        and ".test." not in path.name
    ]
    assert found == []


def test_lock_files_have_hashes_and_no_hosts() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text("utf-8")
        assert "://" not in text, path
        pinned = re.findall(r"^[\w.\[\]-]+==\S+.*$", text, re.MULTILINE)
        assert pinned and text.count("--hash=sha256:") >= len(pinned)
    lock = (ROOT / "web/package-lock.json").read_text("utf-8")
    assert '"resolved"' not in lock
    packages = msgspec.json.decode(lock)["packages"]
    assert all(
        "integrity" in package for name, package in packages.items() if name and not package.get("link")
    )


def test_no_file_is_long_without_a_reason() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in [
            *SOURCE.rglob("*.py"),
            *(ROOT / "web/src").rglob("*.svelte"),
            *(ROOT / "web/src").rglob("*.ts"),
        ]
        if (count := len(path.read_text("utf-8").splitlines())) > 350
    }
    assert long == {}


def test_functions_take_few_parameters_and_exceptions_are_never_swallowed() -> None:
    swallowed = []
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.ExceptHandler)
                and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception"))
                and all(isinstance(line, ast.Pass) for line in node.body)
            ):
                swallowed.append(f"{path}:{node.lineno}")
    assert swallowed == []
