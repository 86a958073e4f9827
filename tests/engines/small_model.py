"""A scripted server for the contract suite: a "model" that says a word per token, in each server's way."""

from __future__ import annotations

from typing import Any

from raw_server import Exchange, RawServer

CONTEXT = 4096
PROMPT = 12


class SmallModel:
    def __init__(self, server: RawServer, kind: str) -> None:
        self._kind = kind
        entry: dict[str, Any] = {"id": "small"}
        if kind in ("vllm", "sglang"):
            entry |= {"owned_by": kind, "max_model_len": CONTEXT}
        server.routes["GET /v1/models"] = lambda x: x.json({"data": [entry]})
        server.routes["GET /health"] = lambda x: x.json({"status": "ok"})
        if kind == "llama.cpp":
            props = {"total_slots": 1, "default_generation_settings": {"n_ctx": CONTEXT}}
            server.routes["GET /props"] = lambda x: x.json(props)
            server.routes["POST /apply-template"] = lambda x: x.json({"prompt": "made"})
            server.routes["POST /tokenize"] = lambda x: x.json({"tokens": list(range(PROMPT))})
        if kind == "vllm":
            server.routes["POST /tokenize"] = lambda x: x.json({"count": PROMPT})
        server.chat(self.reply)

    async def reply(self, x: Exchange) -> None:
        words = sum(len(message["content"].split()) for message in x.body["messages"])
        if words > CONTEXT:
            told = f"maximum context length is {CONTEXT} tokens and your request has {words} input tokens"
            await x.json({"error": {"message": told, "code": 400}}, 400)
            return
        limit = x.body.get("max_tokens", 40)
        await x.begin_events()
        for number in range(1, limit + 1):
            # Every third token is half a character: it gives no text of its own.
            text = "" if number % 3 == 2 else "word "
            await x.event({"choices": [{"delta": {"content": text}}], **self._so_far(number)})
        await x.event({"choices": [{"delta": {}, "finish_reason": "length" if limit < 40 else "stop"}]})
        usage = {"prompt_tokens": PROMPT, "completion_tokens": limit}
        await x.event({"choices": [], "usage": usage})
        await x.event(b"[DONE]")
        await x.end()

    def _so_far(self, number: int) -> dict[str, Any]:
        if self._kind == "llama.cpp":
            return {"timings": {"prompt_n": PROMPT, "cache_n": 0, "predicted_n": number}}
        if self._kind in ("vllm", "sglang"):
            return {"usage": {"prompt_tokens": PROMPT, "completion_tokens": number}}
        return {}
