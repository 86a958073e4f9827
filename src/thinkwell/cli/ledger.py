"""``thinkwell ledger``: are the books right, do they agree with the engines, give money back.

Works on the database in the data folder, beside a running site or not.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from thinkwell.cli.beside import data_option, folder_beside, read_beside, write_beside
from thinkwell.errors import NotFound, SetupError

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from thinkwell.ledger.check import Checked
    from thinkwell.ledger.reconcile import Account, Kind, Reason, Report

WRONG = 1  # the exit code where something is wrong

REASONS = {
    "cut": "{count} passes were ended before the model had ended: up to {at_most} tokens more",
    "just_cut": "some of them in the last seconds: up to {at_most} tokens that the engine has yet to count",
    "cut_before": "passes were cut just before it was begun to count: up to {at_most} tokens that came later",
    "running": "{count} passes ran when it was looked: up to {at_most} tokens more or less",
    "restarts": "the engine was restarted {count} times, and what it had counted until then is lost",
    "more_passes": "{count} passes went on with a turn: each reads its prompt again, which is metered once",
}
HINT = "another client of this engine, or tokens that were not metered"


@click.group()
def ledger() -> None:
    """What all turns used and cost: check the books, hold them against the engines, give money back.

    \b
    thinkwell ledger check
    thinkwell ledger reconcile
    thinkwell ledger refund turn_0f3a... --why "a wrong answer"
    """


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@ledger.command()
@data_option
@click.option(
    "--open-minutes",
    type=click.IntRange(0),
    default=60,
    show_default=True,
    help="An entry that is open for longer is wrong.",
)
@json_option
def check(data: Path | None, open_minutes: int, as_json: bool) -> None:
    """Whether every turn is booked as it ended, and all columns add up to 0.

    Ends with 1 where something is wrong.
    """
    import msgspec

    from thinkwell.ledger.check import check as check_books

    before = time.time_ns() // 1000 - open_minutes * 60_000_000

    def read(connection: Connection) -> Checked:
        return check_books(connection, before)

    found = read_beside(folder_beside(data), read)
    click.echo(msgspec.json.encode(found).decode() if as_json else _checked(found))
    if found.wrong:
        sys.exit(WRONG)


@ledger.command()
@data_option
@json_option
def reconcile(data: Path | None, as_json: bool) -> None:
    """What the site metered on each engine, and what the engine counted itself.

    A running site makes this report every minute; the newest one is shown. Ends with 1 where something is
    unexplained.
    """
    import msgspec

    from thinkwell.ledger.reconcile import Report
    from thinkwell.turns.reconciler import FILE_NAME

    path = folder_beside(data) / FILE_NAME
    try:
        report = msgspec.json.decode(path.read_bytes(), type=Report)
    except FileNotFoundError:
        raise NotFound("There is no report yet. A site makes one when it runs.") from None
    except (OSError, msgspec.MsgspecError) as problem:
        raise SetupError(f"The report {path} cannot be read: {problem}. Delete it.") from problem
    click.echo(msgspec.json.encode(report).decode() if as_json else _reconciled(report))
    if not report.clean:
        sys.exit(WRONG)


@ledger.command()
@data_option
@click.option("--why", required=True, help="Why; it is kept with the ledger's lines, so name nobody.")
@click.argument("turn")
def refund(data: Path | None, turn: str, why: str) -> None:
    """Give back what was due for TURN, once. Its tokens stay booked."""
    from thinkwell.ledger import lines
    from thinkwell.values.money import decimal

    now = time.time_ns() // 1000
    done = write_beside(folder_beside(data), lambda tx: lines.refund(tx, turn, why, now))
    click.echo(f"{decimal(done.money)} given back to {done.account}")


def _checked(found: Checked) -> str:
    from thinkwell.values.money import decimal

    head = (
        f"{found.turns} turns closed, {found.open} open, {found.lines} lines; "
        f"money adds up to {decimal(found.sums.get('money', 0))}"
    )
    also = []
    if found.before:
        also.append(f"{found.before} turns are from before there was a ledger")
    if found.gone:
        also.append(f"{found.gone} turns are booked whose entries were deleted since")
    wrong = [f"wrong  {one.subject}: {one.said}" for one in found.findings]
    if found.wrong > len(found.findings):
        wrong.append(f"wrong  and {found.wrong - len(found.findings)} more")
    return "\n".join([head, *also, *(wrong or ["Everything is right."])])


def _reconciled(report: Report) -> str:
    since, at = (_moment(us) for us in (report.since, report.at))
    blocks = [f"From {since} to {at} (UTC)"]
    blocks += [_engine(account) for account in report.engines]
    booked = report.ledger
    if booked is not None:
        waiting = f"; {booked.waiting} turns are to be booked yet" if booked.waiting else ""
        blocks.append(
            f"ledger: {booked.metered} tokens of closed turns metered, {booked.booked} booked, "
            f"difference {booked.difference:+}{waiting}"
        )
    blocks.append("Everything is explained." if report.clean else "Something is not explained.")
    return "\n\n".join(blocks)


def _engine(account: Account) -> str:
    prompts = "prompt tokens" if account.whole else "prompt tokens, not cached"
    rows = [f"{account.engine}"]
    rows += [f"  {_kind(name, kind)}" for name, kind in _kinds(prompts, account)]
    rows += [f"    {_reason(reason)}" for reason in account.reasons]
    if any(kind.verdict == "unexplained" for _, kind in _kinds(prompts, account)):
        rows.append(f"    what is left: {HINT}")
    return "\n".join(rows)


def _kinds(prompts: str, account: Account) -> tuple[tuple[str, Kind], ...]:
    return ("generated tokens", account.generated), (prompts, account.prompt)


def _kind(name: str, kind: Kind) -> str:
    if kind.counted is None or kind.difference is None:
        return f"{name}: {kind.metered} metered; the engine does not tell its own count"
    return (
        f"{name}: {kind.metered} metered, {kind.counted} counted by the engine, "
        f"difference {kind.difference:+} ({kind.verdict})"
    )


def _reason(reason: Reason) -> str:
    return REASONS[reason.why].format(count=reason.count, at_most=reason.at_most)


def _moment(us: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(us // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S")
