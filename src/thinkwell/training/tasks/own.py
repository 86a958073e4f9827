"""Our own tasks, in English and French: what visitors ask a small model that thinks."""

from __future__ import annotations

from thinkwell.training.tasks.arithmetic import ARITHMETIC
from thinkwell.training.tasks.base import Task
from thinkwell.training.tasks.units import UNITS

OWN: dict[str, Task] = {task.name: task for task in (ARITHMETIC, UNITS)}
