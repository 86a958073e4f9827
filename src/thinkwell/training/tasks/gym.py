"""Twenty tasks of reasoning-gym with thoughts: its questions and its scores, our thoughts.

The top level of each is reasoning-gym's default configuration; the lower ones are easier. Entries whose own
answer does not fit their question are not asked (times over midnight, an equation without its unknown), nor
the few for which a writer knows no way. reasoning-gym is imported when the first row is made or scored.
"""

from __future__ import annotations

import importlib.util
import json
import math
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from types import ModuleType
from typing import Any

from thinkwell.training.rows import Row
from thinkwell.training.tasks.traces import dates, factors, letters, lists, search, sums
from thinkwell.training.tasks.traces.entry import Entry, Writer

# A dataset makes its entry at an index from ``seed + index``: one dataset for each configuration is enough.
_SEED = 0
_INDICES = 1 << 40
_ATTEMPTS = 1_000
_LONGEST = 1_000
# reasoning-gym hands an answer to sympy, which evaluates what it reads: an answer is a stranger's text.
_HARMLESS = re.compile(r"(?!.*(\*\*|//))[\d+\-*/(). ]{1,200}")


@dataclass(frozen=True)
class GymTask:
    name: str
    writer: Writer
    easier: tuple[dict[str, Any], ...]

    @property
    def levels(self) -> int:
        return len(self.easier) + 1

    @property
    def languages(self) -> tuple[str, ...]:
        return ("en",)

    def make(self, random: Random, level: int, language: str) -> Row:
        if language not in self.languages or not 0 <= level < self.levels:
            raise ValueError(f"{self.name} has no level {level} in {language!r}")
        config = self.easier[level] if level < len(self.easier) else {}
        for _ in range(_ATTEMPTS):
            entry, made = entry_at(self.name, config, random)
            try:
                thought = self.writer(Entry(made["question"], made["answer"], made["metadata"]))
            except ValueError:
                continue
            return Row(
                prompt=made["question"].strip(),
                answer=thought.answer,
                verifier=f"rg:{self.name}",
                trace=thought.text,
                task=self.name,
                level=level,
                source="gym",
                entry=entry,
            )
        raise RuntimeError(f"{self.name} makes no entry that has a thought")


def entry_at(
    name: str, config: Mapping[str, Any], random: Random, among: int = _INDICES
) -> tuple[dict[str, Any], Any]:
    """An entry of reasoning-gym drawn at random: what a row keeps of it, and the entry. ``among``: some of
    its datasets have no more entries than they were told."""
    index = random.randrange(among)
    made = _dataset(name, _SEED, json.dumps(config, sort_keys=True))[index]
    return {"dataset": name, "seed": _SEED, "index": index, "config": config}, made


def score(entry: Mapping[str, Any], answer: str) -> float:
    """Of an answer to a row's question, by reasoning-gym's own measure: 0 to 1, 1 for a right one."""
    dataset = _dataset(entry["dataset"], entry["seed"], json.dumps(entry["config"], sort_keys=True))
    answer = answer.strip()
    if len(answer) > _LONGEST or (entry["dataset"] == "countdown" and not _HARMLESS.fullmatch(answer)):
        return 0.0
    try:
        value = float(dataset.score_answer(answer, dataset[entry["index"]]))
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return 0.0  # a text that the dataset's own reading did not foresee
    return value if math.isfinite(value) else 0.0


@lru_cache(maxsize=128)
def _dataset(name: str, seed: int, config: str) -> Any:
    _without_pycosat()
    import reasoning_gym

    return reasoning_gym.create_dataset(name, seed=seed, **json.loads(config))


def _without_pycosat() -> None:
    """reasoning-gym imports it, for its zebra puzzles alone; it has no wheels, so that where there is no C
    compiler it is not there. An empty module stands in: none of these tasks asks it anything."""
    if importlib.util.find_spec("pycosat") is None:
        sys.modules.setdefault("pycosat", ModuleType("pycosat"))


