"""What ``bench books`` compares: each question's accounts, and the rows of its report."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path

import msgspec
from sqlalchemy import create_engine

from thinkwell.cli.bench.books_lives import PRICES
from thinkwell.cli.bench.report import Row
from thinkwell.cli.bench.wire_speed import Figures
from thinkwell.ledger.check import check
from thinkwell.store.database import FILE_NAME
from thinkwell.testing.wire_text import PROMPT_TOKENS

ROWS = {
    "books_turns": Row(title="turns asked", unit="", digits=0),
    "books_kills": Row(title="kill -9", unit="", digits=0),
    "books_cut": Row(title="turns that a kill cut off", unit="", digits=0),
    "books_left_share": Row(title="turns whose readers left", unit="%", digits=1),
    "books_turns_per_s": Row(title="turns, with all restarts", unit="/s", digits=0),
    "books_missing": Row(title="turns that were answered and are not closed", unit="", below=1, digits=0),
    "books_error_tokens": Row(
        title="complete: engine, reader and entry differ", unit="tokens", below=1, digits=0
    ),
    "books_error_micros": Row(
        title="due is not the price of what was metered", unit="millionths", below=1, digits=0
    ),
    "books_error_between": Row(
        title="left or cut: not between read and made", unit="turns", below=1, digits=0
    ),
    "books_error_ledger": Row(title="entries, receipts and lines that disagree", unit="", below=1, digits=0),
    "books_sum": Row(title="sum of all accounts, all columns", unit="", below=1, digits=0),
    "books_open": Row(title="entries still open", unit="", below=1, digits=0),
    "books_most_not_read": Row(title="left: most metered, not read", unit="tokens", digits=0),
    "books_most_not_metered": Row(title="left: most made, not metered", unit="tokens", digits=0),
    "books_cut_not_read": Row(title="cut: most metered, not read", unit="tokens", digits=0),
    "books_cut_not_metered": Row(title="cut: most made, not metered", unit="tokens", digits=0),
}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One question: it was read to its end (``complete``), or its reader ``left``, or a kill ``cut`` it off.
    ``kept``: the turn is stored, and goes on without its reader. ``made`` is the engine's count."""

    number: int
    turn: str
    complete: bool
    left: bool
    cut: bool
    kept: bool
    think: int
    answer: int
    read_thought: int
    read_answer: int
    made: int = 0

    @property
    def read(self) -> int:
        return self.read_thought + self.read_answer


class Entry(msgspec.Struct, frozen=True):
    prompt: int
    cached: int
    reasoning: int
    answer: int
    ending: str | None
    due: int

    @property
    def generated(self) -> int:
        return self.reasoning + self.answer

    @property
    def price(self) -> int:
        """What it must cost. Prices are whole millionths for a token, so that nothing is rounded."""
        if self.ending == "failed":
            return 0
        uncached = self.prompt - self.cached
        return (
            uncached * PRICES["prompt"]
            + self.cached * PRICES["cached"]
            + self.reasoning * PRICES["reasoning"]
            + self.answer * PRICES["answer"]
        )


def compare(asked: list[Asked], entries: Mapping[str, Entry]) -> Figures:
    """The errors, as the rows name them. A turn of which nothing was read has no name to find it by."""
    missing = tokens = between = 0
    most = {"left": [0, 0], "cut": [0, 0]}
    for one in asked:
        if not one.turn:
            continue
        entry = entries.get(one.turn)
        if entry is None or entry.ending is None:
            missing += 1
        elif one.complete:
            tokens += abs(entry.reasoning - one.read_thought) + abs(entry.answer - one.read_answer)
            tokens += abs(entry.reasoning - one.think) + abs(entry.answer - one.answer)
            tokens += abs(entry.prompt - PROMPT_TOKENS) + abs(one.made - entry.generated)
        else:
            between += not one.read <= entry.generated <= one.made
            seen = most["cut" if one.cut else "left"]
            if not one.kept:  # a kept turn goes on without its reader
                seen[0] = max(seen[0], entry.generated - one.read)
            seen[1] = max(seen[1], one.made - entry.generated)
    return {
        "books_missing": missing,
        "books_error_tokens": tokens,
        "books_error_micros": sum(abs(entry.due - entry.price) for entry in entries.values()),
        "books_error_between": between,
        "books_most_not_read": most["left"][0],
        "books_most_not_metered": most["left"][1],
        "books_cut_not_read": most["cut"][0],
        "books_cut_not_metered": most["cut"][1],
    }


def read_books(data: Path) -> tuple[dict[str, Entry], Figures]:
    """Of a site that has ended: the entries by turn, and what is wrong with its ledger."""
    path = data / FILE_NAME
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT turn_id, prompt_tokens, cached_tokens, reasoning_tokens, answer_tokens, ending, due "
            "FROM entries"
        ).fetchall()
    connection.close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as reading:
        found = check(reading, 2**62)
    engine.dispose()
    wrong = {
        "books_error_ledger": float(found.wrong),
        "books_sum": float(sum(map(abs, found.sums.values()))),
        "books_open": float(found.open),
    }
    return {row[0]: Entry(*row[1:]) for row in rows}, wrong
