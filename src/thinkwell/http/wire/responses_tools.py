"""Tools, the choice among them, and the shape of the answer, in the flat spelling of the Responses API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from thinkwell.errors import BadRequest
from thinkwell.http.wire.openai_messages import FunctionName
from thinkwell.http.wire.openai_tools import Description
from thinkwell.http.wire.responses_items import shaped
from thinkwell.http.wire.schemas import check_schema
from thinkwell.values.tool import AnswerShape, Tool, ToolChoice


class FunctionTool(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="function"
):
    """``parameters`` is a JSON schema."""

    name: FunctionName
    description: Description | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class NamedTool(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="function"
):
    name: FunctionName


class AllowedTools(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="type",
    tag="allowed_tools",
):
    """Of the tools only these may be called now."""

    mode: Literal["auto", "required"]
    tools: Annotated[list[NamedTool], Meta(min_length=1, max_length=128)]


Mode = Literal["none", "auto", "required"]
Choice = Mode | dict[str, Any]
Chosen = Mode | NamedTool | AllowedTools


class TextFormat(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="text"):
    pass


class JsonFormat(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="json_object"
):
    pass


class SchemaFormat(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="type",
    tag="json_schema",
):
    """``description`` has no effect."""

    name: FunctionName
    schema: dict[str, Any]
    description: Description | None = None
    strict: bool | None = None


class TextField(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``verbosity`` has no effect: models do not know it."""

    format: TextFormat | JsonFormat | SchemaFormat | None = None
    verbosity: Literal["low", "medium", "high"] | None = None


class Tooling(msgspec.Struct, frozen=True, kw_only=True):
    """``specs`` and ``chosen`` are what was asked, ``tools`` and ``choice`` what comes of it."""

    specs: list[FunctionTool]
    chosen: Chosen
    tools: tuple[Tool, ...]
    choice: ToolChoice | None


def tooling_of(asked: list[dict[str, Any]] | None, choice: Choice | None, at_once: bool | None) -> Tooling:
    """Raises BadRequest: for tools of OpenAI's own, by name, and for a choice of what is not there."""
    specs = [_spec(raw, f"tools[{number}]") for number, raw in enumerate(asked or ())]
    tools: dict[str, Tool] = {}
    for number, spec in enumerate(specs):
        where = f"tools[{number}]"
        if spec.name in tools:
            raise BadRequest(f"Two tools have the name {spec.name!r}.", param=f"{where}.name")
        if spec.parameters is not None:
            check_schema(spec.parameters, f"{where}.parameters")
        tools[spec.name] = Tool(
            name=spec.name, description=spec.description, parameters=spec.parameters, strict=spec.strict
        )
    chosen = _chosen(choice)
    named = {chosen.name} if isinstance(chosen, NamedTool) else set()
    if isinstance(chosen, AllowedTools):
        named = {tool.name for tool in chosen.tools}
    for name in sorted(named - tools.keys()):
        raise BadRequest(f"There is no tool {name!r} among the tools.", param="tool_choice")
    if not tools and chosen == "required":
        raise BadRequest("There are no tools to choose from: send tools with it.", param="tool_choice")
    allowed = tuple(
        tool for tool in tools.values() if not isinstance(chosen, AllowedTools) or tool.name in named
    )
    return Tooling(specs=specs, chosen=chosen, tools=allowed, choice=_choice(chosen, allowed, at_once))


def _spec(raw: dict[str, Any], where: str) -> FunctionTool:
    kind = raw.get("type")
    if kind != "function":
        raise BadRequest(
            f"Tools of the type {str(kind)[:80]!r} are not supported here: this site runs no tools of its "
            "own. Send functions that you run.",
            param=f"{where}.type",
        )
    return shaped(raw, FunctionTool, where)


def _chosen(choice: Choice | None) -> Chosen:
    if choice is None or isinstance(choice, str):
        return choice or "auto"
    kinds: Any = NamedTool | AllowedTools
    found: NamedTool | AllowedTools = shaped(choice, kinds, "tool_choice")
    return found


def _choice(chosen: Chosen, tools: tuple[Tool, ...], at_once: bool | None) -> ToolChoice | None:
    if not tools:
        return None
    if isinstance(chosen, NamedTool):
        return ToolChoice(mode="named", name=chosen.name, at_once=at_once)
    mode: Mode = chosen.mode if isinstance(chosen, AllowedTools) else chosen
    if mode == "auto" and at_once is None:
        return None
    return ToolChoice(mode=mode, at_once=at_once)


def shape_of(text: TextField) -> AnswerShape | None:
    """None for plain text. Raises BadRequest for a schema that is not to be passed on."""
    asked = text.format
    if asked is None or isinstance(asked, TextFormat):
        return None
    if isinstance(asked, JsonFormat):
        return AnswerShape()
    check_schema(asked.schema, "text.format.schema")
    return AnswerShape(name=asked.name, schema=asked.schema, strict=asked.strict)
