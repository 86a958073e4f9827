"""For the API's description: what types alone do not tell of a reply. Knows no door."""

from __future__ import annotations

from dataclasses import dataclass

from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Operation, Schema

EVENTS = "text/event-stream"


@dataclass
class MayStream(Operation):
    """Its 200 is JSON, or server-sent events to those who asked for a stream."""

    def __post_init__(self) -> None:
        _content(self)[EVENTS] = _events()


@dataclass
class Streams(Operation):
    """Its 200 is server-sent events."""

    def __post_init__(self) -> None:
        content = _content(self)
        content.clear()
        content[EVENTS] = _events()


def _events() -> OpenAPIMediaType:
    """The shape of each event, as its reader has it."""
    text = Schema(type=OpenAPIType.STRING)
    return OpenAPIMediaType(
        schema=Schema(type=OpenAPIType.OBJECT, properties=dict.fromkeys(("event", "data", "id"), text))
    )


def _content(operation: Operation) -> dict[str, OpenAPIMediaType]:
    fine = (operation.responses or {})["200"]
    assert isinstance(fine, OpenAPIResponse)
    assert fine.content is not None
    return fine.content


@dataclass
class IsCsv(Operation):
    """Its 200 is a table."""

    def __post_init__(self) -> None:
        content = _content(self)
        content.clear()
        content["text/csv"] = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))


@dataclass
class IsZip(Operation):
    """Its 200 is a zip file."""

    def __post_init__(self) -> None:
        content = _content(self)
        content.clear()
        binary = Schema(type=OpenAPIType.STRING, content_media_type="application/zip")
        content["application/zip"] = OpenAPIMediaType(schema=binary)


@dataclass
class IsFile(Operation):
    """Its 200 is a file: Markdown, or a JSON object that is written in pieces."""

    def __post_init__(self) -> None:
        content = _content(self)
        content.clear()
        content["text/markdown"] = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))
        content["application/json"] = OpenAPIMediaType(schema=Schema(type=OpenAPIType.OBJECT))


@dataclass
class IsJsonFile(Operation):
    """Its 200 is a JSON object that is written in pieces."""

    def __post_init__(self) -> None:
        content = _content(self)
        content.clear()
        content["application/json"] = OpenAPIMediaType(schema=Schema(type=OpenAPIType.OBJECT))
