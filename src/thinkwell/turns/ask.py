"""Asking at the page: in a stored conversation (the prompt from the tree; question and place of the answer
stored), or in a temporary one, of which the page alone knows, and which is told whole with every question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import msgspec
from sqlalchemy import select
from sqlalchemy.engine import Connection

from thinkwell.conversations import shelf
from thinkwell.conversations.files import question_with, without_pictures
from thinkwell.conversations.tree import StoredMessage, as_prompt, may_go_on, path_to, title_of
from thinkwell.errors import BadRequest, Conflict, LogExpired, NotFound
from thinkwell.ledger import book
from thinkwell.store.database import Database
from thinkwell.store.tables import conversations, entries, messages
from thinkwell.turns.idempotent import GONE
from thinkwell.turns.live import Asking, LiveTurns
from thinkwell.turns.run import AlsoStore, Conductor, now_us
from thinkwell.values.caller import Caller
from thinkwell.values.file import File
from thinkwell.values.message import Message
from thinkwell.values.thinking import Effort, Thinking
from thinkwell.values.turn import TurnRequest

T = TypeVar("T")
AlsoStoreOf = Callable[[str], AlsoStore]


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A question in a conversation, or (``regenerate``) another answer to a stored question, or (``go_on``)
    the rest of a stored answer that is not complete: a message below it, with a turn of its own.

    ``files`` come with the question. ``effort`` says how much is to be thought, None: as the site does;
    ``budget`` the most tokens of it.
    ``full_thought`` asks not to have the thought shortened, whoever waits.
    """

    content: str | None = None
    files: tuple[File, ...] = ()
    conversation_id: str | None = None
    parent_id: str | None = None
    regenerate: str | None = None
    go_on: str | None = None
    effort: Effort | None = None
    budget: int | None = None
    full_thought: bool = False


class Temporary(msgspec.Struct, frozen=True, kw_only=True):
    """A question of which no word is written anywhere. ``history`` is what was said before it: questions
    and answers in turn, as the page tells them. ``content`` None: go on with the last answer of it."""

    content: str | None
    files: tuple[File, ...] = ()
    history: tuple[Message, ...] = ()
    effort: Effort | None = None
    budget: int | None = None
    full_thought: bool = False


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """``question_id`` is the message that the answer is below: of one that goes on, the unfinished one."""

    turn_id: str
    conversation_id: str
    question_id: str
    answer_id: str


class AskedTemporary(msgspec.Struct, frozen=True, kw_only=True):
    """The same of a temporary conversation, which has no id."""

    turn_id: str
    question_id: str
    answer_id: str
    conversation_id: None = None


