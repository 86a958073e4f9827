"""A function of the operator's own, named ``python:<module>.<function>``."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from thinkwell.errors import SetupError


def own_function(path: str, what: str) -> Callable[..., Any]:
    """``what`` it is to be, for the words of the SetupError that is raised where it cannot be had."""
    module, _, name = path.rpartition(".")
    try:
        function = getattr(import_module(module), name)
    except Exception as problem:  # noqa: BLE001 — somebody else's module may raise anything
        raise SetupError(f"The {what} python:{path} cannot be loaded: {problem!r}.") from None
    if not callable(function):
        raise SetupError(f"The {what} python:{path} is no function.")
    return function  # type: ignore[no-any-return]
