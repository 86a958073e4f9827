"""The only reader of files and environment for settings. An unknown, doubled or unparsable name stops the
start with its name and the reason.

Order, later wins: defaults, ``thinkwell.toml`` in the data folder, environment (``THINKWELL_ROOM_NAME``),
``--set room.name=value``. Some rooms have one set of values for each of several names: tiers.member.weight.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from thinkwell.errors import SetupError
from thinkwell.settings import rooms, site_rooms
from thinkwell.settings.addresses import host_of
from thinkwell.settings.files import Files
from thinkwell.settings.rooms import Settings

ENVIRONMENT_PREFIX = "THINKWELL_"
FILE_NAME = "thinkwell.toml"

ROOMS: dict[str, type[msgspec.Struct]] = {
    "site": site_rooms.Site,
    "http": rooms.Http,
    "engine": rooms.Engine,
    "line": rooms.Line,
    "turns": rooms.Turns,
    "files": Files,
    "people": rooms.People,
    "tariff": rooms.Tariff,
    "energy": rooms.Energy,
    "logs": rooms.Logs,
    "push": site_rooms.Push,
    "training": site_rooms.Training,
}
# Rooms with a set of values for each name.
NAMED_ROOMS: dict[str, type[msgspec.Struct]] = {"tiers": rooms.Tier, "prices": rooms.Price}
SECRET_NAMES = frozenset({"engine.key", "engine.hub_token", "people.oidc_secret"})


class SettingRow(msgspec.Struct, frozen=True):
    """One setting as ``--help`` and docs/settings.md print it."""

    name: str
    type: str
    default: str
    help: str

    @property
    def environment(self) -> str:
        return ENVIRONMENT_PREFIX + self.name.replace(".", "_").upper()


def setting_rows() -> list[SettingRow]:
    """Every setting, in the order of the rooms; those of named rooms once, with NAME in the name's place."""
    rows = []
    for room, struct in {**ROOMS, **{f"{room}.NAME": struct for room, struct in NAMED_ROOMS.items()}}.items():
        hints = get_type_hints(struct, include_extras=True)
        for field in msgspec.structs.fields(struct):
            meta = next(m for m in hints[field.name].__metadata__ if isinstance(m, Meta))
            default = "unset" if field.default in (None, "") else str(field.default).lower()
            default = str(field.default) if isinstance(field.default, str) and field.default else default
            kind = _kind(get_type_hints(struct)[field.name])
            rows.append(SettingRow(f"{room}.{field.name}", kind, default, meta.description or ""))
    return rows


def _kind(plain: Any) -> str:
    if get_origin(plain) is Literal:
        return " or ".join(get_args(plain))
    if isinstance(plain, UnionType) or not isinstance(plain, type):
        plain = get_args(plain)[0]
    return "amount" if plain is Decimal else str(plain.__name__)


def load_settings(
    data: Path,
    environment: Mapping[str, str],
    assignments: Sequence[str] = (),
    flags: Mapping[str, Any] | None = None,
) -> Settings:
    """Compose the settings. ``assignments`` are the texts of ``--set``; ``flags`` are command-line options
    by setting name, None where not given. Raises SetupError.
    """
    composed, _ = load_with_sources(data, environment, assignments, flags)
    return composed


def load_with_sources(
    data: Path,
    environment: Mapping[str, str],
    assignments: Sequence[str] = (),
    flags: Mapping[str, Any] | None = None,
) -> tuple[Settings, dict[str, str]]:
    """The settings, and for each name that was given where its value came from. Raises SetupError."""
    layers = {
        FILE_NAME: _from_file(data / FILE_NAME),
        "environment": _from_environment(environment),
        "--set": _from_assignments(assignments),
        "command": {name: value for name, value in (flags or {}).items() if value is not None},
    }
    sources: dict[str, str] = {}
    merged: dict[str, dict[str, Any]] = {}
    for source, layer in layers.items():
        for name, value in layer.items():
            _check_known(name)
            room, _, field = name.rpartition(".")
            merged.setdefault(room, {})[field] = value
            sources[name] = source
    made: dict[str, Any] = {}
    named: dict[str, dict[str, Any]] = {
        room: dict(getattr(Settings(data=data), room)) for room in NAMED_ROOMS
    }
    for room, values in merged.items():
        first, _, name = room.partition(".")
        if name:
            named[first][name] = _convert(room, NAMED_ROOMS[first], values)
        else:
            made[room] = _convert(room, ROOMS[room], values)
    settings = msgspec.structs.replace(Settings(data=data), **made, **named, sources=sources)
    _check_together(settings)
    return settings, sources


