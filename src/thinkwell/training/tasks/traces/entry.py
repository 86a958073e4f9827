"""The shape of what reasoning-gym makes: the question as asked, its answer, and how it was made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class Entry(NamedTuple):
    question: str
    answer: str
    metadata: dict[str, Any]


class Thought(NamedTuple):
    """``answer``: what to write after it; where a question has several, the one that the thought found."""

    text: str
    answer: str


# Raises ValueError for an entry whose own answer is not the one to its question.
Writer = Callable[[Entry], Thought]
