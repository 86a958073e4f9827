"""Items of the Responses API as messages of a prompt. Pure.

A response tells its thought, its text and its calls as items of their own; to a model they are one message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

import msgspec

from thinkwell.errors import BadRequest
from thinkwell.http.signatures import Said
from thinkwell.http.wire.images import MOST_IMAGES, image_of_url
from thinkwell.http.wire.responses_items import (
    Given,
    GivenCall,
    GivenMessage,
    GivenResult,
    GivenThought,
    InputImage,
    InputText,
    Refusal,
    SaidText,
    ThoughtText,
)
from thinkwell.values.message import Image, Message, Role
from thinkwell.values.tool import ToolCall

# The thought that a sealed text holds, and the digest of what was said before it. Raises BadRequest.
Unseal = Callable[[str, str], tuple[str, bytes]]


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """A thought that was not taken: it is of another conversation, or of this one before it was changed."""

    id: str
    action: Literal["removed"] = "removed"
    reason: Literal["prefix_mismatch"] = "prefix_mismatch"
    type: Literal["reasoning"] = "reasoning"


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """``items`` are those of this request as they were taken: seals read, ``removed`` thoughts left out.

    ``said`` is the digest of what people and tools said, by which a thought is bound to its conversation.
    """

    messages: tuple[Message, ...]
    items: list[Given]
    removed: list[Removed]
    said: bytes


def prompt_of(
    instructions: str | None, past: Iterable[Given], own: Iterable[Given], unseal: Unseal
) -> Prompt:
    """``past`` is what stored responses hold, ``own`` what this request says. Raises BadRequest."""
    prompt = _Prompt()
    if instructions:
        prompt.messages.append(Message("system", instructions))
    for item in past:
        prompt.add(item, "previous_response_id")
    taken: list[Given] = []
    removed: list[Removed] = []
    for place, item in enumerate(own):
        where = f"input[{place}]"
        if isinstance(item, GivenThought) and item.encrypted_content is not None:
            thought, said = unseal(item.encrypted_content, f"{where}.encrypted_content")
            if said != prompt.said.digest():
                removed.append(Removed(id=item.id or where))
                continue
            item = msgspec.structs.replace(item, content=[ThoughtText(thought)], encrypted_content=None)  # noqa: PLW2901
        prompt.add(item, where)
        taken.append(item)
    return Prompt(messages=prompt.close(), items=taken, removed=removed, said=prompt.said.digest())


class _Prompt:
    """Messages so far, and the assistant's message that is being put together."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.said = Said()
        self._thought: list[str] = []
        self._text: str | None = None
        self._calls: list[ToolCall] = []
        self._called: set[str] = set()
        self._images = 0

    def add(self, item: Given, where: str) -> None:
        if isinstance(item, GivenThought):
            self._next_of_assistant()
            self._thought += [part.text for part in item.content or ()]
        elif isinstance(item, GivenCall):
            if item.call_id in self._called:
                raise BadRequest(f"Two calls have the call_id {item.call_id!r}.", param=f"{where}.call_id")
            self._called.add(item.call_id)
            self._calls.append(ToolCall(item.call_id, item.name, item.arguments))
        elif isinstance(item, GivenResult):
            self._end_assistant()
            self._result(item, where)
        elif item.role == "assistant":
            self._next_of_assistant()
            self._text = (self._text or "") + self._content(item, where)[0]
        else:
            self._end_assistant()
            self._no_open_calls()
            content, parts = self._content(item, where)
            role: Role = "user" if item.role == "user" else "system"
            self.messages.append(Message(role, content, parts=parts))
            if role == "user":
                self.said.add("user", content)

    def close(self) -> tuple[Message, ...]:
        self._end_assistant()
        self._no_open_calls()
        return tuple(self.messages)

    def _next_of_assistant(self) -> None:
        """What comes between calls and their outputs is of one message with the calls."""
        if self._calls:
            return
        if self._text is not None:
            self._end_assistant()
        self._no_open_calls()

    def _end_assistant(self) -> None:
        """A thought that led to nothing stays: the roles take turns, and the model's card decides of it."""
        if not self._thought and self._text is None and not self._calls:
            return
        thought = "".join(self._thought) or None
        self.messages.append(Message("assistant", self._text or "", thought, tuple(self._calls)))
        self._thought, self._text, self._calls = [], None, []

    def _result(self, item: GivenResult, where: str) -> None:
        if item.call_id not in self._called:
            raise BadRequest(
                f"There is no function call {item.call_id!r} that waits for this output. Send the call "
                "before it, or previous_response_id.",
                param=f"{where}.call_id",
            )
        self._called.remove(item.call_id)
        text = item.output
        if not isinstance(text, str):
            text = "".join(part.text for part in text)
        self.messages.append(Message("tool", text, tool_call_id=item.call_id))
        self.said.add("tool", text)

    def _no_open_calls(self) -> None:
        """Templates of models stumble over calls without results."""
        if self._called:
            raise BadRequest(
                f"The function call {min(self._called)!r} has no output: a function_call_output with its "
                "call_id must follow it.",
                param="input",
            )

    def _content(self, message: GivenMessage, where: str) -> tuple[str, tuple[str | Image, ...]]:
        """The text, and with pictures among it the parts."""
        if isinstance(message.content, str):
            return message.content, ()
        parts: list[str | Image] = []
        for number, part in enumerate(message.content):
            place = f"{where}.content[{number}]"
            if isinstance(part, InputImage):
                if message.role != "user":
                    raise BadRequest("Pictures are taken in the user's messages.", param=place)
                parts.append(self._image(part, f"{place}.image_url"))
            else:
                parts.append(_text_of(part))
        texts = [part for part in parts if isinstance(part, str)]
        return "".join(texts), tuple(parts) if len(texts) < len(parts) else ()

    def _image(self, part: InputImage, where: str) -> Image:
        self._images += 1
        if self._images > MOST_IMAGES:
            raise BadRequest(f"At most {MOST_IMAGES} pictures are taken.", param="input")
        return image_of_url(part.image_url, where)


def _text_of(part: InputText | SaidText | Refusal) -> str:
    return part.refusal if isinstance(part, Refusal) else part.text
