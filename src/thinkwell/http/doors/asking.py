"""What is asked at the page's door (web.py), stored or temporary, and whether it was asked before.

Of a temporary conversation no word is stored, so that the page sends along what was said before. Ledger,
receipt, stopping and following are as for any turn; when it is over and its readers had time to come back,
its text is gone.
"""

from __future__ import annotations

from thinkwell.conversations.files import question_with
from thinkwell.errors import BadRequest, PromptTooLong, TooLarge
from thinkwell.http.site import Site
from thinkwell.http.wire.files import files_of
from thinkwell.http.wire.web import MOST_HISTORY_CHARACTERS, AskBody
from thinkwell.turns.ask import Ask, Asked, AskedTemporary, Temporary, asked_before
from thinkwell.turns.idempotent import Before, First, Mark
from thinkwell.values.caller import Caller
from thinkwell.values.file import File, TextFile
from thinkwell.values.message import Message

AnyAsked = Asked | AskedTemporary
STORED_ONLY = ("conversation_id", "parent_id", "regenerate")


def wish_of(body: AskBody, site: Site) -> Ask | Temporary:
    """Raises BadRequest, or TooLarge for too long a history."""
    question = body.text if body.content is None else body.content
    if question is None and body.files and body.regenerate is None and body.go_on is None:
        question = ""
    wishes = (question, body.regenerate, body.go_on)
    if None not in (body.content, body.text) or sum(wish is not None for wish in wishes) != 1:
        raise BadRequest(
            "Send content, or regenerate with the id of a question, or go_on with the id of an answer.",
            param="content",
        )
    if question is not None and not question.strip() and not body.files:
        raise BadRequest("The question is empty.", param="content")
    if question is None and body.files:
        raise BadRequest("That question has its own files; they are read again.", param="files")
    files = files_of(body.files, site.settings.files, sees=site.pool.card.images is True)
    if body.temporary:
        return _temporary(body, site, files)
    if body.history:
        raise BadRequest("Only a temporary conversation is sent along; others are stored.", param="history")
    return Ask(
        content=question,
        files=files,
        conversation_id=body.conversation_id,
        parent_id=body.parent_id,
        regenerate=body.regenerate,
        go_on=body.go_on,
        effort=body.effort,
        budget=body.budget,
        full_thought=body.full_thought,
    )


def _temporary(body: AskBody, site: Site, files: tuple[File, ...]) -> Temporary:
    for name in STORED_ONLY:
        if getattr(body, name) is not None:
            raise BadRequest(
                f"A temporary conversation is not stored, so there is no {name} in it: send its history.",
                param=name,
            )
    sees = site.pool.card.images is True
    history: list[Message] = []
    for place, said in enumerate(body.history):
        at = f"history.{place}.files"
        if said.role == "assistant" and said.files:
            raise BadRequest("Files come with questions.", param=at)
        came = files_of(said.files, site.settings.files, sees=sees, at=at)
        history.append(question_with(said.text, came) if came else Message(said.role, said.text))
    if sum(len(said.content) for said in history) > MOST_HISTORY_CHARACTERS:
        raise TooLarge(
            f"The history has over {MOST_HISTORY_CHARACTERS} characters. Leave out what was said first.",
            param="history",
        )
    return Temporary(
        content=None if body.go_on is not None else body.text or body.content or "",
        files=files,
        history=tuple(history),
        effort=body.effort,
        budget=body.budget,
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
    try:
        if isinstance(wish, Ask):
            return await site.asker.ask(site.tasks, caller, wish, stores)
        return await site.asker.ask_temporary(site.tasks, caller, wish, stores)
    except PromptTooLong as error:
        raise _too_long(error, wish.files) from None


def _too_long(error: PromptTooLong, files: tuple[File, ...]) -> PromptTooLong:
    """What is left when all that was said before is left out: the question. With files it is mostly they."""
    longest = max(
        (file for file in files if isinstance(file, TextFile)), key=lambda one: one.size, default=None
    )
    if longest is None:
        return error
    return PromptTooLong(
        f"{error.message} The longest file is {longest.name!r}, with {len(longest.text)} characters: "
        "send a part of it.",
        param=f"files.{files.index(longest)}",
    )


async def _again(site: Site, caller: Caller, wish: Ask | Temporary, turn_id: str) -> AnyAsked:
    if isinstance(wish, Ask):
        return await site.database.read(lambda connection: asked_before(connection, turn_id, caller.id))
    return await site.asker.again_temporary(turn_id, caller.id)
