"""An evaluation of a run, from its folder to a file in it: which questions, which engine, what is kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from thinkwell.errors import SetupError
from thinkwell.training.config import CostConfig
from thinkwell.training.data.chat import questions
from thinkwell.training.engine import serving
from thinkwell.training.evaluation.run import EvalSettings, ask_all
from thinkwell.training.evaluation.scores import Answered, Line, table, written
from thinkwell.training.evaluation.talk import Talk, talk, told
from thinkwell.training.export.lora_gguf import export_lora
from thinkwell.training.files import put
from thinkwell.training.rows import Row
from thinkwell.training.spend import spend_of
from thinkwell.training.stages import Base, rows_of
from thinkwell.training.tasks.strange import strange_rows

OF_EACH = 40
ROOM_TO_ASK = 1024
Questions = Literal["held-out", "strange"]


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """Which questions are asked. ``only``: of these tasks, or levels of them ("chain_sum:3"). ``most``: at
    most so many."""

    questions: Questions = "held-out"
    only: tuple[str, ...] = ()
    most: int | None = None

    def rows(self, run: Path, seed: int) -> list[Row]:
        """Raises SetupError where there are none."""
        rows = strange_rows(OF_EACH, seed) if self.questions == "strange" else rows_of(run, "eval")
        names = set(self.only)
        rows = [row for row in rows if not names or {row.task, f"{row.task}:{row.level}"} & names]
        if not rows:
            raise SetupError(
                f"No question is of {', '.join(self.only)}; see data/report.md for what is there."
            )
        return rows[: self.most]

    @property
    def label(self) -> str:
        """For the name of a file."""
        place = "" if self.questions == "held-out" else f"-{self.questions}"
        return place + "".join(f"-{name.replace(':', '')}" for name in self.only)


class Evaluated(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in ``eval-….json``, beside the answers. ``seconds``: of asking, the engine's start not
    counted. ``money`` for each that was solved, 0 where nothing was, or the machine costs nothing."""

    settings: EvalSettings
    chosen: Chosen
    seconds: float
    money: float
    currency: str
    table: list[Line]

    def text(self) -> str:
        each = f"{self.money:.6f} {self.currency} a solved one" if self.money else "no price was named"
        asked = sum(line.count * line.samples for line in self.table if line.name == "all")
        return f"{written(self.table)}\n{asked:.0f} answers in {self.seconds:.0f} s; {each}.\n"


def evaluated(
    base: Base,
    adapter: Path | None,
    run: Path,
    settings: EvalSettings,
    chosen: Chosen = Chosen(),  # noqa: B008 — frozen
    cost: CostConfig = CostConfig(),  # noqa: B008 — frozen
) -> Evaluated:
    """``adapter`` None: the base alone. Raises SetupError."""
    rows = chosen.rows(run, settings.seed)
    examples = rows_of(run, "train") if settings.way == "examples" else []
    answers, seconds = _asked(base, adapter, run, rows, settings, examples)
    lines = table(answers)
    right = lines[0].strict * lines[0].count * lines[0].samples
    spend = spend_of(seconds, cost)
    found = Evaluated(
        settings=settings,
        chosen=chosen,
        seconds=seconds,
        money=spend.money / right if right else 0.0,
        currency=spend.currency,
        table=lines,
    )
    who = "base" if adapter is None else "adapter"
    path = run / f"eval-{who}{chosen.label}-{settings.way}-{settings.temperature:g}.json"
    kept = {**msgspec.to_builtins(found), "answers": answers}
    put(path, msgspec.json.format(msgspec.json.encode(kept), indent=1))
    return found


def talked(base: Base, adapter: Path, run: Path, most: int, seed: int) -> str:
    """Everyday prompts that training did not see, to the base and to the adapter; the table. Raises
    SetupError."""
    seen = {row.digest for row in rows_of(run, "train")}
    rows = [row for row in questions(seed=seed) if row.digest not in seen][:most]
    settings = EvalSettings(tokens=320, seed=seed)
    before, _ = _asked(base, None, run, rows, settings)
    after, _ = _asked(base, adapter, run, rows, settings)
    lines: list[Talk] = []
    for language in ("", "en", "fr"):
        chosen = [at for at, row in enumerate(rows) if language in ("", row.language)]
        if chosen:
            mine, theirs = [after[at] for at in chosen], [before[at] for at in chosen]
            where = f", {language}" if language else ""
            lines += [talk(f"base{where}", theirs, theirs), talk(f"adapter{where}", mine, theirs)]
    pairs = [
        {"prompt": one.row.prompt, "base": one.text, "adapter": two.text}
        for one, two in zip(before, after, strict=True)
    ]
    put(
        run / "talk.json",
        msgspec.json.format(msgspec.json.encode({"table": lines, "answers": pairs}), indent=1),
    )
    return told(lines)


def _asked(
    base: Base,
    adapter: Path | None,
    run: Path,
    rows: Sequence[Row],
    settings: EvalSettings,
    examples: Sequence[Row] = (),
) -> tuple[list[Answered], float]:
    if base.gguf is None:
        raise SetupError("Evaluation is through the engine that serves: it needs a .gguf file as base.")
    gguf = base.gguf
    adapters: tuple[Path, ...] = ()
    if adapter is not None:
        adapters = (run / "eval-adapter.gguf",)
        export_lora(adapter, gguf, adapters[0])

    async def ask() -> tuple[list[Answered], float]:
        async with serving(gguf, adapters, context=settings.tokens + ROOM_TO_ASK) as url:
            began = time.monotonic()
            answers = await ask_all(url, rows, settings, examples=examples)
            return answers, time.monotonic() - began

    return asyncio.run(ask())
