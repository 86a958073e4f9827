"""OpenAI embeddings, where the model has them. A reader that leaves stops the work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import msgspec
from litestar import Request, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody
from litestar.types import ASGIApp

from thinkwell.errors import BadRequest
from thinkwell.http.callers import api_caller
from thinkwell.http.doors.openai import ASKED, request_id
from thinkwell.http.errors import openai_error, retry_headers
from thinkwell.http.ratelimits import limit_headers
from thinkwell.http.replies import Reply, Whole
from thinkwell.http.site import TheSite
from thinkwell.http.wire.openai_answer import Extension
from thinkwell.http.wire.openai_embeddings import (
    EmbeddingsReply,
    EmbeddingsRequest,
    EmbeddingsUsage,
    Vector,
    packed,
    texts_of,
)
from thinkwell.values.event import Failed, Finished, Stopped, TurnEvent
from thinkwell.values.message import Message
from thinkwell.values.thinking import Thinking
from thinkwell.values.turn import TurnRequest

encode = msgspec.json.Encoder().encode


@post(
    "/v1/embeddings",
    status_code=200,
    operation_id="createEmbedding",
    summary="Vectors of texts",
    description="OpenAI embeddings, from engines that have them: others refuse with 400. `dimensions` must "
    "be what the model makes.",
    tags=["OpenAI"],
    responses={200: ResponseSpec(EmbeddingsReply, description="A vector for each text"), **ASKED},
)
async def embeddings(
    data: JSONBody[EmbeddingsRequest], request: Request[Any, Any, Any], site: TheSite
) -> ASGIApp:
    asked = TurnRequest(
        id=site.new_id("embd"),
        caller=api_caller(request, site),
        model=data.model,
        messages=tuple(Message("user", text) for text in texts_of(data)),
        max_tokens=1,
        thinking=Thinking(effort="none"),
    )
    printer = VectorPrinter(data)
    live = site.embedder.begin(site.tasks, asked, printer.take)
    return Whole(live, printer, (*limit_headers(site, "openai"), request_id(asked.id)))


class VectorPrinter:
    """A WholePrinter of a turn that says no words.

    Vectors are printed as they come: as numbers they take more room.
    """

    def __init__(self, asked: EmbeddingsRequest) -> None:
        self._asked = asked
        self._vectors: list[msgspec.Raw] = []

    def take(self, vectors: list[list[float]]) -> None:
        """Raises BadRequest where they have not the length that was asked for."""
        wanted = self._asked.dimensions
        for numbers in vectors:
            if wanted is not None and len(numbers) != wanted:
                raise BadRequest(
                    f"This model's vectors have {len(numbers)} numbers; leave dimensions out.",
                    param="dimensions",
                )
            embedding = packed(numbers) if self._asked.encoding_format == "base64" else numbers
            self._vectors.append(msgspec.Raw(encode(Vector(index=len(self._vectors), embedding=embedding))))

    def whole(self, said: Sequence[TurnEvent], end: Finished | Stopped) -> bytes:
        read = end.receipt.usage.prompt
        reply = EmbeddingsReply(
            data=cast("list[Vector]", self._vectors),
            model=self._asked.model,
            usage=EmbeddingsUsage(prompt_tokens=read, total_tokens=read),
            thinkwell=Extension(receipt=end.receipt),
        )
        return encode(reply)

    def failed(self, end: Failed) -> Reply:
        status, body = openai_error(end.code, end.message)
        return Reply(status, encode(body), retry_headers(status, end.retry_after_s))
