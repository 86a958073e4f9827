"""OpenAI embeddings on the wire."""

from __future__ import annotations

import base64
import sys
from array import array
from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from thinkwell.errors import BadRequest
from thinkwell.http.wire.costs import Amount, CostDetails, cost_of
from thinkwell.http.wire.openai_answer import Extension
from thinkwell.values.receipt import Receipt

MOST_TEXTS = 2_048
OneText = Annotated[str, Meta(min_length=1, max_length=2_000_000)]
# Numbers are in the shape so that they can be refused with a reason.
Input = OneText | Annotated[list[OneText | int | list[int]], Meta(min_length=1, max_length=MOST_TEXTS)]


class EmbeddingsRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``POST /v1/embeddings`` takes. ``user`` has no effect."""

    model: Annotated[str, Meta(min_length=1, max_length=200)]
    input: Input
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    user: Annotated[str, Meta(max_length=512)] | None = None


class Vector(msgspec.Struct, frozen=True, kw_only=True):
    """``embedding`` is base64 of little-endian 32-bit numbers, to those who asked for it."""

    index: int
    embedding: list[float] | str
    object: Literal["embedding"] = "embedding"


class EmbeddingsUsage(msgspec.Struct, frozen=True):
    prompt_tokens: int
    total_tokens: int
    cost: Amount | UnsetType = UNSET
    cost_details: CostDetails | UnsetType = UNSET


class EmbeddingsReply(msgspec.Struct, frozen=True, kw_only=True):
    data: list[Vector]
    model: str
    usage: EmbeddingsUsage
    thinkwell: Extension
    object: Literal["list"] = "list"


def usage_of(receipt: Receipt) -> EmbeddingsUsage:
    read, cost = receipt.usage.prompt, cost_of(receipt)
    return EmbeddingsUsage(read, read, cost.cost, cost.cost_details)


def texts_of(asked: EmbeddingsRequest) -> tuple[str, ...]:
    """Raises BadRequest for token numbers."""
    given = [asked.input] if isinstance(asked.input, str) else asked.input
    texts = tuple(text for text in given if isinstance(text, str))
    if len(texts) < len(given):
        raise BadRequest(
            "Token numbers mean something else to every model: send text, or a list of texts.", param="input"
        )
    return texts


def packed(numbers: Sequence[float]) -> str:
    """Base64 of 32-bit numbers, little-endian."""
    floats = array("f", numbers)
    if sys.byteorder == "big":
        floats.byteswap()
    return base64.b64encode(floats.tobytes()).decode("ascii")
