"""Asking in a stored conversation: the prompt from the tree; question and place of the answer stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
from sqlalchemy.engine import Connection

from thinkwell.conversations import shelf
from thinkwell.conversations.tree import StoredMessage, as_prompt, path_to, title_of
from thinkwell.errors import BadRequest, Conflict
from thinkwell.store.database import Database
from thinkwell.turns.run import Conductor, now_us
from thinkwell.values.caller import Caller
from thinkwell.values.message import Message
from thinkwell.values.thinking import Effort, Thinking
from thinkwell.values.turn import TurnRequest


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A question in a conversation, or (``regenerate``) another answer to a stored question.

    ``effort`` says how much is to be thought, None: as the site does. ``full_thought`` asks not to have the
    thought shortened, whoever waits.
    """

    content: str | None = None
    conversation_id: str | None = None
    parent_id: str | None = None
    regenerate: str | None = None
    effort: Effort | None = None
    full_thought: bool = False


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    turn_id: str
    conversation_id: str
    question_id: str
    answer_id: str


class Asker:
    def __init__(self, conductor: Conductor, database: Database, new_id: Callable[[str], str]) -> None:
        self._conductor = conductor
        self._database = database
        self._new_id = new_id

    async def ask(self, tasks: asyncio.TaskGroup, caller: Caller, ask: Ask) -> Asked:
        """Store the question, begin its turn. Raises Refused (nothing is stored then) or StoreError."""
        path = await self._path(caller, ask)
        last = path[-1] if path else None
        asked = Asked(
            turn_id=self._new_id("turn"),
            conversation_id=ask.conversation_id or self._new_id("conv"),
            question_id=ask.regenerate or self._new_id("msg"),
            answer_id=self._new_id("msg"),
        )
        prompt = as_prompt(path)
        if ask.regenerate is None:
            prompt = (*prompt, Message("user", ask.content or ""))
        request = TurnRequest(
            id=asked.turn_id,
            caller=caller,
            model=self._conductor.card.name,
            messages=prompt,
            may_leave_out=True,
            keep_text=True,
            message_id=asked.answer_id,
            thinking=Thinking(effort=ask.effort),
            full_thought=ask.full_thought,
        )

        def store(tx: Connection) -> None:
            now = now_us()
            new = []
            if ask.conversation_id is None:
                shelf.create(tx, asked.conversation_id, caller.id, title_of(ask.content or ""), now)
            else:
                shelf.summary(tx, asked.conversation_id, caller.id)
            if ask.regenerate is None:
                parent = last.id if last else None
                new.append(
                    shelf.NewMessage(
                        id=asked.question_id, parent_id=parent, role="user", content=ask.content or ""
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
            shelf.add(tx, asked.conversation_id, new, now)

        await self._conductor.begin(tasks, request, store)
        return asked

    async def _path(self, caller: Caller, ask: Ask) -> list[StoredMessage]:
        """The stored messages that come before the answer (with ``regenerate``, the question among them)."""
        if ask.conversation_id is None:
            if ask.parent_id is not None or ask.regenerate is not None:
                raise BadRequest("Say which conversation that message is in.", param="conversation_id")
            return []
        conversation_id, leaf = ask.conversation_id, ask.regenerate or ask.parent_id
        tree = await self._database.read(
            lambda connection: shelf.owned_tree(connection, conversation_id, caller.id)
        )
        path = path_to(tree, leaf)
        if ask.regenerate is not None and path[-1].role != "user":
            raise BadRequest("Only a question can be answered again.", param="regenerate")
        if ask.regenerate is None and path and path[-1].role != "assistant":
            raise BadRequest("A question follows an answer, not another question.", param="parent_id")
        if path and path[-1].status == "streaming":
            raise Conflict("That answer is still being written. Stop it, or wait until it is complete.")
        return path
