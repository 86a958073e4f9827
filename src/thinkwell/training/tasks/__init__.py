"""The tasks that the recipe can teach, by name."""

from __future__ import annotations

from thinkwell.training.tasks.base import Task

__all__ = ["TASKS", "Task"]

TASKS: dict[str, Task] = {}
