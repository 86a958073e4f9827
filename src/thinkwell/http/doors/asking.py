"""What is asked at the page's door (web.py), stored or temporary, and whether it was asked before.

Of a temporary conversation no word is stored, so that the page sends along what was said before. Ledger,
receipt, stopping and following are as for any turn; when it is over and its readers had time to come back,
its text is gone.
"""

from __future__ import annotations

from thinkwell.errors import BadRequest, TooLarge
from thinkwell.http.site import Site
from thinkwell.http.wire.web import MOST_HISTORY_CHARACTERS, AskBody
from thinkwell.turns.ask import Ask, Asked, AskedTemporary, Temporary, asked_before
from thinkwell.turns.idempotent import Before, First, Mark
from thinkwell.values.caller import Caller
from thinkwell.values.message import Message

AnyAsked = Asked | AskedTemporary
STORED_ONLY = ("conversation_id", "parent_id", "regenerate")


def wish_of(body: AskBody) -> Ask | Temporary:
    """Raises BadRequest, or TooLarge for too long a history."""
    question = body.text if body.content is None else body.content
    if None not in (body.content, body.text) or (body.regenerate is None) == (question is None):
        raise BadRequest("Send either content, or regenerate with the id of a question.", param="content")
    if question is not None and not question.strip():
        raise BadRequest("The question is empty.", param="content")
    if body.temporary:
        return _temporary(body, question)
    if body.history:
        raise BadRequest("Only a temporary conversation is sent along; others are stored.", param="history")
    return Ask(
        content=question,
        conversation_id=body.conversation_id,
        parent_id=body.parent_id,
        regenerate=body.regenerate,
        effort=body.effort,
        full_thought=body.full_thought,
    )


def _temporary(body: AskBody, question: str | None) -> Temporary:
    for name in STORED_ONLY:
        if getattr(body, name) is not None:
            raise BadRequest(
                f"A temporary conversation is not stored, so there is no {name} in it: send its history.",
                param=name,
            )
    if sum(len(said.text) for said in body.history) > MOST_HISTORY_CHARACTERS:
        raise TooLarge(
            f"The history has over {MOST_HISTORY_CHARACTERS} characters. Leave out what was said first.",
            param="history",
        )
    return Temporary(
        content=question or "",
        history=tuple(Message(said.role, said.text) for said in body.history),
        effort=body.effort,
        full_thought=body.full_thought,
    )


async def ask_once(
    site: Site, caller: Caller, wish: Ask | Temporary, mark: Mark | None
) -> tuple[AnyAsked, bool]:
    """Begin its turn; or what was begun when the same was asked under the same key, and True. Raises as
    ``Asker.ask``, KeyReused, NotFound or LogExpired for what is no longer there."""
    if mark is None:
        return await _begin(site, caller, wish, None), False
    async with site.once.asked(caller, mark) as before:
        if isinstance(before, Before):
            return await _again(site, caller, wish, before.turn_id), True
        return await _begin(site, caller, wish, before), False


async def _begin(site: Site, caller: Caller, wish: Ask | Temporary, first: First | None) -> AnyAsked:
    stores = None if first is None else first.stores
    if isinstance(wish, Ask):
        return await site.asker.ask(site.tasks, caller, wish, stores)
    return await site.asker.ask_temporary(site.tasks, caller, wish, stores)


async def _again(site: Site, caller: Caller, wish: Ask | Temporary, turn_id: str) -> AnyAsked:
    if isinstance(wish, Ask):
        return await site.database.read(lambda connection: asked_before(connection, turn_id, caller.id))
    return await site.asker.again_temporary(turn_id, caller.id)
