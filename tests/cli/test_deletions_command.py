"""``thinkwell deletions``: what was deleted, from the data folder of a site."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from click.testing import CliRunner, Result

from thinkwell.cli.main import group
from thinkwell.errors import SetupError
from thinkwell.store.database import open_database
from thinkwell.turns.deletions import PAGE, Deletion, digest_of, note

DAY_US = 86_400_000_000
OLD = Deletion(
    at=40 * DAY_US,
    rule="people.visitor_days",
    kind="conversations",
    before=10 * DAY_US,
    count=3,
    digest=digest_of("abc"),
    left=0,
)
ERASED = Deletion(
    at=41 * DAY_US, rule="erasure", kind="keys", before=None, count=1, digest=digest_of("k"), left=2
)


async def deletions(data: Path, *arguments: str) -> Result:
    """In a thread: the command has an event loop of its own."""
    line = ["deletions", *arguments, "--data", str(data)]
    return await asyncio.to_thread(lambda: CliRunner().invoke(group, line, catch_exceptions=True))


async def written(data: Path, *proofs: Deletion) -> None:
    database = await open_database(data)
    await database.write(lambda tx: [note(tx, proof) for proof in proofs])
    await database.close()


async def test_deletions_are_listed_the_newest_first(data: Path) -> None:
    await written(data, OLD, ERASED)
    result = await deletions(data)
    assert result.exit_code == 0, result.output
    newest, oldest = result.stdout.splitlines()
    assert newest.startswith("1970-02-11 00:00 UTC  1 keys  by erasure  ") and newest.endswith("2 left!")
    assert "3 conversations  by people.visitor_days, older than 1970-01-11 00:00 UTC" in oldest


async def test_all_of_them_are_told_with_the_whole_digest(data: Path) -> None:
    await written(data, *[OLD] * (PAGE + 2), ERASED)
    result = await deletions(data, "--json")
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(found) == PAGE + 3
    assert (found[0]["kind"], found[1]["digest"], found[1]["left"]) == ("keys", OLD.digest, 0)


async def test_where_no_site_was_that_is_said(tmp_path: Path) -> None:
    result = await deletions(tmp_path / "nothing")
    assert isinstance(result.exception, SetupError)
