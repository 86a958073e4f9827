"""The tasks that the recipe can teach, by name."""

from __future__ import annotations

from thinkwell.training.tasks.base import Task
from thinkwell.training.tasks.gym import GYM
from thinkwell.training.tasks.own import OWN

__all__ = ["TASKS", "Task"]

TASKS: dict[str, Task] = {**OWN, **GYM}
