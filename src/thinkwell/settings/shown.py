"""Settings as an operator is shown them: what holds, the default, where it came from. No secret is in it."""

from __future__ import annotations

import re
from typing import Any, get_type_hints

import msgspec
from msgspec import Meta

from thinkwell.settings.reader import NAMED_ROOMS, ROOMS, SECRET_NAMES
from thinkwell.settings.rooms import Settings

HIDDEN = "(hidden)"
# Of an address: name and password.
_SIGNED_IN = re.compile(r"(?<=://)[^/@\s,]+(?=@)")


class Shown(msgspec.Struct, frozen=True):
    """``value`` and ``default`` as text, empty: unset. ``source``: default, thinkwell.toml, environment,
    --set or command."""

    name: str
    value: str
    default: str
    source: str
    about: str


def shown(settings: Settings) -> list[Shown]:
    """Every setting, those of named rooms for each of their names, in the order of the documentation."""
    found: list[Shown] = []
    for room, struct in ROOMS.items():
        found += _of(room, struct, getattr(settings, room), settings.sources)
    for room, struct in NAMED_ROOMS.items():
        for name, values in getattr(settings, room).items():
            found += _of(f"{room}.{name}", struct, values, settings.sources)
    return found


def _of(
    room: str, struct: type[msgspec.Struct], values: msgspec.Struct, sources: dict[str, str]
) -> list[Shown]:
    hints = get_type_hints(struct, include_extras=True)
    rows = []
    for field in msgspec.structs.fields(struct):
        name = f"{room}.{field.name}"
        about = next(meta for meta in hints[field.name].__metadata__ if isinstance(meta, Meta))
        value = _text(getattr(values, field.name))
        if name in SECRET_NAMES and value:
            value = HIDDEN
        rows.append(
            Shown(
                name=name,
                value=_SIGNED_IN.sub(HIDDEN, value),
                default=_text(field.default),
                source=sources.get(name, "default"),
                about=about.description or "",
            )
        )
    return rows


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
