"""What a model forgot: everyday prompts that training never saw, answered with the adapter and without.

Pure: replies in, a table out. General talk has no right answer; what is told is whether it still talks as the
base does, and whether it thinks, or goes astray, where nobody asked it to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from thinkwell.reasoning.splitters import USUAL_TAGS
from thinkwell.training.evaluation.scores import Answered
from thinkwell.training.languages import foreign_script
from thinkwell.training.loops import loops


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """Shares of ``count`` answers: those that are empty, hold a thought, go round in circles, are in another
    script, were cut off at their length. ``same``: word for word what the base says; ``words``: the mean
    share of words in common with it (Dice). ``tokens``: written for each."""

    name: str
    count: int
    empty: float
    thought: float
    circles: float
    script: float
    cut: float
    same: float
    words: float
    tokens: float


def talk(name: str, answers: Sequence[Answered], base: Sequence[Answered]) -> Talk:
    """``base``: the same prompts, in the same order."""
    count = len(answers)

    def share(found: Sequence[bool]) -> float:
        return sum(found) / count

    return Talk(
        name=name,
        count=count,
        empty=share([not one.text.strip() for one in answers]),
        thought=share([USUAL_TAGS.open in one.text for one in answers]),
        circles=share([loops(one.text) for one in answers]),
        script=share([foreign_script(one.row.prompt, one.text) is not None for one in answers]),
        cut=share([not one.whole for one in answers]),
        same=share(
            [one.text.strip() == other.text.strip() for one, other in zip(answers, base, strict=True)]
        ),
        words=sum(in_common(one.text, other.text) for one, other in zip(answers, base, strict=True)) / count,
        tokens=sum(one.tokens for one in answers) / count,
    )


def in_common(one: str, other: str) -> float:
    """Twice the words that both have, over the words of both; 1 for two empty texts."""
    mine, theirs = Counter(one.casefold().split()), Counter(other.casefold().split())
    words = mine.total() + theirs.total()
    return 2 * (mine & theirs).total() / words if words else 1.0


HEAD = (
    *("talk", "n", "empty", "a thought", "in circles", "other script", "cut off"),
    *("the same", "words in common", "tokens"),
)


def talk_table(lines: Sequence[Talk]) -> str:
    """As Markdown."""
    rows = [
        [
            one.name,
            str(one.count),
            *(
                f"{100 * value:.1f} %"
                for value in (one.empty, one.thought, one.circles, one.script, one.cut, one.same, one.words)
            ),
            f"{one.tokens:.0f}",
        ]
        for one in lines
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in (HEAD, ["-"] * len(HEAD), *rows))
