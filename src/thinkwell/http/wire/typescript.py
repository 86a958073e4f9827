"""Prints the TypeScript of TurnEvent for the web app: ``python -m thinkwell.http.wire.typescript``.

The one source is values/event.py; a test compares the committed file with what this prints.
"""

from __future__ import annotations

import sys
import types
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from thinkwell.values.event import TurnEvent
from thinkwell.values.receipt import Charge, Energy, Mark, PriceLine, Receipt, Shortening
from thinkwell.values.thinking import Effort, EndedBy
from thinkwell.values.usage import Usage

# Choices that have a name there too.
NAMED = {"Effort": Effort, "EndedBy": EndedBy}
PLAIN = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}


def typescript() -> str:
    """The content of web/src/lib/services/events.gen.ts."""
    parts = ["// Generated from src/thinkwell/values/event.py. Do not edit."]
    parts += [f"export type {name} = {_choice(value)};" for name, value in NAMED.items()]
    parts += [
        f"export type {value.__name__} = {{\n{_fields(value, ';', '  ')}\n}};"
        for value in (Usage, Shortening, PriceLine, Charge, Energy, Mark, Receipt)
    ]
    events = "\n".join(
        f"  | {{ type: '{_tag(event)}'; {_fields(event, ';', '', ' ')} }}" for event in get_args(TurnEvent)
    )
    parts.append(f"export type TurnEvent =\n{events};")
    return "\n\n".join(parts) + "\n"


def _tag(event: Any) -> str:
    return str(event.__struct_config__.tag)


def _fields(value: Any, end: str, indent: str, between: str = "\n") -> str:
    hints = get_type_hints(value)
    fields = [f"{indent}{field.name}: {_type(hints[field.name])}" for field in msgspec.structs.fields(value)]
    joined = f"{end}{between}".join(fields)
    return joined + end if between == "\n" else joined


def _type(hint: Any) -> str:
    if hint in PLAIN:
        return PLAIN[hint]
    if get_origin(hint) is Literal:
        return next((name for name, value in NAMED.items() if value == hint), None) or _choice(hint)
    if get_origin(hint) in (Union, types.UnionType):
        return " | ".join(_type(part) for part in get_args(hint))
    if get_origin(hint) is tuple:
        return f"{_type(get_args(hint)[0])}[]"
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint.__name__
    raise TypeError(f"{hint!r} has no TypeScript here yet")


def _choice(literal: Any) -> str:
    return " | ".join(f"'{value}'" for value in get_args(literal))


if __name__ == "__main__":
    sys.stdout.write(typescript())
