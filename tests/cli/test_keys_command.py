"""``thinkwell keys`` on the data folder of a site, beside it and without it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.http.keyholders import QUESTION, new_member, with_key

from thinkwell.cli.main import group
from thinkwell.errors import BadRequest, NotFound, SetupError, ThinkwellError
from thinkwell.people import accounts
from thinkwell.people.keyring import LASTS_S
from thinkwell.people.keytext import id_of
from thinkwell.store.database import open_database
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite, running_site
from thinkwell.turns.run import now_us


async def keys(data: Path, *arguments: str) -> Result:
    """In a thread: the command has an event loop of its own."""
    line = ["keys", *arguments, "--data", str(data)]
    return await asyncio.to_thread(lambda: CliRunner().invoke(group, line, catch_exceptions=True))


async def printed(data: Path, *arguments: str) -> str:
    result = await keys(data, *arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


async def refused(data: Path, *arguments: str) -> BaseException | None:
    result = await keys(data, *arguments)
    assert result.exit_code != 0
    assert result.stdout == ""
    return result.exception


@pytest.fixture
async def folder(data: Path) -> Path:
    """Of a site with one member, zoe, that does not run."""
    database = await open_database(data)
    await database.write(lambda tx: accounts.create(tx, "Zoe", now_us()))
    await database.close()
    return data


async def ask(running: RunningSite, text: str) -> int:
    async with with_key(running, text) as client, client.post("/v1/chat/completions", json=QUESTION) as reply:
        await reply.read()
        return reply.status


async def test_a_key_is_made_beside_a_running_site_and_revoked_within_seconds(
    data: Path, engine: ScriptedEngine
) -> None:
    async with running_site(data, engine) as running:
        await new_member(running, "zoe")
        text = (await printed(data, "create", "ZOE", "--name", "job", "--door", "chat")).strip()
        assert await ask(running, text) == 200
        assert await printed(data, "revoke", id_of(text) or "") == f"The key {id_of(text)} is revoked.\n"
        clock = running.site.keyring._clock
        running.site.keyring._clock = lambda: clock() + LASTS_S
        assert await ask(running, text) == 401


async def test_what_was_made_is_listed_with_its_bounds(folder: Path) -> None:
    arguments = ["--name", "job", "--door", "chat", "--door", "models", "--model", "scripted"]
    bounds = ["--money", "1.50", "--tokens", "1000", "--days", "90"]
    text = (await printed(folder, "create", "zoe", *arguments, *bounds)).strip()
    whole = (await printed(folder, "create", "zoe", "--name", "other")).strip()
    key_id = id_of(text)
    lines = (await printed(folder, "list")).splitlines()
    assert len(lines) == 2
    [line] = [line for line in lines if line.startswith(f"{key_id}  \u2026{text[-4:]}  job")]
    for word in ("chat, models", "scripted", "cost 0 of 1.5", "0 tokens of 1000", "used never", "expires 2"):
        assert word in line
    [other] = [line for line in lines if line is not None and str(id_of(whole)) in line]
    for word in ("all doors", "all models", "expires never"):
        assert word in other
    told: list[dict[str, Any]] = [
        json.loads(line) for line in (await printed(folder, "list", "zoe", "--json")).splitlines()
    ]
    [job] = [one for one in told if one["key"]["id"] == key_id]
    assert job["key"]["wish"]["budget_money"] == 1_500_000
    assert job["spent"] == {"money": 0, "tokens": 0, "turns": 0}
    assert text not in json.dumps(told)
    await printed(folder, "revoke", whole)
    assert "revoked 2" in (await printed(folder, "list", "Zoe"))


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (("create", "max", "--name", "x"), NotFound),
        (("create", "zoe", "--name", " "), BadRequest),
        (("create", "zoe", "--name", "x", "--door", "operator"), BadRequest),
        (("create", "zoe", "--name", "x", "--money", "much"), BadRequest),
        (("create", "zoe", "--name", "x", "--money", "-1"), BadRequest),
        (("create", "zoe", "--name", "x", "--money", "NaN"), BadRequest),
        (("create", "zoe", "--name", "x", "--money", "0.0000001"), BadRequest),
        (("create", "zoe"), SystemExit),
        (("create", "zoe", "--name", "x", "--days", "0"), SystemExit),
        (("list", "max"), NotFound),
        (("revoke", "nothing"), NotFound),
        (("revoke", "' OR 1=1 --"), NotFound),
    ],
)
async def test_what_makes_no_sense_is_refused_and_nothing_is_made(
    folder: Path, arguments: tuple[str, ...], kind: type[BaseException]
) -> None:
    assert isinstance(await refused(folder, *arguments), kind)
    assert await printed(folder, "list") == ""


async def test_where_no_site_has_been_there_are_no_keys(tmp_path: Path) -> None:
    problem = await refused(tmp_path / "nowhere", "list")
    assert isinstance(problem, SetupError) and isinstance(problem, ThinkwellError)
    assert not (tmp_path / "nowhere").exists()
