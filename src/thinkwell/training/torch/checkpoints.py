"""Where a stage goes on, and when it writes that down: the same for both loops."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import torch

from thinkwell.training.folder import RunFolder
from thinkwell.training.torch.model import Learner

STATE = "state.pt"


class Checkpoints:
    """Of one stage. ``every_s`` seconds lie between two, at least; the last step always writes one."""

    def __init__(
        self,
        folder: RunFolder,
        stage: str,
        learner: Learner,
        optimizer: torch.optim.Optimizer,
        every_s: float,
    ) -> None:
        self._folder = folder
        self._stage = stage
        self._learner = learner
        self._optimizer = optimizer
        self._every_s = every_s
        self._saved_at = time.monotonic()

    def resume(self) -> tuple[int, dict[str, Any]]:
        """How many steps are done, and what was kept beside the last; learner and optimizer are as they were
        then. What was told of later steps is forgotten: they are taken again."""
        found = self._folder.latest(self._stage)
        done = 0 if found is None else found[0]
        self._folder.forget_after(self._stage, done)
        if found is None:
            return 0, {}
        self._learner.load(found[1])
        state: dict[str, Any] = torch.load(found[1] / STATE, weights_only=True)
        self._optimizer.load_state_dict(state.pop("optimizer"))
        return done, state

    def taken(self, done: int, steps: int, **kept: int) -> None:
        """``done`` of ``steps`` are: writes a checkpoint, with what is ``kept`` beside it, if it is time."""
        if done < steps and time.monotonic() - self._saved_at < self._every_s:
            return

        def save(at: Path) -> None:
            self._learner.save(at)
            torch.save({"optimizer": self._optimizer.state_dict(), **kept}, at / STATE)

        self._folder.checkpoint(self._stage, done, save)
        self._saved_at = time.monotonic()

    def last(self) -> Path:
        found = self._folder.latest(self._stage)
        if found is None:
            raise AssertionError("the last step writes a checkpoint")
        return found[1]
