"""The engine of the site's own: what the settings make of a model file, and the adapters laid over it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import msgspec

from thinkwell.engines.embedded.process import EmbeddedModel
from thinkwell.engines.embedded.supervisor import EmbeddedEngine
from thinkwell.engines.server import EngineTimeouts
from thinkwell.errors import NotFound, SetupError
from thinkwell.files import put
from thinkwell.ledger.supply import Machine
from thinkwell.models.adapter import MINDS, adapter_in, adapters_in, card_of_adapter
from thinkwell.models.card import ModelCard
from thinkwell.models.catalogue import Catalogue
from thinkwell.settings import Settings

DEFAULT_SLOTS = 4
MOST_DEFAULT_CONTEXT = 4096
FOLDER = "adapters"
AS_IT_IS = "none"  # as the setting says it: the model without an adapter
SERVING = "serving.json"


class Serving(msgspec.Struct, frozen=True):
    """What was published while the site ran, ``instead_of`` what the settings named then: a setting that has
    changed since is newer."""

    adapter: str
    instead_of: str


class AdapterShelf:
    """Adapters of the model at ``model``: in the data folder, and the one that ships with the model. What is
    elsewhere cannot be loaded by name."""

    def __init__(self, settings: Settings, base: ModelCard, model: Path, catalogue: Catalogue) -> None:
        self._settings = settings
        self._folder = settings.data / FOLDER
        self.base = base
        self._model = model
        self.catalogue = catalogue
        self._files: dict[str, Path] = {}  # of those whose card was asked for

    async def names(self) -> list[str]:
        return await asyncio.to_thread(self._names)

    async def card(self, name: str) -> ModelCard:
        return await asyncio.to_thread(self._card, name)

    def engine(self, name: str, card: ModelCard, alias: str) -> EmbeddedEngine:
        path = self._files[name] if name else None
        return embedded(self._settings, self._model, card, path, alias)

    async def remember(self, name: str) -> None:
        await asyncio.to_thread(self._remember, name)

    def first(self) -> tuple[str, Path | None]:
        """What the site begins with: its name on the shelf, "" where it has none, and its file."""
        wanted = self._settings.engine.adapter
        try:
            said = msgspec.json.decode((self._folder / SERVING).read_bytes(), type=Serving)
        except FileNotFoundError:
            said = None
        except (OSError, msgspec.MsgspecError) as problem:
            raise SetupError(f"{self._folder / SERVING} cannot be read ({problem}); delete it.") from None
        if said is not None and said.instead_of == wanted:
            path = self._found(said.adapter)
            if said.adapter and path is None:
                raise SetupError(
                    f"The adapter {said.adapter!r} that was published is not in {self._folder} any more; "
                    f"put it back, or delete {self._folder / SERVING}."
                )
            return said.adapter, path
        if wanted == AS_IT_IS:
            return "", None
        if wanted:
            return "", self._settings.data / Path(wanted).expanduser()
        path = self._found(self.base.mind)
        return (self.base.mind, path) if path else ("", None)

    def _names(self) -> list[str]:
        shipped = [self.base.mind] if self._found(self.base.mind) else []
        return sorted({*adapters_in(self._folder), *shipped})

    def _found(self, name: str) -> Path | None:
        shipped = adapter_in(MINDS, name) if name == self.base.mind else None
        return adapter_in(self._folder, name) or shipped

    def _card(self, name: str) -> ModelCard:
        if not name:
            return self.base
        path = self._found(name)
        if path is None:
            raise NotFound("There is no such adapter in the data folder.", param="name")
        self._files[name] = path
        return card_of_adapter(path, self.base, self._model)

    def _remember(self, name: str) -> None:
        path = self._folder / SERVING
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            put(path, msgspec.json.encode(Serving(name, self._settings.engine.adapter)))
        except OSError as problem:
            raise SetupError(f"{path} cannot be written: {problem.strerror}.") from None


def embedded(
    settings: Settings, path: Path, card: ModelCard, adapter: Path | None, alias: str = ""
) -> EmbeddedEngine:
    """Not yet started. It is called ``alias``, or as the card says."""
    wanted = settings.engine
    threads, prompt_threads = engine_threads(wanted.threads, cores())
    model = EmbeddedModel(
        path=path,
        alias=alias or card.name,
        slots=wanted.slots or DEFAULT_SLOTS,
        context=min(wanted.context or MOST_DEFAULT_CONTEXT, card.context),
        threads=threads,
        prompt_threads=prompt_threads,
        cache_mib=wanted.cache_mib,
        log=settings.data / "engine.log",
        adapters=() if adapter is None else (adapter,),
    )
    return EmbeddedEngine(model, timeouts=EngineTimeouts(silent_s=wanted.silent_s))


def engine_threads(wanted: int | None, cores: int) -> tuple[int, int]:
    """Threads for one stream's tokens, and for prompts and several streams at once. 0: llama.cpp decides.

    On one or two cores a single stream leaves one free for the site and the browser: llama.cpp's
    threads wait for each other by spinning, so that whatever else runs on a core of theirs slows all
    of them (docs/log.md, 2026-11-21). Where nothing is said of the second, it is as the first.
    """
    if wanted is not None:
        return wanted, wanted
    return (1, cores) if cores <= 2 else (0, 0)


def machine() -> Machine:
    return Machine(cores=cores(), visible=os.environ.get("CUDA_VISIBLE_DEVICES"))


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
