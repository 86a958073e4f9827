"""Reads a receipt, and the answer that it is of, from files that anybody can have written.

Bounded in size and depth; what has a wrong shape is refused in a sentence. Nothing of a file reaches the
terminal but what can be printed.
"""

from __future__ import annotations

import hashlib
import json
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import msgspec

from thinkwell.errors import BadRequest, TooLarge
from thinkwell.values.money import decimal
from thinkwell.values.receipt import Receipt

# A whole answer with its receipt is well below it.
MOST_RECEIPT_BYTES = 8 * 2**20
MOST_ANSWER_BYTES = 64 * 2**20
MOST_SHOWN = 100


class Told(msgspec.Struct, frozen=True):
    """``members`` are what JSON had, which is what was signed; ``receipt`` is the same by its types."""

    members: dict[str, Any]
    receipt: Receipt


def read_receipt(name: str) -> Told:
    """Raises BadRequest or TooLarge."""
    members = _members(_parsed(read(name, MOST_RECEIPT_BYTES, "receipt")))
    try:
        return Told(members, msgspec.convert(members, Receipt))
    except (msgspec.ValidationError, RecursionError) as error:
        raise BadRequest(f"That is no receipt of a Thinkwell site: {_shown(str(error))}.") from None


def fits_answer(receipt: Receipt, name: str) -> tuple[bool, str]:
    """Whether it is the answer that the site signed, and how to say so. Raises BadRequest or TooLarge."""
    text = read(name, MOST_ANSWER_BYTES, "answer")
    wanted = receipt.mark.answer_sha256 if receipt.mark is not None else ""
    if hashlib.sha256(text).hexdigest() == wanted:
        return True, "is the one that the site signed, to the byte"
    bare = text.removesuffix(b"\n").removesuffix(b"\r")
    if bare != text and hashlib.sha256(bare).hexdigest() == wanted:
        return True, "is the one that the site signed, but for a line break at its end"
    return False, "IS NOT the one that the site signed"


def said_of(receipt: Receipt) -> list[str]:
    """What a receipt says of itself, in lines."""
    usage, mark, charge = receipt.usage, receipt.mark, receipt.charge
    lines = [f"turn       {_shown(receipt.turn_id)}, {receipt.ending}", f"model      {_shown(receipt.model)}"]
    if mark is not None:
        lines.append(f"made by    AI, at {_shown(mark.site)!r}, {_time(mark.at)} (key {_shown(mark.key)})")
    lines.append(
        f"tokens     {usage.prompt} of the question ({usage.cached} cached), {usage.reasoning} of thought, "
        f"{usage.answer} of the answer"
    )
    if charge is not None:
        currency = _shown(charge.currency)
        lines.append(
            f"price      {decimal(charge.price)} {currency}, of which {decimal(charge.due)} were due"
        )
    return lines


def read(name: str, most: int, what: str) -> bytes:
    """A file, or stdin for ``-``. Raises BadRequest or TooLarge."""
    try:
        with _opened(name) as file:
            body = file.read(most + 1)
    except OSError as error:
        raise BadRequest(f"The {what} {_shown(name)} cannot be read: {error.strerror or error}.") from None
    except ValueError:  # a name with a NUL
        raise BadRequest(f"The {what} has a name that no file can have.") from None
    if len(body) > most:
        raise TooLarge(f"The {what} is over {most // 2**20} MB, which none is. It was not read to its end.")
    return body


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    path = Path(name)
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
        raise OSError(0, "it is no file")
    with path.open("rb") as file:
        yield file


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError:
        raise BadRequest("The receipt is nested too deep to be one.") from None
    except ValueError as error:
        raise BadRequest(f"The receipt is not JSON: {_shown(str(error))}.") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two members of one name a program reads the first, another one the last: neither is believed."""
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("it has two members of one name")
    return members


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _members(parsed: Any) -> dict[str, Any]:
    """Of the receipt itself, or of what carries it: an answer of the API, or a line of a statement."""
    for _ in range(3):
        if not isinstance(parsed, dict):
            break
        if "usage" in parsed and "turn_id" in parsed:
            return parsed
        parsed = parsed.get("thinkwell", parsed.get("receipt"))
    raise BadRequest("There is no receipt in it. Give a receipt, or an answer of the API that carries one.")


def _time(at: int) -> str:
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"{at} s after 1970"


def _shown(text: str) -> str:
    """Without what moves a terminal's cursor; not endless."""
    plain = "".join(letter if letter.isprintable() else "�" for letter in text[: MOST_SHOWN + 1])
    return plain if len(plain) <= MOST_SHOWN else f"{plain[:MOST_SHOWN]}…"
