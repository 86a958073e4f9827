"""The reply of ``/v1/embeddings``, read as hostile input: shape and size are checked, nothing passed on."""

from __future__ import annotations

import msgspec

from thinkwell.engines.base import Embedded
from thinkwell.errors import EngineBroken


class _Vector(msgspec.Struct):
    embedding: list[float]
    index: int = -1


class _Usage(msgspec.Struct):
    prompt_tokens: int = 0


class _Reply(msgspec.Struct):
    data: list[_Vector]
    usage: _Usage = msgspec.field(default_factory=_Usage)


def embedded_of(body: bytes, texts: int) -> Embedded:
    """Raises EngineBroken where there is not one vector for each of ``texts``, all of one length."""
    try:
        reply = msgspec.json.decode(body, type=_Reply)
    except (ValueError, RecursionError):
        raise EngineBroken("The engine's embeddings could not be read.") from None
    vectors = sorted(reply.data, key=lambda vector: vector.index)
    lengths = {len(vector.embedding) for vector in vectors}
    numbered = {vector.index for vector in vectors} in ({-1}, set(range(texts)))
    if len(vectors) != texts or len(lengths) != 1 or 0 in lengths or not numbered:
        raise EngineBroken("The engine did not send one vector for each text.")
    return Embedded(
        vectors=[vector.embedding for vector in vectors], tokens=max(0, reply.usage.prompt_tokens)
    )