class Asker:
    def __init__(
        self, conductor: Conductor, database: Database, turns: LiveTurns, new_id: Callable[[str], str]
    ) -> None:
        self._conductor = conductor
        self._database = database
        self._turns = turns
        self._new_id = new_id

    async def ask(
        self, tasks: asyncio.TaskGroup, caller: Caller, ask: Ask, also_store: AlsoStoreOf | None = None
    ) -> Asked:
        """Store the question, begin its turn. Raises Refused (nothing is stored then) or StoreError.

        ``also_store`` makes of the turn's id what is to be written along with the turn.
        A visitor who becomes a member in this very moment asks as the member.
        """
        asking = self._turns.asking(caller)
        path = await self._path(caller, asking, ask)
        last = path[-1] if path else None
        conversation_id = ask.conversation_id or self._new_id("conv")
        asked = Asked(
            turn_id=self._new_id("turn"),
            conversation_id=conversation_id,
            question_id=ask.regenerate or ask.go_on or self._new_id("msg"),
            answer_id=self._new_id("msg"),
        )
        prompt = as_prompt(path, goes_on=ask.go_on is not None)
        is_question = ask.regenerate is None and ask.go_on is None
        if is_question:
            prompt = (*prompt, question_with(ask.content or "", ask.files))
        if not self._conductor.card.images:  # another model did, when it was asked
            prompt = without_pictures(prompt)
        request = TurnRequest(
            id=asked.turn_id,
            caller=asking.caller,
            model=self._conductor.card.name,
            messages=prompt,
            may_leave_out=True,
            keep_text=True,
            message_id=asked.answer_id,
            thinking=Thinking(effort=ask.effort, budget=ask.budget),
            full_thought=ask.full_thought,
            goes_on=ask.go_on is not None,
        )

        def store(tx: Connection) -> None:
            now = now_us()
            new = []
            if ask.conversation_id is None:
                shelf.create(tx, conversation_id, asking.caller.id, _title(ask), now)
            else:
                _owned(caller, asking, partial(shelf.summary, tx, conversation_id))
            if is_question:
                parent = last.id if last else None
                new.append(
                    shelf.NewMessage(
                        id=asked.question_id,
                        parent_id=parent,
                        role="user",
                        content=ask.content or "",
                        files=ask.files,
                    )
                )
            new.append(
                shelf.NewMessage(
                    id=asked.answer_id,
                    parent_id=asked.question_id,
                    role="assistant",
                    status="streaming",
                    turn_id=asked.turn_id,
                )
            )
            shelf.add(tx, conversation_id, new, now)
            if also_store is not None:
                also_store(asked.turn_id)(tx)

        await self._conductor.begin(tasks, request, store)
        return asked

    async def ask_temporary(
        self, tasks: asyncio.TaskGroup, caller: Caller, ask: Temporary, also_store: AlsoStoreOf | None = None
    ) -> AskedTemporary:
        """Begin a turn of which only tokens are written down, as of a turn at the API. Raises as ``ask``."""
        asked = temporary_asked(self._new_id("turn"))
        asks = () if ask.content is None else (question_with(ask.content, ask.files),)
        request = TurnRequest(
            id=asked.turn_id,
            caller=caller,
            model=self._conductor.card.name,
            messages=(*_spoken(ask.history, goes_on=ask.content is None), *asks),
            may_leave_out=True,
            temporary=True,
            thinking=Thinking(effort=ask.effort, budget=ask.budget),
            full_thought=ask.full_thought,
            goes_on=ask.content is None,
        )
        also = None if also_store is None else also_store(asked.turn_id)
        await self._conductor.begin(tasks, request, also)
        return asked

    async def again_temporary(self, turn_id: str, owner: str) -> AskedTemporary:
        """What ``ask_temporary`` returned for that turn. Raises LogExpired where it never came to be."""
        if self._turns.find(turn_id, owner) is None:
            try:
                await self._database.read(lambda connection: book.owned_entry(connection, turn_id, owner))
            except NotFound:
                raise LogExpired(GONE) from None
        return temporary_asked(turn_id)

    async def _path(self, caller: Caller, asking: Asking, ask: Ask) -> list[StoredMessage]:
        """The stored messages that come before the answer (with ``regenerate``, the question among them)."""
        if ask.conversation_id is None:
            if not ask.parent_id == ask.regenerate == ask.go_on is None:
                raise BadRequest("Say which conversation that message is in.", param="conversation_id")
            return []
        conversation_id, leaf = ask.conversation_id, ask.go_on or ask.regenerate or ask.parent_id
        tree = await self._database.read(
            lambda connection: _owned(caller, asking, partial(shelf.owned_tree, connection, conversation_id))
        )
        path = path_to(tree, leaf)
        if ask.regenerate is not None and path[-1].role != "user":
            raise BadRequest("Only a question can be answered again.", param="regenerate")
        if ask.regenerate is None and ask.go_on is None and path and path[-1].role != "assistant":
            raise BadRequest("A question follows an answer, not another question.", param="parent_id")
        if path and path[-1].status == "streaming":
            raise Conflict("That answer is still being written. Stop it, or wait until it is complete.")
        if ask.go_on is not None and not may_go_on(path[-1]):
            raise BadRequest(
                "Only an answer that was cut off can be gone on with. For another, send regenerate with the "
                "id of the question.",
                param="go_on",
            )
        return path


def _title(ask: Ask) -> str:
    return title_of(ask.content or "") or ", ".join(file.name for file in ask.files)


def temporary_asked(turn_id: str) -> AskedTemporary:
    """The ids follow from the turn's, since nothing else is kept of it."""
    tail = turn_id.rpartition("_")[2]
    return AskedTemporary(turn_id=turn_id, question_id=f"msg_{tail}q", answer_id=f"msg_{tail}a")


def _spoken(history: tuple[Message, ...], *, goes_on: bool) -> list[Message]:
    """Without questions to which nothing was said. Raises BadRequest where it is no conversation, or has no
    answer to go on with."""
    spoken: list[Message] = []
    for message in history:
        if message.role != ("assistant" if len(spoken) % 2 else "user"):
            raise BadRequest(
                "The history is questions and answers in turn, a question first.", param="history"
            )
        spoken.append(message)
        if message.role == "assistant" and not message.content.strip():
            del spoken[-2:]
    if len(spoken) % 2:
        raise BadRequest("The history ends with an answer; what is asked now comes apart.", param="history")
    if goes_on and not (spoken and history[-1].content.strip()):
        raise BadRequest("The history ends with nothing that could be gone on with.", param="go_on")
    return spoken


def asked_before(connection: Connection, turn_id: str, owner: str) -> Asked:
    """What ``ask`` returned for that turn. Raises NotFound, also where the conversation is gone."""
    place = (
        select(messages.c.conversation_id, messages.c.parent_id, messages.c.id)
        .join(entries, entries.c.message_id == messages.c.id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(
            entries.c.turn_id == turn_id,
            conversations.c.owner == owner,
            conversations.c.deleted_at.is_(None),
        )
    )
    found = connection.execute(place).first()
    if found is None:
        raise NotFound("What was asked under this Idempotency-Key was deleted.")
    return Asked(
        turn_id=turn_id,
        conversation_id=found.conversation_id,
        question_id=found.parent_id,
        answer_id=found.id,
    )


def _owned(caller: Caller, asking: Asking, read: Callable[[str], T]) -> T:
    """What ``read`` finds of an owner: of whoever asked, else of the member whom they became by now."""
    try:
        return read(caller.id)
    except NotFound:
        if asking.caller.id == caller.id:
            raise
        return read(asking.caller.id)
