"""A person's statement as a file, in pieces: CSV and JSON. Knows no request; a page is in memory at a time.

CSV is RFC 4180 in UTF-8 without a byte order mark. A spreadsheet takes text that begins with = + - @ for a
formula, wherever the text comes from: such a cell begins with an apostrophe here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence

import msgspec

from thinkwell.http.wire.receipts import wire_line
from thinkwell.http.wire.web import iso
from thinkwell.ledger.statement import SECOND_US, Line, Place
from thinkwell.values.money import decimal
from thinkwell.values.receipt import Charge, Mark, Receipt

PAGE = 500
# The last ones are wide forms of the first, which spreadsheets take for them, and line breaks of some.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
COLUMNS = (
    "asked_at",
    "turn_id",
    "conversation_id",
    "conversation",
    "model",
    "key_id",
    "key",
    "tier",
    "ending",
    "prompt_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "answer_tokens",
    "currency",
    "price",
    "free",
    "waived",
    "due",
    "refunded",
    "microjoules",
    "energy_measured",
    "waited_s",
    "seconds",
    "made_by",
    "site",
    "signed_at",
    "answer_sha256",
    "signing_key",
    "signature",
)

Pages = Callable[[Place | None, int], Awaitable[list[Line]]]
Cell = str | int | float | None
decode = msgspec.json.Decoder(Receipt).decode
encode = msgspec.json.Encoder().encode


async def csv_pieces(pages: Pages) -> AsyncGenerator[bytes, None]:
    yield _csv([COLUMNS])
    async for lines in _all(pages):
        yield _csv([_row(line) for line in lines])


async def json_pieces(pages: Pages, site: str, made_at: str) -> AsyncGenerator[bytes, None]:
    """One object; ``items`` as the page's, each with its receipt as it was signed."""
    head = encode({"site": site, "made_at": made_at})
    yield head[:-1] + b',"items":['
    between = b""
    async for lines in _all(pages):
        yield between + b",".join([encode(wire_line(line)) for line in lines])
        between = b","
    yield b"]}"


async def _all(pages: Pages) -> AsyncIterator[list[Line]]:
    before: Place | None = None
    while True:
        lines = await pages(before, PAGE)
        if lines:
            yield lines
        if len(lines) < PAGE:
            return
        before = lines[-1].place


def _csv(rows: Sequence[Sequence[Cell]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([[_plain(cell) for cell in row] for row in rows])
    return text.getvalue().encode("utf-8", "replace")


def _plain(cell: Cell) -> Cell:
    """Numbers are as they are. NUL, which CSV cannot hold, goes."""
    if not isinstance(cell, str):
        return cell
    cell = cell.replace("\0", "")
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA) else cell


def _row(line: Line) -> list[Cell]:
    receipt = decode(line.receipt)
    usage, energy = receipt.usage, receipt.energy
    cells: list[Cell] = [
        iso(line.asked_at),
        line.turn_id,
        line.conversation_id,
        line.title,
        receipt.model,
        line.key_id,
        line.key_name,
        receipt.tier,
        receipt.ending,
        usage.prompt,
        usage.cached,
        usage.reasoning,
        usage.answer,
        *_charged(receipt.charge),
        decimal(line.refunded),
        None if energy is None else energy.microjoules,
        None if energy is None else "yes" if energy.measured else "no",
        receipt.waited_s,
        receipt.seconds,
        *_marked(receipt.mark),
    ]
    return cells


def _charged(charge: Charge | None) -> list[Cell]:
    if charge is None:
        return [None] * 5
    amounts = (charge.price, charge.free, charge.waived, charge.due)
    return [charge.currency, *map(decimal, amounts)]


def _marked(mark: Mark | None) -> list[Cell]:
    if mark is None:
        return [None] * 6
    return [
        mark.made_by,
        mark.site,
        iso(mark.at * SECOND_US),
        mark.answer_sha256,
        mark.key,
        mark.signature,
    ]
