"""``thinkwell ledger``: checks the books beside a site, shows its report, gives money back once."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest
from blockbuster import BlockBuster
from click.testing import CliRunner, Result

from thinkwell.cli.ledger import ledger
from thinkwell.errors import Conflict, NotFound, SetupError
from thinkwell.testing.scenarios import saying
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import running_site
from thinkwell.turns.reconciler import FILE_NAME
from thinkwell.values.caller import Caller
from thinkwell.values.message import Message
from thinkwell.values.turn import TurnRequest


@pytest.fixture(autouse=True)
def blocks(no_blocking_calls: BlockBuster) -> None:
    no_blocking_calls.deactivate()


@pytest.fixture
def booked(data: Path) -> Path:
    """The data of a site that answered three turns, of which one is still open."""
    asyncio.run(_answer(data))
    return data


async def _answer(data: Path) -> None:
    engine = ScriptedEngine(saying(*"abc"))
    caller = Caller(kind="visitor", id="visitor:a", person="visitor:a")
    async with running_site(data, engine, assignments=("prices.default.answer=1000",)) as running:
        site = running.site
        for name in ("one", "two"):
            asked = TurnRequest(id=name, caller=caller, model="scripted", messages=(Message("user", "?"),))
            await (await site.conductor.begin(site.tasks, asked)).over()
        await site.conductor.settled()


def run(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(ledger, [arguments[0], "--data", str(data), *arguments[1:]])


def change(data: Path, statement: str) -> None:
    with sqlite3.connect(data / "thinkwell.sqlite3") as database:
        database.execute(statement)
    database.close()


def test_right_books_are_said_to_be_right(booked: Path) -> None:
    result = run(booked, "check")
    assert result.exit_code == 0, result.output
    assert "2 turns closed, 0 open, 4 lines; money adds up to 0" in result.output
    assert "Everything is right." in result.output
    found = json.loads(run(booked, "check", "--json").output)
    assert (found["turns"], found["wrong"], found["sums"]["money"]) == (2, 0, 0)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE entries SET answer_tokens = 4 WHERE turn_id = 'one'", "is booked"),
        ("UPDATE entries SET due = due + 1 WHERE turn_id = 'one'", "is booked"),
        ("UPDATE entries SET receipt = NULL WHERE turn_id = 'two'", "receipt says something else"),
        ("UPDATE entries SET closed_at = NULL WHERE turn_id = 'two'", "it is open, and no turn runs"),
        ("UPDATE ledger_holders SET owner = 'visitor:b'", "its account is another's"),
        (
            "INSERT INTO ledger_lines VALUES (NULL, 'x', 'turn', 'person:x', 1, -5, 0, 0, 0, 0, NULL)",
            "adds up to -5",
        ),
        (
            "INSERT INTO ledger_lines VALUES (NULL, 'x', 'turn', 'person:x', 1, 0, 0, 0, 0, 0, NULL)",
            "not two lines",
        ),
    ],
)
def test_what_is_wrong_is_named_and_ends_with_1(booked: Path, statement: str, said: str) -> None:
    change(booked, statement)
    result = run(booked, "check", "--open-minutes", "0")
    assert result.exit_code == 1
    assert said in result.output
    assert "Everything is right." not in result.output


def test_deleted_entries_stay_booked_and_are_told_of(booked: Path) -> None:
    change(booked, "DELETE FROM entries WHERE turn_id = 'one'")
    result = run(booked, "check")
    assert result.exit_code == 0
    assert "1 turns are booked whose entries were deleted since" in result.output


def test_entries_from_before_there_was_a_ledger_are_no_fault(data: Path) -> None:
    receipt = '{"turn_id":"old","model":"m","usage":{"answer":5},"ending":"finished"}'
    change(
        data,
        "INSERT INTO entries (turn_id, owner, person, model, opened_at, closed_at, ending, answer_tokens, "
        f"receipt) VALUES ('old', 'o', 'o', 'm', 1, 2, 'finished', 5, CAST('{receipt}' AS BLOB))",
    )
    result = run(data, "check")
    assert result.exit_code == 0, result.output
    assert "1 turns are from before there was a ledger" in result.output


def test_money_is_given_back_once(booked: Path) -> None:
    result = run(booked, "refund", "one", "--why", "a wrong answer")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("0.003 given back to person:")
    for name, error in (("one", Conflict), ("three", NotFound)):
        again = run(booked, "refund", name, "--why", "a wrong answer")
        assert isinstance(again.exception, error)
    assert run(booked, "check").exit_code == 0
    assert run(booked, "refund", "two").exit_code == 2, "it asks why"
    change(booked, "INSERT INTO ledger_lines SELECT NULL, 'refund:two', 'refund', account, at, 7, 0, 0, 0, 0, NULL "
           "FROM ledger_lines WHERE transaction_id = 'two' AND account != 'site:turns'")  # fmt: skip
    wrong = run(booked, "check")
    assert wrong.exit_code == 1 and "7 was given back of -3000" in wrong.output


def test_the_sites_newest_report_is_shown(booked: Path) -> None:
    result = run(booked, "reconcile")
    assert result.exit_code == 0, result.output
    assert "scripted\n  generated tokens: " in result.output
    assert "Everything is explained." in result.output
    path = booked / FILE_NAME
    report = json.loads(path.read_text())
    report["engines"][0]["generated"] |= {"difference": 9, "counted": 9, "verdict": "unexplained"}
    report["engines"][0]["reasons"] = [{"why": "cut", "count": 2, "at_most": 128}]
    path.write_text(json.dumps(report))
    result = run(booked, "reconcile")
    assert result.exit_code == 1
    assert "difference +9 (unexplained)" in result.output
    assert "2 passes were ended before the model had ended: up to 128 tokens" in result.output
    assert "another client of this engine" in result.output
    assert json.loads(run(booked, "reconcile", "--json").output) == report


def test_without_a_site_or_a_report_it_says_so(tmp_path: Path, booked: Path) -> None:
    assert isinstance(run(tmp_path, "check").exception, SetupError)
    (booked / FILE_NAME).write_text("{")
    assert isinstance(run(booked, "reconcile").exception, SetupError)
    (booked / FILE_NAME).unlink()
    assert isinstance(run(booked, "reconcile").exception, NotFound)
