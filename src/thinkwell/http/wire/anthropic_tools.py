"""Tools, the choice among them, and the shape of the answer, in an Anthropic Messages request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from thinkwell.errors import BadRequest
from thinkwell.http.wire.anthropic_blocks import CacheControl, ToolName
from thinkwell.http.wire.schemas import check_schema
from thinkwell.http.wire.thinking import OutputConfig
from thinkwell.values.tool import AnswerShape, Tool, ToolChoice


class CallerTool(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tool that the caller runs. ``eager_input_streaming`` has no effect: input comes as it is made."""

    name: ToolName
    input_schema: dict[str, Any]
    description: Annotated[str, Meta(max_length=16_384)] | None = None
    strict: bool | None = None
    type: Literal["custom"] | None = None
    cache_control: CacheControl | None = None
    eager_input_streaming: bool | None = None


class _Choice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    disable_parallel_tool_use: bool | None = None


class AutoChoice(_Choice, frozen=True, tag="auto"):
    pass


class AnyChoice(_Choice, frozen=True, tag="any"):
    pass


class OneChoice(_Choice, frozen=True, tag="tool"):
    name: ToolName


class NoChoice(_Choice, frozen=True, tag="none"):
    pass


CallerTools = Annotated[list[CallerTool], Meta(max_length=128)]
Choice = AutoChoice | AnyChoice | OneChoice | NoChoice


class AnswerFormat(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    schema: dict[str, Any]
    type: Literal["json_schema"]


class FormattedOutput(OutputConfig, frozen=True, kw_only=True):
    """``output_config`` as it is at this door: with the form of the answer beside the effort."""

    format: AnswerFormat | None = None


def tools_of(asked: Sequence[CallerTool] | None) -> tuple[Tool, ...]:
    """Raises BadRequest for two of one name, and for a schema that is not to be passed on."""
    tools: dict[str, Tool] = {}
    for number, spec in enumerate(asked or ()):
        if spec.name in tools:
            raise BadRequest(f"Two tools have the name {spec.name!r}.", param=f"tools[{number}].name")
        check_schema(spec.input_schema, f"tools[{number}].input_schema")
        tools[spec.name] = Tool(
            name=spec.name, description=spec.description, parameters=spec.input_schema, strict=spec.strict
        )
    return tuple(tools.values())


def choice_of(tools: Sequence[Tool], choice: Choice | None) -> ToolChoice | None:
    """Raises BadRequest for a choice among tools that are not there."""
    if choice is None:
        return None
    at_once = None if choice.disable_parallel_tool_use is None else not choice.disable_parallel_tool_use
    if isinstance(choice, OneChoice):
        if choice.name not in {tool.name for tool in tools}:
            raise BadRequest(f"There is no tool {choice.name!r} among the tools.", param="tool_choice.name")
        return ToolChoice(mode="named", name=choice.name, at_once=at_once)
    if not tools:
        if isinstance(choice, AnyChoice):
            raise BadRequest("There are no tools to choose from: send tools with it.", param="tool_choice")
        return None
    if isinstance(choice, AnyChoice):
        return ToolChoice(mode="required", at_once=at_once)
    return ToolChoice(mode="none" if isinstance(choice, NoChoice) else "auto", at_once=at_once)


def shape_of(config: FormattedOutput | None, beta: AnswerFormat | None) -> AnswerShape | None:
    """``beta`` is the older place of the same. Raises BadRequest where they differ, and for bad schemas."""
    wanted = config.format if config is not None else None
    if wanted is not None and beta is not None and wanted != beta:
        raise BadRequest(
            "output_config.format and output_format disagree; send the first.", param="output_format"
        )
    found = wanted or beta
    if found is None:
        return None
    check_schema(found.schema, "output_config.format.schema" if wanted else "output_format.schema")
    return AnswerShape(schema=found.schema, strict=True)
