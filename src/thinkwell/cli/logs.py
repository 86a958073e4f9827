"""The log of a site: a line for what happened, on stderr, for people or as one JSON object each.

What people said is never in it, nor names, cookies, keys: an exception is told by its kind and where it was
raised, since its words may quote what it was about; other libraries' lines are cut to the first, since what
follows may show a request.
"""

from __future__ import annotations

import asyncio
import logging
import re
import traceback
from datetime import UTC, datetime
from typing import Any, TextIO

import msgspec

from thinkwell.errors import ThinkwellError
from thinkwell.settings.rooms import Logs

OURS = "thinkwell"
# As build/site.py makes them.
TURN = re.compile(r"[a-z]{3,8}[-_][0-9a-f]{24,32}")
MOST_FRAMES = 12


class Told(msgspec.Struct, frozen=True):
    """What a line holds, beside its fields."""

    time: str
    level: str
    event: str
    turn: str | None
    code: str | None
    fields: dict[str, Any]
    error: str | None
    at: tuple[str, ...]


def told(record: logging.LogRecord) -> Told:
    fields: dict[str, Any] = dict(getattr(record, "fields", {}))
    event = record.getMessage()
    if record.name.partition(".")[0] != OURS:
        event = event.splitlines()[0] if event else ""
    error = record.exc_info[1] if record.exc_info else None
    code = fields.pop("code", None) or (error.code if isinstance(error, ThinkwellError) else None)
    return Told(
        time=datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
        level=record.levelname.lower(),
        event=event,
        turn=fields.pop("turn", None) or _turn_of(record),
        code=code,
        fields=fields,
        error=None if error is None else _kind(error),
        at=() if error is None else _where(error),
    )


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = told(record)
        found: dict[str, Any] = {"time": line.time, "level": line.level, "event": line.event}
        found["logger"] = record.name
        found |= {"turn": line.turn, "code": line.code} | line.fields
        if line.error is not None:
            found |= {"error": line.error, "at": line.at}
        return msgspec.json.encode({key: value for key, value in found.items() if value is not None}).decode()


class PlainLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = told(record)
        more = {"code": line.code} | line.fields
        said = "".join(f" {key}={value}" for key, value in more.items() if value is not None)
        text = f"{line.time} {line.level:<7} {line.event}{said}"
        if line.error is None:
            return text
        return "\n    ".join([text, line.error, *line.at])


def set_up_logging(logs: Logs, stream: TextIO) -> logging.Handler:
    """For the whole process. Other libraries' lines are shown from ``warning`` on, whatever ours are."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines() if logs.form == "json" else PlainLines())
    level = logging.getLevelNamesMapping()[logs.level.upper()]
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(max(level, logging.WARNING))
    logging.getLogger(OURS).setLevel(level)
    return handler


def _turn_of(record: logging.LogRecord) -> str | None:
    """The turn that it is about, or in whose task it was said."""
    for value in record.args if isinstance(record.args, tuple) else ():
        if isinstance(value, str) and TURN.fullmatch(value):
            return value
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return None
    return task.get_name() if task is not None and TURN.fullmatch(task.get_name()) else None


def _kind(error: BaseException) -> str:
    """With those that caused it, the last first."""
    kinds = []
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        kind = f"{type(one).__module__}.{type(one).__qualname__}".removeprefix("builtins.")
        if isinstance(one, BaseExceptionGroup):
            kind += f"({', '.join(_kind(part) for part in one.exceptions)})"
        kinds.append(kind)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return " from ".join(kinds)


def _where(error: BaseException) -> tuple[str, ...]:
    """The innermost frames, without their text."""
    frames = [
        f"{frame.f_code.co_filename}:{line} {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    return tuple(frames[-MOST_FRAMES:])
