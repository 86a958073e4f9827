"""Tools, the choice among them, and the shape of the answer, in a Chat Completions request."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from thinkwell.errors import BadRequest
from thinkwell.http.wire.openai_messages import FunctionName
from thinkwell.http.wire.schemas import check_schema
from thinkwell.values.tool import AnswerShape, Tool, ToolChoice

Description = Annotated[str, Meta(max_length=16_384)]


class FunctionSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``parameters`` is a JSON schema."""

    name: FunctionName
    description: Description | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class ToolSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    function: FunctionSpec
    type: Literal["function"]


class ChosenFunction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: FunctionName


class NamedChoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    function: ChosenFunction
    type: Literal["function"]


ToolSpecs = Annotated[list[ToolSpec], Meta(max_length=128)]
Choice = Literal["none", "auto", "required"] | NamedChoice


class TextFormat(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="text"):
    pass


class JsonFormat(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="json_object"
):
    pass


class NamedSchema(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``description`` has no effect."""

    name: FunctionName
    schema: dict[str, Any] | None = None
    description: Description | None = None
    strict: bool | None = None


class SchemaFormat(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="json_schema"
):
    json_schema: NamedSchema


Format = TextFormat | JsonFormat | SchemaFormat


def tools_of(asked: list[ToolSpec] | None) -> tuple[Tool, ...]:
    """Raises BadRequest for two of one name, and for a schema that is not to be passed on."""
    tools: dict[str, Tool] = {}
    for number, spec in enumerate(asked or ()):
        function = spec.function
        where = f"tools[{number}].function"
        if function.name in tools:
            raise BadRequest(f"Two tools have the name {function.name!r}.", param=f"{where}.name")
        if function.parameters is not None:
            check_schema(function.parameters, f"{where}.parameters")
        tools[function.name] = Tool(
            name=function.name,
            description=function.description,
            parameters=function.parameters,
            strict=function.strict,
        )
    return tuple(tools.values())


def choice_of(tools: tuple[Tool, ...], choice: Choice | None, at_once: bool | None) -> ToolChoice | None:
    """Raises BadRequest for a choice among tools that are not there."""
    if not tools:
        if choice not in (None, "none", "auto"):
            raise BadRequest("There are no tools to choose from: send tools with it.", param="tool_choice")
        return None
    if isinstance(choice, NamedChoice):
        name = choice.function.name
        if name not in {tool.name for tool in tools}:
            raise BadRequest(f"There is no tool {name!r} among the tools.", param="tool_choice.function.name")
        return ToolChoice(mode="named", name=name, at_once=at_once)
    if choice is None and at_once is None:
        return None
    return ToolChoice(mode=choice or "auto", at_once=at_once)


def shape_of(asked: Format | None) -> AnswerShape | None:
    """None for plain text. Raises BadRequest for a schema that is not to be passed on."""
    if asked is None or isinstance(asked, TextFormat):
        return None
    if isinstance(asked, JsonFormat):
        return AnswerShape()
    wanted = asked.json_schema
    if wanted.schema is not None:
        check_schema(wanted.schema, "response_format.json_schema.schema")
    return AnswerShape(name=wanted.name, schema=wanted.schema, strict=wanted.strict)
