"""Thoughts about lists of numbers: which to keep, in which order."""

from __future__ import annotations

from thinkwell.training.tasks.traces.entry import Entry, Thought


def number_sorting(entry: Entry) -> Thought:
    """Those below zero and the others, first as they come, then sorted."""
    numbers: list[str] = entry.metadata["original_numbers"]
    down = entry.metadata["direction"] == "descending"
    groups = [
        [it for it in numbers if it.startswith("-")],
        [it for it in numbers if not it.startswith("-")],
    ]
    if down:
        groups.reverse()
    lines = []
    for group in groups:
        if group:
            ordered = sorted(group, key=float, reverse=down)
            lines += [" ".join(group), *([" ".join(ordered)] if len(group) > 1 else [])]
    return Thought("\n".join(lines), entry.answer)


def number_filtering(entry: Entry) -> Thought:
    """Each number against the limit."""
    limit = entry.metadata["filter_value"]
    action, size = entry.metadata["operation"].split("_")
    lines = []
    for text in entry.metadata["original_numbers"]:
        number, bound = float(text), float(limit)
        sign = ">" if number > bound else "<" if number < bound else "="
        named = sign == (">" if size == "larger" else "<")
        lines.append(f"{text} {sign} {limit} {'keep' if named == (action == 'keep') else 'remove'}")
    return Thought("\n".join(lines), entry.answer)
