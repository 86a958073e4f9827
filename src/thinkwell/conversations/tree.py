"""Conversations as values: the tree, and the path from its root to a message. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from thinkwell.conversations.files import question_with
from thinkwell.errors import NotFound
from thinkwell.values.event import Finished, TurnEnd
from thinkwell.values.file import File
from thinkwell.values.message import Message

Status = Literal["complete", "streaming", "stopped", "failed", "interrupted"]


class StoredMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a tree. ``created_at`` is in microseconds since 1970, UTC.

    ``ending`` is the last event of the turn that wrote it; ``left_out`` counts messages it did not see;
    ``files`` came with a question.
    """

    id: str
    parent_id: str | None
    role: Literal["user", "assistant"]
    content: str
    reasoning: str | None
    status: Status
    turn_id: str | None
    ending: TurnEnd | None
    left_out: int
    created_at: int
    files: tuple[File, ...] = ()


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation without its messages, as lists have it."""

    id: str
    title: str
    head_id: str | None
    updated_at: int
    pinned: bool = False
    folder_id: str | None = None


def path_to(
    messages: Iterable[StoredMessage], leaf_id: str | None, *, param: str = "parent_id"
) -> list[StoredMessage]:
    """From the root to ``leaf_id``. Raises NotFound for a message of another conversation."""
    by_id = {m.id: m for m in messages}
    path: list[StoredMessage] = []
    at = leaf_id
    while at is not None:
        if at not in by_id:
            raise NotFound("There is no such message in this conversation.", param=param)
        path.append(by_id[at])
        at = by_id[at].parent_id
    return path[::-1]


def as_prompt(path: Iterable[StoredMessage], *, goes_on: bool = False) -> tuple[Message, ...]:
    """The path as a model reads it. An answer and those that go on with it are one. One of which nothing was
    said is left out with its question, but for the last, where the model ``goes_on`` with it."""
    told: list[Message] = []
    for message in path:
        if told and told[-1].role == message.role == "assistant":
            before = told.pop()
            thought = (before.reasoning or "") + (message.reasoning or "")
            told.append(Message("assistant", before.content + message.content, thought or None))
        else:
            told.append(_spoken(message))
    prompt: list[Message] = []
    for at, said in enumerate(told):
        if said.role == "user" or said.content or (goes_on and at == len(told) - 1):
            prompt.append(said)
        elif prompt and prompt[-1].role == "user":
            prompt.pop()
    return tuple(prompt)


def _spoken(message: StoredMessage) -> Message:
    if message.files:
        return question_with(message.content, message.files)
    return Message(message.role, message.content, message.reasoning)


def may_go_on(message: StoredMessage) -> bool:
    """It is an answer that did not come to its own end, and of which something was said."""
    if message.role != "assistant" or message.status == "streaming":
        return False
    cut = isinstance(message.ending, Finished) and message.ending.reason == "length"
    return (cut or message.status != "complete") and bool(message.content or message.reasoning)


def title_of(question: str) -> str:
    """The first line of the first question, cut at a word near 60 characters."""
    line = " ".join(question.split())
    if len(line) <= 60:
        return line
    cut = line[:60].rsplit(" ", 1)[0]
    return (cut if len(cut) > 20 else line[:60]) + "…"