def _check_known(name: str) -> None:
    room, _, field = name.rpartition(".")
    first, _, of = room.partition(".")
    struct = NAMED_ROOMS.get(first) if of else ROOMS.get(room)
    if struct is None or field not in struct.__struct_fields__:
        raise SetupError(f"There is no setting {name!r}. `thinkwell settings` lists them all.")


def _check_together(settings: Settings) -> None:
    people = settings.people
    if people.proxy_header and not people.proxy_networks():
        raise SetupError(
            "The setting people.proxy_header needs people.proxy_addresses: the addresses of the proxies "
            "that may send the header. From anywhere else it does not count."
        )
    if people.oidc_issuer and not (people.oidc_client and people.oidc_secret and settings.site.url):
        raise SetupError(
            "The setting people.oidc_issuer needs people.oidc_client, people.oidc_secret and site.url: "
            "the identity provider sends people back there."
        )
    if people.oidc_issuer and host_of(settings.site.url) is None:
        raise SetupError(
            "With people.oidc_issuer the setting site.url must begin with https:// (on this machine alone "
            "http is enough): what the identity provider sends back there signs people in."
        )
    alone = [name for name in ("client", "secret", "title") if getattr(people, f"oidc_{name}")]
    if alone and not people.oidc_issuer:
        raise SetupError(
            f"The setting people.oidc_{alone[0]} needs people.oidc_issuer: where the identity provider is."
        )


def _convert(room: str, struct: type[msgspec.Struct], values: dict[str, Any]) -> msgspec.Struct:
    hints = get_type_hints(struct)
    for field, value in values.items():
        if isinstance(value, Decimal) and Decimal not in (hints[field], *get_args(hints[field])):
            values[field] = float(value)
        try:
            msgspec.convert({field: values[field]}, struct, strict=False)
        except msgspec.ValidationError as error:
            shown = (
                "(hidden)"
                if f"{room}.{field}" in SECRET_NAMES
                else repr(str(value) if isinstance(value, Decimal) else value)
            )
            reason = str(error).split(" - at ")[0]
            raise SetupError(f"The setting {room}.{field} cannot be {shown}: {reason}.") from None
    return msgspec.convert(values, struct, strict=False)


def _from_file(path: Path) -> dict[str, Any]:
    try:
        # Amounts of money are no binary fractions.
        tables = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SetupError(f"The settings file {path} cannot be read: {error}.") from error
    found: dict[str, Any] = {}
    for room, table in tables.items():
        if not isinstance(table, dict):
            raise SetupError(f"In {path}, {room!r} stands outside a [room].")
        if room not in NAMED_ROOMS:
            found |= {f"{room}.{name}": value for name, value in table.items()}
            continue
        for of, values in table.items():
            if not isinstance(values, dict):
                raise SetupError(f"In {path}, {of!r} stands outside a [{room}.NAME].")
            found |= {f"{room}.{of}.{name}": value for name, value in values.items()}
    return found


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    by_variable = {row.environment: row.name for row in setting_rows()}
    found = {}
    for variable, value in environment.items():
        if not variable.startswith(ENVIRONMENT_PREFIX):
            continue
        name = by_variable.get(variable) or _named_by(variable)
        if name is None:
            raise SetupError(
                f"The environment variable {variable} names no setting. `thinkwell settings` lists them."
            )
        found[name] = value
    return found


def _named_by(variable: str) -> str | None:
    """``THINKWELL_TIERS_MEMBER_WEIGHT`` is ``tiers.member.weight``."""
    for room, struct in NAMED_ROOMS.items():
        begin = f"{ENVIRONMENT_PREFIX}{room.upper()}_"
        for field in struct.__struct_fields__:
            end = f"_{field.upper()}"
            if variable.startswith(begin) and variable.endswith(end) and len(variable) > len(begin + end):
                return f"{room}.{variable[len(begin) : -len(end)].lower()}.{field}"
    return None


def _from_assignments(assignments: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for text in assignments:
        name, equals, value = text.partition("=")
        name = name.strip()
        if not equals or "." not in name:
            raise SetupError(f"--set takes room.name=value, not {text!r}.")
        if name in found:
            raise SetupError(f"--set gives {name} twice.")
        found[name] = value
    return found
