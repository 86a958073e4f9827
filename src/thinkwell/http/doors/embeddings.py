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
from thinkwell.http.idempotency import AsHeader, begin_once
from thinkwell.http.ratelimits import limit_headers
from thinkwell.http.replies import Reply, Whole
from thinkwell.http.site import TheSite
from thinkwell.http.wire.openai_answer import Extension
from thinkwell.http.wire.openai_embeddings import (
    EmbeddingsReply,
    EmbeddingsRequest,
    Vector,
    packed,
    texts_of,
    usage_of,
)
from thinkwell.turns.live import LiveTurn
from thinkwell.turns.run import AlsoStore
from thinkwell.values.event import AnswerDelta, Failed, Finished, Stopped, TurnEvent
from thinkwell.values.message import Message
from thinkwell.values.thinking import Thinking
from thinkwell.values.turn import TurnRequest

encode = msgspec.json.Encoder().encode
# Texts whose vectors are kept for a day: some megabytes, with large vectors in decimals.
MOST_KEPT = 256


@post(
    "/v1/embeddings",
    status_code=200,
    operation_id="createEmbedding",
    summary="Vectors of texts",
    description="OpenAI embeddings, from engines that have them: others refuse with 400. `dimensions` must "
    "be what the model makes.",
    tags=["OpenAI"],
    responses={
        200: ResponseSpec(EmbeddingsReply, description="A vector for each text", generate_examples=False),
        **ASKED,
    },
)
async def embeddings(
    data: JSONBody[EmbeddingsRequest],
    request: Request[Any, Any, Any],
    site: TheSite,
    idempotency_key: AsHeader = None,
) -> ASGIApp:
    asked = TurnRequest(
        id=site.new_id("embd"),
        caller=await api_caller(request, site, "embeddings"),
        model=data.model,
        messages=tuple(Message("user", text) for text in texts_of(data)),
        max_tokens=1,
        thinking=Thinking(effort="none"),
    )
    printer = VectorPrinter(data)

    async def begin(asked: TurnRequest, also_store: AlsoStore | None) -> LiveTurn:
        if asked.keep_text and len(asked.messages) > MOST_KEPT:
            raise BadRequest(f"With an Idempotency-Key at most {MOST_KEPT} texts are taken.", param="input")
        return await site.embedder.begin(site.tasks, asked, printer.take, also_store)

    begun = await begin_once(request, site, asked, begin)
    limits = limit_headers(site, asked.caller, "openai")
    headers = (*limits, request_id(begun.live.request.id), *begun.headers)
    return Whole(begun.live, printer, headers, stays=begun.stays)


class VectorPrinter:
    """A WholePrinter of a turn that says no words, or whose only words are its vectors, in JSON.

    Vectors are printed as they come: as numbers they take more room.
    """

    def __init__(self, asked: EmbeddingsRequest) -> None:
        self._asked = asked
        self._vectors: list[msgspec.Raw] = []

    def take(self, vectors: list[list[float]]) -> str:
        """These, in JSON. Raises BadRequest where they have not the length that was asked for."""
        wanted = self._asked.dimensions
        before = len(self._vectors)
        for numbers in vectors:
            if wanted is not None and len(numbers) != wanted:
                raise BadRequest(
                    f"This model's vectors have {len(numbers)} numbers; leave dimensions out.",
                    param="dimensions",
                )
            embedding = packed(numbers) if self._asked.encoding_format == "base64" else numbers
            self._vectors.append(msgspec.Raw(encode(Vector(index=len(self._vectors), embedding=embedding))))
        return b",".join(self._vectors[before:]).decode()

    def whole(self, said: Sequence[TurnEvent], end: Finished | Stopped) -> bytes:
        # Who asks again has taken none.
        kept = ",".join(event.text for event in said if isinstance(event, AnswerDelta))
        vectors: object = msgspec.Raw(f"[{kept}]".encode()) if kept else self._vectors
        reply = EmbeddingsReply(
            data=cast("list[Vector]", vectors),
            model=self._asked.model,
            usage=usage_of(end.receipt),
            thinkwell=Extension(receipt=end.receipt),
        )
        return encode(reply)

    def failed(self, end: Failed) -> Reply:
        status, body = openai_error(end.code, end.message)
        return Reply(status, encode(body), retry_headers(status, end.retry_after_s))
