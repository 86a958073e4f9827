"""A row: one question with its answer, how an answer is verified, and a thought that leads there.

Knows the line format (JSON Lines) and the text that a model is taught to write; no tokenizer, no task.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from thinkwell.errors import SetupError
from thinkwell.files import replacing
from thinkwell.reasoning.splitters import USUAL_TAGS

# Where a row is from: made by a task of ours, by reasoning-gym, the operator's own file, a teacher, the
# site's members who said yes, or general talk that the base model wrote itself.
Source = Literal["made", "gym", "own", "teacher", "site", "chat"]


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """``trace`` None: nobody wrote a thought, so that the row serves rewards and evaluation only; empty: the
    answer needs none (general talk).

    ``verifier`` says how an answer is scored (verifiers.py). ``task`` groups rows in reports; ``level`` is
    the task's own measure of difficulty, from 0. ``entry`` is what a verifier needs besides (of a
    reasoning-gym row: dataset, seed, index and configuration, from which its entry is made again).
    """

    prompt: str
    answer: str
    verifier: str = "text"
    trace: str | None = None
    task: str = "own"
    language: str = "en"
    level: int = 0
    source: Source = "own"
    entry: dict[str, Any] = {}

    @property
    def digest(self) -> str:
        """Of what is asked, blind to case and spaces: the same for two rows that ask the same."""
        plain = " ".join(self.prompt.casefold().split())
        return hashlib.sha256(plain.encode()).hexdigest()


def completion_of(row: Row) -> str:
    """What the model is to write. Raises ValueError for a row without a trace."""
    if row.trace is None:
        raise ValueError("a row without a trace teaches nothing to write")
    tags = USUAL_TAGS
    return f"{tags.open}\n{row.trace}\n{tags.close}\n{row.answer}" if row.trace else row.answer


def read_rows(path: Path) -> Iterator[Row]:
    """Raises SetupError, with the line, for a file that cannot be read or a line that is no row."""
    decoder = msgspec.json.Decoder(Row)
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                try:
                    row = decoder.decode(line)
                except (msgspec.DecodeError, msgspec.ValidationError) as problem:
                    raise SetupError(f"{path}, line {number}: {problem}.") from None
                if not row.prompt.strip() or not row.answer.strip():
                    raise SetupError(f"{path}, line {number}: prompt and answer must not be empty.")
                yield row
    except OSError as problem:
        raise SetupError(f"{path} cannot be read: {problem.strerror}.") from None


def write_rows(path: Path, rows: Iterable[Row]) -> int:
    """Whole or not at all; returns how many."""
    encoder = msgspec.json.Encoder()
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with replacing(path) as file:
        for row in rows:
            file.write(encoder.encode(row) + b"\n")
            count += 1
    return count
