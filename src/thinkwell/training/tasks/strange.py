"""Questions unlike those that are taught: what of the thinking carries over. For evaluation alone.

Longer or larger than the default configurations of tasks that are taught, and tasks of reasoning-gym that
none of ours is like. No thoughts are written for them; reasoning-gym scores the answers.
"""

from __future__ import annotations

from random import Random
from typing import Any

from thinkwell.training.rows import Row
from thinkwell.training.tasks.gym import entry_at

# Name in a table: reasoning-gym's dataset, its configuration.
STRANGE: dict[str, tuple[str, dict[str, Any]]] = {
    "sums of 7 to 9 numbers": ("chain_sum", {"min_terms": 7, "max_terms": 9}),
    "sums of 5 or 6 digits": ("chain_sum", {"min_digits": 5, "max_digits": 6}),
    "stories": ("gsm_symbolic", {}),
    "fractions": ("fraction_simplification", {}),
    "sequences": ("number_sequence", {}),
    "primes in a range": ("count_primes", {}),
    "colleagues": ("aiw", {}),
    "syllogisms": ("syllogism", {}),
    "letters of a note": ("ransom_note", {}),
    "family": ("family_relationships", {}),
}

AMONG = 500  # reasoning-gym's own default size


def strange_rows(count: int, seed: int) -> list[Row]:
    """``count`` of each. The same seed gives the same."""
    rows = []
    for name, (dataset, config) in STRANGE.items():
        random = Random(f"{seed}/strange/{name}")
        for _ in range(count):
            entry, made = entry_at(dataset, config, random, AMONG)
            rows.append(
                Row(
                    prompt=made["question"].strip(),
                    answer=str(made["answer"]),
                    verifier=f"rg:{dataset}",
                    task=name,
                    source="gym",
                    entry=entry,
                )
            )
    return rows
