"""A conversation as Markdown: what is shown first, then the other branches, every message once. Pure.

Questions and answers stand there as they were written. The frame's words are ours; a title is made plain.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from thinkwell.conversations.files import fence_for
from thinkwell.conversations.tree import StoredMessage
from thinkwell.values.event import TurnEnd
from thinkwell.values.file import File, TextFile

MOST_NAME = 60
# What Markdown would take for more than a letter.
SPECIAL = frozenset("\\`*_{}[]()<>#+-.!|~&$")
HOW_IT_ENDED = {
    "streaming": "is still being written",
    "stopped": "was stopped",
    "failed": "failed",
    "interrupted": "was interrupted",
}


class Node(msgspec.Struct, frozen=True):
    """A message by its place alone."""

    id: str
    parent_id: str | None


class Branch(msgspec.Struct, frozen=True):
    """``ids`` follow each other, and the first of them the message ``after``; None: nothing was before it."""

    after: str | None
    ids: list[str]


def branches(nodes: Iterable[Node], head_id: str | None) -> list[Branch]:
    """The path to the head first; then what else there is, oldest first. ``nodes`` come oldest first.

    A tree that is damaged (a parent that is missing, a circle) is told nevertheless, every message once.
    """
    by_id = {node.id: node for node in nodes}
    children: dict[str | None, list[Node]] = {}
    for node in by_id.values():
        children.setdefault(node.parent_id, []).append(node)
    shown: set[str] = set()
    path: list[str] = []
    at = by_id.get(head_id or "")
    while at is not None and at.id not in shown:
        shown.add(at.id)
        path.append(at.id)
        at = by_id.get(at.parent_id or "")
    found = [Branch(None, path[::-1])] if path else []
    for node in by_id.values():
        ids: list[str] = []
        begin, one = node.parent_id, None if node.id in shown else node
        while one is not None:
            shown.add(one.id)
            ids.append(one.id)
            # On with the newest: it is what somebody went on with.
            one = next((child for child in reversed(children.get(one.id, ())) if child.id not in shown), None)
        if ids:
            found.append(Branch(begin, ids))
    return found


def heading(title: str, site: str) -> str:
    return (
        f"# {plain(title) or 'Untitled'}\n\n"
        f"*A conversation at {plain(site)}. The thoughts and answers in it were made by AI.*\n"
    )


def branch_heading(number: int | None) -> str:
    """``number`` of the message after which it begins; None: at the beginning."""
    begins = "Another beginning" if number is None else f"Another branch, after message {number}"
    return f"\n---\n\n# {begins}\n"


def rendered(parts: Sequence[StoredMessage], number: int) -> str:
    """A question; or an answer, with all that went on with it, each of which has a receipt of its own."""
    message, last = parts[0], parts[-1]
    at = datetime.fromtimestamp(message.created_at / 1e6, UTC).strftime("%Y-%m-%d %H:%M UTC")
    if message.role == "user":
        files = "".join(map(_file, message.files))
        return f"\n## {number}. Question ({at})\n\n{message.content.rstrip()}\n{files}"
    end = message.ending
    by = f", by {plain(end.receipt.model)}" if end is not None else ""
    text = f"\n## {number}. Answer, made by AI{by} ({at})\n"
    for part in parts:
        if part.reasoning:
            quoted = "\n".join(f"> {line}".rstrip() for line in part.reasoning.rstrip().split("\n"))
            text += f"\n> **Thought**\n>\n{quoted}\n"
    if content := "".join(part.content for part in parts).rstrip():
        text += f"\n{content}\n"
    if last.status != "complete":
        text += f"\n*This answer {HOW_IT_ENDED[last.status]}.*\n"
    return text + "".join(_receipt(part.ending) for part in parts if part.ending is not None)


def _receipt(end: TurnEnd) -> str:
    usage = end.receipt.usage
    return (
        f"\n*Receipt {end.receipt.turn_id}: {usage.prompt} tokens read, {usage.reasoning} of thought, "
        f"{usage.answer} of answer.*\n"
    )


def _file(file: File) -> str:
    if not isinstance(file, TextFile):
        return f"\n*Picture {plain(file.name)}, {file.size} bytes*\n"
    fence = fence_for(file.text)
    return f"\n*File {plain(file.name)}*\n\n{fence}\n{file.text.rstrip()}\n{fence}\n"


def plain(text: str) -> str:
    """On one line, without anything that Markdown or a terminal would take for more than text."""
    words = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return "".join(f"\\{char}" if char in SPECIAL else char for char in words)


def file_name(number: int, title: str) -> str:
    """Of one among many."""
    return f"{number:05d}-{safe_name(title)}.md"


def safe_name(title: str) -> str:
    """Safe on every system, whatever the title: letters and digits of it."""
    composed = unicodedata.normalize("NFC", title[:1000])
    kept = "".join(char if char.isalnum() else " " for char in composed)
    name = ""
    for word in kept.split():
        longer = f"{name}-{word}" if name else word
        if len(longer.encode()) > MOST_NAME:
            break
        name = longer
    return name or "conversation"
