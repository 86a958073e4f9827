"""Items of the Responses API: what a request's ``input`` may hold, and what a response's ``output`` holds.

An item is read by its ``type``, so that one that this site does not know is refused by its name.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from thinkwell.errors import BadRequest, UnknownField
from thinkwell.http.wire.openai_messages import FunctionName, Id, Text

Status = Literal["in_progress", "completed", "incomplete"]
_T = TypeVar("_T")


# -- what comes in --------------------------------------------------------------------------------


class InputText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="input_text"):
    text: Text


class InputImage(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="type",
    tag="input_image",
):
    """``image_url`` is a ``data:`` URL; ``detail`` has no effect."""

    image_url: Annotated[str, Meta(max_length=20_000_000)]
    detail: Literal["auto", "low", "high", "original"] | None = None
    file_id: None = None


class SaidText(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="type",
    tag="output_text",
):
    """A piece of an answer that is sent back. Only the text has an effect."""

    text: Text
    annotations: Annotated[list[dict[str, Any]], Meta(max_length=1_000)] | None = None
    logprobs: Annotated[list[dict[str, Any]], Meta(max_length=0)] | None = None


class Refusal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="refusal"):
    refusal: Text


class SummaryText(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="summary_text"
):
    text: Text


class ThoughtText(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="reasoning_text"
):
    text: Text


Parts = Annotated[list[InputText | InputImage | SaidText | Refusal], Meta(max_length=1_000)]


class _Item(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """``id`` and ``status`` are there where an item is sent back as it came; they have no effect."""

    id: Id | None = None
    status: Status | None = None


class GivenMessage(_Item, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    role: Literal["user", "assistant", "system", "developer"]
    content: Text | Parts
    type: Literal["message"] | UnsetType = UNSET
    phase: Literal["commentary", "final_answer"] | None = None


class GivenThought(_Item, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """``encrypted_content``, which this site made, counts over ``content``. A summary has no effect."""

    type: Literal["reasoning"]
    summary: Annotated[list[SummaryText], Meta(max_length=1_000)] = []
    content: Annotated[list[ThoughtText], Meta(max_length=1_000)] | None = None
    encrypted_content: Text | None = None


class GivenCall(_Item, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The fields that can only be empty are there because clients send back what they were sent."""

    type: Literal["function_call"]
    call_id: Id
    name: FunctionName
    arguments: Text
    namespace: None = None
    caller: None = None
    async_: Literal[False] | None = msgspec.field(name="async", default=None)


class GivenResult(_Item, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    type: Literal["function_call_output"]
    call_id: Id
    output: Text | Annotated[list[InputText], Meta(max_length=1_000)]
    name: FunctionName | None = None
    namespace: None = None
    caller: None = None


Given = GivenMessage | GivenThought | GivenCall | GivenResult
KINDS: dict[str, type[Given]] = {
    "message": GivenMessage,
    "reasoning": GivenThought,
    "function_call": GivenCall,
    "function_call_output": GivenResult,
}
# What to do in their place, of types that clients of OpenAI send.
INSTEAD = {"item_reference": "Send the item itself, or previous_response_id."}


def read_items(asked: str | list[dict[str, Any]]) -> list[Given]:
    """Raises BadRequest, with the place of what is wrong."""
    if isinstance(asked, str):
        return [GivenMessage(role="user", content=asked, type="message")]
    return [_read(item, f"input[{place}]") for place, item in enumerate(asked)]


def _read(item: dict[str, Any], where: str) -> Given:
    kind = item.get("type", "message")
    known = KINDS.get(kind) if isinstance(kind, str) else None
    if known is None:
        instead = INSTEAD.get(kind, "Leave it out.") if isinstance(kind, str) else "Leave it out."
        raise BadRequest(
            f"Items of the type {str(kind)[:80]!r} are not supported here. {instead}", param=f"{where}.type"
        )
    return shaped(item, known, where)


def shaped(raw: object, kind: type[_T], where: str) -> _T:
    """``raw`` as a ``kind``. Raises BadRequest in the words of the validator."""
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as problem:
        text, _, place = str(problem).partition(" - at `$")
        param = where + place.rstrip("`")
        unknown = re.search(r"unknown field `(.{1,200})`", text)
        if unknown:
            name = f"{param}.{unknown[1]}"
            raise UnknownField(
                f"The field {name!r} is not supported here. Leave it out.", param=name
            ) from None
        raise BadRequest(f"{param}: {text}.", param=param) from None


# -- what goes out --------------------------------------------------------------------------------


class MadeText(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="output_text"):
    text: str
    annotations: list[str] = []
    logprobs: list[str] = []


class MadeThoughtText(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="reasoning_text"):
    text: str


class MadeMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="message"):
    id: str
    status: Status
    content: list[MadeText]
    role: Literal["assistant"] = "assistant"


class MadeThought(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="reasoning"):
    """The thought itself, whole, and never a summary of it."""

    id: str
    status: Status
    content: list[MadeThoughtText]
    summary: list[str] = []
    encrypted_content: str | None = None


class MadeCall(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="function_call"):
    id: str
    status: Status
    call_id: str
    name: str
    arguments: str


Made = MadeThought | MadeMessage | MadeCall


def given_of(made: Made) -> Given:
    """What was said, as it goes back to the model."""
    if isinstance(made, MadeMessage):
        text = "".join(part.text for part in made.content)
        return GivenMessage(role="assistant", content=text, type="message")
    if isinstance(made, MadeThought):
        return GivenThought(type="reasoning", content=[ThoughtText(part.text) for part in made.content])
    return GivenCall(type="function_call", call_id=made.call_id, name=made.name, arguments=made.arguments)


# -- what is listed, and kept ---------------------------------------------------------------------


def listed(items: list[Given], unique: str) -> list[dict[str, Any]]:
    """As clients read them, each with all that its type has. ``unique`` makes ids for those without one."""
    return [_listed(item, f"{unique}_in{place}") for place, item in enumerate(items)]


def _listed(item: Given, own_id: str) -> dict[str, Any]:
    known: dict[str, Any] = msgspec.to_builtins(item)
    if isinstance(item, GivenMessage):
        said = item.role == "assistant"
        parts = item.content
        if isinstance(parts, str):
            parts = [SaidText(text=parts) if said else InputText(parts)]
        known |= {"type": "message", "content": [_listed_part(part, said=said) for part in parts]}
    elif isinstance(item, GivenThought):
        known |= {"summary": known.get("summary", [])}
    prefix = PREFIXES[known["type"]]
    return {"id": f"{prefix}_{own_id}", "status": "completed"} | known


PREFIXES = {"message": "msg", "reasoning": "rs", "function_call": "fc", "function_call_output": "fco"}


def _listed_part(part: InputText | InputImage | SaidText | Refusal, *, said: bool) -> dict[str, Any]:
    known: dict[str, Any] = msgspec.to_builtins(part)
    if isinstance(part, InputImage):
        return {"detail": "auto"} | known
    if isinstance(part, Refusal):
        return known
    if said:
        return {"annotations": []} | known | {"type": "output_text"}
    return {"type": "input_text", "text": part.text}
