"""An evaluation of a run, from its folder to a file in it: which questions, which engine, what is kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec

from thinkwell.errors import SetupError
from thinkwell.files import put_json
from thinkwell.training.config import CostConfig
from thinkwell.training.data.chat import questions
from thinkwell.training.engine import serving
from thinkwell.training.evaluation.run import EvalSettings, ask_all
from thinkwell.training.evaluation.scores import Answered, Line, table, written
from thinkwell.training.evaluation.talk import Talk, talk, talk_table
from thinkwell.training.export.lora_gguf import export_lora
from thinkwell.training.rows import Row
from thinkwell.training.spend import spend_of
from thinkwell.training.stages import Base, of_tasks, rows_of
from thinkwell.training.tasks.gym import GYM
from thinkwell.training.tasks.own import OWN
from thinkwell.training.tasks.strange import strange_rows

OF_EACH = 40
ROOM_TO_ASK = 1024
Told = Callable[[int, int], None]
Questions = Literal["held-out", "own", "gym", "strange"]
LONGEST_LABEL = 60


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """Which questions are asked: those ``held-out`` of the data, of them those of our ``own`` tasks or those
    that the ``gym`` asks by default, or ``strange`` ones. ``only``: of these tasks, or levels of them
    ("chain_sum:3"). ``most``: at most so many, spread evenly over all."""

    questions: Questions = "held-out"
    only: tuple[str, ...] = ()
    most: int | None = None

    def rows(self, run: Path, seed: int) -> list[Row]:
        """Raises SetupError where there are none."""
        rows = strange_rows(OF_EACH, seed) if self.questions == "strange" else rows_of(run, "eval")
        if self.questions == "gym":
            rows = [row for row in rows if row.task in GYM and row.level == GYM[row.task].levels - 1]
        if self.questions == "own":
            rows = [row for row in rows if row.task in OWN]
        rows = of_tasks(rows, self.only)
        if not rows:
            raise SetupError(
                f"No question is of {', '.join(self.only) or self.questions}; "
                "see data/report.md for what is there."
            )
        count = min(self.most or len(rows), len(rows))
        return [rows[at * len(rows) // count] for at in range(count)]

    @property
    def label(self) -> str:
        """For the name of a file."""
        place = "" if self.questions == "held-out" else f"-{self.questions}"
        names = "".join(f"-{name.replace(':', '')}" for name in self.only)
        if len(names) > LONGEST_LABEL:
            names = f"-{len(self.only)}-{sha256(names.encode()).hexdigest()[:8]}"
        return place + names


class Examined(msgspec.Struct, frozen=True):
    """Who is asked: the base, with an adapter of ``run`` or alone (None)."""

    base: Base
    adapter: Path | None
    run: Path


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
    who: Examined,
    settings: EvalSettings,
    chosen: Chosen = Chosen(),  # noqa: B008 — frozen
    cost: CostConfig = CostConfig(),  # noqa: B008 — frozen
    told: Told = lambda done, count: None,
) -> Evaluated:
    """``told`` gets how many of how many answers are there. Raises SetupError."""
    run = who.run
    rows = chosen.rows(run, settings.seed)
    examples = rows_of(run, "train") if settings.way == "examples" else []
    answers, seconds = _asked(who, rows, settings, examples, told)
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
    name = "base" if who.adapter is None else "adapter"
    path = run / f"eval-{name}{chosen.label}-{settings.way}-{settings.temperature:g}.json"
    put_json(path, {**msgspec.to_builtins(found), "answers": answers})
    return found


def talked(who: Examined, most: int, seed: int, told: Told = lambda done, count: None) -> str:
    """Everyday prompts that training did not see, to the base and to the adapter; the table. Raises
    SetupError."""
    seen = {row.digest for row in rows_of(who.run, "train")}
    rows = [row for row in questions(seed=seed) if row.digest not in seen][:most]
    settings = EvalSettings(tokens=320, seed=seed)
    before, _ = _asked(msgspec.structs.replace(who, adapter=None), rows, settings, told=told)
    after, _ = _asked(who, rows, settings, told=told)
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
    put_json(who.run / "talk.json", {"table": lines, "answers": pairs})
    return talk_table(lines)


def _asked(
    who: Examined,
    rows: Sequence[Row],
    settings: EvalSettings,
    examples: Sequence[Row] = (),
    told: Told = lambda done, count: None,
) -> tuple[list[Answered], float]:
    if who.base.gguf is None:
        raise SetupError("Evaluation is through the engine that serves: it needs a .gguf file as base.")
    gguf = who.base.gguf
    adapters: tuple[Path, ...] = ()
    if who.adapter is not None:
        adapters = (who.run / "eval-adapter.gguf",)
        export_lora(who.adapter, gguf, adapters[0])

    async def ask() -> tuple[list[Answered], float]:
        async with serving(gguf, adapters, context=settings.tokens + ROOM_TO_ASK) as url:
            began = time.monotonic()
            count = len(rows) * settings.samples
            answers = await ask_all(
                url, rows, settings, examples=examples, told=lambda done: told(done, count)
            )
            return answers, time.monotonic() - began

    return asyncio.run(ask())
