"""``thinkwell train``: rows from a site's data folder, from a teacher, and from the base model itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import msgspec
import pytest
from click.testing import CliRunner, Result
from tests.http.test_account_door import ask, call

from thinkwell.cli.main import group
from thinkwell.errors import SetupError
from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite
from thinkwell.testing.upstream import ScriptedUpstream
from thinkwell.training.rows import Row


async def train(*arguments: str) -> Result:
    """In a thread: the command has an event loop of its own."""
    line = ["train", *arguments]
    return await asyncio.to_thread(lambda: CliRunner().invoke(group, line, catch_exceptions=True))


def rows(path: Path) -> list[Row]:
    return [msgspec.json.decode(line, type=Row) for line in path.read_bytes().splitlines()]


async def test_who_said_yes_is_exported_beside_the_running_site(
    running: RunningSite, client: aiohttp.ClientSession, engine: ScriptedEngine, data: Path, tmp_path: Path
) -> None:
    engine.play(saying("Blue is scattered most."))
    await ask(client, "Why is the sky blue?")
    await running.site.conductor.settled()
    out = tmp_path / "site.jsonl"
    for allowed, number in ((True, 1), (False, 0)):
        await call(client, "PUT", "/api/me/training", {"allowed": allowed})
        result = await train("data", "--from-site", str(out), "--data", str(data))
        assert result.exit_code == 0, result.output
        assert len(rows(out)) == number
        assert f"{number} rows" in result.stdout


async def test_where_no_site_was_nothing_is_exported(tmp_path: Path) -> None:
    result = await train("data", "--from-site", str(tmp_path / "site.jsonl"), "--data", str(tmp_path))
    assert isinstance(result.exception, SetupError)
    assert not (tmp_path / "site.jsonl").exists()


async def test_a_teacher_is_asked_and_its_right_thoughts_are_kept(tmp_path: Path) -> None:
    asked = msgspec.json.encode(Row(prompt="What is 2 + 2?", answer="4", verifier="int"))
    (tmp_path / "mine.jsonl").write_bytes(asked + b"\n")
    out = tmp_path / "teacher.jsonl"
    async with ScriptedUpstream(saying("It is 4.", reasoning=("2 + 2 = 4",))) as upstream:
        line = [
            str(tmp_path / "mine.jsonl"),
            "--url",
            upstream.url + "/v1",
            "--out",
            str(out),
            "--samples",
            "1",
        ]
        result = await train("distill", *line)
    assert result.exit_code == 0, result.output
    assert [(row.trace, row.answer, row.source) for row in rows(out)] == [("2 + 2 = 4", "4", "teacher")]
    assert "1 questions asked, 1 solved" in result.stdout


async def test_a_teachers_missing_key_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.jsonl").write_bytes(b"")
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    line = [
        "--url",
        "http://127.0.0.1:1/v1",
        "--out",
        str(tmp_path / "out.jsonl"),
        "--key-env",
        "NO_SUCH_KEY",
    ]
    result = await train("distill", str(tmp_path / "mine.jsonl"), *line)
    assert isinstance(result.exception, SetupError) and "NO_SUCH_KEY" in result.exception.message


async def test_the_base_model_answers_the_prompts_of_general_talk(tmp_path: Path) -> None:
    out = tmp_path / "chat.jsonl"
    async with ScriptedUpstream(saying("With pleasure.")) as upstream:
        line = ["--url", upstream.url + "/v1", "--out", str(out), "--count", "3", "--at-once", "1"]
        result = await train("chat", *line, "--language", "fr")
    assert result.exit_code == 0, result.output
    assert {(row.answer, row.trace, row.source, row.language) for row in rows(out)} == {
        ("With pleasure.", "", "chat", "fr")
    }
    assert "3 prompts answered, 3 rows kept" in result.stdout
