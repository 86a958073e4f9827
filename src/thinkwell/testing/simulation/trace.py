"""Traces: who asked how much when. Reads CSV and JSONL files in any of four known sets of columns.

    arena      req_time_s, client, prompt_len, output_len
    azure      TIMESTAMP (a date and time), ContextTokens, GeneratedTokens
    mooncake   timestamp (ms), input_length, output_length, hash_ids (of blocks of 512 tokens)
    reasoning  arrival_s, client, prompt_tokens, reasoning_tokens, answer_tokens

Which set it is shows in the columns of the first line; others beside them are not looked at.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path

import msgspec

from thinkwell.errors import SetupError

MOONCAKE_BLOCK = 512

Line = Mapping[str, object]


class BadTrace(SetupError):
    """The file is no trace: says file, line, and what is expected there."""


class TraceRequest(msgspec.Struct, frozen=True, kw_only=True):
    """``at`` in seconds from the first request of the file. ``person`` is None where the trace tells nobody.

    ``reasoning_tokens`` is 0 where thought and answer are not told apart. ``blocks`` are hashes of the
    prompt's prefixes, each of ``block_tokens`` tokens; the last may stand for fewer.
    """

    at: float
    person: str | None
    prompt_tokens: int
    reasoning_tokens: int = 0
    answer_tokens: int
    blocks: tuple[int, ...] = ()
    block_tokens: int = 0

    @property
    def output_tokens(self) -> int:
        return self.reasoning_tokens + self.answer_tokens


def read_trace(path: Path) -> list[TraceRequest]:
    """By time; what came in the same moment stays in the file's order. Raises BadTrace."""
    requests: list[TraceRequest] = []
    read: Callable[[Line], TraceRequest] | None = None
    number = 1
    try:
        for number, line in _lines(path):  # noqa: B007 - told in the error
            read = read or _reader_for(line)
            requests.append(read(line))
    except _Wrong as wrong:
        raise BadTrace(f"{path}, line {wrong.line or number}: {wrong}.") from None
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise BadTrace(f"{path}: cannot be read as a trace in CSV or JSONL ({problem}).") from None
    if not requests:
        raise BadTrace(f"{path}: there are no requests in it. {EXPECTED}.")
    first = min(request.at for request in requests)
    requests = [msgspec.structs.replace(request, at=request.at - first) for request in requests]
    return sorted(requests, key=lambda request: request.at)


class _Wrong(Exception):
    """What is wrong, and in which line of the file where that is not the one being read."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


# -- lines -------------------------------------------------------------------------------------------


def _lines(path: Path) -> Iterator[tuple[int, Line]]:
    """(number in the file, its columns) of each line that is not empty."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        text = file.read()
    if text.lstrip()[:1] == "{":
        return _objects(text.split("\n"))
    return _cells(text.splitlines(keepends=True))


def _objects(lines: Iterable[str]) -> Iterator[tuple[int, Line]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield number, msgspec.json.decode(line, type=dict[str, object])
        except (msgspec.DecodeError, UnicodeEncodeError) as problem:
            raise _Wrong(f"a JSON object is expected here ({problem})", number) from None


def _cells(lines: Iterable[str]) -> Iterator[tuple[int, Line]]:
    rows = csv.reader(lines)
    names = [name.strip() for name in next((row for row in rows if row), [])]
    if names:
        _reader_for(dict.fromkeys(names))  # a header alone is told from a file of something else
    for row in rows:
        if any(cell.strip() for cell in row):
            yield rows.line_num, dict(zip(names, row, strict=False))


# -- columns -----------------------------------------------------------------------------------------


def _arena(line: Line) -> TraceRequest:
    return TraceRequest(
        at=_number(line, "req_time_s"),
        person=_person(line),
        prompt_tokens=_count(line, "prompt_len"),
        answer_tokens=_count(line, "output_len"),
    )


def _azure(line: Line) -> TraceRequest:
    return TraceRequest(
        at=_moment(line, "TIMESTAMP"),
        person=None,
        prompt_tokens=_count(line, "ContextTokens"),
        answer_tokens=_count(line, "GeneratedTokens"),
    )


def _mooncake(line: Line) -> TraceRequest:
    return TraceRequest(
        at=_number(line, "timestamp") / 1000,
        person=None,
        prompt_tokens=_count(line, "input_length"),
        answer_tokens=_count(line, "output_length"),
        blocks=_hashes(line, "hash_ids"),
        block_tokens=MOONCAKE_BLOCK,
    )


def _reasoning(line: Line) -> TraceRequest:
    return TraceRequest(
        at=_number(line, "arrival_s"),
        person=_person(line),
        prompt_tokens=_count(line, "prompt_tokens"),
        reasoning_tokens=_count(line, "reasoning_tokens"),
        answer_tokens=_count(line, "answer_tokens"),
    )


READERS: dict[tuple[str, ...], Callable[[Line], TraceRequest]] = {
    ("req_time_s", "client", "prompt_len", "output_len"): _arena,
    ("TIMESTAMP", "ContextTokens", "GeneratedTokens"): _azure,
    ("timestamp", "input_length", "output_length", "hash_ids"): _mooncake,
    ("arrival_s", "client", "prompt_tokens", "reasoning_tokens", "answer_tokens"): _reasoning,
}
EXPECTED = "Expected are the columns " + "; or ".join(", ".join(columns) for columns in READERS)


def _reader_for(line: Line) -> Callable[[Line], TraceRequest]:
    for columns, read in READERS.items():
        if all(column in line for column in columns):
            return read
    raise _Wrong(f"the columns are {', '.join(line)}. {EXPECTED}")


def _cell(line: Line, name: str) -> object:
    if line.get(name) is None or line[name] == "":
        raise _Wrong(f"{name} is missing")
    return line[name]


def _number(line: Line, name: str) -> float:
    cell = _cell(line, name)
    try:
        if isinstance(cell, bool) or not isinstance(cell, (str, int, float)):
            raise ValueError
        number = float(cell)
    except (ValueError, OverflowError):
        raise _Wrong(f"{name} is {_shown(cell)}, and a number is expected") from None
    if not isfinite(number) or number < 0:
        raise _Wrong(f"{name} is {_shown(cell)}, and a number of 0 or more is expected")
    return number


def _count(line: Line, name: str) -> int:
    """Tokens: also written as 13.0, never as 13.5."""
    number = _number(line, name)
    if not number.is_integer():
        raise _Wrong(f"{name} is {_shown(line[name])}, and a whole number is expected")
    return int(number)


def _moment(line: Line, name: str) -> float:
    """Seconds since 1970 of a date and time; in UTC where no zone is named. Digits past a microsecond go."""
    cell = _cell(line, name)
    try:
        moment = datetime.fromisoformat(str(cell).strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise _Wrong(f"{name} is {_shown(cell)}, and a date and time is expected") from None


def _person(line: Line) -> str | None:
    client = line.get("client")
    return None if client is None or client == "" else str(client).strip()


def _hashes(line: Line, name: str) -> tuple[int, ...]:
    """A list, in CSV written as in JSON."""
    cell = _cell(line, name)
    try:
        listed = msgspec.json.decode(cell) if isinstance(cell, str) else cell
        return tuple(msgspec.convert(listed, list[int]))
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise _Wrong(f"{name} is {_shown(cell)}, and a list of whole numbers is expected") from None


def _shown(cell: object) -> str:
    text = repr(cell)
    return text if len(text) <= 40 else f"{text[:37]}..."
