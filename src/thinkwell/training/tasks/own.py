"""Our own tasks, in English and French: what visitors ask a small model that thinks."""

from __future__ import annotations

from thinkwell.training.tasks.arithmetic import ARITHMETIC
from thinkwell.training.tasks.base import Task
from thinkwell.training.tasks.calendar import CALENDAR
from thinkwell.training.tasks.comparison import COMPARISON
from thinkwell.training.tasks.countdown import NUMBERS_GAME
from thinkwell.training.tasks.counting import COUNTING
from thinkwell.training.tasks.logic import LOGIC
from thinkwell.training.tasks.stories_long import STORIES
from thinkwell.training.tasks.units import UNITS

OWN: dict[str, Task] = {
    task.name: task
    for task in (ARITHMETIC, UNITS, CALENDAR, COUNTING, COMPARISON, STORIES, LOGIC, NUMBERS_GAME)
}
