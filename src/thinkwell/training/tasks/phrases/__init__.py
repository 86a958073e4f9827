"""What people say and what a thought begins with, in both languages. Knows nothing of what is asked."""

from __future__ import annotations

from typing import NamedTuple


class Phrases(NamedTuple):
    """Ways to say one thing, with fields in braces."""

    en: tuple[str, ...]
    fr: tuple[str, ...]
