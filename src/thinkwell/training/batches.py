"""Batches of rows by length: which rows make step N, decided by seed and N alone, so that a run can go on.

Pure. Rows of about the same length share a batch, so that little of it is padding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

import msgspec

WINDOW = 32  # batches whose rows are sorted together: more is less padding, and less chance
MULTIPLE = 16  # lengths are rounded up, since each new shape costs a CPU library its preparations


class Encoded(msgspec.Struct, frozen=True):
    """A row as the model reads it. What stands from ``begin`` on it is to write."""

    ids: list[int]
    begin: int


def padded(length: int) -> int:
    return -(-length // MULTIPLE) * MULTIPLE


def epoch_of(lengths: Sequence[int], tokens: int, seed: int, epoch: int) -> list[list[int]]:
    """All rows once, as lists of their numbers; a batch holds at most ``tokens``, padding included (or one
    row that alone is longer)."""
    random = Random(f"{seed}/{epoch}")
    order = list(range(len(lengths)))
    random.shuffle(order)
    mean = sum(lengths) / len(lengths)
    window = max(1, round(WINDOW * tokens / mean))
    batches: list[list[int]] = []
    for start in range(0, len(order), window):
        batch: list[int] = []
        for row in sorted(order[start : start + window], key=lambda row: lengths[row]):
            # Sorted: the new row is the longest.
            if batch and (len(batch) + 1) * padded(lengths[row]) > tokens:
                batches.append(batch)
                batch = []
            batch.append(row)
        batches.append(batch)
    random.shuffle(batches)
    return batches


def batches_from(step: int, lengths: Sequence[int], tokens: int, seed: int) -> Iterator[list[int]]:
    """Endless, from step ``step`` on, which counts from 0 over all epochs."""
    epoch = 0
    while True:
        batches = epoch_of(lengths, tokens, seed, epoch)
        if step < len(batches):
            yield from batches[step:]
            step = 0
        else:
            step -= len(batches)
        epoch += 1
