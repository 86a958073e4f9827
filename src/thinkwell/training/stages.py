"""The stages of a run, each from its folder to its folder: what ``thinkwell train`` calls. Files and engines
are opened here; the loops know neither."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from thinkwell.errors import SetupError
from thinkwell.models.catalogue import read_catalogue
from thinkwell.models.disk import Progress
from thinkwell.models.hub import Hub
from thinkwell.models.resolve import resolve
from thinkwell.models.weights import present
from thinkwell.training.config import RunConfig
from thinkwell.training.data.parts import ChatPart
from thinkwell.training.folder import RunFolder
from thinkwell.training.rows import Row, read_rows
from thinkwell.training.samples import Sampler

if TYPE_CHECKING:
    from thinkwell.training.export.provenance import Provenance
    from thinkwell.training.torch.model import Learner

Told = Callable[[dict[str, Any]], None]
Say = Callable[[str], None]


class Base(msgspec.Struct, frozen=True):
    """``folder``: as transformers reads it. ``gguf``: the file that is served; None for one's own folder."""

    name: str
    folder: Path
    gguf: Path | None


def open_base(config: RunConfig, data: Path, progress: Progress) -> Base:
    """``data``: the site's data folder, where models are kept. Fetches what is missing. Raises SetupError."""
    from thinkwell.training.export.base_gguf import import_base

    own = Path(config.base).expanduser()
    if own.is_dir():
        return Base(own.name, own, None)
    found = resolve(config.base, read_catalogue())
    if found.kind == "remote":
        raise SetupError("A model behind a server cannot be trained; set base to a .gguf file or a folder.")
    gguf = asyncio.run(
        present(found.where, folder=data / "models", hub=Hub(), sha256=found.card.sha256, progress=progress)
    )
    return Base(found.card.name, import_base(gguf, data / "training" / "bases"), gguf)


def make_data(config: RunConfig, base: Base, beside: Path, run: Path, say: Say) -> str:
    """Writes the run's ``data`` folder; its report. ``beside``: the folder of the run's file."""
    from transformers import AutoTokenizer

    from thinkwell.training.data.recipe import build

    for part in config.data.parts:
        if isinstance(part, ChatPart):
            _general_talk(part, base, beside, say)
    tokenizer = AutoTokenizer.from_pretrained(base.folder)

    def count(text: str) -> int:
        return len(tokenizer(text, add_special_tokens=False)["input_ids"])

    build(config.data, run, base=beside, count=count, told=say)
    return (run / "data" / "report.md").read_text("utf-8")


def _general_talk(part: ChatPart, base: Base, beside: Path, say: Say) -> None:
    """Answered once by the base itself, and kept beside the run's file."""
    from thinkwell.training.data import chat
    from thinkwell.training.data.asker import Endpoint, HttpAsker
    from thinkwell.training.engine import SLOTS, serving

    path = beside / part.path
    if path.exists() or base.gguf is None:
        return
    gguf = base.gguf
    asked = chat.questions(part.languages, part.prompts)
    say(
        "The base model answers general questions, which are mixed in so that it does not forget how to talk."
    )

    async def answer() -> None:
        async with serving(gguf) as url, HttpAsker(Endpoint(url=f"{url}/v1", model="base")) as ask:
            await chat.answer(asked, ask, out=path, at_once=SLOTS)

    asyncio.run(answer())


def of_tasks(rows: list[Row], names: Sequence[str]) -> list[Row]:
    """Those of the tasks named, or of levels of them ("chain_sum:3"); all where none is named."""
    wanted = set(names)
    return [row for row in rows if not wanted or {row.task, f"{row.task}:{row.level}"} & wanted]


def rows_of(run: Path, name: str) -> list[Row]:
    """Of ``train`` or ``eval``. Raises SetupError where the data was not made."""
    path = run / "data" / f"{name}.jsonl"
    if not path.exists():
        raise SetupError(f"{run} has no data yet; make it with: thinkwell train data RUN.toml.")
    return list(read_rows(path))


def learner_of(config: RunConfig, base: Base) -> Learner:
    import torch

    from thinkwell.training.torch.model import open_learner

    if config.threads:
        torch.set_num_threads(config.threads)
    return open_learner(base.folder, config.lora, base=base.name, seed=config.seed, wanted=config.precision)


