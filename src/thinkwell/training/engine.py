"""The serving engine as a training stage needs it: started for a while, asked many things at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thinkwell.build.embedded import cores
from thinkwell.engines.embedded.process import ChildProcess, EmbeddedModel
from thinkwell.errors import EngineBroken
from thinkwell.training.samples import Asked, Drawn

if TYPE_CHECKING:
    import httpx

START_WITHIN_S = 300.0
SLOTS = 16  # with more, two cores make no more tokens a second


@asynccontextmanager
async def serving(
    gguf: Path, adapters: tuple[Path, ...] = (), *, slots: int = SLOTS, context: int = 1024
) -> AsyncIterator[str]:
    """The address of an engine that lives as long as the block. ``context``: tokens of question and answer.
    Raises SetupError for a file that it cannot load."""
    model = EmbeddedModel(
        path=gguf,
        alias="base",
        slots=slots,
        context=context,
        threads=cores(),
        prompt_threads=cores(),
        cache_mib=0,
        adapters=adapters,
    )
    child = await ChildProcess.spawn(model)
    try:
        await child.announced(START_WITHIN_S)
        yield child.url
    finally:
        await child.end()


async def client_of(url: str) -> httpx.AsyncClient:
    """In a thread: the import takes a while, and so does reading what certificates are believed."""

    def made() -> httpx.AsyncClient:
        import httpx

        return httpx.AsyncClient(base_url=url, timeout=600, trust_env=False)

    return await asyncio.to_thread(made)


async def post(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> Any:
    """What was answered. Raises EngineBroken where the engine failed."""
    import httpx

    try:
        reply = await client.post(path, json=body)
    except httpx.HTTPError as problem:
        raise EngineBroken(f"The engine did not answer: {problem}.") from None
    if reply.status_code != 200:
        raise EngineBroken(f"The engine answered with {reply.status_code}: {reply.text[:200]}")
    return reply.json()


def drawing(temperature: float, top_p: float, seed: int) -> dict[str, Any]:
    """How llama.cpp is to draw: from the model's own distribution, without the cuts that are its defaults."""
    return {"temperature": temperature, "top_p": top_p, "top_k": 0, "min_p": 0.0, "seed": seed % 2**31}


async def completions(
    url: str, prompts: Sequence[list[int]], asked: Asked, *, end: int, slots: int = SLOTS
) -> list[list[Drawn]]:
    """Of prompts as tokens, ``asked.count`` each. ``end`` ends a reply. Raises EngineError where the engine
    failed."""
    room = asyncio.Semaphore(slots)
    async with await client_of(url) as client:

        async def one(at: int, copy: int) -> Drawn:
            body = {
                "prompt": prompts[at],
                "n_predict": asked.tokens,
                **drawing(asked.temperature, asked.top_p, asked.seed + at * 1000 + copy),
                "n_probs": 1,
                "return_tokens": True,
            }
            async with room:
                return _drawn(await post(client, "/completion", body), end)

        jobs = [one(at, copy) for at in range(len(prompts)) for copy in range(asked.count)]
        found = await asyncio.gather(*jobs)
    return [found[at * asked.count : (at + 1) * asked.count] for at in range(len(prompts))]


def _drawn(reply: dict[str, Any], end: int) -> Drawn:
    """llama.cpp leaves out the probability of a token that ends in the middle of a letter: then those of the
    whole reply count as unknown."""
    ids, whole = [int(one) for one in reply["tokens"]], reply["stop_type"] == "eos"
    if whole and ids[-1:] != [end]:
        ids.append(end)
    told = reply["completion_probabilities"]
    known = [int(one["id"]) for one in told] == ids
    return Drawn(ids, [float(one["logprob"]) for one in told] if known else [], reply["content"], whole)
