"""Control literals in the arguments of a tool call made plain, so that JSON stays JSON. Pure.

Templates read the arguments and write their strings out: a literal that an escape hid in the JSON would be
one again. So it is the strings that are made plain, not the text.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


def plain_json(text: str, neutral: Callable[[str], str]) -> str:
    """As it was where nothing had to be changed. What is no JSON is made plain as text."""
    try:
        value = json.loads(text)
        plain = _plain(value, neutral)
        return text if plain == value else json.dumps(plain, ensure_ascii=False)
    except (ValueError, RecursionError):
        return neutral(text)


def _plain(value: Any, neutral: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return neutral(value)
    if isinstance(value, list):
        return [_plain(item, neutral) for item in value]
    if isinstance(value, dict):
        return {neutral(name): _plain(item, neutral) for name, item in value.items()}
    return value