def run_sft(config: RunConfig, base: Base, run: Path, told: Told) -> Path:
    """The last checkpoint."""
    from thinkwell.training.template import encoded
    from thinkwell.training.torch.sft import fine_tune

    folder = RunFolder(run)
    folder.begin(config)
    rows = [row for row in rows_of(run, "train") if row.trace is not None]
    learner = learner_of(config, base)
    return fine_tune(config, folder, learner, [encoded(learner.tokenizer, row) for row in rows], told)


def run_grpo(config: RunConfig, base: Base, run: Path, told: Told, explain: Say | None) -> Path:
    """From the end of fine-tuning, where there was one. ``explain`` gets 20 scored samples before the first
    step. The last checkpoint."""
    from thinkwell.training.torch.engine_sampler import EngineSampler
    from thinkwell.training.torch.grpo import STAGE, reinforce
    from thinkwell.training.torch.sampler import TorchSampler

    folder = RunFolder(run)
    folder.begin(config)
    # General talk has no answer that could be verified.
    rows = of_tasks([row for row in rows_of(run, "train") if row.source != "chat"], config.grpo.only)
    learner = learner_of(config, base)
    if start := folder.latest("sft"):
        learner.load(start[1])
    if config.grpo.sampler == "torch":
        own = TorchSampler(learner)
        refresh: Callable[[], Sampler] = lambda: own  # noqa: E731 — it has the adapter as it is now
        served = None
    else:
        if base.gguf is None:
            raise SetupError('grpo.sampler = "engine" needs a .gguf file as base; take "torch".')
        served = EngineSampler(learner, base.gguf, run)
        refresh = served.refresh
    try:
        if explain is not None and folder.latest(STAGE) is None:
            explain(_explained(config, learner, refresh(), rows))
        return reinforce(config, folder, learner, rows, refresh, told)
    finally:
        if served is not None:
            served.close()


EXPLAINED = 20


def _explained(config: RunConfig, learner: Learner, sampler: Sampler, rows: list[Row]) -> str:
    from random import Random

    from thinkwell.training.explain import explain
    from thinkwell.training.rewards import Sample, combined
    from thinkwell.training.samples import Asked
    from thinkwell.training.template import prompt_ids

    plan = config.grpo
    chosen = Random(config.seed).choices(rows, k=EXPLAINED)
    asked = Asked(tokens=plan.tokens, temperature=plan.temperature, seed=config.seed)
    found = sampler.sample([prompt_ids(learner.tokenizer, row.prompt) for row in chosen], asked)
    samples = [
        Sample(row=row, completion=one.text, tokens=len(one.ids))
        for row, (one,) in zip(chosen, found, strict=True)
    ]
    return explain(samples, combined(plan.rewards, plan.tokens))


def newest(run: Path) -> Path:
    """The adapter that a run came to: of reinforcement, else of fine-tuning. Raises SetupError."""
    folder = RunFolder(run)
    found = folder.latest("grpo") or folder.latest("sft")
    if found is None:
        raise SetupError(f"{run} has no adapter yet; make one with: thinkwell train sft RUN.toml.")
    return found[1]


def to_export(config: RunConfig, base: Base, run: Path) -> tuple[Path, Path, Provenance]:
    """The adapter that a run came to, the file of its base, and where it is from. Raises SetupError."""
    from thinkwell.training.export.card import origin_of
    from thinkwell.training.export.container import digest_of

    adapter = newest(run)
    if base.gguf is None:
        raise SetupError("Its base is a folder, not a .gguf file; write it with --as folder.")
    return adapter, base.gguf, origin_of(config, run, base.name, digest_of(base.gguf))


def exported(config: RunConfig, base: Base, run: Path, target: Path) -> None:
    """Writes the adapter that a run came to as a GGUF file, with its card beside. Raises SetupError."""
    from thinkwell.models.adapter import write_card
    from thinkwell.training.export.card import card_of_run
    from thinkwell.training.export.lora_gguf import export_lora

    adapter, gguf, origin = to_export(config, base, run)
    export_lora(adapter, gguf, target, provenance=origin)
    write_card(target, card_of_run(config, run, origin))
