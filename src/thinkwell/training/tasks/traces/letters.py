"""Thoughts about words: letters are written one by one, because tokens hide them."""

from __future__ import annotations

from thinkwell.training.tasks.traces.entry import Entry, Thought


def letter_counting(entry: Entry) -> Thought:
    """Every word spelled; behind each hit stands how many it makes."""
    sought, count = entry.metadata["target_letter"], 0
    lines = []
    for word in entry.metadata["span"]:
        spelled = []
        for letter in word.lower():
            count += letter == sought
            spelled.append(f"{letter}{count}" if letter == sought else letter)
        lines.append(" ".join(spelled))
    return Thought("\n".join(lines), str(count))


def spell_backward(entry: Entry) -> Thought:
    word = entry.metadata["word"]
    return Thought(f"{' '.join(word)}\n{' '.join(reversed(word))}", word[::-1])


def word_sequence_reversal(entry: Entry) -> Thought:
    """Numbered, and then from the last number to the first."""
    numbered = [f"{at} {word}" for at, word in enumerate(entry.metadata["words"], start=1)]
    return Thought("\n".join([*numbered, "", *reversed(numbered)]), entry.answer)
