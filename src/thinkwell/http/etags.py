"""Entity tags: a reader who has what there is is told so (304), and nothing else. Knows no door."""

from __future__ import annotations

from typing import Any

from litestar import Request

from thinkwell import __version__


def tag_of(version: str) -> str:
    """A weak one, as a proxy may compress. Of this release: the next one may tell more of the same."""
    return f'W/"{__version__}-{version}"'


def has_it(request: Request[Any, Any, Any], tag: str) -> bool:
    """RFC 9110, 13.1.2: weak comparison."""
    asked = request.headers.get("if-none-match", "")
    return tag.removeprefix("W/") in (one.strip().removeprefix("W/") for one in asked.split(","))
