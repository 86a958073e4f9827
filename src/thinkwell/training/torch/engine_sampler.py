"""Sampling by the engine that serves: the base in its few bits, the adapter beside it, as visitors meet it.

llama.cpp cannot load another adapter into a server that runs: each refresh starts a new one, which takes
half a second for the small model.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from thinkwell.training.engine import SLOTS, completions, serving
from thinkwell.training.export.lora_gguf import export_lora
from thinkwell.training.samples import Asked, Drawn
from thinkwell.training.torch.model import Learner


class EngineSampler:
    """``scratch``: a folder for the adapter's files. ``context``: tokens of question and answer together."""

    def __init__(
        self, learner: Learner, gguf: Path, scratch: Path, *, slots: int = SLOTS, context: int = 1024
    ) -> None:
        self._learner = learner
        self._gguf = gguf
        self._scratch = scratch / "sampler"
        self._slots = slots
        self._context = context
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()
        self._url = ""
        self._end: int = learner.tokenizer.eos_token_id

    def refresh(self) -> EngineSampler:
        """An engine with the adapter as it is now. Raises SetupError where it does not start."""
        self._learner.save(self._scratch)
        adapter = self._scratch / "adapter.gguf"
        export_lora(self._scratch, self._gguf, adapter)
        self._runner.run(self._start(adapter))
        return self

    async def _start(self, adapter: Path) -> None:
        await self._open.aclose()
        engine = serving(self._gguf, (adapter,), slots=self._slots, context=self._context)
        self._url = await self._open.enter_async_context(engine)

    def sample(self, prompts: Sequence[list[int]], asked: Asked) -> list[list[Drawn]]:
        return self._runner.run(completions(self._url, prompts, asked, end=self._end, slots=self._slots))

    def close(self) -> None:
        self._runner.run(self._open.aclose())
        self._runner.close()
