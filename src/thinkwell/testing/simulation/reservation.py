"""How much of the KV pool running requests need at worst. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter


def declared_need(entries: Iterable[tuple[int, int]]) -> int:
    """Room if each keeps its whole length for itself. An entry is (tokens held, tokens still to come)."""
    return sum(held + left for held, left in entries)


def peak_need(entries: Iterable[tuple[int, int]]) -> int:
    """The most that is ever held at once, when all step together and each leaves after its last token.

    Sorted by what is left, longest first: when the i-th leaves, the i-1 before it are still there and
    each of the i has grown by what the i-th had left (S-LoRA's and LightLLM's admission test).
    """
    need = held_so_far = 0
    for count, (held, left) in enumerate(sorted(entries, key=itemgetter(1), reverse=True), start=1):
        held_so_far += held
        at_once = held_so_far + left * count
        if at_once > need:  # noqa: PLR1730 - half the time of max() in the machine's innermost loop
            need = at_once
    return need