def _tasks(*tasks: GymTask) -> dict[str, GymTask]:
    return {it.name: it for it in tasks}


GYM: dict[str, GymTask] = _tasks(
    GymTask(
        "chain_sum",
        sums.chain_sum,
        (
            {"max_terms": 3, "max_digits": 1},
            {"max_terms": 4, "max_digits": 2},
            {"max_terms": 4, "max_digits": 3},
        ),
    ),
    GymTask(
        "basic_arithmetic",
        sums.basic_arithmetic,
        (
            {"max_terms": 2, "max_digits": 1},
            {"max_terms": 3, "max_digits": 2},
            {"max_terms": 4, "max_digits": 3},
        ),
    ),
    GymTask(
        "countdown",
        search.countdown,
        (
            {"min_numbers": 3, "max_numbers": 3, "min_target": 10, "max_target": 100},
            {"min_numbers": 3, "max_numbers": 4, "min_target": 10, "max_target": 100},
            {"min_numbers": 3, "max_numbers": 4},
        ),
    ),
    GymTask(
        "decimal_chain_sum",
        sums.chain_sum,
        (
            {"max_terms": 2, "max_digits": 1, "max_decimal_places": 1},
            {"max_terms": 3, "max_digits": 2, "max_decimal_places": 2},
        ),
    ),
    GymTask("products", sums.products, ({"max_digits": 1}, {"max_digits": 2}, {"max_digits": 3})),
    GymTask("simple_geometry", sums.simple_geometry, ({"max_sides": 3}, {"max_sides": 4})),
    GymTask(
        "leg_counting",
        sums.leg_counting,
        ({"max_animals": 3, "max_instances": 5}, {"max_animals": 5, "max_instances": 10}),
    ),
    GymTask("gcd", factors.gcd, ({"max_value": 50}, {"max_value": 200})),
    GymTask("lcm", factors.lcm, ({"max_value": 12}, {"max_value": 30})),
    GymTask(
        "simple_equations",
        factors.simple_equations,
        ({"max_terms": 2, "max_value": 10}, {"max_terms": 3, "max_value": 30}),
    ),
    GymTask("prime_factorization", factors.prime_factorization, ({"max_value": 50}, {"max_value": 200})),
    GymTask(
        "base_conversion",
        factors.base_conversion,
        ({"max_base": 10, "max_value": 50}, {"max_value": 200}),
    ),
    GymTask("count_bits", factors.count_bits, ({"max_n": 255}, {"max_n": 65_535})),
    GymTask(
        "letter_counting",
        letters.letter_counting,
        ({"min_words": 2, "max_words": 4}, {"min_words": 3, "max_words": 8}),
    ),
    GymTask("spell_backward", letters.spell_backward, ({"max_word_len": 4}, {"max_word_len": 6})),
    GymTask("word_sequence_reversal", letters.word_sequence_reversal, ({"max_words": 4}, {"max_words": 6})),
    GymTask(
        "number_sorting",
        lists.number_sorting,
        ({"max_numbers": 3, "max_decimals": 0}, {"max_numbers": 6, "max_decimals": 1}),
    ),
    GymTask(
        "number_filtering",
        lists.number_filtering,
        ({"max_numbers": 3, "max_decimals": 0}, {"max_numbers": 6, "max_decimals": 2}),
    ),
    GymTask(
        "time_intervals",
        dates.time_intervals,
        (
            {"task_types": ["time"]},
            {"task_types": ["time", "time_seconds", "date"], "max_date_difference_days": 60},
        ),
    ),
    GymTask(
        "calendar_arithmetic",
        dates.calendar_arithmetic,
        (
            {"tasks": ["is_leap_year", "weekday_offset"], "offset_upper_bound": 30},
            {"tasks": ["is_leap_year", "weekday_offset", "weekday_of_date", "recurring_event_day"]},
        ),
    ),
)
