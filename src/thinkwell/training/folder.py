"""The folder of a run: what it was told, what it measured, where it can go on. Nothing in it is half-written.

run.json              the configuration, as it was when the run began
metrics.jsonl         a line a step
<stage>/step-000123/  a checkpoint: the adapter as peft reads it, and what the stage needs to go on
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from thinkwell.errors import SetupError
from thinkwell.files import put, put_json
from thinkwell.training.config import RunConfig

KEPT = 2


class RunFolder:
    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, config: RunConfig) -> None:
        """Raises SetupError where another configuration began this run."""
        self.path.mkdir(parents=True, exist_ok=True)
        lock = self.path / "run.json"
        if not lock.exists():
            put_json(lock, config)
            return
        before = msgspec.to_builtins(read_locked(self.path))
        now = msgspec.to_builtins(config)
        changed = [name for name in now if now[name] != before[name]]
        if changed:
            raise SetupError(
                f"{self.path} was begun with another {', '.join(changed)}; "
                "take another folder, or put the run's file back as it was."
            )

    def take_over(self, other: Path, stage: str) -> None:
        """The data of another run, and where a stage of it ended, for this one to go on from. Only where this
        one has none. Raises SetupError where the other has none either."""
        if self.latest(stage) is not None:
            return
        found = RunFolder(other).latest(stage)
        if found is None or not (other / "data").is_dir():
            raise SetupError(f"{other} has no data and no {stage} to go on from.")
        shutil.copytree(other / "data", self.path / "data", dirs_exist_ok=True)
        step, end = found

        def copy(half: Path) -> None:
            shutil.copytree(end, half, dirs_exist_ok=True)

        self.checkpoint(stage, step, copy)

    # -- metrics ---------------------------------------------------------------------------------

    def add(self, line: dict[str, Any]) -> None:
        """One line, at once on its way to the disk."""
        with (self.path / "metrics.jsonl").open("ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")

    def metrics(self) -> Iterator[dict[str, Any]]:
        """A last line that was cut off is left out."""
        path = self.path / "metrics.jsonl"
        if not path.exists():
            return
        for line in path.read_bytes().split(b"\n")[:-1]:
            yield msgspec.json.decode(line)

    def forget_after(self, stage: str, step: int) -> None:
        """Steps of a stage that a checkpoint did not see are taken again, and told again."""
        kept = [line for line in self.metrics() if line.get("stage") != stage or line["step"] < step]
        text = b"".join(msgspec.json.encode(line) + b"\n" for line in kept)
        put(self.path / "metrics.jsonl", text)

    # -- checkpoints -----------------------------------------------------------------------------

    def checkpoint(self, stage: str, step: int, save: Callable[[Path], None]) -> Path:
        """``step`` steps are done. ``save`` writes into a folder that counts when it is whole."""
        parent = self.path / stage
        parent.mkdir(parents=True, exist_ok=True)
        made, half = parent / f"step-{step:06d}", parent / "step-new"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir()
        save(half)
        for file in half.iterdir():
            with file.open("rb") as opened:
                os.fsync(opened.fileno())
        if made.exists():
            shutil.rmtree(made)
        half.rename(made)
        for old in self.checkpoints(stage)[:-KEPT]:
            shutil.rmtree(old)
        return made

    def checkpoints(self, stage: str) -> list[Path]:
        """Whole ones, oldest first."""
        return sorted((self.path / stage).glob("step-[0-9]*"))

    def latest(self, stage: str) -> tuple[int, Path] | None:
        found = self.checkpoints(stage)
        return (int(found[-1].name.removeprefix("step-")), found[-1]) if found else None


def read_locked(path: Path) -> RunConfig:
    """Raises SetupError where no run was begun."""
    try:
        return msgspec.json.decode((path / "run.json").read_bytes(), type=RunConfig)
    except FileNotFoundError:
        raise SetupError(
            f"There is no run in {path}; begin one with a file: thinkwell train sft RUN.toml."
        ) from None
    except (OSError, msgspec.ValidationError, msgspec.DecodeError) as problem:
        raise SetupError(f"The run in {path} cannot be read: {problem}.") from None
