"""One conversation written out, in pieces: as JSON with everything, or as Markdown for people.

A page of it is in memory at a time. Knows no request and no table.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from typing import Any

import msgspec

from thinkwell.conversations import markdown, pages
from thinkwell.conversations.tree import StoredMessage, Summary
from thinkwell.http.export_sources import Sources
from thinkwell.http.wire.files import wire_content
from thinkwell.http.wire.web import iso, wire_message

encode = msgspec.json.Encoder().encode
Chunks = AsyncGenerator[bytes, None]


async def as_json(sources: Sources, summary: Summary, *, thoughts: bool = True) -> Chunks:
    """An object, all branches in it."""
    head = {
        "id": summary.id,
        "title": summary.title,
        "head_id": summary.head_id,
        "updated_at": iso(summary.updated_at),
        "pinned": summary.pinned,
        "folder_id": summary.folder_id,
    }
    yield encode(head)[:-1]
    found = (_chosen(page, thoughts=thoughts) async for page in sources.messages(summary.id))
    async for piece in listed("messages", found, _whole):
        yield piece
    yield b"}"


async def as_markdown(sources: Sources, summary: Summary, site: str, *, thoughts: bool = True) -> Chunks:
    """What was shown last first, then the other branches. An answer that was gone on with is one text."""
    yield markdown.heading(summary.title, site).encode()
    nodes = await sources.outline(summary.id)
    numbers: dict[str, int] = {}
    for place, branch in enumerate(markdown.branches(nodes, summary.head_id)):
        if place:
            yield markdown.branch_heading(numbers.get(branch.after or "")).encode()
        parts: list[StoredMessage] = []
        for begin in range(0, len(branch.ids), pages.PAGE):
            found = await sources.some(summary.id, branch.ids[begin : begin + pages.PAGE])
            for message in _chosen(found, thoughts=thoughts):
                if parts and not (parts[-1].role == message.role == "assistant"):
                    yield _told(parts, numbers)
                    parts = []
                parts.append(message)
        if parts:
            yield _told(parts, numbers)


def _told(parts: list[StoredMessage], numbers: dict[str, int]) -> bytes:
    number = max(numbers.values(), default=0) + 1
    numbers.update((part.id, number) for part in parts)
    return markdown.rendered(parts, number).encode("utf-8", "replace")


def _chosen(found: list[StoredMessage], *, thoughts: bool) -> list[StoredMessage]:
    return found if thoughts else [msgspec.structs.replace(one, reasoning=None) for one in found]


def _whole(message: StoredMessage) -> Any:
    """As the page has it, and with its thought and what is in its files."""
    shown = msgspec.structs.asdict(wire_message(message, has_thought=bool(message.reasoning)))
    return shown | {"reasoning": message.reasoning, "files": [wire_content(file) for file in message.files]}


async def listed(name: str, found: AsyncIterable[Iterable[Any]], shape: Any) -> Chunks:
    """A member of an object, after others: an array whose items come in pages."""
    yield b',"%b":[' % name.encode()
    between = b""
    async for items in found:
        for item in items:
            yield between + encode(shape(item))
            between = b","
    yield b"]"
