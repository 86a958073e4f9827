"""A question to an engine as JSON bytes. Knows what no bytes stand for, and nothing of questions."""

from __future__ import annotations

import msgspec

from thinkwell.errors import EngineRefused

_encode = msgspec.json.Encoder().encode


def encoded(body: object) -> bytes:
    """Halves of surrogate pairs become U+FFFD. Raises EngineRefused for what is nested too deep."""
    try:
        try:
            return _encode(body)
        except UnicodeEncodeError:
            return _encode(_scrubbed(body))
    except RecursionError:
        raise EngineRefused("The request is nested too deep for the engine.") from None


def _scrubbed(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_scrubbed(name): _scrubbed(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(inner) for inner in value]
    return value
